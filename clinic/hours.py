"""Who is there when: working hours, less absences and closed days. One statement however many people and days.

Hours are kept on the site's clock and answered in UTC, so that a day of 23 or 25 hours is no special case.
"""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast

from clinic.models import Absence, ClosedDay, Site, Staff, WorkingHours
from clinic.models.hours import MIDNIGHT
from clinic.refusals import Blocker
from clinic.wording import short_day

CLOSED_DAY, ABSENT, OUTSIDE_HOURS = "closed-day", "practitioner-absent", "outside-hours"
HOURS_CODES = (CLOSED_DAY, ABSENT, OUTSIDE_HOURS)
ANOTHER_TIME = "Choose another time or practitioner."


@dataclass(frozen=True)
class Opening:
    """A stretch in which somebody can be booked at a site: [starts_at, ends_at) in UTC."""

    site: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime


@dataclass(frozen=True)
class _Place:
    name: str
    zone: zoneinfo.ZoneInfo
    opens_at: dt.time
    closes_at: dt.time

    def stretch(self, day: dt.date, starts: dt.time, ends: dt.time) -> tuple[dt.datetime, dt.datetime]:
        last = day + dt.timedelta(days=1) if ends == MIDNIGHT else day
        return self._moment(day, starts), self._moment(last, ends)

    def _moment(self, day: dt.date, clock: dt.time) -> dt.datetime:
        return dt.datetime.combine(day, clock, tzinfo=self.zone).astimezone(dt.UTC)


@dataclass(frozen=True)
class _Row:
    site: uuid.UUID
    weekday: int
    starts: dt.time
    ends: dt.time
    first: dt.date | None
    last: dt.date | None

    def holds_on(self, day: dt.date) -> bool:
        return (
            self.weekday == day.weekday()
            and (self.first is None or self.first <= day)
            and (self.last is None or day <= self.last)
        )


@dataclass
class Hours:
    """The hours of some people over some days; `load` asks the database, the rest does not."""

    places: dict[uuid.UUID, _Place] = field(default_factory=dict)
    rows: dict[uuid.UUID, list[_Row]] = field(default_factory=dict)
    absences: dict[uuid.UUID, list[tuple[dt.datetime, dt.datetime]]] = field(default_factory=dict)
    closed: dict[tuple[uuid.UUID, dt.date], str] = field(default_factory=dict)

    @classmethod
    def load(cls, people: Iterable[Staff], first: dt.date, last: dt.date) -> "Hours":
        """For the days `first` to `last`, both included and those beside them, on any site's clock. One statement."""
        hours = cls()
        for kind, staff, site, text, a, b, c, d in _query([one.pk for one in people], first, last):
            if kind == "hours":
                row = _Row(uuid.UUID(site), int(text), _time(a), _time(b), _day(c), _day(d))
                hours.rows.setdefault(uuid.UUID(staff), []).append(row)
            elif kind == "absent":
                hours.absences.setdefault(uuid.UUID(staff), []).append((_moment(a), _moment(b)))
            elif kind == "closed":
                hours.closed[uuid.UUID(site), dt.date.fromisoformat(a)] = text
            else:
                hours.places[uuid.UUID(site)] = _Place(text, zoneinfo.ZoneInfo(c), _time(a), _time(b))
        return hours

    def working(self, staff: Staff, day: dt.date, site: uuid.UUID | None = None) -> list[Opening]:
        """The hours as they are kept for that day (at `site`), whether or not it is closed or the person absent."""
        if staff.pk in self.rows:
            found = [row for row in self.rows[staff.pk] if row.holds_on(day) and row.site in self.places]
            stretches = [(row.site, row.starts, row.ends) for row in found]
        else:
            home = self._home(staff, site)
            stretches = [(home, self.places[home].opens_at, self.places[home].closes_at)] if home else []
        made = [Opening(place, *self.places[place].stretch(day, starts, ends)) for place, starts, ends in stretches]
        here = [one for one in made if one.starts_at < one.ends_at and site in (None, one.site)]
        return sorted(here, key=lambda one: one.starts_at)

    def _home(self, staff: Staff, site: uuid.UUID | None) -> uuid.UUID | None:
        """Where somebody without hours of their own works: at the site asked for, else their own, else the first."""
        return next((one for one in (site, staff.site_id, *self.places) if one in self.places), None)

    def openings(self, staff: Staff, day: dt.date, site: uuid.UUID | None = None) -> list[Opening]:
        """When `staff` can be booked on `day` (at `site`): their hours less closed days and absences, in time order."""
        standing = [one for one in self.working(staff, day, site) if (one.site, day) not in self.closed]
        return [piece for one in standing for piece in _less(one, self.absences.get(staff.pk, []))]

    def site_for(self, staff: Staff, starts_at: dt.datetime, ends_at: dt.datetime) -> uuid.UUID | None:
        """Where `staff` is then, or None when nowhere for all of that time."""
        there = (one for one in self._around(staff, starts_at) if one.starts_at <= starts_at and ends_at <= one.ends_at)
        return next((one.site for one in there), None)

    def blockers(
        self, staff: Staff, starts_at: dt.datetime, ends_at: dt.datetime, *, site: uuid.UUID | None = None
    ) -> list[Blocker]:
        """Why `staff` cannot be booked then (at `site`, where one is given); [] when they can. One reason at most."""
        for one in self._around(staff, starts_at, site):
            if one.starts_at <= starts_at and ends_at <= one.ends_at:
                return []
        return [self._reason(staff, starts_at, ends_at, site)]

    def _around(self, staff: Staff, moment: dt.datetime, site: uuid.UUID | None = None) -> list[Opening]:
        """The openings of the days that this moment can be on; one that goes on after midnight is one."""
        return joined([opening for day in _days_of(moment) for opening in self.openings(staff, day, site)])

    def _reason(self, staff: Staff, starts_at: dt.datetime, ends_at: dt.datetime, site: uuid.UUID | None) -> Blocker:
        home = self._home(staff, site)
        place = self.places.get(home) if home else None
        if home is None or place is None:
            return Blocker(OUTSIDE_HOURS, "The clinic has no open site.", lifts_when="A manager opens one.")
        day = starts_at.astimezone(place.zone).date()
        if (home, day) in self.closed:
            why = self.closed[home, day]
            words = f"{place.name} is closed on {short_day(day)}{f' ({why})' if why else ''}."
            return Blocker(CLOSED_DAY, words, lifts_when="Choose another day.")
        if any(starts_at < end and ends_at > start for start, end in self.absences.get(staff.pk, [])):
            return Blocker(ABSENT, f"{staff.name} is absent then.", lifts_when=ANOTHER_TIME)
        there = self.working(staff, day, site)
        if not there:
            where = f" at {place.name}" if site else ""
            return Blocker(
                OUTSIDE_HOURS, f"{staff.name} does not work{where} on {short_day(day)}.", lifts_when=ANOTHER_TIME
            )
        times = " and ".join(f"{_clock(one.starts_at, place)}–{_clock(one.ends_at, place)}" for one in there)
        return Blocker(OUTSIDE_HOURS, f"{staff.name} works {times} on {short_day(day)}.", lifts_when=ANOTHER_TIME)


