"""Lots as they stand on a shelf: in use, expiring soon, in quarantine, expired."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from treatments.models import Lot

SOON = dt.timedelta(days=30)
# What expired is looked up in the records for years; on the list it stands for a while.
EXPIRED_SHOWN = dt.timedelta(days=90)


@dataclass(frozen=True)
class Group:
    name: str
    lots: list[Lot]


def in_groups(lots: QuerySet[Lot], today: dt.date) -> list[Group]:
    """One statement; groups without lots are left out. A lot stands in one group, the gravest first."""
    groups: dict[str, list[Lot]] = {name: [] for name in ("In quarantine", "Expires soon", "In use", "Expired")}
    recent = lots.exclude(quarantined_at=None, expires_on__lt=today - EXPIRED_SHOWN).exclude(expires_on=None)
    for lot in recent.order_by("expires_on", "product__name", "number"):
        groups[_group(lot, today)].append(lot)
    return [Group(name, found) for name, found in groups.items() if found]


def _group(lot: Lot, today: dt.date) -> str:
    if lot.quarantined_at is not None:
        return "In quarantine"
    if lot.expires_on is None or lot.expires_on < today:
        return "Expired"
    return "Expires soon" if lot.expires_on <= today + SOON else "In use"
