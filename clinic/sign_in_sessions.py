"""How somebody is signed in: their sessions and API tokens, listed and ended. Everything that ends is in the trail."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from knox.models import AuthToken

from clinic.audit import record_event
from clinic.models import AuditEvent, CalendarAddress, SignInSession, Staff

# Characters of a token that name it in lists and in the trail; more would begin to be the token.
SHOWN = 8


@dataclass(frozen=True)
class Token:
    """An API token, as it may be shown: the token itself is not kept."""

    name: str
    issued_at: dt.datetime
    expires_at: dt.datetime | None

    @property
    def has_expired(self) -> bool:
        return self.expires_at is not None and self.expires_at <= timezone.now()


def may_end_sign_ins_of(by: Staff, staff: Staff) -> bool:
    """Their own; a manager everybody's."""
    return by.is_active and (by.pk == staff.pk or by.may("manage-staff"))


def sessions_of(staff: Staff, *, now: dt.datetime | None = None) -> list[SignInSession]:
    """The browsers in which they are signed in, last used first; without those that time has ended."""
    return list(_open(staff, now or timezone.now()).order_by("-last_seen_at", "session_key"))


def _open(staff: Staff, now: dt.datetime) -> QuerySet[SignInSession]:
    return SignInSession.objects.filter(
        staff=staff,
        expire_date__gt=now,
        last_seen_at__gt=now - dt.timedelta(minutes=settings.SESSION_IDLE_MINUTES),
        began_at__gt=now - dt.timedelta(hours=settings.SESSION_HOURS),
    )


def tokens_of(staff: Staff) -> list[Token]:
    """Their API tokens, oldest first, the expired among them."""
    kept = AuthToken.objects.filter(user=staff).order_by("created", "token_key")
    return [Token(one.token_key[:SHOWN], one.created, one.expiry) for one in kept]


@transaction.atomic
def end_session(*, staff: Staff, name: str, by: Staff, request: HttpRequest | None = None) -> bool:
    """End the session of that `name` (SignInSession.name). False if there is none any more. Raises PermissionDenied."""
    _require(by, staff)
    for session in SignInSession.objects.filter(staff=staff):
        if session.name == name:
            session.delete()
            _record_ended(staff, 1, by=by, request=request, which=name)
            return True
    return False


@transaction.atomic
def end_other_sessions(*, staff: Staff, by: Staff, request: HttpRequest) -> int:
    """Signed out everywhere but in the browser that asks. Returns how many were ended. Raises PermissionDenied."""
    _require(by, staff)
    return _end_sessions(staff, by=by, request=request, but=request.session.session_key or "")


@transaction.atomic
def revoke_token(*, staff: Staff, name: str, by: Staff, request: HttpRequest | None = None) -> bool:
    """End the API token of that `name` (its first characters). False if there is none any more.

    Raises PermissionDenied.
    """
    _require(by, staff)
    found = list(AuthToken.objects.filter(user=staff, token_key__startswith=name)) if len(name) == SHOWN else []
    for token in found:
        _revoke(token, by=by, request=request)
    return bool(found)


@transaction.atomic
def end_everything(staff: Staff, *, by: Staff | None, request: HttpRequest | None = None) -> None:
    """All sessions, API tokens and calendar addresses of theirs, at once: deactivated, or an account in wrong hands.

    `by` is None at the command line only. Raises PermissionDenied.
    """
    if by is not None:
        _require(by, staff)
    _end_sessions(staff, by=by, request=request)
    for token in AuthToken.objects.filter(user=staff):
        _revoke(token, by=by, request=request)
    for address in CalendarAddress.objects.select_for_update().filter(staff=staff, revoked_at=None):
        address.revoked_at = timezone.now()
        address.save(update_fields=["revoked_at"])
        _record_token("calendar-address", address.pk, by, request, staff=str(staff.pk))


def _require(by: Staff, staff: Staff) -> None:
    if not may_end_sign_ins_of(by, staff):
        raise PermissionDenied("Your role may not do this.")


def _end_sessions(staff: Staff, *, by: Staff | None, request: HttpRequest | None, but: str = "") -> int:
    ended, _ = SignInSession.objects.filter(staff=staff).exclude(session_key=but).delete()
    if ended:
        _record_ended(staff, ended, by=by, request=request)
    return ended


def _record_ended(
    staff: Staff, ended: int, *, by: Staff | None, request: HttpRequest | None, which: str | None = None
) -> None:
    details: dict[str, Any] = {"session": which} if which else {}
    kind = AuditEvent.Kind.SESSIONS_ENDED
    record_event(kind, request=request, actor=by, subject="staff", subject_id=staff.pk, ended=ended, **details)


def _revoke(token: AuthToken, *, by: Staff | None, request: HttpRequest | None) -> None:
    until = token.expiry.isoformat() if token.expiry else None
    _record_token("staff", token.user_id, by, request, token=token.token_key[:SHOWN], until=until)
    token.delete()


def _record_token(
    subject: str, subject_id: uuid.UUID, by: Staff | None, request: HttpRequest | None, **details: Any
) -> None:
    kind = AuditEvent.Kind.TOKEN_REVOKED
    record_event(kind, request=request, actor=by, subject=subject, subject_id=subject_id, **details)
