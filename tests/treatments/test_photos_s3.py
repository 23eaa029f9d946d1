"""Photos in a bucket of a real S3 server: private, handed out by signed addresses that end, checked like a disk."""

import dataclasses
import datetime as dt
import io
import re
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import boto3
import environ
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.urls import reverse

from clinic.models import AuditEvent
from clinic.object_storage import ADDRESS_SECONDS, s3_storage
from tests.factories import make_consent, make_side_effect, on
from tests.object_server import ObjectServer, object_server
from tests.pages.clinical import browser, picture, words
from tests.pictures import PLANTED, phone_jpeg
from treatments.developing import develop_photo
from treatments.models import Photo, SideEffect
from treatments.photo_files import photo_storage, save_picture, signed_address
from treatments.photos import add_photo, take_in_photo

BUCKET = "photos-of-tests"


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[ObjectServer]:
    with object_server(tmp_path_factory.mktemp("objects")) as running:
        _bucket(running).create_bucket(Bucket=BUCKET)
        yield running


def _bucket(server: ObjectServer):
    return boto3.client(
        "s3", endpoint_url=server.endpoint, region_name="us-east-1", aws_access_key_id=server.key,
        aws_secret_access_key=server.secret, config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip


def _environment(server: ObjectServer, monkeypatch) -> environ.Env:
    for name, value in (("ENDPOINT", server.endpoint), ("KEY", server.key), ("SECRET", server.secret)):
        monkeypatch.setenv(f"PHOTOS_S3_{name}", value)
    return environ.Env()


@pytest.fixture
def bucket(server, settings, monkeypatch, private_photos):
    """The photos' storage, as settings.py makes it of the environment; emptied afterwards."""
    storage, _ = s3_storage(_environment(server, monkeypatch), BUCKET)
    settings.STORAGES = settings.STORAGES | {"photos": storage}
    client = _bucket(server)
    yield client
    for name in stored(client):
        client.delete_object(Bucket=BUCKET, Key=name)


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa)


@pytest.fixture
def photo(bucket, bruise, rosa) -> Photo:
    return add_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg(gps=True)), by=rosa, now=on(3))


def stored(client) -> list[str]:
    return sorted(one["Key"] for one in client.list_objects_v2(Bucket=BUCKET).get("Contents", []))


def fetched(address: str) -> tuple[int, bytes]:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        return refused.code, b""


def test_a_photo_waits_in_the_bucket_is_made_ready_and_leaves_three_files(bucket, bruise, rosa):
    photo = take_in_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg(gps=True)), by=rosa, now=on(3))
    assert stored(bucket) == [photo.incoming]

    photo = develop_photo(photo, now=on(3))

    assert (photo.state, stored(bucket)) == ("ready", sorted(photo.files.values_list("name", flat=True)))
    for file in photo.files.all():
        content = photo_storage().open(file.name).read()
        assert (len(content), PLANTED in content) == (file.bytes, False)


def test_the_door_asks_first_and_then_sends_on_to_a_signed_address(photo, rosa):
    answer = browser(rosa).get(reverse("photo-file", args=[photo.pk, "thumb"]))

    file = photo.files.get(size="thumb")
    asked = parse_qs(urlsplit(answer.url).query)
    assert (answer.status_code, answer["Cache-Control"]) == (302, "private, no-store")
    assert int(asked["X-Amz-Expires"][0]) == ADDRESS_SECONDS <= 60
    with urllib.request.urlopen(answer.url, timeout=10) as picture:
        assert len(picture.read()) == file.bytes
        assert picture.headers["Content-Type"] == "image/jpeg"
        assert picture.headers["Cache-Control"] == "private, no-store"
    event = AuditEvent.objects.get(kind="photo-read")
    assert (event.actor, event.subject_id, event.details) == (rosa, photo.pk, {"size": "thumb"})


def test_who_may_not_see_it_gets_no_address(photo, reception, client):
    address = reverse("photo-file", args=[photo.pk, "thumb"])

    assert browser(reception).get(address).status_code == 404
    assert client.get(address).url.startswith("/accounts/login/")
    assert not AuditEvent.objects.filter(kind="photo-read").exists()


def test_nobody_is_let_in_without_the_signature_or_with_another(photo):
    file = photo.files.get(size="thumb")
    address = signed_address(file)
    bare, _, _ = address.partition("?")
    other = re.sub(r"(X-Amz-Signature=)[0-9a-f]", lambda found: found[1] + "x", address)
    of_another_file = address.replace(file.name, photo.files.get(size="full").name)

    assert fetched(address)[0] == 200
    assert [fetched(wrong)[0] for wrong in (bare, other, of_another_file)] == [403, 403, 403]


