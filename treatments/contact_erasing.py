"""Erasing a patient's contact data, as the law allows: the clinical record stays, with the reason why it was done."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Export, Staff
from clinic.refusals import Blocker, Refused
from patients.erasing import Contact, blank_contact, contact_of, records_of
from patients.models import Patient, PatientImport
from treatments.displaced import TO_COME
from treatments.export_jobs import remove_export
from treatments.exports import LISTS
from treatments.locks import lock_patient
from treatments.models import Appointment, Message, RecallCall, SideEffect, WaitingListEntry
from treatments.operation import operation
from treatments.recalled import recalls_to_tell

NOT_SENT = "Contact data erased."
ADDRESS = "erased@invalid.example"


@dataclass(frozen=True)
class Preview:
    """What would go, how many messages name the address, and why not yet."""

    contact: Contact
    messages: int
    reasons: list[Blocker]


def preview(patient: Patient, *, now: dt.datetime) -> Preview:
    return Preview(contact_of(patient), _messages(patient).count(), why_not(patient, now=now))


def why_not(patient: Patient, *, now: dt.datetime) -> list[Blocker]:
    """Who is waited for, or has to be told something, must stay within reach."""
    found = []
    if SideEffect.objects.open().filter(patient=patient).exists():
        words = "A side effect is still open, and the patient must stay within reach until it is closed."
        found.append(Blocker("side-effect-open", words, lifts_when="Close it first."))
    if Appointment.objects.filter(patient=patient, status__in=TO_COME, starts_at__gte=now).exists():
        words = "An appointment is booked ahead, and the patient must stay within reach for it."
        found.append(Blocker("booked-ahead", words, lifts_when="Cancel it, or wait until it is over."))
    if WaitingListEntry.objects.waiting().filter(patient=patient).exists():
        words = "The patient is on the waiting list, and is to be called."
        found.append(Blocker("waiting-list", words, lifts_when="Take them off the waiting list first."))
    not_reached = RecallCall.objects.filter(patient=patient, how=RecallCall.How.NOT_REACHED, recall__ended_at=None)
    if recalls_to_tell(patient).exists() or not_reached.exists():
        words = "The patient has not been told yet of a product that was recalled."
        found.append(Blocker("recall-untold", words, lifts_when="Tell them first."))
    if PatientImport.objects.exclude(status=PatientImport.Status.APPLIED).exists():
        words = "An import is open: its file may hold the same phone number and address."
        found.append(Blocker("import-open", words, lifts_when="Apply it or throw it away first."))
    return found


def _messages(patient: Patient) -> QuerySet[Message]:
    return Message.objects.filter(patient__in=records_of(patient)).exclude(to=ADDRESS)


def _files_with_it(patient: Patient) -> QuerySet[Export]:
    """Archives of it, and lists with contact data, whoever asked: made, half made, or only asked for, since a worker may read
    the old number before this is committed. What such a list holds is not looked up; it is asked for again in a minute."""
    lists = [code for code, one in LISTS.items() if one.holds_contact]
    own = Q(kind=Export.Kind.PATIENT, patient_id__in=records_of(patient))
    # A failed one has no file, and keeps the filter it was asked with: perhaps this very number.
    return Export.objects.filter(own | Q(kind=Export.Kind.LIST, list_code__in=lists)).exclude(state=Export.State.GONE)


@operation("erase-contact-data")
def erase_contact_data(
    *,
    patient: Patient,
    reason: str,
    number: str,
    by: Staff,
    now: dt.datetime | None = None,
    through: HttpRequest | None = None,
) -> Patient:
    """Phone, email and wish for messages go, from the record, its history, its imports, its messages, the archives that
    were made of it and every list that may hold it; for good.

    `number` is the record number, typed once more. Raises ValidationError by field, Refused while the patient must stay
    within reach.
    """
    now = now or timezone.now()
    patient = lock_patient(patient)
    if not (reason := reason.strip()):
        raise ValidationError({"reason": "Say why."})
    if number.strip().upper() != patient.number.upper():
        raise ValidationError({"number": "This is not the number of this record. Nothing was erased."})
    if reasons := why_not(patient, now=now):
        raise Refused(reasons, patient_id=patient.pk)
    messages = _messages(patient)
    messages.filter(status=Message.Status.QUEUED).update(
        status=Message.Status.DROPPED, problem=NOT_SENT, next_try_at=None
    )
    told = messages.update(to=ADDRESS)
    patient = blank_contact(patient, reason=reason, by=by, now=now)
    for export in _files_with_it(patient):
        remove_export(export)
    record_event(AuditEvent.Kind.CONTACT_ERASED, request=through, actor=by, patient_id=patient.pk, messages=told)
    return patient
