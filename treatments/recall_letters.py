"""The letter of a recall: a wording with placeholders, filled for each patient from the sessions in which the lot was used.

It says what is known, which lot was used and on which days, and nothing of what that may have done to anybody. The source's
sentence stands under every letter; no wording leaves it out.
"""

import datetime as dt
import uuid
import zoneinfo
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from clinic.models import Site
from patients.models import Patient
from treatments.messages.wording import LONGEST_BODY, NO_PHONE, Wording, written, wrong_in
from treatments.models import LotUse, Recall

PLACEHOLDERS = {
    "patient": "the patient's name",
    "product": "the product's name",
    "lot": "the lot's number",
    "day": "the day or days on which it was used for this patient",
    "phone": "the site's phone number",
    "clinic": "the site's name",
}
DELIVERED = (
    "Dear {patient},\n\n"
    "On {day}, {product} of lot {lot} was used in your treatment at {clinic}.\n\n"
    "We have taken this lot out of use, and we are telling everybody who was treated with it.\n\n"
    "If you have noticed anything since then, or have a question, please call us: {phone}."
)


@dataclass(frozen=True)
class Letter:
    """One patient's, as it is printed. `paragraphs` may hold line breaks."""

    patient: Patient
    site: Site | None
    body: str

    @property
    def paragraphs(self) -> list[str]:
        return [part.strip() for part in self.body.split("\n\n") if part.strip()]


def require_letter(text: str) -> str:
    """Cleaned, or ValidationError."""
    text = text.replace("\r\n", "\n").strip()
    if wrong := wrong_in(text, tuple(PLACEHOLDERS), LONGEST_BODY):
        raise ValidationError({"letter": wrong})
    return text


def letters_for(recall: Recall, patients: Sequence[Patient]) -> list[Letter]:
    """One each, in their order. One statement. A patient without a session that names the lot gets none."""
    uses = LotUse.objects.filter(lot=recall.lot_id, session__error_at=None, session__patient__in=patients)
    of: dict[uuid.UUID, list[LotUse]] = defaultdict(list)
    for use in uses.select_related("session__appointment__site").order_by("used_on", "recorded_at", "pk"):
        of[use.session.patient_id].append(use)
    return [_letter(recall, patient, of[patient.pk]) for patient in patients if of[patient.pk]]


def _letter(recall: Recall, patient: Patient, uses: Sequence[LotUse]) -> Letter:
    site = uses[-1].session.appointment.site
    return Letter(patient, site, filled(recall.letter, recall, str(patient), {use.used_on for use in uses}, site))


def example(text: str, recall: Recall, site: Site | None, now: dt.datetime) -> str:
    """For a preview: nobody's letter."""
    day = (now - dt.timedelta(days=14)).astimezone(zoneinfo.ZoneInfo(site.time_zone if site else "UTC")).date()
    return filled(text, recall, "Alex Example", {day}, site)


def filled(text: str, recall: Recall, patient: str, days: Iterable[dt.date], site: Site | None) -> str:
    values = {
        "patient": patient,
        "product": recall.lot.product.name,
        "lot": recall.lot.number,
        "day": in_words(sorted(days)),
        "phone": (site.phone if site else "") or NO_PHONE,
        "clinic": site.name if site else "our clinic",
    }
    return written(Wording("", text), values).body


def in_words(days: Sequence[dt.date]) -> str:
    """“3 November 2026 and 10 November 2026”"""
    said = [f"{day.day} {day:%B %Y}" for day in days]
    return " and ".join(filter(None, [", ".join(said[:-1]), *said[-1:]]))
