"""A recall, from its beginning to its end; and the acknowledgement of an alert."""

from typing import Any

from django import forms

from treatments.models import RecallCall
from treatments.recall_letters import DELIVERED, PLACEHOLDERS


def _letter() -> forms.CharField:
    return forms.CharField(
        label="Letter to those who were treated with it",
        max_length=4000,
        initial=DELIVERED,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text="Filled in for each patient: " + ", ".join(f"{{{name}}}" for name in PLACEHOLDERS) + ".",
        error_messages={"required": "Write the letter."},
    )


class RecallForm(forms.Form):
    reason = forms.CharField(label="Why", max_length=300, error_messages={"required": "Say why, in a word or two."})
    letter = _letter()


class LetterForm(forms.Form):
    letter = _letter()


class TellForm(forms.Form):
    """How a patient was told."""

    how = forms.ChoiceField(
        label="How", choices=RecallCall.How.choices, error_messages={"required": "Say how the patient was told."}
    )
    note = forms.CharField(label="Note", required=False, max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["note"].widget.attrs["autocomplete"] = "off"


class EndForm(forms.Form):
    outcome = forms.CharField(
        label="What came of it",
        max_length=900,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say what came of it."},
    )
    untold_because = forms.CharField(
        label="Why some were not told",
        required=False,
        max_length=300,
        help_text="Only where people are left on the list.",
    )


class RemarkForm(forms.Form):
    remark = forms.CharField(
        label="What was looked at, and what came of it",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write what was looked at, and what came of it."},
    )
