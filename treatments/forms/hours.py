"""What is typed about absences, weekly hours, opening times and closed days."""

import datetime as dt
import zoneinfo
from typing import Any

from django import forms
from django.utils import timezone

from clinic.filter_forms import DayField
from clinic.models import Absence, Site, Staff, Weekday, WorkingHours
from clinic.models.hours import MIDNIGHT

NO_TIME = "That is not a time of day."
WHOLE_DAYS = "Leave both times empty for whole days."


class ClockField(forms.TimeField):
    """A time of day; “24:00” is midnight at the end of it."""

    def __init__(self, *, missing: str = "", **kwargs: Any) -> None:
        super().__init__(
            error_messages={"required": missing, "invalid": NO_TIME},
            widget=forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M"),
            **kwargs,
        )

    def to_python(self, value: Any) -> dt.time | None:
        return MIDNIGHT if str(value).strip() == "24:00" else super().to_python(value)


def zone_of(staff: Staff) -> dt.tzinfo:
    return zoneinfo.ZoneInfo(staff.site.time_zone) if staff.site else timezone.get_current_timezone()


class AbsenceForm(forms.Form):
    """Days and times on the clock of the person's site; made into moments there."""

    staff = forms.ModelChoiceField(
        Staff.objects.practitioners().select_related("site"),
        label="Who",
        empty_label="Choose",
        error_messages={"required": "Choose who is absent.", "invalid_choice": "Choose one of the practitioners."},
    )
    first = DayField(label="First day")
    begins = ClockField(label="From", required=False)
    last = DayField(label="Last day", required=False)
    finishes = ClockField(label="Until", required=False, help_text=WHOLE_DAYS)
    reason = forms.CharField(max_length=100, required=False, help_text="For example: holiday. Never a diagnosis.")
    # Made from days and times; here so that the operation's sentences about them have their place.
    starts_at = forms.Field(required=False, widget=forms.HiddenInput)
    ends_at = forms.Field(required=False, widget=forms.HiddenInput)

    def __init__(self, typed: Any = None, *, absence: Absence | None = None, **more: Any) -> None:
        if absence is not None:
            more["initial"] = _as_typed(absence)
        super().__init__(typed, **more)
        self.fields["reason"].widget.attrs["autocomplete"] = "off"
        if absence is not None:
            del self.fields["staff"]
        self.absence = absence

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        staff = self.absence.staff if self.absence else cleaned.get("staff")
        first, last = cleaned.get("first"), cleaned.get("last") or cleaned.get("first")
        if staff is None or first is None or last is None or self.errors:
            return cleaned
        zone, begins, finishes = zone_of(staff), cleaned.get("begins"), cleaned.get("finishes")
        if finishes is None or finishes == MIDNIGHT:
            last, finishes = last + dt.timedelta(days=1), MIDNIGHT
        cleaned["starts_at"] = dt.datetime.combine(first, begins or MIDNIGHT, tzinfo=zone).astimezone(dt.UTC)
        cleaned["ends_at"] = dt.datetime.combine(last, finishes, tzinfo=zone).astimezone(dt.UTC)
        return cleaned

    def given(self) -> dict[str, Any]:
        """What the operations take."""
        typed = {name: self.cleaned_data[name] for name in ("starts_at", "ends_at", "reason")}
        return typed | ({"absence": self.absence} if self.absence else {"staff": self.cleaned_data["staff"]})


def _as_typed(absence: Absence) -> dict[str, Any]:
    zone = zone_of(absence.staff)
    begins, ends = absence.starts_at.astimezone(zone), absence.ends_at.astimezone(zone)
    last = ends.date() - dt.timedelta(days=1) if ends.time() == MIDNIGHT else ends.date()
    times = {"begins": begins.time() if begins.time() != MIDNIGHT else None}
    times["finishes"] = ends.time() if ends.time() != MIDNIGHT else None
    return {"first": begins.date(), "last": last, "reason": absence.reason} | times


class HoursForm(forms.Form):
    """One stretch of the week, on one weekday or several."""

    weekdays = forms.TypedMultipleChoiceField(
        label="On",
        choices=Weekday.choices,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one day of the week.",
            "invalid_choice": "Choose days of the week.",
        },
    )
    site = forms.ModelChoiceField(
        Site.objects.filter(is_active=True),
        empty_label=None,
        error_messages={"required": "Choose a site.", "invalid_choice": "Choose one of the sites."},
    )
    starts_at = ClockField(label="From", missing="Say from when.")
    ends_at = ClockField(label="Until", missing="Say until when.", help_text="00:00 is midnight at the end of the day.")
    valid_from = DayField(label="First day", required=False, help_text="Empty: it holds already.")
    valid_until = DayField(label="Last day", required=False, help_text="Empty: until it is changed.")

    def __init__(self, typed: Any = None, *, hours: WorkingHours | None = None, **more: Any) -> None:
        super().__init__(typed, **more)
        if hours is not None:
            del self.fields["weekdays"]
            names = ("starts_at", "ends_at", "valid_from", "valid_until")
            self.initial = {"site": hours.site_id} | {name: getattr(hours, name) for name in names}


class OpeningForm(forms.Form):
    opens_at = ClockField(label="Opens", missing="Say when it opens.")
    closes_at = ClockField(
        label="Closes", missing="Say when it closes.", help_text="00:00 is midnight at the end of the day."
    )


class ClosedDayForm(forms.Form):
    first = DayField(label="Closed on")
    last = DayField(label="Until and with", required=False, help_text="Empty for one day.")
    reason = forms.CharField(max_length=100, required=False, help_text="For example: Christmas. Stands in refusals.")

    def __init__(self, typed: Any = None, **more: Any) -> None:
        super().__init__(typed, **more)
        self.fields["reason"].widget.attrs["autocomplete"] = "off"
