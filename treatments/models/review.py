import uuid

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone

from clinic.models import Staff
from treatments.models.side_effect import SideEffect


class Mode(models.TextChoices):
    IN_PERSON = "in-person", "In person"
    PHOTO = "photo", "From a photo"
    PHONE = "phone", "By phone"


class Finding(models.TextChoices):
    WORSE = "worse", "Worse"
    UNCHANGED = "unchanged", "Unchanged"
    FADING = "fading", "Fading"
    GONE = "gone", "Gone"


class Outcome(models.TextChoices):
    """FHIR's words (AdverseEvent.outcome)."""

    RESOLVED = "resolved", "Resolved"
    SEQUELAE = "resolved-with-sequelae", "Resolved with staining that stays"
    RECOVERING = "recovering", "Recovering"
    ONGOING = "ongoing", "Ongoing"
    UNKNOWN = "unknown", "Unknown"


OUTCOME_OF_FINDING = {
    Finding.GONE: Outcome.RESOLVED,
    Finding.FADING: Outcome.RECOVERING,
    Finding.UNCHANGED: Outcome.ONGOING,
    Finding.WORSE: Outcome.ONGOING,
}


class SizeMethod(models.TextChoices):
    """How the size was measured; sizes compare only where it is the same."""

    RULER = "ruler", "Ruler on the skin"
    PICTURE = "picture", "From a photo with a scale in view"
    ESTIMATE = "estimate", "Estimated by eye"


class Causality(models.TextChoices):
    """The WHO-UMC system's words for how surely the treatment caused it; a practitioner's judgement."""

    CERTAIN = "certain", "Certain"
    PROBABLE = "probable", "Probable / likely"
    POSSIBLE = "possible", "Possible"
    UNLIKELY = "unlikely", "Unlikely"
    CONDITIONAL = "conditional", "Conditional / unclassified"
    UNASSESSABLE = "unassessable", "Unassessable / unclassifiable"


# By which a practitioner may find a side effect gone: never by phone alone.
SEEN_BY_EYE = (Mode.IN_PERSON, Mode.PHOTO)


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, staff: Staff) -> "ReviewQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class Review(models.Model):
    """A dated look at a side effect. Append-only: the guards refuse to change or delete one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="reviews")
    mode = models.CharField(max_length=20, choices=Mode)
    finding = models.CharField(max_length=20, choices=Finding)
    outcome = models.CharField(max_length=30, choices=Outcome)
    seen_at = models.DateTimeField()
    size_mm = models.PositiveSmallIntegerField(
        "longest way across, in mm", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(2000)]
    )
    size_method = models.CharField("measured by", max_length=10, choices=SizeMethod, blank=True)
    colour = models.CharField(max_length=100, blank=True)
    action_taken = models.CharField(max_length=500, blank=True)
    causality = models.CharField("caused by the treatment", max_length=15, choices=Causality, blank=True)
    note = models.TextField(blank=True, max_length=4000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="reviews")
    recorded_at = models.DateTimeField(default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["-seen_at", "-recorded_at"]
        indexes = [
            models.Index(fields=["side_effect", "-seen_at", "recorded_at"], name="review_newest_first"),
            models.Index(fields=["-recorded_at"], name="review_newest_recorded"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(finding__in=Finding.values), name="review_finding_is_known"),
            models.CheckConstraint(condition=Q(mode__in=Mode.values), name="review_mode_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.get_finding_display()} {self.seen_at:%Y-%m-%d}"
