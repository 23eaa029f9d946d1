"""Appointments: booked, moved, confirmed, checked in, cancelled, missed, or turned into a review. DOMAIN.md section 4."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import save_by
from clinic.hours import Hours
from clinic.models import Room, Site, Staff
from clinic.refusals import Blocker, Refused
from patients.models import Patient
from treatments.eligibility import blockers
from treatments.locks import lock_appointment, lock_patient, lock_practitioner, lock_room
from treatments.messages import queue_messages
from treatments.models import Appointment, Course, Hold, Treatment
from treatments.models.appointment import STEPS_FROM, Status
from treatments.models.message import MessageKind
from treatments.models.treatment import Family
from treatments.operation import operation
from treatments.times import FURTHEST_AHEAD, end_of, time_blockers
from treatments.waiting_list import close_as_booked, waits_for

# Somebody standing at the desk is booked for the quarter of an hour that has just begun.
WALK_IN = dt.timedelta(minutes=15)


class NoReview(ValidationError):
    """The catalogue has no review to turn an appointment into."""


@operation("book")
def book_appointment(
    *,
    patient: Patient,
    treatment: Treatment,
    practitioner: Staff,
    starts_at: dt.datetime,
    by: Staff,
    room: Room | None = None,
    course: Course | None = None,
    course_number: int | None = None,
    now: dt.datetime | None = None,
) -> Appointment:
    """Book `treatment`'s whole duration from `starts_at`.

    Raises Refused (the rule first, then training, hours, overlaps), ValidationError by field.
    """
    now = now or timezone.now()
    _require_time_ahead(starts_at, now)
    if not treatment.is_active:
        raise ValidationError({"treatment": f"{treatment.name} is no longer offered."})
    patient = lock_patient(patient)
    practitioner = _lock_practitioner(practitioner, starts_at, now, patient, treatment)
    room = lock_room(room) if room else None
    _require_people(practitioner, room)
    ends_at = end_of(starts_at, dt.timedelta(minutes=treatment.duration_minutes))
    hours = _hours(practitioner, starts_at)
    appointment = Appointment(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner,
        room=room,
        site=_site_of(room, practitioner, hours, starts_at, ends_at),
        starts_at=starts_at,
        ends_at=ends_at,
        overlap_allowed=treatment.overlap_allowed,
        course=course,
        course_number=course_number,
        created_by=by,
        created_at=now,
    )
    _refuse_if([*blockers(patient, treatment, now=now), *time_blockers(appointment, hours)])
    return _saved_as_booked(appointment, by, now)


@operation("book")
def move_appointment(
    *,
    appointment: Appointment,
    starts_at: dt.datetime,
    by: Staff,
    practitioner: Staff | None = None,
    room: Room | None = None,
    now: dt.datetime | None = None,
) -> Appointment:
    """Give a booked or held appointment another time (and practitioner or room); a held one is booked again by it.

    Without `room` it keeps the one it has; one that was taken out of use since cannot be kept, and it stands in none.
    Raises Refused, ValidationError by field.
    """
    now = now or timezone.now()
    _require_time_ahead(starts_at, now)
    appointment = lock_appointment(appointment)
    _require_step(appointment, "move", "moved", now)
    appointment.practitioner = _lock_practitioner(
        practitioner or appointment.practitioner, starts_at, now, appointment.patient, appointment.treatment
    )
    appointment.room = lock_room(room) if room else _room_to_keep(appointment)
    _require_people(appointment.practitioner, appointment.room)
    length = appointment.ends_at - appointment.starts_at
    appointment.starts_at, appointment.ends_at = starts_at, end_of(starts_at, length)
    hours = _hours(appointment.practitioner, starts_at)
    _refuse_if([*blockers(appointment.patient, appointment.treatment, now=now), *time_blockers(appointment, hours)])
    _release_hold(appointment, by, now)
    appointment.site = _site_of(appointment.room, appointment.practitioner, hours, starts_at, appointment.ends_at)
    appointment.status, appointment.status_before = Status.BOOKED, ""
    return _saved_as_booked(appointment, by, now, reason="moved")


@operation("book")
def confirm_appointment(*, appointment: Appointment, by: Staff, now: dt.datetime | None = None) -> Appointment:
    """Book a held appointment again at its own time. Raises Refused: not clear, not held, or its time has passed."""
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    _require_step(appointment, "confirm", "confirmed", now)
    appointment.practitioner = _lock_practitioner(
        appointment.practitioner, appointment.starts_at, now, appointment.patient, appointment.treatment
    )
    reasons = [
        *blockers(appointment.patient, appointment.treatment, now=now),
        *time_blockers(appointment, _hours(appointment.practitioner, appointment.starts_at)),
    ]
    if appointment.starts_at < now:
        reasons.append(_wrong_status("Its time has passed.", "Move it to a time ahead."))
    _refuse_if(reasons)
    _release_hold(appointment, by, now)
    appointment.status, appointment.status_before = Status.BOOKED, ""
    return _saved_as_booked(appointment, by, now, reason="confirmed")


@operation("book")
def check_in(*, appointment: Appointment, by: Staff, now: dt.datetime | None = None) -> Appointment:
    """The patient has arrived. Raises Refused."""
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    _require_step(appointment, "check-in", "checked in", now)
    _refuse_if(blockers(appointment.patient, appointment.treatment, now=now))
    appointment.status_before, appointment.status = appointment.status, Status.ARRIVED
    return save_by(appointment, by, reason="checked in")


@operation("book")
def cancel_appointment(
    *, appointment: Appointment, by: Staff, reason: str = "", now: dt.datetime | None = None
) -> Appointment:
    """Give the time back. A held one can always be cancelled. Raises Refused (wrong-status)."""
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    _require_step(appointment, "cancel", "cancelled", now)
    _release_hold(appointment, by, now)
    appointment.status_before, appointment.status = appointment.status, Status.CANCELLED
    appointment.cancel_reason = reason.strip()
    appointment = save_by(appointment, by, reason="cancelled")
    queue_messages([appointment], MessageKind.CANCELLATION, now)
    return appointment


@operation("book")
def mark_no_show(*, appointment: Appointment, by: Staff, now: dt.datetime | None = None) -> Appointment:
    """The patient did not come. Raises Refused (wrong-status) before the time has passed."""
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    _require_step(appointment, "no-show", "marked as a no-show", now)
    if appointment.starts_at > now:
        _refuse_if([_wrong_status("Its time has not come yet.", "Wait until it has, or cancel it.")])
    appointment.status_before, appointment.status = appointment.status, Status.NOSHOW
    return save_by(appointment, by, reason="no-show")


@operation("book")
def review_instead(
    *, appointment: Appointment, by: Staff, review: Treatment | None = None, now: dt.datetime | None = None
) -> Appointment:
    """Turn a held, booked or arrived appointment into a review: same time, same people; it remembers what it stood for.

    Raises Refused (wrong-status), ValidationError when the catalogue has no review.
    """
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    _require_step(appointment, "review-instead", "turned into a review", now)
    if appointment.treatment.family == Family.REVIEW:
        _refuse_if([_wrong_status("It is a review already.", "Nothing needs to be done.")])
    review = review or Treatment.objects.bookable().filter(family=Family.REVIEW).order_by("name").first()
    if review is None or review.family != Family.REVIEW:
        raise NoReview({"treatment": "The catalogue has no review; a manager can add one."})
    status = _status_as_review(appointment)
    was_held = appointment.status == Status.ON_HOLD
    # Whether it may overlap stays as it was booked: turned into a review it must not become a dead end.
    appointment.status, appointment.status_before = status, ""
    appointment.stood_for, appointment.treatment, appointment.turned_at = appointment.treatment, review, now
    appointment = save_by(appointment, by, reason="turned into a review")
    if was_held:
        # Ended afterwards: the guard reads from it whether the patient was here.
        _end_hold(appointment, by, now)
        # Whoever was told not to come is told to come; for the others nothing that was told has changed.
        queue_messages([appointment], MessageKind.CONFIRMATION, now)
    return appointment


def _status_as_review(appointment: Appointment) -> str:
    """Booked; or arrived, if the patient was here when it was held."""
    if appointment.status != Status.ON_HOLD:
        return appointment.status
    hold = Hold.objects.filter(appointment=appointment, held_until=None).order_by("held_from").first()
    return hold.status_before if hold else Status.BOOKED


def _require_time_ahead(starts_at: dt.datetime, now: dt.datetime) -> None:
    if starts_at < now - WALK_IN:
        raise ValidationError({"starts_at": "That time has passed."})
    if starts_at > now + FURTHEST_AHEAD:
        raise ValidationError({"starts_at": "That is more than three years ahead."})


def _require_people(practitioner: Staff, room: Room | None) -> None:
    if not (practitioner.is_active and practitioner.is_practitioner):
        raise ValidationError({"practitioner": f"{practitioner.name} is not a practitioner here."})
    if room is not None and not room.is_active:
        raise ValidationError({"room": f"{room.name} is not in use."})


def _room_to_keep(appointment: Appointment) -> Room | None:
    room = lock_room(appointment.room) if appointment.room else None
    return room if room is not None and room.is_active else None


def _require_step(appointment: Appointment, step: str, done: str, now: dt.datetime) -> None:
    """Refuse a step the status table does not have; for a held one with the rule's reasons before it."""
    if appointment.status in STEPS_FROM[step]:
        return
    reasons = []
    if appointment.status == Status.ON_HOLD:
        reasons = blockers(appointment.patient, appointment.treatment, now=now)
    status = appointment.get_status_display().lower()
    reasons.append(_wrong_status(f"It is {status}, so it cannot be {done}.", "See what can be done with it now."))
    _refuse_if(reasons)


