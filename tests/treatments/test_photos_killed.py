"""A process is killed (SIGKILL) between a photo's files and its rows: nothing is half there, and the checker clears up."""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connections
from django.utils import timezone

from tests.databases import database_url
from tests.factories import make_consent, make_side_effect
from tests.pages.clinical import ago
from tests.pictures import phone_jpeg
from treatments.developing import CLAIMED_FOR, JOB_LOST, develop_due
from treatments.models import Photo, PhotoFile
from treatments.photo_check import check_photos
from treatments.photos import take_in_photo

ROOT = Path(__file__).parents[2]
# When it is killed; how many files lie there then, how many rows, and how many of the files no row names.
TAKING_IN = [("file as sent written", 1, 0, 1), ("row written, not committed", 1, 0, 1)]
DEVELOPING = [
    ("one picture written", 2, 1, 1),
    ("all pictures written", 4, 1, 3),
    ("pictures named, not committed", 4, 1, 3),
    ("all committed, file as sent still there", 4, 1, 1),
]

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def bruise(amara, rosa, reception):
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, now=ago(2))


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "phone.jpg"
    path.write_bytes(phone_jpeg(gps=True))
    return path


def killed(when: str, bruise, rosa, file: Path, settings) -> None:
    command = [sys.executable, str(ROOT / "tests/treatments/killed_taking_photos.py"), when]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "DATABASE_URL": database_url(),
        "PHOTOS_DIR": str(settings.PHOTOS_DIR),
    }
    connections.close_all()
    ended = subprocess.run(
        [*command, str(bruise.pk), str(rosa.pk), str(file)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.returncode == -9, ended.stderr[-2000:]


def files(settings) -> list[str]:
    found = (path for path in settings.PHOTOS_DIR.rglob("*") if path.is_file())
    return sorted(str(path.relative_to(settings.PHOTOS_DIR)) for path in found)


def named() -> list[str]:
    waiting = Photo.objects.exclude(incoming="").values_list("incoming", flat=True)
    return sorted([*PhotoFile.objects.values_list("name", flat=True), *waiting])


@pytest.mark.parametrize(("when", "there", "rows", "orphans"), TAKING_IN + DEVELOPING)
def test_no_row_is_without_its_file_and_after_the_checker_no_file_without_its_row(
    when, there, rows, orphans, bruise, rosa, file, settings, capsys
):
    killed(when, bruise, rosa, file, settings)

    found = check_photos(older_than=dt.timedelta())
    assert (len(files(settings)), Photo.objects.count(), len(found.orphans)) == (there, rows, orphans)
    assert (found.missing, found.changed, found.incomplete) == ([], [], [])

    call_command("check_photos", "--older-than=0", "--remove-orphans")

    assert files(settings) == named()
    assert f"removed: {orphans}" in capsys.readouterr().out


@pytest.mark.parametrize("when", [when for when, *_ in TAKING_IN])
def test_killed_before_the_commit_the_same_file_is_sent_again_and_is_one_photo(when, bruise, rosa, file, settings):
    killed(when, bruise, rosa, file, settings)

    with file.open("rb") as image:
        photo = take_in_photo(side_effect=bruise, image=image, by=rosa)

    assert Photo.objects.get() == photo


@pytest.mark.parametrize("when", [when for when, *_ in DEVELOPING[:3]])
def test_killed_while_it_was_made_ready_the_next_worker_makes_it_ready(when, bruise, rosa, file, settings):
    killed(when, bruise, rosa, file, settings)
    assert develop_due(timezone.now() + JOB_LOST) == 0  # it may still be alive, for all we know

    assert develop_due(timezone.now() + CLAIMED_FOR + JOB_LOST) == 1

    photo = Photo.objects.get()
    assert (photo.state, photo.tries, photo.files.count(), photo.incoming) == ("ready", 2, 3, "")
    call_command("check_photos", "--older-than=0", "--remove-orphans")
    assert files(settings) == named()
