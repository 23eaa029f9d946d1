"""What a course is planned from, and what becomes of it when not every place is free."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from clinic.filter_forms import DayField
from clinic.models import Staff
from treatments.forms.booking import MomentForm
from treatments.models import Treatment

REST, NOTHING = "rest", "nothing"


class CourseForm(MomentForm):
    """Sent as an address to see the plan, and again by POST to book it."""

    treatment = forms.ModelChoiceField(
        Treatment.objects.bookable(),
        empty_label="Choose",
        error_messages={"required": "Choose a treatment.", "invalid_choice": "That treatment is no longer offered."},
    )
    planned = forms.IntegerField(
        label="How many sessions",
        min_value=2,
        max_value=20,
        initial=6,
        error_messages=dict.fromkeys(
            ("required", "invalid", "min_value", "max_value"), "A course has from 2 to 20 sessions."
        ),
    )
    every_days = forms.IntegerField(
        label="Days apart",
        min_value=1,
        max_value=90,
        initial=7,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), "From 1 to 90 days."),
    )
    date = DayField(label="First day")
    practitioner = forms.ModelChoiceField(
        Staff.objects.practitioners(),
        label="With",
        required=False,
        empty_label="Anyone trained",
        error_messages={"invalid_choice": "Choose one of the practitioners."},
    )

    def given(self, people: Sequence[Staff]) -> dict[str, Any]:
        """What the operation takes; `people` are those to choose from where nobody was."""
        chosen = self.cleaned_data["practitioner"]
        names = ("treatment", "planned", "every_days", "starts_at", "room")
        given = {name: self.cleaned_data[name] for name in names}
        return given | {"practitioners": [chosen] if chosen else list(people)}


def if_not_all(sent: Any) -> str:
    """What to do with a course that cannot be placed as a whole: nothing, unless the rest was asked for."""
    return REST if sent.get("if_not_all") == REST else NOTHING


def begins_on(form: CourseForm) -> dt.date | None:
    return form.cleaned_data.get("date") if form.is_bound else None
