"""When the clinic is open: a site's daily times and closed days, and each practitioner's weekly hours."""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.history import delete_by, save_by
from clinic.models import ClosedDay, Site, Staff, WorkingHours
from clinic.models.hours import MIDNIGHT, Weekday
from clinic.roles import require
from clinic.wording import short_day

MOST_DAYS = 31
FURTHEST = dt.timedelta(days=3 * 366)


@transaction.atomic
def add_working_hours(
    *,
    staff: Staff,
    site: Site,
    weekdays: Collection[int],
    starts_at: dt.time,
    ends_at: dt.time,
    by: Staff,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> Staff:
    """The same stretch on each of these weekdays; a break is the gap to the next. Raises ValidationError by field."""
    require(by, "manage-clinic")
    staff = _lock(staff)
    for weekday in sorted(set(weekdays)):
        row = WorkingHours(
            staff=staff,
            site=site,
            weekday=weekday,
            starts_at=starts_at,
            ends_at=ends_at,
            valid_from=valid_from,
            valid_until=valid_until,
        )
        _save(row, by)
    return staff


@transaction.atomic
def change_working_hours(
    *,
    hours: WorkingHours,
    site: Site,
    starts_at: dt.time,
    ends_at: dt.time,
    by: Staff,
    valid_from: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> WorkingHours:
    """Other times, another site, or other days between which it holds. Raises ValidationError by field."""
    require(by, "manage-clinic")
    _lock(hours.staff)
    row = WorkingHours.objects.select_related("staff").get(pk=hours.pk)
    row.site, row.starts_at, row.ends_at = site, starts_at, ends_at
    row.valid_from, row.valid_until = valid_from, valid_until
    return _save(row, by)


@transaction.atomic
def remove_working_hours(*, hours: WorkingHours, by: Staff) -> Staff:
    """That stretch no longer; the history keeps it. Removed twice is removed once. Whose it was is answered."""
    require(by, "manage-clinic")
    staff = _lock(hours.staff)
    standing = WorkingHours.objects.filter(pk=hours.pk).first()
    if standing is not None:
        delete_by(standing, by)
    return staff


@transaction.atomic
def change_opening_times(*, site: Site, opens_at: dt.time, closes_at: dt.time, by: Staff) -> Site:
    """For every day but closed ones, and for whom no weekly hours are kept. Raises ValidationError by field."""
    require(by, "manage-clinic")
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    if closes_at != MIDNIGHT and closes_at <= opens_at:
        raise ValidationError({"closes_at": "It closes before it opens."})
    site.opens_at, site.closes_at = opens_at, closes_at
    return save_by(site, by)


@transaction.atomic
def close_site(
    *,
    site: Site,
    first: dt.date,
    by: Staff,
    last: dt.date | None = None,
    reason: str = "",
    today: dt.date | None = None,
) -> Site:
    """Closed from `first` to `last`, or on that one day; days that are closed already stay so. Raises ValidationError."""
    require(by, "manage-clinic")
    last, today = last or first, today or timezone.localdate()
    if last < first:
        raise ValidationError({"last": "The last day is before the first."})
    if (last - first).days >= MOST_DAYS:
        raise ValidationError({"last": f"That is more than {MOST_DAYS} days; close it in parts."})
    if last < today:
        raise ValidationError({"first": "That day has passed."})
    if first > today + FURTHEST:
        raise ValidationError({"first": "That is more than three years ahead."})
    site = Site.objects.select_for_update(no_key=True).get(pk=site.pk)
    closed = set(ClosedDay.objects.filter(site=site, day__range=(first, last)).values_list("day", flat=True))
    days = [first + dt.timedelta(days=number) for number in range((last - first).days + 1)]
    missing = [day for day in days if day not in closed]
    if not missing:
        raise ValidationError({"first": f"{site.name} is closed on {short_day(first)} already."})
    for day in missing:
        save_by(ClosedDay(site=site, day=day, reason=reason.strip()), by)
    return site


@transaction.atomic
def reopen_site(*, closed_day: ClosedDay, by: Staff) -> Site:
    """Open on that day after all; the history keeps that it was to be closed."""
    require(by, "manage-clinic")
    site = Site.objects.select_for_update(no_key=True).get(pk=closed_day.site_id)
    standing = ClosedDay.objects.filter(pk=closed_day.pk).first()
    if standing is not None:
        delete_by(standing, by)
    return site


def _lock(staff: Staff) -> Staff:
    return Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)


def _save(row: WorkingHours, by: Staff) -> WorkingHours:
    row.clean()
    for other in WorkingHours.objects.filter(staff=row.staff, weekday=row.weekday).exclude(pk=row.pk):
        if _shares_time(row, other):
            times = f"{other.starts_at:%H:%M}–{other.ends_at:%H:%M}"
            on_days = f"{Weekday(row.weekday).label}s"
            raise ValidationError(
                {"starts_at": f"{row.staff.name} works {times} on {on_days} already; change that one."}
            )
    return save_by(row, by)


def _shares_time(one: WorkingHours, other: WorkingHours) -> bool:
    ends, other_ends = (row.ends_at if row.ends_at != MIDNIGHT else dt.time.max for row in (one, other))
    if not (one.starts_at < other_ends and other.starts_at < ends):
        return False
    both_from = max(row.valid_from or dt.date.min for row in (one, other))
    both_until = min(row.valid_until or dt.date.max for row in (one, other))
    return both_from <= both_until
