"""Months on a site's own clock: which one a session belongs to, and where it begins and ends."""

import datetime as dt
import zoneinfo
from collections.abc import Iterator, Sequence

from django.db.models import Min, Q, QuerySet

from clinic.models import Site
from treatments.models import Session
from treatments.models.treatment import Family


def month_of(moment: dt.datetime, zone: str) -> dt.date:
    """The first day of the month that `moment` falls in on the clock of `zone`."""
    return moment.astimezone(zoneinfo.ZoneInfo(zone)).date().replace(day=1)


def next_month(month: dt.date) -> dt.date:
    return (month + dt.timedelta(days=31)).replace(day=1)


def months_back(month: dt.date, count: int) -> dt.date:
    """So many months before; not before the calendar begins."""
    number = max(month.year * 12 + month.month - 1 - count, 12)
    return dt.date(number // 12, number % 12 + 1, 1)


def months_between(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Both among them."""
    while first <= last:
        yield first
        first = next_month(first)


def zones() -> list[str]:
    """The time zones of the clinic's sites, closed ones too."""
    return sorted(set(Site.objects.order_by().values_list("time_zone", flat=True)))


def begun_in(month: dt.date, of_zones: Sequence[str]) -> QuerySet[Session]:
    """The mesotherapy sessions that stand and began in that month, each on the clock of its own site (its appointment's)."""
    begun = Q(pk__in=[])
    for zone in of_zones:
        starts, ends = (midnight(day, zone) for day in (month, next_month(month)))
        begun |= Q(appointment__site__time_zone=zone, started_at__gte=starts, started_at__lt=ends)
    # The outer bounds once more, in words an index answers.
    starts, ends = (midnight(day, "UTC") for day in (month, next_month(month)))
    near = Q(started_at__gte=starts - dt.timedelta(days=1), started_at__lt=ends + dt.timedelta(days=1))
    return Session.objects.standing().filter(near, begun, family=Family.MESOTHERAPY).order_by()


def midnight(day: dt.date, zone: str) -> dt.datetime:
    """When that day begins there, in UTC."""
    return dt.datetime.combine(day, dt.time(), tzinfo=zoneinfo.ZoneInfo(zone)).astimezone(dt.UTC)


def all_months(now: dt.datetime) -> list[dt.date]:
    """From that of the first session to this one, where the calendar is furthest; [] before the first session."""
    of_zones = zones()
    first = Session.objects.aggregate(first=Min("started_at"))["first"]
    if first is None or not of_zones:
        return []
    begins = min(month_of(first, zone) for zone in of_zones)
    return list(months_between(begins, max(month_of(now, zone) for zone in of_zones)))
