"""Likely duplicates: who is registered already and may be the same person, and why that is thought.

A name forgives accents, order and typing slips; a birth date a slip of one digit or day and month exchanged; a phone the
country's code and, beside the same name, one digit. None of them is enough alone. Brothers and sisters who share a phone
are not warned of; twins are, and a click registers them.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils import timezone
from rapidfuzz.distance import OSA

from clinic.refusals import NeedsConfirmation
from patients.models import Patient
from patients.search import folded, name_key, phone_digits, phone_key

# However many share a birth date or a name (an import's 1 January 1970), no more than these are looked at.
MOST_LOOKED_AT = 2000
MOST_SHOWN = 10
SHORTEST_PHONE = 7
FIELDS = ("merged_into", "number", "given_name", "family_name", "date_of_birth", "phone", "name_key", "phone_key")


@dataclass(frozen=True)
class Likely:
    """`why` in words: “same birth date, name nearly the same”."""

    patient: Patient
    why: str


class LikelyDuplicates(NeedsConfirmation):
    """Somebody like them is registered already; nothing was registered."""

    code = "likely-duplicate"

    def __init__(self, found: list[Likely]) -> None:
        names = "; ".join(f"{one.patient}, {one.patient.number}: {one.why}" for one in found)
        super().__init__(f"Somebody like them is registered already: {names}.")
        self.found = found
        self.details = {
            "candidates": [{"id": str(one.patient.pk), "number": one.patient.number, "why": one.why} for one in found]
        }


def likely_duplicates(
    *,
    given_name: str,
    family_name: str,
    date_of_birth: dt.date,
    phone: str,
    leave_out: Collection[uuid.UUID] = (),
) -> list[Likely]:
    """The likeliest first, ten at most. Three statements, each from an index, however many patients there are."""
    asked = _Asked(given_name, family_name, date_of_birth, phone)
    seen: dict[uuid.UUID, tuple[int, Likely]] = {}
    for candidates in asked.candidates():
        for patient in candidates.only(*FIELDS).order_by()[:MOST_LOOKED_AT]:
            # Asked here and not in SQL: an index on what nearly all have in common would be taken for a good one.
            if patient.merged_into_id is not None or patient.pk in leave_out or patient.pk in seen:
                continue
            if likeness := asked.likeness(patient):
                seen[patient.pk] = (likeness[0], Likely(patient, likeness[1]))
    found = sorted(seen.values(), key=lambda one: (-one[0], one[1].patient.number))
    return [likely for _, likely in found[:MOST_SHOWN]]


class _Asked:
    """Who is about to be registered, against whoever is."""

    def __init__(self, given_name: str, family_name: str, date_of_birth: dt.date, phone: str) -> None:
        self.name_key = name_key(given_name, family_name)
        self.joined = _joined(given_name, family_name)
        self.family_name = folded(family_name)
        self.born = date_of_birth
        self.phone, self.phone_key = phone_digits(phone), phone_key(phone)
        self.born_nearly = set(_slips_of(date_of_birth)) - {date_of_birth}

    def candidates(self) -> Iterator[QuerySet[Patient]]:
        yield Patient.objects.filter(date_of_birth__in=[self.born, *sorted(self.born_nearly)])
        if len(self.phone_key) >= SHORTEST_PHONE:
            yield Patient.objects.filter(phone_key=self.phone_key)
            yield Patient.objects.filter(name_key=self.name_key)

    def likeness(self, other: Patient) -> tuple[int, str] | None:
        """How much speaks for it, and what; None where that is not enough."""
        name, born, phone = self._name(other), self._born(other), self._phone(other)
        same_family = "" if name else self._family(other)
        enough = (
            (name and born)
            or (name and phone)
            # Twins; or somebody who has married.
            or (phone == "same phone" and (born == "same birth date" or self._turned(other)))
        )
        if not enough:
            return None
        parts = [part for part in (born, name or same_family, phone) if part]
        return sum(2 if part.startswith("same") else 1 for part in parts), ", ".join(parts)

    def _name(self, other: Patient) -> str:
        if other.name_key == self.name_key:
            return "same name"
        ours, theirs = self.name_key.split(), other.name_key.split()
        near = _words_match(ours, theirs) or _run_together(self.joined, other, slips=len(ours) != len(theirs))
        return "name nearly the same" if near else ""

    def _family(self, other: Patient) -> str:
        return "same family name" if folded(other.family_name) == self.family_name else ""

    def _born(self, other: Patient) -> str:
        if other.date_of_birth == self.born:
            return "same birth date"
        return "birth date nearly the same" if other.date_of_birth in self.born_nearly else ""

    def _turned(self, other: Patient) -> bool:
        """Day and month exchanged: 1 August for 8 January."""
        theirs = other.date_of_birth
        return (theirs.year, theirs.month, theirs.day) == (self.born.year, self.born.day, self.born.month)

    def _phone(self, other: Patient) -> str:
        ours, theirs = self.phone_key, other.phone_key
        if min(len(ours), len(theirs)) < SHORTEST_PHONE:
            return ""
        if ours == theirs:
            return "same phone"
        # A digit left out shifts the last nine, so the whole numbers are held against each other too.
        pairs = ((ours, theirs), (self.phone, phone_digits(other.phone)))
        return "phone nearly the same" if any(OSA.distance(*pair, score_cutoff=1) <= 1 for pair in pairs) else ""


def _joined(given_name: str, family_name: str) -> str:
    """“Mary Ann van den Berg” and “Maryann Vandenberg” are one text."""
    return "".join(character for character in folded(given_name + family_name) if character.isalnum())


def _run_together(ours: str, other: Patient, *, slips: bool) -> bool:
    """Written in other places apart: the same letters, or nearly where the number of words differs."""
    theirs = _joined(other.given_name, other.family_name)
    return ours == theirs or (slips and _near(ours, theirs))


def _words_match(one: list[str], other: list[str]) -> bool:
    """Each word of the shorter name has a likeness of its own in the longer one, in any order."""
    shorter, longer = sorted((one, other), key=len)
    left = list(longer)
    for word in shorter:
        like = min((candidate for candidate in left if _near(word, candidate)), default=None, key=lambda c: c != word)
        if like is None:
            return False
        left.remove(like)
    return len(shorter) > 1


def _near(one: str, other: str) -> bool:
    """As many slips (a letter more, less, other, or two exchanged) as a word of that length is likely to get."""
    shortest = min(len(one), len(other))
    slips = 0 if shortest < 4 else 1 if shortest < 8 else 2
    return OSA.distance(one, other, score_cutoff=slips) <= slips


def _slips_of(day: dt.date) -> Iterator[dt.date]:
    """The days that are one slip away: day and month exchanged, a digit other, two neighbours exchanged."""
    text = f"{day:%Y%m%d}"
    spelt = {f"{day:%Y%d%m}"}
    for place, digit in enumerate(text):
        spelt |= {text[:place] + other + text[place + 1 :] for other in "0123456789" if other != digit}
        spelt.add(text[:place] + text[place : place + 2][::-1] + text[place + 2 :])
    today = timezone.localdate()
    for one in spelt:
        try:
            found = dt.date(int(one[:4]), int(one[4:6]), int(one[6:]))
        except ValueError:
            continue
        if found.year >= 1900 and found <= today:
            yield found
