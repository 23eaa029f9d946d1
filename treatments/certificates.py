"""Files of certificates: looked into rather than believed, kept privately under random names, and given out as they came.

A file that only calls itself a PDF or a picture is refused. What is kept may still hold anything a PDF can: it is handed to
a manager as a download, never shown inside a page of ours.
"""

import contextlib
import hashlib
import logging
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import Storage, storages
from PIL import Image, UnidentifiedImageError

from treatments.models import TrainingRecord

log = logging.getLogger(__name__)

FOLDER = "certificates"
MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 50_000_000
PDF = "application/pdf"
PICTURES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
ENDINGS = {PDF: "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}
# A PDF begins with this and ends with that; readers forgive a kilobyte around the end (ISO 32000-1, annex H).
PDF_BEGINS, PDF_ENDS, PDF_END_WITHIN = b"%PDF-", b"%%EOF", 1024

TOO_LARGE = "The file is larger than 10 MB. Scan it with fewer dots, or send the page that counts."
EMPTY = "The file is empty."
UNKNOWN = "This is no PDF, JPEG, PNG or WebP, whatever its name says."
TOO_MANY_DOTS = "The picture has too many dots to be a page."
BROKEN = "This picture is broken: it cannot be read to its end."
STORE_AWAY = "The store of the files does not answer, so nothing was kept. Try again in a minute."


@dataclass(frozen=True)
class Kept:
    """A file in the store: its name there, its type as it was found, its SHA-256."""

    name: str
    type: str
    sha256: str


class NotAsKept(Exception):
    """The file in the store is missing, or is not the one that was put there."""


def file_store() -> Storage:
    return storages["files"]


@contextlib.contextmanager
def kept_certificate(file: IO[bytes] | None) -> Iterator[Kept | None]:
    """Keep a file before its row is written, and take it back where no row names it in the end.

    Raises ValidationError at `file`.
    """
    kept = _keep(file) if file is not None else None
    try:
        yield kept
    finally:
        if kept is not None:
            _drop_unnamed(kept.name)


def read_certificate(record: TrainingRecord) -> bytes:
    """What was kept, byte for byte. Raises NotAsKept."""
    try:
        with file_store().open(record.file) as stored:
            content = bytes(stored.read())
    except Exception as error:  # each storage has errors of its own
        raise NotAsKept("The file is missing from the store.") from error
    if hashlib.sha256(content).hexdigest() != record.file_sha256:
        raise NotAsKept("The file in the store is not the one that was kept.")
    return content


def type_of(content: bytes) -> str:
    """The media type by what is in it. Raises ValidationError."""
    if not content:
        raise ValidationError(EMPTY)
    if len(content) > MOST_BYTES:
        raise ValidationError(TOO_LARGE)
    if content.startswith(PDF_BEGINS):
        if PDF_ENDS not in content[-PDF_END_WITHIN:]:
            raise ValidationError("This PDF is cut off: its end is missing.")
        return PDF
    return _picture(content)


def _picture(content: bytes) -> str:
    try:
        with Image.open(BytesIO(content), formats=list(PICTURES)) as picture:
            kind, (wide, high) = PICTURES[picture.format or ""], picture.size
            if wide * high > MOST_PIXELS:
                raise ValidationError(TOO_MANY_DOTS)
            picture.verify()
        # `verify` looks at a PNG only; to read it is what shows that the others are whole.
        with Image.open(BytesIO(content), formats=list(PICTURES)) as picture:
            picture.load()
    except ValidationError:
        raise
    except Image.DecompressionBombError as error:
        raise ValidationError(TOO_MANY_DOTS) from error
    except UnidentifiedImageError as error:
        raise ValidationError(UNKNOWN) from error
    except Exception as error:  # Pillow's decoders raise many kinds
        raise ValidationError(BROKEN) from error
    return kind


def _keep(file: Any) -> Kept:
    content = bytes(file.read(MOST_BYTES + 1))
    try:
        kind = type_of(content)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    try:
        name = file_store().save(f"{FOLDER}/{uuid.uuid4().hex}", ContentFile(content))
    except Exception as error:  # each storage has errors of its own
        log.warning("a certificate could not be kept: %s", type(error).__name__)
        raise ValidationError({"file": STORE_AWAY}) from error
    return Kept(name, kind, hashlib.sha256(content).hexdigest())


def _drop_unnamed(name: str) -> None:
    try:
        if not TrainingRecord.history.filter(file=name).exists():
            file_store().delete(name)
    except Exception as error:  # noqa: BLE001  (where it cannot be asked, a file that a row may name stays)
        log.warning("a certificate's file could not be taken back: %s", type(error).__name__)
