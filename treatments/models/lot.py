"""What is injected or given: products of the catalogue, their lots, and which lot was used in which session."""

import datetime as dt
import uuid

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from treatments.models.session import Session

SMALLEST_ML = MinValueValidator(0.01, message="A volume is at least 0.01 ml.")


class ProductQuerySet(models.QuerySet["Product"]):
    def visible_to(self, staff: Staff) -> "ProductQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()


class Product(models.Model):
    """An entry of the catalogue of what is injected or given as an anaesthetic."""

    class Use(models.TextChoices):
        INJECTED = "injected", "Injected"
        ANAESTHETIC = "anaesthetic", "Local anaesthetic"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    use = models.CharField(max_length=12, choices=Use, default=Use.INJECTED)
    gtin = models.CharField(
        "GTIN",
        max_length=14,
        blank=True,
        validators=[RegexValidator(r"^\d{14}$", "A GTIN here has 14 digits; put zeros before a shorter one.")],
        help_text="the number in its barcode, 14 digits; empty where it has none",
    )
    allergens = models.CharField(
        max_length=300,
        blank=True,
        help_text="words by which an allergy to it may stand on a chart, divided by commas: lidocaine, lignocaine",
    )
    most_ml = models.DecimalField(
        "most in one session, ml",
        max_digits=6,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[SMALLEST_ML],
        help_text="the clinic's limit; more is asked about, not refused",
    )
    use_within_days = models.PositiveSmallIntegerField(
        "days it keeps once opened", null=True, blank=True, help_text="empty where the maker says nothing"
    )
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["gtin"], condition=~Q(gtin=""), name="gtin_names_one_product"),
            models.CheckConstraint(condition=Q(use__in=["injected", "anaesthetic"]), name="product_use_is_known"),
        ]

    def __str__(self) -> str:
        return self.name


class LotQuerySet(models.QuerySet["Lot"]):
    def visible_to(self, staff: Staff) -> "LotQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()

    def usable_on(self, day: dt.date) -> "LotQuerySet":
        """Not quarantined, and `day` is not past the expiry. The guard on a lot's use asks the same."""
        return self.filter(quarantined_at=None, expires_on__gte=day, product__is_active=True)


class Lot(models.Model):
    """A batch of a product. Expired or in quarantine it cannot be used (guards/lots.py)."""

    class Dose(models.TextChoices):
        SINGLE = "single", "Single dose"
        MULTI = "multi", "Multi-dose"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lots")
    number = models.CharField("lot number", max_length=60)
    expires_on = models.DateField(
        "expires", null=True, help_text="the last day on which it may be used; empty only in records from before lots"
    )
    dose = models.CharField(max_length=6, choices=Dose, default=Dose.SINGLE)
    opened_at = models.DateTimeField(null=True, blank=True, help_text="of the multi-dose vial now in use")
    quarantined_at = models.DateTimeField(null=True, blank=True)
    quarantined_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    quarantine_reason = models.CharField(max_length=300, blank=True)
    received_at = models.DateTimeField(default=timezone.now)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    history = HistoricalRecords()

    objects = LotQuerySet.as_manager()

    class Meta:
        ordering = ["product__name", "expires_on", "number"]
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="lot_number_once_a_product"),
            models.CheckConstraint(
                condition=Q(quarantined_at=None, quarantine_reason="")
                | (Q(quarantined_at__isnull=False) & ~Q(quarantine_reason="")),
                name="quarantine_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.name}, lot {self.number}"


class LotUse(models.Model):
    """How much of a lot went into a session. Changed only while the session runs (guards/lots.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="lot_uses")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="uses")
    used_on = models.DateField(help_text="the session's day in the site's time zone; the expiry is held against it")
    volume_ml = models.DecimalField(
        "volume, ml", max_digits=6, decimal_places=2, null=True, blank=True, validators=[SMALLEST_ML]
    )
    recorded_at = models.DateTimeField(default=timezone.now)
    history = HistoricalRecords()

    class Meta:
        ordering = ["recorded_at", "id"]
        indexes = [models.Index(fields=["lot", "-used_on", "-recorded_at", "-id"], name="lot_use_newest_first")]
        constraints = [models.UniqueConstraint(fields=["session", "lot"], name="lot_once_a_session")]

    def __str__(self) -> str:
        return f"{self.lot}: {self.volume_ml} ml"


# A session's lots with their products, in one more statement however many.
WITH_LOTS = Prefetch("lot_uses", LotUse.objects.select_related("lot__product"))
