"""Contact data erased: from the patient's row, from those merged into it, from what the history and imports kept of them.

What stays is who the record is about (name, date of birth, number) and everything clinical. Free text is left as it was
written: nobody can know what of it is a phone number.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from clinic.history import save_by
from clinic.models import IdempotencyKey, KeptForm, Staff
from patients.models import Patient, PatientImportRow

BLANK = {"phone": "", "email": "", "wants_messages": False}


@dataclass(frozen=True)
class Contact:
    """What would go. `earlier`: states that the history kept with a phone or an address."""

    phone: str
    email: str
    records: int
    earlier: int
    staged: int


def records_of(patient: Patient) -> list[uuid.UUID]:
    """The record and all that were merged into it."""
    known, into = [patient.pk], [patient.pk]
    while into := list(Patient.objects.filter(merged_into__in=into).values_list("pk", flat=True)):
        known += into
    return known


def contact_of(patient: Patient) -> Contact:
    """For a preview."""
    known = records_of(patient)
    return Contact(
        patient.phone,
        patient.email,
        len(known),
        _history(known).exclude(phone="", email="").count(),
        _staged(known).count(),
    )


def blank_contact(patient: Patient, *, reason: str, by: Staff, now: dt.datetime) -> Patient:
    """Within the caller's transaction and under the patient's lock. The history keeps that it was done, and by whom."""
    known = records_of(patient)
    for one in Patient.objects.filter(pk__in=known).order_by("pk"):
        for name, value in BLANK.items():
            setattr(one, name, value)
        one.contact_erased_at, one.contact_erased_by, one.contact_erased_reason = now, by, reason
        one.index_for_search()
        save_by(one, by, reason="contact data erased")
    _history(known).update(**BLANK)
    _staged(known).update(**BLANK, cells=[], search_text="", phone_key="")
    for pk in known:
        IdempotencyKey.objects.filter(answer__id=str(pk)).delete()
        KeptForm.objects.filter(path__contains=str(pk)).delete()
    # Where somebody may just have been typing them in anew, under another number.
    KeptForm.objects.filter(path__startswith=reverse("patient-register")).delete()
    return Patient.objects.get(pk=patient.pk)


def _history(known: list[uuid.UUID]) -> QuerySet[Any]:
    found: QuerySet[Any] = Patient.history.filter(id__in=known)
    return found


def _staged(known: list[uuid.UUID]) -> QuerySet[PatientImportRow]:
    numbers = Patient.objects.filter(pk__in=known).values_list("number", flat=True)
    return PatientImportRow.objects.filter(Q(pk__in=known) | Q(same_as__in=list(numbers)))
