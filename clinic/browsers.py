"""Browsers: what they call themselves, and which of them somebody has signed in with before."""

import datetime as dt
import hashlib
import re
import secrets

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, KnownBrowser, Staff
from clinic.security_mail import tell

# The prefix lets browsers take it from this host by https alone, so that no neighbour can plant one.
COOKIE = "__Host-browser" if settings.HTTPS else "known-browser"
KEPT_FOR = dt.timedelta(days=400)  # the longest that browsers keep a cookie
MOST = 20  # browsers of one person; the one unused for longest is forgotten
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

# In this order: most browsers also name the one they descend from.
PROGRAMS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(user_agent: str) -> str:
    """“Firefox on Windows”, by what it says itself, which anybody may make up: to recognise, never to decide by."""
    program = next((name for mark, name in PROGRAMS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if not program:
        return f"Another program on {system}" if system else "Another program"
    return f"{program} on {system}" if system else program


def note_sign_in(request: HttpRequest, response: HttpResponseBase, staff: Staff, *, is_first: bool) -> None:
    """Know this browser again from now on; if it is new to this person, write it down and tell them by mail.

    Not mailed at the first sign-in of all (`is_first`), to which every browser is new.
    """
    token = request.COOKIES.get(COOKIE, "")
    if not TOKEN.fullmatch(token):
        token = secrets.token_urlsafe(32)
    name = browser_name(request.META.get("HTTP_USER_AGENT", ""))
    is_new = _remember(staff, token, name)
    response.set_cookie(COOKIE, token, max_age=KEPT_FOR, secure=settings.HTTPS, httponly=True, samesite="Lax", path="/")
    if is_new:
        mailed = not is_first and _tell_of_new_browser(staff, name)
        record_event(AuditEvent.Kind.NEW_BROWSER, request=request, actor=staff, browser=name, mailed=mailed)


@transaction.atomic
def _remember(staff: Staff, token: str, name: str) -> bool:
    now = timezone.now()
    known, is_new = KnownBrowser.objects.update_or_create(
        staff=staff,
        token_hash=hashlib.sha256(token.encode()).hexdigest(),
        defaults={"named": name, "last_seen_at": now},
    )
    if is_new:
        kept = list(staff.known_browsers.values_list("pk", flat=True)[:MOST])
        staff.known_browsers.exclude(pk__in=kept).delete()
    return is_new


def _tell_of_new_browser(staff: Staff, name: str) -> bool:
    at = timezone.localtime()
    return tell(
        staff,
        "Signed in from a new browser",
        f"Somebody signed in to your account from a browser not seen before: {name}, "
        f"on {at:%-d %B %Y at %H:%M} ({at.tzname()}).\n\n"
        "If it was you, there is nothing to do.\n\n"
        "If it was not, change your password now and sign out everywhere else, under Security, and tell a manager.",
    )


def is_this(browser: KnownBrowser, request: HttpRequest) -> bool:
    token = request.COOKIES.get(COOKIE, "")
    return browser.token_hash == hashlib.sha256(token.encode()).hexdigest()
