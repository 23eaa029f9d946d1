import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from clinic.models.staff import Staff


class ExportQuerySet(models.QuerySet["Export"]):
    def visible_to(self, staff: "Staff") -> "ExportQuerySet":
        """Whoever asked for it, and nobody else."""
        return self.filter(asked_by=staff) if staff.is_active else self.none()


class Export(models.Model):
    """A file made beside the pages: a long list, or all that is kept of one patient. Its file is private and goes soon."""

    class Kind(models.TextChoices):
        LIST = "list", "List"
        PATIENT = "patient", "A patient's own data"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"
        ZIP = "zip", "Archive (ZIP)"

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        MAKING = "making", "Being made"
        READY = "ready", "Ready"
        FAILED = "failed", "Failed"
        GONE = "gone", "Removed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    format = models.CharField(max_length=5, choices=Format)
    list_code = models.CharField(max_length=40, blank=True, help_text="which list; empty for a patient's own data")
    query = models.CharField(max_length=2000, blank=True, help_text="the list's filter, as in its page's address")
    patient_id = models.UUIDField(null=True)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now)
    # As its row in the trail says them once it is made: by then the request is over.
    door = models.CharField(max_length=16, blank=True, help_text="by which it was asked for")
    request_id = models.CharField(max_length=36, blank=True)
    address = models.GenericIPAddressField(null=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    claimed_at = models.DateTimeField(null=True, help_text="when a worker last showed that it is at it")
    done = models.PositiveIntegerField(default=0, help_text="rows or files so far")
    total = models.PositiveIntegerField(null=True)
    file = models.CharField(max_length=200, blank=True, help_text="name in the private file store")
    size = models.PositiveBigIntegerField(default=0, help_text="bytes")
    ready_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True, help_text="from then on it is not given out, and soon removed")
    problem = models.CharField(max_length=300, blank=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["state", "asked_at"], name="export_by_state")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.asked_at:%Y-%m-%d %H:%M}"
