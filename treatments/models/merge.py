import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from patients.models import Patient


class Merge(models.Model):
    """Two records of one person made one: `merged` went into `kept`. Undone, both stand again.

    The database writes the row itself when `merged_into` is set (treatments/guards/merging.py), so that a merge typed
    into it is known as well; the operation adds by whom. `sealed`: what hung on both is all recorded, and no more is.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_kept")
    merged = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="merges_merged")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    sealed = models.BooleanField(default=False, editable=False)
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
    """One row that hung on either record at the merge, and how it stood then.

    Those that moved go back by an undo; what hangs on the kept record and is not among these is new since.
    """

    merge = models.ForeignKey(Merge, on_delete=models.PROTECT, related_name="rows")
    table_name = models.CharField(max_length=60)
    row_id = models.UUIDField()
    moved = models.BooleanField(help_text="from the merged record to the kept one")
    was = models.CharField(max_length=20, blank=True, help_text="an appointment's status, a side effect's looks")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["merge", "table_name", "row_id"], name="merged_row_once")]

    def __str__(self) -> str:
        return f"{self.table_name} {self.row_id}"
