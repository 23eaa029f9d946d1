"""A record reviewed: one, or several ticked in a list."""

from typing import Any

from django import forms

from treatments.record_sign_off import MOST_AT_ONCE


class SignOffForm(forms.Form):
    remark = forms.CharField(
        label="Remark",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="It stands beside the record and changes nothing in it.",
    )


class SeveralForm(SignOffForm):
    chosen = forms.TypedMultipleChoiceField(
        error_messages={
            "required": "Tick the records that you have looked through.",
            "invalid_choice": "One of these cannot be reviewed by you; nothing was signed off.",
        }
    )

    def __init__(self, *args: Any, can_be_chosen: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(one, one) for one in can_be_chosen]  # type: ignore[attr-defined]
        assert len(can_be_chosen) <= MOST_AT_ONCE
