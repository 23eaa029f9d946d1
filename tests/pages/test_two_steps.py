import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.cache import cache

from clinic.models import AuditEvent
from tests.factories import PASSWORD
from tests.pages.desk import words

SIGN_IN = "/accounts/login/"
MISMATCH = "The email address and/or password you specified are not correct."
TOO_MANY = "Too many failed login attempts. Try again later."


def try_as(client, staff, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": staff.email, "password": password} | more)


def sure(client) -> None:
    """Confirm once more who one is, as changing how one signs in asks for."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def trail(kind: str) -> list[tuple[str, object]]:
    return [(event.door, event.actor or event.subject_id) for event in AuditEvent.objects.filter(kind=kind)]


def code_for(secret: str) -> str:
    """What an authenticator app shows now. A code is taken once, and a test does not wait for the next."""
    cache.clear()
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


# --- Two steps --------------------------------------------------------------------------------------------------------


@pytest.fixture
def enrolled(client, rosa) -> str:
    """Rosa's authenticator secret; she is signed in and has just turned it on."""
    try_as(client, rosa)
    sure(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})
    return secret


def test_an_authenticator_app_is_enrolled_by_its_first_code(client, rosa):
    try_as(client, rosa)
    sure(client)
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret

    wrong = client.post("/accounts/2fa/totp/activate/", {"code": "000000"})
    right = client.post("/accounts/2fa/totp/activate/", {"code": code_for(secret)})

    assert 'src="data:image/svg+xml' in page.content.decode()
    assert secret in words(page)
    assert "Incorrect code." in words(wrong)
    assert right.status_code == 302
    assert {one.type for one in Authenticator.objects.filter(user=rosa)} == {"totp", "recovery_codes"}
    assert "On: signing in asks for a code" in words(client.get("/accounts/2fa/"))


def test_signing_in_then_takes_two_steps(client, enrolled, rosa):
    client.post("/accounts/logout/")

    first = try_as(client, rosa)
    between = client.get("/")
    page = client.get(first.url)
    wrong = client.post(first.url, {"code": "000000"})
    half_way = trail("signed-in")
    second = client.post(first.url, {"code": code_for(enrolled)})

    assert first.url == "/accounts/2fa/authenticate/"
    assert between.url == f"{SIGN_IN}?next=/"
    assert "Second step" in words(page)
    assert "Incorrect code." in words(wrong)
    assert (second.status_code, second.url) == (302, "/")
    assert len(half_way) == 1  # the sign-in before the app was enrolled
    assert trail("signed-in") == [("page", rosa)] * 2


def test_a_recovery_code_signs_in_once(client, enrolled, rosa):
    code = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"][0]
    outcomes = []
    for _ in range(2):
        client.post("/accounts/logout/")
        outcomes.append(client.post(try_as(client, rosa).url, {"code": code}).status_code)

    assert outcomes == [302, 200]
    assert len(trail("signed-in")) == 2


def test_recovery_codes_are_shown_once_and_can_be_made_anew(client, enrolled):
    page, again = client.get("/accounts/2fa/recovery-codes/"), client.get("/accounts/2fa/recovery-codes/")
    old = page.context["unused_codes"]

    asked = client.get("/accounts/2fa/recovery-codes/generate/")
    client.post("/accounts/2fa/recovery-codes/generate/")

    assert len(old) == 10
    assert all(code in words(page) for code in old)
    assert not any(code in again.content.decode() for code in old)
    assert "They were shown once and are not shown again; make new ones if they are lost." in words(again)
    assert "The old ones stop working." in words(asked)
    assert set(client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]).isdisjoint(old)


def test_recovery_codes_are_no_file_to_find_later(client, enrolled):
    client.get("/accounts/2fa/recovery-codes/")

    assert client.get("/accounts/2fa/recovery-codes/download/").status_code == 403


def test_it_is_turned_off_again(client, enrolled, rosa):
    asked = client.get("/accounts/2fa/totp/deactivate/")
    client.post("/accounts/2fa/totp/deactivate/")

    assert "From then on your password alone signs you in." in words(asked)
    assert not Authenticator.objects.filter(user=rosa, type="totp").exists()


def test_turning_it_on_asks_once_more_who_one_is(client, reception):
    try_as(client, reception)

    response = client.get("/accounts/2fa/totp/activate/", follow=True)

    assert response.redirect_chain[0][0].startswith("/accounts/reauthenticate/")
    assert "Is it you?" in words(response)
    wrong = client.post("/accounts/reauthenticate/", {"password": "guess"})
    assert "Incorrect password." in words(wrong)


@pytest.mark.parametrize("late, taken", [(0, True), (1, True), (3, False)])
def test_a_code_typed_in_its_last_second_is_taken_and_an_old_one_is_not(late, taken, client, rosa):
    try_as(client, rosa)
    sure(client)
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    code = format_hotp_value(hotp_value(secret, int(time.time()) // 30 - late))

    client.post("/accounts/2fa/totp/activate/", {"code": code})

    assert Authenticator.objects.filter(user=rosa, type="totp").exists() is taken
