import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from clinic.refusals import Refused, record_refusal
from tests.factories import (
    NOW,
    make_appointment,
    make_gone,
    make_review,
    make_session,
    make_side_effect,
    on,
)
from treatments.booking import (
    cancel_appointment,
    confirm_appointment,
    mark_no_show,
    review_instead,
)
from treatments.side_effects import enter_in_error
from treatments.worklists import LISTS, close_clear_again, worklists


def names(worklist: str, now: dt.datetime = NOW) -> list[str]:
    return [str(row.patient) for row in worklists(now=now)[worklist]]


@pytest.fixture
def held(amara, rosa, mesotherapy, reception):
    """Amara's mesotherapy of the 12th, on hold by a bruise of the 2nd."""
    booked = make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(12), now=on(1)
    )
    make_side_effect(patient=amara, by=rosa)
    return booked


def test_an_empty_clinic_has_nine_empty_lists(records):
    assert worklists(now=NOW) == dict.fromkeys(LISTS, [])
    assert list(LISTS) == [
        "on-hold", "clear-again", "review-due", "reported", "follow-up", "call-back", "to-move", "training-lapses",
        "recall",
    ]  # fmt: skip


# --- On hold ----------------------------------------------------------------------------------------------------------


def test_held_appointments_stand_soonest_first(held, jonas, rosa, mesotherapy, reception):
    sooner = make_appointment(
        patient=jonas, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(9), now=on(1)
    )
    make_side_effect(patient=jonas, by=rosa)

    rows = worklists(now=NOW)["on-hold"]

    assert [row.appointment for row in rows] == [sooner, held]
    assert [row.since for row in rows] == [NOW.date(), NOW.date()]
    assert rows[0].next_step == "Cancel it, or turn it into a review."


def test_a_hold_whose_time_has_passed_stays_and_says_so(held):
    [row] = worklists(now=on(20))["on-hold"]

    assert (row.urgent, row.why.endswith("is on hold: time passed.")) == (True, True)


def test_a_hold_that_is_clear_says_what_can_be_done(held, amara, rosa):
    make_gone(amara.side_effects.get(), rosa, now=on(3))

    assert worklists(now=on(4))["on-hold"][0].next_step == "Clear again: confirm or move it."


# --- Clear again ------------------------------------------------------------------------------------------------------


def test_a_held_patient_is_on_clear_again_once_the_last_bruise_is_gone(held, amara, rosa):
    second = make_side_effect(patient=amara, by=rosa)
    make_gone(amara.side_effects.exclude(pk=second.pk).get(), rosa, now=on(3))
    before = names("clear-again")

    make_gone(second, rosa, now=on(4))

    assert (before, names("clear-again")) == ([], ["Amara Okafor"])


def test_one_who_lost_nothing_is_not(amara, rosa):
    make_gone(make_side_effect(patient=amara, by=rosa), rosa)

    assert names("clear-again") == []


def test_one_who_was_refused_is(amara, rosa, mesotherapy, reception):
    bruise = make_side_effect(patient=amara, by=rosa)
    with pytest.raises(Refused) as refusal:
        make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    record_refusal(refusal.value, by=reception, door="page", operation="book_appointment")
    make_gone(bruise, rosa)

    assert names("clear-again") == ["Amara Okafor"]


def test_the_next_step_speaks_of_a_held_appointment_only_where_there_is_one(held, amara, rosa, reception):
    make_gone(amara.side_effects.get(), rosa, now=on(3))
    [with_held] = worklists(now=on(4))["clear-again"]
    cancel_appointment(appointment=held, by=reception, now=on(4))
    [without] = worklists(now=on(5))["clear-again"]

    assert (with_held.next_step, without.next_step) == (
        "Call to confirm the held appointment or book a new one.",
        "Call to book a new one.",
    )


def test_one_who_was_refused_for_a_busy_practitioner_is_not(amara, jonas, rosa, mesotherapy, reception):
    make_appointment(patient=jonas, practitioner=rosa, treatment=mesotherapy, by=reception)
    with pytest.raises(Refused) as refusal:
        make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    record_refusal(refusal.value, by=reception, door="page", operation="book_appointment")
    make_gone(make_side_effect(patient=amara, by=rosa), rosa)

    assert names("clear-again") == []


def test_one_whose_visit_became_a_review_is(held, amara, rosa, bruise_review, reception):
    review_instead(appointment=held, by=reception, now=on(3))
    make_gone(amara.side_effects.get(), rosa, now=on(12))

    assert names("clear-again", on(13)) == ["Amara Okafor"]


def test_an_entry_in_error_makes_clear_again_too(held, amara, rosa):
    enter_in_error(side_effect=amara.side_effects.get(), reason="not hers", by=rosa, now=on(3))

    assert names("clear-again") == ["Amara Okafor"]


def test_confirming_takes_off_and_cancelling_brings_back(held, amara, rosa, reception):
    make_gone(amara.side_effects.get(), rosa, now=on(3))
    confirm_appointment(appointment=held, by=reception, now=on(4))
    confirmed = names("clear-again", on(4))

    cancel_appointment(appointment=held, by=reception, now=on(5))

    assert (confirmed, names("clear-again", on(5))) == ([], ["Amara Okafor"])


