import re
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from clinic.models import AuditEvent, Refusal
from tests.factories import make_consent, make_gone, make_side_effect
from tests.pages.clinical import ago, browser, errors, links, no_picture, picture, said, statements, words
from tests.pictures import PLANTED, heic, phone_jpeg, png_claiming
from treatments.developing import develop_photo
from treatments.images import MAX_BYTES
from treatments.models import Photo, SideEffect
from treatments.photos import add_photo
from treatments.side_effects import enter_in_error
from treatments.views.photos import ALSO_ELSEWHERE

NOBODY = "7a3f1c9e-0000-4000-8000-000000000000"
BY_SCRIPT = {"HTTP_ACCEPT": "application/json"}


def add(side_effect) -> str:
    return reverse("photo-add", args=[side_effect.pk])


def file(photo, size="display") -> str:
    return reverse("photo-file", args=[photo.pk, size])


def page_of(photo) -> str:
    return reverse("photo", args=[photo.pk])


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(5))


@pytest.fixture
def photo(bruise, rosa) -> Photo:
    return add_photo(side_effect=bruise, image=picture(), by=rosa, taken_at=ago(3))


# --- Adding ----------------------------------------------------------------------------------------------------------------------


def test_the_form_offers_a_phones_camera_and_its_pictures_and_takes_several(rosa, bruise):
    content = browser(rosa).get(add(bruise)).content.decode()

    camera, choice = re.findall(r'<input type="file"[^>]*name="photos"[^>]*>', content)
    # With `capture` a phone opens its camera at once, and takes one picture at a time: so there is a second way.
    assert 'accept="image/*" capture="environment"' in camera
    assert 'accept="image/*" multiple' in choice
    assert 'enctype="multipart/form-data" data-upload' in content
    assert "clinic/photos.js" in content


def test_it_says_how_photos_are_taken_that_can_be_compared(rosa, bruise):
    said = words(browser(rosa).get(add(bruise)))

    for part in ("The same site and side: left thigh", "The same distance", "The same light", "A scale in view"):
        assert part in said
    assert "The clinic's own advice." in said


def test_several_photos_are_kept_at_once_without_a_script(rosa, bruise):
    answer = browser(rosa).post(add(bruise), {"photos": [picture("a.jpg"), picture("b.jpg", width=800)]})

    assert answer.url == reverse("side-effect", args=[bruise.pk])
    assert {one.uploaded_by for one in bruise.photos.all()} == {rosa}
    assert (bruise.photos.count(), said(answer)) == (2, ["2 photos kept."])


def test_a_photo_is_kept_without_its_metadata(rosa, bruise):
    sent = SimpleUploadedFile("a.jpg", phone_jpeg(gps=True))

    browser(rosa).post(add(bruise), {"photos": [sent]})

    photo = develop_photo(Photo.objects.get())
    for size in ("full", "display", "thumb"):
        assert PLANTED not in b"".join(browser(rosa).get(file(photo, size)).streaming_content)


def test_heic_from_a_phone_is_shown_as_jpeg(rosa, bruise):
    browser(rosa).post(add(bruise), {"photos": [SimpleUploadedFile("a.heic", heic("still"))]})

    shown = browser(rosa).get(file(develop_photo(Photo.objects.get())))
    assert Image.open(BytesIO(b"".join(shown.streaming_content))).format == "JPEG"


def test_the_time_taken_is_what_was_said(rosa, bruise):
    said_at = timezone.localtime(ago(2)).replace(second=0, microsecond=0)

    browser(rosa).post(add(bruise), {"photos": [picture()], "taken_at": f"{said_at:%Y-%m-%dT%H:%M}"})

    assert Photo.objects.get().taken_at == said_at


def test_the_same_photo_sent_again_stays_one(rosa, bruise):
    client = browser(rosa)
    for _ in range(2):
        assert client.post(add(bruise), {"photos": [picture()]}).status_code == 302

    assert bruise.photos.count() == 1


