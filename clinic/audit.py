"""The trail: AuditEvent rows for reading, signing in and changes of people. Append-only (guard g)."""

import uuid
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from clinic.addresses import client_address
from clinic.models import AuditEvent, Staff

COMMAND_LINE = "command-line"


def door_of(request: HttpRequest) -> str:
    """Which door a request came by: page, api, admin or calendar."""
    for prefix, door in (("/api/", "api"), ("/admin/", "admin"), ("/calendar/", "calendar")):
        if request.path.startswith(prefix):
            return door
    return "page"


def record_event(
    kind: str,
    *,
    request: HttpRequest | None = None,
    actor: Staff | None = None,
    patient_id: uuid.UUID | None = None,
    subject: str = "",
    subject_id: uuid.UUID | None = None,
    **details: Any,
) -> AuditEvent:
    """Append one event. Without a request the door is the command line. `details` hold codes, never clinical words."""
    if actor is None and request is not None:
        person = getattr(request, "user", None)
        actor = person if isinstance(person, Staff) else None
    return AuditEvent.objects.create(
        kind=kind,
        actor=actor,
        door=door_of(request) if request is not None else COMMAND_LINE,
        request_id=getattr(request, "request_id", ""),
        address=client_address(request) if request is not None else None,
        patient_id=patient_id,
        subject=subject,
        subject_id=subject_id,
        details=details,
    )


# Signing in is Django's and allauth's, so their signals are the one place that sees every door's sign-in.
@receiver(user_logged_in)
def _signed_in(sender: Any, request: HttpRequest | None, user: Staff, **_: Any) -> None:
    record_event(AuditEvent.Kind.SIGNED_IN, request=request, actor=user)


@receiver(user_logged_out)
def _signed_out(sender: Any, request: HttpRequest | None, user: Staff | None, **_: Any) -> None:
    if user is not None:
        record_event(AuditEvent.Kind.SIGNED_OUT, request=request, actor=user)


@receiver(user_login_failed)
def _sign_in_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    # What was typed as a name may be a password in the wrong field: keep only whose account it was, if anybody's.
    typed = str(credentials.get("email") or credentials.get("username") or "")
    staff = Staff.objects.filter(email__iexact=typed).first()
    record_event(
        AuditEvent.Kind.SIGN_IN_FAILED, request=request, subject="staff", subject_id=staff.pk if staff else None
    )
