"""Appointments booked and listed; test_steps.py has what comes after."""

import datetime as dt
import threading

import pytest
from django.db import connections
from django.utils import timezone

from clinic.models import Refusal
from tests.api.calls import API, NO_ONE, ahead, codes, errors, ids
from tests.factories import (
    make_appointment,
    make_practitioner,
    make_room,
    make_treatment,
)
from treatments.booking import cancel_appointment
from treatments.models import Appointment


def test_a_mesotherapy_is_booked(api, reception, booking, amara, mesotherapy, rosa, room, site):
    response = api(reception).post(f"{API}appointments/", booking)

    appointment = Appointment.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(appointment.pk),
        "patient": str(amara.pk),
        "treatment": str(mesotherapy.pk),
        "practitioner": str(rosa.pk),
        "room": str(room.pk),
        "site": str(site.pk),
        "starts_at": response.json()["starts_at"],
        "ends_at": response.json()["ends_at"],
        "status": "booked",
        "stood_for": None,
        "cancel_reason": "",
        "warnings": [],
    }
    starts, ends = (dt.datetime.fromisoformat(response.json()[name]) for name in ("starts_at", "ends_at"))
    assert (starts, ends) == (ahead(), ahead(hour=11))
    assert appointment.history.get().history_user == reception


def test_a_room_may_be_left_out(api, reception, booking):
    client = api(reception)

    assert client.post(f"{API}appointments/", booking | {"room": None}).json()["room"] is None


@pytest.mark.parametrize(
    "field, value, sentence",
    [
        ("patient", NO_ONE, "There is no such patient."),
        ("patient", "Amara", "Must be a valid UUID."),
        ("patient", 10**60, "Must be a valid UUID."),
        ("patient", {"id": NO_ONE}, "Must be a valid UUID."),
        ("treatment", NO_ONE, "There is no such treatment."),
        ("practitioner", NO_ONE, "There is no such practitioner."),
        ("room", NO_ONE, "There is no such room."),
        ("starts_at", "2026-11-03T10:00:00",
         "Say the zone too: end it in Z or an offset, for example 2026-11-03T10:00:00+00:00."),
        ("starts_at", "2026-11-03T10:00", 
         "Say the zone too: end it in Z or an offset, for example 2026-11-03T10:00:00+00:00."),
        ("starts_at", "0001-01-01T00:00:00Z", "Datetime value out of range."),
        ("starts_at", "9999-12-31T23:59:59Z", "The year must be from 1900 to 2200."),
        ("starts_at", "2020-01-01T10:00:00Z", "That time has passed."),
        ("starts_at", "2150-01-01T10:00:00Z", "That is more than three years ahead."),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_said_beside_its_field(api, reception, booking, field, value, sentence):
    response = api(reception).post(f"{API}appointments/", booking | {field: value})

    assert errors(response) == {field: [sentence]}


@pytest.mark.parametrize("value", ["soon", 5, True, ["2027-01-01T00:00:00Z"], {}, "2026-11-03"])
def test_a_time_of_the_wrong_kind_is_not_valid(api, reception, booking, value):
    response = api(reception).post(f"{API}appointments/", booking | {"starts_at": value})

    assert list(errors(response)) == ["starts_at"]


def test_a_receptionist_is_no_practitioner(api, reception, booking):
    response = api(reception).post(f"{API}appointments/", booking | {"practitioner": str(reception.pk)})

    assert errors(response) == {"practitioner": ["There is no such practitioner."]}


def test_without_training_nobody_is_booked_for_mesotherapy(api, reception, booking, omar, consultation):
    client = api(reception)

    assert codes(client.post(f"{API}appointments/", booking | {"practitioner": str(omar.pk)})) == [
        "practitioner-not-trained"
    ]
    other = booking | {"practitioner": str(omar.pk), "treatment": str(consultation.pk)}
    assert client.post(f"{API}appointments/", other).status_code == 201


def test_nobody_is_in_two_places(api, reception, booking, booked, consultation, jonas):
    client, room = api(reception), make_room("Room 2")
    other = make_practitioner("Nia Cole")

    elsewhere = booking | {"patient": str(jonas.pk), "practitioner": str(other.pk), "room": str(room.pk)}
    assert codes(client.post(f"{API}appointments/", booking)) == ["practitioner-busy", "patient-busy"]
    assert codes(client.post(f"{API}appointments/", elsewhere | {"practitioner": booking["practitioner"]})) == [
        "practitioner-busy"
    ]
    assert client.post(f"{API}appointments/", elsewhere).status_code == 201
    assert client.post(f"{API}appointments/", booking | {"starts_at": ahead(hour=11).isoformat()}).status_code == 201


def test_a_refused_booking_is_kept_with_its_reasons(api, reception, booking, amara, mesotherapy, bruise):
    response = api(reception).post(f"{API}appointments/", booking)

    assert codes(response) == ["bruising-present"]
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.json()["title"], response.json()["status"]) == ("Refused", 409)
    kept = Refusal.objects.get()
    assert (kept.by, kept.door, kept.operation, kept.code) == (
        reception,
        "api",
        "book_appointment",
        "bruising-present",
    )
    assert (kept.patient_id, kept.treatment_id) == (amara.pk, mesotherapy.pk)
    assert not Appointment.objects.exists()


# --- Lists -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def three(amara, jonas, rosa, consultation) -> list[Appointment]:
    nia = make_practitioner("Nia Cole")
    given = [(amara, rosa, ahead(1)), (jonas, rosa, ahead(2)), (jonas, nia, ahead(2, 9))]
    return [
        make_appointment(patient=patient, practitioner=who, treatment=consultation, by=rosa, starts_at=at, now=ahead(0))
        for patient, who, at in given
    ]


def test_appointments_come_by_time(api, reception, three):
    first, second, third = (str(one.pk) for one in three)

    assert ids(api(reception).get(f"{API}appointments/")) == [first, third, second]


def test_appointments_are_filtered(api, reception, three, amara):
    client, (first, second, third) = api(reception), three
    day = timezone.localdate(second.starts_at).isoformat()
    cancel_appointment(appointment=third, by=reception)

    def found(**asked):
        return ids(client.get(f"{API}appointments/", asked))

    assert found(date=day) == [str(third.pk), str(second.pk)]
    assert found(patient=str(amara.pk)) == [str(first.pk)]
    assert found(practitioner=str(third.practitioner_id)) == [str(third.pk)]
    assert found(status="booked", date=day) == [str(second.pk)]
    assert found(patient=NO_ONE) == []
    assert found(status="") == [str(first.pk), str(third.pk), str(second.pk)]


def test_a_day_is_the_sites_own(api, reception, amara, rosa, consultation, site):
    site.time_zone = "Pacific/Auckland"
    site.save()
    # Nine in the evening of the first in London is the morning of the second in Auckland.
    late = make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=rosa,
        starts_at=dt.datetime(2027, 1, 1, 21, tzinfo=dt.UTC), now=ahead(0),
    )  # fmt: skip
    client = api(reception)

    assert ids(client.get(f"{API}appointments/?date=2027-01-02")) == [str(late.pk)]
    assert ids(client.get(f"{API}appointments/?date=2027-01-01")) == []
    assert client.get(f"{API}appointments/{late.pk}/").json()["starts_at"] == "2027-01-02T10:00:00+13:00"


