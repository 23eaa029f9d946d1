"""Codes of the clinical records in words."""

from typing import Any

from django import template
from django.utils import timezone

from clinic.wording import days
from patients.models import Patient
from treatments import worklists
from treatments.course import began
from treatments.models import Session, SideEffect, WaitingListEntry
from treatments.models.session import Asepsis

register = template.Library()


@register.filter
def places(session: Session) -> str:
    """“left thigh; abdomen”"""
    return "; ".join(SideEffect(site=place["site"], side=place.get("side", "")).where for place in session.sites)


@register.filter
def injected(session: Session) -> str:
    """“Lipostab, lot L2209-B; Saline”"""
    named = ((product["name"], product.get("lot", "")) for product in session.products)
    return "; ".join(f"{name}, lot {lot}" if lot else name for name, lot in named)


@register.filter
def anaesthetic(session: Session) -> str:
    """“given: Lidocaine, lot 7”"""
    said = session.get_anaesthetic_display().lower() if session.anaesthetic else ""
    lot = f"lot {session.anaesthetic_lot}" if session.anaesthetic_lot else ""
    named = ", ".join(part for part in (session.anaesthetic_agent, lot) if part)
    return f"{said}: {named}" if named else said


@register.filter
def asepsis(session: Session) -> list[tuple[str, bool]]:
    """Every step, and whether it was done: one left out is to be seen as such."""
    return [(step.label, step.value in session.asepsis) for step in Asepsis]


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