def test_booking_another_takes_off_until_it_was_missed(held, amara, rosa, mesotherapy, reception):
    make_gone(amara.side_effects.get(), rosa, now=on(3))
    cancel_appointment(appointment=held, by=reception, now=on(4))
    booked = make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(9), now=on(4)
    )
    while_booked = names("clear-again", on(5))

    mark_no_show(appointment=booked, by=reception, now=on(10))

    assert (while_booked, names("clear-again", on(10))) == ([], ["Amara Okafor"])


def test_a_session_since_takes_off_for_good(held, amara, rosa, mesotherapy, reception):
    make_gone(amara.side_effects.get(), rosa, now=on(3))
    cancel_appointment(appointment=held, by=reception, now=on(4))
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(9))

    assert names("clear-again", on(30)) == []


def test_closing_with_a_reason_takes_off_until_the_next_blocker(held, amara, rosa, mesotherapy, reception):
    make_gone(amara.side_effects.get(), rosa, now=on(3))
    close_clear_again(patient=amara, reason="wants no more", by=reception, now=on(4))
    closed = names("clear-again", on(5))
    again = make_side_effect(patient=amara, by=rosa, now=on(6))
    with pytest.raises(Refused) as refusal:
        make_appointment(
            patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(9), now=on(7)
        )
    record_refusal(refusal.value, by=reception, door="page", operation="book_appointment")
    make_gone(again, rosa, now=on(8))

    assert (closed, names("clear-again", on(8))) == ([], ["Amara Okafor"])


def test_closing_needs_a_reason(amara, reception):
    with pytest.raises(ValidationError) as error:
        close_clear_again(patient=amara, reason=" ", by=reception, now=NOW)

    assert list(error.value.message_dict) == ["reason"]


# --- Review due -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "more", "due_day"),
    [
        ("itching", {}, 3),
        ("swelling", {}, 4),
        ("swelling", {"painful_to_touch": True}, 2),
        ("swelling", {"painful_to_touch": False}, 4),
        ("numbness", {}, 16),
        ("burning", {}, 2),
        ("infection", {}, 2),
        ("pain", {}, 4),
        ("irritation", {}, 4),
        ("other", {}, 4),
        ("bruising", {}, 9),
        ("bruising", {"seen": False}, 4),
    ],
)
def test_a_look_is_due_when_the_source_or_the_clinic_says(kind, more, due_day, amara, rosa):
    make_side_effect(patient=amara, kind=kind, by=rosa, **more)

    assert (names("review-due", on(due_day - 1)) if due_day > 2 else []) == []
    [row] = worklists(now=on(due_day))["review-due"]
    assert row.due == on(due_day).date()


def test_a_bruise_is_due_seven_days_after_each_look(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    make_review(side_effect=bruise, finding="fading", by=rosa, now=on(8))

    assert (names("review-due", on(14)), names("review-due", on(15))) == ([], ["Amara Okafor"])


def test_the_onset_counts_where_nobody_has_looked(amara, rosa):
    make_side_effect(patient=amara, kind="itching", by=rosa, onset_on=on(1).date())

    assert names("review-due", on(2)) == ["Amara Okafor"]


def test_infection_stands_before_what_is_longer_overdue(amara, jonas, rosa):
    make_side_effect(patient=amara, kind="itching", by=rosa, now=on(2))
    make_side_effect(patient=jonas, kind="infection", by=rosa, now=on(9))

    assert names("review-due", on(9)) == ["Jonas Weber", "Amara Okafor"]


def test_a_row_rests_while_a_review_is_booked_and_returns_when_it_is_cancelled_or_missed(
    amara, rosa, bruise_review, reception
):
    make_side_effect(patient=amara, kind="itching", by=rosa)
    review = make_appointment(
        patient=amara, practitioner=rosa, treatment=bruise_review, by=reception, starts_at=on(6), now=on(4)
    )
    resting = names("review-due", on(5))
    missed = names("review-due", on(8))
    cancel_appointment(appointment=review, by=reception, now=on(5))

    assert (resting, missed, names("review-due", on(5))) == ([], ["Amara Okafor"], ["Amara Okafor"])


def test_a_review_booked_for_later_than_a_week_hides_nothing(amara, rosa, bruise_review, consultation, reception):
    make_side_effect(patient=amara, kind="itching", by=rosa)
    make_appointment(
        patient=amara, practitioner=rosa, treatment=bruise_review, by=reception, starts_at=on(20), now=on(4)
    )
    make_appointment(patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(6), now=on(4))

    assert names("review-due", on(5)) == ["Amara Okafor"]


def test_what_is_gone_or_in_error_is_due_no_more(amara, jonas, rosa):
    make_gone(make_side_effect(patient=amara, kind="itching", by=rosa), rosa)
    enter_in_error(side_effect=make_side_effect(patient=jonas, kind="itching", by=rosa), reason="x", by=rosa, now=NOW)

    assert names("review-due", on(20)) == []


# --- Reported ---------------------------------------------------------------------------------------------------------


def test_reported_until_a_practitioner_has_seen_it(amara, jonas, reception, rosa):
    told = make_side_effect(patient=amara, by=reception)
    make_side_effect(patient=jonas, by=rosa)
    before = names("reported")

    make_review(side_effect=told, finding="unchanged", by=rosa, now=on(3))

    assert (before, names("reported", on(3))) == (["Amara Okafor"], [])
