"""Nobody slips off a list: not by a merge, not by a session that answered nothing, not by a visit left half done."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import Refusal
from clinic.refusals import Refused, record_refusal
from tests.factories import make_appointment, make_gone, make_patient, make_session, make_side_effect, on
from treatments.booking import cancel_appointment, check_in
from treatments.calls import record_call
from treatments.merging import merge_patients
from treatments.sessions import finish_session, start_session
from treatments.waiting_list import join_waiting_list
from treatments.worklists import clear_again, close_clear_again, follow_up, reported, review_due, worklists


def listed(now: dt.datetime) -> list[str]:
    return [str(row.patient) for row in clear_again(now)]


def refuse(patient, treatment, practitioner, by) -> Refusal:
    now = timezone.now()
    with pytest.raises(Refused) as refused:
        make_appointment(
            patient=patient,
            treatment=treatment,
            practitioner=practitioner,
            by=by,
            starts_at=now + dt.timedelta(days=3),
            now=now,
        )
    return record_refusal(refused.value, by=by, door="page", operation="book_appointment")


# --- Clear again ------------------------------------------------------------------------------------------------------


def test_a_wish_made_beside_a_booking_outlives_its_session(amara, mesotherapy, rosa, reception):
    booked = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(5), now=on(1)
    )
    join_waiting_list(patient=amara, treatment=mesotherapy, by=reception, now=on(2))
    session = start_session(appointment=booked, skin_check="no-bruising-seen", by=rosa, now=on(5))
    finish_session(session=session, by=rosa, now=on(5, 10))
    bruise = make_side_effect(patient=amara, by=rosa, now=on(6))
    while_bruised = listed(on(7))

    make_gone(bruise, rosa, now=on(12))

    assert (while_bruised, listed(on(13))) == ([], ["Amara Okafor"])


@pytest.mark.parametrize("merges", [1, 2, 3])
def test_a_refused_patient_is_called_after_any_merge(merges, jonas, mesotherapy, rosa, reception):
    now = timezone.now()
    bruise = make_side_effect(patient=jonas, by=rosa, now=now - dt.timedelta(hours=1))
    refuse(jonas, mesotherapy, rosa, reception)
    make_gone(bruise, rosa, now=timezone.now())
    last = jonas
    for number in range(merges):
        kept = make_patient(reception, f"Kept{number}")
        merge_patients(kept=kept, merged=last, by=reception)
        last = kept

    assert listed(now + dt.timedelta(days=1)) == [str(last)]


def test_a_refusal_of_somebody_else_calls_nobody(amara, jonas, mesotherapy, rosa, reception):
    now = timezone.now()
    for patient in (amara, jonas):
        make_side_effect(patient=patient, by=rosa, now=now - dt.timedelta(hours=1))
    refuse(jonas, mesotherapy, rosa, reception)
    make_gone(amara.side_effects.get(), rosa, now=timezone.now())

    assert listed(now + dt.timedelta(days=1)) == []


def held(patient, treatment, rosa, reception, day: int, bruised_on: int):
    booked = make_appointment(
        patient=patient, treatment=treatment, practitioner=rosa, by=reception, starts_at=on(day), now=on(1)
    )
    bruise = make_side_effect(patient=patient, by=rosa, now=on(bruised_on))
    cancel_appointment(appointment=booked, by=reception, now=on(bruised_on, 10))
    return bruise


def test_a_closure_that_came_by_a_merge_hides_nobody(amara, jonas, mesotherapy, rosa, reception):
    hers = held(amara, mesotherapy, rosa, reception, 20, bruised_on=2)
    make_gone(held(jonas, mesotherapy, rosa, reception, 21, bruised_on=3), rosa, now=on(4))
    close_clear_again(patient=jonas, reason="Goes elsewhere.", by=reception, now=on(5))
    merge_patients(kept=amara, merged=jonas, by=reception, now=on(6))
    make_gone(hers, rosa, now=on(10))
    before = listed(on(11))

    close_clear_again(patient=amara, reason="Goes elsewhere.", by=reception, now=on(11))

    assert (before, listed(on(11))) == (["Amara Okafor"], [])


def test_a_session_that_came_by_a_merge_hides_nobody(amara, jonas, mesotherapy, rosa, reception):
    hers = held(amara, mesotherapy, rosa, reception, 20, bruised_on=2)
    make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=on(5))
    merge_patients(kept=amara, merged=jonas, by=reception, now=on(6))
    make_gone(hers, rosa, now=on(10))
    before = listed(on(11))

    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(12))

    assert (before, listed(on(13))) == (["Amara Okafor"], [])


def test_who_arrived_and_was_left_waiting_has_nothing_booked_the_next_day(amara, mesotherapy, rosa, reception):
    other = type(mesotherapy).objects.create(name="Mesotherapy face", family="mesotherapy", duration_minutes=30)
    join_waiting_list(patient=amara, treatment=other, by=reception, now=on(1))
    booked = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(5), now=on(1)
    )
    check_in(appointment=booked, by=reception, now=on(5))

    assert (listed(on(5, 23)), listed(on(6, 0, 1))) == ([], ["Amara Okafor"])


# --- Never finished ---------------------------------------------------------------------------------------------------


def test_a_session_never_finished_stands_on_follow_up_from_the_next_day(amara, mesotherapy, rosa):
    begun = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2), finished=False)
    the_same_day = follow_up(on(2, 23, 59))

    [row] = follow_up(on(3, 0, 1))

    assert (the_same_day, row.session, row.since) == ([], begun, on(2).date())
    assert (row.why, row.next_step) == (
        "Mesotherapy begun on 2 Nov was never finished.",
        "A practitioner finishes the record, then ask.",
    )


def test_it_is_not_asked_about_before_it_is_finished(client, amara, mesotherapy, rosa, reception):
    begun = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2), finished=False)
    client.force_login(reception)
    before = client.get("/worklists/").content.decode()
    finish_session(session=begun, by=rosa, now=on(2, 10))
    after = client.get("/worklists/").content.decode()

    assert "was never finished" in before
    assert ("Asked, none" in before, "Asked, none" in after) == (False, True)


# --- A review is booked -----------------------------------------------------------------------------------------------


def test_reported_says_that_a_review_is_booked(amara, jonas, bruise_review, rosa, reception):
    make_side_effect(patient=amara, by=reception, now=on(23))
    make_side_effect(patient=jonas, by=reception, now=on(23, 10))
    make_appointment(
        patient=amara, treatment=bruise_review, practitioner=rosa, by=reception, starts_at=on(25, 10, 30), now=on(23)
    )

    assert [row.why for row in reported(on(23, 11))] == [
        "Bruising reported today, not yet seen. Review booked Wed 25 Nov, 10:30.",
        "Bruising reported today, not yet seen.",
    ]
    assert [row.why for row in reported(on(25, 11, 31))][0] == "Bruising reported 2 days ago, not yet seen."


def test_a_call_made_for_the_look_is_said_beside_the_report(amara, reception):
    make_side_effect(patient=amara, by=reception, now=on(2))
    call = record_call(patient=amara, worklist="review-due", outcome="no-answer", by=reception, now=on(4))

    rows = worklists(now=on(4, 10))

    assert [rows[code][0].calls for code in ("review-due", "reported")] == [(call,), (call,)]


@pytest.mark.parametrize(
    "at, arrived, stands",
    [((5, 11), False, False), ((5, 11, 1), False, True), ((5, 11, 1), True, False), ((5, 22, 1), True, True)],
)
def test_a_missed_review_brings_the_row_back_the_same_day(at, arrived, stands, amara, bruise_review, rosa, reception):
    make_side_effect(patient=amara, kind="itching", by=rosa)
    booked = make_appointment(
        patient=amara, treatment=bruise_review, practitioner=rosa, by=reception, starts_at=on(5, 10), now=on(4)
    )
    if arrived:
        check_in(appointment=booked, by=reception, now=on(5, 10))

    assert bool(review_due(on(*at))) is stands
