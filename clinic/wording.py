"""How dates read in sentences, and when a day begins."""

import datetime as dt

from django.utils import timezone


def short_day(day: dt.date, *, today: dt.date | None = None) -> str:
    """“3 Nov”, with the year once it is not this one."""
    today = today or timezone.localdate()
    text = f"{day.day} {day:%b}"
    return text if day.year == today.year else f"{text} {day.year}"


def moment(at: dt.datetime) -> str:
    """“3 Nov, 14:05”, on the clock of the site."""
    local = timezone.localtime(at)
    return f"{short_day(local.date())}, {local:%H:%M}"


def days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def midnight_before(now: dt.datetime) -> dt.datetime:
    """When today began, on the clock of the site."""
    return timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