def test_a_signed_address_ends(photo, settings):
    options = settings.STORAGES["photos"]["OPTIONS"] | {"querystring_expire": 1}
    settings.STORAGES = settings.STORAGES | {"photos": settings.STORAGES["photos"] | {"OPTIONS": options}}
    address = signed_address(photo.files.get(size="thumb"))
    assert fetched(address)[0] == 200

    time.sleep(2.5)

    assert fetched(address)[0] == 403


def test_a_wrong_secret_is_let_in_nowhere(server, bucket):
    """That the server the tests are run against asks at all."""
    wrong = _bucket(dataclasses.replace(server, secret="0" * 32))

    with pytest.raises(ClientError):
        wrong.list_objects_v2(Bucket=BUCKET)


def test_the_api_hands_the_picture_out_itself(api, rosa, photo):
    """By a redirect a client would send its token along to the bucket."""
    response = api(rosa).get(f"/api/v1/photos/{photo.pk}/file/?size=thumb")

    assert response.status_code == 200
    assert len(b"".join(response)) == photo.files.get(size="thumb").bytes


def test_what_is_missing_changed_or_an_orphan_is_found_there_too(bucket, photo, capsys):
    files = {file.size: file.name for file in photo.files.all()}
    bucket.delete_object(Bucket=BUCKET, Key=files["full"])
    bucket.put_object(Bucket=BUCKET, Key=files["thumb"], Body=b"another picture")
    orphan = save_picture(b"left over")

    with pytest.raises(SystemExit) as end:
        call_command("check_photos", "--older-than=0", "--remove-orphans")

    said = capsys.readouterr().out.splitlines()
    assert end.value.code == 1
    assert said == [
        f"missing {files['full']} (photo {photo.pk})",
        f"changed {files['thumb']} (photo {photo.pk})",
        f"orphan {orphan}",
        "files: 3; missing: 1; changed: 1; incomplete: 0; orphans: 0; removed: 1; too young to say: 0",
    ]
    assert stored(bucket) == sorted([files["display"], files["thumb"]])


def test_a_young_file_without_a_row_is_left_there(bucket, photo, capsys):
    young = save_picture(b"being written")

    call_command("check_photos", "--remove-orphans")

    assert young in stored(bucket)
    assert capsys.readouterr().out.endswith("too young to say: 1\n")


def test_a_bucket_that_lets_us_in_no_more_is_a_sentence_and_leaves_no_row(bucket, bruise, rosa, api, settings):
    options = settings.STORAGES["photos"]["OPTIONS"] | {"secret_key": "0" * 32}
    settings.STORAGES = settings.STORAGES | {"photos": settings.STORAGES["photos"] | {"OPTIONS": options}}
    sentence = "The store of the photos does not answer, so it was not kept. Try again in a minute."

    page = browser(rosa).post(reverse("photo-add", args=[bruise.pk]), {"photos": [picture()]})
    by_api = api(rosa).post(f"/api/v1/side-effects/{bruise.pk}/photos/", {"image": picture()}, format="multipart")

    assert (page.status_code, sentence in words(page)) == (503, True)
    assert (by_api.status_code, by_api.json()["detail"]) == (503, sentence)
    assert (Photo.objects.count(), stored(bucket)) == (0, [])


# --- Settings ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "given, origin",
    [
        ({"ENDPOINT": "https://s3.example.org:9000/"}, "https://s3.example.org:9000"),
        ({"REGION": "eu-west-2"}, "https://b.s3.eu-west-2.amazonaws.com"),
    ],
)
def test_pages_may_show_pictures_from_the_bucket_and_nowhere_else(given, origin, monkeypatch):
    for name, value in given.items():
        monkeypatch.setenv(f"PHOTOS_S3_{name}", value)

    storage, allowed = s3_storage(environ.Env(), "b")

    options = storage["OPTIONS"]
    assert allowed == origin
    assert (options["querystring_auth"], options["default_acl"], options["file_overwrite"]) == (True, None, False)


@pytest.mark.parametrize(
    "given",
    [{}, {"ENDPOINT": "s3.example.org"}, {"REGION": "eu-west-2", "KEY": "k"}, {"REGION": "eu-west-2", "SECRET": "s"}],
)
def test_half_configured_it_does_not_start(given, monkeypatch):
    for name, value in given.items():
        monkeypatch.setenv(f"PHOTOS_S3_{name}", value)

    with pytest.raises(ImproperlyConfigured):
        s3_storage(environ.Env(), "b")


def test_a_minute_is_long_enough_for_the_next_request_and_no_more():
    assert dt.timedelta(seconds=ADDRESS_SECONDS) <= dt.timedelta(minutes=1)
