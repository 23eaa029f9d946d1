"""When a session ends: after a while without anybody at it, and some hours after it began.

The time somebody was last seen is kept in the session itself and written at most once a minute, so a session may end up
to a minute early, never late. What a page asks for by itself, in the background, is nobody being there.
"""

import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in
from django.contrib.sessions.backends.base import SessionBase
from django.dispatch import receiver
from django.http import HttpRequest

from clinic.addresses import client_address
from clinic.audit import record_event
from clinic.browsers import browser_name
from clinic.models import AuditEvent, Staff
from clinic.session_store import ADDRESS, BEGAN, BROWSER, SEEN

IDLE, HOURS = "idle", "hours"
WRITTEN_EVERY = 60  # seconds
# Our scripts send it with what they ask for by themselves; without it a request counts as somebody being there.
BACKGROUND_HEADER = "X-Background"
# Whose session ended in this browser: a form that is sent too late is kept for them alone (clinic/kept_forms.py).
WAS = "was"


@receiver(user_logged_in)
def _begin(sender: Any, request: HttpRequest, user: Staff, **_: Any) -> None:
    now = int(time.time())
    request.session.pop(WAS, None)
    request.session.update(
        {
            BEGAN: now,
            SEEN: now,
            BROWSER: browser_name(request.META.get("HTTP_USER_AGENT", "")),
            ADDRESS: client_address(request),
        }
    )


def is_background(request: HttpRequest) -> bool:
    return BACKGROUND_HEADER in request.headers


def seconds_left(session: SessionBase) -> int:
    """Until it ends if nobody does anything; 0 or less once it has ended."""
    now = time.time()
    idle = session.get(SEEN, now) + settings.SESSION_IDLE_MINUTES * 60
    return int(min(idle, session.get(BEGAN, now) + settings.SESSION_HOURS * 3600) - now)


def why_ended(session: SessionBase) -> str | None:
    """IDLE, HOURS, or None while it goes on."""
    now = time.time()
    if now - session.get(BEGAN, now) >= settings.SESSION_HOURS * 3600:
        return HOURS
    return IDLE if now - session.get(SEEN, now) >= settings.SESSION_IDLE_MINUTES * 60 else None


def note_seen(request: HttpRequest) -> None:
    """Somebody is there. Written only once a minute: most requests leave the session as it is."""
    now = int(time.time())
    if now - request.session.get(SEEN, 0) >= WRITTEN_EVERY:
        request.session[SEEN] = now
        request.session.setdefault(BEGAN, now)


def end(request: HttpRequest, why: str) -> None:
    """Sign them out, and remember for this browser whose session it was."""
    staff: Staff = request.user  # type: ignore[assignment]
    record_event(AuditEvent.Kind.SIGNED_OUT, request=request, actor=staff, after=why)
    request.session.flush()
    request.session[WAS] = {"staff": str(staff.pk), "why": why}
    request.user = AnonymousUser()


def who_was_here(request: HttpRequest) -> Staff | None:
    """Whose session time ended in this browser, if nobody has signed in since and they still work here."""
    was = request.session.get(WAS)
    return Staff.objects.active().filter(pk=was["staff"]).first() if was else None


def words_once(request: HttpRequest) -> str:
    """Why they were signed out, for the first page that can say so; "" once it has been said."""
    was = request.session.get(WAS)
    if not was or was.get("told"):
        return ""
    request.session[WAS] = was | {"told": True}
    if was["why"] == HOURS:
        return f"You were signed out: a sign-in holds for {settings.SESSION_HOURS} hours at most."
    minutes = settings.SESSION_IDLE_MINUTES
    return f"You were signed out after {minutes} minute{'' if minutes == 1 else 's'} without anybody at this screen."
