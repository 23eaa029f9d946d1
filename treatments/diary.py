"""The diary of a site: who stands where on a day, or somebody's or a room's week. The drawing is diary_grid's.

A day of any size takes three statements, and one more says whether anything has changed since it was drawn.
"""

import datetime as dt
import hashlib
import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from django.db.models import Q, QuerySet, Subquery

from clinic.hours import ABSENT, CLOSED_DAY, OUTSIDE_HOURS, Hours
from clinic.models import Absence, ClosedDay, Room, Site, Staff, WorkingHours
from treatments.diary_grid import QUARTER, Column, Row, Stretch, day_bounds, rows_of
from treatments.displaced import PRACTITIONER_LEFT, ROOM_OUT_OF_USE, TO_COME, Displaced
from treatments.eligibility import open_blocking
from treatments.models import Appointment, SideEffect
from treatments.models.appointment import STEPS_FROM, Status

DISPLACED_BY = {
    ABSENT: "absent",
    CLOSED_DAY: "closed",
    OUTSIDE_HOURS: "outside hours",
    PRACTITIONER_LEFT: "not a practitioner now",
    ROOM_OUT_OF_USE: "room not in use",
}
# What an appointment shows of itself; when one of these changes, the diary is drawn anew.
SHOWN = (
    "pk", "status", "starts_at", "ends_at", "practitioner_id", "room_id", "site_id", "held_for",
    "patient__given_name", "patient__family_name", "treatment__name", "course_id", "course_number",
)  # fmt: skip
# Their newest changes: hours and people decide what is grey, side effects what is on hold.
CHANGES_OF = (WorkingHours, Absence, ClosedDay, Site, Room, Staff, SideEffect)


@dataclass(frozen=True)
class Visit:
    """An appointment as it stands in the diary."""

    appointment: Appointment
    # Why it cannot stay where it is: “absent”, “closed”; "" where it can.
    displaced: str = ""
    is_elsewhere: bool = False

    @property
    def starts_at(self) -> dt.datetime:
        return self.appointment.starts_at

    @property
    def ends_at(self) -> dt.datetime:
        return self.appointment.ends_at

    @property
    def number_in_course(self) -> str:
        """“2 of 6”, “” where it belongs to no course."""
        one = self.appointment
        return f"{one.course_number} of {one.course.planned}" if one.course and one.course_number else ""

    @property
    def is_movable(self) -> bool:
        return self.appointment.status in STEPS_FROM["move"]

    @property
    def held_for(self) -> str:
        """Which kind keeps it on hold now; "" once it is clear again and waits for a word."""
        return self.appointment.held_for or ""  # type: ignore[attr-defined]


@dataclass(frozen=True)
class Lane:
    """A column's head: a person on a day, or a day of somebody's or a room's week."""

    day: dt.date
    practitioner: Staff | None = None
    room: Room | None = None
    reason: str = ""


@dataclass
class Diary:
    site: Site
    days: list[dt.date]
    lanes: list[Lane]
    rows: list[Row[Visit]]
    cancelled: list[Visit]
    displaced: list[Visit]
    hours: Hours
    mark: str
    away: list[Staff] = field(default_factory=list)
    people: list[Staff] = field(default_factory=list)

    @property
    def count(self) -> int:
        return len(
            {visit.appointment.pk for row in self.rows for cell in row.cells for lane in cell.lanes for visit in lane}
        )


def day_of(site: Site, day: dt.date, *, reader: Staff, now: dt.datetime) -> Diary:
    """Everybody who works at `site` on `day` or is booked there, side by side."""
    changed, people = newest_changes(), list(Staff.objects.practitioners().order_by("name", "pk"))
    found = list(standing(site, [day], reader=reader))
    hours = Hours.load(people, day, day)
    here = [one for one in people if hours.working(one, day, site.pk) and _belongs(one, hours, site)]
    booked_here = {one.practitioner for one in found if one.site_id == site.pk and one.status != Status.CANCELLED}
    shown = sorted({*here, *booked_here}, key=lambda one: (one.name, str(one.pk)))
    if not shown:
        shown = [one for one in people if one.site_id in (None, site.pk)]
    visits = _visits(found, hours, site, now)
    lanes = [Lane(day, practitioner=one, reason=_reason(one, hours, site, day)) for one in shown]
    columns = [_persons_column(lane.practitioner, day, site, hours, visits) for lane in lanes if lane.practitioner]
    away = [one for one in people if _belongs(one, hours, site) and one not in shown]
    return _drawn(site, [day], lanes, columns, visits, hours, now, mark_of(found, changed, now), away, people)


