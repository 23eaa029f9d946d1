"""Taking down a concern, correcting what was entered wrongly, and the fields that are asked of every side effect."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from clinic.wording import short_day
from patients.models import Patient
from treatments import concerns
from treatments.models import Session, SideEffect
from treatments.models.side_effect import BodySite, Kind, Severity, Side
from treatments.opening import RED_FLAGS

NOT_SAID = ("", "Not said")
ANOTHER = "another"
# Kinds that reception chooses from: bruising is asked on its own, and the red flags open a suspected infection.
CONCERNS = [(kind, kind.label) for kind in Kind if kind not in (Kind.BRUISING, Kind.INFECTION)]


class Day(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


def onset_field() -> forms.DateField:
    return forms.DateField(
        label="Began on",
        required=False,
        widget=Day,
        help_text="Leave empty where nobody knows.",
        error_messages={"invalid": "Give a day, for example 2026-11-03."},
    )


def about_field() -> forms.BooleanField:
    return forms.BooleanField(label="About then", required=False)


def red_flags_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="Any of these?",
        required=False,
        choices=list(RED_FLAGS.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Any of them opens a suspected infection, to be seen today.",
    )


def where_fields() -> tuple[forms.ChoiceField, forms.ChoiceField, forms.TypedChoiceField]:
    site = forms.ChoiceField(label="Where", required=False, choices=[NOT_SAID, *BodySite.choices])
    side = forms.ChoiceField(label="Side", required=False, choices=[*Side.choices, NOT_SAID], widget=forms.RadioSelect)
    severity = forms.TypedChoiceField(
        label="How bad",
        required=False,
        choices=[*((level.value, f"{level.value} {level.label}") for level in Severity), NOT_SAID],
        coerce=int,
        empty_value=None,
        widget=forms.RadioSelect,
        help_text="The clinic's own scale.",
    )
    return site, side, severity


class ConcernForm(forms.Form):
    """What reception takes down. Bruising is always asked; where a bruise is on record, whether this is the same one."""

    bruising = forms.ChoiceField(
        label="Any bruising or discolouration?",
        choices=[(concerns.YES, "Yes"), (concerns.NO, "No"), (concerns.NOT_SURE, "Not sure")],
        widget=forms.RadioSelect,
        help_text="Yes and not sure both log bruising as reported; a practitioner looks.",
        error_messages={"required": "Ask whether there is any bruising or discolouration."},
    )
    same_as = forms.ChoiceField(
        label="Bruising is on record already. Is it the same?",
        required=False,
        widget=forms.RadioSelect,
        help_text="The same is looked at again, with these words; no second entry is made of it.",
    )
    red_flags = forms.MultipleChoiceField(
        label="Any of these?",
        required=False,
        choices=list(concerns.ASKED.items()),
        widget=forms.CheckboxSelectMultiple,
        help_text="Spreading redness, fever or pus: suspected infection, seen today. A painful lump: due at once.",
    )
    kind = forms.ChoiceField(
        label="Anything else it may be",
        required=False,
        choices=[*CONCERNS, ("", "Nothing else, or not known")],
        widget=forms.RadioSelect,
    )
    session = forms.ChoiceField(label="After which visit", required=False)
    onset_on = onset_field()
    onset_is_about = about_field()
    note = forms.CharField(
        label="In the patient's words", required=False, max_length=3900, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(
        self, *args: Any, sessions: Iterable[Session], open_bruises: Iterable[SideEffect], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sessions = {str(session.pk): session for session in sessions}
        self.bruises = {str(bruise.pk): bruise for bruise in open_bruises}
        visits = [(pk, _visit_words(session)) for pk, session in self.sessions.items()]
        self.fields["session"].choices = [("", "Not known"), *visits]  # type: ignore[attr-defined]
        known = [(pk, _bruise_words(bruise)) for pk, bruise in self.bruises.items()]
        self.fields["same_as"].choices = [*known, (ANOTHER, "Another one")]  # type: ignore[attr-defined]
        for name, there in (("session", self.sessions), ("same_as", self.bruises)):
            if not there:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        told = found.get("bruising") in concerns.MEANS_BRUISING
        if told and self.bruises and not found.get("same_as") and "same_as" not in self.errors:
            self.add_error("same_as", "Ask whether it is the bruise that is on record.")
        return found

    def given(self) -> dict[str, Any]:
        """What the operation is given. The same bruise is asked about only where there is bruising."""
        told = self.cleaned_data["bruising"] in concerns.MEANS_BRUISING
        return self.cleaned_data | {
            "session": self.sessions.get(self.cleaned_data.get("session", "")),
            "same_as": self.bruises.get(self.cleaned_data.get("same_as", "")) if told else None,
        }


def _visit_words(session: Session) -> str:
    return f"{session.appointment.treatment}, {short_day(timezone.localdate(session.started_at))}"


def _bruise_words(bruise: SideEffect) -> str:
    since = bruise.onset_on or timezone.localdate(bruise.recorded_at)
    return f"The same: bruising since {short_day(since)}, {'seen' if bruise.seen_at else 'not yet seen'}"


class ErrorForm(forms.Form):
    reason = forms.CharField(
        label="Why the entry is wrong",
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": "Say why the entry is wrong; it stays on the chart with the reason."},
    )


class WrongPatientForm(ErrorForm):
    """`choices` are the patients that the search found."""

    patient = forms.TypedChoiceField(
        label="Whose it is",
        coerce=uuid.UUID,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose whose side effect it is.", "invalid_choice": "Choose one of those found."},
    )

    def __init__(self, *args: Any, found: Iterable[Patient], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["patient"].choices = [  # type: ignore[attr-defined]
            (str(patient.pk), f"{patient}, born {patient.date_of_birth:%-d %b %Y}, {patient.number}")
            for patient in found
        ]
