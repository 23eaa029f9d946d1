"""Undo of a slip at the desk: the last step of an appointment is taken back within minutes, through the same rule.

What stood before is read from the history, and so is when the step was written; the guards let a status go back only
to where it came from.
"""

import datetime as dt
from typing import Any

from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.eligibility import BLOCKS, blockers
from treatments.locks import lock_appointment, lock_room, lock_staff
from treatments.messages import queue_what_stands
from treatments.models import Appointment, Hold, SideEffect
from treatments.models.appointment import LIVE, Status
from treatments.operation import operation
from treatments.times import busy_blockers

UNDO_FOR = dt.timedelta(minutes=5)
# What the history calls a step → its name for a button. A step out of a hold is none: cancel, or hold again by a fact.
UNDOABLE = {
    "checked in": "check-in",
    "cancelled": "cancellation",
    "no-show": "no-show",
    "moved": "move",
    "turned into a review": "turn into a review",
}
RESTORED = (
    "status",
    "status_before",
    "treatment_id",
    "practitioner_id",
    "room_id",
    "site_id",
    "starts_at",
    "ends_at",
    "stood_for_id",
    "turned_at",
    "cancel_reason",
)
WHEN_AND_WITH = ("starts_at", "ends_at", "practitioner_id", "room_id")


def undoable_step(appointment: Appointment, *, now: dt.datetime | None = None) -> str:
    """The name of the step that can still be taken back, "" when there is none. One statement."""
    found = _last_step(appointment, now or timezone.now())
    return UNDOABLE[found[0].history_change_reason] if found else ""


@operation("book")
def undo_step(*, appointment: Appointment, by: Staff, now: dt.datetime | None = None) -> Appointment:
    """Take the last step back, to exactly what stood before.

    Raises Refused: the rule, the time is taken meanwhile, too late, or another step since. Hours are not asked: what
    was booked into a closed day or an absence stood there, and is listed to be moved.
    """
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    found = _last_step(appointment, now)
    if found is None:
        raise Refused(_nothing_to_undo(appointment, now))
    last, before = found
    moved = any(getattr(appointment, name) != getattr(before, name) for name in WHEN_AND_WITH)
    was_live = appointment.status in LIVE
    for name in RESTORED:
        setattr(appointment, name, getattr(before, name))
    appointment = _with_people(appointment)
    holding = _holding(appointment) if appointment.status == Status.ON_HOLD else None
    reasons = _held_by(holding) if appointment.status == Status.ON_HOLD else _rule(appointment, now)
    if not reasons and (moved or not was_live):
        reasons = busy_blockers(appointment)
    if reasons:
        raise Refused(reasons)
    appointment = save_by(appointment, by, reason=f"undone: {UNDOABLE[last.history_change_reason]}")
    if holding is not None:
        _hold_again(appointment, holding, now)
    if moved or not was_live:
        queue_what_stands(appointment, before.history_date, now)
    return appointment


def _nothing_to_undo(appointment: Appointment, now: dt.datetime) -> list[Blocker]:
    """Why not; held meanwhile, the rule's reasons come first."""
    words = "There is nothing to undo: a step can be taken back for five minutes, while it is the last one."
    reasons = _rule(appointment, now) if appointment.status == Status.ON_HOLD else []
    return [*reasons, Blocker("wrong-status", words, lifts_when="See what can be done with it now.")]


def _last_step(appointment: Appointment, now: dt.datetime) -> tuple[Any, Any] | None:
    """The newest two rows of the history, where the newest is a step that may be taken back."""
    rows = list(appointment.history.order_by("-history_date", "-history_id")[:2])
    if len(rows) < 2:
        return None
    last, before = rows
    if last.history_change_reason not in UNDOABLE or last.history_date + UNDO_FOR < now:
        return None
    if last.status != appointment.status:
        return None  # a guard has held it since
    from_hold = before.status == Status.ON_HOLD
    return None if from_hold and last.status != Status.CANCELLED else (last, before)


def _with_people(appointment: Appointment) -> Appointment:
    """The relations anew: setting an id leaves the object that was fetched with the old one."""
    for name in ("practitioner", "treatment", "room", "site", "stood_for"):
        appointment._state.fields_cache.pop(name, None)
    appointment.practitioner = lock_staff(appointment.practitioner)
    appointment.room = lock_room(appointment.room) if appointment.room else None
    return appointment


def _rule(appointment: Appointment, now: dt.datetime) -> list[Blocker]:
    return blockers(appointment.patient, appointment.treatment, now=now)


def _holding(appointment: Appointment) -> SideEffect | None:
    """What holds it now, the oldest first."""
    held_by = SideEffect.objects.open().filter(patient=appointment.patient, kind__in=BLOCKS)
    return held_by.order_by("recorded_at").first()


def _held_by(holding: SideEffect | None) -> list[Blocker]:
    if holding is not None:
        return []
    lifts_when = "Book it again: the patient is clear."
    return [Blocker("wrong-status", "It was on hold, and nothing holds it any more.", lifts_when=lifts_when)]


def _hold_again(appointment: Appointment, holding: SideEffect, now: dt.datetime) -> None:
    """A cancelled hold comes back as a hold, with a row of its own, that says what the last one said."""
    was = Hold.objects.filter(appointment=appointment).order_by("-held_from", "-pk").first()
    status_before = was.status_before if was else Status.BOOKED
    Hold.objects.create(appointment=appointment, side_effect=holding, status_before=status_before, held_from=now)
