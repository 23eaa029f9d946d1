"""The diary's paper: quarters of an hour as rows, people or days as columns. It asks the database nothing.

Rows are what a clock on the wall shows, in the order in which it shows it. On the day of 25 hours an hour stands there
twice, on the day of 23 an hour is left out; beside other days in a week, those days have no such row.
"""

import bisect
import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

QUARTER = dt.timedelta(minutes=15)

Stretch = tuple[dt.datetime, dt.datetime]
# What a clock shows, and whether it shows it for the second time that day.
ClockTime = tuple[dt.time, int]


class Placed(Protocol):
    """Something with a beginning and an end, to be written into a column."""

    @property
    def starts_at(self) -> dt.datetime: ...

    @property
    def ends_at(self) -> dt.datetime: ...


P = TypeVar("P", bound=Placed)


@dataclass
class Column(Generic[P]):
    """One person or one day. `open` is when it can be booked, `kept` the hours as they are kept all the same."""

    day: dt.date
    placed: Sequence[P] = ()
    open: Sequence[Stretch] = ()
    kept: Sequence[Stretch] = ()
    closed: str = ""


@dataclass(frozen=True)
class Cell(Generic[P]):
    """A stretch of one column: `free`, `past`, `closed` with its words, or `taken` by what stands in its lanes."""

    kind: str
    column: int
    span: int
    starts_at: dt.datetime
    ends_at: dt.datetime
    words: str = ""
    lanes: list[list[P]] = field(default_factory=list)


@dataclass(frozen=True)
class Row(Generic[P]):
    clock: ClockTime
    cells: list[Cell[P]]
    # The moment at which it begins, in each column that has it.
    moments: list[dt.datetime | None]

    @property
    def label(self) -> str:
        return f"{self.clock[0]:%H:%M}"

    @property
    def is_second(self) -> bool:
        """The clocks were put back: it is this time for the second time."""
        return self.clock[1] == 1

    @property
    def is_hour(self) -> bool:
        return self.clock[0].minute == 0


def day_bounds(day: dt.date, zone: zoneinfo.ZoneInfo) -> Stretch:
    """From midnight to midnight on that clock, in UTC: 23, 24 or 25 hours."""
    begins, ends = (
        dt.datetime.combine(day + dt.timedelta(days=more), dt.time(), tzinfo=zone).astimezone(dt.UTC) for more in (0, 1)
    )
    return begins, ends


