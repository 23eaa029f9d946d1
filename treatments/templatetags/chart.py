"""What the timeline says of codes."""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from django import template
from django.utils import timezone

from clinic.wording import short_day
from patients.models import Consent
from treatments.body_marks import body_map_of
from treatments.course import Course, began
from treatments.models import Message, Photo, RecallCall, ReferralStep, Session, SheetGiven, SideEffect, SkinCheck
from treatments.models.appointment import Status
from treatments.models.contact import Call
from treatments.models.lot import LotUse, Product
from treatments.models.message import MessageKind
from treatments.models.side_effect import Kind
from treatments.opening import RED_FLAGS
from treatments.refusal_words import attempted_words, refused_words

register = template.Library()
NOTHING: tuple[Any, ...] = (None, "", [], {})

_CHOICES: dict[str, Any] = {
    "consent": Consent.Kind,
    "consent-withdrawn": Consent.Kind,
    "call": Call.Outcome,
    "skin-check": SkinCheck.Finding,
    "recall-told": RecallCall.How,
    "referral-step": ReferralStep.Step,
    "message": MessageKind,
    "appointment": Status,
    "side-effect-error": Kind,
}
register.filter("refused_words", refused_words)
register.filter("attempted_words", attempted_words)


@register.filter
def code_words(code: str, what: str) -> str:
    """The words of a line's code."""
    return str(dict(_CHOICES[what].choices).get(code, code))


@register.filter
def sent_words(status: str) -> str:
    return str(dict(Message.Status.choices).get(status, status)).lower()


@register.filter
def given_words(how: str) -> str:
    return str(dict(SheetGiven.How.choices).get(how, how)).lower()


@register.filter
def red_flags(side_effect: SideEffect) -> str:
    return ", ".join(RED_FLAGS.get(code, code).lower() for code in side_effect.red_flags)


@register.filter
def site_lines(session: Session) -> list[str]:
    """“Left thigh, front, nappage, 4 mm deep, needle 30G, 1.2 ml”, one a site."""
    return [line.words for line in body_map_of(session.sites).sites]


@register.simple_tag
def open_side_effects(courses: Iterable[Course]) -> list[SideEffect]:
    return [course.side_effect for course in courses]


@register.filter
def injected_lots(session: Session) -> list[LotUse]:
    return [use for use in session.lot_uses.all() if use.lot.product.use == Product.Use.INJECTED]


@register.filter
def anaesthetic_lots(session: Session) -> list[LotUse]:
    return [use for use in session.lot_uses.all() if use.lot.product.use == Product.Use.ANAESTHETIC]


@register.filter
def lot_words(use: LotUse) -> str:
    """“Lipostab, lot L2209-B, expires 31 Mar 2027, 2.50 ml”"""
    lot = use.lot
    expires = f", expires {lot.expires_on.day} {lot.expires_on:%b %Y}" if lot.expires_on else ", expiry not recorded"
    volume = f", {use.volume_ml} ml" if use.volume_ml is not None else ""
    since = timezone.localdate(lot.quarantined_at) if lot.quarantined_at else None
    held = f" (in quarantine since {short_day(since)}: {lot.quarantine_reason})" if since else ""
    return f"{lot.product.name}, lot {lot.number}{expires}{volume}{held}"


@register.filter
def total_ml(session: Session) -> str:
    """“3.7”, of all sites; "" where a volume is not recorded."""
    try:
        found = [Decimal(str(place["volume_ml"])) for place in session.sites if place.get("volume_ml")]
    except InvalidOperation:
        return ""
    return f"{sum(found).normalize():f}" if found and len(found) == len(session.sites) else ""  # type: ignore[union-attr]


@register.filter
def course_day(side_effect: SideEffect, at: dt.datetime) -> str:
    """“day 5”, counted from the day it began; "" before that."""
    count = (timezone.localdate(at) - began(side_effect)).days
    return f"day {count}" if count >= 0 else ""


# --- Of the whole chart's document (treatments/chart_document.py) -------------------------------------------------------


@register.filter
def plain(value: Any) -> str:
    """A value of the document as it is read: “3 Nov 2026, 10:00”, “On hold”, “–”."""
    if value in NOTHING:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        place = body_map_of([value]).sites[0].words if "site" in value else ""
        return place or str(value.get("words") or json.dumps(value, ensure_ascii=False))
    if isinstance(value, list):
        return "; ".join(plain(one) for one in value)
    return _moment_words(value) if isinstance(value, str) else str(value)


@register.filter
def change_words(change: dict[str, Any]) -> str:
    """“confirmed: status from On hold to Booked”. What was empty before is named only: it stands in its own place."""
    if change.get("entered"):
        return f"entered ({change['why']})" if change["why"] else "entered"
    parts, filled = [], []
    for name, one in change["changed"].items():
        words = name.replace("_", " ")
        if one["from"] in NOTHING:
            filled.append(words)
        else:
            parts.append(f"{words} from {plain(one['from'])} to {plain(one['to'])}")
    if filled:
        parts.append(f"{', '.join(filled)} written down")
    return ": ".join(part for part in (change["why"], "; ".join(parts)) if part)


@register.filter
def lot_change_words(change: dict[str, Any]) -> str:
    """“put in: Lipostab, lot L2209-B, 2.50 ml”"""
    volume = f", {change['volume_ml']} ml" if change["volume_ml"] else ""
    return f"{change['what']}: {change['product']}, lot {change['lot_number']}{volume}"


def _moment_words(text: str) -> str:
    try:
        if len(text) == len("2026-11-03"):
            day = dt.date.fromisoformat(text)
            return f"{day.day} {day:%b %Y}"
        at = dt.datetime.fromisoformat(text) if text[10:11] == "T" else None
    except ValueError:
        return text
    return f"{at.day} {at:%b %Y, %H:%M}" if at else text


@register.filter
def picture_number(numbers: dict[Any, int], photo: Photo) -> int | None:
    """Under which number the photo stands among the pictures of a printed chart; None where it is left out."""
    return numbers.get(photo.pk)
