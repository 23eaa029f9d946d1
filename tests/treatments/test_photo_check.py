"""`manage.py check_photos`: what is missing, what was changed, what no row names; in words that tell of nobody."""

import datetime as dt
import io
import os

import pytest
from django.core.management import call_command

from tests.factories import NOW, make_consent, make_side_effect, on
from tests.pictures import phone_jpeg
from treatments.models import Photo, SideEffect
from treatments.photo_files import photo_storage, save_incoming, save_picture
from treatments.photos import add_photo, take_in_photo


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa)


@pytest.fixture
def photo(bruise, rosa) -> Photo:
    return add_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg()), by=rosa, now=on(3))


def check(capsys, *more: str) -> tuple[list[str], int]:
    """What it said, and how it ended."""
    code = 0
    try:
        call_command("check_photos", *more)
    except SystemExit as end:
        code = int(str(end.code))
    return capsys.readouterr().out.splitlines(), code


def summary(files=3, missing=0, changed=0, incomplete=0, orphans=0, removed=0, young=0) -> str:
    return (
        f"files: {files}; missing: {missing}; changed: {changed}; incomplete: {incomplete}; orphans: {orphans}; "
        f"removed: {removed}; too young to say: {young}"
    )


def thumb(photo: Photo) -> str:
    return photo.files.get(size="thumb").name


def age(settings, name: str, hours: float) -> None:
    then = (dt.datetime.now(dt.UTC) - dt.timedelta(hours=hours)).timestamp()
    os.utime(settings.PHOTOS_DIR / name, (then, then))


def test_where_all_agrees_it_says_so_and_ends_with_0(photo, bruise, rosa, capsys):
    take_in_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg(width=700)), by=rosa, now=on(3))

    assert check(capsys, "--older-than=0") == ([summary()], 0)


def test_without_any_photo_ever_kept_nothing_is_wrong(records, capsys):
    assert check(capsys) == ([summary(files=0)], 0)


def test_a_missing_file_is_named(photo, capsys):
    photo_storage().delete(thumb(photo))

    assert check(capsys) == ([f"missing {thumb(photo)} (photo {photo.pk})", summary(missing=1)], 1)


def test_a_file_of_which_one_bit_is_other_is_named(photo, settings, capsys):
    path = settings.PHOTOS_DIR / thumb(photo)
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)

    assert check(capsys) == ([f"changed {thumb(photo)} (photo {photo.pk})", summary(changed=1)], 1)


def test_a_waiting_file_that_is_not_as_it_was_sent_is_named(bruise, rosa, settings, capsys):
    waiting = take_in_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg(width=700)), by=rosa, now=on(3))
    (settings.PHOTOS_DIR / waiting.incoming).write_bytes(phone_jpeg(width=800))

    assert check(capsys) == ([f"changed {waiting.incoming} (photo {waiting.pk})", summary(files=0, changed=1)], 1)


def test_a_photo_without_one_of_its_rows_is_named_and_the_file_is_an_orphan(photo, settings, capsys):
    name = thumb(photo)
    photo.files.get(size="thumb").delete()
    age(settings, name, 25)

    said = [f"incomplete (photo {photo.pk})", f"orphan {name}", summary(files=2, incomplete=1, orphans=1)]
    assert check(capsys) == (said, 1)


def test_a_file_as_sent_that_is_missing_is_named(bruise, rosa, capsys):
    photo = take_in_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg()), by=rosa, now=NOW)
    photo_storage().delete(photo.incoming)

    assert check(capsys) == ([f"missing {photo.incoming} (photo {photo.pk})", summary(files=0, missing=1)], 1)


@pytest.mark.parametrize("save", [save_incoming, save_picture])
@pytest.mark.parametrize("hours, is_orphan", [(23.9, False), (24.1, True)])
def test_a_file_that_no_row_names_is_an_orphan_once_it_is_a_day_old(save, hours, is_orphan, photo, settings, capsys):
    name = save(b"left over")
    age(settings, name, hours)

    said, code = check(capsys)

    assert (said, code) == (
        ([f"orphan {name}", summary(orphans=1)], 1) if is_orphan else ([summary(young=1)], 0)
    )  # fmt: skip
    assert photo_storage().exists(name)


def test_orphans_are_removed_when_asked_and_nothing_else(photo, settings, capsys):
    old, young = save_picture(b"old"), save_picture(b"young")
    age(settings, old, 30)

    said, code = check(capsys, "--remove-orphans")

    assert (said, code) == ([f"orphan {old}", summary(removed=1, young=1)], 0)
    assert not photo_storage().exists(old)
    assert photo_storage().exists(young)
    assert all(photo_storage().exists(file.name) for file in photo.files.all())


def test_how_old_an_orphan_is_can_be_said(photo, settings, capsys):
    name = save_picture(b"left over")
    age(settings, name, 2)

    assert check(capsys, "--remove-orphans", "--older-than=1.5")[0] == [f"orphan {name}", summary(removed=1)]


def test_what_stays_wrong_ends_with_1_though_orphans_were_removed(photo, settings, capsys):
    photo_storage().delete(thumb(photo))
    age(settings, save_picture(b"left over"), 30)

    assert check(capsys, "--remove-orphans")[1] == 1


def test_it_says_nothing_of_whom_or_what(photo, amara, capsys):
    for file in photo.files.all():
        photo_storage().delete(file.name)

    said = " ".join(check(capsys)[0]).lower()

    for word in (amara.given_name, amara.family_name, amara.number, "bruis", "thigh"):
        assert word.lower() not in said
