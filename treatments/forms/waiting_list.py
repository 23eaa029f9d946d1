"""What is asked of somebody who joins the waiting list, and of whoever takes them off it."""

from collections.abc import Sequence
from typing import Any

from django import forms

from clinic.models import Staff
from treatments.models import Treatment
from treatments.models.contact import PartOfDay


class JoinForm(forms.Form):
    """All of it can be left as it stands: joining is one click."""

    treatment = forms.ModelChoiceField(
        Treatment.objects.bookable(),
        widget=forms.HiddenInput,
        error_messages={"required": "Choose a treatment.", "invalid_choice": "That treatment is no longer offered."},
    )
    practitioner = forms.ModelChoiceField(
        Staff.objects.practitioners(),
        required=False,
        empty_label="Anyone trained",
        label="Wishes for",
        error_messages={"invalid_choice": "Choose one of the practitioners."},
    )
    part_of_day = forms.ChoiceField(
        label="Best time of day",
        choices=PartOfDay.choices,
        initial=PartOfDay.ANY,
        error_messages={"required": "Choose a part of the day.", "invalid_choice": "Choose a part of the day."},
    )
    note = forms.CharField(max_length=300, required=False, help_text="For example: not on Tuesdays. Nothing clinical.")

    def __init__(self, sent: Any = None, *, initial: dict[str, Any] | None = None) -> None:
        # Its ids differ from those of the other forms on the booking page.
        super().__init__(sent, initial=initial, auto_id="wait_%s")

    def offer(self, people: Sequence[Staff]) -> None:
        """Offer these, read already. No statement."""
        self.fields["practitioner"].widget.choices = [("", "Anyone trained"), *((one.pk, one.name) for one in people)]


class LeaveForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        label="Why nobody needs to call",
        error_messages={"required": "Say why nobody needs to call."},
    )
