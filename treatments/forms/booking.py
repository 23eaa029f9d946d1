"""What is chosen to book or move an appointment: treatment, practitioner, day, time and room."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.filter_forms import DayField
from clinic.models import Room, Staff
from clinic.wording import short_day
from treatments.models import Appointment, Treatment
from treatments.models.treatment import Family


class RoomChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, room: Room) -> str:
        return f"{room.name}, {room.site.name}"


class LookForm(forms.Form):
    """What an address or a half-filled form says so far. What cannot be read counts as not chosen."""

    treatment = forms.ModelChoiceField(Treatment.objects.bookable(), required=False)
    practitioner = forms.ModelChoiceField(Staff.objects.practitioners(), required=False)
    date = DayField(required=False)

    def chosen(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class MomentForm(forms.Form):
    """A day and a time typed by hand, made one moment of the reader's zone; and a room, or none."""

    date = DayField(label="Day")
    time = forms.TimeField(
        error_messages={"required": "Choose a time.", "invalid": "That is not a time of day."},
        widget=forms.TimeInput(attrs={"type": "time", "step": 300}, format="%H:%M"),
    )
    room = RoomChoice(
        Room.objects.filter(is_active=True, site__is_active=True).select_related("site"),
        required=False,
        empty_label="No room",
        error_messages={"invalid_choice": "Choose one of the rooms."},
    )
    # Made from day and time, never typed; here so that the operation's sentences about it have their place.
    starts_at = forms.Field(required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "date" in cleaned and "time" in cleaned:
            try:
                cleaned["starts_at"] = moment(cleaned["date"], cleaned["time"])
            except ValidationError as error:
                self.add_error("starts_at", error)
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        super().add_error(field, error)
        if field == "starts_at":
            for name in ("date", "time"):
                self.fields[name].widget.attrs |= {"aria-invalid": "true", "aria-describedby": "id_starts_at_error"}


class TimeForm(MomentForm):
    practitioner = forms.ModelChoiceField(
        Staff.objects.practitioners(),
        error_messages={"required": "Choose a practitioner.", "invalid_choice": "Choose one of the practitioners."},
    )
    field_order = ("practitioner", "date", "time", "room")

    def given(self) -> dict[str, Any]:
        """What the operations take."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("date", "time")}

    def offer(self, people: Sequence[Staff], rooms: Sequence[Room], treatment: Treatment, chosen: Staff | None) -> None:
        """Offer who may give `treatment` on the day that `people` were asked for, who may until then, and who is chosen.

        `people` come with `is_trained`, `is_trained_today` and `trained_until`. No statement.
        """
        names = {one.pk: one.name for one in people if may_give(one, treatment)}
        for one in people:
            if one.pk not in names and (one.is_trained_today or one == chosen):  # type: ignore[attr-defined]
                names[one.pk] = f"{one} ({why_not(one)})"
        if chosen and chosen not in people:
            names[chosen.pk] = f"{chosen} (not a practitioner now)"
        self.fields["practitioner"].widget.choices = [("", "Choose"), *names.items()]
        none = [("", self.fields["room"].empty_label)] if self.fields["room"].empty_label else []  # type: ignore[attr-defined]
        self.fields["room"].widget.choices = [*none, *((one.pk, f"{one.name}, {one.site.name}") for one in rooms)]


class BookingForm(TimeForm):
    treatment = forms.ModelChoiceField(
        Treatment.objects.bookable(),
        empty_label="Choose",
        error_messages={"required": "Choose a treatment.", "invalid_choice": "That treatment is no longer offered."},
    )


class MoveForm(TimeForm):
    def __init__(self, typed: Any, *, appointment: Appointment) -> None:
        start = timezone.localtime(appointment.starts_at)
        now = {
            "practitioner": appointment.practitioner_id,
            "date": start.date(),
            "time": start.time(),
            "room": appointment.room_id,
        }
        super().__init__(typed, initial=now)
        if appointment.room is not None and appointment.room.is_active:
            # A move keeps the room it is not given another for, so "no room" would not be true.
            self.fields["room"].empty_label = None  # type: ignore[attr-defined]


class CancelForm(forms.Form):
    reason = forms.CharField(
        max_length=300, required=False, label="Why", help_text="For example: patient called, cannot come."
    )


class CloseForm(forms.Form):
    reason = forms.CharField(
        max_length=300,
        label="Why nobody needs to call",
        error_messages={"required": "Say why nobody needs to call."},
    )


def moment(day: dt.date, time: dt.time, *, second: bool = False) -> dt.datetime:
    """That time on that day, in the reader's zone. Raises ValidationError where the clocks leave it out.

    `second`: the second time, where the clocks go back and show it twice.
    """
    zone = timezone.get_current_timezone()
    local = dt.datetime.combine(day, time.replace(fold=int(second)), tzinfo=zone)
    # A time that the clocks jump over comes back from UTC as another one.
    if local.astimezone(dt.UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise ValidationError(
            f"On {short_day(day)} the clocks go forward, and {time:%H:%M} does not exist. Choose another time."
        )
    return local


def may_give(practitioner: Staff, treatment: Treatment) -> bool:
    """Trained on the day that the practitioner was asked for (`is_trained`), where the treatment asks for training."""
    return treatment.family != Family.MESOTHERAPY or bool(practitioner.is_trained)  # type: ignore[attr-defined]


def why_not(practitioner: Staff) -> str:
    """Why somebody who is offered all the same is not trained on that day."""
    until = practitioner.trained_until if practitioner.is_trained_today else None  # type: ignore[attr-defined]
    return f"training ends {short_day(until)}" if until else "no training record that day"
