"""Sending one message: claimed by one worker, asked once more whether it is still true, then sent or said why not.

Nothing of a message's words or its address goes into a log, and no error that holds them leaves this module.
"""

import datetime as dt
import logging
import smtplib
import uuid

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import Error, transaction
from django.utils import timezone

from clinic.tasks import task
from treatments.eligibility import blockers
from treatments.messages.sheet_mail import attachment, sheet_letter, why_not_given
from treatments.messages.wording import DELIVERED, Wording, clinical_word, values_for, wording_of, written
from treatments.models import Hold, Message
from treatments.models.appointment import Status
from treatments.models.message import MessageKind

log = logging.getLogger(__name__)

# After each failed try this long until the next; after the last of them it is a call-back.
BACKOFF = tuple(dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 360))
# A worker that was killed while it sent leaves its claim behind; by then no mail server is waited for any more.
CLAIMED_FOR = dt.timedelta(minutes=15)
BROKEN_OFF = "The sending was broken off each time."
NOT_WRITTEN = "The message could not be written for this patient."
# What is fetched with a message to ask whether it is true and to write it.
FOR_WRITING = tuple(f"appointment__{name}" for name in ("patient", "practitioner", "treatment", "site"))
NEWER = "A newer one takes its place."
# Without a mail server the clinic reads what is kept as if it had been sent.
TOLD = (Message.Status.SENT, Message.Status.KEPT)
NAMING_A_TIME = (MessageKind.CONFIRMATION, MessageKind.REMINDER_48, MessageKind.REMINDER_3)


def enqueue(message: Message) -> None:
    """A job of the queue for it, at its time, in the transaction that the row is written in."""
    send_queued.using(run_after=message.next_try_at).enqueue(str(message.pk))


@task()
def send_queued(message_id: str) -> None:
    send_message(uuid.UUID(message_id), now=timezone.now())


