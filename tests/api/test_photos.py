from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from rest_framework.throttling import ScopedRateThrottle

from clinic.models import AuditEvent
from tests.api.calls import API, NO_ONE, ahead, codes, errors, ids
from tests.factories import make_consent
from tests.pictures import BROKEN_INSIDE, PLANTED, phone_jpeg, png_claiming
from treatments.developing import develop_photo
from treatments.models import Photo, PhotoFile
from treatments.photos import photo_storage
from treatments.side_effects import enter_in_error


@pytest.fixture
def agreed(bruise, rosa):
    """A bruise of somebody who agreed to photos."""
    make_consent(bruise.patient, rosa)
    return bruise


def _send(client, side_effect, content: bytes | None = None, name: str = "bruise.jpg", **more):
    image = SimpleUploadedFile(name, phone_jpeg() if content is None else content, content_type="image/jpeg")
    return client.post(f"{API}side-effects/{side_effect.pk}/photos/", {"image": image} | more, format="multipart")


def test_a_photo_is_taken_in(api, rosa, agreed):
    client, taken = api(rosa), ahead(-1).isoformat()

    response = _send(client, agreed, taken_at=taken)

    photo = Photo.objects.get()
    assert response.status_code == 202
    assert response.json() == {
        "id": str(photo.pk),
        "side_effect": str(agreed.pk),
        "taken_at": response.json()["taken_at"],
        "uploaded_at": response.json()["uploaded_at"],
        "uploaded_by": str(rosa.pk),
        "state": "developing",
        "problem": "",
    }
    assert photo.taken_at == ahead(-1)
    assert ids(client.get(f"{API}side-effects/{agreed.pk}/photos/")) == [str(photo.pk)]


def test_the_same_file_twice_is_one_photo(api, rosa, agreed):
    client = api(rosa)

    assert _send(client, agreed).json()["id"] == _send(client, agreed, name="again.jpg").json()["id"]
    assert Photo.objects.count() == 1


def test_one_that_is_ready_already_is_answered_so(api, rosa, agreed):
    client = api(rosa)
    _send(client, agreed)
    develop_photo(Photo.objects.get())

    response = _send(client, agreed)

    assert (response.status_code, response.json()["state"]) == (200, "ready")


def test_its_state_is_asked_for_until_the_picture_is_there(api, rosa, agreed):
    client = api(rosa)
    address = f"{API}photos/{_send(client, agreed).json()['id']}/"

    assert (client.get(address).json()["state"], client.get(f"{address}file/").status_code) == ("developing", 404)
    develop_photo(Photo.objects.get())
    assert (client.get(address).json()["state"], client.get(f"{address}file/").status_code) == ("ready", 200)


def test_one_that_could_not_be_read_says_why(api, rosa, agreed):
    client = api(rosa)
    _send(client, agreed, BROKEN_INSIDE)

    develop_photo(Photo.objects.get())

    found = client.get(f"{API}photos/{Photo.objects.get().pk}/").json()
    assert (found["state"], found["problem"]) == (
        "unreadable", "The photo is damaged or incomplete. Send it again, or take another one.",
    )  # fmt: skip


def test_a_receptionist_is_not_told_its_state(api, rosa, reception, agreed):
    photo_id = _send(api(rosa), agreed).json()["id"]

    assert api(reception).get(f"{API}photos/{photo_id}/").status_code == 404


def test_without_consent_no_photo_is_taken_in(api, rosa, bruise):
    assert codes(_send(api(rosa), bruise)) == ["photo-consent-missing"]
    assert not Photo.objects.exists()


def test_an_entry_in_error_takes_no_photo(api, rosa, agreed):
    enter_in_error(side_effect=agreed, reason="Not hers.", by=rosa)

    assert codes(_send(api(rosa), agreed)) == ["wrong-status"]


@pytest.mark.parametrize(
    "content, sentence",
    [
        (b"", "The submitted file is empty."),
        (b"<svg/>", "This is not a photo we can keep. Send a JPEG, PNG, WebP or HEIC picture."),
        (phone_jpeg()[:2000], "The photo is damaged or incomplete. Send it again, or take another one."),
    ],
)
def test_what_is_no_photo_is_not_valid(api, rosa, agreed, content, sentence):
    assert errors(_send(api(rosa), agreed, content)) == {"image": [sentence]}
    assert not PhotoFile.objects.exists()


@pytest.mark.parametrize(
    "more, field",
    [({"taken_at": "yesterday"}, "taken_at"), ({"taken_at": "2026-11-03T10:00:00"}, "taken_at"),
     ({"taken_at": "2190-01-01T00:00:00Z"}, "taken_at")],
)  # fmt: skip
def test_when_it_was_taken_makes_sense(api, rosa, agreed, more, field):
    assert list(errors(_send(api(rosa), agreed, **more))) == [field]