def week_of(site: Site, days: Sequence[dt.date], whose: Staff | Room, *, reader: Staff, now: dt.datetime) -> Diary:
    """Seven days of one practitioner or one room, side by side."""
    changed, people = newest_changes(), list(Staff.objects.practitioners().order_by("name", "pk"))
    found = list(standing(site, days, reader=reader, whose=whose))
    hours = Hours.load({*people, *([whose] if isinstance(whose, Staff) else [])}, days[0], days[-1])
    visits = _visits(found, hours, site, now)
    if isinstance(whose, Room):
        lanes = [Lane(day, room=whose, reason=_closed(hours, site, day)) for day in days]
        columns = [_rooms_column(day, site, hours, visits) for day in days]
    else:
        lanes = [Lane(day, practitioner=whose, reason=_reason(whose, hours, site, day)) for day in days]
        columns = [_persons_column(whose, day, site, hours, visits) for day in days]
    return _drawn(site, list(days), lanes, columns, visits, hours, now, mark_of(found, changed, now), [], people)


# --- What stands there ------------------------------------------------------------------------------------------------


def standing(
    site: Site, days: Sequence[dt.date], *, reader: Staff, whose: Staff | Room | None = None
) -> QuerySet[Appointment]:
    """The appointments of those days, cancelled ones too. One statement.

    A person is busy wherever they are: what those who work here have at another site is fetched as well.
    """
    begins, ends = day_bounds(days[0], zone_of(site))[0], day_bounds(days[-1], zone_of(site))[1]
    found = (
        Appointment.objects.visible_to(reader)
        # The index goes by the beginning; no appointment is longer than a day.
        .filter(starts_at__lt=ends, ends_at__gt=begins, starts_at__gt=begins - dt.timedelta(days=1))
        .with_people()
        .select_related("course", "site")
        # Infection before bruising: it is the graver one.
        .annotate(held_for=Subquery(open_blocking("patient").order_by("-kind").values("kind")[:1]))
        .order_by("starts_at", "pk")
    )
    if isinstance(whose, Room):
        return found.filter(room=whose)
    if whose is not None:
        return found.filter(practitioner=whose)
    works_here = Q(practitioner__in=WorkingHours.objects.filter(site=site).values("staff"))
    return found.filter(Q(site=site) | Q(practitioner__site=site) | Q(practitioner__site=None) | works_here)


def newest_changes() -> tuple[int | None, ...]:
    """The newest change of each of CHANGES_OF. One statement, each answer from the end of an index."""
    newest = [
        Subquery(model.history.model.objects.order_by("-history_id").values("history_id")[:1]) for model in CHANGES_OF
    ]
    return tuple(Site.objects.order_by("pk").values_list(*newest).first() or ())


def mark_of(found: Sequence[Appointment], changed: tuple[int | None, ...], now: dt.datetime) -> str:
    """A mark that changes with what the diary shows; and each quarter of an hour, for what has passed."""
    return _mark([tuple(attrgetter(name.replace("__", "."))(one) for name in SHOWN) for one in found], changed, now)


def mark_now(
    site: Site, days: Sequence[dt.date], *, reader: Staff, now: dt.datetime, whose: Staff | Room | None = None
) -> str:
    """The mark of the diary as it would be drawn now. Two statements."""
    changed = newest_changes()
    found = standing(site, days, reader=reader, whose=whose).select_related(None).values_list(*SHOWN)
    return _mark(list(found), changed, now)


