"""Registering and correcting patients, and their consents."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.roles import require
from patients.models import Consent, Patient, RecordNumber

EDITABLE = (
    "given_name",
    "family_name",
    "pronouns",
    "date_of_birth",
    "phone",
    "email",
    "wants_messages",
    "low_pain_threshold",
    "allergies",
    "alerts",
)
MERGED = "This record was merged into another. Use the other one."


@transaction.atomic
def register_patient(*, by: Staff, now: dt.datetime | None = None, **fields: Any) -> Patient:
    """A new record with the next number, AC-00001 and on. Raises ValidationError by field."""
    require(by, "edit-patients")
    patient = Patient(created_by=by, created_at=now or timezone.now(), number="AC-00000")
    _set(patient, fields)
    patient.clean_fields(exclude={"created_by", "merged_into"})
    patient.number = _next_number()
    patient.index_for_search()
    return save_by(patient, by)


@transaction.atomic
def correct_patient_details(*, patient: Patient, by: Staff, **fields: Any) -> Patient:
    """Change what is known of a patient; the history keeps what stood before. Raises ValidationError by field."""
    require(by, "edit-patients")
    patient = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if patient.merged_into_id is not None:
        raise ValidationError(MERGED)
    _set(patient, fields)
    patient.index_for_search()
    return save_by(patient, by)


@transaction.atomic
def record_consent(
    *, patient: Patient, kind: str, by: Staff, version: str = "", now: dt.datetime | None = None
) -> Consent:
    """The patient agreed. One consent of a kind is in force at a time: recorded again, the first one stands."""
    require(by, "edit-patients")
    if Patient.objects.select_for_update(no_key=True).get(pk=patient.pk).merged_into_id is not None:
        raise ValidationError(MERGED)
    standing = Consent.objects.in_force().filter(patient=patient, kind=kind).first()
    if standing is not None:
        return standing
    return save_by(
        Consent(patient=patient, kind=kind, version=version, given_at=now or timezone.now(), recorded_by=by), by
    )


@transaction.atomic
def withdraw_consent(*, consent: Consent, by: Staff, now: dt.datetime | None = None) -> Consent:
    """From now on it does not hold; withdrawn twice is withdrawn once."""
    require(by, "edit-patients")
    consent = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    if consent.withdrawn_at is None:
        consent.withdrawn_at, consent.withdrawn_by = now or timezone.now(), by
        save_by(consent, by, reason="withdrawn")
    return consent


def _set(patient: Patient, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in EDITABLE:
            raise ValidationError({name: "This cannot be set."})
        setattr(patient, name, value.strip() if isinstance(value, str) else value)


def _next_number() -> str:
    RecordNumber.objects.get_or_create(pk=1)
    RecordNumber.objects.filter(pk=1).update(last=F("last") + 1)
    return f"AC-{RecordNumber.objects.get(pk=1).last:05d}"
