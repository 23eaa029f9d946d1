"""Products and their lots: put into the catalogue, received, opened, quarantined, released."""

import datetime as dt
import unicodedata
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from treatments.models import Lot, Product, Recall
from treatments.models.lot import LotUse
from treatments.operation import operation

OF_A_PRODUCT = ("name", "use", "gtin", "allergens", "most_ml", "use_within_days", "is_active")
# Records are read by these, so they stay once the product stands in one.
FIXED_ONCE_USED = ("name", "use")


@operation("manage-clinic")
def add_product(*, name: str, by: Staff, **fields: Any) -> Product:
    """Raises ValidationError by field."""
    return _save_product(Product(), by, name=name, **fields)


@operation("manage-clinic")
def change_product(*, product: Product, by: Staff, **fields: Any) -> Product:
    """Raises ValidationError by field, also where the name or use of a product changes that stands in a record."""
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    changed = [name for name in FIXED_ONCE_USED if name in fields and fields[name] != getattr(product, name)]
    if changed and LotUse.objects.filter(lot__product=product).exists():
        raise ValidationError(
            dict.fromkeys(changed, "It stands in sessions' records, so this stays. Add another product.")
        )
    return _save_product(product, by, **fields)


def _save_product(product: Product, by: Staff, **fields: Any) -> Product:
    for name, value in fields.items():
        if name not in OF_A_PRODUCT:
            raise ValidationError({name: "This is not part of a product."})
        setattr(product, name, value.strip() if isinstance(value, str) else value)
    product.clean_fields()
    others = Product.objects.exclude(pk=product.pk)
    if others.filter(name__iexact=product.name).exists():
        raise ValidationError({"name": "The catalogue has a product of this name already."})
    if product.gtin and others.filter(gtin=product.gtin).exists():
        raise ValidationError({"gtin": "Another product has this number already."})
    return save_by(product, by)


@operation("receive-lots")
def receive_lot(
    *,
    product: Product,
    number: str,
    expires_on: dt.date | None,
    by: Staff,
    dose: str = Lot.Dose.SINGLE,
    now: dt.datetime | None = None,
) -> Lot:
    """Take a lot in. One from before lots were recorded, whose expiry is not known, is given its expiry.

    Raises ValidationError by field.
    """
    now = now or timezone.now()
    number = " ".join(number.split())
    # One at a time for each product, so that the same box scanned at two desks is one lot.
    product = Product.objects.select_for_update(no_key=True).get(pk=product.pk)
    lot = _lot_on_record(product, number) or Lot(product=product, number=number, received_at=now, received_by=by)
    errors = {}
    if not product.is_active:
        errors["product"] = f"{product.name} is no longer in the catalogue."
    if expires_on is None:
        errors["expires_on"] = "Say the last day on which it may be used."
    elif expires_on < timezone.localdate(now):
        errors["expires_on"] = f"It expired on {short_day(expires_on)}, so it is not taken in."
    if lot.expires_on is not None:
        called = "" if lot.number == number else f": {lot.number}"
        errors["number"] = f"{product.name} has a lot of this number already{called}."
    if errors:
        raise ValidationError(errors)
    lot.expires_on, lot.dose = expires_on, dose
    return save_by(lot, by, reason="received")


def _lot_on_record(product: Product, number: str) -> Lot | None:
    """By its number, however it was typed: a lot that was recalled must not come back under another spelling."""
    same = same_number(number)
    known = Lot.objects.filter(product=product).order_by("pk").values_list("pk", "number")
    found = next((pk for pk, one in known if same_number(one) == same), None)
    return Lot.objects.select_for_update(of=("self",)).get(pk=found) if found else None


def same_number(number: str) -> str:
    """The number as it is compared: without regard to case, width, spaces, unseen characters and kinds of dashes."""
    plain = unicodedata.normalize("NFKC", number)
    kinds = ((letter, unicodedata.category(letter)) for letter in plain)
    return "".join("-" if kind == "Pd" else letter for letter, kind in kinds if kind[0] not in "ZC").casefold()