def quarters_of(day: dt.date, zone: zoneinfo.ZoneInfo) -> dict[dt.datetime, ClockTime]:
    """Each quarter of an hour of the day in UTC, and what the clock shows then."""
    begins, ends = day_bounds(day, zone)
    moments = [begins + number * QUARTER for number in range((ends - begins) // QUARTER)]
    local = {moment: moment.astimezone(zone) for moment in moments}
    return {moment: (shown.time(), shown.fold) for moment, shown in local.items()}


def rows_of(
    columns: Sequence[Column[P]], zone: zoneinfo.ZoneInfo, now: dt.datetime, otherwise: Sequence[Stretch] = ()
) -> list[Row[P]]:
    """The grid from the first to the last hour that anything stands in; from `otherwise` where nothing does."""
    days = [quarters_of(column.day, zone) for column in columns]
    # At most one day of a week has the clocks changed; the longest has every row that another has.
    clocks = list(max(days, key=len, default={}).values())
    places = {clock: number for number, clock in enumerate(clocks)}
    drawn = [_Drawn(column, number, days[number], places) for number, column in enumerate(columns)]
    first, last = _extent(drawn, otherwise, clocks)
    starting: dict[int, list[Cell[P]]] = {}
    for one in drawn:
        for place, cell in one.cells(first, last, now):
            starting.setdefault(place, []).append(cell)
    return [
        Row(clocks[place], starting.get(place, []), [one.moment_at.get(place) for one in drawn])
        for place in range(first, last)
    ]


def _extent(drawn: Sequence["_Drawn[P]"], otherwise: Sequence[Stretch], clocks: list[ClockTime]) -> tuple[int, int]:
    """The rows to show: whole hours around everything that stands in a column."""
    used = [spot for one in drawn for stretch in one.stretches() if (spot := one.place(*stretch))]
    used = used or [spot for one in drawn for stretch in otherwise if (spot := one.place(*stretch))]
    first = min((start for start, _ in used), default=0)
    last = max((end for _, end in used), default=len(clocks))
    while first > 0 and clocks[first][0].minute:
        first -= 1
    while last < len(clocks) and clocks[last][0].minute:
        last += 1
    return first, last


class _Drawn(Generic[P]):
    """One column laid over the rows."""

    def __init__(
        self, column: Column[P], number: int, quarters: dict[dt.datetime, ClockTime], places: dict[ClockTime, int]
    ) -> None:
        self.column, self.number = column, number
        self.begins, self.count = min(quarters), len(quarters)
        # quarter of the day → row
        self.rows = [places[clock] for clock in quarters.values()]
        self.moment_at = dict(zip(self.rows, quarters, strict=True))

    def stretches(self) -> Iterator[Stretch]:
        yield from self.column.open
        yield from self.column.kept
        yield from ((one.starts_at, one.ends_at) for one in self.column.placed)

    def place(self, starts_at: dt.datetime, ends_at: dt.datetime) -> tuple[int, int] | None:
        """The rows [first, last) of a time, rounded outwards to quarters; None where it is not on this day."""
        first = max((starts_at - self.begins) // QUARTER, 0)
        last = min(-((self.begins - ends_at) // QUARTER), self.count)
        return (self.rows[first], self.rows[last - 1] + 1) if first < last else None

    def cells(self, first: int, last: int, now: dt.datetime) -> Iterator[tuple[int, Cell[P]]]:
        """What begins at which row, from the row `first` to `last`."""
        taken = {start: (end, lanes) for start, end, lanes in self._clusters()}
        place = first
        while place < last:
            if place in taken:
                end, lanes = taken[place]
                yield place, Cell("taken", self.number, end - place, *self._time(place, end), lanes=lanes)
                place = end
                continue
            kind, words = self._empty(place, now)
            end = place + 1
            while kind != "free" and end < last and end not in taken and self._empty(end, now) == (kind, words):
                end += 1
            yield place, Cell(kind, self.number, end - place, *self._time(place, end), words)
            place = end

    def _time(self, first: int, last: int) -> Stretch:
        """When the rows [first, last) begin and end; rows that this day has not take no time."""
        before, by_then = (bisect.bisect_left(self.rows, place) for place in (first, last))
        return self.begins + before * QUARTER, self.begins + by_then * QUARTER

    def _empty(self, place: int, now: dt.datetime) -> tuple[str, str]:
        moment = self.moment_at.get(place)
        if moment is None:
            return "closed", "no such time: the clocks change"
        ends = moment + QUARTER
        if any(start <= moment and ends <= end for start, end in self.column.open):
            return ("free", "") if ends > now else ("past", "")
        if self.column.closed:
            return "closed", self.column.closed
        kept = self.column.kept
        if any(start < ends and end > moment for start, end in kept):
            return "closed", "absent"
        is_between = any(end <= moment for _, end in kept) and any(start >= ends for start, _ in kept)
        return "closed", "break" if is_between else "not working"

    def _clusters(self) -> Iterator[tuple[int, int, list[list[P]]]]:
        """What shares a row stands in one cell: rows [start, end), and side by side what shares time."""
        spots = [(spot, one) for one in self.column.placed if (spot := self.place(one.starts_at, one.ends_at))]
        spots.sort(key=lambda found: (found[0][0], found[1].starts_at, found[1].ends_at))
        start, end, together = 0, 0, list[P]()
        for (begins, ends), one in spots:
            if together and begins >= end:
                yield start, end, lanes_of(together)
                together = []
            start, end = (start, max(end, ends)) if together else (begins, ends)
            together.append(one)
        if together:
            yield start, end, lanes_of(together)


def lanes_of(together: Sequence[P]) -> list[list[P]]:
    """Those that overlap in different lanes; one after the other in the same one."""
    lanes: list[list[P]] = []
    for one in sorted(together, key=lambda placed: placed.starts_at):
        lane = next((lane for lane in lanes if lane[-1].ends_at <= one.starts_at), None)
        if lane is None:
            lanes.append([one])
        else:
            lane.append(one)
    return lanes