def joined(openings: Iterable[Opening]) -> list[Opening]:
    """In time order; one that goes on where another of its site ends is one with it."""
    made: list[Opening] = []
    for one in sorted(openings, key=lambda opening: opening.starts_at):
        last = made[-1] if made else None
        if last and last.site == one.site and last.ends_at == one.starts_at:
            made[-1] = Opening(one.site, last.starts_at, one.ends_at)
        else:
            made.append(one)
    return made


def _less(one: Opening, absences: Sequence[tuple[dt.datetime, dt.datetime]]) -> Iterator[Opening]:
    begins = one.starts_at
    for start, end in sorted(absences):
        if end <= begins or start >= one.ends_at:
            continue
        if start > begins:
            yield Opening(one.site, begins, start)
        begins = max(begins, end)
    if begins < one.ends_at:
        yield Opening(one.site, begins, one.ends_at)


def _days_of(moment: dt.datetime) -> list[dt.date]:
    """The days that this moment can be on, whichever zone a site is in."""
    day = moment.astimezone(dt.UTC).date()
    return [day - dt.timedelta(days=1), day, day + dt.timedelta(days=1)]


def _clock(moment: dt.datetime, place: _Place) -> str:
    return f"{moment.astimezone(place.zone):%H:%M}"


def _query(people: list[uuid.UUID], first: dt.date, last: dt.date):  # type: ignore[no-untyped-def]
    """One row a fact, every column as text, so that four tables fit one UNION on both databases."""
    day = dt.timedelta(days=1)
    earliest, latest = (dt.datetime.combine(on, dt.time(), tzinfo=dt.UTC) for on in (first - day, last + 2 * day))
    # Those of other days too: who has any hours of their own is there in those only, not whenever the site is open.
    hours = WorkingHours.objects.filter(staff__in=people).order_by()
    absences = Absence.objects.filter(staff__in=people, starts_at__lt=latest, ends_at__gt=earliest).order_by()
    closed = ClosedDay.objects.filter(day__gte=first - day, day__lte=last + day).order_by()
    sites = Site.objects.filter(is_active=True).order_by()
    return _columns(
        hours, "hours", "staff_id", "site_id", "weekday", "starts_at", "ends_at", "valid_from", "valid_until"
    ).union(
        _columns(absences, "absent", "staff_id", None, None, "starts_at", "ends_at", None, None),
        _columns(closed, "closed", None, "site_id", "reason", "day", None, None, None),
        _columns(sites, "site", None, "id", "name", "opens_at", "closes_at", "time_zone", None),
        all=True,
    )


def _columns(rows: QuerySet[Any], kind: str, *names: str | None):  # type: ignore[no-untyped-def]
    text = CharField()
    made = {f"t{number}": Cast(name or Value(""), text) for number, name in enumerate(names)}
    return rows.annotate(kind=Cast(Value(kind), text), **made).values_list("kind", *made)


def _time(text: str) -> dt.time:
    return dt.time.fromisoformat(text)


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _moment(text: str) -> dt.datetime:
    """SQLite keeps UTC without saying so."""
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
