"""What is asked once before a session is finished: lots that became unusable meanwhile, and volumes past the clinic's limits.

A limit is the clinic's own and warns: 10 for 1.0 is quickly typed. Nothing here refuses.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.utils import timezone

from clinic.refusals import NeedsConfirmation
from clinic.wording import short_day
from treatments.injected_sites import plain
from treatments.models import Lot, LotUse, Product, Session, SideEffect


@dataclass(frozen=True)
class Question:
    """`key` names it with its figures: asked and answered, another figure is another question."""

    code: str
    words: str

    @property
    def key(self) -> str:
        return f"{self.code}-{sha256(self.words.encode()).hexdigest()[:12]}"


class LookAgain(NeedsConfirmation):
    """The session is not finished yet: what is asked comes first."""

    code = "look-again"

    def __init__(self, questions: list[Question]) -> None:
        super().__init__(" ".join(question.words for question in questions))
        self.questions = questions
        self.details = {"questions": [{"key": question.key, "words": question.words} for question in questions]}


def questions(session: Session, uses: Iterable[LotUse], now: dt.datetime) -> list[Question]:
    """All of them, lots first. `uses` with their lots and products."""
    noted = list(uses)
    return [*_lots(noted, now), *volume_questions(session, noted)]


def volume_questions(session: Session, uses: Iterable[LotUse]) -> list[Question]:
    noted = list(uses)
    treatment = session.appointment.treatment
    sites = [(_where(row), Decimal(row["volume_ml"])) for row in session.sites if row.get("volume_ml")]
    injected = [use for use in noted if use.lot.product.use == Product.Use.INJECTED]
    found = [
        _over(f"at the {where}", ml, treatment.most_ml_per_site, "one site")
        for where, ml in sites
        if treatment.most_ml_per_site and ml > treatment.most_ml_per_site
    ]
    by_product: dict[Product, Decimal] = {}
    for use in noted:
        by_product[use.lot.product] = by_product.get(use.lot.product, Decimal()) + (use.volume_ml or Decimal())
    found += [
        _over(f"of {product.name}", ml, product.most_ml, "one session")
        for product, ml in by_product.items()
        if product.most_ml and ml > product.most_ml
    ]
    of_sites = sum((ml for _, ml in sites), Decimal())
    of_products = sum((use.volume_ml or Decimal() for use in injected), Decimal())
    total = max(of_sites, of_products)
    if treatment.most_ml and total > treatment.most_ml:
        found.append(_over("in all", total, treatment.most_ml, "one session"))
    if of_sites and of_products and of_sites != of_products:
        words = f"The sites come to {plain(of_sites)} ml, the products to {plain(of_products)} ml."
        found.append(Question("volumes-differ", words))
    return found


def _over(where: str, ml: Decimal, limit: Decimal, of_what: str) -> Question:
    words = f"{plain(ml)} ml {where}: the clinic's limit for {of_what} is {plain(limit)} ml. Is the figure right?"
    return Question("over-limit", words)


def _where(row: dict[str, Any]) -> str:
    return SideEffect(site=row["site"], side=row.get("side", "")).where


def _lots(uses: list[LotUse], now: dt.datetime) -> list[Question]:
    today = timezone.localdate(now)
    found = []
    for use in uses:
        if use.lot.quarantined_at is not None:
            at = timezone.localtime(use.lot.quarantined_at)
            day = "" if at.date() == today else f" on {short_day(at.date())}"
            found.append(
                Question(
                    "lot-quarantined",
                    f"{use.lot} was quarantined at {at:%H:%M}{day}: {use.lot.quarantine_reason}. "
                    "Finish if it was used, else take it out.",
                )
            )
        elif use.lot.expires_on and use.lot.expires_on < max(use.used_on, today):
            words = f"{use.lot} expired on {short_day(use.lot.expires_on)}. Finish if it was used, else take it out."
            found.append(Question("lot-expired", words))
        elif late := _open_too_long(use.lot, use.used_on):
            found.append(Question("lot-open-too-long", late))
    return found


def _open_too_long(lot: Lot, day: dt.date) -> str:
    keeps = lot.product.use_within_days
    if (
        lot.opened_at is None
        or keeps is None
        or day <= (opened := timezone.localdate(lot.opened_at)) + dt.timedelta(keeps)
    ):
        return ""
    days = "day" if keeps == 1 else "days"
    return f"{lot} was opened on {short_day(opened)}, and keeps {keeps} {days} once opened. Was it a new vial?"
