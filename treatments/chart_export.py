"""The whole chart given out on a patient's request: as a PDF to read and as JSON for another system. Both are audited.

The JSON is UTF-8, its keys in a fixed order (treatments/chart_document.py). What it says of photos the PDF shows, each
with the mark that is on every copy; of a side effect entered in error none, as they may show somebody else.
"""

import datetime as dt
import json
import re
from dataclasses import dataclass

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.pdf import pdf_of
from clinic.roles import require
from patients.models import Patient, PhotoUse
from treatments.chart_document import chart_document
from treatments.models import Photo, PhotoFile, Session, SideEffect
from treatments.operation import operation
from treatments.photo_copies import mark_of
from treatments.photo_files import read_stored
from treatments.photo_mark import with_mark
from treatments.timeline import Entry, timeline

# The timeline is read this many at a time; a file holds all of it.
AT_A_TIME = 200
PERMISSION = "export-charts"
_LINK = re.compile(r"</?a(\s[^>]*)?>")


@dataclass(frozen=True)
class Picture:
    """A photo as it stands in the PDF; `missing` where its file is not in the storage."""

    number: int
    photo: Photo
    file: str
    mark: str
    missing: bool


def chart_as_json(
    *, patient: Patient, by: Staff, now: dt.datetime | None = None, through: HttpRequest | None = None
) -> bytes:
    """The document, UTF-8. Raises PermissionDenied."""
    require(by, PERMISSION)
    document = chart_document(patient, by=by, now=now or timezone.now())
    written = json.dumps(document, ensure_ascii=False, indent=2).encode()
    _note(patient=patient, kind=AuditEvent.Kind.CHART_EXPORTED, by=by, through=through)
    return written


def chart_as_pdf(
    *, patient: Patient, by: Staff, now: dt.datetime | None = None, through: HttpRequest | None = None
) -> bytes:
    """The document to be read, with its pictures. Raises PermissionDenied, PdfUnavailable."""
    require(by, PERMISSION)
    # Laid out before anything is written: a long chart takes seconds, and on SQLite everybody else's writing would wait.
    written = laid_out(patient, by=by, now=now or timezone.now())
    _note(patient=patient, kind=AuditEvent.Kind.CHART_PRINTED, by=by, through=through)
    return written


def laid_out(patient: Patient, *, by: Staff, now: dt.datetime) -> bytes:
    """The PDF itself, for whoever has asked and will note it. Raises PdfUnavailable."""
    page, files = _page(patient, by=by, now=now)
    # On paper a link leads nowhere, and the addresses are the clinic's own.
    return pdf_of(_LINK.sub("", page), files=files)


def _page(patient: Patient, *, by: Staff, now: dt.datetime) -> tuple[str, dict[str, bytes]]:
    """What the PDF is laid out from, with the pictures that it names."""
    pictures, files = _pictures(patient)
    page = render_to_string(
        "treatments/chart_print.html",
        {
            "document": chart_document(patient, by=by, now=now),
            "entries": _everything(patient, by),
            "pictures": pictures,
            "numbers": {picture.photo.pk: picture.number for picture in pictures},
            "patient": patient,
        },
    )
    return page, files


def _everything(patient: Patient, by: Staff) -> list[Entry]:
    """The timeline from its beginning."""
    entries, before = [], ""
    while True:
        some = timeline(patient, by, before=before, size=AT_A_TIME)
        entries += some.entries
        before = some.before
        if not before:
            return entries[::-1]


def _pictures(patient: Patient) -> tuple[list[Picture], dict[str, bytes]]:
    ready = Photo.objects.ready().filter(side_effect__patient=patient, side_effect__error_at=None)
    display = dict(
        PhotoFile.objects.filter(photo__in=ready, size=PhotoFile.Size.DISPLAY).values_list("photo_id", "name")
    )
    pictures, files = [], {}
    for number, photo in enumerate(ready.select_related("side_effect__patient").order_by("taken_at", "pk"), start=1):
        mark, name = mark_of(photo, PhotoUse.CARE), f"{number}.jpg"
        content = _content(display.get(photo.pk))
        if content is not None:
            files[name] = with_mark(content, mark)
        pictures.append(Picture(number, photo, name, " · ".join(mark), content is None))
    return pictures, files


def _content(name: str | None) -> bytes | None:
    try:
        return read_stored(name) if name else None
    except FileNotFoundError:
        return None


@operation(PERMISSION)
def _note(*, patient: Patient, kind: str, by: Staff, through: HttpRequest | None) -> None:
    record_event(kind, request=through, actor=by, patient_id=patient.pk)


@dataclass(frozen=True)
class Standing:
    """What whoever gives a chart out should know first."""

    in_error: int
    photos: int
    photos_left_out: int


def as_they_stand(patient: Patient) -> Standing:
    """How many entries in error a copy holds, and how many photos it shows and leaves out."""
    photos = Photo.objects.filter(side_effect__patient=patient)
    shown = photos.ready().filter(side_effect__error_at=None).count()
    wrong = [model.objects.filter(patient=patient).exclude(error_at=None) for model in (Session, SideEffect)]
    return Standing(sum(found.count() for found in wrong), shown, photos.count() - shown)
