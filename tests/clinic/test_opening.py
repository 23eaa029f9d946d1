"""Hours, opening times and closed days as a manager keeps them."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import ClosedDay, WorkingHours
from clinic.opening import (
    add_working_hours,
    change_opening_times,
    change_working_hours,
    close_site,
    remove_working_hours,
    reopen_site,
)
from tests.factories import make_practitioner, make_site

MONDAY = dt.date(2026, 11, 2)


@pytest.fixture
def add(rosa, site, manager):
    def add(begins: str, ends: str, weekdays=(0,), **more: object) -> None:
        times = {"starts_at": dt.time.fromisoformat(begins), "ends_at": dt.time.fromisoformat(ends)}
        add_working_hours(**{"staff": rosa, "site": site, "weekdays": weekdays, "by": manager} | times | more)

    return add


def kept() -> list[str]:
    return [str(row) for row in WorkingHours.objects.all()]


def said(act) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        act()
    return error.value.message_dict


def test_one_stretch_is_kept_for_each_of_the_weekdays(add, manager):
    add("09:00", "13:00", weekdays=(4, 0, 0))

    assert kept() == ["Monday 09:00–13:00", "Friday 09:00–13:00"]
    assert WorkingHours.history.first().history_user == manager


@pytest.mark.parametrize("begins, ends", [("13:00", "17:00"), ("06:00", "09:00"), ("18:00", "00:00")])
def test_a_second_stretch_beside_it_is_kept(begins, ends, add):
    add("09:00", "13:00")
    add(begins, ends)

    assert len(kept()) == 2


@pytest.mark.parametrize(
    "begins, ends", [("12:59", "17:00"), ("10:00", "11:00"), ("08:00", "00:00"), ("09:00", "13:00")]
)
def test_one_that_overlaps_is_refused_and_nothing_of_it_is_kept(begins, ends, add):
    add("09:00", "13:00", weekdays=(1,))

    assert said(lambda: add(begins, ends, weekdays=(0, 1))) == {
        "starts_at": ["Rosa Lind works 09:00–13:00 on Tuesdays already; change that one."]
    }
    assert kept() == ["Tuesday 09:00–13:00"]


def test_until_midnight_overlaps_the_late_evening(add):
    add("18:00", "00:00")

    assert "starts_at" in said(lambda: add("23:00", "23:30"))


def test_the_same_hours_at_another_time_of_the_year_or_of_somebody_else_do_not_overlap(add, manager):
    add("09:00", "13:00", valid_until=MONDAY)
    add("10:00", "14:00", valid_from=MONDAY + dt.timedelta(days=1))
    add("09:00", "13:00", staff=make_practitioner("Nia Cole"))

    assert len(kept()) == 3
    assert "starts_at" in said(lambda: add("11:00", "12:00", valid_from=MONDAY, valid_until=MONDAY))


def test_at_another_site_nobody_works_at_the_same_time(add):
    add("09:00", "13:00")

    assert "starts_at" in said(lambda: add("12:00", "14:00", site=make_site("Harbour")))


@pytest.mark.parametrize(
    "given, field, sentence",
    [
        ({"begins": "13:00", "ends": "09:00"}, "ends_at", "The hours end before they begin."),
        ({"begins": "09:00", "ends": "09:00"}, "ends_at", "The hours end before they begin."),
        (
            {"begins": "09:00", "ends": "10:00", "valid_from": MONDAY, "valid_until": MONDAY - dt.timedelta(days=1)},
            "valid_until",
            "The last day is before the first.",
        ),
    ],
)
def test_hours_that_end_before_they_begin_are_refused(given, field, sentence, add):
    assert said(lambda: add(**given)) == {field: [sentence]}


def test_changed_they_may_overlap_themselves_only(add, site, manager):
    add("09:00", "13:00")
    add("14:00", "17:00")
    morning = WorkingHours.objects.first()
    times = {"hours": morning, "site": site, "starts_at": dt.time(8), "by": manager}

    change_working_hours(**times, ends_at=dt.time(12))

    assert kept() == ["Monday 08:00–12:00", "Monday 14:00–17:00"]
    assert "starts_at" in said(lambda: change_working_hours(**times, ends_at=dt.time(15)))


def test_removed_twice_is_removed_once_and_the_history_keeps_it(add, manager):
    add("09:00", "13:00")
    row = WorkingHours.objects.get()

    remove_working_hours(hours=row, by=manager)
    remove_working_hours(hours=row, by=manager)

    assert kept() == []
    assert [(one.history_type, one.history_user) for one in WorkingHours.history.all()][:1] == [("-", manager)]


def test_opening_times_end_after_they_begin(site, manager):
    change_opening_times(site=site, opens_at=dt.time(9), closes_at=dt.time(0), by=manager)
    site.refresh_from_db()

    assert (site.opens_at, site.closes_at) == (dt.time(9), dt.time(0))
    assert said(lambda: change_opening_times(site=site, opens_at=dt.time(9), closes_at=dt.time(9), by=manager)) == {
        "closes_at": ["It closes before it opens."]
    }


def close(site, by, first: int, last: int | None = None, **more: object):
    days = [MONDAY + dt.timedelta(days=number) if number is not None else None for number in (first, last)]
    return close_site(site=site, first=days[0], last=days[1], by=by, today=MONDAY, **more)


def test_days_are_closed_one_by_one_and_those_closed_already_stay(site, manager):
    close(site, manager, 3, reason="burst pipe")
    close(site, manager, 2, 4, reason="flood")

    found = [(row.day.day, row.reason) for row in ClosedDay.objects.all()]
    assert found == [(4, "flood"), (5, "burst pipe"), (6, "flood")]


@pytest.mark.parametrize(
    "first, last, field, sentence",
    [
        (1, None, "first", "High Street is closed on 3 Nov already."),
        (3, 2, "last", "The last day is before the first."),
        (3, 34, "last", "That is more than 31 days; close it in parts."),
        (-1, None, "first", "That day has passed."),
        (1200, None, "first", "That is more than three years ahead."),
    ],
)
def test_days_that_cannot_be_closed_are_refused(first, last, field, sentence, site, manager):
    close(site, manager, 1)

    assert said(lambda: close(site, manager, first, last)) == {field: [sentence]}
    assert ClosedDay.objects.count() == 1


def test_thirty_one_days_are_closed_at_once(site, manager):
    close(site, manager, 3, 33)

    assert ClosedDay.objects.count() == 31


def test_another_site_stays_open_and_may_be_closed_the_same_day(site, manager):
    close(site, manager, 1)
    close(make_site("Harbour"), manager, 1)

    assert ClosedDay.objects.count() == 2


def test_opened_after_all_it_is_gone_and_the_history_keeps_it(site, manager):
    close(site, manager, 1)
    day = ClosedDay.objects.get()

    for _ in range(2):
        reopen_site(closed_day=day, by=manager)

    assert not ClosedDay.objects.exists()
    assert ClosedDay.history.first().history_user == manager


def test_only_a_manager_keeps_hours(add, rosa, reception, site):
    for by in (rosa, reception):
        with pytest.raises(PermissionDenied):
            add("09:00", "13:00", by=by)
        with pytest.raises(PermissionDenied):
            close(site, by, 1)
        with pytest.raises(PermissionDenied):
            change_opening_times(site=site, opens_at=dt.time(9), closes_at=dt.time(0), by=by)
