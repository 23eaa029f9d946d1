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


class Asepsis(models.TextChoices):
    """Steps against infection, the main risk the source names; the list itself is the clinic's."""

    HANDS_WASHED = "hands-washed", "Hands washed and gloved"
    SKIN_DISINFECTED = "skin-disinfected", "Skin disinfected"
    STERILE_NEEDLES = "sterile-needles", "Sterile single-use needles"
    CLEAN_SURFACE = "clean-surface", "Clean surface and fresh cover"
    SHARPS_DISPOSED = "sharps-disposed", "Sharps disposed of"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, staff: Staff) -> "SessionQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class Session(models.Model):
    """What was done in an appointment. Editable until it is finished."""

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
    anaesthetic_agent = models.CharField(max_length=100, blank=True)
    anaesthetic_lot = models.CharField(max_length=60, blank=True)
    asepsis = models.JSONField(default=list, blank=True, help_text="codes of Asepsis that were done")
    sites = models.JSONField(default=list, blank=True, help_text="[{site, side}], codes of BodySite and Side")
    products = models.JSONField(default=list, blank=True, help_text="[{name, lot}], as text")
    creams = models.JSONField(null=True, blank=True, help_text="names recommended; [] none; null not recorded")
    burning = models.PositiveSmallIntegerField(
        "burning, 0–10", null=True, blank=True, validators=[MaxValueValidator(10)]
    )
    pain = models.PositiveSmallIntegerField("pain, 0–10", null=True, blank=True, validators=[MaxValueValidator(10)])
    note = models.TextField(blank=True, max_length=8000)
    history = HistoricalRecords()

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["patient", "family", "-started_at"], name="session_newest_of_patient")]

    def __str__(self) -> str:
        return f"session {self.started_at:%Y-%m-%d}"
