"""A look at a side effect: what was found, how large and in which colours, what was done about it."""

from typing import Any

from django import forms

from treatments.forms.photos import LocalMoment, PhotosField
from treatments.forms.side_effects import red_flags_field
from treatments.models.review import Causality, Finding, Mode, Outcome, SizeMethod

COLOURS = ("red", "purple", "blue", "green", "yellow", "brown")
LONGEST_COLOUR = 100
# What each of the WHO-UMC system's words says, in the clinic's words.
CAUSALITY_MEANS = {
    Causality.CERTAIN: "The time fits, nothing else explains it, and it went as it should once the treatment was over.",
    Causality.PROBABLE: "The time fits, and anything else is unlikely to be behind it.",
    Causality.POSSIBLE: "The time fits, but something else may explain it just as well.",
    Causality.UNLIKELY: "The time fits badly, and something else explains it better.",
    Causality.CONDITIONAL: "More has to be known before it can be said, and is being found out.",
    Causality.UNASSESSABLE: "Too little is known, or it does not fit together, and nothing more can be found out.",
}


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
    size_method = forms.ChoiceField(
        label="Measured by",
        required=False,
        choices=[*SizeMethod.choices, ("", "Not measured")],
        widget=forms.RadioSelect,
        help_text="Sizes are compared only where they were measured in the same way.",
    )
    colours = forms.MultipleChoiceField(
        label="Colours",
        required=False,
        choices=[(colour, colour.capitalize()) for colour in COLOURS],
        widget=forms.CheckboxSelectMultiple,
        help_text="Words for what is seen; a colour says nothing of how old a bruise is.",
    )
    colour = forms.CharField(label="Other words for the colour", required=False, max_length=LONGEST_COLOUR)
    action_taken = forms.CharField(label="What was done about it", required=False, max_length=500)
    causality = forms.ChoiceField(
        label="Caused by the treatment?",
        required=False,
        choices=[("", "Not judged"), *Causality.choices],
        help_text="In the words of the WHO-UMC system: a judgement, not a measurement.",
    )
    red_flags = red_flags_field()
    note = forms.CharField(label="Note", required=False, max_length=3900, widget=forms.Textarea(attrs={"rows": 3}))
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
        if found.get("size_mm") and not found.get("size_method") and "size_method" not in self.errors:
            self.add_error("size_method", "Say how the size was measured.")
        if found.get("size_method") and found.get("size_mm") is None and "size_mm" not in self.errors:
            self.add_error("size_mm", "Give the size, or leave out how it was measured.")
        if len(self._colour(found)) > LONGEST_COLOUR:
            self.add_error("colour", f"Keep the words for the colour to {LONGEST_COLOUR} characters in all.")
        return found

    def relies_on_a_photo(self) -> bool:
        return bool(self.cleaned_data["finding"] == Finding.GONE and self.cleaned_data["mode"] == Mode.PHOTO)

    @staticmethod
    def _colour(found: dict[str, Any]) -> str:
        """“purple, yellow, darker at the edge”"""
        return ", ".join(word for word in (*found.get("colours", []), found.get("colour", "")) if word)

    def given(self) -> dict[str, Any]:
        """What the operation is given; a time nobody touched is the moment of saving, not of opening the page."""
        given = {name: value for name, value in self.cleaned_data.items() if name not in ("photos", "colours")}
        given["colour"] = self._colour(self.cleaned_data)
        if not self["seen_at"]._has_changed():  # type: ignore[attr-defined]
            given["seen_at"] = None
        return given