def _mark(rows: list[tuple[object, ...]], changed: tuple[int | None, ...], now: dt.datetime) -> str:
    quarter = int(now.timestamp() // QUARTER.total_seconds())
    return hashlib.sha256(repr((rows, changed, quarter)).encode()).hexdigest()[:24]


# --- Columns ----------------------------------------------------------------------------------------------------------


def _visits(found: Sequence[Appointment], hours: Hours, site: Site, now: dt.datetime) -> list[Visit]:
    displaced = Displaced(hours)
    return [Visit(one, _why_displaced(one, displaced, now), is_elsewhere=one.site_id != site.pk) for one in found]


def _why_displaced(one: Appointment, displaced: Displaced, now: dt.datetime) -> str:
    """In a word, of one that is still to come."""
    if one.status not in TO_COME or one.starts_at < now:
        return ""
    blocker = displaced.reason(
        one.practitioner,
        one.starts_at,
        one.ends_at,
        room_site=one.room.site_id if one.room else None,
        room_out=one.room.name if one.room and not one.room.is_active else "",
    )
    return DISPLACED_BY[blocker.code] if blocker else ""


def _persons_column(who: Staff, day: dt.date, site: Site, hours: Hours, visits: Sequence[Visit]) -> Column[Visit]:
    is_here = who.is_active and who.is_practitioner and _belongs(who, hours, site)
    return Column(
        day,
        placed=[one for one in visits if one.appointment.practitioner_id == who.pk and _is_drawn(one)],
        open=[(one.starts_at, one.ends_at) for one in hours.openings(who, day, site.pk)] if is_here else [],
        kept=[(one.starts_at, one.ends_at) for one in hours.working(who, day, site.pk)] if is_here else [],
        closed="closed" if (site.pk, day) in hours.closed else "",
    )


def _rooms_column(day: dt.date, site: Site, hours: Hours, visits: Sequence[Visit]) -> Column[Visit]:
    opened = _site_hours(hours, site, day)
    return Column(
        day,
        placed=[one for one in visits if _is_drawn(one)],
        open=[] if (site.pk, day) in hours.closed else opened,
        kept=opened,
        closed="closed" if (site.pk, day) in hours.closed else "",
    )


def _drawn(
    site: Site,
    days: list[dt.date],
    lanes: list[Lane],
    columns: list[Column[Visit]],
    visits: Sequence[Visit],
    hours: Hours,
    now: dt.datetime,
    mark: str,
    away: list[Staff],
    people: list[Staff],
) -> Diary:
    otherwise = [stretch for day in days for stretch in _site_hours(hours, site, day)]
    return Diary(
        site=site,
        days=days,
        lanes=lanes,
        rows=rows_of(columns, zone_of(site), now, otherwise),
        cancelled=[one for one in visits if one.appointment.status == Status.CANCELLED and not one.is_elsewhere],
        displaced=[one for one in visits if one.displaced and not one.is_elsewhere],
        hours=hours,
        mark=mark,
        away=away,
        people=people,
    )


def _is_drawn(visit: Visit) -> bool:
    """Cancelled ones give their time back; elsewhere only what takes up time matters."""
    return visit.appointment.is_live if visit.is_elsewhere else visit.appointment.status != Status.CANCELLED


def _belongs(who: Staff, hours: Hours, site: Site) -> bool:
    """Who has hours of their own works where they say; who has none, at their own site."""
    return who.pk in hours.rows or who.site_id in (None, site.pk)


def _reason(who: Staff, hours: Hours, site: Site, day: dt.date) -> str:
    """Why the whole column is grey; "" where some of it is not."""
    if closed := _closed(hours, site, day):
        return closed
    if not (who.is_active and who.is_practitioner):
        return "not a practitioner here now"
    if not _belongs(who, hours, site) or not hours.working(who, day, site.pk):
        return "not working here"
    return "" if hours.openings(who, day, site.pk) else "absent"


def _closed(hours: Hours, site: Site, day: dt.date) -> str:
    if (site.pk, day) not in hours.closed:
        return ""
    why = hours.closed[site.pk, day]
    return f"closed ({why})" if why else "closed"


def _site_hours(hours: Hours, site: Site, day: dt.date) -> list[Stretch]:
    """When the site is open on any day that is not closed; none once it is out of use."""
    place = hours.places.get(site.pk)
    return [place.stretch(day, place.opens_at, place.closes_at)] if place else []


def zone_of(site: Site) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(site.time_zone)
