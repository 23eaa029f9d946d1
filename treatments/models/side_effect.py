import uuid

from django.conf import settings
from django.db import models
from django.db.models import Max, OuterRef, Q, Subquery
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from patients.models import Patient
from treatments.models.contact import CONCERN, Call


class Kind(models.TextChoices):
    BRUISING = "bruising", "Bruising"
    SWELLING = "swelling", "Swelling"
    ITCHING = "itching", "Itching"
    BURNING = "burning", "Burning"
    NUMBNESS = "numbness", "Numbness"
    PAIN = "pain", "Pain"
    IRRITATION = "irritation", "Irritation"
    INFECTION = "infection", "Suspected infection"
    OTHER = "other", "Other"


class BodySite(models.TextChoices):
    SCALP = "scalp", "Scalp"
    FACE = "face", "Face"
    UNDER_THE_CHIN = "under-the-chin", "Under the chin"
    NECK = "neck", "Neck"
    ARM = "arm", "Arm"
    CHEST = "chest", "Chest"
    BACK = "back", "Back"
    ABDOMEN = "abdomen", "Abdomen"
    FLANK = "flank", "Flank"
    BUTTOCK = "buttock", "Buttock"
    THIGH = "thigh", "Thigh"
    KNEE = "knee", "Knee"
    CALF = "calf", "Calf"
    OTHER = "other", "Other"


class Side(models.TextChoices):
    LEFT = "left", "Left"
    RIGHT = "right", "Right"
    BOTH = "both", "Both"
    MIDDLE = "middle", "Middle"


class Severity(models.IntegerChoices):
    """The clinic's own scale, not the source's (DOMAIN.md section 4)."""

    MILD = 1, "Mild"
    MODERATE = 2, "Moderate"
    SEVERE = 3, "Severe"
    LIFE_THREATENING = 4, "Life-threatening"


class SideEffectQuerySet(models.QuerySet["SideEffect"]):
    def visible_to(self, staff: Staff) -> "SideEffectQuerySet":
        """Reception sees that there is one; its pages and the API leave the clinical fields out for them."""
        return self.all() if staff.may("read-patients") else self.none()

    def open(self) -> "SideEffectQuerySet":
        """Not found gone, and not entered in error. Nobody else spells this out but the guards."""
        return self.filter(closing_review=None, error_at=None)

    def reported(self) -> "SideEffectQuerySet":
        """Open, and not yet seen by a practitioner."""
        return self.open().filter(seen_at=None)

    def with_last_look(self) -> "SideEffectQuerySet":
        """With the newest look, and when the patient last rang about a bruise that was on record already."""
        told = Call.objects.filter(patient=OuterRef("patient"), worklist=CONCERN).order_by("-at")
        return self.annotate(last_reviewed_at=Max("reviews__seen_at"), told_again_at=Subquery(told.values("at")[:1]))


class SideEffect(models.Model):
    """One episode. It is never deleted and never changes kind or patient; it closes by a review or as an error (guard d)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="side_effects")
    session = models.ForeignKey(
        "treatments.Session", null=True, blank=True, on_delete=models.PROTECT, related_name="side_effects"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    site = models.CharField("where", max_length=20, choices=BodySite, blank=True)
    side = models.CharField(max_length=10, choices=Side, blank=True)
    severity = models.PositiveSmallIntegerField(choices=Severity, null=True, blank=True)
    onset_on = models.DateField("began on", null=True, blank=True, help_text="empty where nobody knows")
    onset_is_about = models.BooleanField("about that day", default=False)
    painful_to_touch = models.BooleanField(null=True, blank=True)
    cream = models.CharField("after which cream", max_length=100, blank=True)
    red_flags = models.JSONField(default=list, blank=True, help_text="codes of RED_FLAGS that were answered with yes")
    map_view = models.CharField(max_length=10, blank=True, help_text="the body map's view on which it was marked")
    map_x = models.PositiveSmallIntegerField(null=True, blank=True, help_text="thousandths of the view's width")
    map_y = models.PositiveSmallIntegerField(null=True, blank=True, help_text="thousandths of the view's height")
    note = models.TextField(blank=True, max_length=4000)
    recorded_at = models.DateTimeField(default=timezone.now)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True, help_text="when a practitioner first saw it")
    seen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reopens = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="reopened_as")
    moved_from = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="moved_to",
        help_text="the entry it was first made under, for the wrong patient",
    )
    closing_review = models.ForeignKey(
        "treatments.Review", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    error_at = models.DateTimeField("entered in error at", null=True, blank=True)
    error_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    error_reason = models.CharField(max_length=500, blank=True)
    history = HistoricalRecords()

    objects = SideEffectQuerySet.as_manager()

    class Meta:
        ordering = ["-recorded_at", "id"]
        indexes = [
            # The existence question of the rule is answered from this index alone.
            models.Index(
                fields=["patient", "kind"],
                name="open_side_effect_by_patient",
                condition=Q(closing_review=None, error_at=None),
            ),
            # With the id: which reviews a patient has is asked through it.
            models.Index(fields=["patient", "-recorded_at", "id"], name="side_effect_by_patient"),
            models.Index(fields=["-recorded_at", "-id"], name="side_effect_newest_first"),
            models.Index(fields=["error_at"], name="side_effect_in_error", condition=Q(error_at__isnull=False)),
            # Few among many; the worklists ask which of them have a checklist that is not finished.
            models.Index(fields=["patient"], name="infection_by_patient", condition=Q(kind="infection", error_at=None)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="side_effect_kind_is_known"),
            models.CheckConstraint(
                condition=Q(error_at=None, error_by=None, error_reason="")
                | (Q(error_at__isnull=False, error_by__isnull=False) & ~Q(error_reason="")),
                name="side_effect_error_is_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.where}".strip()

    @property
    def is_open(self) -> bool:
        return self.closing_review_id is None and self.error_at is None

    @property
    def where(self) -> str:
        """“left thigh”, for the middle of a sentence."""
        side = "" if self.side in ("", Side.MIDDLE) else "both sides" if self.side == Side.BOTH else self.side
        site = self.get_site_display().lower() if self.site else ""
        return f"{site}, {side}" if side == "both sides" and site else f"{side} {site}".strip()
