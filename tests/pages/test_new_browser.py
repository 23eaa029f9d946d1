"""A sign-in from a browser not seen before is mailed to whose account it is."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from clinic.browsers import COOKIE, MOST, browser_name
from clinic.models import KnownBrowser
from tests.pages.signing import FIREFOX, SAFARI, browser, sign_in, signed_in_by_page, told

PAGE = "/security/"


def test_the_first_sign_in_of_all_is_not_mailed_but_in_the_trail(reception):
    client = signed_in_by_page(reception)
    cookie = client.cookies[COOKIE]

    assert mail.outbox == []
    assert told("new-browser") == [{"browser": "Firefox on Windows", "mailed": False}]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 400 * 24 * 3600)
    assert cookie.value not in (KnownBrowser.objects.get().token_hash, "")


def test_a_sign_in_from_another_browser_is_mailed(reception):
    signed_in_by_page(reception, FIREFOX)
    signed_in_by_page(reception, SAFARI)

    (letter,) = mail.outbox
    assert (letter.to, letter.subject) == ([reception.email], "Allclear: Signed in from a new browser")
    assert "from a browser not seen before: Safari on iPhone, on " in letter.body
    assert told("new-browser")[-1] == {"browser": "Safari on iPhone", "mailed": True}


def test_a_sign_in_from_a_known_one_is_not(reception):
    client = signed_in_by_page(reception)
    for _ in range(2):
        client.post("/accounts/logout/")
        sign_in(client, reception)

    assert mail.outbox == []
    assert KnownBrowser.objects.count() == 1


def test_a_shared_desks_browser_is_known_to_each_by_themselves(reception, rosa):
    desk = signed_in_by_page(reception)
    desk.post("/accounts/logout/")
    sign_in(desk, rosa)
    token = desk.cookies[COOKIE].value
    desk.post("/accounts/logout/")
    signed_in_by_page(rosa, SAFARI)

    assert [letter.to for letter in mail.outbox] == [[rosa.email]]
    assert desk.cookies[COOKIE].value == token


@pytest.mark.parametrize("made_up", ["", "short", "x" * 44, "x" * 5_000, "é" * 43, "x" * 42 + "!"])
def test_a_made_up_cookie_is_none(made_up, reception):
    signed_in_by_page(reception)
    client = browser()
    client.cookies[COOKIE] = made_up
    sign_in(client, reception)

    assert len(mail.outbox) == 1
    assert len(client.cookies[COOKIE].value) == 43


def test_a_forgotten_browser_is_new_again(reception):
    client = signed_in_by_page(reception)
    client.post(f"{PAGE}browsers/{KnownBrowser.objects.get().pk}/forget/")
    client.post("/accounts/logout/")
    sign_in(client, reception)

    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_stops_no_sign_in(reception, settings):
    signed_in_by_page(reception)
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 9, 1

    client = signed_in_by_page(reception, SAFARI)

    assert client.get("/").status_code == 200
    assert told("new-browser")[-1] == {"browser": "Safari on iPhone", "mailed": False}


def test_a_wrong_password_from_a_new_browser_says_nothing_and_marks_nothing(reception):
    signed_in_by_page(reception)
    client = browser(SAFARI)
    sign_in(client, reception, "wrong")

    assert mail.outbox == []
    assert COOKIE not in client.cookies


def test_at_most_so_many_browsers_are_known_of_one_person(reception):
    now = timezone.now()
    for number in range(MOST):
        KnownBrowser.objects.create(
            staff=reception, token_hash=f"{number:064}", last_seen_at=now - dt.timedelta(days=number + 1)
        )
    signed_in_by_page(reception)

    assert KnownBrowser.objects.filter(staff=reception).count() == MOST
    assert not KnownBrowser.objects.filter(token_hash=f"{MOST - 1:064}").exists()


@pytest.mark.parametrize(
    "agent, name",
    [
        (FIREFOX, "Firefox on Windows"),
        (SAFARI, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome on Android"),
        ("curl/8.5.0", "Another program"),
        ("", "Another program"),
        ("\0" + "<b>" * 5_000, "Another program"),
    ],
)
def test_a_browser_is_named_by_what_it_says_itself(agent, name):
    assert browser_name(agent) == name
