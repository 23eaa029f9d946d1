"""Undo of a slip: the last step back within five minutes, through the same rule, and never further."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import Absence
from clinic.refusals import Refused
from tests import raw_sql
from tests.factories import make_appointment, make_gone, make_practitioner, make_room, make_side_effect
from tests.treatments.test_races import at_once
from treatments.booking import (
    cancel_appointment,
    check_in,
    confirm_appointment,
    mark_no_show,
    move_appointment,
    review_instead,
)
from treatments.models import Appointment
from treatments.rule_check import rule_breaches
from treatments.sessions import start_session
from treatments.undo import undo_step, undoable_step

NOTHING = "There is nothing to undo: a step can be taken back for five minutes, while it is the last one."


def minutes(count: float) -> dt.datetime:
    """From now: the history keeps the real time of a step."""
    return timezone.now() + dt.timedelta(minutes=count)


def in_days(count: int) -> dt.datetime:
    return (timezone.now() + dt.timedelta(days=count)).replace(minute=0, second=0, microsecond=0)


@pytest.fixture
def book(amara, rosa, mesotherapy, reception):
    def book(**given: object) -> Appointment:
        known = {"patient": amara, "treatment": mesotherapy, "practitioner": rosa, "by": reception, "now": minutes(0)}
        return make_appointment(**known | {"starts_at": in_days(2)} | given)

    return book


def kept(appointment: Appointment) -> tuple[object, ...]:
    """What an undo must give back, as it stands in the database."""
    names = "status treatment_id practitioner_id room_id site_id starts_at ends_at stood_for_id turned_at cancel_reason"
    return Appointment.objects.values_list(*names.split()).get(pk=appointment.pk)


def refused(act) -> list[str]:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.codes


def undo(appointment: Appointment, by, **given: object) -> Appointment:
    return undo_step(appointment=appointment, by=by, **given)


# --- Each step and back ----------------------------------------------------------------------------------------------


def test_a_check_in_is_taken_back(book, reception):
    booked = book()
    before = kept(booked)
    check_in(appointment=booked, by=reception)
    assert undoable_step(booked_again(booked)) == "check-in"

    undone = undo(booked, reception)

    assert (undone.status, kept(booked)) == ("booked", before)
    assert undone.history.first().history_change_reason == "undone: check-in"
    assert undone.history.first().history_user == reception


def booked_again(appointment: Appointment) -> Appointment:
    return Appointment.objects.get(pk=appointment.pk)


def test_a_cancelled_booking_is_booked_again_without_its_reason(book, reception):
    booked = book()
    before = kept(booked)
    cancel_appointment(appointment=booked, reason="wrong row", by=reception)

    undo(booked, reception)

    assert kept(booked) == before


def test_a_cancelled_arrival_has_arrived_again(book, reception):
    booked = check_in(appointment=book(), by=reception)
    cancel_appointment(appointment=booked, by=reception)

    assert undo(booked, reception).status == "arrived"


def test_a_cancelled_hold_is_on_hold_again_with_a_row_of_its_own(book, amara, rosa, reception):
    held = book()
    bruise = make_side_effect(patient=amara, by=rosa, now=minutes(0))
    cancel_appointment(appointment=held, by=reception)

    undo(held, reception)

    assert booked_again(held).status == "on-hold"
    first, second = held.holds.order_by("pk")
    assert (first.held_until is None, first.released_by) == (False, reception)
    assert (second.side_effect, second.status_before, second.held_until) == (bruise, "booked", None)
    assert rule_breaches() == []


def test_a_hold_of_somebody_who_had_arrived_remembers_that_through_cancel_and_undo(
    book, amara, rosa, reception, bruise_review
):
    held = check_in(appointment=book(), by=reception)
    make_side_effect(patient=amara, by=rosa, now=minutes(0))
    cancel_appointment(appointment=held, by=reception)
    undo(held, reception)

    assert review_instead(appointment=held, by=reception).status == "arrived"


def test_a_no_show_is_taken_back(book, reception):
    booked = book(starts_at=minutes(-10))
    before = kept(booked)
    mark_no_show(appointment=booked, by=reception)

    undo(booked, reception)

    assert kept(booked) == before


def test_a_move_goes_back_to_its_time_practitioner_and_room(book, reception, room):
    booked = book(room=room)
    before = kept(booked)
    nia, other = make_practitioner("Nia Cole"), make_room("Room 2")
    move_appointment(appointment=booked, starts_at=in_days(5), practitioner=nia, room=other, by=reception)

    undo(booked, reception)

    assert kept(booked) == before


def test_a_review_becomes_the_treatment_again_that_it_stood_for(book, reception, bruise_review):
    booked = book()
    before = kept(booked)
    review_instead(appointment=booked, by=reception)

    undo(booked, reception)

    assert kept(booked) == before


# --- The rule, and the walls -----------------------------------------------------------------------------------------


def _cancel(appointment, by):
    cancel_appointment(appointment=appointment, by=by)


def _no_show(appointment, by):
    mark_no_show(appointment=appointment, by=by)


def _review_instead(appointment, by):
    review_instead(appointment=appointment, by=by)


@pytest.mark.parametrize("step", [_cancel, _no_show, _review_instead])
def test_bruising_logged_meanwhile_refuses_with_the_rules_reasons_and_it_stays_as_it_is(
    step, book, amara, rosa, reception, bruise_review
):
    booked = book(starts_at=minutes(-10))
    step(booked, reception)
    after = kept(booked)
    make_side_effect(patient=amara, by=rosa, now=minutes(0))

    assert refused(lambda: undo(booked, reception)) == ["bruising-present"]
    assert kept(booked) == after


@pytest.mark.parametrize("step", [_cancel, _no_show, _review_instead])
def test_swelling_or_another_patients_bruise_meanwhile_refuses_nothing(
    step, book, amara, jonas, rosa, reception, bruise_review
):
    booked = book(starts_at=minutes(-10))
    step(booked, reception)
    make_side_effect(patient=amara, kind="swelling", by=rosa, now=minutes(0))
    make_side_effect(patient=jonas, by=rosa, now=minutes(0))

    assert undo(booked, reception).status == "booked"


def test_a_consultation_comes_back_while_bruised(book, amara, rosa, consultation, reception):
    booked = book(treatment=consultation)
    make_side_effect(patient=amara, by=rosa, now=minutes(0))
    cancel_appointment(appointment=booked, by=reception)

    assert undo(booked, reception).status == "booked"


@pytest.mark.parametrize("step", [check_in, move_appointment])
def test_held_meanwhile_it_stays_on_hold_and_the_rules_reasons_come_first(step, book, amara, rosa, reception):
    booked = book()
    step(appointment=booked, by=reception, **({"starts_at": in_days(4)} if step is move_appointment else {}))
    make_side_effect(patient=amara, by=rosa, now=minutes(0))

    assert undoable_step(booked_again(booked)) == ""
    assert refused(lambda: undo(booked, reception)) == ["bruising-present", "wrong-status"]
    assert booked_again(booked).status == "on-hold"


def test_a_cancelled_hold_whose_bruise_is_gone_meanwhile_is_booked_anew_instead(book, amara, rosa, reception):
    held = book()
    bruise = make_side_effect(patient=amara, by=rosa, now=minutes(-30))
    cancel_appointment(appointment=held, by=reception)
    make_gone(bruise, rosa, now=minutes(0))

    with pytest.raises(Refused) as refusal:
        undo(held, reception)

    assert [str(b.message) for b in refusal.value.blockers] == ["It was on hold, and nothing holds it any more."]
    assert booked_again(held).status == "cancelled"


def test_the_database_refuses_it_too(book, amara, rosa, reception, bruise_review):
    cancelled, turned = book(), book(starts_at=in_days(3))
    cancel_appointment(appointment=cancelled, by=reception)
    turned = review_instead(appointment=turned, by=reception)
    make_side_effect(patient=amara, by=rosa, now=minutes(0))

    with raw_sql.refused_as("bruising-present"):
        raw_sql.update(cancelled, status="booked")
    with raw_sql.refused_as("bruising-present"):
        raw_sql.update(turned, treatment_id=turned.stood_for_id)


def test_a_time_sold_meanwhile_is_not_taken_back(book, jonas, reception):
    booked = book()
    cancel_appointment(appointment=booked, by=reception)
    book(patient=jonas)

    assert refused(lambda: undo(booked, reception)) == ["practitioner-busy"]
    assert booked_again(booked).status == "cancelled"


def test_a_move_does_not_go_back_into_a_room_sold_meanwhile(book, jonas, reception, room):
    booked = book(room=room)
    move_appointment(appointment=booked, starts_at=in_days(2), room=make_room("Room 2"), by=reception)
    book(patient=jonas, practitioner=make_practitioner("Nia Cole"), room=room)

    assert refused(lambda: undo(booked, reception)) == ["room-busy"]


def test_back_to_back_with_what_was_sold_meanwhile_it_comes_back(book, jonas, reception):
    booked = book()
    cancel_appointment(appointment=booked, by=reception)
    book(patient=jonas, starts_at=booked.ends_at)

    assert undo(booked, reception).status == "booked"


def test_what_stood_in_an_absence_stands_there_again(book, rosa, reception):
    """It was booked before the absence was known, and is listed to be moved; a slip must not drop it."""
    booked = book()
    Absence.objects.create(staff=rosa, starts_at=in_days(1), ends_at=in_days(4), created_by=reception)
    cancel_appointment(appointment=booked, by=reception)

    assert undo(booked, reception).status == "booked"


# --- Only the last step, only for a while ----------------------------------------------------------------------------


def test_after_five_minutes_there_is_nothing_to_undo(book, reception):
    booked = check_in(appointment=book(), by=reception)

    assert undoable_step(booked, now=minutes(4.9)) == "check-in"
    assert undoable_step(booked, now=minutes(5.1)) == ""
    with pytest.raises(Refused) as refusal:
        undo(booked, reception, now=minutes(5.1))
    assert [blocker.message for blocker in refusal.value.blockers] == [NOTHING]
    assert undo(booked, reception, now=minutes(4.9)).status == "booked"


def test_another_step_since_ends_it(book, rosa, reception):
    booked = check_in(appointment=book(starts_at=minutes(0)), by=reception)
    start_session(appointment=booked, skin_check="no-bruising-seen", by=rosa)

    assert undoable_step(booked_again(booked)) == ""
    assert refused(lambda: undo(booked, reception)) == ["wrong-status"]
    assert booked_again(booked).status == "in-progress"


def test_only_the_last_of_two_steps_is_taken_back(book, reception):
    booked = book()
    check_in(appointment=booked, by=reception)
    cancel_appointment(appointment=booked, by=reception)
    undo(booked, reception)

    assert undoable_step(booked_again(booked)) == ""
    assert refused(lambda: undo(booked, reception)) == ["wrong-status"]
    assert booked_again(booked).status == "arrived"


def test_taken_again_after_an_undo_it_can_be_undone_again(book, reception):
    booked = book()
    for _ in range(2):
        check_in(appointment=booked, by=reception)
        assert undo(booked, reception).status == "booked"


def test_a_booking_alone_has_nothing_to_undo(book, reception):
    booked = book()

    assert undoable_step(booked) == ""
    assert refused(lambda: undo(booked, reception)) == ["wrong-status"]


@pytest.mark.parametrize("step", ["confirm", "move", "review-instead"])
def test_a_step_out_of_a_hold_is_not_one_to_undo(step, book, amara, rosa, reception, bruise_review):
    held = book()
    make_gone(make_side_effect(patient=amara, by=rosa, now=minutes(-30)), rosa, now=minutes(0))
    {
        "confirm": lambda: confirm_appointment(appointment=held, by=reception),
        "move": lambda: move_appointment(appointment=held, starts_at=in_days(4), by=reception),
        "review-instead": lambda: review_instead(appointment=held, by=reception),
    }[step]()

    assert undoable_step(booked_again(held)) == ""


def test_a_manager_undoes_nothing(book, manager, reception):
    booked = check_in(appointment=book(), by=reception)

    with pytest.raises(PermissionDenied):
        undo(booked, manager)


def test_to_know_whether_it_is_offered_takes_one_statement(book, reception):
    booked = booked_again(check_in(appointment=book(), by=reception))

    with CaptureQueriesContext(connection) as statements:
        undoable_step(booked)

    assert len(statements) == 1


# --- By raw SQL, and at once -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "take, back_to",
    [
        (_cancel, "arrived"),
        (_cancel, "on-hold"),
        (_no_show, "arrived"),
        (_cancel, "in-progress"),
        (_no_show, "cancelled"),
    ],
)
def test_nobody_goes_back_to_where_it_did_not_come_from(take, back_to, book, reception):
    booked = book(starts_at=minutes(-10))
    take(booked, reception)

    with raw_sql.refused_as("wrong-status"):
        raw_sql.update(booked, status=back_to)
    raw_sql.update(booked, status="booked")


def test_an_undo_against_a_bruise_leaves_nothing_past_the_rule(own_database, book, amara, rosa, reception):
    for day in range(2, 6):
        booked = book(starts_at=in_days(day))
        cancel_appointment(appointment=booked, by=reception)
        undone, bruise = at_once(
            lambda booked=booked: undo(booked, reception),
            lambda: make_side_effect(patient=amara, by=rosa, now=minutes(0)),
        )

        assert booked_again(booked).status == ("on-hold" if isinstance(undone, Appointment) else "cancelled")
        assert rule_breaches() == []
        make_gone(bruise, rosa, now=minutes(1))
