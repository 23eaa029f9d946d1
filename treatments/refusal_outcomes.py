"""What became of an attempt that was refused: asked of the records, within two weeks after it.

A review that was booked or turned into counts before a place on the waiting list, and that before a mesotherapy booked
later; a treatment given all the same before all of them. Nothing of these, and two weeks gone by: the patient left it.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Q

from clinic.models import Refusal
from patients.models import Patient
from treatments.models import Appointment, Deviation, WaitingListEntry
from treatments.models.treatment import Family

WITHIN = dt.timedelta(days=14)
GIVEN, REVIEW, WAITING, BOOKED, LEFT, NOT_YET = "given", "review", "waiting", "booked", "left", "not-yet"
WORDS = {
    GIVEN: "Given all the same",
    REVIEW: "A review was booked",
    WAITING: "On the waiting list",
    BOOKED: "Mesotherapy booked later",
    LEFT: "Left",
    NOT_YET: "Nothing yet",
}
_Times = dict[str, dict[uuid.UUID, list[dt.datetime]]]


def standing_ids(patients: Iterable[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """For each record the one that stands for it now. One statement where none was merged."""
    found: dict[uuid.UUID, uuid.UUID] = {pk: pk for pk in patients}
    asked = set(found)
    while asked:
        merged = dict(
            Patient.objects.filter(pk__in=asked).exclude(merged_into=None).values_list("pk", "merged_into_id")
        )
        found = {pk: merged.get(now, now) for pk, now in found.items()}
        asked = set(merged.values())
    return found


def outcomes(refusals: Sequence[Refusal], now: dt.datetime) -> dict[int, str]:
    """By the refusal's id. Five statements, however many; none for attempts that name no patient."""
    stand = standing_ids({one.patient_id for one in refusals if one.patient_id})
    if not stand:
        return {one.pk: LEFT if one.at < now - WITHIN else NOT_YET for one in refusals}
    times = _times(set(stand.values()), min(one.at for one in refusals))
    return {one.pk: _outcome(one, stand, times, now) for one in refusals}


def _times(patients: set[uuid.UUID], since: dt.datetime) -> _Times:
    found: _Times = {name: defaultdict(list) for name in (GIVEN, REVIEW, WAITING, BOOKED)}
    deviations = Deviation.objects.filter(appointment__patient__in=patients, recorded_at__gte=since)
    for patient, at in deviations.values_list("appointment__patient_id", "recorded_at"):
        found[GIVEN][patient].append(at)
    made = Q(created_at__gte=since) | Q(turned_at__gte=since)
    visits = Appointment.objects.filter(made, patient__in=patients).exclude(deviation__isnull=False)
    rows = visits.values_list("patient_id", "treatment__family", "created_at", "turned_at")
    for patient, family, created, turned in rows:
        if family == Family.REVIEW:
            found[REVIEW][patient] += [at for at in (created, turned) if at]
        elif family == Family.MESOTHERAPY:
            found[BOOKED][patient].append(created)
    waiting = WaitingListEntry.objects.filter(patient__in=patients, joined_at__gte=since)
    for patient, at in waiting.values_list("patient_id", "joined_at"):
        found[WAITING][patient].append(at)
    return found


def _outcome(one: Refusal, stand: dict[uuid.UUID, uuid.UUID], times: _Times, now: dt.datetime) -> str:
    patient = stand.get(one.patient_id) if one.patient_id else None
    for name in (GIVEN, REVIEW, WAITING, BOOKED):
        if patient and any(one.at <= at <= one.at + WITHIN for at in times[name][patient]):
            return name
    return LEFT if one.at < now - WITHIN else NOT_YET
