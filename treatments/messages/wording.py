"""What messages say: the wording Allclear comes with, and the clinic's own where a manager has written one.

Placeholders are replaced, never evaluated. No clinical word stands in a subject line, which anybody who sees the phone
can read, nor in what is said of a hold: that one says "on hold", not why.
"""

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from clinic.history import save_by
from clinic.models import Site, Staff
from patients.search import folded
from treatments.models import Appointment, MessageTemplate, Treatment
from treatments.models.message import MessageKind
from treatments.operation import operation

LONGEST_SUBJECT, LONGEST_BODY = 120, 4000
# [S] “you should contact your practitioner as soon as possible” stands under every message; no wording leaves it out.
WORRIED = "If you are worried about anything at all, contact your practitioner as soon as possible: {phone}."
NO_PHONE = "our usual number"

PLACEHOLDERS = {
    "patient": "the patient's name",
    "day": "the day of the appointment",
    "time": "when it starts, on the site's clock",
    "practitioner": "who it is with",
    "place": "the site's name",
    "phone": "the site's phone number",
    "treatment": "what is booked",
}
IN_SUBJECT = ("day", "time", "practitioner")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

CLINICAL = re.compile(
    r"\b(?:bruis\w*|ha?ematoma\w*|discolou?r\w*|redness|swell\w*|swollen|itch\w*|burn(?:s|ed|t|ing)?\b|numb(?:ness)?\b"
    r"|pain(?:s|ful)?\b|irritat\w*|infect\w*|fever\w*|pus\b|side[\s-]*effects?|symptom\w*|diagnos\w*|allerg\w*"
    r"|meso(?:therap\w*)?\b|inject\w*|needle\w*|lipo\w*|cellulite|an(?:a)?esthe\w*|skin\b|medic\w*)"
)


@dataclass(frozen=True)
class Wording:
    subject: str
    body: str


DELIVERED: dict[str, Wording] = {
    MessageKind.CONFIRMATION: Wording(
        "Your appointment on {day} at {time}",
        "Dear {patient},\n\n"
        "Your appointment is booked:\n\n"
        "    {day}, {time}\n"
        "    with {practitioner}\n"
        "    at {place}\n\n"
        "If you cannot come, please call us: {phone}.",
    ),
    MessageKind.HOLD: Wording(
        "Your appointment on {day} is on hold",
        "Dear {patient},\n\n"
        "Your appointment on {day} at {time} with {practitioner} is on hold. "
        "Please do not come before we have spoken.\n\n"
        "We will call you. You can also call us: {phone}.",
    ),
    MessageKind.REMINDER_48: Wording(
        "Reminder: your appointment on {day} at {time}",
        "Dear {patient},\n\n"
        "We look forward to seeing you:\n\n"
        "    {day}, {time}\n"
        "    with {practitioner}\n"
        "    at {place}\n\n"
        "If you cannot come, please call us: {phone}.",
    ),
    MessageKind.REMINDER_3: Wording(
        "Reminder: your appointment at {time}",
        "Dear {patient},\n\n"
        "Your appointment is soon: {day}, {time}, with {practitioner} at {place}.\n\n"
        "If you cannot come, please call us: {phone}.",
    ),
    MessageKind.CANCELLATION: Wording(
        "Your appointment on {day} is cancelled",
        "Dear {patient},\n\n"
        "Your appointment on {day} at {time} with {practitioner} is cancelled. Please do not come.\n\n"
        "For another time, call us: {phone}.",
    ),
    # The sheet itself is attached as a PDF; its text follows only where none can be made (sheet_mail.py).
    MessageKind.SHEET: Wording(
        "A sheet from {place}",
        "Dear {patient},\n\n"
        "Here is a sheet from us to read and to keep. If anything in it is unclear, please call us: {phone}.",
    ),
}


def wording_of(kind: str) -> Wording:
    """The clinic's own, or the delivered one. One statement."""
    own = MessageTemplate.objects.filter(kind=kind).first()
    return Wording(own.subject, own.body) if own else DELIVERED[kind]


def known_in_body(kind: str) -> tuple[str, ...]:
    """The placeholders of this kind's body: what is booked is a clinical word, and a hold's message has none."""
    return tuple(name for name in PLACEHOLDERS if not (kind == MessageKind.HOLD and name == "treatment"))


def known_in_subject(kind: str) -> tuple[str, ...]:
    """A sheet says from whom it is; where that name is a clinical word itself, it is left out when sent."""
    return (*IN_SUBJECT, "place") if kind == MessageKind.SHEET else IN_SUBJECT