@pytest.mark.parametrize(
    "asked, field",
    [
        ({"date": "tomorrow"}, "date"),
        ({"date": "0001-01-01"}, "date"),
        ({"date": "9999-12-31"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"patient": "amara"}, "patient"),
        ({"practitioner": "\0"}, "practitioner"),
        ({"status": "lost"}, "status"),
    ],
)
def test_a_filter_that_means_nothing_is_not_valid(api, reception, asked, field):
    assert list(errors(api(reception).get(f"{API}appointments/", asked))) == [field]


def test_a_treatment_that_is_no_longer_offered_is_not_booked(api, reception, booking):
    old = make_treatment(name="Old one")
    old.is_active = False
    old.save()

    response = api(reception).post(f"{API}appointments/", booking | {"treatment": str(old.pk)})

    assert errors(response) == {"treatment": ["Old one is no longer offered."]}


def test_of_two_who_want_the_same_time_one_is_told_it_is_taken(own_database, api, reception, booking, jonas):
    client, answers, ready = api(reception), [], threading.Barrier(2)

    def ask(patient):
        try:
            ready.wait(timeout=10)
            answers.append(client.post(f"{API}appointments/", booking | {"patient": patient}).status_code)
        finally:
            connections.close_all()

    askers = [threading.Thread(target=ask, args=[patient]) for patient in (booking["patient"], str(jonas.pk))]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(timeout=30)

    assert sorted(answers) == [201, 409]
    assert Appointment.objects.count() == 1


def test_an_appointment_names_its_session_once_it_is_started(api, rosa, amara, mesotherapy):
    appointment = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=rosa, starts_at=ahead())
    client, page = api(rosa), f"{API}appointments/{appointment.pk}/"
    before = client.get(page).json()["session"]

    started = client.post(f"{page}start/", {"skin_check": "no-bruising-seen"}).json()["id"]

    assert (before, client.get(page).json()["session"]) == (None, started)
    assert [row["session"] for row in client.get(f"{API}appointments/").json()["results"]] == [started]
