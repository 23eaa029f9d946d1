"""The ledger of refusals: who tried what, why it was refused, and what became of it."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import AuditEvent, Refusal
from clinic.refusals import Refused, record_refusal
from patients.registration import record_consent
from tests.factories import make_appointment, make_gone, make_lot, make_patient, make_side_effect
from tests.pages.desk import signed_in, statements, today_at, words
from treatments.booking import book_appointment, cancel_appointment, confirm_appointment
from treatments.merging import merge_patients
from treatments.recalls import recall_lot
from treatments.refusal_outcomes import outcomes
from treatments.sessions import start_session
from treatments.waiting_list import join_waiting_list

NOW = timezone.now()


def tried(patient, mesotherapy, practitioner, by, at=None) -> Refusal:
    """A mesotherapy asked for while bruised, and refused."""
    with pytest.raises(Refused) as refused:
        book_appointment(
            patient=patient, treatment=mesotherapy, practitioner=practitioner, starts_at=today_at(days=2), by=by
        )
    return record_refusal(refused.value, by=by, door="page", operation="book_appointment", now=at)


@pytest.fixture
def refusal(amara, rosa, mesotherapy, reception) -> Refusal:
    make_side_effect(patient=amara, by=rosa, now=NOW - dt.timedelta(days=10))
    return tried(amara, mesotherapy, rosa, reception, NOW - dt.timedelta(days=5))


def became(refusal: Refusal) -> str:
    return outcomes([refusal], NOW)[refusal.pk]


def test_each_says_who_what_why_and_which_door(refusal, manager):
    response = signed_in(manager).get("/refusals/")

    said = words(response)
    assert "Booking mesotherapy · Amara Okafor" in said
    assert "Because bruising is present." in said
    assert "Nothing yet Ida Berg · Pages" in said


def test_nothing_has_come_of_it_for_two_weeks_then_the_patient_left_it(refusal):
    assert became(refusal) == "not-yet"
    assert outcomes([refusal], NOW + dt.timedelta(days=10))[refusal.pk] == "left"


def test_a_review_booked_afterwards_came_of_it(refusal, amara, rosa, bruise_review, reception):
    book_appointment(
        patient=amara, treatment=bruise_review, practitioner=rosa, starts_at=today_at(days=2), by=reception
    )

    assert became(refusal) == "review"


def test_a_place_on_the_waiting_list_came_of_it(refusal, amara, mesotherapy, reception):
    join_waiting_list(patient=amara, treatment=mesotherapy, by=reception)

    assert became(refusal) == "waiting"


def test_a_mesotherapy_booked_once_clear_came_of_it(refusal, amara, rosa, mesotherapy, reception):
    make_gone(amara.side_effects.get(), rosa, now=NOW)
    book_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, starts_at=today_at(days=2), by=reception)

    assert became(refusal) == "booked"


def test_a_review_that_was_booked_already_and_is_kept_is_what_the_patient_has(
    refusal, amara, rosa, bruise_review, mesotherapy, reception
):
    kept = book_appointment(
        patient=amara, treatment=bruise_review, practitioner=rosa, starts_at=today_at(days=2), by=reception
    )
    later = tried(amara, mesotherapy, rosa, reception, timezone.now())

    assert became(later) == "review"
    cancel_appointment(appointment=kept, by=reception)
    assert became(later) == "not-yet"


def test_a_visit_that_was_held_and_is_confirmed_once_clear_came_of_it(amara, rosa, mesotherapy, reception):
    visit = make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=today_at(days=3), now=NOW
    )
    bruise = make_side_effect(patient=amara, by=rosa, now=NOW)
    with pytest.raises(Refused) as refused:
        confirm_appointment(appointment=visit, by=reception)
    refusal = record_refusal(refused.value, by=reception, door="page", operation="confirm_appointment")
    in_time, too_late = refusal.at + dt.timedelta(days=1), refusal.at + dt.timedelta(days=15)
    assert [outcomes([refusal], at)[refusal.pk] for at in (in_time, too_late)] == ["not-yet", "left"]

    make_gone(bruise, rosa, now=timezone.now())
    confirm_appointment(appointment=visit, by=reception)

    assert [outcomes([refusal], at)[refusal.pk] for at in (in_time, too_late)] == ["booked", "booked"]


def test_a_session_begun_once_nothing_stood_against_it_came_of_it(rosa, mesotherapy, reception):
    ada = make_patient(reception, "Ada", "Moss", consents=())
    visit = make_appointment(
        patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=NOW, now=NOW
    )
    with pytest.raises(Refused) as refused:
        start_session(appointment=visit, skin_check="no-bruising-seen", by=rosa)
    refusal = record_refusal(refused.value, by=rosa, door="page", operation="start_session")
    record_consent(patient=ada, kind="treatment", by=rosa)

    start_session(appointment=visit, skin_check="no-bruising-seen", by=rosa)

    assert outcomes([refusal], timezone.now() + dt.timedelta(days=20))[refusal.pk] == "treated"


def test_what_led_no_patient_anywhere_is_in_the_ledger_and_not_summed_up(rosa, manager):
    lot = make_lot(rosa)
    recall_lot(lot=lot, reason="Taken back.", by=manager)
    with pytest.raises(Refused) as refused:
        recall_lot(lot=lot, reason="Taken back.", by=manager)
    refusal = record_refusal(refused.value, by=manager, door="page", operation="recall_lot", now=NOW - dt.timedelta(20))

    page = signed_in(manager).get("/refusals/")

    assert became(refusal) == "not-asked"
    assert "Recall of a lot" in words(page)
    assert (page.context["summary"], "Left" in words(page)) == ([], False)


def test_what_was_there_before_or_is_anothers_did_not_come_of_it(refusal, jonas, rosa, bruise_review, reception):
    book_appointment(
        patient=jonas, treatment=bruise_review, practitioner=rosa, starts_at=today_at(days=2), by=reception
    )

    assert became(refusal) == "not-yet"


def test_after_a_merge_it_speaks_of_the_record_that_stands(
    refusal, amara, jonas, rosa, bruise_review, reception, manager
):
    merge_patients(kept=jonas, merged=amara, by=reception)
    book_appointment(
        patient=jonas, treatment=bruise_review, practitioner=rosa, starts_at=today_at(days=2), by=reception
    )

    assert became(refusal) == "review"
    assert "Jonas Weber" in words(signed_in(manager).get("/refusals/"))


def test_it_is_filtered_by_reason_person_and_days(refusal, rosa, reception, manager):
    client = signed_in(manager)
    yesterday = timezone.localdate() - dt.timedelta(days=1)

    for asked, count in (
        ("code=bruising-present", 1),
        ("code=room-busy", 0),
        (f"by={reception.pk}", 1),
        (f"by={rosa.pk}", 0),
        ("door=api", 0),
        (f"since={yesterday}", 0),
        ("period=7-days", 1),
    ):
        assert len(client.get(f"/refusals/?{asked}").context["rows"]) == count, asked


def test_what_cannot_be_asked_is_said(manager):
    response = signed_in(manager).get("/refusals/?code=nonsense")

    assert response.status_code == 422
    assert "Choose one of these." in words(response)


def test_how_many_led_to_what_is_summed_up(refusal, amara, rosa, mesotherapy, bruise_review, reception, manager):
    tried(amara, mesotherapy, rosa, reception, NOW - dt.timedelta(days=40))
    book_appointment(
        patient=amara, treatment=bruise_review, practitioner=rosa, starts_at=today_at(days=2), by=reception
    )

    response = signed_in(manager).get("/refusals/")

    assert response.context["summary"] == [("A review is booked", 1), ("Left", 1)]


def test_a_clinic_without_any_says_so(manager):
    assert "Nothing has been refused yet." in words(signed_in(manager).get("/refusals/"))


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_only_who_reads_the_trail_opens_it_and_opening_it_is_in_the_trail(who, request, refusal, manager):
    assert signed_in(request.getfixturevalue(who)).get("/refusals/").status_code == 403
    signed_in(manager).get("/refusals/")
    assert (
        AuditEvent.objects.filter(kind="record-read", subject="refusals", actor=manager, patient_id=None).count() == 1
    )


def test_it_asks_the_same_however_many_there_are(refusal, rosa, mesotherapy, reception, manager):
    client = signed_in(manager)
    counts = []
    for _ in range(2):
        with statements() as asked:
            client.get("/refusals/")
        counts.append(len(asked))
        for number in range(3):
            patient = make_patient(reception, f"Given{number}", f"Name{number}")
            make_side_effect(patient=patient, by=rosa, now=NOW - dt.timedelta(days=9))
            tried(patient, mesotherapy, rosa, reception)
    assert counts[0] == counts[1]
