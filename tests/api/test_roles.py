"""Who may do what: each role, each address, each method."""

import re
from io import BytesIO

import pytest
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator

from tests.api.calls import API
from tests.factories import make_consent, make_lot, make_side_effect, make_staff
from tests.pictures import phone_jpeg
from treatments.photos import add_photo

# receptionist, practitioner, manager. An empty body is enough: 403 comes before it is looked at, 400 after.
MAY = {
    ("GET", "treatments/"): (200, 200, 200),
    ("GET", "staff/"): (200, 200, 200),
    ("GET", "rooms/"): (200, 200, 200),
    ("GET", "patients/"): (200, 200, 200),
    ("POST", "patients/"): (400, 400, 403),
    ("GET", "patients/{patient}/"): (200, 200, 200),
    ("PATCH", "patients/{patient}/"): (200, 200, 403),
    ("GET", "patients/{patient}/consents/"): (200, 200, 200),
    ("POST", "patients/{patient}/consents/"): (400, 400, 403),
    ("GET", "patients/{patient}/eligibility/?treatment={treatment}"): (200, 200, 200),
    ("GET", "free-times/?treatment={treatment}"): (200, 200, 200),
    ("GET", "appointments/"): (200, 200, 200),
    ("POST", "appointments/"): (400, 400, 403),
    ("GET", "appointments/{appointment}/"): (200, 200, 200),
    ("POST", "appointments/{appointment}/move/"): (400, 400, 403),
    ("POST", "appointments/{appointment}/confirm/"): (409, 409, 403),
    ("POST", "appointments/{appointment}/no-show/"): (409, 409, 403),
    ("POST", "appointments/{appointment}/check-in/"): (200, 200, 403),
    ("POST", "appointments/{appointment}/review-instead/"): (200, 200, 403),
    ("POST", "appointments/{appointment}/cancel/"): (200, 200, 403),
    ("POST", "appointments/{appointment}/undo/"): (409, 409, 403),
    ("POST", "appointments/{appointment}/start/"): (403, 409, 403),
    ("GET", "sessions/{session}/"): (404, 200, 200),
    ("PATCH", "sessions/{session}/"): (403, 200, 403),
    ("POST", "sessions/{session}/finish/"): (403, 200, 403),
    ("GET", "lots/"): (403, 200, 200),
    ("POST", "lots/"): (403, 400, 400),
    ("POST", "lots/{lot}/quarantine/"): (403, 400, 400),
    ("POST", "lots/{lot}/release/"): (403, 403, 400),
    ("GET", "side-effects/"): (200, 200, 200),
    ("POST", "side-effects/"): (400, 400, 403),
    ("POST", "side-effects/together/"): (400, 400, 403),
    ("GET", "side-effects/{side_effect}/"): (200, 200, 200),
    ("GET", "side-effects/{side_effect}/reviews/"): (404, 200, 200),
    ("POST", "side-effects/{side_effect}/reviews/"): (403, 400, 403),
    ("GET", "side-effects/{side_effect}/referral-steps/"): (404, 200, 200),
    ("POST", "side-effects/{side_effect}/referral-steps/"): (403, 400, 403),
    ("GET", "side-effects/{side_effect}/photos/"): (404, 200, 200),
    ("POST", "side-effects/{side_effect}/photos/"): (403, 415, 403),
    ("GET", "photos/{photo}/"): (404, 200, 200),
    ("GET", "photos/{photo}/file/"): (404, 200, 200),
    ("POST", "side-effects/{side_effect}/enter-in-error/"): (403, 400, 403),
    ("POST", "side-effects/{side_effect}/wrong-patient/"): (403, 400, 403),
    ("GET", "worklists/"): (200, 200, 200),
    ("GET", "schema/"): (200, 200, 200),
    ("GET", "docs/"): (200, 200, 200),
}
WHO = ("reception", "rosa", "manager")


@pytest.fixture
def ids(amara, jonas, mesotherapy, bruise_review, booked, rosa, room, running) -> dict[str, object]:
    swelling = make_side_effect(patient=jonas, by=rosa, kind="swelling")
    make_consent(jonas, rosa)
    photo = add_photo(side_effect=swelling, image=BytesIO(phone_jpeg()), by=rosa)
    return {
        "patient": amara.pk,
        "treatment": mesotherapy.pk,
        "appointment": booked.pk,
        "session": running.pk,
        "side_effect": swelling.pk,
        "photo": photo.pk,
        "lot": make_lot(rosa).pk,
    }


def _asked(client, method: str, path: str, ids: dict[str, object]) -> int:
    body = {} if method == "GET" else {"data": {}, "format": "json"}
    response = getattr(client, method.lower())(API + path.format(**ids), **body)
    list(response) if response.streaming else response.content
    return response.status_code


@pytest.mark.parametrize("method, path", MAY)
def test_each_role_may_what_the_table_says(api, request, ids, method, path):
    allowed = []
    for name in WHO:
        with transaction.atomic():  # each finds things as they were
            allowed.append(_asked(api(request.getfixturevalue(name)), method, path, ids))
            transaction.set_rollback(True)

    assert tuple(allowed) == MAY[method, path]


@pytest.mark.parametrize("method, path", MAY)
def test_nobody_is_asked_who_they_are(api, ids, method, path):
    # The page for people sends them to sign in.
    assert _asked(api(None), method, path, ids) == (302 if path == "docs/" else 401)


@pytest.mark.parametrize("method, path", MAY)
def test_a_superuser_has_no_role_by_that(api, superuser, ids, method, path):
    assert _asked(api(superuser), method, path, ids) == 403


def test_somebody_without_a_role_may_nothing(api, records):
    assert api(make_staff(name="Nobody Yet")).get(f"{API}patients/").status_code == 403


def test_two_roles_may_what_either_may(api, records, booking):
    both = api(make_staff("manager", "receptionist"))

    assert both.post(f"{API}appointments/", booking).status_code == 201


def test_the_table_holds_every_operation_of_the_schema():
    described = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    operations = {(method.upper(), path) for path, methods in described.items() for method in methods}
    tried = {(method, API + _as_described(path)) for method, path in MAY if path not in ("schema/", "docs/")}

    assert tried == operations


def _as_described(path: str) -> str:
    return re.sub(r"\{\w+\}", "{id}", path.partition("?")[0])


def test_asking_for_the_head_only_needs_what_getting_needs(api, running, reception, rosa):
    assert api(reception).head(f"{API}sessions/{running.pk}/").status_code == 404
    assert api(rosa).head(f"{API}sessions/{running.pk}/").status_code == 200
