"""The scan field of a session: what a scanner typed becomes a row of the form, and nothing else that was typed is lost."""

import uuid
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils import timezone

from clinic.models import Staff
from treatments.lots import unusable
from treatments.models import Lot, Product, Session
from treatments.models.session import Anaesthetic
from treatments.scanning import LONGEST, NotFound, Scanned, find_lot


@dataclass(frozen=True)
class Reading:
    """What came of a scan. `lot` is None where it gave none; `receive` is then what a new lot's form begins with."""

    data: QueryDict
    words: str
    text: str = ""
    lot: uuid.UUID | None = None
    receive: str = ""


def read_into(data: QueryDict, session: Session, by: Staff) -> Reading | None:
    """None where the scan field is empty. `data` of the reading is the form with the lot in it."""
    text = data.get("scan", "").strip()[:LONGEST]
    if not text:
        return None
    try:
        lot = find_lot(text, by=by)
    except NotFound as error:
        receive = prefilled(error.product, error.scanned) if error.product and error.scanned else ""
        return Reading(data, str(error), text=text, receive=receive)
    if reasons := unusable(lot, timezone.localdate(session.started_at)):
        return Reading(data, f"{reasons[0].message} {reasons[0].lifts_when}", text=text)
    filled = data.copy()
    why_not = _anaesthetic(filled, lot) if lot.product.use == Product.Use.ANAESTHETIC else _injected(filled, lot)
    if why_not:
        return Reading(data, why_not, text=text)
    return Reading(filled, f"{lot}: how much went in?", lot=lot.pk)


def prefilled(product: Product, scanned: Scanned) -> str:
    """What stands after the question mark of the form that receives a lot."""
    expires = scanned.expires_on.isoformat() if scanned.expires_on else ""
    return urlencode({"product": str(product.pk), "number": scanned.number, "expires_on": expires})


def _anaesthetic(data: QueryDict, lot: Lot) -> str:
    if data.get("anaesthetic") == Anaesthetic.DECLINED:
        return f"{lot} is an anaesthetic, and it stands as declined."
    data["anaesthetic"], data["anaesthetic_lot"] = Anaesthetic.GIVEN.value, str(lot.pk)
    return ""


def _injected(data: QueryDict, lot: Lot) -> str:
    if "lots-TOTAL_FORMS" not in data:
        return f"{lot} is an injected product; this session has none."
    try:
        count = int(str(data["lots-TOTAL_FORMS"]))
    except ValueError:
        return ""
    rows = range(min(count, 50))
    if str(lot.pk) in [data.get(f"lots-{row}-lot", "") for row in rows]:
        return ""
    free = [row for row in rows if not data.get(f"lots-{row}-lot") and not data.get(f"lots-{row}-volume_ml")]
    row = free[0] if free else count
    data[f"lots-{row}-lot"] = str(lot.pk)
    data["lots-TOTAL_FORMS"] = str(max(count, row + 1))
    return ""
