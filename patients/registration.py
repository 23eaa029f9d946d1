"""Registering and correcting patients, and their consents."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.roles import require
from patients.duplicates import LikelyDuplicates, likely_duplicates
from patients.models import Consent, Patient, RecordNumber
from patients.models.patient import DETAILS

MERGED = "This record was merged into another. Use the other one."


@transaction.atomic
def register_patient(
    *,
    by: Staff,
    now: dt.datetime | None = None,
    ask: bool = False,
    not_these: Collection[uuid.UUID] = (),
    **fields: Any,
) -> Patient:
    """A new record with the next number, AC-00001 and on. Raises ValidationError by field.

    With `ask`, raises LikelyDuplicates where somebody like them is there already, but for those who are known to be
    `not_these`.
    """
    require(by, "edit-patients")
    patient = Patient(created_by=by, created_at=now or timezone.now(), number="AC-00000")
    _set(patient, fields)
    patient.clean_fields(exclude={"created_by", "merged_into"})
    _require_address(patient)
    patient.number = _next_number()
    if ask:  # under the number's lock: of two desks with one new patient, the second is told
        _ask_whether_new(patient, not_these)
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
    _require_address(patient)
    patient.index_for_search()
    return save_by(patient, by)


@transaction.atomic
def record_consent(
    *,
    patient: Patient,
    kind: str,
    by: Staff,
    version: str = "",
    sheet_version: str = "",
    sheet_given_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> Consent:
    """The patient agreed, to this version of the wording and after this sheet of risks was given, where one was.

    One consent of a kind is in force at a time: recorded again, the first one stands. Raises ValidationError by field.
    """
    require(by, "edit-patients")
    now = now or timezone.now()
    if sheet_given_at is not None and sheet_given_at > now:
        raise ValidationError({"sheet_given_at": "The sheet is given before the patient agrees, not after."})
    if Patient.objects.select_for_update(no_key=True).get(pk=patient.pk).merged_into_id is not None:
        raise ValidationError(MERGED)
    standing = Consent.objects.in_force().filter(patient=patient, kind=kind).first()
    if standing is not None:
        return standing
    consent = Consent(
        patient=patient,
        kind=kind,
        version=version,
        given_at=now,
        sheet_version=sheet_version,
        sheet_given_at=sheet_given_at,
        recorded_by=by,
    )
    return save_by(consent, by)


@transaction.atomic
def withdraw_consent(*, consent: Consent, by: Staff, now: dt.datetime | None = None) -> Consent:
    """From now on it does not hold; withdrawn twice is withdrawn once."""
    require(by, "edit-patients")
    # The patient first, as whoever starts a session does: it began before this, or asks after it.
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=consent.patient_id)
    consent = Consent.objects.select_for_update(of=("self",)).get(pk=consent.pk)
    # One of the same kind may have stayed under a record that was merged into this one.
    merged = Q(patient__merged_into=consent.patient_id) | Q(patient__merged_into__merged_into=consent.patient_id)
    for one in [consent, *Consent.objects.in_force().filter(merged, kind=consent.kind)]:
        if one.withdrawn_at is None:
            one.withdrawn_at, one.withdrawn_by = now or timezone.now(), by
            save_by(one, by, reason="withdrawn")
    return consent


def _set(patient: Patient, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        if name not in DETAILS:
            raise ValidationError({name: "This cannot be set."})
        setattr(patient, name, value.strip() if isinstance(value, str) else value)


def _require_address(patient: Patient) -> None:
    if patient.wants_messages and not patient.email:
        raise ValidationError(
            {"email": "Messages need an email address. Give one, or untick “Wants messages by email”."}
        )


def _ask_whether_new(patient: Patient, not_these: Collection[uuid.UUID]) -> None:
    found = likely_duplicates(
        given_name=patient.given_name,
        family_name=patient.family_name,
        date_of_birth=patient.date_of_birth,
        phone=patient.phone,
        leave_out=not_these,
    )
    if found:
        raise LikelyDuplicates(found)


def _next_number() -> str:
    RecordNumber.objects.get_or_create(pk=1)
    RecordNumber.objects.filter(pk=1).update(last=F("last") + 1)
    return f"AC-{RecordNumber.objects.get(pk=1).last:05d}"
