"""Absences: somebody is not there. What is booked in it stays, and is listed to be moved; nothing new is booked into it."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from clinic.history import delete_by, save_by
from clinic.models import Absence, Staff
from clinic.roles import require
from clinic.wording import short_day

LONGEST = dt.timedelta(days=366)
FURTHEST = dt.timedelta(days=3 * 366)


@transaction.atomic
def record_absence(
    *,
    staff: Staff,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: Staff,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Absence:
    """`staff` is not there from `starts_at` to `ends_at`. Raises ValidationError by field."""
    require(by, "record-absence")
    now = now or timezone.now()
    absence = Absence(staff=_lock(staff), created_by=by, created_at=now)
    return _save(absence, starts_at, ends_at, reason, by, now)


@transaction.atomic
def change_absence(
    *,
    absence: Absence,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    by: Staff,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Absence:
    """Other times or another reason. Raises ValidationError by field."""
    require(by, "record-absence")
    _lock(absence.staff)
    absence = Absence.objects.select_for_update(of=("self",)).select_related("staff").get(pk=absence.pk)
    return _save(absence, starts_at, ends_at, reason, by, now or timezone.now())


@transaction.atomic
def remove_absence(*, absence: Absence, by: Staff) -> Staff:
    """They are there after all; removed twice is removed once. Whose it was is answered."""
    require(by, "record-absence")
    staff = _lock(absence.staff)
    standing = Absence.objects.filter(pk=absence.pk).first()
    if standing is not None:
        delete_by(standing, by)
    return staff


def _lock(staff: Staff) -> Staff:
    """A booking locks its practitioner too, so it sees the absence or is there before it."""
    return Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)


def _save(
    absence: Absence, starts_at: dt.datetime, ends_at: dt.datetime, reason: str, by: Staff, now: dt.datetime
) -> Absence:
    if ends_at <= starts_at:
        raise ValidationError({"ends_at": "The absence ends before it begins."})
    if ends_at - starts_at > LONGEST:
        raise ValidationError({"ends_at": "That is longer than a year; record it in parts."})
    if starts_at > now + FURTHEST or ends_at < now - FURTHEST:
        raise ValidationError({"starts_at": "That is more than three years away."})
    others = Absence.objects.filter(staff=absence.staff, starts_at__lt=ends_at, ends_at__gt=starts_at)
    other = others.exclude(pk=absence.pk).first()
    if other is not None:
        raise ValidationError({"starts_at": f"{absence.staff.name} is absent {span(other)} already; change that one."})
    absence.starts_at, absence.ends_at, absence.reason = starts_at, ends_at, reason.strip()
    return save_by(absence, by)


def span(absence: Absence) -> str:
    """“30 Nov – 4 Dec”, “on 30 Nov” or “on 30 Nov from 13:00 to 17:30”, on the clock in use."""
    begins, ends = timezone.localtime(absence.starts_at), timezone.localtime(absence.ends_at)
    if begins.time() == ends.time() == dt.time():
        last = ends.date() - dt.timedelta(days=1)
        whole = begins.date() == last
        return f"on {short_day(last)}" if whole else f"{short_day(begins.date())} – {short_day(last)}"
    if begins.date() == ends.date():
        return f"on {short_day(begins.date())} from {begins:%H:%M} to {ends:%H:%M}"
    return f"{short_day(begins.date())} {begins:%H:%M} – {short_day(ends.date())} {ends:%H:%M}"
