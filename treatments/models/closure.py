import uuid

from django.conf import settings
from django.db import models

from patients.models import Patient


class Closure(models.Model):
    """A person took a patient off a worklist, with a reason; a fact that comes later puts them back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="closures")
    worklist = models.CharField(max_length=20)
    closed_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["-closed_at"]
        indexes = [models.Index(fields=["patient", "worklist", "-closed_at"], name="closure_newest_first")]

    def __str__(self) -> str:
        return f"{self.worklist} closed {self.closed_at:%Y-%m-%d}"
