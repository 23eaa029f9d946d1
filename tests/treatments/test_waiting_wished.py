"""“Call when clear”: a wish on the waiting list is a reason to call, as soon as the rule allows a mesotherapy."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from tests.factories import NOW, make_appointment, make_gone, make_patient, make_session, make_side_effect, on
from treatments.addenda import enter_session_in_error
from treatments.booking import cancel_appointment, mark_no_show, move_appointment
from treatments.models import Appointment, WaitingListEntry
from treatments.sessions import finish_session, start_session
from treatments.waiting_list import join_waiting_list, leave_waiting_list
from treatments.worklists import clear_again, close_clear_again, on_hold, wish_words


def wish(patient, treatment, by, now=NOW, **more) -> WaitingListEntry:
    return join_waiting_list(patient=patient, treatment=treatment, by=by, now=now, **more)


def book(patient, treatment, practitioner, by, now=NOW, hour=9) -> Appointment:
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=practitioner, by=by, starts_at=on(12, hour), now=now
    )


def listed(now: dt.datetime = NOW) -> list[str]:
    return [str(row.patient) for row in clear_again(now)]


def test_one_who_was_never_blocked_and_waits_for_a_time_is_called(amara, mesotherapy, rosa, reception):
    entry = wish(amara, mesotherapy, reception, practitioner=rosa, part_of_day="mornings", note="Not Fridays")

    [row] = clear_again(on(4))

    assert (row.patient, row.since, row.wishes) == (amara, on(2).date(), (entry,))
    assert (row.why, row.next_step) == ("Wished for since 2 Nov.", "Call to book one.")
    assert wish_words(row.wishes[0]) == "Wishes for Mesotherapy: mornings, with Rosa Lind. “Not Fridays”"


def test_a_wish_without_preferences_says_so(amara, mesotherapy, reception):
    assert wish_words(wish(amara, mesotherapy, reception)) == "Wishes for Mesotherapy: any time, anybody."


def test_while_bruised_a_wish_waits_silently_and_then_it_calls(amara, mesotherapy, rosa, reception):
    bruise = make_side_effect(patient=amara, by=rosa)
    wish(amara, mesotherapy, reception, now=on(3))
    blocked = listed(on(4))
    make_gone(bruise, rosa, now=on(5))

    [row] = clear_again(on(6))

    assert blocked == []
    assert (row.patient, row.since) == (amara, on(5).date())
    assert row.why == "Clear again since 5 Nov; a mesotherapy was wished for."


def test_suspected_infection_keeps_it_silent_too_and_swelling_does_not(amara, jonas, mesotherapy, rosa, reception):
    for patient, kind in ((amara, "infection"), (jonas, "swelling")):
        make_side_effect(patient=patient, kind=kind, by=rosa)
        wish(patient, mesotherapy, reception)

    assert listed() == ["Jonas Weber"]


def test_one_who_lost_a_time_and_wishes_stands_once_with_the_wish(amara, mesotherapy, rosa, reception):
    make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(12), now=on(1))
    bruise = make_side_effect(patient=amara, by=rosa)
    entry = wish(amara, mesotherapy, reception, now=on(3))
    make_gone(bruise, rosa, now=on(5))

    [row] = clear_again(on(6))

    assert (row.why, row.wishes) == ("Clear again since 5 Nov; a mesotherapy was put on hold.", (entry,))


def test_one_who_has_a_mesotherapy_booked_is_not_called(amara, mesotherapy, rosa, reception):
    other = type(mesotherapy).objects.create(name="Mesotherapy face", family="mesotherapy", duration_minutes=30)
    wish(amara, other, reception)
    make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(12), now=on(2))

    assert listed() == []


def test_for_a_consultation_nobody_waits(amara, consultation, bruise_review, reception):
    for treatment, what in ((consultation, "a consultation"), (bruise_review, "a review")):
        with pytest.raises(ValidationError) as error:
            wish(amara, treatment, reception)
        sentence = f"There is no waiting list for {what}: it can be booked at any time."
        assert error.value.message_dict == {"treatment": [sentence]}

    assert WaitingListEntry.objects.count() == 0


def test_a_booking_ends_it_and_so_does_a_closed_wish(amara, jonas, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    entry = wish(jonas, mesotherapy, reception)
    before = listed()
    book(amara, mesotherapy, rosa, reception)
    leave_waiting_list(entry=entry, reason="Went elsewhere.", by=reception, now=on(3))

    assert (sorted(before), listed(on(5))) == (["Amara Okafor", "Jonas Weber"], [])


# --- What was booked for a wish and came to nothing --------------------------------------------------------------------


def test_cancelled_it_calls_again(amara, mesotherapy, rosa, reception):
    entry = wish(amara, mesotherapy, reception)
    booked = book(amara, mesotherapy, rosa, reception, now=on(3))
    cancel_appointment(appointment=booked, by=reception, now=on(4))

    [row] = clear_again(on(5))

    assert (row.patient, row.since, row.wishes) == (amara, on(2).date(), (entry,))
    assert row.why == "Wished for since 2 Nov. What was booked on 3 Nov did not take place."


def test_wished_for_while_bruised_then_booked_and_cancelled_it_calls_again(amara, mesotherapy, rosa, reception):
    bruise = make_side_effect(patient=amara, by=rosa)
    wish(amara, mesotherapy, reception, now=on(3))
    make_gone(bruise, rosa, now=on(5))
    booked = book(amara, mesotherapy, rosa, reception, now=on(6))
    while_booked = listed(on(6))
    cancel_appointment(appointment=booked, by=reception, now=on(7))

    [row] = clear_again(on(8))

    assert (while_booked, row.patient, row.since) == ([], amara, on(5).date())
    assert row.why == (
        "Clear again since 5 Nov; a mesotherapy was wished for. What was booked on 6 Nov did not take place."
    )


def test_missed_it_calls_again(amara, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    mark_no_show(appointment=book(amara, mesotherapy, rosa, reception), by=reception, now=on(12, 10))

    assert listed(on(12, 11)) == ["Amara Okafor"]


def test_left_as_booked_it_calls_again_once_the_day_is_over(amara, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    book(amara, mesotherapy, rosa, reception)

    assert (listed(on(12, 20)), listed(on(13))) == ([], ["Amara Okafor"])


def test_moved_and_kept_it_calls_nobody(amara, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    booked = book(amara, mesotherapy, rosa, reception)
    move_appointment(appointment=booked, starts_at=on(16), by=reception, now=on(4))
    moved = listed(on(13))
    session = start_session(appointment=booked, skin_check="no-bruising-seen", by=rosa, now=on(16))
    finish_session(session=session, by=rosa, now=on(16, 10))

    assert (moved, listed(on(16)), listed(on(20))) == ([], [], [])


def test_treated_since_it_calls_nobody(amara, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    cancel_appointment(appointment=book(amara, mesotherapy, rosa, reception), by=reception, now=on(4))
    before = listed(on(5))
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(6))

    assert (before, listed(on(30))) == (["Amara Okafor"], [])


def test_a_session_before_the_booking_and_one_entered_in_error_are_no_answer(
    amara, jonas, mesotherapy, rosa, reception
):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2))
    wish(amara, mesotherapy, reception, now=on(3))
    booked = book(amara, mesotherapy, rosa, reception, now=on(3))
    cancel_appointment(appointment=booked, by=reception, now=on(4))
    wish(jonas, mesotherapy, reception, now=on(3))
    booked = book(jonas, mesotherapy, rosa, reception, now=on(3), hour=11)
    cancel_appointment(appointment=booked, by=reception, now=on(4))
    session = make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=on(6))
    enter_session_in_error(session=session, reason="Another patient.", by=rosa, now=on(6, 12))

    assert sorted(listed(on(7))) == ["Amara Okafor", "Jonas Weber"]


def test_closed_since_it_calls_nobody(amara, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    cancel_appointment(appointment=book(amara, mesotherapy, rosa, reception), by=reception, now=on(4))
    close_clear_again(patient=amara, reason="Wants no more.", by=reception, now=on(5))

    assert listed(on(6)) == []


def test_wished_for_again_it_stands_once_and_the_new_wish_ends_it(amara, mesotherapy, rosa, reception):
    wish(amara, mesotherapy, reception)
    cancel_appointment(appointment=book(amara, mesotherapy, rosa, reception), by=reception, now=on(4))
    newer = wish(amara, mesotherapy, reception, now=on(5))
    [row] = clear_again(on(6))
    leave_waiting_list(entry=newer, reason="Went elsewhere.", by=reception, now=on(7))

    assert (row.wishes, row.why, listed(on(8))) == ((newer,), "Wished for since 5 Nov.", [])


def test_held_it_stands_on_hold_and_calls_once_clear(amara, mesotherapy, rosa, reception):
    entry = wish(amara, mesotherapy, reception)
    booked = book(amara, mesotherapy, rosa, reception)
    bruise = make_side_effect(patient=amara, by=rosa, now=on(4))
    held = ([row.appointment for row in on_hold(on(5))], listed(on(5)))
    make_gone(bruise, rosa, now=on(6))

    [row] = clear_again(on(7))

    assert held == ([booked], [])
    assert (row.patient, row.wishes) == (amara, (entry,))
    assert row.why == "Clear again since 6 Nov; a mesotherapy was put on hold."


def test_another_mesotherapy_booked_instead_it_calls_nobody(amara, mesotherapy, rosa, reception):
    other = type(mesotherapy).objects.create(name="Mesotherapy face", family="mesotherapy", duration_minutes=30)
    wish(amara, mesotherapy, reception)
    cancel_appointment(appointment=book(amara, mesotherapy, rosa, reception), by=reception, now=on(4))
    book(amara, other, rosa, reception, now=on(4))

    assert listed(on(5)) == []


def test_a_session_of_another_treatment_is_no_answer_to_a_wish(amara, mesotherapy, rosa, reception):
    other = type(mesotherapy).objects.create(name="Mesotherapy face", family="mesotherapy", duration_minutes=30)
    entry = wish(amara, other, reception)
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(3))

    [row] = clear_again(on(4))

    assert (row.patient, row.wishes) == (amara, (entry,))


def test_closing_the_row_ends_the_wish_with_the_reason(amara, mesotherapy, reception):
    entry = wish(amara, mesotherapy, reception)

    close_clear_again(patient=amara, reason="Moved to Leeds.", by=reception, now=on(4))

    entry.refresh_from_db()
    assert (entry.closed_at, entry.closed_by, entry.close_reason) == (on(4), reception, "Moved to Leeds.")
    assert listed(on(5)) == []


def test_a_new_wish_after_the_closing_calls_again(amara, mesotherapy, reception):
    wish(amara, mesotherapy, reception)
    close_clear_again(patient=amara, reason="Changed her mind.", by=reception, now=on(4))
    wish(amara, mesotherapy, reception, now=on(6))

    assert listed(on(6)) == ["Amara Okafor"]


@pytest.mark.parametrize("patients", [1, 3])
def test_two_statements_however_many_wait(patients, mesotherapy, rosa, reception, django_assert_num_queries):
    for number in range(patients):
        wish(make_patient(reception, f"Wishes{number}"), mesotherapy, reception, practitioner=rosa)
        lost = make_patient(reception, f"Lost{number}")
        wish(lost, mesotherapy, reception, practitioner=rosa)
        cancel_appointment(appointment=book(lost, mesotherapy, rosa, reception), by=reception, now=on(4))

    with django_assert_num_queries(2):
        found = clear_again(on(5))

    assert len([wish_words(row.wishes[0]) for row in found]) == 2 * patients
