"""One step of the medical-referral checklist, ticked."""

import datetime as dt
from typing import Any

from django import forms

from treatments.forms.photos import LocalMoment
from treatments.models import ReferralStep


class ReferralStepForm(forms.Form):
    """`step` is the code of the step it ticks; a time that is left empty is now."""

    note = forms.CharField(label="Who, where, what", required=False, max_length=300)
    done_at = forms.DateTimeField(
        label="Done at",
        required=False,
        widget=LocalMoment,
        help_text="Leave empty for now.",
        error_messages={"invalid": "Give a day and a time, for example 2026-11-03 14:30."},
    )

    def __init__(self, *args: Any, step: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.auto_id = f"id_{step}_%s"
        self.step = step
        if step == ReferralStep.Step.CLOSED:
            del self.fields["done_at"]
            self.fields["note"].label = "Why the rest is not needed"

    def given(self) -> dict[str, str | dt.datetime | None]:
        return self.cleaned_data | {"step": self.step}
