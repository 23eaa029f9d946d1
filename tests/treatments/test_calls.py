"""Calls noted on a row: who, when, how it went, when to try again. They take nobody off a list."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import Absence
from clinic.refusals import Refused, record_refusal
from tests.factories import NOW, make_appointment, make_gone, make_patient, make_session, make_side_effect, on, train
from treatments.calls import record_call
from treatments.models import Call, Message, WaitingListEntry
from treatments.worklists import worklists


@pytest.fixture
def held(amara, rosa, mesotherapy, reception):
    """Amara's mesotherapy of the 12th, on hold by a bruise of the 2nd."""
    booked = make_appointment(
        patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(12), now=on(1)
    )
    make_side_effect(patient=amara, by=rosa)
    return booked


def call(patient, by, worklist="on-hold", outcome="no-answer", now=NOW, **more) -> Call:
    return record_call(patient=patient, worklist=worklist, outcome=outcome, by=by, now=now, **more)


def rows(worklist: str, now: dt.datetime):
    return worklists(now=now)[worklist]


def told(now: dt.datetime = NOW) -> tuple[str, bool]:
    [row] = rows("on-hold", now)
    return row.told, row.untold


# --- Noted ------------------------------------------------------------------------------------------------------------


def test_a_call_is_kept_with_who_when_and_how_it_went(amara, reception):
    made = call(amara, reception, outcome="left-message", note=" evenings are better ", next_try_on=on(4).date())

    assert (made.patient, made.worklist, made.by, made.at) == (amara, "on-hold", reception, NOW)
    assert (made.outcome, made.note, made.next_try_on) == ("left-message", "evenings are better", on(4).date())


@pytest.mark.parametrize(
    "given, field, sentence",
    [
        ({"outcome": ""}, "outcome", "Say how the call went."),
        ({"outcome": "busy"}, "outcome", "Say how the call went."),
        ({"next_try_on": dt.date(2026, 11, 1)}, "next_try_on", "The next try is in the past."),
        ({"next_try_on": dt.date(2027, 12, 1)}, "next_try_on", "The next try is more than a year ahead."),
    ],
)
def test_one_that_makes_no_sense_is_not_noted(given, field, sentence, amara, reception):
    with pytest.raises(ValidationError) as wrong:
        call(amara, reception, **given)

    assert wrong.value.message_dict == {field: [sentence]}
    assert not Call.objects.exists()


def test_a_list_nobody_knows_is_none(amara, reception):
    with pytest.raises(ValidationError) as wrong:
        call(amara, reception, worklist="birthdays")

    assert list(wrong.value.message_dict) == ["worklist"]


def test_trying_again_the_same_day_is_no_mistake(amara, reception):
    assert call(amara, reception, next_try_on=NOW.date()).next_try_on == NOW.date()


def test_a_manager_reads_and_does_not_call(amara, manager):
    with pytest.raises(PermissionDenied):
        call(amara, manager)


# --- On its row -------------------------------------------------------------------------------------------------------


def test_a_row_has_its_own_calls_newest_first(held, amara, reception):
    first = call(amara, reception, now=on(3))
    second = call(amara, reception, now=on(4), outcome="left-message")
    call(amara, reception, worklist="review-due", now=on(5))

    [row] = rows("on-hold", on(5))

    assert (row.calls, row.last_call) == ((second, first), second)


def test_calls_for_an_earlier_hold_belong_to_that_one(held, amara, rosa, mesotherapy, reception):
    call(amara, reception, now=on(3))
    make_gone(amara.side_effects.get(), rosa, now=on(4))
    make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(20), now=on(5))
    make_side_effect(patient=amara, by=rosa, now=on(6))

    assert {row.appointment.starts_at: len(row.calls) for row in rows("on-hold", on(6))} == {on(12): 1, on(20): 0}


def test_a_next_try_ahead_sinks_the_row_and_never_hides_it(held, amara, jonas, rosa, mesotherapy, reception):
    make_appointment(patient=jonas, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(13), now=on(1))
    make_side_effect(patient=jonas, by=rosa)
    call(amara, reception, now=on(3), next_try_on=on(5).date())

    before, then = rows("on-hold", on(4)), rows("on-hold", on(5))

    assert [(row.patient, row.later) for row in before] == [(jonas, False), (amara, True)]
    assert [(row.patient, row.later) for row in then] == [(amara, False), (jonas, False)]


def test_what_was_noted_last_counts(held, amara, reception):
    call(amara, reception, now=on(3), next_try_on=on(9).date())
    call(amara, reception, now=on(4))

    assert [row.later for row in rows("on-hold", on(4))] == [False]


