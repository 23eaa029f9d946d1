"""Filters every template may use: permissions, days, a blocker's words for its reader."""

import datetime as dt

from django import template
from django.utils import timezone

from clinic import wording
from clinic.models import Staff
from clinic.refusals import Blocker

register = template.Library()


@register.filter
def may(staff: object, permission: str) -> bool:
    """{% if user|may:"book" %}"""
    return isinstance(staff, Staff) and staff.may(permission)


@register.filter
def words_for(blocker: Blocker, staff: Staff) -> str:
    return blocker.words_for(staff)


@register.filter
def day(moment: dt.date | dt.datetime | None) -> str:
    """“3 Nov”, in the reader's time zone."""
    if moment is None:
        return ""
    return wording.short_day(timezone.localtime(moment).date() if isinstance(moment, dt.datetime) else moment)


@register.filter
def count_days(count: int) -> str:
    return wording.days(count)
