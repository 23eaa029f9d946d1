import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from patients.models import Patient


class Merge(models.Model):
    """Two records of one person made one: `merged` went into `kept`. Undone, both stand again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_kept")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_merged")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~Q(kept=F("merged")), name="merge_of_two"),
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="merged_once"),
        ]

    def __str__(self) -> str:
        return f"merged {self.at:%Y-%m-%d}"


class MergedRow(models.Model):
    """One row that hung on the merged record and moved to the kept one; an undo takes exactly these back."""

    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="+")
    table = models.CharField(max_length=60)
    row_id = models.UUIDField()

    class Meta:
        indexes = [models.Index(fields=["merged", "table"], name="merged_row_by_record")]

    def __str__(self) -> str:
        return f"{self.table} {self.row_id}"
