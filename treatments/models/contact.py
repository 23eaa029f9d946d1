"""What passes between desk and patient: who waits for a time, who was called, who was asked."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.models.treatment import Treatment

# The worklist that a call belongs to when it was the patient who rang, about a bruise that is on record already.
CONCERN = "concern"


class PartOfDay(models.TextChoices):
    ANY = "any", "Any time"
    MORNINGS = "mornings", "Mornings"
    AFTERNOONS = "afternoons", "Afternoons"


class WaitingListQuerySet(models.QuerySet["WaitingListEntry"]):
    def visible_to(self, staff: Staff) -> "WaitingListQuerySet":
        return self.all() if staff.may("read-patients") else self.none()

    def waiting(self) -> "WaitingListQuerySet":
        """Not closed. A wish left under a record merged away is another's too: that one waits under the record that stands."""
        return self.filter(closed_at=None, patient__merged_into=None)


class WaitingListEntry(models.Model):
    """“Call me when I am clear”: a wish for a treatment. It ends by a booking, or by somebody closing it with a reason."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="waiting_list_entries")
    treatment = models.ForeignKey(Treatment, on_delete=models.PROTECT, related_name="+")
    practitioner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    part_of_day = models.CharField(max_length=12, choices=PartOfDay, default=PartOfDay.ANY)
    note = models.CharField(max_length=300, blank=True)
    joined_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    close_reason = models.CharField(max_length=300, blank=True)

    objects = WaitingListQuerySet.as_manager()

    class Meta:
        ordering = ["joined_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "treatment"], condition=Q(closed_at=None), name="waits_once_for_a_treatment"
            )
        ]

    def __str__(self) -> str:
        return f"waits for {self.treatment}"


class Call(models.Model):
    """One attempt to reach a patient by phone, for a worklist's row."""

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        NO_ANSWER = "no-answer", "No answer"
        LEFT_MESSAGE = "left-message", "Left a message"
        DECLINED = "declined", "Declined"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="calls")
    worklist = models.CharField(max_length=20)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome)
    note = models.CharField(max_length=300, blank=True)
    next_try_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["patient", "worklist", "-at"], name="call_newest_first")]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=["reached", "no-answer", "left-message", "declined"]),
                name="call_outcome_is_known",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.at:%Y-%m-%d}"


class FollowUp(models.Model):
    """Asked by phone after a session, and told of no side effects. Told, not seen: it never makes anybody clear."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="follow_ups")
    session = models.ForeignKey("treatments.Session", on_delete=models.PROTECT, related_name="follow_ups")
    asked_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [models.Index(fields=["patient", "-asked_at"], name="follow_up_newest_first")]

    def __str__(self) -> str:
        return f"asked {self.asked_at:%Y-%m-%d}, none told of"
