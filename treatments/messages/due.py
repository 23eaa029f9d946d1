"""What is due by the clock: reminders, and messages whose job got lost. Run each minute, by any number of workers."""

import datetime as dt
import threading
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from treatments.messages.sending import enqueue, send_message
from treatments.models import Appointment, Message
from treatments.models.appointment import Status
from treatments.models.message import MessageKind

# Each reminder: from how long before the appointment, until how long before.
REMINDERS = {
    MessageKind.REMINDER_48: (dt.timedelta(hours=48), dt.timedelta(hours=3)),
    MessageKind.REMINDER_3: (dt.timedelta(hours=3), dt.timedelta()),
}
# The queue's own job comes first; what is still there after this long has lost it.
JOB_LOST = dt.timedelta(minutes=2)
AT_MOST = 200


@dataclass(frozen=True)
class Done:
    reminders: int
    taken_up: int


def run_due(now: dt.datetime, *, stop: threading.Event | None = None) -> Done:
    """Write the reminders that are due, and take up messages that wait without a job. Run twice, it does it once.

    Ends between two messages once `stop` is set.
    """
    return Done(sum(_remind(kind, now) for kind in REMINDERS), _take_up(now, stop or threading.Event()))


@transaction.atomic
def _remind(kind: str, now: dt.datetime) -> int:
    """In one transaction from the question on: on SQLite nobody else writes meanwhile, and its guard refuses a second one."""
    made = [
        Message(
            patient=appointment.patient,
            appointment=appointment,
            kind=kind,
            about_starts_at=appointment.starts_at,
            to=appointment.patient.email,
            created_at=now,
            next_try_at=now,
        )
        for appointment in due_for(kind, now)[:AT_MOST]
    ]
    if not made:
        return 0
    # Another worker may have written the same just now; the constraint keeps one of the two.
    Message.objects.bulk_create(made, ignore_conflicts=True)
    written = Message.objects.filter(pk__in=[message.pk for message in made])
    for message in written:
        enqueue(message)
    return len(written)


def due_for(kind: str, now: dt.datetime):  # type: ignore[no-untyped-def]
    """Booked ones in this reminder's time that have none yet, and that the patient has known of for longer than that.

    Booked, moved or confirmed ten hours ahead needs no reminder of 48.
    """
    before, until = REMINDERS[MessageKind(kind)]
    same = Message.objects.filter(appointment=OuterRef("pk"), about_starts_at=OuterRef("starts_at"))
    told_since = same.filter(kind=MessageKind.CONFIRMATION, created_at__gt=OuterRef("starts_at") - before)
    return (
        Appointment.objects.filter(
            status=Status.BOOKED,
            starts_at__gt=now + until,
            starts_at__lte=now + before,
            created_at__lte=F("starts_at") - before,
            patient__wants_messages=True,
        )
        .exclude(patient__email="")
        .filter(~Exists(same.filter(kind=kind)), ~Exists(told_since.exclude(status=Message.Status.DROPPED)))
        .select_related("patient")
        .order_by("starts_at", "pk")
    )


def _take_up(now: dt.datetime, stop: threading.Event) -> int:
    lost = Message.objects.due(now - JOB_LOST).order_by("next_try_at").values_list("pk", flat=True)
    began, taken = time.monotonic(), 0
    for message_id in list(lost[:AT_MOST]):
        if stop.is_set():
            break
        # A slow mail server makes this long, and a claim counts from when it is made.
        send_message(message_id, now=now + dt.timedelta(seconds=time.monotonic() - began))
        taken += 1
    return taken
