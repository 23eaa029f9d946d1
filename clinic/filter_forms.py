"""What a list is filtered by that every list knows: a stretch of days, named or typed."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone

from clinic.wording import short_day

NO_DAY = "That is not a day of the calendar."
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2100, 12, 31)
# Named stretches end today and move along with it, so that a saved one is as good next week.
PERIODS = {"7-days": 7, "30-days": 30, "90-days": 90, "12-months": 365}
PERIOD_WORDS = {
    "7-days": "the last 7 days",
    "30-days": "the last 30 days",
    "90-days": "the last 90 days",
    "12-months": "the last 12 months",
}


class DayField(forms.DateField):
    """A day that lies within what a calendar can count with in every time zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            validators=[MinValueValidator(FIRST_DAY, NO_DAY), MaxValueValidator(LAST_DAY, NO_DAY)],
            error_messages={"required": "Choose a day.", "invalid": NO_DAY},
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            **kwargs,
        )


def day_begins(day: dt.date) -> dt.datetime:
    """Midnight on the reader's clock; of two in a night when the clocks change, the first."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


@dataclass(frozen=True)
class Days:
    """From the first day to the last, both included; None is open."""

    first: dt.date | None = None
    last: dt.date | None = None

    def within(self, column: str) -> dict[str, dt.datetime]:
        """For `filter(**…)` of a column of moments."""
        found = {}
        if self.first:
            found[f"{column}__gte"] = day_begins(self.first)
        if self.last:
            found[f"{column}__lt"] = day_begins(self.last + dt.timedelta(days=1))
        return found

    @property
    def words(self) -> str:
        """“from 1 Nov to 7 Nov”, "" for every day."""
        first = f"from {short_day(self.first)}" if self.first else ""
        last = f"until {short_day(self.last)}" if self.last else ""
        return " ".join(filter(None, (first, last)))


class DaysForm(forms.Form):
    """The days of a list: a named stretch, or from and until. Asked by an address; nothing is required."""

    period = forms.ChoiceField(
        label="Period",
        required=False,
        choices=[("", "Any time"), *((code, words.capitalize()) for code, words in PERIOD_WORDS.items())],
        error_messages={"invalid_choice": "Choose one of the periods."},
    )
    since = DayField(label="From", required=False)
    until = DayField(label="Until", required=False)

    def __init__(self, asked: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(asked if asked is not None else {}, **kwargs)

    def clean(self) -> dict[str, Any]:
        asked = super().clean() or self.cleaned_data
        since, until = asked.get("since"), asked.get("until")
        if since and until and until < since:
            self.add_error("until", ValidationError("The last day comes before the first."))
        if asked.get("period") and (since or until):
            self.add_error("period", ValidationError("Choose a period or days of your own, not both."))
        return asked

    def days(self, today: dt.date | None = None) -> Days:
        """The days that were asked for. The form must be valid."""
        if length := PERIODS.get(self.cleaned_data.get("period") or ""):
            today = today or timezone.localdate()
            return Days(today - dt.timedelta(days=length - 1), today)
        return Days(self.cleaned_data.get("since"), self.cleaned_data.get("until"))

    def asked(self) -> list[str]:
        """The names of the fields that say something."""
        return [name for name in self.fields if self.cleaned_data.get(name) not in (None, "", [])]

    def words(self) -> str:
        """The filter in words, for the head of a file: “Site: High Street; from 1 Nov”. "" where nothing is asked."""
        if not self.is_valid():
            return "The filter could not be read"
        parts = [self.days().words] if self.days() != Days() else []
        for name in self.asked():
            if name not in ("period", "since", "until"):
                parts.append(f"{self[name].label}: {self._display(name)}")
        return "; ".join(parts)

    def _display(self, name: str) -> str:
        field, value = self.fields[name], self.cleaned_data[name]
        if isinstance(field, forms.ModelChoiceField):
            return str(field.label_from_instance(value))
        if isinstance(field, forms.ChoiceField):
            return str(dict(list(field.choices)).get(value, value))  # type: ignore[arg-type]
        return str(self.data.get(name, value))
