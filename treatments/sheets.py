"""Sheets for the patient, before and after treatment: published in versions, which are never changed."""

import datetime as dt
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from treatments.models import Sheet, Treatment
from treatments.models.treatment import Family
from treatments.operation import operation
from treatments.sheet_text import PHONE, parts_of

LONGEST_BODY, LONGEST_TITLE = 12000, 150
DEFAULT_LANGUAGE = "en"
# RFC 5646 (BCP 47): language, script, region, variants, extensions, private use.
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)


@operation("manage-clinic")
def publish_sheet(
    *,
    kind: str,
    language: str,
    title: str,
    body: str,
    by: Staff,
    treatment: Treatment | None = None,
    after: int | None = None,
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Sheet:
    """The next version, for a treatment or, without one, for every mesotherapy that has none of its own.

    `after` is the version that its author had before them, 0 for none: another one published meanwhile is not passed over
    unseen. Published unchanged, the version before stands. Raises ValidationError by field.
    """
    sheet = Sheet(kind=kind, treatment=treatment, published_by=by, published_at=now or timezone.now())
    sheet.language, sheet.title, sheet.body = require_sense(kind, language, title, body)
    if treatment is not None and treatment.family != Family.MESOTHERAPY:
        raise ValidationError({"treatment": "Sheets are for mesotherapy."})
    before = versions_of(sheet).first()
    newest = before.version if before else 0
    if after is not None and after != newest:
        raise ValidationError(_meanwhile(newest))
    if before is not None and (before.title, before.body) == (sheet.title, sheet.body):
        return before
    sheet.version = newest + 1
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
    except IntegrityError as error:  # two managers at the same moment: the second is told
        raise ValidationError(_meanwhile(sheet.version)) from error
    record_event(
        AuditEvent.Kind.SHEETS_CHANGED,
        request=through,
        actor=by,
        subject="sheet",
        subject_id=sheet.pk,
        sheet=sheet.kind,
        language=sheet.language,
        version=sheet.version,
    )
    return sheet


def versions_of(sheet: Sheet) -> QuerySet[Sheet]:
    """All of the same kind, treatment and language, the newest first."""
    same = Sheet.objects.filter(kind=sheet.kind, treatment=sheet.treatment_id, language=sheet.language)
    return same.order_by("-version")


def current_sheets(kind: str, treatment: Treatment | None = None) -> dict[str, Sheet]:
    """By language, the newest version: the treatment's own, else the general one. One statement."""
    ours = Q(treatment=None) if treatment is None else Q(treatment=None) | Q(treatment=treatment)
    found: dict[str, Sheet] = {}
    for sheet in Sheet.objects.filter(ours, kind=kind).order_by("language", "version"):
        held = found.get(sheet.language)
        if held is None or sheet.treatment_id is not None or held.treatment_id is None:
            found[sheet.language] = sheet
    return found


def newest_sheets(kinds: Iterable[str] = tuple(Sheet.Kind.values)) -> list[Sheet]:
    """The newest version of every sheet, without its text: risks first, general ones before a treatment's. One statement."""
    sheets = Sheet.objects.filter(kind__in=kinds).select_related("treatment", "published_by").defer("body")
    found = {(one.kind, one.treatment_id, one.language): one for one in sheets.order_by("version")}
    return sorted(found.values(), key=_in_order)


def _in_order(sheet: Sheet) -> tuple[int, str, bool, str]:
    place = Sheet.Kind.values.index(sheet.kind)
    return place, sheet.treatment.name if sheet.treatment else "", sheet.language != DEFAULT_LANGUAGE, sheet.language


def current_sheet(kind: str, treatment: Treatment | None = None, language: str = DEFAULT_LANGUAGE) -> Sheet | None:
    """The version to give now; None where there is none in this language."""
    return current_sheets(kind, treatment).get(language)


def require_sense(kind: str, language: str, title: str, body: str) -> tuple[str, str, str]:
    """Language, title and text, cleaned; or ValidationError by field."""
    language = tag_of(language)
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
    errors = {
        "kind": "" if kind in Sheet.Kind.values else f"“{kind}” is no sheet: {', '.join(Sheet.Kind.values)}.",
        "language": "" if language else "This is no language tag. “en”, “de” and “pt-BR” are some.",
        "title": _too_long(title, LONGEST_TITLE),
        "body": _too_long(body, LONGEST_BODY) or _brackets_in(body),
    }
    if wrong := {field: sentence for field, sentence in errors.items() if sentence}:
        raise ValidationError(wrong)
    return language, title, body


def tag_of(typed: str) -> str:
    """A language tag as it is usually written, en-GB or zh-Hant-TW; "" for what is none."""
    tag = typed.strip().replace("_", "-")
    if len(tag) > 35 or not _TAG.fullmatch(tag):
        return ""
    first, *rest = tag.lower().split("-")
    alone = next((at for at, part in enumerate(rest) if len(part) == 1), len(rest))
    cased = {2: str.upper, 4: str.title}
    return "-".join([first, *(cased.get(len(part), str)(part) for part in rest[:alone]), *rest[alone:]])


def _too_long(text: str, longest: int) -> str:
    if not text:
        return "It is empty."
    return f"It has {len(text)} characters; {longest} is the most." if len(text) > longest else ""


def _brackets_in(body: str) -> str:
    if set("{}") & set(body.replace(PHONE, "")):
        return "Only {phone}, the clinic’s number, can be filled in here; no other curly brackets."
    return "" if any(part.kind != "heading" for part in parts_of(body)) else "It has headings only."


def _meanwhile(newest: int) -> str:
    return f"Version {newest} was published meanwhile. Look at it first; nothing was published by you."
