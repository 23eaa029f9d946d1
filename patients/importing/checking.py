"""One row: from its texts to a patient, or to the sentences that say why not. The rules are registration's."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from clinic.formulas import undefused
from patients.importing.columns import FIELDS, IDENTIFIER
from patients.importing.reading import NO_TEXT
from patients.models import Patient
from patients.models.patient import DETAILS
from patients.models.patient_import import PatientImport, staged_patient

Dates = PatientImport.Dates
Identifiers = Sequence[tuple[str, str]]

ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:[T ]00:00(?::00(?:\.0+)?)?)?$")
DAY_FIRST = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")
PART_OF_A_DATE = re.compile(r"^\d{4}(-\d{2})?$")
TWO_DIGITS = re.compile(r"^\d{1,2}[./-]\d{1,2}[./-]\d{2}$")
YES = {"yes", "y", "true", "t", "1", "x", "ja", "oui", "si", "on"}
NO = {"no", "n", "false", "f", "0", "", "nein", "non", "off", "none"}
YES_OR_NO = ("low_pain_threshold", "wants_messages")
LONGEST_IDENTIFIER = 200
# With room for the record number, which is still to be put in.
LONGEST_SEARCH_TEXT = 400 - 20
CHECKED_FIELDS = frozenset(DETAILS)
# Left to the database, or written by us.
NOT_CHECKED = {one.name for one in Patient._meta.fields} - CHECKED_FIELDS
MISSING = {
    "given_name": "The given name is missing.",
    "family_name": "The family name is missing.",
    "date_of_birth": "The date of birth is missing.",
}


@dataclass
class Checked:
    """`patient` is None where there are problems. `remarks` are worth knowing, and stop nothing."""

    patient: Patient | None
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def check(texts: Mapping[str, str], *, dates: str, system: str, identifiers: Identifiers = ()) -> Checked:
    """`texts` maps fields to what stands in the file; `identifiers` are the other system's, beside its column."""
    problems: dict[str, str] = {}
    values: dict[str, object] = {}
    for name, text in texts.items():
        text = " ".join(undefused(text).split())
        if NO_TEXT.search(text):
            problems[name] = f"{FIELDS[name]}: it holds a character that is not text. Was another encoding meant?"
        elif name == "date_of_birth":
            values[name] = _birth_date(text, dates, problems)
        elif name in YES_OR_NO:
            values[name] = _yes_or_no(name, text, problems)
        elif name == IDENTIFIER:
            identifiers = [*identifiers, (system, text)] if text else identifiers
        else:
            values[name] = text
    if any(len(part) > LONGEST_IDENTIFIER or NO_TEXT.search(part) for pair in identifiers for part in pair):
        problems[IDENTIFIER] = (
            f"{FIELDS[IDENTIFIER]}: it is longer than {LONGEST_IDENTIFIER} characters, or is not text."
        )
    patient = staged_patient(**values)
    sentences = [*problems.values(), *_refused_by_registration(patient, spoken_of=problems)]
    if sentences:
        return Checked(None, [], sentences)
    patient.index_for_search()
    if len(patient.search_text) > LONGEST_SEARCH_TEXT:
        return Checked(None, [], ["The name is too long for the search, once its characters are written out."])
    return Checked(patient, list(dict.fromkeys(identifiers)))


def _refused_by_registration(patient: Patient, spoken_of: Mapping[str, str]) -> list[str]:
    """What the model's own checks say of the fields that could be read."""
    try:
        patient.clean_fields(exclude=NOT_CHECKED | spoken_of.keys())
    except ValidationError as error:
        return [
            MISSING[name] if name in MISSING and not getattr(patient, name) else f"{FIELDS[name]}: {sentence}"
            for name, sentences in error.message_dict.items()
            for sentence in sentences
        ]
    return []


def _birth_date(text: str, dates: str, problems: dict[str, str]) -> dt.date | None:
    if not text:
        problems["date_of_birth"] = MISSING["date_of_birth"]
        return None
    iso, day_first = ISO.match(text), DAY_FIRST.match(text)
    written = iso if dates == Dates.ISO else day_first
    if written is None:
        problems["date_of_birth"] = f"Date of birth: {_why_no_date(text, dates, bool(iso), bool(day_first))}"
        return None
    numbers = [int(number) for number in written.groups()]
    year, month, day = numbers if iso else reversed(numbers)
    try:
        return dt.date(year, month, day)
    except ValueError:
        problems["date_of_birth"] = f"Date of birth: “{text}” is not a day of the calendar, read {_order(dates)}."
        return None


def _why_no_date(text: str, dates: str, is_iso: bool, is_day_first: bool) -> str:
    shown = f"“{text[:40]}”"
    if is_iso or is_day_first:
        return f"{shown} is written {_order(Dates.ISO if is_iso else Dates.DAY_FIRST)}, but the file is read {_order(dates)}."
    if TWO_DIGITS.match(text):
        return f"{shown} has a year of two digits; four are needed."
    if PART_OF_A_DATE.match(text):
        return f"{shown} is not a whole date; day, month and year are needed."
    return f"{shown} is not a date written {_order(dates)}."


def _order(dates: str) -> str:
    return "day first (14/02/1988)" if dates == Dates.DAY_FIRST else "year first (1988-02-14)"


def _yes_or_no(name: str, text: str, problems: dict[str, str]) -> bool:
    word = text.casefold().replace("í", "i")
    if word not in YES | NO:
        problems[name] = f"{FIELDS[name]}: “{text[:40]}” is neither yes nor no."
    return word in YES
