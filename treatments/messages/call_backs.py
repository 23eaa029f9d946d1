"""What is done about a message that failed: the patient was called instead, or it is sent again."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.messages.sending import FOR_WRITING, enqueue, why_not
from treatments.models import Message
from treatments.operation import operation


@operation("work-lists")
def handle_failed_message(*, message: Message, reason: str, by: Staff, now: dt.datetime | None = None) -> Message:
    """It leaves the list of call-backs, with what was done. Raises Refused (wrong-status), ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Say what was done instead, for example: told by phone."})
    message = _failed(message)
    message.handled_at, message.handled_by, message.handled_reason = now or timezone.now(), by, reason.strip()
    message.clean_fields(exclude={"patient", "appointment", "handled_by"})
    message.save(update_fields=["handled_at", "handled_by", "handled_reason"])
    return message


@operation("work-lists")
def send_again(*, message: Message, by: Staff, now: dt.datetime | None = None) -> Message:
    """Send a failed one anew, to the address the patient has now.

    Raises Refused: wrong-status, or not-sent where it would only be dropped; then it stays a call-back.
    """
    now = now or timezone.now()
    message = _failed(message)
    if reason := why_not(message, now):
        raise Refused(
            [
                Blocker(
                    "not-sent", f"It would not be sent. {reason}", lifts_when="Close it, with what was done instead."
                )
            ],
            patient_id=message.patient_id,
        )
    message.status, message.tries, message.next_try_at = Message.Status.QUEUED, 0, now
    message.save(update_fields=["status", "tries", "next_try_at"])
    enqueue(message)
    return message


def _failed(message: Message) -> Message:
    """Read again under lock; refused unless it failed and nobody has dealt with it."""
    found = Message.objects.select_for_update(of=("self",)).select_related(*FOR_WRITING).get(pk=message.pk)
    if found.status == Message.Status.FAILED and found.handled_at is None:
        return found
    what = "somebody has dealt with it" if found.handled_at else f"it is “{found.get_status_display().lower()}”"
    raise Refused(
        [Blocker("wrong-status", f"This message needs no call back: {what}.", lifts_when="Look at it again.")],
        patient_id=found.patient_id,
    )
