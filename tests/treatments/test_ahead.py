"""What is booked ahead and cannot stand: an absence laid over it, a closed day, other hours, a training that lapses."""

import datetime as dt

import pytest

from clinic.models import Absence, ClosedDay, WorkingHours
from tests.factories import NOW, make_appointment, make_gone, make_practitioner, make_side_effect, on, train
from treatments.booking import cancel_appointment, check_in, move_appointment
from treatments.models import TrainingRecord
from treatments.worklists import to_move, training_lapses


@pytest.fixture
def booked(amara, rosa, consultation, reception):
    """A consultation with Rosa on Thursday the 12th, 10:00 to 10:30."""
    return make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(12, 10), now=NOW
    )


def absent(staff, begins: dt.datetime, ends: dt.datetime) -> Absence:
    return Absence.objects.create(staff=staff, starts_at=begins, ends_at=ends, created_by=staff)


def works(staff, weekday: int, begins: int, ends: int) -> WorkingHours:
    return WorkingHours.objects.create(
        staff=staff, site=staff.site, weekday=weekday, starts_at=dt.time(begins), ends_at=dt.time(ends)
    )


def why(now: dt.datetime = NOW) -> list[str]:
    return [row.why for row in to_move(now)]


# --- To be moved ------------------------------------------------------------------------------------------------------


def test_nothing_is_to_be_moved_while_everything_lies_within_hours(booked):
    assert to_move(NOW) == []


def test_an_absence_laid_over_it_lists_it_and_drops_nothing(booked, rosa):
    absent(rosa, on(12, 9), on(13, 9))

    [row] = to_move(NOW)
    booked.refresh_from_db()

    assert (row.appointment, row.why) == (booked, "Consultation on Thu 12 Nov, 10:00: Rosa Lind is absent then.")
    assert (row.next_step, row.due, row.since) == ("Call, and move it.", on(12).date(), NOW.date())
    assert booked.status == "booked"


@pytest.mark.parametrize(
    "begins, ends, listed",
    [
        (on(12, 9), on(12, 10), False),
        (on(12, 10, 30), on(12, 12), False),
        (on(12, 10, 15), on(12, 12), True),
        (on(12, 9), on(12, 10, 15), True),
        (on(13), on(14), False),
    ],
)
def test_an_absence_beside_it_leaves_it_alone(begins, ends, listed, booked, rosa):
    absent(rosa, begins, ends)

    assert len(why()) == int(listed)


def test_somebody_elses_absence_does_too(booked, omar):
    absent(omar, on(12, 0), on(13, 0))

    assert why() == []


def test_a_closed_day_lists_it_with_the_reason(booked, rosa):
    ClosedDay.objects.create(site=rosa.site, day=on(12).date(), reason="burst pipe")

    assert why() == ["Consultation on Thu 12 Nov, 10:00: High Street is closed on 12 Nov (burst pipe)."]


def test_hours_that_were_changed_list_what_lies_outside(booked, rosa):
    works(rosa, 3, 12, 17)

    assert why() == ["Consultation on Thu 12 Nov, 10:00: Rosa Lind works 12:00–17:00 on 12 Nov."]


def test_a_practitioner_who_left_leaves_appointments_to_be_moved(booked, rosa):
    rosa.is_active = False
    rosa.save()

    assert why() == ["Consultation on Thu 12 Nov, 10:00: Rosa Lind is not a practitioner here any more."]


def test_it_leaves_by_being_moved_cancelled_or_by_the_absence_ending(booked, amara, rosa, consultation, reception):
    absence = absent(rosa, on(12, 0), on(13, 0))
    other = make_appointment(
        patient=amara, practitioner=make_practitioner("Freya"), treatment=consultation, by=reception,
        starts_at=on(11), now=NOW,
    )  # fmt: skip
    before = len(why())
    move_appointment(appointment=booked, starts_at=on(13), by=reception, now=NOW)
    moved = why()
    absent(rosa, on(13, 0), on(14, 0))
    again = len(why())
    cancel_appointment(appointment=booked, by=reception, now=NOW)

    assert (before, moved, again, why()) == (1, [], 1, [])
    absence.delete()
    assert other.status == "booked"


def test_what_is_past_or_over_is_not_moved(booked, rosa):
    absent(rosa, on(12, 0), on(13, 0))

    assert why(on(12, 10, 1)) == []


def test_a_held_one_says_that_it_is(amara, rosa, mesotherapy, reception):
    make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(12), now=on(1))
    bruise = make_side_effect(patient=amara, by=rosa)
    absent(rosa, on(12, 0), on(13, 0))
    blocked = to_move(NOW)
    make_gone(bruise, rosa, now=on(3))

    assert [row.why for row in blocked] == ["Mesotherapy on Thu 12 Nov, 09:00, on hold: Rosa Lind is absent then."]
    assert [row.next_step for row in (*blocked, *to_move(on(3)))] == [
        "On hold: cancel it, or move it once clear.",
        "Call, and move it.",
    ]


def test_one_that_goes_on_past_midnight_lies_within_two_days_hours(amara, rosa, consultation, reception):
    make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(12, 23, 45), now=NOW
    )

    assert why() == []


# --- Training lapses --------------------------------------------------------------------------------------------------


@pytest.fixture
def until_the_tenth(records):
    practitioner = make_practitioner("Omar Aziz", trained=False)
    train(practitioner, until=dt.date(2026, 11, 10))
    return practitioner


def lapses(now: dt.datetime = NOW) -> list[str]:
    return [row.why for row in training_lapses(now)]


def booked_with(practitioner, patient, treatment, by, day: int):
    return make_appointment(
        patient=patient, practitioner=practitioner, treatment=treatment, by=by, starts_at=on(day), now=NOW
    )


def test_a_mesotherapy_after_the_last_day_is_listed_until_it_is_renewed(
    amara, jonas, until_the_tenth, mesotherapy, reception
):
    booked_with(until_the_tenth, amara, mesotherapy, reception, 11)
    booked_with(until_the_tenth, jonas, mesotherapy, reception, 10)
    before, on_the_day = lapses(), lapses(on(11, 8))
    train(until_the_tenth, until=dt.date(2027, 11, 10))

    why = "Mesotherapy on Wed 11 Nov, 09:00: Omar Aziz's mesotherapy training {} after 10 Nov."
    assert (before, on_the_day, lapses()) == ([why.format("lapses")], [why.format("lapsed")], [])


def test_a_training_that_was_withdrawn_is_none(amara, until_the_tenth, mesotherapy, reception):
    booked_with(until_the_tenth, amara, mesotherapy, reception, 9)
    TrainingRecord.objects.update(withdrawn_on=NOW.date())

    assert lapses() == [
        "Mesotherapy on Mon 9 Nov, 09:00: Omar Aziz has no mesotherapy training on record for that day."
    ]


def test_a_consultation_asks_for_no_training(amara, until_the_tenth, consultation, reception):
    booked_with(until_the_tenth, amara, consultation, reception, 11)

    assert lapses() == []


def test_a_held_or_arrived_one_is_listed_and_one_that_is_over_is_not(
    amara, jonas, until_the_tenth, mesotherapy, rosa, reception
):
    booked_with(until_the_tenth, amara, mesotherapy, reception, 11)
    arrived = booked_with(until_the_tenth, jonas, mesotherapy, reception, 12)
    make_side_effect(patient=amara, by=rosa)
    check_in(appointment=arrived, by=reception, now=NOW)

    assert [row.appointment.status for row in training_lapses(NOW)] == ["on-hold", "arrived"]
    assert lapses(on(13)) == []
