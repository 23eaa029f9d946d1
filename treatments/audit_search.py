"""The audit trail as it is looked through: by person, patient, kind, door, days, request and address; newest first."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict

from clinic.filter_forms import DaysForm
from clinic.list_exports import ListExport, Row
from clinic.models import AuditEvent, AuditSeal, Staff
from patients.models import Patient
from treatments.audit_words import details_words, subject_words

DOORS = {
    "page": "Pages",
    "api": "API",
    "admin": "Admin",
    "calendar": "Calendar address",
    "command-line": "Command line",
}
AT_A_TIME = 1_000


class AuditForm(DaysForm):
    """What the trail is asked for. Nothing is required."""

    actor = forms.ModelChoiceField(
        Staff.objects.order_by("name", "pk"),
        label="Who",
        required=False,
        empty_label="Anybody",
        error_messages={"invalid_choice": "Nobody of that name works or worked here."},
    )
    patient = forms.CharField(label="Patient’s record number", required=False, max_length=40)
    kind = forms.ChoiceField(
        label="What",
        required=False,
        choices=[("", "Anything"), *AuditEvent.Kind.choices],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    door = forms.ChoiceField(
        required=False,
        choices=[("", "Any"), *DOORS.items()],
        error_messages={"invalid_choice": "Choose one of these."},
    )
    subject_id = forms.UUIDField(
        label="What it was about (id)", required=False, error_messages={"invalid": "That is no id."}
    )
    request_id = forms.CharField(label="Request", required=False, max_length=36)
    address = forms.GenericIPAddressField(
        label="Address", required=False, error_messages={"invalid": "That is no address of a machine."}
    )
    field_order = (
        "patient", "actor", "kind", "period", "since", "until", "door", "address", "request_id", "subject_id",
    )  # fmt: skip

    def clean_patient(self) -> str:
        typed: str = self.cleaned_data["patient"].strip()
        if typed:
            self.patients = patients_of(typed)
            if not self.patients:
                raise ValidationError("No patient has this record number.")
        return typed


FIELDS = frozenset(AuditForm.base_fields)


def patients_of(typed: str) -> list[uuid.UUID]:
    """Ids of the record of this number or id, of those merged into it, and of the one it was merged into."""
    try:
        named = Q(pk=uuid.UUID(typed))
    except ValueError:
        named = Q(number__iexact=typed)
    found = Patient.objects.filter(named).select_related("merged_into").first()
    if found is None:
        return []
    standing, into = found, [found.pk]
    while standing.merged_into is not None:
        standing = standing.merged_into
    known, into = [standing.pk], [standing.pk]
    while into := list(Patient.objects.filter(merged_into__in=into).values_list("pk", flat=True)):
        known += into
    return known


def audit_asked(staff: Staff, form: AuditForm) -> QuerySet[AuditEvent]:
    """The events of a valid form, newest first."""
    asked = form.cleaned_data
    found = AuditEvent.objects.visible_to(staff).select_related("actor").order_by("-at", "-id")
    found = found.filter(**form.days().within("at"))
    for name in ("actor", "kind", "door", "subject_id", "request_id", "address"):
        if asked.get(name):
            found = found.filter(**{name: asked[name]})
    if asked.get("patient"):
        found = found.filter(patient_id__in=form.patients)
    return found


@dataclass(frozen=True)
class AuditRow:
    """One event with the names of what it names; `patient` is None where that is nobody or not on record any more."""

    event: AuditEvent
    patient: Patient | None
    place: int | None
    about: str
    words: str

    @property
    def door(self) -> str:
        return DOORS.get(self.event.door, self.event.door)


def shown(events: Sequence[AuditEvent]) -> list[AuditRow]:
    """Three statements, however many."""
    patients = Patient.objects.in_bulk({event.patient_id for event in events if event.patient_id})
    staff = Staff.objects.in_bulk(
        {event.subject_id for event in events if event.subject == "staff" and event.subject_id}
    )
    places = dict(AuditSeal.objects.filter(event_id__in=[one.pk for one in events]).values_list("event_id", "pk"))
    return [
        AuditRow(
            event,
            patients.get(event.patient_id),
            places.get(event.pk),
            staff[event.subject_id].name if event.subject_id in staff else subject_words(event),
            details_words(event),
        )
        for event in events
    ]


# --- As a file ---------------------------------------------------------------------------------------------------------
def _rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    form = AuditForm(query)
    if not form.is_valid():
        return
    for events in _batches(audit_asked(staff, form)):
        for row in shown(events):
            one = row.event
            yield (
                one.at, one.get_kind_display(), one.actor.name if one.actor else "", row.door,
                row.patient.number if row.patient else "", str(row.patient or ""), row.about, row.words,
                str(one.subject_id or ""), one.request_id, one.address or "", row.place,
            )  # fmt: skip


def _batches(found: QuerySet[AuditEvent]) -> Iterable[list[AuditEvent]]:
    waiting: list[AuditEvent] = []
    for event in found.iterator(chunk_size=AT_A_TIME):
        waiting.append(event)
        if len(waiting) == AT_A_TIME:
            yield waiting
            waiting = []
    yield waiting


def _words(staff: Staff, query: QueryDict) -> str:
    return AuditForm(query).words()


def _not_counted(staff: Staff, query: QueryDict) -> Any:
    """It would cost as much as reading them."""


AUDIT_EXPORT = ListExport(
    code="audit",
    title="Audit trail",
    permission="read-audit",
    columns=(
        "At", "What", "Who", "Door", "Record number", "Patient", "About", "Details", "Id", "Request", "Address",
        "Place in the chain",
    ),
    rows=_rows,
    count=_not_counted,
    filter_words=_words,
)  # fmt: skip
