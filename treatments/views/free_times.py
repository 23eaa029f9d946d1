"""How free times are shown: by day and practitioner, a button each. Booking, moving and a refusal's review share it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.utils import timezone

from clinic.models import Room, Staff
from clinic.wording import short_day
from treatments.models.training import mesotherapy_trained_until, trained_on
from treatments.times import FreeTime

# Looked through at a time; "more days" goes on after it.
LOOK_AHEAD = dt.timedelta(days=27)
DAYS_SHOWN = 3
# A practitioner's day begins with so many times, this far apart; every quarter of an hour is behind "more".
TIMES_SHOWN, SPACING = 7, dt.timedelta(minutes=30)


@dataclass(frozen=True)
class Offer:
    """A free time as a button: what it sends, and what it says."""

    time: FreeTime

    @property
    def value(self) -> str:
        room = self.time.room
        return f"{self.time.starts_at.isoformat()} {self.time.practitioner.pk} {room.pk if room else ''}".strip()

    @property
    def clock(self) -> str:
        """“09:15”; in the hour that comes twice with the zone's name, which tells the two apart."""
        local = timezone.localtime(self.time.starts_at)
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return f"{local:%H:%M} {local:%Z}" if twice else f"{local:%H:%M}"

    @property
    def on(self) -> dt.date:
        return timezone.localdate(self.time.starts_at)

    @property
    def words(self) -> str:
        """“Tue 24 Nov, 09:15 with Rosa Lind in Room 1”."""
        where = f" in {self.time.room.name}" if self.time.room else ""
        return f"{self.on:%a} {short_day(self.on)}, {self.clock} with {self.time.practitioner.name}{where}"


@dataclass
class WithOne:
    """One practitioner's free times of a day: a few of them, and all where that is more."""

    practitioner: Staff
    every: list[Offer] = field(default_factory=list)

    @property
    def few(self) -> list[Offer]:
        found: list[Offer] = []
        for offer in self.every:
            if len(found) == TIMES_SHOWN:
                break
            if not found or offer.time.starts_at - found[-1].time.starts_at >= SPACING:
                found.append(offer)
        return found

    @property
    def rest(self) -> list[Offer]:
        few = self.few
        return [offer for offer in self.every if offer not in few]


@dataclass
class FreeDay:
    day: dt.date
    people: list[WithOne] = field(default_factory=list)


@dataclass
class Offered:
    """What a page shows of free times from `first` on. `more_from` is the day to go on with."""

    first: dt.date
    last: dt.date
    more_from: dt.date
    days: list[FreeDay] = field(default_factory=list)
    asked: Offer | None = None

    @property
    def soonest(self) -> Offer | None:
        return min(
            (one.every[0] for day in self.days[:1] for one in day.people),
            key=lambda offer: offer.time.starts_at,
            default=None,
        )

    @property
    def words(self) -> str:
        """What is announced when the list has changed."""
        if not self.days:
            return f"Nothing is free from {_day(self.first)} to {_day(self.last)}."
        names = [_day(day.day) for day in self.days]
        return f"Free times on {', '.join(names[:-1])} and {names[-1]}." if names[1:] else f"Free times on {names[0]}."


def offered(
    times: Iterator[FreeTime],
    first: dt.date,
    *,
    most_days: int = DAYS_SHOWN,
    asked_at: dt.datetime | None = None,
    asked_of: Staff | None = None,
) -> Offered:
    """The first days that have a free time. `times` are those of `first` to LOOK_AHEAD later, soonest first.

    `asked_at` (and `asked_of`): a time that somebody has pointed at, in the diary for example.
    """
    shown = Offered(first, first + LOOK_AHEAD, first + LOOK_AHEAD + dt.timedelta(days=1))
    for time in times:
        offer = Offer(time)
        if not shown.days or shown.days[-1].day != offer.on:
            if len(shown.days) == most_days:
                shown.more_from = offer.on
                break
            shown.days.append(FreeDay(offer.on))
        people = shown.days[-1].people
        row = next((one for one in people if one.practitioner == time.practitioner), None)
        if row is None:
            row = WithOne(time.practitioner)
            people.append(row)
        row.every.append(offer)
        if shown.asked is None and time.starts_at == asked_at and asked_of in (None, time.practitioner):
            shown.asked = offer
    for day in shown.days:
        day.people.sort(key=lambda one: one.practitioner.name)
    return shown


def practitioners_on(day: dt.date, today: dt.date) -> QuerySet[Staff]:
    """Every practitioner with `is_trained` on that day, `is_trained_today` and `trained_until`. One statement."""
    return Staff.objects.practitioners().annotate(
        is_trained=trained_on(day), is_trained_today=trained_on(today), trained_until=mesotherapy_trained_until()
    )


def rooms_in_use() -> QuerySet[Room]:
    return Room.objects.filter(is_active=True, site__is_active=True).select_related("site")


def _length(offer: Offer) -> dt.timedelta:
    return offer.time.ends_at - offer.time.starts_at


def _day(day: dt.date) -> str:
    return f"{day:%a} {short_day(day)}"
