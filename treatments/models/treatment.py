import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from clinic.models import Staff


class Family(models.TextChoices):
    MESOTHERAPY = "mesotherapy", "Mesotherapy"
    CONSULTATION = "consultation", "Consultation"
    REVIEW = "review", "Review"
    OTHER = "other", "Other"


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def visible_to(self, staff: Staff) -> "TreatmentQuerySet":
        return self.all() if staff.may("read-patients") else self.none()

    def bookable(self) -> "TreatmentQuerySet":
        return self.filter(is_active=True)


class Treatment(models.Model):
    """An entry of the catalogue. Its family decides what the rule says of it, and is fixed once used (guard e)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    family = models.CharField(
        max_length=20,
        choices=Family,
        help_text="Does it inject into the skin? Then it is mesotherapy, and the rule holds for it.",
    )
    duration_minutes = models.PositiveSmallIntegerField(validators=[MinValueValidator(5), MaxValueValidator(480)])
    overlap_allowed = models.BooleanField(
        "may overlap",
        default=False,
        help_text="Practitioner and room may have another appointment at the same time; the patient never. "
        "It counts for appointments booked from now on.",
    )
    most_ml_per_site = models.DecimalField(
        "most at one site, ml",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01)],
        help_text="the clinic's limit; more is asked about, not refused",
    )
    most_ml = models.DecimalField(
        "most in one session, ml",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0.01)],
        help_text="the clinic's limit over all sites; more is asked about, not refused",
    )
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    objects = TreatmentQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(condition=models.Q(family__in=Family.values), name="treatment_family_is_known")
        ]

    def __str__(self) -> str:
        return self.name
