"""Sheets for the patient, before and after: versions as they were published, and what was given to whom."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.models.message import Message
from treatments.models.session import Session
from treatments.models.treatment import Treatment


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(self, staff: Staff) -> "SheetQuerySet":
        return self.all() if staff.may("read-patients") else self.none()


class Sheet(models.Model):
    """One version of a sheet. It is never changed: what was given stays as given; a new wording is a new version."""

    class Kind(models.TextChoices):
        PRE_TREATMENT = "pre-treatment", "Risks, before treatment"
        AFTERCARE = "aftercare", "Aftercare"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=15, choices=Kind)
    treatment = models.ForeignKey(
        Treatment,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sheets",
        help_text="empty: for every mesotherapy that has no sheet of its own",
    )
    language = models.CharField(max_length=35, default="en", help_text="as in HTML's lang: en, de, pt-BR")
    version = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=150)
    body = models.TextField(
        max_length=12000,
        help_text="paragraphs; a line that begins with “- ” is a point of a list, one that begins with “# ” a heading; "
        "{phone} is the clinic's number",
    )
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = SheetQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "treatment__name", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "treatment", "language", "version"], name="sheet_version_once_a_treatment"
            ),
            models.UniqueConstraint(
                fields=["kind", "language", "version"], condition=Q(treatment=None), name="general_sheet_version_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}, version {self.version}"


class SheetGivenQuerySet(models.QuerySet["SheetGiven"]):
    def visible_to(self, staff: Staff) -> "SheetGivenQuerySet":
        """One of a session says which creams were recommended in it, so it is for those who may read the session."""
        if staff.may("read-clinical"):
            return self.all()
        return self.filter(session=None) if staff.may("read-patients") else self.none()

    def taken(self) -> "SheetGivenQuerySet":
        """Not those that were offered and declined."""
        return self.exclude(how=SheetGiven.How.DECLINED)


class SheetGiven(models.Model):
    """A version of a sheet, given to a patient."""

    class How(models.TextChoices):
        PRINTED = "printed", "On paper"
        PDF = "pdf", "As a PDF"
        SENT = "sent", "By email"
        DECLINED = "declined", "Offered, not taken"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    sheet = models.ForeignKey(Sheet, on_delete=models.PROTECT, related_name="given")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="sheets_given")
    session = models.ForeignKey(
        Session,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sheets_given",
        help_text="given after it",
    )
    how = models.CharField(max_length=10, choices=How)
    given_at = models.DateTimeField(default=timezone.now)
    phone = models.CharField(max_length=30, blank=True, help_text="the clinic's number that stood on it")
    creams = models.TextField(blank=True, help_text="the sentence on recommended creams that stood on it")
    message = models.ForeignKey(
        Message,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="sheets_given",
        help_text="it was sent with",
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = SheetGivenQuerySet.as_manager()

    class Meta:
        ordering = ["-given_at", "id"]
        verbose_name_plural = "sheets given"
        indexes = [models.Index(fields=["patient", "-given_at"], name="sheet_given_newest_first")]

    def __str__(self) -> str:
        return f"{self.sheet}, {self.given_at:%Y-%m-%d}"
