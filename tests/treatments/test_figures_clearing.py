"""Time to clear out of the records: which two days bracket a bruise, which are left out, and what is kept of it."""

import datetime as dt

import pytest

from tests.factories import LONDON, make_gone, make_review, make_side_effect
from tests.treatments.figured_bruises import DAY_0, at, bruise
from treatments.figures.clearing import Cleared, cleared_bruises, clearing_differences, rebuild_clearing
from treatments.models import ClearingFigure
from treatments.side_effects import enter_in_error

pytestmark = pytest.mark.django_db


def brackets() -> list:
    return [one.bracket for one in cleared_bruises()]


def kept(site: str = "", severity: int = 0) -> tuple:
    one = ClearingFigure.objects.get(body_site=site, severity=severity)
    return one.bruises, one.gone, one.left_out, one.half_by_day


def test_it_lies_between_the_last_look_that_found_it_and_the_one_that_did_not(amara, rosa):
    bruise(amara, rosa, there=(2, 5), gone=9)

    assert cleared_bruises() == [Cleared("thigh", 1, (5, 9))]


def test_seeing_it_when_it_is_taken_down_is_a_look(amara, rosa):
    bruise(amara, rosa, seen=3, gone=9)

    assert brackets() == [(3, 9)]


def test_an_open_one_is_known_until_its_last_look_and_not_until_today(amara, rosa):
    bruise(amara, rosa, there=(4,))

    assert brackets() == [(4, None)]


def test_there_in_the_morning_and_gone_in_the_evening_is_that_day(amara, rosa):
    bruise(amara, rosa, there=(6,), gone=6)

    assert brackets() == [(5, 6)]


def test_without_a_known_day_it_is_counted_from_the_day_it_was_taken_down(amara, rosa):
    bruise(amara, rosa, seen=2, there=(5,), gone=9, onset_on=None)

    assert brackets() == [(3, 7)]


def test_an_about_day_after_the_first_look_counts_from_nought(amara, rosa):
    made = bruise(amara, rosa, onset_is_about=True, onset_on=DAY_0)
    make_review(side_effect=made, by=rosa, finding="fading", now=at(1), seen_at=at(-2))
    make_gone(made, rosa, at(4))

    assert brackets() == [(0, 4)]


def test_never_seen_while_it_was_there_is_left_out_and_counted(amara, jonas, rosa, reception):
    none_seen = make_side_effect(patient=amara, by=reception, kind="bruising", onset_on=DAY_0, now=at(1))
    make_gone(none_seen, rosa, at(3))
    make_side_effect(patient=jonas, by=reception, kind="bruising", onset_on=DAY_0, now=at(1))

    rebuild_clearing()

    assert brackets() == [None, None]
    assert kept() == (0, 0, 2, None)


def test_entered_in_error_and_other_kinds_are_none(amara, rosa):
    enter_in_error(side_effect=bruise(amara, rosa), reason="Another patient", by=rosa, now=at(1))
    make_side_effect(patient=amara, by=rosa, kind="swelling", now=at(1))

    assert cleared_bruises() == []


def test_seen_again_it_is_the_same_bruise_from_its_first_day(amara, rosa):
    first = bruise(amara, rosa, gone=5)
    bruise(amara, rosa, seen=7, there=(8,), gone=12, reopens=first, onset_on=DAY_0 + dt.timedelta(days=7))

    assert brackets() == [(8, 12)]


def test_seen_again_and_still_open_it_is_open(amara, rosa):
    bruise(amara, rosa, seen=7, reopens=bruise(amara, rosa, gone=5), onset_on=DAY_0 + dt.timedelta(days=7))

    assert brackets() == [(7, None)]


def test_seen_again_in_error_changes_nothing(amara, rosa):
    again = bruise(amara, rosa, seen=7, reopens=bruise(amara, rosa, gone=5), onset_on=None)
    enter_in_error(side_effect=again, reason="A shadow", by=rosa, now=at(8))

    assert brackets() == [(0, 5)]


def test_days_are_those_of_the_wall_clock_where_the_clocks_change(amara, rosa):
    """From Sat 24 Oct 23:30 to Sun 25 Oct 23:30 are 25 hours, and one day."""
    late = dt.datetime(2026, 10, 24, 23, 30, tzinfo=LONDON)
    made = make_side_effect(patient=amara, by=rosa, kind="bruising", onset_on=late.date(), now=late)
    make_gone(made, rosa, late.replace(day=25))

    assert brackets() == [(0, 1)]


def test_ten_years_between_two_looks_are_counted(amara, rosa):
    began, ended = (dt.datetime(year, 9, 1, 12, tzinfo=LONDON) for year in (2016, 2026))
    there = {"site": "thigh", "severity": 1, "onset_on": began.date()}
    make_gone(make_side_effect(patient=amara, by=rosa, kind="bruising", now=began, **there), rosa, ended)

    assert brackets() == [(0, 3652)]
    assert rebuild_clearing() == 4


def test_estimates_are_kept_by_site_and_severity(amara, jonas, rosa):
    bruise(amara, rosa, there=(2,), gone=4)
    bruise(jonas, rosa, there=(3,), gone=6, severity=2)
    bruise(amara, rosa, site="face")

    rebuild_clearing()

    assert kept() == (3, 2, 0, 4)  # all three may have gone on day 4
    assert kept("thigh") == (2, 2, 0, 4)
    assert kept("thigh", 2) == (1, 1, 0, 6)
    assert kept("face") == (1, 0, 0, None)
    assert not ClearingFigure.objects.filter(body_site="face", severity=2).exists()


def test_with_nothing_on_record_the_whole_clinics_stands_empty(db):
    assert rebuild_clearing() == 1
    assert kept() == (0, 0, 0, None)


def test_made_twice_it_is_the_same_and_what_is_over_goes(amara, rosa):
    made = bruise(amara, rosa, gone=4)
    rebuild_clearing()
    before = list(ClearingFigure.objects.values_list("body_site", "severity", "curve"))
    rebuild_clearing()
    assert list(ClearingFigure.objects.values_list("body_site", "severity", "curve")) == before
    assert clearing_differences() == []

    other = bruise(amara, rosa, site="face")
    enter_in_error(side_effect=other, reason="A shadow", by=rosa, now=at(1))
    make_side_effect(patient=amara, by=rosa, kind="bruising", site="knee", now=at(2))

    assert len(clearing_differences()) == 2  # all sites, and the knee
    rebuild_clearing()
    assert clearing_differences() == []
    assert made.closing_review_id is not None


def test_a_changed_figure_is_found(amara, rosa):
    bruise(amara, rosa, gone=4)
    rebuild_clearing()
    ClearingFigure.objects.filter(body_site="thigh", severity=0).update(half_by_day=3)

    assert [sentence.split(":")[0] for sentence in clearing_differences()] == ["Time to clear, thigh, any severity"]


def test_its_statements_do_not_grow_with_the_bruises(amara, rosa, django_assert_num_queries):
    bruise(amara, rosa, there=(2,), gone=4)
    with django_assert_num_queries(1):
        cleared_bruises()
    for _ in range(2):
        bruise(amara, rosa, there=(2,), gone=4)
    with django_assert_num_queries(1):
        cleared_bruises()
