import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.models import Staff
from treatments.models.appointment import Appointment


class DeviationQuerySet(models.QuerySet["Deviation"]):
    def visible_to(self, staff: Staff) -> "DeviationQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class Deviation(models.Model):
    """Treatment given in spite of a blocker, written down afterwards as it was. Never changed, never deleted, and never a
    way to book: its appointment is born `fulfilled`, and lies in the past when it is recorded (guard c)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="deviation")
    blockers = models.JSONField(help_text="[{code, words}] that stood against it when it was recorded")
    reason = models.TextField(max_length=2000)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = DeviationQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at"]

    def __str__(self) -> str:
        return f"deviation {self.recorded_at:%Y-%m-%d}"
