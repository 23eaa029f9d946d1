"""What the records say to somebody: a cluster of infections, a rate that has risen; and a lot taken back."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import Site, Staff
from patients.models import Patient
from treatments.models.lot import Lot


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, staff: Staff) -> "AlertQuerySet":
        return self.all() if staff.may("acknowledge-alerts") else self.none()

    def waiting(self) -> "AlertQuerySet":
        return self.filter(acknowledged_at=None)


class Alert(models.Model):
    """Two infections that share a lot, a room or a hand; or a rate above what is expected. A question, not a finding."""

    class Kind(models.TextChoices):
        INFECTIONS_TOGETHER = "infections-together", "Suspected infections with something in common"
        BRUISING_UP = "bruising-up", "Bruising more often than expected"
        INFECTION_UP = "infection-up", "Suspected infections more often than expected"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind)
    key = models.CharField(max_length=200, unique=True, help_text="what it is about; the same is raised once")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now)
    facts = models.JSONField(default=dict, help_text="ids and numbers that it rests on; no words about a person")
    reason = models.CharField(max_length=500, help_text="why it was raised, as a sentence that names no patient")
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    remark = models.CharField(max_length=1000, blank=True, help_text="what was looked at, and what came of it")

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at"]
        indexes = [models.Index(fields=["-raised_at"], name="alert_waiting", condition=Q(acknowledged_at=None))]
        constraints = [
            models.CheckConstraint(
                condition=Q(acknowledged_at=None, acknowledged_by=None)
                | (Q(acknowledged_at__isnull=False, acknowledged_by__isnull=False) & ~Q(remark="")),
                name="alert_acknowledged_with_a_remark",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.raised_at:%Y-%m-%d}"


class RecallQuerySet(models.QuerySet["Recall"]):
    def visible_to(self, staff: Staff) -> "RecallQuerySet":
        return self.all() if staff.may("receive-lots") else self.none()

    def open(self) -> "RecallQuerySet":
        return self.filter(ended_at=None)


class Recall(models.Model):
    """A lot is taken back: it is in quarantine from that second, and whoever was given it is called."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="recalls")
    begun_at = models.DateTimeField(default=timezone.now)
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=300)
    letter = models.TextField(max_length=4000, help_text="with placeholders, such as {patient} and {phone}")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    outcome = models.CharField(max_length=1000, blank=True)

    objects = RecallQuerySet.as_manager()

    class Meta:
        ordering = ["-begun_at"]
        constraints = [
            models.UniqueConstraint(fields=["lot"], condition=Q(ended_at=None), name="one_recall_of_a_lot_at_a_time"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, outcome="")
                | (Q(ended_at__isnull=False, ended_by__isnull=False) & ~Q(outcome="")),
                name="recall_ended_with_an_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"recall {self.begun_at:%Y-%m-%d}"


class RecallCall(models.Model):
    """A patient who was given a recalled lot, and how they were told: each is on the call list until somebody told them."""

    class How(models.TextChoices):
        PHONE = "phone", "By phone"
        LETTER = "letter", "By letter"
        IN_PERSON = "in-person", "In person"
        NOT_REACHED = "not-reached", "Could not be reached"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="told")
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="recall_calls")
    how = models.CharField(max_length=12, choices=How)
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [models.UniqueConstraint(fields=["recall", "patient"], name="told_of_a_recall_once")]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.at:%Y-%m-%d}"
