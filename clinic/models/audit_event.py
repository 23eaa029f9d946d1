from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from clinic.models.staff import Staff


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def visible_to(self, staff: "Staff") -> "AuditEventQuerySet":
        return self.all() if staff.may("read-audit") else self.none()


class AuditEvent(models.Model):
    """Who read, signed in, exported or changed a role. The database refuses to change or delete a row (guard g).

    Patients are named by UUID without a foreign key: the trail outlives what it speaks of.
    """

    class Kind(models.TextChoices):
        SIGNED_IN = "signed-in", "Signed in"
        SIGN_IN_FAILED = "sign-in-failed", "Sign-in failed"
        SIGNED_OUT = "signed-out", "Signed out"
        CHART_READ = "chart-read", "Chart read"
        PHOTO_READ = "photo-read", "Photo opened"
        RECORD_READ = "record-read", "Record read"
        ROLES_CHANGED = "roles-changed", "Roles changed"
        STAFF_CHANGED = "staff-changed", "Staff changed"
        TRAINING_CHANGED = "training-changed", "Training changed"
        TOKEN_ISSUED = "token-issued", "API token issued"
        TOKEN_REVOKED = "token-revoked", "API token revoked"
        PATIENTS_IMPORTED = "patients-imported", "Patients imported"
        PATIENTS_EXPORTED = "patients-exported", "Patients exported"
        PATIENTS_MERGED = "patients-merged", "Records merged"
        PHOTO_PRINTED = "photo-printed", "Photo printed"
        PHOTO_SAVED = "photo-saved", "Copy of a photo saved"
        CHART_PRINTED = "chart-printed", "Chart printed"
        CHART_EXPORTED = "chart-exported", "Chart exported"
        SHEETS_CHANGED = "sheets-changed", "Sheets changed"
        LOTS_CHANGED = "lots-changed", "Lots changed"
        MERGE_UNDONE = "merge-undone", "Merge undone"
        ACCESS_REFUSED = "access-refused", "Access refused"
        STAFF_INVITED = "staff-invited", "Invited"
        STAFF_DEACTIVATED = "staff-deactivated", "Deactivated"
        SESSIONS_ENDED = "sessions-ended", "Signed out everywhere"
        SECOND_STEP_CHANGED = "second-step-changed", "Second step of the sign-in changed"
        NEW_BROWSER = "new-browser", "Signed in from a new browser"
        LIST_EXPORTED = "list-exported", "List exported"
        DATA_EXPORTED = "data-exported", "Patient's own data exported"
        DATA_DOWNLOADED = "data-downloaded", "Export downloaded"
        CONTACT_ERASED = "contact-erased", "Contact data erased"
        RECORD_SIGNED_OFF = "record-signed-off", "Record reviewed"
        ALERT_ACKNOWLEDGED = "alert-acknowledged", "Alert acknowledged"
        LOT_RECALLED = "lot-recalled", "Lot recalled"

    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=32, choices=Kind.choices)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="audit_events"
    )
    door = models.CharField(max_length=16)
    request_id = models.CharField(max_length=36, blank=True)
    address = models.GenericIPAddressField(null=True)
    patient_id = models.UUIDField(null=True)
    subject = models.CharField(max_length=32, blank=True)
    subject_id = models.UUIDField(null=True)
    details = models.JSONField(default=dict)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-id"]
        indexes = [
            models.Index(fields=["actor", "-at", "-id"], name="audit_by_actor"),
            models.Index(fields=["patient_id", "-at", "-id"], name="audit_by_patient"),
            models.Index(fields=["kind", "-at", "-id"], name="audit_by_kind"),
            models.Index(fields=["-at", "-id"], name="audit_newest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.at:%Y-%m-%d %H:%M}"