@pytest.fixture
def of_jonas(rosa, jonas, reception):
    make_consent(jonas, reception)
    return make_side_effect(patient=jonas, by=rosa, now=ago(3))


def test_a_file_that_is_in_another_patients_record_is_kept_and_said_without_a_name(rosa, bruise, of_jonas):
    browser(rosa).post(add(of_jonas), {"photos": [picture()]})

    by_form = browser(rosa).post(add(bruise), {"photos": [picture()]})
    by_script = browser(rosa).post(add(bruise), {"photos": [picture()]}, **BY_SCRIPT)

    assert said(by_form) == [ALSO_ELSEWHERE, "1 photo kept."]
    assert ALSO_ELSEWHERE in by_script.json()["notes"]
    assert "Jonas" not in by_script.content.decode()
    assert (bruise.photos.count(), of_jonas.photos.count()) == (1, 1)


def test_of_another_file_and_of_the_same_patients_other_side_effect_nothing_is_said(rosa, bruise, of_jonas, amara):
    other = make_side_effect(patient=amara, by=rosa, kind="pain", now=ago(2))
    browser(rosa).post(add(of_jonas), {"photos": [picture(width=700)]})
    browser(rosa).post(add(other), {"photos": [picture()]})

    assert said(browser(rosa).post(add(bruise), {"photos": [picture()]})) == ["1 photo kept."]


def test_with_a_review_it_is_said_too(rosa, bruise, of_jonas):
    browser(rosa).post(add(of_jonas), {"photos": [picture()]})
    sent = {"mode": "in-person", "finding": "fading", "photos": [picture()]}

    answer = browser(rosa).post(reverse("review", args=[bruise.pk]), sent)

    assert (bruise.photos.count(), ALSO_ELSEWHERE in said(answer)) == (1, True)


def test_a_closed_one_still_takes_photos(rosa, bruise):
    make_gone(bruise, rosa, now=ago(1))

    assert browser(rosa).post(add(bruise), {"photos": [picture()]}).status_code == 302


def test_each_file_that_is_not_kept_is_named_and_the_others_are_kept(rosa, bruise):
    answer = browser(rosa).post(add(bruise), {"photos": [no_picture("letter.jpg"), picture(), no_picture("bill.jpg")]})

    assert answer.status_code == 400
    assert [one.name for one in answer.context["wrong"]] == ["letter.jpg", "bill.jpg"]
    assert "1 photo kept." in words(answer)
    assert "letter.jpg: This is not a photo" in words(answer)
    assert bruise.photos.count() == 1


@pytest.mark.parametrize(
    "content, sentence",
    [
        pytest.param(b"\xff\xd8" + b"x" * MAX_BYTES, "The photo is larger than 25 MB.", id="bytes"),
        pytest.param(png_claiming(20_000, 20_000), "The photo has more than 60 megapixels.", id="pixels"),
    ],
)
def test_a_photo_that_is_too_large_is_said_to_be(content, sentence, rosa, bruise):
    answer = browser(rosa).post(add(bruise), {"photos": [SimpleUploadedFile("huge.jpg", content)]})

    assert answer.status_code == 413
    assert f"huge.jpg: {sentence} Send a smaller copy of it." in words(answer)
    assert not Photo.objects.exists()
    assert not [one for one in Path(settings.PHOTOS_DIR).rglob("*") if one.is_file()]


@pytest.mark.parametrize(
    "sent, field, sentence",
    [
        ({}, "photos", "Choose or take at least one photo."),
        ({"photos": []}, "photos", "Choose or take at least one photo."),
        ({"taken_at": "noon"}, "taken_at", "Give a day and a time, for example 2026-11-03 14:30."),
    ],
)
def test_a_form_without_photos_or_with_a_wrong_time_says_so(sent, field, sentence, rosa, bruise):
    answer = browser(rosa).post(add(bruise), sent)

    assert answer.status_code == 422
    assert sentence in errors(answer, field)


