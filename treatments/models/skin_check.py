import uuid

from django.conf import settings
from django.db import models

from clinic.models import Staff
from patients.models import Patient
from treatments.models.session import Session


class SkinCheckQuerySet(models.QuerySet["SkinCheck"]):
    def visible_to(self, staff: Staff) -> "SkinCheckQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class SkinCheck(models.Model):
    """A practitioner's attestation: I looked, now, and saw none. No record is not the same as no bruise."""

    class Finding(models.TextChoices):
        NO_BRUISING_SEEN = "no-bruising-seen", "No bruising seen"
        NO_SIDE_EFFECTS_SEEN = "no-side-effects-seen", "No side effects seen"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="skin_checks")
    session = models.OneToOneField(
        Session,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="skin_check",
        help_text="the session it was made for",
    )
    finding = models.CharField(max_length=30, choices=Finding)
    checked_at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SkinCheckQuerySet.as_manager()

    class Meta:
        ordering = ["-checked_at"]
        indexes = [models.Index(fields=["patient", "-checked_at"], name="skin_check_newest_first")]

    def __str__(self) -> str:
        return self.get_finding_display()
