"""Logging what is seen or told of: one page, several kinds at once, done between two patients."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.forms.boundfield import BoundWidget
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import short_day
from treatments.body_map import THOUSAND, settled
from treatments.forms.photos import PhotosField
from treatments.forms.side_effects import about_field, onset_field, red_flags_field, where_fields
from treatments.models import Session, SideEffect
from treatments.models.side_effect import Kind
from treatments.opening import open_words

TODAY, YESTERDAY, A_DAY, NOT_KNOWN = "today", "yesterday", "day", ""
DAYS_AGO = {TODAY: 0, YESTERDAY: 1}


class SessionSelect(forms.Select):
    """Each session with the day it was on, so that the page can suggest another when the onset is chosen."""

    days: dict[str, dt.date] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if str(value) in self.days:
            option["attrs"]["data-day"] = self.days[str(value)].isoformat()
        return option


class LogForm(forms.Form):
    """What a practitioner logs: by sight, or as told. `open_now` are those on record, which a kind may be already."""

    kind = forms.MultipleChoiceField(
        label="What",
        choices=Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose what it is; “Other” if nothing fits."},
    )
    another = forms.MultipleChoiceField(label="Another one", required=False, widget=forms.CheckboxSelectMultiple)
    site, side, severity = where_fields()
    map_view = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)
    map_x = forms.IntegerField(required=False, min_value=0, max_value=THOUSAND, widget=forms.HiddenInput)
    map_y = forms.IntegerField(required=False, min_value=0, max_value=THOUSAND, widget=forms.HiddenInput)
    onset = forms.ChoiceField(
        label="Began",
        required=False,
        choices=[(TODAY, "Today"), (YESTERDAY, "Yesterday"), (A_DAY, "Another day"), (NOT_KNOWN, "Not known")],
        widget=forms.RadioSelect,
    )
    onset_on = onset_field()
    onset_is_about = about_field()
    painful_to_touch = forms.TypedChoiceField(
        label="Is the swelling painful to touch?",
        required=False,
        choices=[("yes", "Yes"), ("no", "No"), ("", "Not asked")],
        coerce=lambda answer: answer == "yes",
        empty_value=None,
        widget=forms.RadioSelect,
        help_text="Yes makes a look due at once. Source: small, raised bumps that should not be painful to touch.",
    )
    cream = forms.CharField(
        label="Irritated after which cream?",
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"list": "creams-recommended", "autocomplete": "off"}),
    )
    red_flags = red_flags_field()
    note = forms.CharField(label="Note", required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 3}))
    photos = PhotosField(
        label="Photos",
        required=False,
        help_text="Of several kinds they are kept with the first in the row above. More can be added later.",
    )
    session = forms.ChoiceField(label="After which session", required=False, widget=SessionSelect)
    seen = forms.TypedChoiceField(
        label="Seen",
        choices=[("yes", "I see it now"), ("no", "Reported, not yet seen")],
        coerce=lambda answer: answer == "yes",
        initial="yes",
        widget=forms.RadioSelect,
    )

    def __init__(
        self,
        *args: Any,
        reader: Staff,
        sessions: Sequence[Session],
        open_now: Sequence[SideEffect] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.open_now = list(open_now)
        self.sessions = {str(session.pk): session for session in sessions}
        self.fields["another"].choices = [  # type: ignore[attr-defined]
            (str(one.pk), open_words(one, reader)) for one in self.open_now
        ]
        self._offer_sessions()
        # The newest session's: what was recommended for this skin is asked about first.
        self.recommended: list[str] = next((list(one.creams) for one in sessions if one.creams), [])
        self.fields["cream"].help_text = " ".join(
            [
                f"Recommended: {', '.join(self.recommended)}." if self.recommended else "",
                "Source: creams that were not recommended may cause irritation.",
            ]
        ).strip()

    def _offer_sessions(self) -> None:
        field: Any = self.fields["session"]
        field.choices = [
            *((pk, _session_words(session)) for pk, session in self.sessions.items()),
            ("", "None, or not known"),
        ]
        field.widget.days = {pk: timezone.localdate(session.started_at) for pk, session in self.sessions.items()}
        field.initial = next(iter(self.sessions), "")
        if self.sessions:
            field.help_text = "Suggested: the newest session before it began."

    def asked_about(self, likely: Sequence[SideEffect]) -> list[tuple[SideEffect, BoundWidget]]:
        """Each of those that it may be, with the box that says it is another one."""
        boxes = {box.data["value"]: box for box in self["another"]}
        return [(one, boxes[str(one.pk)]) for one in likely if str(one.pk) in boxes]

    def another_already(self, likely: Sequence[SideEffect]) -> list[str]:
        """Of which it was said before that it is another one; what is not open any more drops out."""
        unasked = {str(one.pk) for one in self.open_now} - {str(one.pk) for one in likely}
        return [named for named in self["another"].value() or [] if named in unasked]

    def clean_session(self) -> Session | None:
        return self.sessions.get(self.cleaned_data["session"])

    def clean(self) -> dict[str, Any]:
        found = super().clean() or self.cleaned_data
        when, given = found.get("onset", NOT_KNOWN), found.get("onset_on")
        if when in DAYS_AGO:
            day = timezone.localdate() - dt.timedelta(days=DAYS_AGO[when])
            if given not in (None, day):
                self.add_error("onset_on", f"You chose {when}, and gave another day. Keep one of them.")
            found["onset_on"] = day
        elif when == A_DAY and given is None and "onset_on" not in self.errors:
            self.add_error("onset_on", "Give the day, or choose “Not known”.")
        # What is read out wins: without scripts a mark stays behind when another site or side is chosen.
        site, side, view = (found.get(name) or "" for name in ("site", "side", "map_view"))
        mark = settled(site, side, view, found.get("map_x"), found.get("map_y"))
        found["map_view"], found["map_x"], found["map_y"] = mark
        return found

    def given(self) -> dict[str, Any]:
        """What the operation is given."""
        left_out = ("photos", "kind", "another", "onset")
        given = {name: value for name, value in self.cleaned_data.items() if name not in left_out}
        another = [uuid.UUID(named) for named in self.cleaned_data["another"]]
        return given | {"kinds": self.cleaned_data["kind"], "not_the_same": another}


def _session_words(session: Session) -> str:
    return f"{short_day(timezone.localdate(session.started_at))}, {session.practitioner.name}"
