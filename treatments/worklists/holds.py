"""On hold: what is held, soonest first, and whether the patient has been told."""

import datetime as dt

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from clinic.wording import short_day
from treatments.eligibility import is_blocked
from treatments.models import Appointment, Hold, Message
from treatments.models.appointment import Status
from treatments.models.message import MessageKind
from treatments.worklists.rows import Row


def on_hold(now: dt.datetime) -> list[Row]:
    """Held appointments, soonest first; one whose time has passed stays, and says so."""
    held_from = (
        Hold.objects.filter(appointment=OuterRef("pk"), held_until=None).order_by("held_from").values("held_from")[:1]
    )
    told = Message.objects.filter(
        appointment=OuterRef("pk"), kind=MessageKind.HOLD, created_at__gte=OuterRef("held_from")
    )
    held = (
        Appointment.objects.filter(status=Status.ON_HOLD)
        .with_people()
        .annotate(held_from=Subquery(held_from))
        .annotate(
            blocked=is_blocked(),
            told_at=Subquery(told.filter(status=Message.Status.SENT).order_by("-sent_at").values("sent_at")[:1]),
            being_told=Exists(told.filter(status=Message.Status.QUEUED)),
        )
        .order_by("starts_at", "pk")
    )
    return [_row(appointment, now) for appointment in held]


def _row(appointment: Appointment, now: dt.datetime) -> Row:
    passed = appointment.starts_at < now
    start = timezone.localtime(appointment.starts_at)
    blocked = appointment.blocked  # type: ignore[attr-defined]
    if blocked:
        # Once its time is over, a review in its place would be one in the past.
        over = appointment.ends_at <= now
        next_step = "Book a review ahead, and cancel this." if over else "Cancel it, or turn it into a review."
    elif passed:
        next_step = "Clear again: move it to a time ahead."
    else:
        next_step = "Clear again: confirm or move it."
    return Row(
        patient=appointment.patient,
        appointment=appointment,
        why=f"{appointment.treatment.name} on {short_day(start.date())}, {start:%H:%M}, is on hold"
        + (": time passed." if passed else "."),
        since=timezone.localdate(appointment.held_from or appointment.created_at),  # type: ignore[attr-defined]
        next_step=next_step,
        urgent=passed,
        told=_told(appointment),
        untold=appointment.told_at is None and not appointment.being_told,  # type: ignore[attr-defined]
    )


def _told(appointment: Appointment) -> str:
    """Whether the patient knows, so that nobody turns up in vain."""
    if appointment.told_at is not None:  # type: ignore[attr-defined]
        return f"Told by message {short_day(timezone.localdate(appointment.told_at))}."  # type: ignore[attr-defined]
    if appointment.being_told:  # type: ignore[attr-defined]
        return "A message is waiting to be sent."
    return "Not told yet: call."
