import uuid

from django.conf import settings
from django.db import models
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.models import Staff
from treatments.models.side_effect import Kind, SideEffect


def referral_unfinished() -> "models.QuerySet[SideEffect]":
    """Suspected infections, open or gone, whose checklist is neither done nor closed with a reason."""
    infections = SideEffect.objects.filter(kind=Kind.INFECTION, error_at=None)
    of_it = ReferralStep.objects.filter(side_effect=models.OuterRef("pk")).order_by()
    ticked = of_it.values("side_effect").annotate(count=models.Count("pk")).values("count")
    return infections.alias(ticked=Coalesce(models.Subquery(ticked), 0)).filter(
        ~models.Exists(of_it.filter(step=ReferralStep.Step.CLOSED)), ticked__lt=len(CHECKLIST)
    )


class ReferralStepQuerySet(models.QuerySet["ReferralStep"]):
    def visible_to(self, staff: Staff) -> "ReferralStepQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class ReferralStep(models.Model):
    """One step of the medical-referral checklist of a suspected infection, done. Append-only. The list is the clinic's own
    decision: the source says only that a severe skin infection is the main risk.

    `closed` is no step: it ends the list where the rest is not needed, with the reason as its note.
    """

    class Step(models.TextChoices):
        TOLD_PATIENT = "told-patient", "Patient told to seek medical care the same day, and what for"
        DOCTOR_TOLD = "doctor-told", "Doctor or urgent care told; name and time noted"
        EDGE_MARKED = "edge-marked", "Edge of the redness marked on the skin, with the time"
        PHOTO_TAKEN = "photo-taken", "Photo taken with a scale in view"
        LOT_NOTED = "lot-noted", "Product lots and room of the session looked up"
        CALL_PLANNED = "call-planned", "Call back to the patient planned for the next day"
        CLOSED = "closed", "Checklist closed before all was done"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="referral_steps")
    step = models.CharField(max_length=15, choices=Step)
    note = models.CharField(max_length=300, blank=True)
    done_at = models.DateTimeField(default=timezone.now)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = ReferralStepQuerySet.as_manager()

    class Meta:
        ordering = ["done_at"]
        constraints = [models.UniqueConstraint(fields=["side_effect", "step"], name="referral_step_once")]

    def __str__(self) -> str:
        return self.get_step_display()


# What there is to do, in the clinic's order.
CHECKLIST = tuple(step for step in ReferralStep.Step if step != ReferralStep.Step.CLOSED)
