"""What is typed about a patient."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone

from patients.models import Consent, Patient
from patients.search import DAY_FIRST, phone_digits

YEAR_FIRST = re.compile(r"^\d{4}-\d{2}-\d{2}$")


class PatientForm(forms.ModelForm):  # type: ignore[type-arg]
    """For a new patient and for corrections; saving is registration's (patients/registration.py)."""

    class Meta:
        model = Patient
        fields = [
            "given_name",
            "family_name",
            "pronouns",
            "date_of_birth",
            "phone",
            "email",
            "wants_messages",
            "allergies",
            "alerts",
            "low_pain_threshold",
        ]
        labels = {
            "low_pain_threshold": "Low pain threshold: offer a local anaesthetic",
            "wants_messages": "Wants messages by email",
        }
        help_texts = {
            "pronouns": "As the patient says, for example she/her.",
            "phone": "Digits, spaces and +, for example +44 7700 900123.",
            "allergies": "Stands on top of the chart, for example: lidocaine.",
            "alerts": "What everybody who treats must know first.",
        }
        error_messages = {
            "given_name": {"required": "The given name is missing."},
            "family_name": {"required": "The family name is missing."},
            "date_of_birth": {
                "required": "The date of birth is missing.",
                "invalid": "That is not a day of the calendar.",
            },
            "email": {"invalid": "That is not a whole email address."},
        }
        widgets = {"date_of_birth": forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A patient's details are not the browser's to remember, nor those of the person who types them.
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
        self.fields["phone"].widget.attrs |= {"type": "tel", "inputmode": "tel"}
        born = self.fields["date_of_birth"].widget
        born.attrs |= {"min": "1900-01-01", "max": timezone.localdate().isoformat()}


class ConsentForm(forms.ModelForm):  # type: ignore[type-arg]
    """One kind of consent; `versions` are the clinic's wordings of it, offered as they are typed, the newest filled in."""

    class Meta:
        model = Consent
        fields = ["kind", "version"]
        widgets = {"kind": forms.HiddenInput}
        labels = {"version": "Version of the wording"}
        help_texts = {"version": "As it stands on the paper or screen the patient agreed to."}
        error_messages = {
            "kind": {"required": "Which consent it is, is missing.", "invalid_choice": "There is no such consent."},
            "version": {"max_length": "At most %(limit_value)d letters and digits."},
        }

    def __init__(self, data: Any = None, *, kind: str = "", versions: Sequence[str] = ()) -> None:
        initial = {"kind": kind, "version": next(iter(versions), "")}
        super().__init__(data, initial=initial, auto_id=f"consent-{kind}-%s")
        self.list_id = f"consent-{kind}-versions"
        self.fields["version"].widget.attrs["autocomplete"] = "off"
        self.offer(versions)

    def offer(self, versions: Sequence[str]) -> None:
        self.versions = versions
        if versions:
            self.fields["version"].widget.attrs["list"] = self.list_id


def searched_for(text: str) -> dict[str, str]:
    """What a search that found nobody already says of a new patient: a name, a birth date or a phone."""
    text = " ".join(text.replace("\x00", "").split())
    if DAY_FIRST.match(text) or YEAR_FIRST.match(text):
        born = _birth_date(text)
        return {"date_of_birth": born} if born else {}
    if not any(letter.isalpha() for letter in text):
        return {"phone": text} if len(phone_digits(text)) >= 5 else {}
    if any(letter.isdigit() for letter in text):
        return {}
    given, _, family = text.partition(" ")
    return {"given_name": given[:100], "family_name": family[:100]}


def _birth_date(text: str) -> str:
    """Year first, as the form takes it; "" for a day that is in no calendar."""
    parts = [int(part) for part in re.split(r"\D", text)]
    year, month, day = parts if YEAR_FIRST.match(text) else reversed(parts)
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return ""