def test_a_photo_is_sent_as_a_file(api, rosa, agreed):
    client, address = api(rosa), f"{API}side-effects/{agreed.pk}/photos/"

    assert errors(client.post(address, {}, format="multipart")) == {"image": ["No file was submitted."]}
    assert errors(client.post(address, {"image": "words"}, format="multipart")) == {
        "image": ["The submitted data was not a file. Check the encoding type on the form."]
    }
    assert client.post(address, {"image": "words"}).status_code == 415


def test_a_photo_of_more_than_25_mb_is_too_large(api, rosa, agreed):
    response = _send(api(rosa), agreed, b"\xff\xd8\xff" + bytes(25 * 2**20))

    assert response.status_code == 413
    assert response.headers["Content-Type"] == "application/problem+json"
    assert response.json()["detail"] == "The photo is larger than 25 MB. Send a smaller copy of it."


def test_a_photo_of_too_many_pixels_is_too_large(api, rosa, agreed):
    response = _send(api(rosa), agreed, png_claiming(20_000, 20_000), "large.png")

    assert response.status_code == 413
    assert not Photo.objects.exists()


def test_a_body_far_too_large_is_not_even_read(api, rosa, agreed):
    response = api(rosa).post(
        f"{API}side-effects/{agreed.pk}/photos/",
        b"",
        content_type="multipart/form-data; boundary=x",
        CONTENT_LENGTH=str(2**40),
    )

    assert (response.status_code, response.json()["detail"]) == (413, "The request is larger than 26 MB.")


def test_too_many_at_a_time_are_told_to_wait(api, rosa, agreed, monkeypatch):
    monkeypatch.setattr(ScopedRateThrottle, "THROTTLE_RATES", {"photos": "1/min"})
    client = api(rosa)

    assert _send(client, agreed).status_code == 202
    response = _send(client, agreed)
    assert (response.status_code, response.json()["title"]) == (429, "Too Many Requests")
    assert int(response.headers["Retry-After"]) > 0
    assert client.get(f"{API}side-effects/{agreed.pk}/photos/").status_code == 200


# --- Reading one -----------------------------------------------------------------------------------------------------


@pytest.fixture
def photo(api, rosa, agreed) -> Photo:
    _send(api(rosa), agreed, phone_jpeg(width=4000, height=3000, gps=True))
    return develop_photo(Photo.objects.get())


def _read(client, photo, query: str = ""):
    response = client.get(f"{API}photos/{photo.pk}/file/{query}")
    return response, b"".join(response) if response.streaming else response.content


@pytest.mark.parametrize(
    "query, width", [("", 2000), ("?size=display", 2000), ("?size=full", 4000), ("?size=thumb", 320)]
)
def test_the_picture_is_read_in_the_size_asked_for(api, rosa, photo, query, width):
    response, content = _read(api(rosa), photo, query)

    assert response.status_code == 200
    assert Image.open(BytesIO(content)).size[0] == width
    assert PLANTED not in content
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith('inline; filename="photo-')


@pytest.mark.parametrize("accepted", ["image/*", "text/html", "application/problem+json", "nonsense"])
def test_it_is_answered_whatever_is_accepted(api, rosa, photo, accepted):
    response = api(rosa).get(f"{API}photos/{photo.pk}/file/", HTTP_ACCEPT=accepted)

    assert (response.status_code, response.headers["Content-Type"]) == (200, "image/jpeg")


def test_reading_a_photo_is_in_the_audit_trail(api, manager, photo, amara):
    _read(api(manager), photo, "?size=thumb")

    event = AuditEvent.objects.filter(kind="photo-read").get()
    assert (event.actor, event.patient_id, event.subject_id, event.details) == (
        manager, amara.pk, photo.pk, {"size": "thumb"},
    )  # fmt: skip


def test_a_receptionist_finds_no_photo_there(api, reception, photo):
    response, content = _read(api(reception), photo)

    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")
    assert not AuditEvent.objects.filter(kind="photo-read").exists()


def test_there_is_no_other_size(api, rosa, photo):
    assert errors(api(rosa).get(f"{API}photos/{photo.pk}/file/?size=huge")) == {
        "size": ['"huge" is not a valid choice.']
    }


def test_there_is_nothing_under_an_unknown_id(api, rosa):
    assert api(rosa).get(f"{API}photos/{NO_ONE}/file/").status_code == 404


def test_a_file_that_is_gone_from_the_storage_is_not_found(api, rosa, photo):
    photo_storage().delete(photo.files.get(size="thumb").name)

    assert api(rosa).get(f"{API}photos/{photo.pk}/file/?size=thumb").status_code == 404
    assert not AuditEvent.objects.filter(kind="photo-read").exists()
