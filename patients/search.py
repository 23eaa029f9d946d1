"""Finding a patient by name, record number, birth date or phone, as it is typed at the desk."""

import calendar
import datetime as dt
import re
import unicodedata

from django.db.models import Q

SHORTEST_INSIDE = 3
PHONE = re.compile(r"^\+?[\d ()/-]{5,}$")
ISO_DAY = re.compile(r"^\d{4}-\d{2}-\d{2}$")
SPELT_DAY = re.compile(r"\b(\d{1,2})\s+([A-Za-z]{3,9})\s+(\d{4})\b")
DAY_FIRST = re.compile(r"^(\d{1,2})[./-](\d{1,2})[./-](\d{4})$")


def folded(text: str) -> str:
    """Lower case without accents: “Müller” is found as “muller”."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(c for c in decomposed if not unicodedata.combining(c)).split())


def phone_digits(phone: str) -> str:
    return re.sub(r"\D", "", phone)


def name_key(given_name: str, family_name: str) -> str:
    """The same for “José Ruiz”, “ruiz jose” and “Ruiz, José”."""
    words = re.sub(r"[^\w\s]", " ", folded(f"{given_name} {family_name}")).split()
    return " ".join(sorted(words))[:210]


def phone_key(phone: str) -> str:
    """The last nine digits: with or without the country's code or a leading 0, it is the same number."""
    return phone_digits(phone)[-9:]


def matching(text: str) -> Q:
    """A condition on Patient: every word of `text` is found in the patient's `search_text`.

    One or two letters are looked for where a word begins: inside of one they say little, and no index finds them.
    """
    condition = Q()
    for word in _words(text):
        inside = Q(search_text__contains=word)
        begins = Q(search_text__startswith=word) | Q(search_text__contains=f" {word}")
        condition &= inside if len(word) >= SHORTEST_INSIDE else begins
    return condition


def _words(text: str) -> list[str]:
    # "+44 7700 900123" is one number, not three words; a record number or a name is left as it is.
    text = SPELT_DAY.sub(_spelt_day, text.replace("\x00", ""))
    whole = text.strip()
    if PHONE.match(whole) and not DAY_FIRST.match(whole) and not ISO_DAY.match(whole):
        return [phone_digits(whole).removeprefix("0")]
    return [_as_stored(word) for word in folded(text).split()]


def _spelt_day(found: re.Match[str]) -> str:
    """“8 Jan 1990”, as pages print a birth date; left as it is where it is none."""
    try:
        month = [name.lower() for name in calendar.month_abbr].index(found[2][:3].lower())
        return dt.date(int(found[3]), month, int(found[1])).isoformat()
    except ValueError:
        return found[0]


def _as_stored(word: str) -> str:
    written = DAY_FIRST.match(word)
    if not written:
        return word
    day, month, year = (int(part) for part in written.groups())
    try:
        return dt.date(year, month, day).isoformat()
    except ValueError:
        return word
