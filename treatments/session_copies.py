"""“Same as last time”: what may be copied from the session before, never its checks, reactions or notes."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from treatments.allergies import allergy_blockers
from treatments.lots import unusable
from treatments.models import LotUse, Product, Session
from treatments.models.lot import WITH_LOTS
from treatments.models.session import Anaesthetic
from treatments.operation import operation
from treatments.sessions import lock_running, write_session

# The needle's and the eye's work is copied; what was seen, felt, checked or said is of that day.
COPIED = ("sites", "creams")
FIRST_WRITTEN = ("anaesthetic", "asepsis", "sites", "creams", "burning", "pain", "swelling", "itching", "note", "next_step")


@dataclass(frozen=True)
class Copied:
    """`left_out` names products whose lot cannot be used now."""

    session: Session
    of: dt.date
    left_out: list[str]

    @property
    def words(self) -> str:
        said = f"Copied from {short_day(self.of)}: sites, volumes, products and creams. Checks and reactions are yours to write."
        return f"{said} Not copied: {'; '.join(self.left_out)}." if self.left_out else said


def is_empty(session: Session) -> bool:
    """Nothing is written down yet; `session` with its lot uses."""
    return not any(getattr(session, name) not in (None, "", []) for name in FIRST_WRITTEN) and not session.lot_uses.all()


def last_time(session: Session) -> Session | None:
    """The newest finished session before this one, of the same patient and family, that stands."""
    before = Session.objects.standing().filter(
        patient=session.patient_id, family=session.family, started_at__lt=session.started_at, finished_at__isnull=False
    )
    return before.order_by("-started_at").first()


@operation("treat")
def copy_last_session(*, session: Session, by: Staff) -> Copied:
    """Fill a running record that is still empty from the last one. Raises Refused (wrong-status)."""
    session = lock_running(session, "filled")
    last = last_time(session)
    if last is None or not is_empty(session):
        words = "There is no session before this one." if last is None else "Something is written down here already."
        raise Refused([Blocker("wrong-status", words, lifts_when="")], patient_id=session.patient_id)
    uses = list(Session.objects.prefetch_related(WITH_LOTS).get(pk=last.pk).lot_uses.all())
    day = timezone.localdate(session.started_at)
    left_out = [words for use in uses if (words := _why_not(session, use, day))]
    usable = [use for use in uses if not _why_not(session, use, day)]
    written: dict[str, Any] = {name: getattr(last, name) for name in COPIED}
    written["lots"] = [
        {"lot": use.lot_id, "volume_ml": use.volume_ml} for use in usable if use.lot.product.use == Product.Use.INJECTED
    ]
    for use in usable:
        if use.lot.product.use == Product.Use.ANAESTHETIC:
            # The lot stands ready; how much was given today is written today.
            written |= {"anaesthetic": Anaesthetic.GIVEN, "anaesthetic_lot": use.lot_id}
    session = write_session(session=session, by=by, **written)
    return Copied(session, timezone.localdate(last.started_at), left_out)


def _why_not(session: Session, use: LotUse, day: dt.date) -> str:
    product = use.lot.product
    if not product.is_active:
        return f"{product.name}, no longer in the catalogue"
    if allergy_blockers(session.patient, product):
        return f"{product.name}, as an allergy on record speaks against it"
    if reasons := unusable(use.lot, day):
        return reasons[0].message.rstrip(".")
    return ""
