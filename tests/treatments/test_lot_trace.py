"""From a lot to every session, patient and side effect, and from a patient's chart back to the lot."""

import datetime as dt

import pytest

from tests import raw_sql
from tests.factories import make_lot, make_side_effect, on
from tests.treatments.figured import logged, someone, treat
from treatments.lot_trace import (
    WITH_INFECTIONS,
    WITH_SIDE_EFFECTS,
    Reach,
    reach_of,
    side_effects_after,
    traced,
    uses_of,
)
from treatments.side_effects import enter_in_error


@pytest.fixture
def lot(rosa):
    return make_lot(rosa, "A1", now=on(1))


def rows(lot, only: str = "") -> list[tuple[str, int, list[str]]]:
    """Whose use, on which day, what followed."""
    return [
        (str(row.use.session.patient), row.use.used_on.day, [one.kind for one in row.side_effects])
        for row in traced(uses_of(lot, only=only))
    ]


@pytest.fixture
def used(lot, amara, jonas, rosa, mesotherapy):
    """Amara on the 2nd and the 9th, Jonas on the 3rd; of another lot on the 4th."""
    first = treat(amara, rosa, mesotherapy, on(2), lots=[lot])
    treat(jonas, rosa, mesotherapy, on(3), lots=[lot])
    treat(jonas, rosa, mesotherapy, on(4), lots=[make_lot(rosa, "B2", now=on(1))])
    treat(amara, rosa, mesotherapy, on(9), lots=[lot])
    return first


def test_every_use_newest_first_with_what_followed_it(used, lot, amara, jonas, rosa, reception):
    logged(used, "swelling", rosa)
    make_side_effect(patient=jonas, by=reception, kind="infection", now=on(8))  # nobody said after which

    assert rows(lot) == [("Amara Okafor", 9, []), ("Jonas Weber", 3, ["infection"]), ("Amara Okafor", 2, ["swelling"])]
    assert rows(lot, WITH_SIDE_EFFECTS) == rows(lot)[1:]
    assert rows(lot, WITH_INFECTIONS) == rows(lot)[1:2]
    assert reach_of(lot) == Reach(sessions=3, patients=2, side_effects=2, in_error=0, running=[])


@pytest.mark.parametrize(("days", "follows"), [(-1, False), (0, True), (84, True), (85, False)])
def test_one_that_names_no_session_follows_for_twelve_weeks(used, lot, jonas, reception, days, follows):
    onset = on(3).date() + dt.timedelta(days=days)
    one = make_side_effect(
        patient=jonas, by=reception, kind="infection", onset_on=onset, now=on(3) + dt.timedelta(days=90)
    )

    assert [row.side_effects for row in traced(uses_of(lot))][1] == ([one] if follows else [])
    assert list(side_effects_after(lot)) == ([one] if follows else [])


def test_what_was_entered_in_error_is_counted_apart(used, lot, amara, rosa):
    wrong = logged(used, "swelling", rosa)
    enter_in_error(side_effect=wrong, reason="Another patient's.", by=rosa, now=on(5))
    raw_sql.update(used, error_at=on(6), error_by_id=rosa.pk, error_reason="Another patient's.")

    assert rows(lot)[2] == ("Amara Okafor", 2, ["swelling"])  # struck through on the page
    assert rows(lot, WITH_SIDE_EFFECTS) == []
    assert reach_of(lot) == Reach(sessions=2, patients=2, side_effects=0, in_error=1, running=[])


def test_a_lot_that_was_never_used_reaches_nobody(lot):
    assert rows(lot) == []
    assert reach_of(lot) == Reach(sessions=0, patients=0, side_effects=0, in_error=0, running=[])


def test_the_trace_costs_the_same_however_long_it_is(
    used, lot, rosa, reception, mesotherapy, django_assert_num_queries
):
    for more in (0, 3):
        for number in range(more):
            logged(treat(someone(reception, number), rosa, mesotherapy, on(12 + number), lots=[lot]), "pain", rosa)
        with django_assert_num_queries(2):
            traced(uses_of(lot))
        with django_assert_num_queries(3):
            reach_of(lot)
