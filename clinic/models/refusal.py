from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from clinic.models.staff import Staff


class RefusalQuerySet(models.QuerySet["Refusal"]):
    def visible_to(self, staff: "Staff") -> "RefusalQuerySet":
        return self.all() if staff.may("read-audit") else self.none()


class Refusal(models.Model):
    """An attempt that was refused: who, when, which door, why. Never updated or deleted (guard g).

    It names what it speaks of by UUID, as the audit trail does, so that it outlives a merge.
    """

    at = models.DateTimeField(default=timezone.now, db_index=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="refusals")
    door = models.CharField(max_length=16)
    operation = models.CharField(max_length=64)
    code = models.CharField(max_length=40, help_text="the first blocker's code; the rule's come first")
    patient_id = models.UUIDField(null=True, db_index=True)
    treatment_id = models.UUIDField(null=True)
    appointment_id = models.UUIDField(null=True)
    blockers = models.JSONField(default=list, help_text="codes, since when, and side effects by id; no words")

    objects = RefusalQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.operation} refused: {self.code}"
