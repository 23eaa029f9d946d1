"""What is typed about messages: the clinic's wording, and what was done about one that failed."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from treatments.messages.wording import LONGEST_BODY, LONGEST_SUBJECT, require_sense


class WordingForm(forms.Form):
    subject = forms.CharField(
        max_length=LONGEST_SUBJECT,
        error_messages={"required": "A subject line is missing."},
        help_text="Anybody who sees the phone can read it: no clinical word, and no treatment's name.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    body = forms.CharField(
        max_length=LONGEST_BODY,
        label="Text",
        strip=False,
        error_messages={"required": "The text is missing."},
        widget=forms.Textarea(attrs={"rows": 14}),
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            try:
                require_sense(self.kind, cleaned["subject"], cleaned["body"])
            except ValidationError as error:
                self.add_error(None, error)
        return cleaned


class HandledForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        label="What was done instead",
        help_text="For example: told by phone.",
        error_messages={"required": "Say what was done instead, for example: told by phone."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
