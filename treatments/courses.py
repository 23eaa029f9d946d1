"""A planned course: several appointments of one treatment, some days apart, laid out in one go. Each obeys every rule."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.hours import Hours
from clinic.models import Room, Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from patients.models import Patient
from treatments.booking import book_appointment
from treatments.eligibility import blockers
from treatments.locks import lock_patient, lock_room
from treatments.models import Appointment, Course, Treatment
from treatments.models.training import trained_on
from treatments.operation import operation
from treatments.times import FURTHEST_AHEAD, FreeTime, end_of, free_times, time_blockers, training_warnings

# A place whose time is taken is looked for on its day, then on so many days after it.
NEAR = dt.timedelta(days=3)
NOT_PLACED = "place-not-free"


@dataclass(frozen=True)
class Place:
    """The `number`th of a course: the time wished for, the one found near it, or why there is none."""

    number: int
    wished: dt.datetime
    found: FreeTime | None
    reasons: Sequence[str] = ()

    @property
    def is_moved(self) -> bool:
        return self.found is not None and self.found.starts_at != self.wished

    @property
    def words(self) -> str:
        on = timezone.localtime(self.wished)
        return f"place {self.number}, {on:%a} {short_day(on.date())} {on:%H:%M}. {' '.join(self.reasons)}"


@dataclass(frozen=True)
class Plan:
    """What a course is laid out from. `practitioners` are one person, or anyone who may."""

    patient: Patient
    treatment: Treatment
    planned: int
    every_days: int
    starts_at: dt.datetime
    practitioners: Sequence[Staff]
    room: Room | None = None


def places_of(plan: Plan, *, now: dt.datetime) -> list[Place]:
    """Where each place would be, by what is free now: nothing is booked. At most seven statements a place.

    Raises ValidationError by field for what is no course.
    """
    _check(plan, now)
    made: list[Place] = []
    for number in range(1, plan.planned + 1):
        wished = _wished(plan, number)
        after = max((one.found.ends_at for one in made if one.found), default=now)
        found = _nearest(plan, wished, after, made, now)
        made.append(Place(number, wished, found, [] if found else _reasons(plan, wished, now)))
    return made


@operation("book")
def lay_out_course(
    *,
    patient: Patient,
    treatment: Treatment,
    planned: int,
    every_days: int,
    starts_at: dt.datetime,
    practitioners: Sequence[Staff],
    by: Staff,
    room: Room | None = None,
    if_not_all: Literal["rest", "nothing"] = "nothing",
    now: dt.datetime | None = None,
) -> Course:
    """Book a course: all its places, or (“rest”) those that can be placed. Its `left_out` are the places that cannot.

    Raises Refused: the rule's reasons, as a whole; or each place's, where not all can be placed and nothing was chosen,
    or none can. Raises ValidationError by field.
    """
    now = now or timezone.now()
    patient = lock_patient(patient)
    plan = Plan(patient, treatment, planned, every_days, starts_at, _locked(practitioners), room and lock_room(room))
    _check(plan, now)
    if reasons := blockers(patient, treatment, now=now):
        raise Refused(reasons)
    # Under the locks of the patient, of everybody who may be chosen and of the room: what is free now stays free.
    places = places_of(plan, now=now)
    left_out = [one for one in places if one.found is None]
    if len(left_out) == len(places) or (left_out and if_not_all == "nothing"):
        raise Refused([_not_placed(one) for one in left_out])
    course = Course(
        patient=patient, treatment=treatment, planned=planned, every_days=every_days, created_by=by, created_at=now
    )
    course.clean_fields(exclude={"patient", "treatment", "created_by"})
    course.save()
    for place in places:
        if place.found is not None:
            _book(plan, place, place.found, course, by, now)
    course.left_out = left_out  # type: ignore[attr-defined]
    return course


def _book(plan: Plan, place: Place, found: FreeTime, course: Course, by: Staff, now: dt.datetime) -> None:
    book_appointment(
        patient=plan.patient,
        treatment=plan.treatment,
        practitioner=found.practitioner,
        room=plan.room,
        starts_at=found.starts_at,
        course=course,
        course_number=place.number,
        by=by,
        now=now,
    )


def _locked(practitioners: Sequence[Staff]) -> list[Staff]:
    """All of them, in the order of their ids, so that two courses laid out at once do not lock each other out."""
    found = Staff.objects.select_for_update(no_key=True, of=("self",)).select_related("site").order_by("pk")
    return list(found.filter(pk__in=[one.pk for one in practitioners]))


def _check(plan: Plan, now: dt.datetime) -> None:
    Course(planned=plan.planned, every_days=plan.every_days).clean_fields(
        exclude={"patient", "treatment", "created_by"}
    )
    if not plan.treatment.is_active:
        raise ValidationError({"treatment": f"{plan.treatment.name} is no longer offered."})
    if plan.starts_at < now:
        raise ValidationError({"starts_at": "That time has passed."})
    if _wished(plan, plan.planned) > now + FURTHEST_AHEAD:
        raise ValidationError({"starts_at": "The course would end more than three years ahead."})
    if not plan.practitioners:
        raise ValidationError({"practitioner": "Nobody may give it."})


def _wished(plan: Plan, number: int) -> dt.datetime:
    """So many days after the first, at the same time by the clock on the wall, whatever the clocks do between."""
    first = timezone.localtime(plan.starts_at)
    on = first.replace(tzinfo=None) + dt.timedelta(days=plan.every_days * (number - 1))
    return on.replace(tzinfo=timezone.get_current_timezone()).astimezone(dt.UTC)


def _nearest(
    plan: Plan, wished: dt.datetime, after: dt.datetime, made: Sequence[Place], now: dt.datetime
) -> FreeTime | None:
    """The wished time, else the nearest on its day, else on the days after; with whoever gives the place before, if free."""
    day = timezone.localdate(wished)
    before = next((one.found.practitioner for one in reversed(made) if one.found), None)
    free = free_times(
        treatment=plan.treatment,
        practitioners=plan.practitioners,
        first=day,
        last=day + NEAR,
        now=now,
        patient=plan.patient,
        room=plan.room,
        exactly=wished,
    )
    fitting = (time for time in free if time.starts_at >= after and timezone.localdate(time.starts_at) >= day)
    return min(
        fitting,
        key=lambda time: (
            timezone.localdate(time.starts_at),
            abs(_clock(time.starts_at) - _clock(wished)),
            time.practitioner != before,
            time.starts_at,
            time.practitioner.name,
        ),
        default=None,
    )


def _clock(moment: dt.datetime) -> dt.timedelta:
    local = timezone.localtime(moment)
    return dt.timedelta(hours=local.hour, minutes=local.minute)


def _reasons(plan: Plan, wished: dt.datetime, now: dt.datetime) -> list[str]:
    """Why the wished time is not free; for one practitioner in their own words."""
    last = short_day(timezone.localdate(wished) + NEAR)
    if len(plan.practitioners) > 1:
        return [f"Nobody who may give it is free then, nor until {last}."]
    day, today = timezone.localdate(wished), timezone.localdate(now)
    who = Staff.objects.annotate(is_trained=trained_on(day), is_trained_today=trained_on(today)).get(
        pk=plan.practitioners[0].pk
    )
    ends_at = end_of(wished, dt.timedelta(minutes=plan.treatment.duration_minutes))
    would_be = Appointment(
        patient=plan.patient,
        treatment=plan.treatment,
        practitioner=who,
        room=plan.room,
        starts_at=wished,
        ends_at=ends_at,
        overlap_allowed=plan.treatment.overlap_allowed,
    )
    on = wished.date()
    found = [one.message for one in time_blockers(would_be, Hours.load([who], on, on))]
    found = found or training_warnings(who, plan.treatment, day, today=today)
    return [*found, f"Nothing else is free that day, nor until {last}."]


def _not_placed(place: Place) -> Blocker:
    return Blocker(
        NOT_PLACED,
        f"P{place.words[1:]}",
        lifts_when="Choose another first time, another practitioner, or book the rest.",
    )
