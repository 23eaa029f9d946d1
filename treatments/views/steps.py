"""Which steps an appointment's pages offer. The operations decide; a test holds each button to its operation."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from clinic.models import Staff
from treatments.booking import cancel_appointment, check_in, confirm_appointment, mark_no_show, review_instead
from treatments.models import Appointment
from treatments.models.appointment import STEPS_FROM, Status
from treatments.models.treatment import Family


@dataclass(frozen=True)
class Step:
    """A button: what it does, and the message afterwards."""

    operation: Callable[..., Any]
    done: str


STEPS = {
    "confirm": Step(confirm_appointment, "Confirmed: it is booked again."),
    "check-in": Step(check_in, "Checked in."),
    "no-show": Step(mark_no_show, "Marked as a no-show."),
    "review-instead": Step(review_instead, "Turned into a review at the same time."),
    "cancel": Step(cancel_appointment, "Cancelled."),
}
# These have pages of their own.
MOVE, START = "move", "start"


def offered_steps(appointment: Appointment, staff: Staff, *, now: dt.datetime, blocked: bool) -> list[str]:
    """The names of the steps to offer `staff`. `blocked`: the rule holds for this patient and treatment now."""
    steps = [name for name in (*STEPS, MOVE, START) if appointment.status in STEPS_FROM[name]]
    passed = appointment.starts_at <= now
    left_out = {
        "no-show": not passed,
        # Of a time that is over nobody can make a review any more: book one ahead, and cancel this.
        "review-instead": appointment.treatment.family == Family.REVIEW
        or (appointment.ends_at <= now and appointment.status != Status.ARRIVED),
        "confirm": blocked or passed,
        "check-in": blocked or timezone.localdate(appointment.starts_at) > timezone.localdate(now),
        MOVE: blocked,
        START: blocked or not staff.may("treat"),
    }
    return [name for name in steps if not left_out.get(name) and (name == START or staff.may("book"))]
