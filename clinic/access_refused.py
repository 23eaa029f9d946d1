"""Refused accesses are in the trail too: a page or an API address that a role may not open, a token that is not good, a
sign-in tried too often.

At most one a minute for the same person or address and the same page: a script that tries again and again fills no table.
"""

import logging
import uuid
from typing import Any

from django.core.cache import cache
from django.db import Error
from django.http import HttpRequest

from clinic.addresses import client_address
from clinic.audit import record_event
from clinic.models import AuditEvent, Staff

log = logging.getLogger(__name__)
ONCE_IN = 60  # seconds


def note_refused(request: HttpRequest, *, actor: Staff | None = None) -> None:
    """Somebody signed in was told that their role may not. Never stands in the way of the answer."""
    person = actor or getattr(request, "user", None)
    known = person if isinstance(person, Staff) else None
    _note(request, AuditEvent.Kind.ACCESS_REFUSED, known)


def note_bad_token(request: HttpRequest) -> None:
    """A bearer token that is not good, or no longer. What was sent is not kept."""
    _note(request, AuditEvent.Kind.SIGN_IN_FAILED, None, code="token")


def note_slowed(request: HttpRequest) -> None:
    """A sign-in that was stopped because too many were tried: nobody looked at what was typed, and none of it is kept."""
    _note(request, AuditEvent.Kind.SIGN_IN_FAILED, None, code="slowed")


def _note(request: HttpRequest, kind: str, actor: Staff | None, **details: Any) -> None:
    match = request.resolver_match
    page = (match.url_name or match.route or "") if match else ""
    named = {name: value for name, value in (match.kwargs if match else {}).items() if isinstance(value, uuid.UUID)}
    who = actor.pk if actor else client_address(request)
    try:
        if not cache.add(f"refused:{kind}:{who}:{page}", True, timeout=ONCE_IN):
            return
        record_event(
            kind,
            request=request,
            actor=actor,
            patient_id=named.get("patient_id"),
            subject="page",
            subject_id=next(iter(named.values()), None),
            page=page,
            method=request.method or "",
            **details,
        )
    except Error as error:
        log.warning("A refused access could not be written down: %s", type(error).__name__)