def test_more_than_ten_at_once_are_too_many(rosa, bruise):
    answer = browser(rosa).post(add(bruise), {"photos": [picture(f"{n}.jpg", width=300 + n) for n in range(11)]})

    assert errors(answer, "photos") == ["Send at most 10 photos at once."]
    assert not Photo.objects.exists()


def test_a_time_to_come_is_said_of_the_photo(rosa, bruise):
    answer = browser(rosa).post(add(bruise), {"photos": [picture()], "taken_at": "2999-01-01T10:00"})

    assert answer.status_code == 400
    assert "The photo cannot be taken in the future." in words(answer)


def test_without_consent_nothing_is_kept_and_the_page_records_the_consent(rosa, jonas):
    bruise = make_side_effect(patient=jonas, by=rosa, now=ago(1))

    page = browser(rosa).get(add(bruise))
    answer = browser(rosa).post(add(bruise), {"photos": [picture()]})

    for shown in (page, answer):
        assert "The patient's consent to photos for care is not on record" in words(shown)
        assert links(shown, "consent-record", jonas.pk)
    assert 'type="file"' not in page.content.decode()
    assert (answer.status_code, Refusal.objects.get().code) == (409, "photo-consent-missing")
    assert not Photo.objects.exists()


def test_what_was_entered_in_error_takes_no_photos(rosa, bruise):
    enter_in_error(side_effect=bruise, reason="Ink", by=rosa)

    page = browser(rosa).get(add(bruise))
    answer = browser(rosa).post(add(bruise), {"photos": [picture()]})

    assert "It was entered in error, so it takes no photos." in words(page)
    assert answer.status_code == 409
    assert not Photo.objects.exists()


@pytest.mark.parametrize("reader", ["reception", "manager"])
def test_only_practitioners_add_photos(request, reader, bruise):
    client = browser(request.getfixturevalue(reader))

    assert client.get(add(bruise)).status_code == 403
    assert client.post(add(bruise), {"photos": [picture()]}).status_code == 403
    assert not Photo.objects.exists()


# --- By the script, a file at a time ------------------------------------------------------------------------------------------


def test_the_script_is_answered_where_to_go(rosa, bruise):
    answer = browser(rosa).post(add(bruise), {"photos": [picture()], "seconds_ago": "60"}, **BY_SCRIPT)

    assert (answer.status_code, answer.json()) == (
        200,
        {"problems": [], "notes": [], "next": reverse("side-effect", args=[bruise.pk])},
    )
    assert bruise.photos.count() == 1


@pytest.mark.parametrize(
    "sent, status, sentence",
    [
        ({"photos": [no_picture()]}, 400, "This is not a photo we can keep. Send a JPEG, PNG, WebP or HEIC picture."),
        ({}, 422, "Choose or take at least one photo."),
        ({"photos": [picture()], "taken_at": "noon"}, 422, "Give a day and a time, for example 2026-11-03 14:30."),
    ],
)
def test_the_script_is_answered_why_not(sent, status, sentence, rosa, bruise):
    for photo in sent.get("photos", []):
        photo.seek(0)

    answer = browser(rosa).post(add(bruise), sent, **BY_SCRIPT)

    assert (answer.status_code, answer.json()["problems"]) == (status, [sentence])


def test_the_script_is_answered_413_for_one_that_is_too_large(rosa, bruise):
    huge = SimpleUploadedFile("huge.png", png_claiming(20_000, 20_000))

    assert browser(rosa).post(add(bruise), {"photos": [huge]}, **BY_SCRIPT).status_code == 413


# --- Looking ---------------------------------------------------------------------------------------------------------------------


