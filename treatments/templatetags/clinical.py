"""Codes of the clinical records in words."""

from typing import Any

from django import template
from django.db.models import Q
from django.utils import timezone

from clinic.wording import days
from patients.models import Patient
from treatments import worklists
from treatments.course import began
from treatments.models import Session, SideEffect, WaitingListEntry
from treatments.models.session import AsepsisItem

register = template.Library()


@register.filter
def places(session: Session) -> str:
    """“left thigh; abdomen”"""
    return "; ".join(SideEffect(site=place["site"], side=place.get("side", "")).where for place in session.sites)


@register.filter
def asepsis(session: Session) -> list[tuple[str, bool]]:
    """Every step of the clinic's list, and whether it was done: one left out is to be seen as such.

    A step that left the list since stands where it was done.
    """
    steps = AsepsisItem.objects.filter(Q(is_active=True) | Q(code__in=session.asepsis))
    return [(step.words, step.code in session.asepsis) for step in steps]


@register.filter
def wish_words(entry: WaitingListEntry) -> str:
    """“Wishes for Mesotherapy: mornings, with Rosa Lind.”"""
    return worklists.wish_words(entry)


@register.filter
def age(patient: Patient) -> int:
    return patient.age_on(timezone.localdate())


@register.filter
def since(side_effect: SideEffect) -> Any:
    """The day it is counted from."""
    return began(side_effect)


@register.filter
def lasted(side_effect: SideEffect) -> str:
    """“after 6 days”, from the beginning of a closed one to the look that found it gone."""
    count = (timezone.localdate(side_effect.closing_review.seen_at) - began(side_effect)).days  # type: ignore[union-attr]
    return f"after {days(count)}" if count > 0 else "the same day"
