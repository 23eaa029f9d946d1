import datetime as dt
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.models.site import Site

MIDNIGHT = dt.time(0)


class Weekday(models.IntegerChoices):
    MONDAY = 0, "Monday"
    TUESDAY = 1, "Tuesday"
    WEDNESDAY = 2, "Wednesday"
    THURSDAY = 3, "Thursday"
    FRIDAY = 4, "Friday"
    SATURDAY = 5, "Saturday"
    SUNDAY = 6, "Sunday"


class WorkingHours(models.Model):
    """One stretch in which somebody works at a site, each week on that day, on the site's clock.

    A break is the time between two stretches of a day. Who has no row at all works while their site is open.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="working_hours")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="working_hours")
    weekday = models.PositiveSmallIntegerField(choices=Weekday)
    starts_at = models.TimeField("from")
    ends_at = models.TimeField("until", help_text="00:00 is midnight at the end of the day")
    valid_from = models.DateField("first day", null=True, blank=True)
    valid_until = models.DateField("last day", null=True, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["staff", "weekday", "starts_at"]
        verbose_name = verbose_name_plural = "working hours"
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")) | Q(ends_at=MIDNIGHT), name="working_hours_end_after_start"
            ),
            models.CheckConstraint(
                condition=Q(valid_from=None) | Q(valid_until=None) | Q(valid_until__gte=F("valid_from")),
                name="working_hours_last_day_after_first",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_weekday_display()} {self.starts_at:%H:%M}–{self.ends_at:%H:%M}"

    def clean(self) -> None:
        if self.starts_at and self.ends_at and self.ends_at != MIDNIGHT and self.ends_at <= self.starts_at:
            raise ValidationError({"ends_at": "The hours end before they begin."})
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise ValidationError({"valid_until": "The last day is before the first."})

    def holds_on(self, day: dt.date) -> bool:
        return (
            self.weekday == day.weekday()
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


class Absence(models.Model):
    """Somebody is not there. Appointments already booked in it stay, and are listed to be moved."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=100, blank=True, help_text="for example: holiday; never a diagnosis")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    history = HistoricalRecords()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["staff", "ends_at"], name="absence_by_staff")]
        constraints = [models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="absence_ends_after_start")]

    def __str__(self) -> str:
        return f"absent from {self.starts_at:%Y-%m-%d}"


class ClosedDay(models.Model):
    """The whole site is closed: a holiday, a burst pipe."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closed_days")
    day = models.DateField()
    reason = models.CharField(max_length=100, blank=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["site", "day"], name="site_closed_once_a_day")]

    def __str__(self) -> str:
        return f"closed {self.day}" + (f" ({self.reason})" if self.reason else "")
