"""Taking in a photo: real files in a real folder, and nothing left behind by a bad one."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from PIL import Image

from clinic.refusals import Refused
from patients.registration import withdraw_consent
from tests.factories import NOW, make_consent, make_gone, make_review, make_side_effect, on
from tests.pictures import phone_jpeg
from treatments.models import Photo, PhotoFile
from treatments.photos import PhotoTooLarge, add_photo
from treatments.side_effects import enter_in_error


@pytest.fixture
def bruise(amara, rosa, reception):
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa)


def files_kept(settings) -> list[Path]:
    return sorted(path for path in settings.PHOTOS_DIR.rglob("*") if path.is_file())


def add(bruise, by, content: bytes | None = None, **more) -> Photo:
    content = phone_jpeg(width=1600, height=1200) if content is None else content
    return add_photo(side_effect=bruise, image=io.BytesIO(content), by=by, **({"now": on(3)} | more))


def test_a_photo_is_kept_as_three_private_files_with_their_sums(bruise, rosa, settings):
    import hashlib

    photo = add(bruise, rosa)

    kept = files_kept(settings)
    rows = {row.size: row for row in photo.files.all()}
    assert set(rows) == {"full", "display", "thumb"}
    assert {str(path.relative_to(settings.PHOTOS_DIR)) for path in kept} == {row.name for row in rows.values()}
    for path in kept:
        row = PhotoFile.objects.get(name=path.relative_to(settings.PHOTOS_DIR))
        content = path.read_bytes()
        assert (row.sha256, row.bytes) == (hashlib.sha256(content).hexdigest(), len(content))
        assert Image.open(path).size == (row.width, row.height)
        assert path.stat().st_mode & 0o077 == 0
    assert max(rows["thumb"].width, rows["thumb"].height) == 320
    assert not any(str(photo.pk) in path.name or "thigh" in path.name for path in kept)


def test_the_time_taken_is_said_or_the_cameras_or_the_uploads(bruise, rosa):
    camera = phone_jpeg(width=640, height=480, taken="2026:11:02 10:30:00")

    said = add(bruise, rosa, camera, taken_at=on(2, 8))
    from_camera = add(bruise, rosa, phone_jpeg(width=640, height=481, taken="2026:11:02 10:30:00"))
    from_upload = add(bruise, rosa, phone_jpeg(width=640, height=482, taken=None))
    wrong_clock = add(bruise, rosa, phone_jpeg(width=640, height=483, taken="2031:01:01 00:00:00"))

    assert [photo.taken_at for photo in (said, from_camera, from_upload, wrong_clock)] == [
        on(2, 8),
        on(2, 10, 30),
        on(3),
        on(3),
    ]


def test_a_time_said_in_the_future_is_refused(bruise, rosa, settings):
    with pytest.raises(ValidationError) as error:
        add(bruise, rosa, taken_at=on(4))

    assert list(error.value.message_dict) == ["taken_at"]
    assert (Photo.objects.count(), files_kept(settings)) == (0, [])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<script>alert(1)</script>",
        phone_jpeg(width=640, height=480)[:-900],
    ],
)
def test_a_bad_file_gets_a_sentence_and_leaves_no_file_and_no_row(content, bruise, rosa, settings):
    with pytest.raises(ValidationError) as error:
        add(bruise, rosa, content)

    assert list(error.value.message_dict) == ["image"]
    assert (Photo.objects.count(), PhotoFile.objects.count(), files_kept(settings)) == (0, 0, [])


def test_too_many_bytes_is_its_own_answer(bruise, rosa, settings):
    with pytest.raises(PhotoTooLarge):
        add(bruise, rosa, phone_jpeg(width=640, height=480) + b"\0" * (25 * 1024 * 1024))

    assert (Photo.objects.count(), files_kept(settings)) == (0, [])


def test_without_the_patients_consent_it_is_refused(amara, rosa, settings):
    with pytest.raises(Refused) as refusal:
        add(make_side_effect(patient=amara, by=rosa), rosa)

    assert refusal.value.codes == ["photo-consent-missing"]
    assert (Photo.objects.count(), files_kept(settings)) == (0, [])


def test_a_treatment_consent_or_a_withdrawn_one_does_not_do(bruise, amara, rosa, reception):
    make_consent(amara, reception, "treatment")
    withdraw_consent(consent=amara.consents.get(kind="photo-care"), by=reception, now=NOW)

    with pytest.raises(Refused):
        add(bruise, rosa)


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_practitioners_add_photos(person, bruise, request):
    with pytest.raises(PermissionDenied):
        add(bruise, request.getfixturevalue(person))


def test_the_same_file_twice_is_one_photo(bruise, rosa, settings):
    content = phone_jpeg(width=640, height=480)

    assert add(bruise, rosa, content) == add(bruise, rosa, content)
    assert (Photo.objects.count(), len(files_kept(settings))) == (1, 3)


def test_an_entry_in_error_takes_no_photos(bruise, rosa):
    enter_in_error(side_effect=bruise, reason="not hers", by=rosa, now=NOW)

    with pytest.raises(Refused) as refusal:
        add(bruise, rosa)

    assert refusal.value.codes == ["wrong-status"]


def test_a_camera_that_is_years_behind_is_not_believed(bruise, rosa):
    believed = add(bruise, rosa, phone_jpeg(width=640, height=480, taken="2025:11:05 10:30:00"))
    not_set = add(bruise, rosa, phone_jpeg(width=640, height=481, taken="2019:01:01 00:00:00"))

    assert (believed.taken_at, believed.has_time_of_sending) == (on(3, 10, 30) - dt.timedelta(days=363), False)
    assert (not_set.taken_at, not_set.has_time_of_sending) == (on(3), True)


# --- Gone, from a photo -----------------------------------------------------------------------------------------------


def test_gone_from_a_photo_newer_than_the_last_look_closes(bruise, rosa):
    make_review(side_effect=bruise, finding="fading", by=rosa, now=on(5))
    add(bruise, rosa, taken_at=on(8), now=on(8))

    make_review(side_effect=bruise, finding="gone", mode="photo", by=rosa, now=on(9))

    bruise.refresh_from_db()
    assert not bruise.is_open


@pytest.mark.parametrize("taken", [None, on(4), on(5)])
def test_gone_from_no_photo_or_an_old_one_is_refused(taken, bruise, rosa):
    make_review(side_effect=bruise, finding="fading", by=rosa, now=on(5))
    if taken:
        add(bruise, rosa, taken_at=taken, now=on(8))

    with pytest.raises(ValidationError) as error:
        make_review(side_effect=bruise, finding="gone", mode="photo", by=rosa, now=on(9))

    assert list(error.value.message_dict) == ["mode"]
    bruise.refresh_from_db()
    assert bruise.is_open


def test_a_photo_of_another_episode_does_not_do(bruise, amara, rosa):
    other = make_side_effect(patient=amara, by=rosa)
    add(other, rosa, taken_at=on(8), now=on(8))

    with pytest.raises(ValidationError):
        make_review(side_effect=bruise, finding="gone", mode="photo", by=rosa, now=on(9))


def test_a_photo_may_be_added_to_a_closed_bruise_for_the_record(bruise, rosa):
    make_gone(bruise, rosa)

    assert add(bruise, rosa).side_effect == bruise
