"""What free times are asked for, and the one that was chosen."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateparse import parse_datetime

from clinic.filter_forms import DayField
from clinic.models import Room, Staff
from treatments.forms.booking import may_give, why_not
from treatments.models import Treatment
from treatments.models.contact import PartOfDay
from treatments.models.treatment import Family

FIRST_FREE = "first-free"
KEPT = ("treatment", "practitioner", "part_of_day", "date", "time", "second", "room")
CHOOSE_ONE = "Choose one of the free times."


def typed_so_far(sent: Any) -> dict[str, str]:
    """What an address or a form says of an appointment to be."""
    return {name: sent[name][:60] for name in KEPT if sent.get(name)}


def day_of(typed: Mapping[str, str]) -> dt.date | None:
    """The day that was typed, None where it is none."""
    try:
        return DayField(required=False).clean(typed.get("date"))  # type: ignore[no-any-return]
    except ValidationError:
        return None


class TimesForm(forms.Form):
    """Which free times to show. Asked by an address, so what cannot be read counts as not chosen and is said beside it.

    It is given what can be chosen, so that each list is read once however often it stands on the page.
    """

    treatment = forms.ChoiceField(
        required=False, error_messages={"invalid_choice": "That treatment is no longer offered."}
    )
    practitioner = forms.ChoiceField(
        label="With", required=False, error_messages={"invalid_choice": "Not a practitioner here now."}
    )
    part_of_day = forms.ChoiceField(label="Part of the day", choices=PartOfDay.choices, required=False)
    date = DayField(label="Not before", required=False)
    room = forms.ChoiceField(required=False, error_messages={"invalid_choice": "That room is not in use."})
    time = forms.TimeField(required=False, widget=forms.HiddenInput)
    # The second time that the clock shows it, on the night the clocks go back.
    second = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        typed: Mapping[str, str],
        *,
        people: Sequence[Staff],
        rooms: Sequence[Room],
        treatment: Treatment | None = None,
        catalogue: Sequence[Treatment] = (),
        keeps_room: bool = False,
    ) -> None:
        # Their ids differ from those of the form for an exact time, which stands on the same page.
        super().__init__(typed, auto_id="wish_%s")
        self._found = {str(one.pk): one for one in (*catalogue, *people, *rooms)}
        self.people = [one for one in people if treatment is None or may_give(one, treatment)]
        self._choices("treatment", [("", "Choose"), *((str(one.pk), one.name) for one in catalogue)])
        asked = next((one for one in people if str(one.pk) == typed.get("practitioner")), None)
        others = [(str(asked.pk), f"{asked} ({why_not(asked)})")] if asked and asked not in self.people else []
        anybody = "Anyone trained" if treatment and treatment.family == Family.MESOTHERAPY else "Anyone"
        self._choices("practitioner", [("", anybody), *((str(one.pk), one.name) for one in self.people), *others])
        room_names = [(str(one.pk), f"{one.name}, {one.site.name}") for one in rooms]
        none = [] if keeps_room else [("", "No room")]
        self._choices("room", [*none, (FIRST_FREE, "First free room"), *room_names])
        self.is_valid()

    def _choices(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def chosen(self, name: str) -> Any:
        """The treatment, practitioner or room itself; of the rest the value. None where nothing is chosen."""
        value = self.cleaned_data.get(name)
        return self._found.get(value) if name in ("treatment", "practitioner", "room") and value else value or None

    def wishes_any_room(self) -> bool:
        return bool(self.cleaned_data.get("room") == FIRST_FREE)


class ChosenTimeForm(forms.Form):
    """The button of a free time: when, with whom and where, all in its value; nothing of it is typed."""

    starts_at = forms.CharField()
    practitioner = forms.ModelChoiceField(Staff.objects.practitioners())
    room = forms.ModelChoiceField(
        Room.objects.filter(is_active=True).select_related("site"),
        required=False,
        error_messages={"invalid_choice": "That room is not in use."},
    )

    def __init__(self, sent: Any) -> None:
        parts = (*sent.get("chosen", "")[:120].split(" "), "", "")
        super().__init__(
            {"starts_at": parts[0], "practitioner": parts[1], "room": parts[2], "treatment": sent.get("treatment", "")}
        )

    def clean_starts_at(self) -> dt.datetime:
        try:
            moment = parse_datetime(self.cleaned_data["starts_at"])
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None or not 2000 <= moment.year <= 2100:
            raise ValidationError(CHOOSE_ONE)
        return moment

    def given(self) -> dict[str, Any]:
        """What the operations take."""
        return dict(self.cleaned_data)

    def sentences(self) -> list[str]:
        """What is wrong, to stand above the times: the fields themselves are on no page."""
        said = [str(sentence) for sentences in self.errors.values() for sentence in sentences]
        invalid = any(name in self.errors for name in ("practitioner", "room")) and not self.cleaned_data.get(
            "starts_at"
        )
        return [CHOOSE_ONE] if invalid else list(dict.fromkeys(said))


class ChosenBookingForm(ChosenTimeForm):
    treatment = forms.ModelChoiceField(
        Treatment.objects.bookable(),
        error_messages={"required": "Choose a treatment.", "invalid_choice": "That treatment is no longer offered."},
    )
