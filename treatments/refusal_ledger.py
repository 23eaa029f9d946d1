"""The ledger of refusals: who tried what, by which door, why it was refused, and what became of it."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from clinic.filter_forms import DaysForm
from clinic.list_exports import ListExport, Row
from clinic.models import Refusal, Staff
from patients.models import Patient
from treatments.models import Treatment
from treatments.refusal_outcomes import NOT_ASKED, WORDS, outcomes, standing_ids
from treatments.refusal_words import REFUSED, attempted_words, refused_words

DOORS = {"page": "Pages", "api": "API", "admin": "Admin"}
# Of so many of the newest it is counted what became of them; of more it is said that it is these.
SUMMED = 1_000
AT_A_TIME = 500


class RefusalsForm(DaysForm):
    """What the ledger is asked for. Nothing is required."""

    by = forms.ModelChoiceField(
        Staff.objects.order_by("name", "pk"),
        label="Who",
        required=False,
        empty_label="Anybody",
        error_messages={"invalid_choice": "Nobody of that name works or worked here."},
    )
    code = forms.ChoiceField(
        label="Because",
        required=False,
        choices=[("", "Anything"), *((code, words.capitalize()) for code, words in REFUSED.items())],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    door = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), *DOORS.items()],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    field_order = ("code", "by", "period", "since", "until", "door")


FIELDS = frozenset(RefusalsForm.base_fields)


def refusals_asked(staff: Staff, form: RefusalsForm) -> QuerySet[Refusal]:
    """Of a valid form, newest first."""
    asked = form.cleaned_data
    found = Refusal.objects.visible_to(staff).select_related("by").order_by("-at", "-id")
    found = found.filter(**form.days().within("at"))
    return found.filter(**{name: asked[name] for name in ("by", "code", "door") if asked.get(name)})


@dataclass(frozen=True)
class RefusalRow:
    """One attempt; `patient` is the record that stands now."""

    refusal: Refusal
    patient: Patient | None
    treatment: str
    outcome: str

    @property
    def attempted(self) -> str:
        return attempted_words(self.refusal.operation)

    @property
    def because(self) -> list[str]:
        codes = [blocker["code"] for blocker in self.refusal.blockers] or [self.refusal.code]
        return [refused_words(code) for code in dict.fromkeys(codes)]

    @property
    def became(self) -> str:
        return WORDS[self.outcome]

    @property
    def door(self) -> str:
        return DOORS.get(self.refusal.door, self.refusal.door)


def shown(refusals: Sequence[Refusal], now: dt.datetime | None = None) -> list[RefusalRow]:
    """Nine statements, however many."""
    stand = standing_ids({one.patient_id for one in refusals if one.patient_id})
    patients = Patient.objects.in_bulk(set(stand.values()))
    treatments = Treatment.objects.in_bulk({one.treatment_id for one in refusals if one.treatment_id})
    became = outcomes(refusals, now or timezone.now())

    def patient_of(pk: uuid.UUID | None) -> Patient | None:
        return patients.get(stand[pk]) if pk else None

    def treatment_of(pk: uuid.UUID | None) -> str:
        return treatments[pk].name if pk in treatments else ""

    return [
        RefusalRow(one, patient_of(one.patient_id), treatment_of(one.treatment_id), became[one.pk]) for one in refusals
    ]


def summed_up(found: QuerySet[Refusal], now: dt.datetime | None = None) -> tuple[list[tuple[str, int]], int, bool]:
    """(what became of them with how many, of how many of the newest, and whether there are more). Attempts that led no
    patient to a treatment are not summed up."""
    newest = list(found[: SUMMED + 1])
    counted = newest[:SUMMED]
    counts = Counter(outcomes(counted, now or timezone.now()).values())
    told = [(words, counts[code]) for code, words in WORDS.items() if counts[code] and code != NOT_ASKED]
    return told, len(counted), len(newest) > SUMMED


# --- As a file -----------------------------------------------------------------------------------------------------------
def _rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    form = RefusalsForm(query)
    if not form.is_valid():
        return
    waiting: list[Refusal] = []
    for one in refusals_asked(staff, form).iterator(chunk_size=AT_A_TIME):
        waiting.append(one)
        if len(waiting) == AT_A_TIME:
            yield from _cells(waiting)
            waiting = []
    yield from _cells(waiting)


def _cells(refusals: Sequence[Refusal]) -> Iterator[Row]:
    for row in shown(refusals):
        one = row.refusal
        yield (
            one.at, one.by.name if one.by else "", row.door, row.attempted, "; ".join(row.because),
            row.patient.number if row.patient else "", str(row.patient or ""), row.treatment, row.became,
        )  # fmt: skip


def _not_counted(staff: Staff, query: QueryDict) -> Any:
    """It would cost as much as reading them."""


REFUSALS_EXPORT = ListExport(
    code="refusals",
    title="Refusals",
    permission="read-audit",
    columns=("At", "Who", "Door", "Tried", "Because", "Record number", "Patient", "Treatment", "What became of it"),
    rows=_rows,
    count=_not_counted,
    filter_words=lambda staff, query: RefusalsForm(query).words(),
)
