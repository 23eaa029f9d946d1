"""All that is kept of one patient, in one archive: to read, for another system, and the photos, marked as each copy is.

Written file by file, photo by photo, so that a long course takes no more memory than a short one. It is the patient's own
record, so consent to use photos is not asked; of an entry in error no photo goes along, as it may show somebody else.
"""

import datetime as dt
import json
import zipfile
from collections.abc import Callable, Iterator
from typing import IO

from django.utils import timezone

from clinic.models import Staff
from clinic.pdf import PdfUnavailable
from patients.models import Patient, PhotoUse
from treatments.chart_document import chart_document
from treatments.chart_export import laid_out
from treatments.models import Photo, PhotoFile
from treatments.photo_copies import mark_of
from treatments.photo_files import read_stored
from treatments.photo_mark import with_mark

ABOUT = """All that {clinic} keeps of {patient}, record {number}.

Made on {day}, on the patient's request, by {by}.

chart.pdf     the whole record, to be read{pdf}
chart.json    the same for another system (UTF-8; dates and times as ISO 8601)
photos/       the photos of side effects, {photos} of them, named by the day on which they were taken{missing}

Entries that were made in error are in the record and say so; no photos of them are here. The record names who read
and changed it in the clinic's own audit trail, which is not part of it.
"""
NO_PDF = "; it could not be laid out on this server, so it is missing"


def write_archive(
    patient: Patient, *, by: Staff, file: IO[bytes], note: Callable[[int], None], now: dt.datetime
) -> int:
    """Write the ZIP to `file`; `note` is told how many files are in it so far. Returns how many there are."""
    done = 0
    missing: list[str] = []
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as archive:

        def add(name: str, content: bytes, *, packed: bool = True) -> None:
            nonlocal done
            kind = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
            archive.writestr(name, content, compress_type=kind)
            done += 1
            note(done)

        document = chart_document(patient, by=by, now=now)
        add("chart.json", json.dumps(document, ensure_ascii=False, indent=2).encode())
        without_pdf = ""
        try:
            add("chart.pdf", laid_out(patient, by=by, now=now))
        except PdfUnavailable:
            without_pdf = NO_PDF
        photos = 0
        for name, content in _photos(patient):
            if content is None:
                missing.append(name)
                continue
            # A JPEG is packed already.
            add(f"photos/{name}", content, packed=False)
            photos += 1
        add("README.txt", _about(patient, by, now, photos, missing, without_pdf).encode())
    return done


def _photos(patient: Patient) -> Iterator[tuple[str, bytes | None]]:
    """Each in the order in which it was taken; None where its file is not in the store."""
    ready = Photo.objects.ready().filter(side_effect__patient=patient, side_effect__error_at=None)
    largest = PhotoFile.objects.filter(photo__in=ready, size=PhotoFile.Size.DISPLAY).select_related(
        "photo__side_effect__patient"
    )
    for number, file in enumerate(largest.order_by("photo__taken_at", "photo_id"), start=1):
        day = timezone.localdate(file.photo.taken_at)
        content = _content(file.name)
        yield f"{day:%Y-%m-%d}-{number:03d}.jpg", content and with_mark(content, mark_of(file.photo, PhotoUse.CARE))


def _content(name: str) -> bytes | None:
    try:
        return read_stored(name)
    except FileNotFoundError:
        return None


def _about(patient: Patient, by: Staff, now: dt.datetime, photos: int, missing: list[str], without_pdf: str) -> str:
    left_out = f"\n\nMissing, because the file is not in the store: {', '.join(missing)}." if missing else ""
    return ABOUT.format(
        clinic=by.site.name if by.site else "the clinic",
        patient=patient,
        number=patient.number,
        day=f"{timezone.localtime(now):%-d %B %Y, %H:%M}",
        by=by.name,
        pdf=without_pdf,
        photos=photos,
        missing=left_out,
    )
