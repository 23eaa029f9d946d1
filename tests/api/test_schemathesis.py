"""Schemathesis asks every operation what its description allows and what it does not; none may break."""

from io import BytesIO

import hypothesis
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.calls import API, ahead
from tests.factories import make_appointment, make_consent, make_lot, make_session, make_side_effect
from tests.pictures import phone_jpeg
from treatments.photos import add_photo

EXAMPLES = 15
CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance, content_type_conformance]
DESCRIPTION = SchemaGenerator().get_schema(request=None, public=True)
OPERATIONS = [(method, path) for path, methods in DESCRIPTION["paths"].items() for method in methods]


@pytest.fixture
def there(amara, jonas, mesotherapy, consultation, bruise_review, rosa, room) -> dict[str, str]:
    """Ids of things that are there, by the noun of the address or the name of the field."""
    bruise = make_side_effect(patient=amara, by=rosa, now=ahead(-1))
    make_consent(amara, rosa)
    things = {
        "patients": amara,
        "appointments": make_appointment(
            patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=ahead(), now=ahead(0)
        ),
        "sessions": make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=ahead(-2), finished=False),
        "lots": make_lot(rosa),
        "side-effects": bruise,
        "photos": add_photo(side_effect=bruise, image=BytesIO(phone_jpeg()), by=rosa),
        "patient": jonas,
        "treatment": consultation,
        "practitioner": rosa,
        "room": room,
    }
    return {name: str(thing.pk) for name, thing in things.items()}


@pytest.fixture(scope="module")
def schema():
    """One for all tests: it reads the whole program for words to try."""
    one = schemathesis.openapi.from_dict(DESCRIPTION)
    one.app = get_wsgi_application()
    return one


@pytest.fixture
def one_connection():
    """A server closes its connection after a request; here that would end the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.slow
@pytest.mark.usefixtures("one_connection")
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["allowed", "not-allowed"])
@pytest.mark.parametrize("method, path", OPERATIONS)
def test_nothing_it_is_asked_breaks_it(schema, api, rosa, there, method, path, mode):
    noun = path.removeprefix(API).split("/")[0]
    fixed = {"path_parameters": {"id": there[noun]}} if "{id}" in path else {}
    token = api(rosa)._credentials["HTTP_AUTHORIZATION"]

    @hypothesis.settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(
        case=schema[path][method].as_strategy(generation_mode=mode, **fixed), named=st.sets(st.sampled_from([*there]))
    )
    def ask(case, named):
        # Without the names of things that are there, hardly anything would get as far as an operation.
        for part in (case.body, case.query):
            if isinstance(part, dict):
                part.update({name: there[name] for name in named if name in part})
        with transaction.atomic():
            case.call_and_validate(headers={"Authorization": token}, checks=CHECKS)
            transaction.set_rollback(True)

    ask()
