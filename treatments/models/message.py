import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from patients.models import Patient
from treatments.models.appointment import Appointment


class MessageKind(models.TextChoices):
    CONFIRMATION = "confirmation", "Confirmation"
    HOLD = "hold", "On hold"
    REMINDER_48 = "reminder-48h", "Reminder, 48 hours before"
    REMINDER_3 = "reminder-3h", "Reminder, 3 hours before"
    CANCELLATION = "cancellation", "Cancellation"
    SHEET = "sheet", "Sheet"


# One of a kind for an appointment at its time.
REMINDERS_ONCE = ["reminder-48h", "reminder-3h"]


class MessageTemplate(models.Model):
    """The clinic's own wording of one kind of message, where it differs from the one Allclear comes with."""

    kind = models.CharField(max_length=20, choices=MessageKind, unique=True)
    subject = models.CharField(max_length=150)
    body = models.TextField(max_length=4000)
    history = HistoricalRecords()

    class Meta:
        ordering = ["kind"]

    def __str__(self) -> str:
        return self.get_kind_display()


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, staff: Staff) -> "MessageQuerySet":
        return self.all() if staff.may("read-patients") else self.none()

    def due(self, now: dt.datetime) -> "MessageQuerySet":
        """Waiting, and their time to be sent has come."""
        return self.filter(status=Message.Status.QUEUED, next_try_at__lte=now)

    def of_the_time(self) -> "MessageQuerySet":
        """Those that tell of an appointment's time or of its end. A sheet goes along with one and tells of neither."""
        return self.exclude(kind=MessageKind.SHEET)

    def to_call_back(self) -> "MessageQuerySet":
        """Failed for good, and nobody has dealt with it."""
        return self.filter(status=Message.Status.FAILED, handled_at=None)


class Message(models.Model):
    """One message to a patient, kept as it was sent."""

    class Status(models.TextChoices):
        QUEUED = "queued", "Waiting to be sent"
        SENT = "sent", "Sent"
        KEPT = "kept", "Kept, not sent"
        FAILED = "failed", "Failed"
        DROPPED = "dropped", "Not sent: no longer true"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="messages")
    appointment = models.ForeignKey(Appointment, on_delete=models.PROTECT, related_name="messages")
    kind = models.CharField(max_length=20, choices=MessageKind)
    # The start that the message speaks of: a reminder of a moved appointment is another reminder.
    about_starts_at = models.DateTimeField()
    to = models.EmailField()
    subject = models.CharField(max_length=150, blank=True)
    body = models.TextField(max_length=6000, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUEUED)
    created_at = models.DateTimeField(default=timezone.now)
    next_try_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text="why the last try failed, in words")
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    handled_reason = models.CharField(max_length=300, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "id"]
        indexes = [
            models.Index(fields=["-created_at", "id"], name="message_newest_first"),
            models.Index(fields=["status", "-created_at", "id"], name="message_by_status"),
            models.Index(fields=["patient", "-created_at"], name="message_by_patient"),
            models.Index(fields=["status", "next_try_at"], name="message_not_sent", condition=Q(status="queued")),
            models.Index(
                fields=["created_at"], name="message_to_call_back", condition=Q(status="failed", handled_at=None)
            ),
        ]
        constraints = [
            # However many workers look for due reminders: one of a kind for an appointment at its time.
            models.UniqueConstraint(
                fields=["appointment", "kind", "about_starts_at"],
                condition=Q(kind__in=REMINDERS_ONCE),
                name="reminded_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} to {self.to}"