def send_message(message_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Send it if it waits, is due, and nobody else does so. Raises nothing: what went wrong stands in its row."""
    try:
        message = _claim(message_id, now)
        if message is None:
            return
        problem, for_good = _deliver(message)
        if problem:
            _failed(message, problem, for_good, now)
        else:
            _settle(message, status=Message.Status.SENT, sent_at=timezone.now(), problem="")
    except Error as error:
        # The database's. It still waits, and the clock will come back to it. The error's own words can quote the row.
        log.warning("message %s: %s", message_id, type(error).__name__)
    except Exception as error:  # noqa: BLE001  (one that cannot be written must neither be lost nor hold up the others)
        log.error("message %s: %s", message_id, type(error).__name__)
        waiting = Message.objects.filter(pk=message_id, status=Message.Status.QUEUED)
        waiting.update(status=Message.Status.FAILED, next_try_at=None, problem=NOT_WRITTEN)


@transaction.atomic
def _claim(message_id: uuid.UUID, now: dt.datetime) -> Message | None:
    """The message, written and nobody else's for a while; None where there is nothing to send."""
    message = (
        Message.objects.due(now)
        .select_for_update(skip_locked=True, of=("self",))
        .select_related(*FOR_WRITING)
        .filter(pk=message_id)
        .first()
    )
    if message is None:
        return None
    if reason := why_not(message, now):
        _settle(message, status=Message.Status.DROPPED, problem=reason)
        return None
    if message.tries > len(BACKOFF):
        _settle(message, status=Message.Status.FAILED, problem=BROKEN_OFF)
        return None
    wording = write_message(message)
    message.to = message.appointment.patient.email
    message.subject, message.body = wording.subject, wording.body
    if settings.MESSAGES_ARE_KEPT:
        message.status, message.next_try_at = Message.Status.KEPT, None
    else:
        message.tries += 1
        message.next_try_at = now + CLAIMED_FOR
    message.save(update_fields=["to", "subject", "body", "status", "tries", "next_try_at"])
    return message if message.status == Message.Status.QUEUED else None


def why_not(message: Message, now: dt.datetime) -> str:
    """Why it is no longer to be sent, in words without anything clinical; "" while it is still true."""
    appointment, patient = message.appointment, message.appointment.patient
    if not patient.wants_messages:
        return "The patient does not want messages."
    if not patient.email:
        return "The patient has no email address."
    if message.kind == MessageKind.SHEET:
        return why_not_given(message)
    if appointment.starts_at != message.about_starts_at:
        return "It was moved to another time."
    if appointment.starts_at <= now:
        return "Its time has passed."
    if message.kind == MessageKind.CANCELLATION:
        return _why_not_cancelled(message)
    if message.kind == MessageKind.HOLD:
        return _why_not_held(message)
    if blockers(patient, appointment.treatment, now=now):
        return "The rule does not allow this appointment now."
    if appointment.status != Status.BOOKED:
        return f"It is not booked any more, but “{appointment.get_status_display().lower()}”."
    return _why_not_confirmed(message) if message.kind == MessageKind.CONFIRMATION else ""


def told_start(message: Message) -> dt.datetime:
    """The time that the message names: the one the patient was told last, where it takes an appointment from them.

    Moved and cancelled before the move was told, it is the time they would come at that they must hear of.
    """
    if message.kind not in (MessageKind.HOLD, MessageKind.CANCELLATION):
        return message.about_starts_at
    told = Message.objects.filter(appointment=message.appointment_id, kind__in=NAMING_A_TIME, status__in=TOLD)
    newest = told.order_by("-created_at").values_list("about_starts_at", flat=True).first()
    return newest or message.about_starts_at


def _why_not_confirmed(message: Message) -> str:
    """Two confirmations of one appointment are one, the newest; and what was told last is not told once more."""
    others = Message.objects.of_the_time().filter(appointment=message.appointment_id).exclude(pk=message.pk)
    others = others.order_by("-created_at")
    newer = others.filter(kind=MessageKind.CONFIRMATION, created_at__gt=message.created_at)
    if newer.exclude(status=Message.Status.DROPPED).exists():
        return NEWER
    last = others.filter(status__in=TOLD).first()
    if last is None or last.kind != MessageKind.CONFIRMATION or last.about_starts_at != message.about_starts_at:
        return ""
    same = (last.to, last.body) == (message.appointment.patient.email, write_message(message).body)
    return "The patient has been told the same already." if same else ""


def _why_not_cancelled(message: Message) -> str:
    if message.appointment.status != Status.CANCELLED:
        return "It is no longer cancelled."
    others = Message.objects.of_the_time().filter(appointment=message.appointment_id).exclude(pk=message.pk)
    told = [other for other in others if other.status != Message.Status.DROPPED]
    if not told and any(other.kind == MessageKind.CONFIRMATION for other in others):
        return "The patient had not been told of the appointment yet."
    return ""


def _why_not_held(message: Message) -> str:
    if message.appointment.status != Status.ON_HOLD:
        return "It is no longer on hold."
    held = Hold.objects.filter(appointment=message.appointment_id, held_until=None)
    if held.filter(status_before=Status.ARRIVED).exists():
        return "The patient was here when it was held."
    return ""


def write_message(message: Message) -> Wording:
    """As it reads now. Fetch it with FOR_WRITING."""
    wording = wording_of(message.kind)
    if clinical_word(wording.subject):
        # The catalogue has got a treatment of that name since the wording was saved.
        wording = Wording(DELIVERED[message.kind].subject, wording.body)
    values = values_for(message.appointment, told_start(message))
    return sheet_letter(message, wording, values) if message.kind == MessageKind.SHEET else written(wording, values)


def _deliver(message: Message) -> tuple[str, bool]:
    """What went wrong, in words, and whether it will do so again; "" once the mail server has taken it."""
    mail = EmailMessage(
        message.subject,
        message.body,
        to=[message.to],
        # The same at each try, so that a mail taken twice is shown once; and no answering machine answers it.
        headers={"Message-ID": f"<{message.pk}@{_domain()}>", "Auto-Submitted": "auto-generated"},
    )
    if attached := attachment(message):
        mail.attach(*attached)
    try:
        mail.send()
    except Exception as error:  # noqa: BLE001  (whatever a mail package raises, the message must not be lost by it)
        log.warning("message %s, try %s: %s", message.pk, message.tries, type(error).__name__)
        return _in_words(error)
    return "", False


def _in_words(error: Exception) -> tuple[str, bool]:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
        return f"The mail server refused the address ({code}).", code >= 500
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "The mail server did not accept the clinic's sign-in.", False
    if isinstance(error, smtplib.SMTPSenderRefused):
        return f"The mail server refused the clinic's own address ({error.smtp_code}).", False
    if isinstance(error, smtplib.SMTPDataError):
        return f"The mail server refused the message ({error.smtp_code}).", error.smtp_code >= 500
    if isinstance(error, OSError):  # smtplib's own are, too
        return "The mail server could not be reached.", False
    return NOT_WRITTEN, True


def _failed(message: Message, problem: str, for_good: bool, now: dt.datetime) -> None:
    """Wait for the next try; or become a call-back, at once where the next would come after the appointment."""
    wait = BACKOFF[message.tries - 1] if message.tries <= len(BACKOFF) else None
    if for_good or wait is None or _comes_too_late(message, now, now + wait):
        _settle(message, status=Message.Status.FAILED, problem=problem)
        return
    message.next_try_at = now + wait
    with transaction.atomic():
        if _still_ours(message).update(next_try_at=message.next_try_at, problem=problem):
            enqueue(message)


def _comes_too_late(message: Message, now: dt.datetime, next_try: dt.datetime) -> bool:
    """A sheet is worth having after the appointment, too: most are given after it."""
    return message.kind != MessageKind.SHEET and next_try >= _too_late(message, now)


def _too_late(message: Message, now: dt.datetime) -> dt.datetime:
    """The first time still ahead that the patient may come at: of the two, where the one they were told is another."""
    return min((start for start in (told_start(message), message.about_starts_at) if start > now), default=now)


def _settle(message: Message, **end: object) -> None:
    _still_ours(message).update(next_try_at=None, **end)


def _still_ours(message: Message):  # type: ignore[no-untyped-def]
    """Only while no later try has begun: a worker that woke up after its claim had ended decides nothing."""
    return Message.objects.filter(pk=message.pk, status=Message.Status.QUEUED, tries=message.tries)


def _domain() -> str:
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip(" >") or "localhost"
