"""What a page of figures is asked: which side effect, divided by what, from which month to which."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone

from treatments.figures.months import months_back
from treatments.models.figure import Divided
from treatments.models.side_effect import Kind

BY_MONTH = "month"
DIVISIONS = {
    BY_MONTH: "Month",
    Divided.TREATMENT: "Treatment",
    Divided.PRODUCT: "Product",
    Divided.LOT: "Lot",
    Divided.BODY_SITE: "Body site",
    Divided.CLINIC_SITE: "Site",
}
USUAL_MONTHS = 12
QUICK = (3, 12)


@dataclass(frozen=True)
class Asked:
    kind: str
    by: str
    since: dt.date
    until: dt.date

    @property
    def side_effect(self) -> str:
        """“bruising”, for the middle of a sentence."""
        return Kind(self.kind).label.lower()

    @property
    def period(self) -> str:
        """“December 2025 to November 2026”."""
        first, last = f"{self.since:%B %Y}", f"{self.until:%B %Y}"
        return first if first == last else f"{first} to {last}"

    @property
    def words(self) -> str:
        """The whole filter in a sentence."""
        return f"{Kind(self.kind).label} by {DIVISIONS[self.by].lower()}, {self.period}, on each site's own clock."


def this_month() -> dt.date:
    return timezone.localdate().replace(day=1)


class MonthField(forms.DateField):
    """A month, as its first day; where the browser knows no such field, typed as 2026-11."""

    widget = forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": "2026-11"})

    def __init__(self, **given: Any) -> None:
        wrong = {"invalid": "Write a month as 2026-11."}
        super().__init__(input_formats=["%Y-%m"], required=False, error_messages=wrong, **given)


class FigureFilter(forms.Form):
    """Everything may be left out: bruising by month, over the last twelve."""

    kind = forms.ChoiceField(label="Side effect", choices=Kind, required=False)
    by = forms.ChoiceField(label="Divided by", choices=list(DIVISIONS.items()), required=False)
    since = MonthField(label="From")
    until = MonthField(label="Until")

    def __init__(self, query: QueryDict) -> None:
        last = this_month()
        usual = {"kind": Kind.BRUISING.value, "by": BY_MONTH, "since": f"{months_back(last, USUAL_MONTHS - 1):%Y-%m}"}
        given = {name: query[name] for name in self.base_fields if query.get(name)}
        if "until" in given and "since" not in given:
            usual["since"] = ""
        super().__init__(usual | {"until": f"{last:%Y-%m}"} | given)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", "This is before the first month.")
        return cleaned

    def asked(self) -> Asked:
        """What is asked; the usual where a field cannot be read."""
        known = self.cleaned_data if self.is_valid() else {}
        until = min(known.get("until") or this_month(), this_month())
        since = known.get("since") or months_back(until, USUAL_MONTHS - 1)
        return Asked(known.get("kind") or Kind.BRUISING, known.get("by") or BY_MONTH, min(since, until), until)


def quick_links(query: QueryDict) -> list[tuple[str, str]]:
    """(words, query) for the ranges that are asked for most; everything else stays as it is chosen."""
    links = []
    for months in QUICK:
        changed = query.copy()
        changed["since"], changed["until"] = f"{months_back(this_month(), months - 1):%Y-%m}", f"{this_month():%Y-%m}"
        links.append((f"Last {months} months", changed.urlencode()))
    return links
