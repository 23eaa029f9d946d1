"""Times: which are free, and why one is not. Pages, API, courses and moves share these; the clinical rule is not here."""

import datetime as dt
import itertools
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from clinic.hours import Hours, Opening, joined
from clinic.models import Room, Staff
from clinic.refusals import Blocker
from clinic.wording import short_day
from patients.models import Patient
from treatments.eligibility import training_blockers
from treatments.models import Appointment, TrainingRecord, Treatment
from treatments.models.contact import PartOfDay
from treatments.models.treatment import Family

STEP = dt.timedelta(minutes=15)
NOON = dt.time(12)
MOST_DAYS = 92
FURTHEST_AHEAD = dt.timedelta(days=3 * 366)

Stretch = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True)
class FreeTime:
    """`practitioner` could be booked from `starts_at` to `ends_at` (UTC) at `site`, in `room` where one was asked for."""

    practitioner: Staff
    starts_at: dt.datetime
    ends_at: dt.datetime
    site: uuid.UUID
    room: Room | None = None


def end_of(starts_at: dt.datetime, length: dt.timedelta) -> dt.datetime:
    """The moment `length` after `starts_at`, in UTC: added to a time of the site's zone it would be an hour off on the nights
    the clocks change."""
    return starts_at.astimezone(dt.UTC) + length


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
    rooms: Sequence[Room] = (),
    leave_out: Appointment | None = None,
    length: dt.timedelta | None = None,
    exactly: dt.datetime | None = None,
) -> Iterator[FreeTime]:
    """Each quarter of an hour from which `treatment` fits, soonest first, on the days `first` to `last` (both included).

    Three statements at most, however many people and days; the answer is made as it is read. It asks what a booking
    asks of times (hours, training on the day, overlaps; of `room` and `patient` where given), and not the rule: a time
    is free or not whoever may have it. Of `rooms`, the first that is free at the practitioner's site will do.
    `leave_out` is the appointment that is to be moved: its own time counts as free, its own leave to overlap stays.
    `exactly` is a time that is looked at too where it is no quarter of an hour.
    """
    last = min(last, first + dt.timedelta(days=MOST_DAYS - 1), timezone.localdate(now + FURTHEST_AHEAD))
    first = max(first, timezone.localdate(now) - dt.timedelta(days=1))
    people = [one for one in practitioners if one.is_practitioner and one.is_active]
    if last < first or not people:
        return
    length = length or dt.timedelta(minutes=treatment.duration_minutes)
    site, rooms = (room.site_id, [room]) if room else (None, rooms)
    hours = Hours.load(people, first, last)
    taken = _Taken.load(people, first, last, treatment, patient, rooms, leave_out)
    trained = _training(people, treatment)
    day = first
    while day <= last:
        found = {
            FreeTime(who, starts_at, end_of(starts_at, length), opening.site, place)
            for who in people
            for opening in joined(hours.openings(who, day, site))
            for starts_at in _starts(opening, length, exactly)
            if taken.is_free(who, starts_at, end_of(starts_at, length))
            for place in taken.first_free(rooms, opening.site, starts_at, end_of(starts_at, length))
            if now <= starts_at <= now + FURTHEST_AHEAD
            and _fits_part(starts_at, part_of_day)
            and (trained is None or _holds(trained.get(who.pk, []), timezone.localdate(starts_at)))
        }
        yield from sorted(found, key=lambda time: (time.starts_at, time.practitioner.name))
        day += dt.timedelta(days=1)


def _fits_part(starts_at: dt.datetime, part_of_day: str) -> bool:
    if part_of_day == PartOfDay.ANY:
        return True
    return (timezone.localtime(starts_at).time() < NOON) == (part_of_day == PartOfDay.MORNINGS)


def _holds(records: list[tuple[dt.date, dt.date]], day: dt.date) -> bool:
    return any(first <= day <= last for first, last in records)


