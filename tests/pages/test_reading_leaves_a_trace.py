"""Whoever is shown what was written of a patient's body leaves a row in the trail, by whichever door."""

import itertools
import re
from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone
from rest_framework.test import APIClient

from clinic.models import AuditEvent
from tests.factories import make_appointment, make_consent, make_review, make_session, make_side_effect, make_staff
from tests.pages.clinical import ago, browser, picture
from treatments.deviations import record_deviation
from treatments.photos import add_photo
from treatments.sessions import write_session
from treatments.side_effects import enter_in_error

# No page, script or style says this by itself.
WRITTEN = "quagga"
READING = {
    AuditEvent.Kind.CHART_READ, AuditEvent.Kind.RECORD_READ, AuditEvent.Kind.PHOTO_READ, AuditEvent.Kind.CHART_PRINTED,
    AuditEvent.Kind.CHART_EXPORTED, AuditEvent.Kind.LIST_EXPORTED, AuditEvent.Kind.PHOTO_PRINTED,
}  # fmt: skip
# What stands in an address beside an id.
WORDS = {
    "format": ["pdf", "json"],
    "size": ["small", "full"],
    "use": ["teaching", "publicity"],
    "kind": ["session", "side-effect"],
    "step": ["start"],
    "page": ["records"],
    "name": ["any"],
    "code": ["records"],
}
# The framework's own pages, and signing out.
NOT_WALKED = ("accounts/", "admin/jsi18n", "static/", "__")


def _patterns(resolver: URLResolver, before: str = "") -> Iterator[str]:
    for one in resolver.url_patterns:
        if isinstance(one, URLResolver):
            yield from _patterns(one, before + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield before + str(one.pattern)


def _addresses(ids: dict[str, list[str]]) -> Iterator[str]:
    """Every address of the program that has no pattern to guess at, with every id and word that could stand in it."""
    of_any = [one for some in ids.values() for one in some]
    for route in _patterns(get_resolver()):
        if route.startswith(NOT_WALKED) or "(?P" in route or "^" in route:
            continue
        holes = re.findall(r"<(?:(\w+):)?(\w+)>", route)
        choices = [WORDS.get(name, ["any"]) if kind == "slug" else ids.get(name, of_any) for kind, name in holes]
        if len(holes) > 2:
            continue  # two ids in one address: their pages stand under one id as well
        for values in itertools.product(*choices):
            address = route
            for value in values:
                address = re.sub(r"<[^>]*>", value, address, count=1)
            yield "/" + address


@pytest.fixture
def written(rosa, amara, mesotherapy, reception) -> dict[str, list[str]]:
    """A record with words in every place that takes clinical ones; every id that leads to it."""
    make_consent(amara, reception)
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(20), finished=False)
    write_session(session=session, note=f"Session {WRITTEN}", by=rosa, now=ago(20))
    bruise = make_side_effect(patient=amara, by=rosa, session=session, note=f"Bruise {WRITTEN}", now=ago(10))
    photo = add_photo(side_effect=bruise, image=picture(), by=rosa, now=ago(9))
    wrong = make_side_effect(patient=amara, by=rosa, now=ago(8))
    enter_in_error(side_effect=wrong, reason=f"Error {WRITTEN}", by=rosa, now=ago(7))
    in_spite = record_deviation(
        patient=amara, treatment=mesotherapy, starts_at=ago(5), ends_at=ago(5, hours=-1), decided_by=rosa,
        reason=f"Deviation {WRITTEN}", practitioner=rosa, by=rosa, now=ago(4),
    )  # fmt: skip
    morning = ago(2).replace(hour=9)
    make_review(side_effect=bruise, finding="gone", by=rosa, note=f"Gone {WRITTEN}", now=morning)
    make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception,
        starts_at=morning.replace(hour=11), now=morning.replace(hour=10),
    )  # fmt: skip
    pain = make_side_effect(patient=amara, by=rosa, kind="pain", note=f"Pain {WRITTEN}", now=timezone.now())
    return {
        "patient_id": [str(amara.pk)],
        "session_id": [str(session.pk), str(in_spite.appointment.session.pk)],
        "appointment_id": [str(session.appointment_id)],
        "side_effect_id": [str(bruise.pk), str(pain.pk), str(wrong.pk)],
        "photo_id": [str(photo.pk)],
    }


def _shown_to(client, ids: dict[str, list[str]]) -> dict[str, list[str]]:
    """Every address that showed what was written, with the kinds of rows that its reading left."""
    shown = {}
    for address in _addresses(ids):
        last = AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        response = client.get(address)
        body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[attr-defined]
        assert response.status_code < 500, address
        if response.status_code == 200 and WRITTEN.encode() in body:
            shown[address] = list(AuditEvent.objects.filter(pk__gt=last).values_list("kind", flat=True))
    return shown


@pytest.mark.parametrize("role", ["rosa", "everything"])
def test_no_page_shows_what_was_written_without_a_row_in_the_trail(role, written, rosa, request):
    reader = rosa if role == "rosa" else make_staff("receptionist", "practitioner", "manager", name="Una")
    reader.is_superuser = reader.is_staff = role != "rosa"
    reader.save()

    shown = _shown_to(browser(reader), written)

    assert {address: kinds for address, kinds in shown.items() if not set(kinds) & READING} == {}
    [patient] = written["patient_id"]
    assert {f"/patients/{patient}/", *(f"/sessions/{session}/" for session in written["session_id"])} <= shown.keys()
    assert ("/unusual/" in shown) == (role == "everything")


def test_nor_does_the_api(written, rosa):
    client = APIClient()
    client.force_authenticate(rosa)

    shown = _shown_to(client, written)

    assert {address: kinds for address, kinds in shown.items() if not set(kinds) & READING} == {}
    assert f"/api/v1/sessions/{written['session_id'][0]}/" in shown


def test_reception_is_shown_none_of_it(written, reception):
    assert _shown_to(browser(reception), written) == {}
