"""What the tests of signing in share: signing in by the page, steps of the second step, and a session's clock."""

import time

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.contrib.sessions.backends.base import SessionBase
from django.core.cache import cache
from django.test import Client

from clinic.models import AuditEvent, SignInSession, Staff
from clinic.session_store import BEGAN, SEEN, SessionStore
from tests.factories import PASSWORD

SIGN_IN, SECOND_STEP = "/accounts/login/", "/accounts/2fa/authenticate/"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:142.0) Gecko/20100101 Firefox/142.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Safari/604.1"


def sign_in(client: Client, staff: Staff, password: str = PASSWORD, **more: str):
    return client.post(SIGN_IN, {"login": staff.email, "password": password} | more)


def browser(user_agent: str = FIREFOX) -> Client:
    return Client(headers={"user-agent": user_agent})


def signed_in_by_page(staff: Staff, user_agent: str = FIREFOX) -> Client:
    client = browser(user_agent)
    assert sign_in(client, staff).status_code == 302
    return client


def confirm(client: Client) -> None:
    """Once more who one is, as changing how one signs in asks for."""
    assert client.post("/accounts/reauthenticate/", {"password": PASSWORD}).status_code == 302


def app_for(staff: Staff) -> str:
    """An authenticator app of theirs, with recovery codes; returns its secret."""
    secret = generate_totp_secret()
    TOTP.activate(staff, secret)
    RecoveryCodes.activate(staff)
    return secret


def code_of(secret: str, *, cleared: bool = True) -> str:
    """What the app shows now. A code is taken once, and a test does not wait for the next: `cleared` forgets that."""
    if cleared:
        cache.clear()
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30))


def in_two_steps(staff: Staff, secret: str) -> Client:
    client = browser()
    assert sign_in(client, staff).url == SECOND_STEP
    assert client.post(SECOND_STEP, {"code": code_of(secret)}).status_code == 302
    return client


def recovery_codes(staff: Staff) -> list[str]:
    return Authenticator.objects.get(user=staff, type="recovery_codes").wrap().get_unused_codes()


def seen_ago(client: Client, *, minutes: float = 0, seconds: float = 0, began_hours: float | None = None) -> None:
    """As if this browser had last been used so long ago, or had signed in so many hours ago."""
    _set_back(client.session, minutes * 60 + seconds, began_hours)


def everywhere_seen_ago(staff: Staff, *, minutes: float) -> None:
    """The same of every browser in which somebody is signed in."""
    for one in SignInSession.objects.filter(staff=staff):
        _set_back(SessionStore(one.session_key), minutes * 60, None)


def _set_back(session: SessionBase, seconds: float, began_hours: float | None) -> None:
    session[SEEN] = int(time.time() - seconds)
    if began_hours is not None:
        session[BEGAN] = int(time.time() - began_hours * 3600)
    session.save()


def last_seen(client: Client) -> int:
    return SignInSession.objects.get(session_key=client.session.session_key).get_decoded()[SEEN]


def told(kind: str) -> list[dict[str, object]]:
    """The details of the events of that kind, oldest first."""
    return [event.details for event in AuditEvent.objects.filter(kind=kind).order_by("pk")]
