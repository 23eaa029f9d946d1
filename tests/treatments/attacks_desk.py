"""Attacks on the desk's own rows: calls, follow-ups, messages, courses, the waiting list."""

from collections.abc import Callable

from django.db import models

from patients.models import Patient
from tests import raw_sql
from tests.factories import make_session
from treatments.models import Call, Course, FollowUp, Message, WaitingListEntry


def _call(w, patient: Patient) -> models.Model:
    return Call(patient=patient, worklist="on-hold", by=w.reception, outcome="reached")


def _course(w, patient: Patient) -> models.Model:
    return Course(patient=patient, treatment=w.mesotherapy, planned=6, every_days=7, created_by=w.reception)


def _follow_up(w, patient: Patient) -> models.Model:
    session = make_session(patient=w.amara, practitioner=w.rosa, treatment=w.mesotherapy)
    return FollowUp(patient=patient, session=session, by=w.reception)


def _message(w, patient: Patient) -> models.Model:
    booked = w.booked()
    return Message(
        patient=patient, appointment=booked, kind="hold", about_starts_at=booked.starts_at, to="amara@patient.example"
    )


def _wish(w, patient: Patient) -> models.Model:
    return WaitingListEntry(patient=patient, treatment=w.mesotherapy, by=w.reception)


def _for_a_merged_record(make) -> Callable:
    def attack(w):
        row = make(w, w.merged())
        return lambda: raw_sql.insert(row)

    attack.__name__ = f"add{make.__name__}_to_a_merged_record"
    return attack


def _delete(make) -> Callable:
    def attack(w):
        row = make(w, w.amara)
        row.save()
        return lambda: raw_sql.delete(row)

    attack.__name__ = f"delete{make.__name__}"
    return attack


NEW = {"call": _call, "course": _course, "followup": _follow_up, "message": _message, "waitinglistentry": _wish}
KEPT = {"call": _call, "followup": _follow_up, "message": _message}

DESK_ATTACKS = [
    *(
        (f"guard_merged_treatments_{table}", _for_a_merged_record(make), "patient-merged")
        for table, make in NEW.items()
    ),
    *((f"guard_kept_treatments_{table}", _delete(make), "never-deleted") for table, make in KEPT.items()),
]
