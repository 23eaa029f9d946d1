"""Do the photos' rows and their files agree? What is missing, what was changed, and what no row names.

It speaks of random names and ids only: nothing it says tells whose photo it is, or of what.
"""

import datetime as dt
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Count
from django.utils import timezone

from treatments.models import Photo, PhotoFile
from treatments.photo_files import is_named, open_stored, photo_storage

# Below this a file may still be waiting for its row: the largest photo on the slowest line is written in less.
YOUNG = dt.timedelta(hours=24)
SIZES = len(PhotoFile.Size.choices)
AT_ONCE = 500  # names, in one question to the database
CHUNK = 2**20


@dataclass
class PhotoCheck:
    """`missing` and `changed` name a file and its photo's id; `incomplete` are ids of photos without their three files;
    `orphans` are files that no row names, and `young` how many more there are, which may be about to get one."""

    files: int = 0
    missing: list[tuple[str, str]] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)
    incomplete: list[str] = field(default_factory=list)
    orphans: list[str] = field(default_factory=list)
    young: int = 0

    @property
    def is_sound(self) -> bool:
        return not (self.missing or self.changed or self.incomplete or self.orphans)


def check_photos(*, older_than: dt.timedelta = YOUNG, now: dt.datetime | None = None) -> PhotoCheck:
    """Read every file that a row names, and list every file there is. Changes nothing; an orphan is older than
    `older_than`. Raises what a storage raises that is away."""
    found = PhotoCheck()
    # The files first: one that is named between the two questions is then none that nobody names.
    unnamed = list(_unnamed())
    for name in unnamed:
        if _age(name, now or timezone.now()) < older_than:
            found.young += 1
        elif not is_named(name):
            found.orphans.append(name)
    for file in PhotoFile.objects.order_by("pk").iterator(chunk_size=AT_ONCE):
        found.files += 1
        _compare(file, found)
    waiting = Photo.objects.filter(state=Photo.State.DEVELOPING).exclude(incoming="")
    for photo in waiting.order_by("pk").iterator(chunk_size=AT_ONCE):
        sha256 = _sha256_of(photo.incoming)
        # Asked again: it may have been developed a moment ago, and its file as sent deleted with that.
        if sha256 is None and is_named(photo.incoming):
            found.missing.append((photo.incoming, str(photo.pk)))
        elif sha256 not in (None, photo.original_sha256):
            found.changed.append((photo.incoming, str(photo.pk)))
    counted = Photo.objects.ready().annotate(sizes=Count("files")).exclude(sizes=SIZES)
    found.incomplete = [str(photo_id) for photo_id in counted.order_by("pk").values_list("pk", flat=True)]
    return found


def remove_orphans(check: PhotoCheck) -> int:
    """Delete the orphans that were found, each asked about once more; returns how many. They leave `check.orphans`."""
    removed = 0
    for name in list(check.orphans):
        if not is_named(name):
            photo_storage().delete(name)
            removed += 1
        check.orphans.remove(name)
    return removed


def _unnamed() -> Iterator[str]:
    batch: list[str] = []
    for name in _stored(""):
        batch.append(name)
        if len(batch) == AT_ONCE:
            yield from _without_row(batch)
            batch = []
    yield from _without_row(batch)


def _without_row(names: list[str]) -> list[str]:
    named = set(PhotoFile.objects.filter(name__in=names).values_list("name", flat=True))
    named.update(Photo.objects.filter(incoming__in=names).values_list("incoming", flat=True))
    return [name for name in names if name not in named]


def _stored(folder: str) -> Iterator[str]:
    """Every file's name, folder by folder."""
    try:
        folders, files = photo_storage().listdir(folder)
    except FileNotFoundError:
        return  # nothing was ever kept here
    for name in files:
        # A bucket made by hand can hold an entry for the folder itself.
        if name:
            yield f"{folder}/{name}" if folder else name
    for inner in folders:
        yield from _stored(f"{folder}/{inner}" if folder else inner)


def _age(name: str, now: dt.datetime) -> dt.timedelta:
    try:
        return now - photo_storage().get_modified_time(name)
    except FileNotFoundError:
        return dt.timedelta()  # deleted meanwhile, by who wrote it


def _compare(file: PhotoFile, found: PhotoCheck) -> None:
    sha256 = _sha256_of(file.name)
    if sha256 is None:
        found.missing.append((file.name, str(file.photo_id)))
    elif sha256 != file.sha256:
        found.changed.append((file.name, str(file.photo_id)))


def _sha256_of(name: str) -> str | None:
    """Read piece by piece; None where the file is missing."""
    said = hashlib.sha256()
    try:
        with open_stored(name) as content:
            while chunk := content.read(CHUNK):
                said.update(chunk)
    except FileNotFoundError:
        return None
    return said.hexdigest()
