import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from patients.models import Patient
from treatments.models.appointment import Appointment


class Anaesthetic(models.TextChoices):
    OFFERED = "offered", "Offered"
    DECLINED = "declined", "Declined"
    GIVEN = "given", "Given"


class AsepsisItem(models.Model):
    """One step of the clinic's own list against infection, the main risk the source names. Its words never change; another wording is another item."""

    code = models.SlugField(max_length=40, unique=True)
    words = models.CharField(max_length=100)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.words


class Technique(models.TextChoices):
    """How it was injected, in the field's usual terms."""

    INTRAEPIDERMAL = "intraepidermal", "Intraepidermal"
    PAPULE = "papule", "Papule (superficial intradermal)"
    NAPPAGE = "nappage", "Nappage"
    POINT_BY_POINT = "point-by-point", "Point by point (deep intradermal)"
    SUBCUTANEOUS = "subcutaneous", "Subcutaneous"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, staff: Staff) -> "SessionQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()

    def standing(self) -> "SessionQuerySet":
        """Not entered in error."""
        return self.filter(error_at=None)


class Session(models.Model):
    """What was done in an appointment. Editable until it is finished; from then on only addenda, and entered in error."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    appointment = models.OneToOneField(Appointment, on_delete=models.PROTECT, related_name="session")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sessions")
    practitioner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="sessions")
    family = models.CharField(max_length=20, help_text="its treatment's, which is fixed once used")
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    finished_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    anaesthetic = models.CharField(max_length=10, choices=Anaesthetic, blank=True)
    asepsis = models.JSONField(default=list, blank=True, help_text="codes of AsepsisItem that were done")
    sites = models.JSONField(
        default=list,
        blank=True,
        help_text="[{site, side, view, x, y, technique, depth_mm, needle, volume_ml}]: codes of BodySite, Side, the body "
        "map's view and Technique; x, y in thousandths of the view, absent for an area; volumes as text",
    )
    creams = models.JSONField(null=True, blank=True, help_text="names recommended; [] none; null not recorded")
    burning = models.PositiveSmallIntegerField(
        "burning, 0–10", null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    pain = models.PositiveSmallIntegerField("pain, 0–10", null=True, blank=True, validators=[MaxValueValidator(10)])
    swelling = models.BooleanField("swelling seen", null=True, blank=True)
    itching = models.BooleanField("itching felt", null=True, blank=True)
    note = models.TextField(blank=True, max_length=8000)
    next_step = models.CharField(max_length=500, blank=True)
    error_at = models.DateTimeField("entered in error at", null=True, blank=True)
    error_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    error_reason = models.CharField(max_length=500, blank=True)
    history = HistoricalRecords()

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [
            models.Index(
                fields=["patient", "family", "-started_at"],
                name="session_newest_of_patient",
                condition=models.Q(error_at=None),
            ),
            models.Index(fields=["-started_at", "-id"], name="session_newest_first"),
            models.Index(fields=["started_at"], name="session_unfinished", condition=models.Q(finished_at=None)),
            models.Index(fields=["error_at"], name="session_in_error", condition=models.Q(error_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"session {self.started_at:%Y-%m-%d}"
