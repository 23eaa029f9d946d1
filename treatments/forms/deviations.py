"""What is written down of a finished session afterwards, of a treatment given all the same, and asked of the manager's list."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from clinic.models import Staff
from treatments.forms.booking import MomentForm, moment
from treatments.models import Treatment
from treatments.models.treatment import Family


class AddendumForm(forms.Form):
    text = forms.CharField(
        label="What is added",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what is to be added."},
    )


class DeviationForm(MomentForm):
    """A treatment that took place: when, what, by whom, and why in spite of what stood against it."""

    until = forms.TimeField(
        label="Until",
        error_messages={"required": "Say when it was over.", "invalid": "That is not a time of day."},
        widget=forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M"),
    )
    treatment = forms.ModelChoiceField(
        Treatment.objects.filter(family=Family.MESOTHERAPY).order_by("-is_active", "name"),
        empty_label=None,
        error_messages={
            "required": "Choose the mesotherapy that was given.",
            "invalid_choice": "Choose one of the clinic's mesotherapies.",
        },
    )
    practitioner = forms.ModelChoiceField(
        Staff.objects.practitioners(),
        label="Given by",
        empty_label=None,
        error_messages={"required": "Choose who gave it.", "invalid_choice": "Choose one of the practitioners."},
    )
    decided_by = forms.ModelChoiceField(
        Staff.objects.practitioners(),
        label="Decided by",
        empty_label=None,
        error_messages={"required": "Choose who decided it.", "invalid_choice": "Choose one of the practitioners."},
    )
    reason = forms.CharField(
        label="Why it was given all the same",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Say why it was given in spite of what stood against it."},
    )
    ends_at = forms.Field(required=False, widget=forms.HiddenInput)
    field_order = ("treatment", "date", "time", "until", "practitioner", "decided_by", "room", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time"].label = "From"

    def clean(self) -> dict[str, Any]:
        """Past midnight, it ended on the day after."""
        cleaned = super().clean()
        if all(cleaned.get(name) is not None for name in ("date", "time", "until")):
            day, until = cleaned["date"], cleaned["until"]
            try:
                cleaned["ends_at"] = moment(day + dt.timedelta(days=1) if until < cleaned["time"] else day, until)
            except ValidationError as error:
                self.add_error("until", error)
        return cleaned

    def given(self) -> dict[str, Any]:
        """What the operation is given."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("date", "time", "until")}
