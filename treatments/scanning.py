"""What a scanner types: GS1 text of a DataMatrix or bar code (GTIN, lot, expiry), or a lot's number by hand."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any

from biip import ParseError
from biip.gs1_messages import GS1Message
from biip.gtin import Gtin
from django.db.models import QuerySet
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import short_day
from treatments.lots import same_number
from treatments.models import Lot, Product

LONGEST = 200
FNC1 = "\x1d"
# How scanners show a sign that no keyboard has: what a GS1 text itself never holds.
_AS_FNC1 = re.compile(r"\{GS\}|<GS>|\^\]|[\u241d|~^]", re.IGNORECASE)
_SYMBOLOGY = re.compile(r"^\][A-Za-z][0-9]")
GTIN, LOT, EXPIRY = "01", "10", "17"  # GS1 application identifiers


@dataclass(frozen=True)
class Scanned:
    """`number` and `expires_on` are what the text held; a text that is no code is taken for a lot's number."""

    gtin: str = ""
    number: str = ""
    expires_on: dt.date | None = None


class NotFound(Exception):
    """Nothing to use; the sentence says why. With a product and a number, the lot may be received."""

    def __init__(self, words: str, *, product: Product | None = None, scanned: Scanned | None = None) -> None:
        super().__init__(words)
        self.product, self.scanned = product, scanned


def read(text: str) -> Scanned:
    """GTIN, lot and expiry out of what was typed. Raises NotFound where it is a code that cannot be read."""
    typed = _AS_FNC1.sub(FNC1, text.strip())
    bare = _SYMBOLOGY.sub("", typed).strip(FNC1)
    if re.fullmatch(r"\d{8}|\d{12,14}", bare) and (found := _gtin(bare)):
        return Scanned(gtin=found)
    held = _elements(bare)
    if GTIN in held and held[GTIN].gtin is not None:
        expiry = held.get(EXPIRY)
        return Scanned(
            gtin=held[GTIN].gtin.as_gtin_14(),
            number=held[LOT].value if LOT in held else "",
            expires_on=expiry.date if expiry else None,
        )
    if bare != typed or FNC1 in bare or re.match(r"\(\d\d|01\d{14}", bare):
        raise NotFound("This code cannot be read as a product's. Scan it again, or type the lot's number.")
    return Scanned(number=bare)


def _gtin(digits: str) -> str:
    """In 14 digits; "" where the check digit says it is none, as a lot's number may be of digits too."""
    try:
        return Gtin.parse(digits).as_gtin_14()
    except ParseError:
        return ""


def _elements(typed: str) -> dict[str, Any]:
    try:
        message = GS1Message.parse_hri(typed) if typed.startswith("(") else GS1Message.parse(typed)
    except ParseError:
        return {}
    return {element.ai.ai: element for element in message.element_strings}


def find_lot(text: str, *, by: Staff) -> Lot:
    """The lot that a scanned or typed text names. Raises NotFound with a sentence."""
    scanned = read(text)
    if not scanned.gtin:
        return _by_number(scanned.number, by)
    product = Product.objects.visible_to(by).filter(gtin=scanned.gtin).first()
    if product is None:
        raise NotFound(
            f"No product of the catalogue has the GTIN {scanned.gtin}. A manager can add it; until then type the "
            "lot's number, or choose it from the list."
        )
    if not scanned.number:
        raise NotFound(f"This code names {product.name}, but no lot. Scan the code that holds the lot, or choose it.")
    found = _of_number(scanned.number, Lot.objects.visible_to(by).filter(product=product))
    lot = found[0] if found else None
    if lot is None or lot.expires_on is None and lot.quarantined_at is None:
        if scanned.expires_on and scanned.expires_on < timezone.localdate():
            raise NotFound(f"{product.name}, lot {scanned.number}, expired on {short_day(scanned.expires_on)}.")
        raise NotFound(f"{product.name}, lot {scanned.number}, is not here yet.", product=product, scanned=scanned)
    if scanned.expires_on and lot.expires_on and scanned.expires_on < lot.expires_on:
        raise NotFound(
            f"The code says that {lot} expires on {short_day(scanned.expires_on)}, the record says "
            f"{short_day(lot.expires_on)}. Look at the box before it is used."
        )
    return lot


def _by_number(number: str, by: Staff) -> Lot:
    found = _of_number(number, Lot.objects.visible_to(by))
    if not found:
        raise NotFound(f"No lot here has the number “{number[:60]}”. Scan its code, or receive it under Lots.")
    if len({lot.product_id for lot in found}) > 1:
        raise NotFound(f"More than one product has a lot “{number}”. Choose it from the list.")
    return found[0]


def _of_number(number: str, among: QuerySet[Lot]) -> list[Lot]:
    """However it is spelt. One in quarantine first, so that no other spelling of it is taken; then as it was typed."""
    same = same_number(number)
    ids = [pk for pk, known in among.values_list("pk", "number") if same_number(known) == same]
    lots = among.select_related("product").filter(pk__in=ids)
    return sorted(lots, key=lambda lot: (lot.quarantined_at is None, lot.number != number, lot.number))
