"""The nights the clocks change: an appointment is as long as its treatment, by the clock on the wall it may not look so."""

import datetime as dt

import pytest

from tests.factories import LONDON, make_appointment, make_treatment
from treatments.booking import move_appointment


@pytest.mark.parametrize(
    ("starts_at", "ends_at"),
    [
        (dt.datetime(2027, 3, 28, 0, 45, tzinfo=LONDON), dt.datetime(2027, 3, 28, 2, 15, tzinfo=dt.UTC)),
        (dt.datetime(2027, 10, 31, 0, 45, tzinfo=LONDON), dt.datetime(2027, 10, 31, 1, 15, tzinfo=dt.UTC)),
    ],
    ids=["into summer time", "out of summer time"],
)
def test_ninety_minutes_are_ninety_minutes(starts_at, ends_at, amara, rosa, reception):
    long = make_treatment("consultation", minutes=90)

    booked = make_appointment(patient=amara, practitioner=rosa, treatment=long, by=reception, starts_at=starts_at)

    assert booked.ends_at == ends_at


def test_a_move_over_that_night_keeps_the_length(amara, rosa, reception):
    long = make_treatment("consultation", minutes=90)
    booked = make_appointment(patient=amara, practitioner=rosa, treatment=long, by=reception)

    moved = move_appointment(appointment=booked, starts_at=dt.datetime(2027, 3, 28, 0, 45, tzinfo=LONDON), by=reception)

    assert moved.ends_at - moved.starts_at.astimezone(dt.UTC) == dt.timedelta(minutes=90)
