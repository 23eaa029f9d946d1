"""Counts made from the records, which can be made again from them at any time; nothing here is a record of its own."""

from django.db import models
from django.utils import timezone

from clinic.models import Site


class Divided(models.TextChoices):
    """What a month's counts are divided by."""

    ALL = "all", "The whole clinic"
    CLINIC_SITE = "site", "Site"
    TREATMENT = "treatment", "Treatment"
    PRACTITIONER = "practitioner", "Practitioner"
    PRODUCT = "product", "Product"
    LOT = "lot", "Lot"
    BODY_SITE = "body-site", "Body site"


class MonthFigure(models.Model):
    """Mesotherapy sessions begun in one month, of one treatment, lot, hand …, and how many had which side effect.

    A session with two bruises counts once: rates are of sessions, which is what their interval needs.
    """

    month = models.DateField(help_text="its first day, on the site's clock")
    divided = models.CharField(max_length=12, choices=Divided)
    value = models.CharField(max_length=40, blank=True, help_text="an id or a body site's code; empty for the clinic")
    sessions = models.PositiveIntegerField(default=0)
    followed_up = models.PositiveIntegerField(
        default=0, help_text="of them, sessions after which somebody looked or asked"
    )
    bruising = models.PositiveIntegerField(default=0)
    swelling = models.PositiveIntegerField(default=0)
    itching = models.PositiveIntegerField(default=0)
    burning = models.PositiveIntegerField(default=0)
    numbness = models.PositiveIntegerField(default=0)
    pain = models.PositiveIntegerField(default=0)
    irritation = models.PositiveIntegerField(default=0)
    infection = models.PositiveIntegerField(default=0)
    other = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["month", "divided", "value"]
        constraints = [models.UniqueConstraint(fields=["divided", "value", "month"], name="figure_once_a_month")]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.divided} {self.value}".strip()


class CountedMonth(models.Model):
    """A month whose figures stand, and when they were last made from the records."""

    month = models.DateField(primary_key=True)
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["month"]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m}"


class ClearingFigure(models.Model):
    """How long bruises recorded here took to be found gone, by body site and severity: Turnbull's estimate."""

    body_site = models.CharField(max_length=20, blank=True, help_text="a code of BodySite; empty for all")
    severity = models.PositiveSmallIntegerField(default=0, help_text="a code of Severity; 0 for all")
    bruises = models.PositiveIntegerField(help_text="those that the estimate rests on")
    gone = models.PositiveIntegerField(help_text="of them, found gone; the others are still open")
    half_by_day = models.PositiveSmallIntegerField(null=True, help_text="the first day by which half were gone")
    left_out = models.PositiveIntegerField(
        default=0, help_text="bruises that nobody of the clinic saw before they were found gone, or has seen yet"
    )
    curve = models.JSONField(
        default=list, help_text="[[after day, until day, part of them gone by then] …]; until null: not known any more"
    )
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["body_site", "severity"]
        constraints = [
            models.UniqueConstraint(fields=["body_site", "severity"], name="clearing_once_a_site_and_severity")
        ]

    def __str__(self) -> str:
        return f"{self.body_site or 'all'} {self.severity or ''}".strip()


class WatchFigure(models.Model):
    """A site's running sum of bruising, or of suspected infection: whether it comes more often than it did (a CUSUM)."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, help_text="a kind of side effect")
    baseline_sessions = models.PositiveIntegerField(
        help_text="the clinic's first sessions, that its own rate is taken from"
    )
    baseline_with = models.PositiveIntegerField(help_text="of them, sessions with it")
    adds = models.PositiveSmallIntegerField(
        null=True, help_text="what a session with it adds; empty without a baseline"
    )
    takes = models.PositiveSmallIntegerField(null=True, help_text="what a session without it takes away")
    limit = models.PositiveIntegerField(null=True, help_text="the sum at which it is called")
    called_by_chance = models.PositiveIntegerField(
        null=True, help_text="once in so many sessions, were nothing changed"
    )
    called_if_doubled = models.PositiveIntegerField(
        null=True, help_text="after so many sessions, were the odds doubled"
    )
    sessions = models.PositiveIntegerField(default=0, help_text="summed so far at this site")
    not_known = models.PositiveIntegerField(default=0, help_text="sessions whose outcome is waited for")
    line = models.JSONField(default=list, help_text="the newest of them: [[day, 1 with it or 0, the sum after it] …]")
    crossings = models.JSONField(
        default=list, help_text="[{number, session, started_at, sum, of, with} …], oldest first"
    )
    counted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["site__name", "kind"]
        constraints = [models.UniqueConstraint(fields=["site", "kind"], name="watched_once_a_site_and_kind")]

    def __str__(self) -> str:
        return f"{self.site_id} {self.kind}"
