"""The diary's paper, without a database: rows, cells, and the days on which the clocks change."""

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest

from tests.factories import LONDON
from treatments.diary_grid import Column, Row, day_bounds, quarters_of, rows_of

LONG_AGO = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
MONDAY = dt.date(2026, 11, 2)
FORWARD, BACK = dt.date(2026, 3, 29), dt.date(2026, 10, 25)


@dataclass(frozen=True)
class Visit:
    starts_at: dt.datetime
    ends_at: dt.datetime
    name: str = ""


def at(hour: int, minute: int = 0, day: dt.date = MONDAY, fold: int = 0) -> dt.datetime:
    local = dt.datetime.combine(day, dt.time(hour, minute, fold=fold), tzinfo=LONDON)
    return local.astimezone(dt.UTC)


def visit(hour: int, minute: int, minutes: int, name: str = "") -> Visit:
    return Visit(at(hour, minute), at(hour, minute) + dt.timedelta(minutes=minutes), name)


def hours(*stretches: tuple[int, int]) -> list[tuple[dt.datetime, dt.datetime]]:
    return [(at(start), at(end)) for start, end in stretches]


def drawn(*columns: Column, now: dt.datetime = LONG_AGO) -> list[Row]:
    return rows_of(columns, LONDON, now)


def cells(rows: list[Row], column: int = 0) -> list[tuple[str, str, int]]:
    """(label of its row, kind, rows it spans) of each cell of a column."""
    return [(row.label, cell.kind, cell.span) for row in rows for cell in row.cells if cell.column == column]


def lanes(rows: list[Row]) -> list[list[list[str]]]:
    found = [cell for row in rows for cell in row.cells if cell.kind == "taken"]
    return [[[one.name for one in lane] for lane in cell.lanes] for cell in found]


def full(rows: list[Row], columns: int) -> bool:
    """Is every place of the table covered once and once only?"""
    covered = Counter(
        (cell.column, number + below)
        for number, row in enumerate(rows)
        for cell in row.cells
        for below in range(cell.span)
    )
    return covered == Counter((column, number) for column in range(columns) for number in range(len(rows)))


def test_the_grid_goes_from_the_first_to_the_last_hour_that_is_used():
    rows = drawn(Column(MONDAY, open=hours((9, 12)), kept=hours((9, 12)), placed=[visit(12, 20, 30)]))

    assert (rows[0].label, rows[-1].label, len(rows)) == ("09:00", "12:45", 16)
    assert full(rows, 1)


def test_with_nothing_to_show_it_shows_the_hours_given_otherwise():
    rows = rows_of([Column(MONDAY)], LONDON, LONG_AGO, hours((8, 10)))

    assert (rows[0].label, rows[-1].label) == ("08:00", "09:45")
    assert cells(rows) == [("08:00", "closed", 8)]


def test_a_time_of_any_five_minutes_is_rounded_outwards():
    rows = drawn(Column(MONDAY, open=hours((9, 11)), kept=hours((9, 11)), placed=[visit(9, 20, 30)]))

    assert cells(rows)[:3] == [("09:00", "free", 1), ("09:15", "taken", 3), ("10:00", "free", 1)]


def test_back_to_back_within_a_quarter_they_share_a_cell_one_under_the_other():
    rows = drawn(
        Column(MONDAY, placed=[visit(9, 0, 20, "first"), visit(9, 20, 20, "second"), visit(9, 45, 15, "third")])
    )

    assert lanes(rows) == [[["first", "second"]], [["third"]]]
    assert cells(rows) == [("09:00", "taken", 3), ("09:45", "taken", 1)]


def test_what_overlaps_stands_side_by_side():
    rows = drawn(
        Column(MONDAY, placed=[visit(9, 0, 60, "long"), visit(9, 30, 15, "beside"), visit(9, 45, 30, "after")])
    )

    assert lanes(rows) == [[["long"], ["beside", "after"]]]
    assert cells(rows)[0] == ("09:00", "taken", 5)


def test_a_quarter_that_is_only_partly_open_is_not_free():
    opened = [(at(9, 5), at(9, 50))]
    rows = drawn(Column(MONDAY, open=opened, kept=opened))

    assert [label for label, kind, _ in cells(rows) if kind == "free"] == ["09:15", "09:30"]


def test_breaks_absences_and_hours_outside_have_their_own_words():
    kept = hours((9, 12), (13, 17))
    rows = drawn(Column(MONDAY, open=hours((9, 12), (15, 17)), kept=kept, placed=[visit(8, 0, 15)]))

    grey = [(row.label, cell.words, cell.span) for row in rows for cell in row.cells if cell.kind == "closed"]
    assert grey == [("08:15", "not working", 3), ("12:00", "break", 4), ("13:00", "absent", 8)]


