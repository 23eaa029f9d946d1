import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import Staff
from treatments.models.session import Session
from treatments.models.side_effect import SideEffect


class SignOffQuerySet(models.QuerySet["SignOff"]):
    def visible_to(self, staff: Staff) -> "SignOffQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class SignOff(models.Model):
    """A manager has looked through a session's or a side effect's record. It says nothing else, and changes neither."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, null=True, on_delete=models.PROTECT, related_name="sign_offs")
    side_effect = models.ForeignKey(SideEffect, null=True, on_delete=models.PROTECT, related_name="sign_offs")
    at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    remark = models.CharField(max_length=1000, blank=True)

    objects = SignOffQuerySet.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(session=None, side_effect__isnull=False) | Q(session__isnull=False, side_effect=None),
                name="sign_off_of_one_record",
            )
        ]

    def __str__(self) -> str:
        return f"reviewed {self.at:%Y-%m-%d}"
