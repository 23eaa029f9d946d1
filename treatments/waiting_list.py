"""The waiting list: “call when clear”. A wish ends by a booking of that treatment, or by somebody closing it with a reason."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db.models import Exists
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import short_day
from patients.models import Patient
from treatments.eligibility import BLOCKS
from treatments.locks import lock_patient
from treatments.models import Treatment, WaitingListEntry
from treatments.models.contact import PartOfDay
from treatments.models.treatment import Family
from treatments.operation import operation

BOOKED = "booked"
_ANY_TIME: dict[str, str] = {Family.CONSULTATION: "a consultation", Family.REVIEW: "a review"}


@operation("book")
def join_waiting_list(
    *,
    patient: Patient,
    treatment: Treatment,
    by: Staff,
    practitioner: Staff | None = None,
    part_of_day: str = PartOfDay.ANY,
    note: str = "",
    now: dt.datetime | None = None,
) -> WaitingListEntry:
    """Note that `patient` wishes for `treatment` and is to be called when clear. Raises ValidationError by field.

    Only for what a blocker can stand against: nobody would be called for anything else, which can be booked at once.

    Under the patient's lock, as bookings are: a booking sees the wish, or the wish comes after the booking.
    """
    if not treatment.is_active:
        raise ValidationError({"treatment": f"{treatment.name} is no longer offered."})
    if not any(treatment.family in families for families in BLOCKS.values()):
        what = _ANY_TIME.get(treatment.family, treatment.name)
        sentence = f"There is no waiting list for {what}: it can be booked at any time."
        raise ValidationError({"treatment": sentence})
    if practitioner is not None and not (practitioner.is_active and practitioner.is_practitioner):
        raise ValidationError({"practitioner": f"{practitioner.name} is not a practitioner here."})
    patient = lock_patient(patient)
    there = WaitingListEntry.objects.waiting().filter(patient=patient, treatment=treatment).first()
    if there is not None:
        since = short_day(timezone.localdate(there.joined_at))
        raise ValidationError({"treatment": f"{patient} has been on the waiting list for it since {since}."})
    entry = WaitingListEntry(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner,
        part_of_day=part_of_day,
        note=note.strip(),
        joined_at=now or timezone.now(),
        by=by,
    )
    entry.clean_fields(exclude={"patient", "treatment", "practitioner", "by"})
    entry.save()
    return entry


@operation("book")
def leave_waiting_list(
    *, entry: WaitingListEntry, reason: str, by: Staff, now: dt.datetime | None = None
) -> WaitingListEntry:
    """Close a wish with the reason why nobody needs to call. Closed already, it stays as it was. Raises ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why nobody needs to call."})
    lock_patient(entry.patient)
    entry.refresh_from_db()
    if entry.closed_at is None:
        entry.closed_at, entry.closed_by, entry.close_reason = now or timezone.now(), by, reason.strip()
        entry.clean_fields(exclude={"patient", "treatment", "practitioner", "by", "closed_by"})
        entry.save(update_fields=["closed_at", "closed_by", "close_reason"])
    return entry


def waits_for(patient: Patient, treatment: Treatment) -> Exists:
    """An annotation: the patient is on the waiting list for it. A booking asks it together with something else."""
    return Exists(WaitingListEntry.objects.waiting().filter(patient=patient, treatment=treatment))


def close_as_booked(patient: Patient, treatment: Treatment, *, by: Staff, now: dt.datetime) -> None:
    """The wish came true. Within the booking's transaction, under the patient's lock. One statement."""
    WaitingListEntry.objects.waiting().filter(patient=patient, treatment=treatment).update(
        closed_at=now, closed_by=by, close_reason=BOOKED
    )
