"""What became of an attempt that was refused: asked of the records, within two weeks after it.

Asked of attempts that would have brought a patient to a treatment; a lot not recalled leads nobody anywhere. A treatment given
all the same comes before one begun later in the usual way, that before a review (booked then, or standing already), a review
before a place on the waiting list, and that before a mesotherapy that is booked. Nothing of these, and two weeks gone by: the
patient left it.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from clinic.models import Refusal
from patients.models import Patient
from treatments.models import Appointment, Deviation, Session, WaitingListEntry
from treatments.models.appointment import Status
from treatments.models.treatment import Family

WITHIN = dt.timedelta(days=14)
GIVEN, TREATED, REVIEW, WAITING, BOOKED = "given", "treated", "review", "waiting", "booked"
LEFT, NOT_YET, NOT_ASKED = "left", "not-yet", "not-asked"
WORDS = {
    GIVEN: "Given all the same",
    TREATED: "Treated later",
    REVIEW: "A review is booked",
    WAITING: "On the waiting list",
    BOOKED: "Mesotherapy is booked",
    LEFT: "Left",
    NOT_YET: "Nothing yet",
    NOT_ASKED: "–",
}
# What a page or an operation was asked for that would have brought the patient to a treatment.
ON_THE_WAY = frozenset(
    ("book_appointment", "lay_out_course", "move_appointment", "confirm_appointment", "check_in", "start_session",
     "undo_step", "book", "course", "appointment-move", "appointment-step", "appointment-undo", "session-start")
)  # fmt: skip
STANDS = (Status.BOOKED, Status.ARRIVED, Status.IN_PROGRESS, Status.FULFILLED)


@dataclass(frozen=True)
class _Since:
    """When what happened, by patient; and how each visit's status went, by visit, oldest first."""

    times: dict[str, dict[uuid.UUID, list[dt.datetime]]] = field(
        default_factory=lambda: {name: defaultdict(list) for name in (GIVEN, TREATED, REVIEW, WAITING, BOOKED)}
    )
    visits: dict[uuid.UUID, list[tuple[dt.datetime, bool]]] = field(default_factory=lambda: defaultdict(list))


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
    """By the refusal's id. Six statements, however many; none where no patient was on the way to a treatment."""
    asked = [one for one in refusals if one.operation in ON_THE_WAY and one.patient_id]
    found = dict.fromkeys((one.pk for one in refusals), NOT_ASKED)
    if not asked:
        return found
    stand = standing_ids({one.patient_id for one in asked if one.patient_id})
    visits = {one.appointment_id for one in asked if one.appointment_id}
    since = _happened(set(stand.values()), visits, min(one.at for one in asked))
    return found | {one.pk: _outcome(one, stand, since, now) for one in asked}


def _happened(patients: set[uuid.UUID], visits: set[uuid.UUID], since: dt.datetime) -> _Since:
    found = _Since()
    deviations = Deviation.objects.filter(appointment__patient__in=patients, recorded_at__gte=since)
    for patient, at in deviations.values_list("appointment__patient_id", "recorded_at"):
        found.times[GIVEN][patient].append(at)
    begun = Session.objects.standing().filter(
        patient__in=patients, family=Family.MESOTHERAPY, started_at__gte=since, appointment__deviation=None
    )
    for patient, at in begun.values_list("patient_id", "started_at"):
        found.times[TREATED][patient].append(at)
    waiting = WaitingListEntry.objects.filter(patient__in=patients, joined_at__gte=since)
    for patient, at in waiting.values_list("patient_id", "joined_at"):
        found.times[WAITING][patient].append(at)
    _booked(found, patients, since)
    _went(found, visits)
    return found


def _booked(found: _Since, patients: set[uuid.UUID], since: dt.datetime) -> None:
    made = Q(created_at__gte=since) | Q(turned_at__gte=since)
    standing = Q(treatment__family=Family.REVIEW, starts_at__gte=since, status__in=STANDS)
    visits = Appointment.objects.filter(made | standing, patient__in=patients, deviation=None)
    rows = visits.values_list("patient_id", "treatment__family", "created_at", "turned_at", "starts_at", "status")
    for patient, family, created, turned, starts, status in rows:
        if family == Family.REVIEW:
            # One that was booked already and is kept serves the patient as well as one booked then.
            kept = starts if status in STANDS else None
            found.times[REVIEW][patient] += [at for at in (created, turned, kept) if at]
        elif family == Family.MESOTHERAPY:
            found.times[BOOKED][patient].append(created)


def _went(found: _Since, visits: set[uuid.UUID]) -> None:
    kept = Appointment.history.filter(id__in=visits).order_by("history_date", "history_id")
    rows = kept.values_list("id", "history_date", "status", "treatment__family")
    for visit, at, status, family in rows if visits else ():
        found.visits[visit].append((at, status in STANDS and family == Family.MESOTHERAPY))


def _outcome(one: Refusal, stand: dict[uuid.UUID, uuid.UUID], since: _Since, now: dt.datetime) -> str:
    patient = stand.get(one.patient_id) if one.patient_id else None
    until = one.at + WITHIN
    for name in (GIVEN, TREATED, REVIEW, WAITING, BOOKED):
        if patient and any(one.at <= at <= until for at in since.times[name][patient]):
            return name
    stood = [stands for at, stands in since.visits[one.appointment_id] if at <= until] if one.appointment_id else []
    if stood and stood[-1]:
        return BOOKED
    return LEFT if until < now else NOT_YET
