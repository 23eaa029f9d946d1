"""A process that takes in or develops a photo and is killed in the middle: run by test_photos_killed.py.

killed_taking_photos.py WHEN SIDE_EFFECT STAFF FILE
"""

import os
import signal
import sys
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
django.setup()

from django.core.files.storage import FileSystemStorage  # noqa: E402

from clinic.models import Staff  # noqa: E402
from treatments import developing, photos  # noqa: E402
from treatments.models import PhotoFile, SideEffect  # noqa: E402


def die(*args: object, **more: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_after_file(number: int) -> None:
    """Once so many files are wholly on the disk, and before anybody hears of it."""
    save, kept = FileSystemStorage.save, []

    def saved(storage: FileSystemStorage, name: str, content: object, **more: object) -> str:
        kept.append(save(storage, name, content, **more))  # type: ignore[arg-type]
        if len(kept) == number:
            die()
        return kept[-1]

    FileSystemStorage.save = saved  # type: ignore[method-assign, assignment]


def main(when: str, side_effect: str, staff: str, file: str) -> None:
    match when:
        case "file as sent written":
            die_after_file(1)
        case "row written, not committed":
            photos.enqueue = die
        case "one picture written":
            die_after_file(2)
        case "all pictures written":
            die_after_file(4)
        case "pictures named, not committed":
            make = PhotoFile.objects.bulk_create
            PhotoFile.objects.bulk_create = lambda rows: (make(rows), die())  # type: ignore[assignment, method-assign]
        case "all committed, file as sent still there":
            developing.drop_unnamed = die
    with open(file, "rb") as image:
        by = Staff.objects.get(pk=staff)
        photos.add_photo(side_effect=SideEffect.objects.get(pk=side_effect), image=image, by=by)


if __name__ == "__main__":
    main(*sys.argv[1:])
