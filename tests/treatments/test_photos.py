"""Taking in a photo: real files in a real folder, and nothing left behind by a bad one."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from PIL import Image

from clinic.refusals import Refused
from patients.registration import withdraw_consent
from tests.factories import NOW, make_consent, make_gone, make_review, make_session, make_side_effect, on
from tests.pictures import phone_jpeg
from treatments.looks import NO_NEW_PHOTO
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


# --- A clock that runs behind -----------------------------------------------------------------------------------------


def from_camera(side_effect, by, taken: str, **more) -> Photo:
    number = Photo.objects.count()
    return add(side_effect, by, phone_jpeg(width=640, height=480 + number, taken=taken), **({"now": on(20)} | more))


def test_a_camera_that_says_a_day_before_it_began_is_not_believed(amara, rosa, reception):
    make_consent(amara, reception)
    bruise = make_side_effect(patient=amara, by=rosa, onset_on=on(10).date(), now=on(12))

    behind = from_camera(bruise, rosa, "2026:07:03 10:30:00")
    two_days = from_camera(bruise, rosa, "2026:11:08 23:59:00")
    # Its clock may stand in another zone, and nobody says at what hour it began.
    the_day_before = from_camera(bruise, rosa, "2026:11:09 00:00:00")
    before_it_was_reported = from_camera(bruise, rosa, "2026:11:11 08:00:00")

    assert [(photo.taken_at, photo.has_time_of_sending) for photo in Photo.objects.order_by("taken_at")] == [
        (on(9, 0), False),
        (on(11, 8), False),
        (on(20), True),
        (on(20), True),
    ]
    assert {behind.taken_at, two_days.taken_at} == {on(20)}
    assert [the_day_before.taken_at, before_it_was_reported.taken_at] == [on(9, 0), on(11, 8)]


def test_an_onset_that_is_only_about_right_makes_no_clock_wrong(amara, rosa, reception):
    make_consent(amara, reception)
    bruise = make_side_effect(patient=amara, by=rosa, onset_on=on(10).date(), onset_is_about=True, now=on(12))

    assert from_camera(bruise, rosa, "2026:11:05 10:30:00").taken_at == on(5, 10, 30)


def test_with_no_onset_nothing_is_older_than_the_session_it_came_of(amara, rosa, reception, mesotherapy):
    make_consent(amara, reception)
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(4))
    bruise = make_side_effect(patient=amara, by=rosa, session=session, now=on(12))

    assert from_camera(bruise, rosa, "2026:11:02 23:00:00").has_time_of_sending
    assert from_camera(bruise, rosa, "2026:11:04 11:00:00").taken_at == on(4, 11)


def test_one_that_began_about_when_its_session_was_counts_from_the_earlier_of_the_two(
    amara, rosa, reception, mesotherapy
):
    make_consent(amara, reception)
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(4))
    known = {"session": session, "onset_is_about": True, "now": on(12)}
    after = make_side_effect(patient=amara, by=rosa, onset_on=on(10).date(), **known)
    before = make_side_effect(patient=amara, by=rosa, kind="swelling", onset_on=on(2).date(), **known)

    assert from_camera(after, rosa, "2026:07:03 10:30:00").has_time_of_sending
    assert from_camera(after, rosa, "2026:11:05 10:30:00").taken_at == on(5, 10, 30)
    assert from_camera(before, rosa, "2026:11:02 10:30:00").taken_at == on(2, 10, 30)


def test_with_neither_a_camera_up_to_a_year_behind_is_believed(bruise, rosa):
    assert from_camera(bruise, rosa, "2026:07:03 10:30:00").taken_at == on(3, 10, 30, month=7)


def test_one_seen_again_goes_by_its_own_beginning(bruise, amara, rosa):
    make_gone(bruise, rosa, now=on(5))
    bruise.refresh_from_db()
    again = make_side_effect(patient=amara, by=rosa, reopens=bruise, onset_on=on(10).date(), now=on(12))
    whenever = make_side_effect(patient=amara, by=rosa, reopens=bruise, site="back", now=on(12))

    assert from_camera(again, rosa, "2026:11:03 10:30:00").has_time_of_sending
    assert from_camera(again, rosa, "2026:11:11 10:30:00").taken_at == on(11, 10, 30)
    assert from_camera(whenever, rosa, "2026:11:03 10:30:00").taken_at == on(3, 10, 30)


def test_a_time_said_before_it_began_is_refused_in_words(amara, rosa, reception, mesotherapy, settings):
    make_consent(amara, reception)
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(4))
    known = make_side_effect(patient=amara, by=rosa, onset_on=on(10).date(), now=on(12))
    unknown = make_side_effect(patient=amara, by=rosa, kind="swelling", session=session, now=on(12))
    said = []
    for side_effect, taken_at in ((known, on(8, 23)), (unknown, on(2, 23))):
        with pytest.raises(ValidationError) as error:
            add(side_effect, rosa, taken_at=taken_at, now=on(20))
        said.append(error.value.message_dict)

    assert said == [
        {"taken_at": ["It began only on 10 Nov. A photo of it cannot be older than that."]},
        {"taken_at": ["It belongs to the session of 4 Nov. A photo of it cannot be older than that."]},
    ]
    assert (Photo.objects.count(), files_kept(settings)) == (0, [])
    assert add(known, rosa, taken_at=on(9), now=on(20)).taken_at == on(9)


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

    assert error.value.message_dict == {"mode": [_why_not(taken)]}
    bruise.refresh_from_db()
    assert bruise.is_open


def _why_not(taken: dt.datetime | None) -> str:
    if taken is None:
        return NO_NEW_PHOTO
    return (
        "Gone from a photo needs one taken after 5 Nov, 09:00, when it was last looked at or reported. By its clock the "
        f"newest photo here was taken {taken.day} Nov, 09:00. If that clock was wrong, add another photo and say when it "
        "was taken, or look in person."
    )


def test_a_phone_that_runs_months_behind_still_shows_it_gone(amara, rosa, reception):
    make_consent(amara, reception)
    bruise = make_side_effect(patient=amara, by=rosa, onset_on=on(2).date())
    from_camera(bruise, rosa, "2026:07:03 10:30:00", now=on(8))

    make_review(side_effect=bruise, finding="gone", mode="photo", by=rosa, now=on(9))

    bruise.refresh_from_db()
    assert not bruise.is_open


def test_a_photo_of_another_episode_does_not_do(bruise, amara, rosa):
    other = make_side_effect(patient=amara, by=rosa)
    add(other, rosa, taken_at=on(8), now=on(8))

    with pytest.raises(ValidationError):
        make_review(side_effect=bruise, finding="gone", mode="photo", by=rosa, now=on(9))


def test_a_photo_may_be_added_to_a_closed_bruise_for_the_record(bruise, rosa):
    make_gone(bruise, rosa)

    assert add(bruise, rosa).side_effect == bruise
