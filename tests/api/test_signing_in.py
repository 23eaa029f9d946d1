"""By token, or by the browser's own sign-in."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from knox.models import AuthToken
from rest_framework.test import APIClient

from tests.api.calls import API
from tests.factories import PASSWORD, make_consent, make_staff
from tests.pictures import phone_jpeg


def _with(header: str | None) -> APIClient:
    client = APIClient()
    if header is not None:
        client.credentials(HTTP_AUTHORIZATION=header)
    return client


@pytest.fixture
def token(reception) -> str:
    _, token = AuthToken.objects.create(user=reception, expiry=dt.timedelta(hours=1))
    return token


def _status(header: str | None) -> int:
    return _with(header).get(f"{API}patients/").status_code


def test_a_token_opens(token):
    assert _status(f"Bearer {token}") == 200
    assert _status(f"bearer {token}") == 200


def test_only_its_hash_is_kept(token):
    kept = AuthToken.objects.get()

    assert token not in (kept.digest, kept.token_key)
    assert token.startswith(kept.token_key)
    assert len(kept.token_key) < len(token) / 2


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer nonsense", "Bearer two words", "Bearer \xff\xfe", "Token {}", "Basic {}",
     "Bearer {}x", "Bearer {}\0"],
)  # fmt: skip
def test_anything_else_does_not(token, header):
    response = _with(header and header.format(token)).get(f"{API}patients/")

    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (response.json()["title"], response.json()["status"]) == ("Unauthorized", 401)


def test_a_revoked_token_opens_nothing(token):
    AuthToken.objects.get().delete()

    assert _status(f"Bearer {token}") == 401


def test_an_expired_token_opens_nothing(token):
    AuthToken.objects.update(expiry=timezone.now() - dt.timedelta(seconds=1))

    assert _status(f"Bearer {token}") == 401
    assert AuthToken.objects.exists()


def test_the_token_of_somebody_deactivated_opens_nothing(token, reception):
    reception.is_active = False
    reception.save()

    assert _status(f"Bearer {token}") == 401


def test_a_token_may_no_more_than_its_person_may_now(token, reception, booking):
    client = _with(f"Bearer {token}")
    assert client.post(f"{API}appointments/", booking).status_code == 201

    reception.is_receptionist, reception.is_manager = False, True
    reception.save()

    assert client.post(f"{API}appointments/", booking).status_code == 403


# --- The browser's sign-in -------------------------------------------------------------------------------------------


@pytest.fixture
def signed_in(reception) -> APIClient:
    client = APIClient(enforce_csrf_checks=True)
    assert client.login(email=reception.email, password=PASSWORD)
    return client


def _csrf(signed_in: APIClient) -> str:
    signed_in.get(f"{API}docs/?script=")
    return signed_in.cookies["csrftoken"].value


def test_who_has_signed_in_reads(signed_in):
    assert signed_in.get(f"{API}patients/").status_code == 200


def test_a_change_needs_the_csrf_token(signed_in, booking):
    response = signed_in.post(f"{API}appointments/", booking)

    assert (response.status_code, response.json()["title"]) == (403, "Forbidden")
    assert response.headers["Content-Type"] == "application/problem+json"

    made = signed_in.post(f"{API}appointments/", booking, HTTP_X_CSRFTOKEN=_csrf(signed_in))
    assert made.status_code == 201


def test_another_sites_csrf_token_is_none(signed_in, booking):
    _csrf(signed_in)

    assert signed_in.post(f"{API}appointments/", booking, HTTP_X_CSRFTOKEN="x" * 32).status_code == 403


def test_the_csrf_token_is_asked_for_before_the_body_is_read(signed_in):
    response = signed_in.post(f"{API}appointments/", b"{", content_type="application/json")

    assert response.status_code == 403


def test_a_token_needs_no_csrf_token(token, booking):
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")

    assert client.post(f"{API}appointments/", booking).status_code == 201


def test_somebody_deactivated_is_signed_out_at_once(signed_in, reception):
    reception.is_active = False
    reception.save()

    assert signed_in.get(f"{API}patients/").status_code == 401


def test_photos_are_sent_by_who_has_signed_in_too(rosa, bruise):
    make_consent(bruise.patient, rosa)
    client = APIClient(enforce_csrf_checks=True)
    client.login(email=rosa.email, password=PASSWORD)
    client.credentials(HTTP_X_CSRFTOKEN=_csrf(client))

    image = SimpleUploadedFile("bruise.jpg", phone_jpeg())
    response = client.post(f"{API}side-effects/{bruise.pk}/photos/", {"image": image}, format="multipart")
    assert response.status_code == 202


def test_a_wrong_token_is_not_made_good_by_a_session(signed_in):
    signed_in.credentials(HTTP_AUTHORIZATION="Bearer nonsense")

    assert signed_in.get(f"{API}patients/").status_code == 401


def test_times_are_told_in_the_zone_of_the_readers_site(api, booked, site):
    other = make_staff("receptionist", site=site)
    site.time_zone = "Asia/Tokyo"
    site.save()

    assert api(other).get(f"{API}appointments/{booked.pk}/").json()["starts_at"].endswith("+09:00")
