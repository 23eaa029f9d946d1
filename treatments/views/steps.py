"""The steps an appointment can take, and which of them to offer. The operations decide; a test holds the two together."""

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from clinic.models import Staff
from treatments.booking import cancel_appointment, check_in, confirm_appointment, mark_no_show, review_instead
from treatments.models import Appointment
from treatments.models.appointment import Status
from treatments.models.treatment import Family


@dataclass(frozen=True)
class Step:
    """`offered` and the fields of `Appointment` say when its button is shown; `done` is the message afterwards."""

    operation: Callable[..., Any]
    done: str
    offered: Collection[str]


STEPS = {
    "confirm": Step(confirm_appointment, "Confirmed: it is booked again.", (Status.ON_HOLD,)),
    "check-in": Step(check_in, "Checked in.", (Status.BOOKED,)),
    "no-show": Step(mark_no_show, "Marked as a no-show.", (Status.BOOKED,)),
    "review-instead": Step(
        review_instead,
        "Turned into a review at the same time.",
        (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED),
    ),
    "cancel": Step(cancel_appointment, "Cancelled.", (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED)),
}
MOVE, START = "move", "start"
# These have pages of their own.
PAGES = {MOVE: (Status.BOOKED, Status.ON_HOLD), START: (Status.BOOKED, Status.ARRIVED)}


def offered_steps(appointment: Appointment, staff: Staff, *, now: dt.datetime, blocked: bool) -> list[str]:
    """The names of the steps to offer `staff`. `blocked`: the rule holds for this patient and treatment now."""
    named = {name: step.offered for name, step in STEPS.items()} | PAGES
    steps = [name for name, statuses in named.items() if appointment.status in statuses]
    passed = appointment.starts_at <= now
    left_out = {
        "no-show": not passed,
        "review-instead": appointment.treatment.family == Family.REVIEW,
        "confirm": blocked or passed,
        "check-in": blocked,
        MOVE: blocked,
        START: blocked or not staff.may("treat"),
    }
    return [name for name in steps if not left_out.get(name) and (name == START or staff.may("book"))]
