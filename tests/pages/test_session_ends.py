"""A session ends after a while without anybody there, and some hours after it began; what was typed is not lost by it."""

import re

import pytest

from clinic.models import AuditEvent, SignInSession
from tests.pages.desk import words
from tests.pages.signing import SIGN_IN, last_seen, seen_ago, signed_in_by_page, told

NEW = "/patients/new/"
TYPED = {"given_name": "Nia", "family_name": "Bevan", "phone": "+44 7700 900789"}
KEPT = re.compile(r"/accounts/login/\?next=(/kept/[0-9a-f-]{36}/)$")


@pytest.fixture
def at_desk(reception):
    return signed_in_by_page(reception)


# --- Time ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("minutes, seconds, holds", [(0, 0, True), (14, 59, True), (15, 1, False), (600, 0, False)])
def test_it_holds_for_fifteen_minutes_without_anybody_there(minutes, seconds, holds, at_desk):
    seen_ago(at_desk, minutes=minutes, seconds=seconds)

    response = at_desk.get("/patients/")

    assert response.status_code == (200 if holds else 302)
    if not holds:
        assert response.url == f"{SIGN_IN}?next=/patients/"


@pytest.mark.parametrize("hours, holds", [(11.9, True), (12.1, False)])
def test_it_holds_for_twelve_hours_however_busy_somebody_is(hours, holds, at_desk):
    seen_ago(at_desk, minutes=0, began_hours=hours)

    assert (at_desk.get("/patients/").status_code == 200) is holds


def test_a_clinic_may_choose_another_time(at_desk, settings):
    settings.SESSION_IDLE_MINUTES = 30
    seen_ago(at_desk, minutes=29)
    assert at_desk.get("/patients/").status_code == 200

    seen_ago(at_desk, minutes=31)
    assert at_desk.get("/patients/").status_code == 302


def test_the_sign_in_page_says_why_once(at_desk):
    seen_ago(at_desk, minutes=16)

    first, second = at_desk.get("/patients/", follow=True), at_desk.get("/patients/", follow=True)

    said = "You were signed out after 15 minutes without anybody at this screen."
    assert said in words(first)
    assert said not in words(second)


def test_it_is_in_the_trail_with_its_reason(at_desk, reception):
    seen_ago(at_desk, minutes=16)
    at_desk.get("/patients/")
    at_desk.get("/patients/")

    assert told("signed-out") == [{"after": "idle"}]
    assert AuditEvent.objects.get(kind="signed-out").actor == reception


def test_the_key_of_the_old_session_opens_nothing_any_more(at_desk):
    old = at_desk.cookies["sessionid"].value
    seen_ago(at_desk, minutes=16)
    at_desk.get("/patients/")

    assert not SignInSession.objects.filter(session_key=old).exists()
    assert at_desk.cookies["sessionid"].value != old


def test_the_api_by_the_browsers_sign_in_ends_too_and_a_token_does_not(at_desk, api, reception):
    program = api(reception)
    seen_ago(at_desk, minutes=16)

    assert at_desk.get("/api/v1/patients/").status_code == 401
    assert program.get("/api/v1/patients/").status_code == 200


def test_the_account_pages_end_too(at_desk):
    seen_ago(at_desk, minutes=16)

    assert at_desk.get("/accounts/password/change/").status_code == 302
    assert at_desk.get("/accounts/2fa/").status_code == 302


# --- Somebody is there ---------------------------------------------------------------------------------------------------


def test_a_page_that_is_opened_counts_as_somebody_there(at_desk):
    seen_ago(at_desk, minutes=14)
    before = last_seen(at_desk)

    at_desk.get("/patients/")

    assert last_seen(at_desk) - before >= 14 * 60


def test_what_a_page_asks_for_by_itself_does_not(at_desk):
    seen_ago(at_desk, minutes=14)
    before = last_seen(at_desk)

    for address in ("/worklists/count/", "/diary/", "/signed-in/left/"):
        assert at_desk.get(address, headers={"x-background": "1"}).status_code in (200, 204)

    assert last_seen(at_desk) == before


def test_it_is_written_at_most_once_a_minute(at_desk):
    seen_ago(at_desk, seconds=50)
    before = last_seen(at_desk)

    at_desk.get("/patients/")

    assert last_seen(at_desk) == before


def test_staying_is_told_to_the_server_by_a_post(at_desk):
    seen_ago(at_desk, minutes=14)

    left = at_desk.get("/signed-in/left/", headers={"x-background": "1"}).json()["left"]
    stayed = at_desk.post("/signed-in/stay/").json()["left"]

    assert 50 <= left <= 60
    assert 890 <= stayed <= 900
    assert at_desk.get("/signed-in/stay/").status_code == 405


def test_who_is_signed_out_has_no_time_left(client, records):
    assert client.get("/signed-in/left/").json() == {"left": 0}
    assert client.post("/signed-in/stay/").json() == {"left": 0}


def test_the_page_says_how_long_it_holds(at_desk, client, records):
    assert re.search(r'data-idle-left="(89\d|900)"', at_desk.get("/patients/").content.decode())
    assert "data-idle-left" not in client.get(SIGN_IN).content.decode()
