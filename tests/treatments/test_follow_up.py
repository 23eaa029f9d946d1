"""Follow-up: from two days after a mesotherapy nobody is left unasked, and being asked by phone clears nobody."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.refusals import Refused
from tests.factories import make_appointment, make_gone, make_session, make_side_effect, on
from treatments.eligibility import state_of
from treatments.follow_ups import record_asked_none
from treatments.models import Closure, FollowUp, Session
from treatments.sessions import finish_session, start_session
from treatments.side_effects import enter_in_error, record_none_seen
from treatments.worklists import close_follow_up, follow_up


@pytest.fixture
def session(amara, rosa, mesotherapy) -> Session:
    """Amara's mesotherapy of Monday the 2nd."""
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2))


def listed(now: dt.datetime) -> list[Session]:
    return [row.session for row in follow_up(now)]


# --- Who stands on it -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("day, stands", [(3, False), (4, True), (9, True), (10, True), (30, True)])
def test_from_the_second_day_on_until_somebody_asks(day, stands, session):
    assert (listed(on(day, 0, 1)) == [session], listed(on(day, 23, 59)) == [session]) == (stands, stands)


@pytest.mark.parametrize(
    "day, overdue, words",
    [
        (4, False, "Mesotherapy on 2 Nov; nobody has asked yet."),
        (9, False, "Mesotherapy on 2 Nov; nobody has asked yet."),
        (10, True, "Mesotherapy on 2 Nov; the week has passed and nobody has asked."),
    ],
)
def test_within_the_week_it_is_due_and_then_overdue(day, overdue, words, session):
    [row] = follow_up(on(day))

    assert (row.overdue, row.why, row.since, row.due) == (overdue, words, on(2).date(), on(4).date())
    assert row.next_step == "Call and ask about side effects, bruising above all."


def test_a_session_that_is_not_finished_is_asked_about_only_after_it_is(amara, rosa, mesotherapy):
    begun = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2), finished=False)
    before = [row.next_step for row in follow_up(on(5))]
    finish_session(session=begun, by=rosa, now=on(5))

    assert before == ["A practitioner finishes the record, then ask."]
    assert (listed(on(6)), listed(on(7))) == ([], [begun])


def test_a_consultation_is_not_asked_about(amara, rosa, consultation):
    booked = make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=rosa, starts_at=on(2), now=on(2)
    )
    finish_session(session=start_session(appointment=booked, by=rosa, now=on(2)), by=rosa, now=on(2, 10))

    assert listed(on(5)) == []


# --- What takes it off ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["bruising", "swelling"])
def test_a_side_effect_recorded_since_does(kind, session, amara, reception):
    make_side_effect(patient=amara, kind=kind, by=reception, now=on(3))

    assert listed(on(5)) == []


def test_one_from_before_it_does_not(amara, rosa, mesotherapy):
    make_gone(make_side_effect(patient=amara, by=rosa, now=on(1)), rosa, now=on(1, 12))
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2))

    assert listed(on(5)) == [session]


def test_one_that_was_another_patients_does_not(session, amara, rosa):
    wrong = make_side_effect(patient=amara, by=rosa, now=on(3))
    enter_in_error(side_effect=wrong, reason="Jonas's", by=rosa, now=on(3, 10))

    assert listed(on(5)) == [session]


def test_a_look_at_an_older_one_does(amara, rosa, mesotherapy):
    itching = make_side_effect(patient=amara, kind="itching", by=rosa, now=on(1))
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2))
    before = len(listed(on(5)))
    make_gone(itching, rosa, now=on(5))

    assert (before, listed(on(6))) == (1, [])


def test_no_side_effects_seen_does(session, amara, rosa):
    record_none_seen(patient=amara, by=rosa, now=on(3))

    assert listed(on(5)) == []


def test_the_skin_check_it_began_with_does_not(session):
    assert session.skin_check.checked_at == session.started_at
    assert listed(on(5)) == [session]


def test_the_next_session_takes_its_place(session, amara, rosa, mesotherapy):
    newer = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(5))

    assert (listed(on(6)), listed(on(7))) == ([], [newer])


def test_another_patients_answers_leave_it_alone(session, jonas, rosa):
    record_none_seen(patient=jonas, by=rosa, now=on(3))

    assert listed(on(5)) == [session]


# --- Asked, none ------------------------------------------------------------------------------------------------------


def test_asked_none_takes_it_off_and_makes_nobody_clear(session, amara, reception):
    before = state_of(amara)

    asked = record_asked_none(session=session, note="Feels well.", by=reception, now=on(5))

    assert (asked.patient, asked.session, asked.by, asked.asked_at) == (amara, session, reception, on(5))
    assert listed(on(5)) == []
    assert (before, state_of(amara)) == ("not-checked", "not-checked")


def test_a_look_makes_clear_beside_it(session, amara, reception, rosa):
    record_asked_none(session=session, by=reception, now=on(5))
    record_none_seen(patient=amara, by=rosa, now=on(6))

    assert state_of(amara) == "clear"


@pytest.mark.parametrize("told", [False, True], ids=["asked-before", "told-before"])
def test_it_is_refused_where_nobody_needs_to_ask(told, session, amara, reception):
    if told:
        make_side_effect(patient=amara, by=reception, now=on(4))
    else:
        record_asked_none(session=session, by=reception, now=on(4))

    with pytest.raises(Refused) as refused:
        record_asked_none(session=session, by=reception, now=on(5))

    assert refused.value.codes == ["wrong-status"]
    assert FollowUp.objects.count() == (0 if told else 1)


def test_it_is_refused_on_the_day_after(session, reception):
    with pytest.raises(Refused):
        record_asked_none(session=session, by=reception, now=on(3))


def test_a_manager_does_not_ask(session, manager):
    with pytest.raises(PermissionDenied):
        record_asked_none(session=session, by=manager, now=on(5))


# --- Closed by a person -----------------------------------------------------------------------------------------------


def test_closing_needs_a_reason_and_lasts_until_the_next_session(session, amara, rosa, mesotherapy, reception):
    with pytest.raises(ValidationError) as wrong:
        close_follow_up(session=session, reason=" ", by=reception, now=on(5))
    assert wrong.value.message_dict == {"reason": ["Say why nobody needs to call."]}
    assert listed(on(5)) == [session]

    close_follow_up(session=session, reason="Wishes no calls.", by=reception, now=on(5))
    newer = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(12))

    assert (Closure.objects.get().worklist, listed(on(6)), listed(on(14))) == ("follow-up", [], [newer])
