"""Which message an event calls for, written in the event's own transaction."""

import datetime as dt
from collections.abc import Iterable

from treatments.messages.sending import NAMING_A_TIME, NEWER, enqueue
from treatments.models import Appointment, Message
from treatments.models.appointment import Status
from treatments.models.message import MessageKind

# A slip of the desk is undone within these minutes, and then nothing is sent. A hold is told at once.
SLIP = dt.timedelta(minutes=2)


def queue_messages(appointments: Iterable[Appointment], kind: str, now: dt.datetime) -> list[Message]:
    """Write one of `kind` for each appointment ahead whose patient wants messages, to be sent in two minutes.

    Call it inside the transaction of what it tells of. The appointments' patients should be fetched already. No
    statement where nobody wants any; two for one message, one more for each other, and one more for confirmations,
    which take the place of those that wait.
    """
    wait = dt.timedelta() if kind == MessageKind.HOLD else SLIP
    made = [
        Message(
            patient=appointment.patient,
            appointment=appointment,
            kind=kind,
            about_starts_at=appointment.starts_at,
            to=appointment.patient.email,
            created_at=now,
            next_try_at=now + wait,
        )
        for appointment in appointments
        if appointment.starts_at > now and appointment.patient.wants_messages and appointment.patient.email
    ]
    if made and kind == MessageKind.CONFIRMATION:
        _drop_waiting(made)
    if made:
        Message.objects.bulk_create(made)
    for message in made:
        enqueue(message)
    return made


def queue_sheet(appointment: Appointment, now: dt.datetime) -> Message:
    """A message for a sheet that is given now, sent at once; the giving's row names it, in the same transaction.

    Whether the patient wants messages is asked by the caller. Two statements.
    """
    message = Message(
        patient=appointment.patient,
        appointment=appointment,
        kind=MessageKind.SHEET,
        about_starts_at=appointment.starts_at,
        to=appointment.patient.email,
        created_at=now,
        next_try_at=now,
    )
    message.save(force_insert=True)
    enqueue(message)
    return message


def _drop_waiting(newer: list[Message]) -> None:
    """Confirmations that no try has been made of yet; one that a worker sends just now is asked at its next try."""
    waiting = Message.objects.filter(
        appointment__in=[message.appointment_id for message in newer],
        kind=MessageKind.CONFIRMATION,
        status=Message.Status.QUEUED,
        tries=0,
    )
    waiting.update(status=Message.Status.DROPPED, next_try_at=None, problem=NEWER)


def queue_what_stands(appointment: Appointment, since: dt.datetime, now: dt.datetime) -> list[Message]:
    """After an undo: tell the patient what stands again, unless that is what they were told last.

    `since` is when it came to stand so before. What was not sent by now drops by itself when its time comes.
    """
    kind = {Status.BOOKED: MessageKind.CONFIRMATION, Status.ON_HOLD: MessageKind.HOLD}.get(Status(appointment.status))
    if kind is None or not appointment.patient.wants_messages:
        return []
    told_of = Message.objects.of_the_time().filter(appointment=appointment)
    written = list(told_of.exclude(status=Message.Status.DROPPED))
    waiting = [one for one in written if one.status == Message.Status.QUEUED and one.tries == 0]
    told = next((one for one in written if one not in waiting), None)
    stands = [one for one in waiting if one.kind == kind and one.about_starts_at == appointment.starts_at]
    knows = told and told.created_at < since and _says(told, kind) and told.about_starts_at == appointment.starts_at
    return [] if stands or knows else queue_messages([appointment], kind, now)


def _says(message: Message, kind: str) -> bool:
    if kind == MessageKind.CONFIRMATION:
        return message.kind in NAMING_A_TIME
    return message.kind == kind
