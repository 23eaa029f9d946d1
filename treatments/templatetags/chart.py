"""What the timeline says of codes."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import template

from patients.models import Consent
from treatments.models import Message, ReferralStep, Session, SheetGiven, SideEffect, SkinCheck
from treatments.models.contact import Call
from treatments.models.lot import LotUse, Product
from treatments.models.message import MessageKind
from treatments.models.session import Technique
from treatments.models.side_effect import Kind
from treatments.opening import RED_FLAGS
from treatments.refusal_words import attempted_words, refused_words

register = template.Library()

_CHOICES: dict[str, Any] = {
    "consent": Consent.Kind,
    "consent-withdrawn": Consent.Kind,
    "call": Call.Outcome,
    "skin-check": SkinCheck.Finding,
    "referral-step": ReferralStep.Step,
    "message": MessageKind,
    "side-effect-error": Kind,
}
register.filter("refused_words", refused_words)
register.filter("attempted_words", attempted_words)


@register.filter
def code_words(code: str, what: str) -> str:
    """The words of a line's code."""
    return dict(_CHOICES[what].choices).get(code, code)


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
def site_words(place: dict[str, Any]) -> str:
    """“left thigh: nappage, 4 mm deep, needle 30G, 1.2 ml”"""
    where = SideEffect(site=place.get("site", ""), side=place.get("side", "")).where
    technique = dict(Technique.choices).get(place.get("technique", ""), "")
    how = [
        str(technique).lower(),
        f"{place['depth_mm']} mm deep" if place.get("depth_mm") else "",
        f"needle {place['needle']}" if place.get("needle") else "",
        f"{place['volume_ml']} ml" if place.get("volume_ml") else "",
    ]
    said = ", ".join(one for one in how if one)
    return f"{where}: {said}" if said else where


@register.filter
def injected_lots(session: Session) -> list[LotUse]:
    return [use for use in session.lot_uses.all() if use.lot.product.use == Product.Use.INJECTED]


@register.filter
def anaesthetic_lots(session: Session) -> list[LotUse]:
    return [use for use in session.lot_uses.all() if use.lot.product.use == Product.Use.ANAESTHETIC]


@register.filter
def lot_words(use: LotUse) -> str:
    """“Lipostab, lot L2209-B, 2.50 ml”"""
    volume = f", {use.volume_ml} ml" if use.volume_ml is not None else ""
    return f"{use.lot.product.name}, lot {use.lot.number}{volume}"


@register.filter
def total_ml(session: Session) -> str:
    """“3.7”, of all sites; "" where a volume is not recorded."""
    try:
        found = [Decimal(str(place["volume_ml"])) for place in session.sites if place.get("volume_ml")]
    except InvalidOperation:
        return ""
    return f"{sum(found).normalize():f}" if found and len(found) == len(session.sites) else ""  # type: ignore[union-attr]
