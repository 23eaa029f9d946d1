"""How a sheet reads: its parts for a page, plain text for a mail, and the same as a PDF.

The only thing filled in is {phone}, and what stood there when it was given stays with what was given.
"""

import re
from dataclasses import dataclass
from typing import Literal

from django.template.loader import render_to_string

from clinic.pdf import pdf_of
from treatments.models import Sheet

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


def first_points(sheet: Sheet, phone: str = "") -> tuple[str, ...]:
    """The sheet's first list, for where there is room for no more."""
    return next((part.lines for part in parts_of(sheet.body, phone) if part.kind == "points"), ())


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


def sheet_pdf(sheet: Sheet, phone: str = "") -> bytes:
    """The sheet as a PDF in its own language. Raises PdfUnavailable."""
    page = {"sheet": sheet, "parts": parts_of(sheet.body, phone)}
    return pdf_of(render_to_string("treatments/sheet_pdf.html", page))


def same_words(one: str, other: str) -> bool:
    """Nothing but blanks and line ends differs."""
    return re.sub(r"\s+", " ", one).strip() == re.sub(r"\s+", " ", other).strip()