def written(wording: Wording, values: dict[str, str]) -> Wording:
    """The message itself. What is put in for a placeholder is not looked into for placeholders again."""
    subject = " ".join(_filled(wording.subject, values).split())
    return Wording(subject[:150], f"{_filled(wording.body, values).rstrip()}\n\n{_filled(WORRIED, values)}\n")


def values_for(appointment: Appointment, starts_at: dt.datetime) -> dict[str, str]:
    """What the placeholders stand for. Fetch it with patient, practitioner, treatment and site."""
    site = appointment.site
    return _when(starts_at, site) | {
        "patient": str(appointment.patient),
        "practitioner": str(appointment.practitioner),
        "place": site.name,
        "phone": site.phone or NO_PHONE,
        "treatment": appointment.treatment.name,
    }


def made_up_values(site: Site | None, now: dt.datetime) -> dict[str, str]:
    """For a preview: nobody's appointment, in a week's time at ten."""
    site = site or Site(name="High Street")
    starts_at = (now + dt.timedelta(days=7)).astimezone(zoneinfo.ZoneInfo(site.time_zone)).replace(hour=10, minute=0)
    return _when(starts_at, site) | {
        "patient": "Alex Example",
        "practitioner": "Robin Sample",
        "place": site.name,
        "phone": site.phone or NO_PHONE,
        "treatment": "Consultation",
    }


def require_sense(kind: str, subject: str, body: str) -> Wording:
    """Cleaned of stray blanks, or ValidationError by field."""
    wording = Wording(" ".join(subject.split()), body.replace("\r\n", "\n").strip())
    errors = {
        "subject": wrong_in(wording.subject, known_in_subject(kind), LONGEST_SUBJECT)
        or _clinical_in(wording.subject, "a subject line, which anybody who sees the phone can read"),
        "body": wrong_in(wording.body, known_in_body(kind), LONGEST_BODY),
    }
    if kind == MessageKind.HOLD and not errors["body"]:
        errors["body"] = _clinical_in(wording.body, "this message, which says that it is on hold and not why")
    if any(errors.values()):
        raise ValidationError({field: sentence for field, sentence in errors.items() if sentence})
    return wording


@operation("manage-clinic")
def save_wording(*, kind: str, subject: str, body: str, by: Staff) -> MessageTemplate:
    """The clinic's own wording from now on. Saved unchanged, the history gets nothing. Raises ValidationError by field."""
    wording = require_sense(kind, subject, body)
    own = MessageTemplate.objects.select_for_update().filter(kind=kind).first() or MessageTemplate(kind=kind)
    if (own.subject, own.body) == (wording.subject, wording.body):
        return own
    own.subject, own.body = wording.subject, wording.body
    return save_by(own, by)


@operation("manage-clinic")
def reset_wording(*, kind: str, by: Staff) -> None:
    """Back to the delivered wording; the history keeps the clinic's own."""
    own = MessageTemplate.objects.select_for_update().filter(kind=kind).first()
    if own is not None:
        own._history_user = by  # type: ignore[attr-defined]
        own.delete()


def clinical_word(text: str) -> str:
    """The first clinical word or treatment of the catalogue in `text`, "" where there is none. One statement."""
    plain = folded(_PLACEHOLDER.sub(" ", text))
    if found := CLINICAL.search(plain):
        return found.group()
    names = Treatment.objects.values_list("name", flat=True)
    return next((name for name in names if re.search(rf"\b{re.escape(folded(name))}\b", plain)), "")


def _filled(text: str, values: dict[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda found: values.get(found.group(1).strip(), ""), text)


def _when(starts_at: dt.datetime, site: Site) -> dict[str, str]:
    local = starts_at.astimezone(zoneinfo.ZoneInfo(site.time_zone))
    return {"day": f"{local:%A} {local.day} {local:%B %Y}", "time": f"{local:%H:%M}"}


def wrong_in(text: str, known: tuple[str, ...], longest: int) -> str:
    """Why this text cannot be sent, "" where it can: empty, too long, or with what cannot be filled in."""
    listed = ", ".join(f"{{{name}}}" for name in known)
    unknown = [name for name in _PLACEHOLDER.findall(text) if name.strip() not in known]
    if not text:
        return "It is empty."
    if len(text) > longest:
        return f"It has {len(text)} characters; {longest} is the most."
    if unknown:
        return f"“{{{unknown[0]}}}” cannot be filled in here. These can: {listed}."
    if set("{}") & set(_PLACEHOLDER.sub("", text)):
        return f"A curly bracket stands alone. They are for what is filled in: {listed}."
    return ""


def _clinical_in(text: str, where: str) -> str:
    word = clinical_word(text)
    return f"“{word}” is a clinical word. It does not belong in {where}." if word else ""