@operation("receive-lots")
def open_lot(*, lot: Lot, by: Staff, now: dt.datetime | None = None) -> Lot:
    """A multi-dose vial is opened, or the next of the same lot. Raises Refused where it cannot be used."""
    now = now or timezone.now()
    lot = _lock(lot)
    if lot.dose != Lot.Dose.MULTI:
        raise ValidationError("A single dose is used at once; only a multi-dose vial stands open.")
    if reasons := unusable(lot, timezone.localdate(now)):
        raise Refused(reasons)
    lot.opened_at = now
    return save_by(lot, by, reason="opened")


@operation("receive-lots")
def quarantine_lot(
    *, lot: Lot, reason: str, by: Staff, now: dt.datetime | None = None, through: HttpRequest | None = None
) -> Lot:
    """From this moment no session takes it. Raises ValidationError without a reason, Refused where it is in quarantine already."""
    lot = _lock(lot)
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in a word or two."})
    if lot.quarantined_at is not None:
        raise Refused([_quarantined(lot)])
    lot.quarantined_at, lot.quarantined_by, lot.quarantine_reason = now or timezone.now(), by, reason.strip()
    save_by(lot, by, reason="quarantined")
    _audit(lot, by, "quarantined", through)
    return lot


@operation("manage-clinic")
def release_lot(*, lot: Lot, reason: str, by: Staff, through: HttpRequest | None = None) -> Lot:
    """Out of quarantine; the reason stands in the lot's history.

    Raises ValidationError, Refused (wrong-status; recall-open while it is recalled).
    """
    lot = _lock(lot)
    if not reason.strip():
        raise ValidationError({"reason": "Say why it may be used again."})
    if lot.quarantined_at is None:
        raise Refused([Blocker("wrong-status", f"{lot} is not in quarantine.", lifts_when="")])
    if recall := Recall.objects.open().filter(lot=lot).first():
        since = timezone.localdate(recall.begun_at)
        words = f"{lot} has been recalled since {short_day(since)}: {recall.reason.rstrip('.')}."
        raise Refused([Blocker("recall-open", words, since=since, lifts_when="End the recall first.")])
    lot.quarantined_at, lot.quarantined_by, lot.quarantine_reason = None, None, ""
    save_by(lot, by, reason=f"released: {reason.strip()}"[:100])
    _audit(lot, by, "released", through)
    return lot


def unusable(lot: Lot, day: dt.date) -> list[Blocker]:
    """Why a lot cannot go into a session of that day; [] when it can. The guard on a lot's use asks the same."""
    if lot.quarantined_at is not None:
        return [_quarantined(lot)]
    if lot.expires_on is None:
        words = f"{lot} was recorded before expiries were, so nobody knows whether it has expired."
        return [Blocker("lot-expired", words, lifts_when="Receive it with its expiry, or choose another lot.")]
    if lot.expires_on < day:
        words = f"{lot} expired on {short_day(lot.expires_on)}."
        return [Blocker("lot-expired", words, since=lot.expires_on, lifts_when="Choose another lot.")]
    return []


def _quarantined(lot: Lot) -> Blocker:
    at = timezone.localtime(lot.quarantined_at)
    return Blocker(
        "lot-quarantined",
        f"{lot} has been in quarantine since {short_day(at.date())}, {at:%H:%M}: {lot.quarantine_reason.rstrip('.')}.",
        since=at.date(),
        lifts_when="Choose another lot, or ask a manager to release it.",
    )


def _lock(lot: Lot) -> Lot:
    # FOR UPDATE: a session that is taking it at this moment is waited for, and the next one sees the quarantine.
    return Lot.objects.select_for_update(of=("self",)).select_related("product").get(pk=lot.pk)


def _audit(lot: Lot, by: Staff, change: str, through: HttpRequest | None) -> None:
    record_event(
        AuditEvent.Kind.LOTS_CHANGED, request=through, actor=by, subject="lot", subject_id=lot.pk, change=change
    )
