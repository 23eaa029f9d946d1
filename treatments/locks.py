"""The order in which operations lock: patient(s) by id, then practitioner, then room, then the appointment.

Read unlocked, lock, read again, ask, act (DESIGN.md). On SQLite the single writer's lock at BEGIN serves.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError

from clinic.models import Room, Staff
from patients.models import Patient
from patients.registration import MERGED
from treatments.models import Appointment, SideEffect
from treatments.models.training import trained_on


def lock_patient(patient: Patient) -> Patient:
    """The patient, read again under lock. Raises ValidationError when merged into another record."""
    locked = Patient.objects.select_for_update(no_key=True).get(pk=patient.pk)
    if locked.merged_into_id is not None:
        raise ValidationError({"patient": MERGED})
    return locked


def lock_patients(*patients: Patient) -> list[Patient]:
    return [lock_patient(patient) for patient in sorted(patients, key=lambda one: one.pk)]


def lock_staff(staff: Staff) -> Staff:
    return Staff.objects.select_for_update(no_key=True, of=("self",)).select_related("site").get(pk=staff.pk)


def lock_practitioner(staff: Staff, *, on: dt.date, today: dt.date, **also: Any) -> Staff:
    """Under lock, with `is_trained` for mesotherapy on the day and `is_trained_today`: no statement of their own.

    `also` are annotations of the caller's, asked here because they must be asked after the patient's lock.
    """
    return (
        Staff.objects.select_for_update(no_key=True, of=("self",))
        .select_related("site")
        .annotate(is_trained=trained_on(on), is_trained_today=trained_on(today), **also)
        .get(pk=staff.pk)
    )


def lock_room(room: Room) -> Room:
    return Room.objects.select_for_update(no_key=True, of=("self",)).select_related("site").get(pk=room.pk)


def lock_appointment(appointment: Appointment) -> Appointment:
    """The appointment, read again under its patient's lock and its own."""
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=appointment.patient_id)
    return (
        Appointment.objects.select_for_update(no_key=True, of=("self",))
        .select_related("patient", "treatment", "practitioner", "room", "site")
        .get(pk=appointment.pk)
    )


def lock_side_effect(side_effect: SideEffect) -> SideEffect:
    Patient.objects.select_for_update(no_key=True).only("pk").get(pk=side_effect.patient_id)
    return (
        SideEffect.objects.select_for_update(no_key=True, of=("self",)).select_related("patient").get(pk=side_effect.pk)
    )
