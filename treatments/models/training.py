import datetime as dt
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from treatments.models.treatment import Family


class TrainingRecordQuerySet(models.QuerySet["TrainingRecord"]):
    def visible_to(self, staff: Staff) -> "TrainingRecordQuerySet":
        return self.all() if staff.may("manage-staff") else self.none()

    def standing(self, *, family: str = Family.MESOTHERAPY) -> "TrainingRecordQuerySet":
        """Not withdrawn, whenever they hold."""
        return self.filter(family=family, withdrawn_on=None)

    def valid_on(self, day: dt.date | OuterRef) -> "TrainingRecordQuerySet":
        """Of mesotherapy; `day` may be a column of the query around it."""
        return self.standing().filter(valid_from__lte=day, valid_until__gte=day)


class TrainingRecord(models.Model):
    """A certificate that its holder is trained for a family of treatments, with the days it holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="training_records")
    family = models.CharField(max_length=20, choices=Family, default=Family.MESOTHERAPY)
    certificate = models.CharField(max_length=200, help_text="who issued it, and its number")
    valid_from = models.DateField()
    valid_until = models.DateField(help_text="the last day it holds")
    file = models.CharField(
        max_length=200, blank=True, editable=False, help_text="the certificate's name in the private file store"
    )
    file_type = models.CharField(max_length=50, blank=True, editable=False, help_text="its media type, as it was found")
    file_sha256 = models.CharField(max_length=64, blank=True, editable=False)
    withdrawn_on = models.DateField(null=True, blank=True)
    history = HistoricalRecords()

    objects = TrainingRecordQuerySet.as_manager()

    class Meta:
        ordering = ["-valid_until"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=models.F("valid_from")), name="training_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_family_display()} until {self.valid_until}"

    def clean(self) -> None:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValidationError({"valid_until": "The training ends before it begins."})


def trained_on(day: dt.date) -> Exists:
    """A condition on Staff: holds a valid mesotherapy training record on `day`."""
    return Exists(TrainingRecord.objects.valid_on(day).filter(staff=OuterRef("pk")))


def mesotherapy_trained_until() -> Subquery:
    """An annotation on Staff: the last day of the newest mesotherapy training, or None."""
    newest = TrainingRecord.objects.standing().filter(staff=OuterRef("pk")).order_by("-valid_until")
    return Subquery(newest.values("valid_until")[:1])