def test_a_try_that_comes_after_the_appointment_lets_nothing_rest(held, amara, reception):
    call(amara, reception, now=on(3), next_try_on=on(13).date())

    assert [row.later for row in rows("on-hold", on(4))] == [False]


def test_an_urgent_row_never_sinks(amara, rosa, reception):
    make_side_effect(patient=amara, kind="infection", by=reception)
    call(amara, reception, worklist="reported", next_try_on=on(9).date())

    assert [(row.urgent, row.later) for row in rows("reported", NOW)] == [(True, False)]


def test_declined_takes_nobody_off(amara, rosa, mesotherapy, reception):
    bruise = make_side_effect(patient=amara, by=rosa)
    with pytest.raises(Refused) as refused:
        make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    record_refusal(refused.value, by=reception, door="page", operation="book_appointment")
    make_gone(bruise, rosa, now=on(3))
    call(amara, reception, worklist="clear-again", outcome="declined", now=on(4))

    assert [(row.patient, row.declined) for row in rows("clear-again", on(4))] == [(amara, True)]


# --- Told of a hold ---------------------------------------------------------------------------------------------------


def _message(held, status: str, at: dt.datetime, kind: str = "hold") -> None:
    Message.objects.create(
        patient=held.patient, appointment=held, kind=kind, about_starts_at=held.starts_at, to="a@patient.example",
        status=status, created_at=at, sent_at=at if status == "sent" else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    "status, words, untold",
    [
        ("sent", "Told by message 3 Nov.", False),
        ("queued", "A message is waiting to be sent.", False),
        ("failed", "Not told yet: call.", True),
        ("dropped", "Not told yet: call.", True),
    ],
)
def test_a_held_row_says_whether_the_patient_knows(status, words, untold, held):
    _message(held, status, on(3))

    assert told(on(3)) == (words, untold)


def test_a_reminder_tells_nobody_of_a_hold(held):
    _message(held, "sent", on(3), kind="reminder-48h")

    assert told(on(3)) == ("Not told yet: call.", True)


def test_reached_by_phone_is_told_and_no_answer_is_not(held, amara, reception):
    call(amara, reception, now=on(3))
    not_yet = told(on(3))
    call(amara, reception, outcome="reached", now=on(4))

    assert (not_yet, told(on(4))) == (("Not told yet: call.", True), ("Told by phone 4 Nov.", False))


# --- What it costs ----------------------------------------------------------------------------------------------------


def _held_and_reported(number, patient, rosa, mesotherapy, reception) -> None:
    make_appointment(
        patient=patient, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(20 + number), now=on(1)
    )
    make_gone(make_side_effect(patient=patient, by=rosa), rosa)
    make_side_effect(patient=patient, kind="itching", by=reception)
    call(patient, reception, now=on(3))
    call(patient, reception, worklist="review-due", now=on(3))


@pytest.mark.parametrize("patients", [1, 3])
def test_the_lists_take_the_same_statements_whatever_their_length(
    patients, omar, rosa, mesotherapy, reception, django_assert_num_queries
):
    train(omar, until=dt.date(2026, 11, 20))
    for number in range(patients):
        _held_and_reported(number, make_patient(reception, f"Held{number}"), rosa, mesotherapy, reception)
        treated = make_patient(reception, f"Treated{number}")
        make_session(patient=treated, practitioner=rosa, treatment=mesotherapy, at=on(2, 10 + number))
        wishing = make_patient(reception, f"Wishes{number}")
        WaitingListEntry.objects.create(patient=wishing, treatment=mesotherapy, by=reception, joined_at=on(2))
        lapsing = make_appointment(
            patient=make_patient(reception, f"Lapses{number}"), practitioner=omar, treatment=mesotherapy, by=reception,
            starts_at=on(25, 9 + number), now=on(8),
        )  # fmt: skip
        _message(lapsing, "failed", on(8), kind="confirmation")
    Absence.objects.create(staff=omar, starts_at=on(25, 0), ends_at=on(26, 0), created_by=reception)

    with django_assert_num_queries(13):
        found = worklists(now=on(8))

    assert {code: len(rows) for code, rows in found.items()} == {
        "on-hold": patients,
        "clear-again": 2 * patients,
        "review-due": patients,
        "reported": patients,
        "follow-up": patients,
        "call-back": patients,
        "to-move": patients,
        "training-lapses": patients,
        "recall": 0,
    }
