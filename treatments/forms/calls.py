"""Noting a call that was made, and closing a row for which nobody needs to call."""

from typing import Any

from django import forms

from clinic.filter_forms import DayField
from treatments.models import Call

OUTCOME_NEEDED = "Say how the call went."


class CallForm(forms.Form):
    """The outcome is the button that is pressed; the rest may stay empty."""

    worklist = forms.CharField(max_length=20, widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label="How it went",
        choices=Call.Outcome.choices,
        error_messages={"required": OUTCOME_NEEDED, "invalid_choice": OUTCOME_NEEDED},
    )
    note = forms.CharField(
        label="Note",
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Nothing clinical: what was said about times and calling back.",
    )
    next_try_on = DayField(label="Try again on", required=False)
    # Where the page goes on from: the row of its list, or the patient's chart.
    row = forms.UUIDField(required=False, widget=forms.HiddenInput)
    back = forms.ChoiceField(required=False, choices=[("", ""), ("chart", "")], widget=forms.HiddenInput)

    def given(self) -> dict[str, Any]:
        """What the operation is given."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("row", "back")}
