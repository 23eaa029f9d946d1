"""What stands in a session's lists of lots: what can be used today, what it holds already, what was just chosen."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import short_day
from treatments.models import Lot


class Stock:
    """Read once for a page, in one statement."""

    def __init__(self, lots: Iterable[Lot]) -> None:
        self.lots = list(lots)

    def choices(self, use: str) -> list[Any]:
        """Grouped by product, soonest expiry first."""
        grouped: dict[str, list[tuple[str, str]]] = {}
        for lot in self.lots:
            if lot.product.use == use:
                grouped.setdefault(lot.product.name, []).append((str(lot.pk), lot_words(lot)))
        return [("", "–"), *grouped.items()]


def stock_for(staff: Staff, day: dt.date, *, also: Iterable[object] = ()) -> Stock:
    """Lots usable on `day`. `also` are ids that stand in the record or were sent by a form, usable or not."""
    known = {found for one in also if (found := _id(one))}
    visible = Lot.objects.visible_to(staff).select_related("product")
    usable = Q(quarantined_at=None, expires_on__gte=day, product__is_active=True)
    return Stock(visible.filter(usable | Q(pk__in=known)))


def lot_words(lot: Lot) -> str:
    """“Lipostab L2209-B, expires 3 Dec”; what speaks against it is said. Short, for the width of a phone."""
    expires = f"expires {short_day(lot.expires_on)}" if lot.expires_on else "expiry not known"
    if lot.expires_on and lot.expires_on < timezone.localdate():
        expires = f"expired {short_day(lot.expires_on)}"
    held = ", in quarantine" if lot.quarantined_at else ""
    return f"{lot.product.name} {lot.number}, {expires}{held}"


def _id(value: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(value))
    except ValueError:
        return None
