"""Which lots go into a session, and how much of each. Changed while it runs; the guards ask the same (guards/lots.py)."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import delete_by, save_by
from clinic.models import Staff
from clinic.refusals import Refused
from treatments.allergies import allergy_blockers
from treatments.lots import unusable
from treatments.models import Lot, LotUse, Product, Session
from treatments.models.session import Anaesthetic
from treatments.models.treatment import Family

UNSAID: Any = object()
INJECTED, ANAESTHETIC = Product.Use.INJECTED, Product.Use.ANAESTHETIC
Amounts = dict[uuid.UUID, Decimal | None]


def note_lots(
    session: Session,
    by: Staff,
    *,
    now: dt.datetime,
    lots: Sequence[Mapping[str, Any]] = UNSAID,
    anaesthetic_lot: Lot | uuid.UUID | None = UNSAID,
    anaesthetic_ml: Decimal | None = UNSAID,
) -> None:
    """Make the session's uses be these: `lots` the injected ones, [{lot, volume_ml}]; what is unsaid stays.

    Raises Refused (lot-expired, lot-quarantined, allergy-recorded) for what is newly taken, ValidationError by field.
    """
    noted = {use.lot_id: use for use in LotUse.objects.filter(session=session).select_related("lot__product")}
    injected = _kept(noted, INJECTED) if lots is UNSAID else _asked(lots)
    given = _kept(noted, ANAESTHETIC) if anaesthetic_lot is UNSAID else _one(anaesthetic_lot, noted)
    if anaesthetic_ml is not UNSAID:
        if anaesthetic_ml is not None and not given:
            raise ValidationError({"anaesthetic_ml": "Say which lot it came from."})
        given = dict.fromkeys(given, anaesthetic_ml)
    if given and session.anaesthetic != Anaesthetic.GIVEN:
        raise ValidationError({"anaesthetic_lot": "A lot is named only where the anaesthetic was given."})
    if injected and session.family != Family.MESOTHERAPY:
        raise ValidationError({"lots": "Only mesotherapy has injection sites and injected products."})
    wanted = injected | given
    found = _lots({*wanted} - {*noted}) | {lot_id: use.lot for lot_id, use in noted.items()}
    _require_use(injected, found, INJECTED, "lots")
    _require_use(given, found, ANAESTHETIC, "anaesthetic_lot")
    _require_usable(session, [found[lot_id] for lot_id in wanted if lot_id not in noted])
    _write(session, by, wanted, noted, now)


def day_of(session: Session) -> dt.date:
    """The session's day on the clock of its site: the one on which a lot must not be past its expiry."""
    site = session.appointment.site
    return timezone.localdate(session.started_at, zoneinfo.ZoneInfo(site.time_zone) if site else None)


def _kept(noted: dict[uuid.UUID, LotUse], use: str) -> Amounts:
    return {lot_id: one.volume_ml for lot_id, one in noted.items() if one.lot.product.use == use}


def _asked(lots: Sequence[Mapping[str, Any]]) -> Amounts:
    asked: Amounts = {}
    for row in lots:
        lot_id = _id(row.get("lot"))
        if lot_id in asked:
            raise ValidationError({"lots": "A lot stands here twice: write its whole volume in one row."})
        asked[lot_id] = row.get("volume_ml")
    return asked


def _one(lot: Lot | uuid.UUID | None, noted: dict[uuid.UUID, LotUse]) -> Amounts:
    if lot is None:
        return {}
    lot_id = _id(lot)
    return {lot_id: noted[lot_id].volume_ml if lot_id in noted else None}


def _id(lot: Any) -> uuid.UUID:
    if isinstance(lot, Lot):
        return lot.pk
    try:
        return uuid.UUID(str(lot))
    except ValueError:
        raise ValidationError({"lots": "There is no such lot."}) from None


def _lots(ids: set[uuid.UUID]) -> dict[uuid.UUID, Lot]:
    """Under lock: a quarantine that is being written is waited for, and seen."""
    if not ids:
        return {}
    locked = Lot.objects.select_for_update(of=("self",)).select_related("product").order_by("pk")
    return {lot.pk: lot for lot in locked.filter(pk__in=ids)}


def _require_use(asked: Amounts, found: dict[uuid.UUID, Lot], use: str, field: str) -> None:
    for lot_id in asked:
        lot = found.get(lot_id)
        if lot is None:
            raise ValidationError({field: "There is no such lot."})
        if lot.product.use != use:
            other = "an injected product" if use == ANAESTHETIC else "an anaesthetic"
            raise ValidationError({field: f"{lot} is {other}."})


def _require_usable(session: Session, lots: list[Lot]) -> None:
    reasons = []
    for lot in lots:
        if not lot.product.is_active:
            field = "lots" if lot.product.use == INJECTED else "anaesthetic_lot"
            raise ValidationError({field: f"{lot.product.name} is no longer in the catalogue."})
        reasons += unusable(lot, day_of(session))
        reasons += allergy_blockers(session.patient, lot.product)
    if reasons:
        raise Refused(reasons, patient_id=session.patient_id, appointment_id=session.appointment_id)


def _write(session: Session, by: Staff, wanted: Amounts, noted: dict[uuid.UUID, LotUse], now: dt.datetime) -> None:
    for lot_id, use in noted.items():
        if lot_id not in wanted:
            delete_by(use, by)
    used_on = day_of(session)
    for number, (lot_id, volume) in enumerate(wanted.items()):
        known = noted.get(lot_id)
        if known and known.volume_ml == volume:
            continue
        # A moment apart, so that they are read in the order in which they were written.
        recorded_at = now + dt.timedelta(microseconds=number)
        use = known or LotUse(session=session, lot_id=lot_id, used_on=used_on, recorded_at=recorded_at)
        use.volume_ml = volume
        try:
            save_by(use, by)
        except ValidationError as error:
            raise ValidationError({"lots": error.messages}) from error