def test_a_closed_day_is_grey_all_through_with_its_word_and_still_shows_what_is_booked():
    rows = drawn(Column(MONDAY, kept=hours((9, 12)), closed="closed", placed=[visit(10, 0, 60)]))

    assert cells(rows) == [("09:00", "closed", 4), ("10:00", "taken", 4), ("11:00", "closed", 4)]


def test_what_has_passed_is_not_free_any_more_but_for_the_quarter_that_has_just_begun():
    rows = drawn(Column(MONDAY, open=hours((9, 10)), kept=hours((9, 10))), now=at(9, 35))

    assert cells(rows) == [("09:00", "past", 2), ("09:30", "free", 1), ("09:45", "free", 1)]


@pytest.mark.parametrize(("day", "count"), [(MONDAY, 96), (FORWARD, 92), (BACK, 100)])
def test_a_day_has_as_many_quarters_as_it_lasts(day, count):
    whole = day_bounds(day, LONDON)
    rows = drawn(Column(day, open=[whole], kept=[whole]))

    assert len(quarters_of(day, LONDON)) == len(rows) == count
    moments = [row.moments[0] for row in rows]
    assert moments == [whole[0] + n * dt.timedelta(minutes=15) for n in range(count)]
    assert full(rows, 1)


def test_on_the_day_of_23_hours_the_hour_left_out_has_no_row():
    whole = day_bounds(FORWARD, LONDON)
    labels = [row.label for row in drawn(Column(FORWARD, open=[whole], kept=[whole]))]

    assert labels[3:6] == ["00:45", "02:00", "02:15"]
    assert len(set(labels)) == len(labels) == 92


def test_on_the_day_of_25_hours_the_hour_that_comes_twice_stands_there_twice_in_order():
    whole = day_bounds(BACK, LONDON)
    rows = drawn(Column(BACK, open=[whole], kept=[whole]))

    assert [(row.label, row.is_second) for row in rows[4:13]] == [
        ("01:00", False), ("01:15", False), ("01:30", False), ("01:45", False),
        ("01:00", True), ("01:15", True), ("01:30", True), ("01:45", True), ("02:00", False),
    ]  # fmt: skip


def test_an_appointment_over_the_hour_that_comes_twice_is_as_long_as_it_lasts():
    over = Visit(at(0, 30, BACK), at(0, 30, BACK) + dt.timedelta(hours=2), "night")
    rows = drawn(Column(BACK, placed=[over]))

    assert cells(rows)[1] == ("00:30", "taken", 8)
    assert rows[-1].label == "01:45"
    assert rows[-1].is_second


@pytest.mark.parametrize("changed", [FORWARD, BACK])
def test_a_week_in_which_the_clocks_change_loses_and_doubles_nothing(changed):
    days = [changed - dt.timedelta(days=6 - number) for number in range(7)]
    columns = [Column(day, open=[day_bounds(day, LONDON)], kept=[day_bounds(day, LONDON)]) for day in days]

    rows = drawn(*columns)

    assert full(rows, 7)
    for number, day in enumerate(days):
        shown = [row.moments[number] for row in rows if row.moments[number]]
        assert shown == list(quarters_of(day, LONDON))
        free = [
            row.moments[number] for row in rows for cell in row.cells if (cell.column, cell.kind) == (number, "free")
        ]
        assert free == shown


def test_beside_a_day_of_25_hours_the_other_days_have_no_such_time_and_say_so():
    days = [BACK - dt.timedelta(days=1), BACK]
    rows = drawn(*[Column(day, open=[day_bounds(day, LONDON)], kept=[day_bounds(day, LONDON)]) for day in days])

    grey = [
        (row.label, cell.column, cell.span, cell.words) for row in rows for cell in row.cells if cell.kind == "closed"
    ]
    assert grey == [("01:00", 0, 4, "no such time: the clocks change")]


def test_what_goes_on_after_midnight_stands_in_both_days():
    night = Visit(at(23, 30), at(23, 30) + dt.timedelta(hours=1), "night")
    tuesday = MONDAY + dt.timedelta(days=1)
    rows = drawn(Column(MONDAY, placed=[night]), Column(tuesday, placed=[night]))

    assert ("23:30", "taken", 2) in cells(rows, 0)
    assert ("00:00", "taken", 2) in cells(rows, 1)
    assert full(rows, 2)


@pytest.mark.parametrize("zone", ["Australia/Lord_Howe", "Africa/Cairo", "America/Havana", "Asia/Kathmandu"])
def test_other_zones_lose_and_double_nothing_either(zone):
    there = ZoneInfo(zone)
    for number in range(366):
        day = dt.date(2026, 1, 1) + dt.timedelta(days=number)
        whole = day_bounds(day, there)
        rows = rows_of([Column(day, open=[whole], kept=[whole])], there, LONG_AGO)
        assert [row.moments[0] for row in rows] == list(quarters_of(day, there))
        assert len({row.clock for row in rows}) == len(rows)
