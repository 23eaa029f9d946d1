"""Times: which are free, and why one is not. Pages, API, courses and moves share these; the clinical rule is not here."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from clinic.hours import Hours
from clinic.models import Room, Staff
from clinic.refusals import Blocker
from patients.models import Patient
from treatments.eligibility import training_blockers
from treatments.models import Appointment, TrainingRecord, Treatment
from treatments.models.contact import PartOfDay
from treatments.models.treatment import Family

STEP = dt.timedelta(minutes=15)
NOON = dt.time(12)
MOST_DAYS = 92


@dataclass(frozen=True)
class FreeTime:
    """`practitioner` could be booked from `starts_at` to `ends_at` (UTC) at `site`, as far as times go."""

    practitioner: Staff
    starts_at: dt.datetime
    ends_at: dt.datetime
    site: uuid.UUID


@dataclass(frozen=True)
class _Taken:
    starts_at: dt.datetime
    ends_at: dt.datetime
    practitioner: uuid.UUID
    room: uuid.UUID | None
    patient: uuid.UUID
    overlap_allowed: bool


def free_times(
    *,
    treatment: Treatment,
    practitioners: Sequence[Staff],
    first: dt.date,
    last: dt.date,
    now: dt.datetime,
    part_of_day: str = PartOfDay.ANY,
    patient: Patient | None = None,
    room: Room | None = None,
    leave_out: Appointment | None = None,
    length: dt.timedelta | None = None,
) -> Iterator[FreeTime]:
    """Each quarter of an hour from which `treatment` fits, soonest first, on the days `first` to `last` (both included).

    Three statements at most, however many people and days; the answer is made as it is read. It asks what a booking
    asks of times (hours, training on the day, overlaps; of `room` and `patient` where given), and not the rule:
    a time is free or not whoever may have it. `leave_out` is the appointment that is to be moved.
    """
    last = min(last, first + dt.timedelta(days=MOST_DAYS))
    people = [one for one in practitioners if one.is_practitioner and one.is_active]
    hours = Hours.load(people, first, last)
    taken = _taken(people, first, last, patient, room, leave_out)
    trained = _training(people, treatment)
    length = length or dt.timedelta(minutes=treatment.duration_minutes)
    day = first
    while day <= last:
        found = [
            FreeTime(who, starts_at, starts_at + length, opening.site)
            for who in people
            if trained is None or any(a <= day <= b for a, b in trained.get(who.pk, []))
            for opening in hours.openings(who, day, room.site_id if room else None)
            for starts_at in _starts(opening.starts_at, opening.ends_at, length)
            if starts_at >= now
            and _fits_part(starts_at, part_of_day)
            and not _clashes(taken, treatment, starts_at, starts_at + length, who.pk, patient, room)
        ]
        yield from sorted(found, key=lambda time: (time.starts_at, time.practitioner.name))
        day += dt.timedelta(days=1)


def _starts(begins: dt.datetime, ends: dt.datetime, length: dt.timedelta) -> Iterator[dt.datetime]:
    past = dt.timedelta(minutes=begins.minute % 15, seconds=begins.second)
    at = begins - past + (STEP if past else dt.timedelta())
    while at + length <= ends:
        yield at
        at += STEP


def _fits_part(starts_at: dt.datetime, part_of_day: str) -> bool:
    if part_of_day == PartOfDay.ANY:
        return True
    return (timezone.localtime(starts_at).time() < NOON) == (part_of_day == PartOfDay.MORNINGS)


def _taken(
    people: Sequence[Staff],
    first: dt.date,
    last: dt.date,
    patient: Patient | None,
    room: Room | None,
    leave_out: Appointment | None,
) -> list[_Taken]:
    begin, end = (
        dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC) + shift
        for day, shift in ((first, -dt.timedelta(days=1)), (last, dt.timedelta(days=2)))
    )
    whose = Q(practitioner__in=people)
    if patient is not None:
        whose |= Q(patient=patient)
    if room is not None:
        whose |= Q(room=room)
    found = Appointment.objects.overlapping(begin, end).filter(whose).order_by()
    if leave_out is not None:
        found = found.exclude(pk=leave_out.pk)
    columns = ("starts_at", "ends_at", "practitioner_id", "room_id", "patient_id", "overlap_allowed")
    return [_Taken(*row) for row in found.values_list(*columns)]


def _clashes(
    taken: list[_Taken],
    treatment: Treatment,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    who: uuid.UUID,
    patient: Patient | None,
    room: Room | None,
) -> bool:
    for one in taken:
        if one.starts_at >= ends_at or one.ends_at <= starts_at:
            continue
        if patient is not None and one.patient == patient.pk:
            return True
        if treatment.overlap_allowed or one.overlap_allowed:
            continue
        if one.practitioner == who or (room is not None and one.room == room.pk):
            return True
    return False


def _training(people: Sequence[Staff], treatment: Treatment) -> dict[uuid.UUID, list[tuple[dt.date, dt.date]]] | None:
    """The days on which each is trained; None where the treatment asks for no training."""
    if treatment.family != Family.MESOTHERAPY:
        return None
    records = TrainingRecord.objects.filter(staff__in=people, family=Family.MESOTHERAPY, withdrawn_on=None)
    found: dict[uuid.UUID, list[tuple[dt.date, dt.date]]] = {}
    for staff, first, last in records.order_by().values_list("staff_id", "valid_from", "valid_until"):
        found.setdefault(staff, []).append((first, last))
    return found


# --- Why one time is not free ---------------------------------------------------------------------------------------


def time_blockers(appointment: Appointment, hours: Hours) -> list[Blocker]:
    """Training on the day, hours, then who or what is busy. One statement.

    The practitioner comes from `lock_practitioner`. Booked ahead, a training that holds today and lapses before the
    day is enough: it is warned of, listed until it is renewed, and refused at the start.
    """
    who, day = appointment.practitioner, timezone.localdate(appointment.starts_at)
    is_trained = who.is_trained or who.is_trained_today  # type: ignore[attr-defined]
    site = appointment.room.site_id if appointment.room else None
    return [
        *training_blockers(who, appointment.treatment, day, is_trained=is_trained),
        *hours.blockers(who, appointment.starts_at, appointment.ends_at, site=site),
        *_busy(appointment),
    ]


def _busy(appointment: Appointment) -> list[Blocker]:
    others = Q(patient=appointment.patient)
    if not appointment.overlap_allowed:
        same = Q(practitioner=appointment.practitioner)
        if appointment.room:
            same |= Q(room=appointment.room)
        others |= same & Q(overlap_allowed=False)
    found = (
        Appointment.objects.overlapping(appointment.starts_at, appointment.ends_at)
        .filter(others)
        .exclude(pk=appointment.pk)
        .order_by("starts_at")
        .values_list("practitioner_id", "room_id", "patient_id", "starts_at", "ends_at", "overlap_allowed")
    )
    reasons: dict[str, Blocker] = {}
    for practitioner_id, room_id, patient_id, starts_at, ends_at, overlaps in found:
        walled = not (overlaps or appointment.overlap_allowed)
        taken = f"from {timezone.localtime(starts_at):%H:%M} to {timezone.localtime(ends_at):%H:%M}"
        for code, who, is_same in (
            (
                "practitioner-busy",
                appointment.practitioner.name,
                walled and practitioner_id == appointment.practitioner_id,
            ),
            ("room-busy", str(appointment.room), walled and room_id is not None and room_id == appointment.room_id),
            ("patient-busy", "The patient", patient_id == appointment.patient_id),
        ):
            if is_same and code not in reasons:
                reasons[code] = Blocker(code, f"{who} is taken {taken}.", lifts_when="Choose another time.")
    return list(reasons.values())