class _Taken:
    """The stretches that are given away, by whom (or what) and day, so that no time is held against every other."""

    def __init__(self) -> None:
        self.by: dict[tuple[uuid.UUID, dt.date], list[Stretch]] = defaultdict(list)
        self.patient: uuid.UUID | None = None

    @classmethod
    def load(
        cls,
        people: Sequence[Staff],
        first: dt.date,
        last: dt.date,
        treatment: Treatment,
        patient: Patient | None,
        rooms: Sequence[Room],
        leave_out: Appointment | None,
    ) -> "_Taken":
        begin, end = (
            dt.datetime.combine(day, dt.time(), tzinfo=dt.UTC) + shift
            for day, shift in ((first, -dt.timedelta(days=1)), (last, dt.timedelta(days=2)))
        )
        whose = Q(practitioner__in=people) | Q(room__in=rooms)
        if patient is not None:
            whose |= Q(patient=patient)
        found = Appointment.objects.overlapping(begin, end).filter(whose).order_by()
        if leave_out is not None:
            found = found.exclude(pk=leave_out.pk)
        overlaps = leave_out.overlap_allowed if leave_out is not None else treatment.overlap_allowed
        taken = cls()
        taken.patient = patient.pk if patient else None
        columns = ("starts_at", "ends_at", "patient_id", "practitioner_id", "room_id", "overlap_allowed")
        for starts_at, ends_at, whom, who, where, may_overlap in found.values_list(*columns):
            walled = not (overlaps or may_overlap)
            taken._add(starts_at, ends_at, {whom} | ({who, where} if walled else set()))
        return taken

    def _add(self, starts_at: dt.datetime, ends_at: dt.datetime, whose: set[uuid.UUID]) -> None:
        for one in whose:
            for day in _days(starts_at, ends_at):
                self.by[one, day].append((starts_at, ends_at))

    def is_free(self, who: Staff, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
        """The practitioner, and the patient where there is one."""
        asked = [who.pk, self.patient] if self.patient else [who.pk]
        return all(self._is_free(one, starts_at, ends_at) for one in asked)

    def first_free(
        self, rooms: Sequence[Room], site: uuid.UUID, starts_at: dt.datetime, ends_at: dt.datetime
    ) -> list[Room | None]:
        """The first of `rooms` at the site that is free, in a list; [None] where no room was asked for, [] where none is."""
        if not rooms:
            return [None]
        free = (one for one in rooms if one.site_id == site and self._is_free(one.pk, starts_at, ends_at))
        return [*itertools.islice(free, 1)]

    def _is_free(self, whose: uuid.UUID, starts_at: dt.datetime, ends_at: dt.datetime) -> bool:
        taken = (stretch for day in _days(starts_at, ends_at) for stretch in self.by.get((whose, day), ()))
        return all(end <= starts_at or start >= ends_at for start, end in taken)


def _starts(opening: Opening, length: dt.timedelta, exactly: dt.datetime | None) -> list[dt.datetime]:
    """The quarters of an hour from which `length` fits into the opening, and `exactly` where it does."""
    past = (opening.starts_at - dt.datetime.min.replace(tzinfo=dt.UTC)) % STEP
    first = opening.starts_at + (STEP - past if past else dt.timedelta())
    count = max(0, (opening.ends_at - length - first) // STEP + 1)
    found = [first + number * STEP for number in range(count)]
    if exactly and exactly not in found and opening.starts_at <= exactly <= opening.ends_at - length:
        found.append(exactly)
    return found


def _days(starts_at: dt.datetime, ends_at: dt.datetime) -> list[dt.date]:
    """The days of UTC that a stretch lies on."""
    first = starts_at.astimezone(dt.UTC).date()
    count = (ends_at.astimezone(dt.UTC).date() - first).days
    return [first + dt.timedelta(days=ahead) for ahead in range(count + 1)]


def _training(people: Sequence[Staff], treatment: Treatment) -> dict[uuid.UUID, list[tuple[dt.date, dt.date]]] | None:
    """The days on which each is trained; None where the treatment asks for no training."""
    if treatment.family != Family.MESOTHERAPY:
        return None
    records = TrainingRecord.objects.standing().filter(staff__in=people)
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
        *busy_blockers(appointment),
    ]


def busy_blockers(appointment: Appointment) -> list[Blocker]:
    """Who or what has another appointment then; a treatment that may overlap looks at the patient only. One statement."""
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


# --- Training that ends before the day ------------------------------------------------------------------------------


def training_warnings(practitioner: Staff, treatment: Treatment, day: dt.date, *, today: dt.date) -> list[str]:
    """A sentence where a training that holds today ends before `day`: it may be booked, and cannot be started.

    One statement for mesotherapy, none for anything else.
    """
    if treatment.family != Family.MESOTHERAPY:
        return []
    records = TrainingRecord.objects.standing().filter(staff=practitioner, valid_until__gte=today)
    spans = list(records.order_by("valid_until").values_list("valid_from", "valid_until"))
    if _holds(spans, day):
        return []
    return [lapse_words(practitioner, until) for since, until in spans if since <= today][-1:]


def lapse_words(practitioner: Staff, until: dt.date) -> str:
    return (
        f"{practitioner.name}’s training ends on {short_day(until)}, before this day; it must be renewed, or the session "
        "cannot start."
    )
