"""What is added to a record that was signed, and the draft of one that is not yet."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.models import Staff
from treatments.models.session import Session


class AddendumQuerySet(models.QuerySet["Addendum"]):
    def visible_to(self, staff: Staff) -> "AddendumQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class Addendum(models.Model):
    """Words added to a finished session. Append-only: the guards refuse to change or delete one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="addenda")
    text = models.TextField(max_length=4000)
    written_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AddendumQuerySet.as_manager()

    class Meta:
        ordering = ["written_at"]
        verbose_name_plural = "addenda"

    def __str__(self) -> str:
        return f"addendum {self.written_at:%Y-%m-%d}"


class Draft(models.Model):
    """What somebody has typed into a form and not yet saved. Kept as typed, right or wrong; it is no record."""

    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    form = models.CharField(max_length=40, help_text="the form's address name, such as “session”")
    subject_id = models.UUIDField(help_text="what the form is about: a session, a patient, a side effect")
    data = models.JSONField(default=dict, help_text="field name → list of what was typed")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["by", "form", "subject_id"], name="one_draft_a_form")]

    def __str__(self) -> str:
        return f"draft of {self.form}"
