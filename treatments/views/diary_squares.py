"""How the diary's cells read: their words, their addresses, and what a screen reader hears."""

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils import timezone

from clinic.models import Staff
from treatments.diary import Diary, Lane, Visit
from treatments.diary_grid import QUARTER, Cell, Row
from treatments.models.appointment import Status
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family

# Who may read clinical notes needs the reason only; the desk is told what it waits for.
HELD_FOR: dict[str, tuple[str, str]] = {
    Kind.BRUISING: ("on hold: bruising", "on hold: bruising, practitioner review needed"),
    Kind.INFECTION: ("on hold: infection suspected", "on hold: suspected infection, practitioner review needed"),
}
CLEAR_AGAIN = "on hold: clear again, to be confirmed or moved"


@dataclass(frozen=True)
class Head:
    """A column's head. `who` names it in “Book …, 10:15”."""

    lane: Lane
    number: int
    is_front: bool
    is_today: bool

    @property
    def who(self) -> str:
        return str(self.lane.practitioner or self.lane.room)


@dataclass(frozen=True)
class Block:
    """An appointment in its cell."""

    visit: Visit
    id: str
    state: str
    look: str
    is_movable: bool


@dataclass(frozen=True)
class Square:
    """A cell with its head, and the address to book there, "" where that cannot be."""

    cell: Cell[Visit]
    head: Head
    label: str
    until: str
    address: str = ""
    lanes: list[list[Block]] = field(default_factory=list)


@dataclass(frozen=True)
class Line:
    """A row: its squares, when it begins (in each column, where they differ), and where the now-line stands in it."""

    row: Row[Visit]
    squares: list[Square]
    times: str
    at: str = ""
    now: str = ""


@dataclass(frozen=True)
class Shown:
    heads: list[Head]
    lines: list[Line]


def squares_of(diary: Diary, *, reader: Staff, now: dt.datetime, zone: dt.tzinfo, front: Staff | dt.date) -> Shown:
    """The grid for `reader`, whose clock is in `zone`. `front` is the column shown where there is room for one only."""
    today = timezone.localdate(now)
    in_front = next((n for n, lane in enumerate(diary.lanes) if front in (lane.practitioner, lane.day)), 0)
    heads = [Head(lane, n, n == in_front, lane.day == today) for n, lane in enumerate(diary.lanes)]
    return Shown(heads, [_line(row, heads, reader, now, zone) for row in diary.rows])


def _line(row: Row[Visit], heads: list[Head], reader: Staff, now: dt.datetime, zone: dt.tzinfo) -> Line:
    times = [_utc(moment) if moment else "-" for moment in row.moments]
    at = next((moment for moment, head in zip(row.moments, heads, strict=True) if moment and head.is_today), None)
    passing = at is not None and at <= now < at + QUARTER
    return Line(
        row,
        [_square(cell, row, heads[cell.column], reader, zone) for cell in row.cells],
        times=" ".join(times[:1] if len(set(times)) == 1 else times),
        at=_utc(at) if at else "",
        now=f"now third-{(now - at) // (QUARTER / 3)}" if at and passing else "",
    )


def _utc(moment: dt.datetime) -> str:
    return f"{moment.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"


def _typed(moment: dt.datetime, zone: dt.tzinfo) -> dict[str, str]:
    """As it is typed into a form: day and time by the reader's clock.

    On the night the clocks go back an hour comes twice, and the time alone would be taken for the first.
    """
    local = moment.astimezone(zone)
    typed = {"date": f"{local:%Y-%m-%d}", "time": f"{local:%H:%M}"}
    return typed | {"second": "yes"} if local.fold else typed


def _square(cell: Cell[Visit], row: Row[Visit], head: Head, reader: Staff, zone: dt.tzinfo) -> Square:
    until = f"{timezone.localtime(cell.ends_at):%H:%M}"
    lanes = [[_block(visit, head, reader) for visit in lane] for lane in cell.lanes]
    if cell.kind != "free" or not reader.may("book"):
        return Square(cell, head, row.label, until, lanes=lanes)
    who, room = head.lane.practitioner, head.lane.room
    asked = {"practitioner": who.pk} if who else {"room": room.pk} if room else {}
    return Square(cell, head, row.label, until, f"?{urlencode(asked | _typed(cell.starts_at, zone))}")


def _block(visit: Visit, head: Head, reader: Staff) -> Block:
    began_here = timezone.localdate(visit.starts_at) == head.lane.day
    return Block(
        visit,
        # One that goes on after midnight stands in two columns of a week.
        id=f"v-{visit.appointment.pk}" if began_here else f"v{head.number}-{visit.appointment.pk}",
        state=state_of(visit, reader),
        look=look_of(visit),
        is_movable=visit.is_movable and began_here and reader.may("book"),
    )


def state_of(visit: Visit, reader: Staff) -> str:
    """Where it stands, in words: its status is never told by a colour alone."""
    one = visit.appointment
    if one.status != Status.ON_HOLD:
        return one.get_status_display().lower()
    if not visit.held_for:
        return CLEAR_AGAIN
    return HELD_FOR[visit.held_for][0 if reader.may("read-clinical") else 1]


def look_of(visit: Visit) -> str:
    """Its pattern's name."""
    status = visit.appointment.status
    is_review = visit.appointment.treatment.family == Family.REVIEW
    return f"{status} review" if is_review and status == Status.BOOKED else status
