"""How a sheet reads: its parts for a page, plain text for a mail, and the same as a PDF.

The only thing filled in is {phone}, and what stood there when it was given stays with what was given.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import get_language_info

from clinic.pdf import pdf_of
from treatments.models import Sheet, SheetGiven

PHONE = "{phone}"
NO_PHONE = "our usual number"
HEADING, POINT = "# ", "- "
# Consent.sheet_version holds so many characters; the version and the language are never cut off.
LONGEST_NAME = 60


@dataclass(frozen=True)
class Part:
    """A heading or a paragraph (of one line), or the points of a list."""

    kind: Literal["heading", "paragraph", "points"]
    lines: tuple[str, ...]

    @property
    def text(self) -> str:
        return self.lines[0]


def parts_of(body: str, phone: str = "") -> list[Part]:
    """The body in parts, with the clinic's number filled in."""
    found: list[Part] = []
    joins = False  # the line before belongs to the same paragraph or list
    for line in body.replace(PHONE, phone or NO_PHONE).splitlines():
        text = line.strip()
        if not text:
            # Points with an empty line between them are one list all the same.
            joins = bool(found) and found[-1].kind == "points" and joins
            continue
        kind, text = _kind_of(text)
        if kind == "points" and joins and found[-1].kind == "points":
            found[-1] = Part("points", (*found[-1].lines, text))
        elif kind == "paragraph" and joins and found[-1].kind == "paragraph":
            found[-1] = Part("paragraph", (f"{found[-1].text} {text}",))
        else:
            found.append(Part(kind, (text,)))
        joins = kind != "heading"
    return found


def _kind_of(text: str) -> tuple[Literal["heading", "paragraph", "points"], str]:
    if text.startswith(HEADING):
        return "heading", text[len(HEADING) :].strip()
    if text.startswith(POINT):
        return "points", text[len(POINT) :].strip()
    return "paragraph", text


def creams_sentence(creams: Sequence[str] | None) -> str:
    """What a sheet given after a session says of creams; "" where the session does not."""
    if creams is None:
        return ""
    return f"Creams recommended to you: {'; '.join(creams)}." if creams else "No creams were recommended to you."


def language_name(tag: str) -> str:
    """“German”, “Portuguese (pt-BR)”; the tag itself for a language that has no name here."""
    primary = tag.split("-")[0]
    try:
        name = str(get_language_info(primary)["name"])
    except KeyError:
        return tag
    return name if tag == primary else f"{name} ({tag})"


def direction_of(tag: str) -> str:
    """How it is written, for HTML's dir."""
    return "rtl" if tag.split("-")[0] in settings.LANGUAGES_BIDI else "ltr"


def text_of(sheet: Sheet, phone: str = "") -> str:
    """Plain text, as it stands in a mail."""
    parts = [
        "\n".join(f"- {line}" for line in part.lines) if part.kind == "points" else part.text
        for part in parts_of(sheet.body, phone)
    ]
    return "\n\n".join([sheet.title, *parts, f"({_version(sheet)})"])


def name_of(sheet: Sheet) -> str:
    """“Risks of mesotherapy, version 1, en”, as it stands on a consent."""
    end = f", {_version(sheet)}"
    return f"{sheet.title[: LONGEST_NAME - len(end)].rstrip()}{end}"


def _version(sheet: Sheet) -> str:
    return f"version {sheet.version}, {sheet.language}"


def sheet_pdf(shown: dict[str, Any]) -> bytes:
    """What `shown` or `shown_as_given` answered, as a PDF. Raises PdfUnavailable."""
    return pdf_of(render_to_string("treatments/sheet_pdf.html", shown))


def shown(sheet: Sheet, phone: str = "") -> dict[str, Any]:
    """What the template of a sheet needs."""
    return {"sheet": sheet, "parts": parts_of(sheet.body, phone), "direction": direction_of(sheet.language)}


def shown_as_given(given: SheetGiven) -> dict[str, Any]:
    """The same, with what stood on it for this patient. Needs its sheet fetched."""
    return shown(given.sheet, given.phone) | {"creams": given.creams, "given": given}