def _wrong_status(message: str, lifts_when: str) -> Blocker:
    return Blocker("wrong-status", message, lifts_when=lifts_when)


def _refuse_if(reasons: list[Blocker]) -> None:
    if reasons:
        raise Refused(reasons)


def _lock_practitioner(
    practitioner: Staff, starts_at: dt.datetime, now: dt.datetime, patient: Patient, treatment: Treatment
) -> Staff:
    """Asks in the same statement whether the patient waits for this treatment; nobody joins while we hold their lock."""
    return lock_practitioner(
        practitioner,
        on=timezone.localdate(starts_at),
        today=timezone.localdate(now),
        is_waited_for=waits_for(patient, treatment),
    )


def _saved_as_booked(appointment: Appointment, by: Staff, now: dt.datetime, reason: str = "") -> Appointment:
    """A booking, the end of a wish for it on the waiting list, and the patient is told."""
    if appointment.practitioner.is_waited_for:  # type: ignore[attr-defined]
        close_as_booked(appointment.patient, appointment.treatment, by=by, now=now)
    appointment = save_by(appointment, by, reason=reason)
    queue_messages([appointment], MessageKind.CONFIRMATION, now)
    return appointment


def _hours(practitioner: Staff, starts_at: dt.datetime) -> Hours:
    day = starts_at.astimezone(dt.UTC).date()
    return Hours.load([practitioner], day, day)


def _site_of(
    room: Room | None, practitioner: Staff, hours: Hours, starts_at: dt.datetime, ends_at: dt.datetime
) -> Site:
    """The room's; else where the practitioner works then; outside their hours their own, to be refused in words."""
    if room is not None:
        return room.site
    there = hours.site_for(practitioner, starts_at, ends_at)
    if there is not None and there != practitioner.site_id:
        return Site(pk=there)
    site = practitioner.site or Site.objects.filter(is_active=True).order_by("name").first()
    if site is None:
        raise ValidationError({"practitioner": "The clinic has no site yet; a manager can add one."})
    return site


def _release_hold(appointment: Appointment, by: Staff, now: dt.datetime) -> None:
    if appointment.status == Status.ON_HOLD:
        _end_hold(appointment, by, now)


def _end_hold(appointment: Appointment, by: Staff, now: dt.datetime) -> None:
    Hold.objects.filter(appointment=appointment, held_until=None).update(held_until=now, released_by=by)
