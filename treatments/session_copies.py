"""“Same as last time”: what may be copied from the session before, never its checks, reactions or notes."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import prefetch_related_objects
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from treatments.allergies import allergy_blockers
from treatments.lots import unusable
from treatments.models import LotUse, Product, Session
from treatments.models.lot import WITH_LOTS
from treatments.operation import operation
from treatments.sessions import lock_running, write_session


@dataclass(frozen=True)
class Copied:
    """`left_out` names products whose lot cannot be used now."""

    session: Session
    of: dt.date
    parts: list[str]
    left_out: list[str]

    @property
    def words(self) -> str:
        said = f"Copied from {short_day(self.of)}: {', '.join(self.parts)}. Hold each lot against the vial."
        if "lots" not in " ".join(self.parts):
            said = f"Copied from {short_day(self.of)}: {', '.join(self.parts)}."
        left = f" Not copied: {'; '.join(self.left_out)}." if self.left_out else ""
        return f"{said}{left} Checks, anaesthetic and reactions are today’s to write."


def last_time(session: Session) -> Session | None:
    """The newest finished session before this one, of the same patient and family, that stands."""
    before = Session.objects.standing().filter(
        patient=session.patient_id, family=session.family, started_at__lt=session.started_at, finished_at__isnull=False
    )
    return before.order_by("-started_at").first()


@operation("treat")
def copy_last_session(*, session: Session, by: Staff) -> Copied:
    """Fill what is still empty of sites, lots and creams from the last session. Raises Refused (wrong-status).

    The work of the needle is copied; what was seen, felt, checked, asked or said is of its own day.
    """
    session = lock_running(session, "filled")
    last = last_time(session)
    if last is None:
        raise _nothing(session, "There is no session before this one.")
    prefetch_related_objects([session, last], WITH_LOTS)
    written: dict[str, Any] = {}
    parts, left_out = [], []
    if last.sites and not session.sites:
        written["sites"] = last.sites
        parts.append("sites and volumes")
    uses = [] if _injected(session) else _injected(last)
    whys = {use.pk: _why_not(session, use) for use in uses}
    left_out = [why for why in whys.values() if why]
    if usable := [use for use in uses if not whys[use.pk]]:
        written["lots"] = [{"lot": use.lot_id, "volume_ml": use.volume_ml} for use in usable]
        parts.append("products and lots")
    if last.creams and session.creams is None:
        written["creams"] = last.creams
        parts.append("creams")
    if not parts:
        raise _nothing(session, f"Nothing was copied: {'; '.join(left_out)}." if left_out else ALL_THERE)
    session = write_session(session=session, by=by, **written)
    return Copied(session, timezone.localdate(last.started_at), parts, left_out)


ALL_THERE = "What may be copied is written down here already, or was not written down last time."


def _injected(session: Session) -> list[LotUse]:
    return [use for use in session.lot_uses.all() if use.lot.product.use == Product.Use.INJECTED]


def _why_not(session: Session, use: LotUse) -> str:
    product = use.lot.product
    if not product.is_active:
        return f"{product.name}, no longer in the catalogue"
    if allergy_blockers(session.patient, product):
        return f"{product.name}, as an allergy on record speaks against it"
    if reasons := unusable(use.lot, timezone.localdate(session.started_at)):
        return reasons[0].message.rstrip(".")
    return ""


def _nothing(session: Session, words: str) -> Refused:
    blocker = Blocker("wrong-status", words, lifts_when="")
    return Refused([blocker], patient_id=session.patient_id, appointment_id=session.appointment_id)