def test_a_photos_page_says_when_and_by_whom_and_leads_to_its_neighbours(rosa, bruise, photo):
    earlier = add_photo(side_effect=bruise, image=picture(width=700), by=rosa, taken_at=ago(4))
    later = add_photo(side_effect=bruise, image=picture(width=800), by=rosa, taken_at=ago(1))

    page = browser(rosa).get(page_of(photo))

    content = page.content.decode()
    taken = timezone.localtime(photo.taken_at)
    assert f"Taken {taken.day} {taken:%b %Y, %H:%M}, day 2; sent by Rosa Lind." in words(page)
    assert "Photo 2 of 3" in words(page)
    assert f'rel="prev" href="{page_of(earlier)}"' in content
    assert f'rel="next" href="{page_of(later)}"' in content
    assert f'src="{file(photo)}" width="640" height="480" alt="Photo of bruising, left thigh, day 2"' in content


def test_a_single_photo_has_no_neighbours(rosa, photo):
    content = browser(rosa).get(page_of(photo)).content.decode()

    assert 'rel="prev"' not in content
    assert 'rel="next"' not in content


@pytest.mark.parametrize("size, longest", [("full", 640), ("display", 640), ("thumb", 320)])
@pytest.mark.parametrize("reader", ["rosa", "manager"])
def test_a_file_is_sent_privately_as_a_jpeg_and_its_opening_noted(request, reader, size, longest, bruise, photo):
    staff = request.getfixturevalue(reader)

    answer = browser(staff).get(file(photo, size))

    assert answer.status_code == 200
    assert max(Image.open(BytesIO(b"".join(answer.streaming_content))).size) == longest
    assert (answer["Content-Type"], answer["Cache-Control"], answer["X-Content-Type-Options"]) == (
        "image/jpeg",
        "private, no-store",
        "nosniff",
    )
    assert answer["Content-Disposition"] == "inline"
    event = AuditEvent.objects.get(kind="photo-read")
    assert (event.actor, event.patient_id, event.subject_id, event.details) == (
        staff,
        bruise.patient_id,
        photo.pk,
        {"size": size},
    )


@pytest.mark.parametrize("reader", ["reception", "superuser"])
def test_a_photo_is_not_found_for_who_may_not_read_it(request, reader, photo):
    client = browser(request.getfixturevalue(reader))

    for address in (page_of(photo), file(photo, "thumb"), file(photo, "display"), file(photo, "full")):
        assert client.get(address).status_code == 404
    assert not AuditEvent.objects.filter(kind="photo-read").exists()


def test_a_photo_asks_for_a_sign_in(client, photo):
    assert client.get(file(photo)).status_code == 302


@pytest.mark.parametrize("size", ["huge", "thumb2", "FULL"])
def test_an_unknown_size_is_not_found(size, rosa, photo):
    assert browser(rosa).get(file(photo, size)).status_code == 404


def test_an_unknown_photo_is_not_found(rosa, photo):
    assert browser(rosa).get(f"/photos/{NOBODY}/").status_code == 404
    assert browser(rosa).get(f"/photos/{NOBODY}/thumb.jpg").status_code == 404


def test_a_file_that_is_missing_on_disk_is_not_found_and_no_opening_is_noted(rosa, photo):
    for one in Path(settings.PHOTOS_DIR).rglob("*.jpg"):
        one.unlink()

    assert browser(rosa).get(file(photo)).status_code == 404
    assert browser(rosa).get(page_of(photo)).status_code == 200
    assert not AuditEvent.objects.filter(kind="photo-read").exists()


def test_a_file_changes_nothing_by_post(rosa, photo):
    assert browser(rosa).post(file(photo)).status_code == 405


def test_photo_pages_ask_the_same_whatever_the_number_of_photos(rosa, bruise, photo):
    client = browser(rosa)
    one = [statements(client, address) for address in (page_of(photo), file(photo, "thumb"), add(bruise))]
    for number in range(3):
        add_photo(side_effect=bruise, image=picture(width=700 + number), by=rosa, taken_at=ago(2))

    many = [statements(client, address) for address in (page_of(photo), file(photo, "thumb"), add(bruise))]

    assert one == many == [5, 3, 4]
