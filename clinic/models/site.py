import datetime as dt
import uuid
import zoneinfo

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from simple_history.models import HistoricalRecords

PHONE = RegexValidator(
    r"^\+?[0-9 ()./-]{5,30}$", "Give at least five digits, with spaces and + only, for example +44 7700 900123."
)


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(f"“{name}” is no time zone of the IANA list; “Europe/London” is one.")


class Site(models.Model):
    """A place of the clinic; its time zone is the one its pages speak in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=100, unique=True)
    time_zone = models.CharField(max_length=64, default="Europe/London", validators=[validate_time_zone])
    opens_at = models.TimeField(default=dt.time(8), help_text="on the site's own clock, every day but closed ones")
    closes_at = models.TimeField(default=dt.time(20), help_text="00:00 is midnight at the end of the day")
    phone = models.CharField(
        max_length=30, blank=True, validators=[PHONE], help_text="what messages tell a patient to call"
    )
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Room(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="rooms")
    name = models.CharField(max_length=100)
    is_active = models.BooleanField(default=True)
    history = HistoricalRecords()

    class Meta:
        ordering = ["site__name", "name"]
        constraints = [models.UniqueConstraint(fields=["site", "name"], name="room_name_once_per_site")]

    def __str__(self) -> str:
        return self.name
