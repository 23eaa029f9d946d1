"""The private storage of photos, on a disk or S3-compatible: written under random names, opened, handed out, deleted.

What is handed out has been asked for by somebody who may see it: the doors see to that first. A file as it was sent
(`incoming`) is never handed out.
"""

import contextlib
import logging
import uuid
from collections.abc import Iterable, Iterator
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage, Storage, storages
from django.db import Error

from treatments.models import Photo, PhotoFile

log = logging.getLogger(__name__)

INCOMING = "incoming"
# So that what the storage hands out is a picture and nothing else, and no cache keeps it.
AS_A_PICTURE = {
    "ResponseContentType": "image/jpeg",
    "ResponseContentDisposition": "inline",
    "ResponseCacheControl": "private, no-store",
}


class StorageAway(Exception):
    """The storage did not take a file: it is away, full, or keeps its doors shut. The doors answer 503."""

    def __init__(self) -> None:
        super().__init__("The store of the photos does not answer, so it was not kept. Try again in a minute.")


def photo_storage() -> Storage:
    return storages["photos"]


def save_incoming(content: bytes) -> str:
    """Keep a file as it was sent, without what it calls itself; returns its name. Raises StorageAway."""
    try:
        return photo_storage().save(f"{INCOMING}/{uuid.uuid4().hex}", ContentFile(content))
    except Exception as error:  # each storage has errors of its own
        log.warning("a photo's file could not be kept: %s", type(error).__name__)
        raise StorageAway from error


def save_picture(content: bytes) -> str:
    name = f"{uuid.uuid4().hex}.jpg"
    return photo_storage().save(f"{name[:2]}/{name}", ContentFile(content))


def read_stored(name: str) -> bytes:
    """Raises FileNotFoundError where it is missing, and whatever a storage that is away raises."""
    with photo_storage().open(name) as file:
        return bytes(file.read())


def open_stored(name: str) -> IO[bytes]:
    """Raises FileNotFoundError where it is missing."""
    return photo_storage().open(name)


def signed_address(file: PhotoFile) -> str | None:
    """Where the storage itself hands the picture out, for a minute at most (clinic/object_storage.py); None for a disk,
    which has no address. Nobody is asked whether it is there."""
    storage = photo_storage()
    if isinstance(storage, FileSystemStorage):
        return None
    return str(storage.url(file.name, parameters=AS_A_PICTURE))  # type: ignore[call-arg]


def drop_unnamed(names: Iterable[str]) -> None:
    """Delete those that no row names. Where that cannot be asked, or not be done, they are left to check_photos."""
    for name in names:
        try:
            if not is_named(name):
                photo_storage().delete(name)
        except Error:
            # Whether the rows were written is not known, and a file that a row names is never deleted.
            return
        except Exception as error:  # noqa: BLE001  (each storage has errors of its own)
            log.warning("a photo's file could not be deleted: %s", type(error).__name__)


def is_named(name: str) -> bool:
    return PhotoFile.objects.filter(name=name).exists() or Photo.objects.filter(incoming=name).exists()


@contextlib.contextmanager
def taken_back(names: list[str]) -> Iterator[None]:
    """Files written inside, whose rows come to nothing, are deleted again."""
    try:
        yield
    except BaseException:
        drop_unnamed(names)
        raise
