"""Logging a side effect, taking down a concern, looking again, and correcting what was entered wrongly."""

import uuid
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from clinic.wording import short_day
from patients.models import Patient
from treatments import concerns
from treatments.forms.photos import LocalMoment, PhotosField
from treatments.models import Session, SideEffect
from treatments.models.review import Finding, Mode, Outcome
from treatments.models.side_effect import BodySite, Kind, Severity, Side
from treatments.side_effects import RED_FLAGS

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


class LogForm(forms.Form):
    """What a practitioner logs: by sight, or as told."""

    kind = forms.ChoiceField(
        label="What",
        choices=Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what it is; “Other” if nothing fits."},
    )
    site, side, severity = where_fields()
    onset_on = onset_field()
    painful_to_touch = forms.TypedChoiceField(
        label="Painful to touch?",
        required=False,
        choices=[("yes", "Yes"), ("no", "No"), ("", "Not asked")],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        help_text="Asked of swelling: yes makes a look due at once.",
    )
    red_flags = red_flags_field()
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    photos = PhotosField(label="Photos", required=False, help_text="Taken now, or chosen. They can be added later too.")
    session = forms.ChoiceField(label="After which session", required=False)
    seen = forms.TypedChoiceField(
        label="Seen",
        choices=[("yes", "I see it now"), ("no", "Reported, not yet seen")],
        coerce=lambda answer: answer == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, sessions: Iterable[Session], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.sessions = {str(session.pk): session for session in sessions}
        self.fields["session"].choices = [  # type: ignore[attr-defined]
            *((pk, _session_words(session)) for pk, session in self.sessions.items()),
            ("", "None, or not known"),
        ]
        self.fields["session"].initial = next(iter(self.sessions), "")

    def clean_session(self) -> Session | None:
        return self.sessions.get(self.cleaned_data["session"])

    def given(self) -> dict[str, Any]:
        """What the operation is given."""
        return {name: value for name, value in self.cleaned_data.items() if name != "photos"}


def _session_words(session: Session) -> str:
    return f"{short_day(timezone.localdate(session.started_at))}, {session.practitioner.name}"


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


class ReviewForm(forms.Form):
    mode = forms.ChoiceField(
        label="How it was looked at",
        choices=Mode.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose how it was looked at."},
    )
    finding = forms.ChoiceField(
        label="Found",
        choices=Finding.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what was found."},
    )
    outcome = forms.ChoiceField(
        label="If it is gone",
        required=False,
        choices=[("", "Nothing is left"), (Outcome.SEQUELAE, "Staining stays")],
        widget=forms.RadioSelect,
        help_text="Staining that stays after the bruise counts as gone; it is recorded as such.",
    )
    seen_at = forms.DateTimeField(
        label="Seen at",
        required=False,
        widget=LocalMoment,
        show_hidden_initial=True,
        help_text="Left as it stands, this is the moment you save.",
        error_messages={"invalid": "Give a day and a time, for example 2026-11-03 14:30."},
    )
    size_mm = forms.IntegerField(
        label="Longest way across, in mm",
        required=False,
        min_value=1,
        max_value=2000,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    colour = forms.CharField(label="Colour, in words", required=False, max_length=100)
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    photos = PhotosField(
        label="Photo", required=False, help_text="Kept before the review, so the review may rely on it."
    )

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        gone = found.get("finding") == Finding.GONE
        if gone and found.get("mode") == Mode.PHONE:
            self.add_error("mode", "Gone is never found by phone alone: look in person, or at a new photo.")
        if found.get("outcome") and found.get("finding") and not gone:
            self.add_error("outcome", "Staining that stays is said only of one that is gone.")
        return found

    def given(self) -> dict[str, Any]:
        """What the operation is given; a time nobody touched is the moment of saving, not of opening the page."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "photos"}
        if not self["seen_at"]._has_changed():  # type: ignore[attr-defined]
            given["seen_at"] = None
        return given


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
