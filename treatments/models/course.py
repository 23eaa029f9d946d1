import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.models.treatment import Treatment


class CourseQuerySet(models.QuerySet["Course"]):
    def visible_to(self, staff: Staff) -> "CourseQuerySet":
        return self.all() if staff.may("read-patients") else self.none()


class Course(models.Model):
    """A planned number of sessions of one treatment, some days apart. Each is an appointment under every rule."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="courses")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="+")
    planned = models.PositiveSmallIntegerField(validators=[MinValueValidator(2), MaxValueValidator(20)])
    every_days = models.PositiveSmallIntegerField(validators=[MinValueValidator(1), MaxValueValidator(90)])
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = CourseQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.planned} × {self.treatment}"
