import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from patients.models.patient import Patient


class PhotoUse(models.TextChoices):
    """What a photo may be used for; each use has a consent of its own."""

    CARE = "care", "Care"
    TEACHING = "teaching", "Teaching"
    PUBLICITY = "publicity", "Publicity"

    @property
    def consent_kind(self) -> str:
        return Consent.Kind(f"photo-{self.value}").value


class ConsentQuerySet(models.QuerySet["Consent"]):
    def visible_to(self, staff: Staff) -> "ConsentQuerySet":
        return self.all() if staff.may("read-patients") else self.none()

    def in_force(self) -> "ConsentQuerySet":
        return self.filter(withdrawn_at=None)


class Consent(models.Model):
    """What a patient agreed to, when, and in which version of the wording."""

    class Kind(models.TextChoices):
        TREATMENT = "treatment", "Treatment"
        PHOTO_CARE = "photo-care", "Photos for care"
        PHOTO_TEACHING = "photo-teaching", "Photos for teaching"
        PHOTO_PUBLICITY = "photo-publicity", "Photos for publicity"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    version = models.CharField(max_length=40, blank=True)
    given_at = models.DateTimeField(default=timezone.now)
    sheet_version = models.CharField(
        max_length=60, blank=True, help_text="the sheet of risks that was given before it, with its version"
    )
    sheet_given_at = models.DateTimeField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    history = HistoricalRecords()

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "kind"], condition=Q(withdrawn_at=None), name="one_consent_of_a_kind_in_force"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} consent"
