"""The trail: AuditEvent rows for reading, signing in and changes of people. Append-only (guard g)."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone

from clinic.addresses import client_address
from clinic.models import AuditEvent, Staff

COMMAND_LINE = "command-line"


def door_of(request: HttpRequest) -> str:
    """Which door a request came by: page, api, admin or calendar."""
    for prefix, door in (("/api/", "api"), ("/admin/", "admin"), ("/calendar/", "calendar")):
        if request.path.startswith(prefix):
            return door
    return "page"


@dataclass(frozen=True)
class CameBy:
    """Which way something was asked for. Nothing of it is known where no request was."""

    door: str = COMMAND_LINE
    request_id: str = ""
    address: str | None = None


def came_by(request: HttpRequest | None) -> CameBy:
    """The way of a request; the command line where there is none."""
    if request is None:
        return CameBy()
    return CameBy(door_of(request), getattr(request, "request_id", ""), client_address(request))


def record_event(
    kind: str,
    *,
    request: HttpRequest | None = None,
    way: CameBy | None = None,
    actor: Staff | None = None,
    patient_id: uuid.UUID | None = None,
    subject: str = "",
    subject_id: uuid.UUID | None = None,
    **details: Any,
) -> AuditEvent:
    """Append one event. Without a request the door is the command line; `way` is that of a request that is over, kept by
    whoever does later what it asked for. `details` hold codes, never clinical words."""
    way = way or came_by(request)
    return AuditEvent.objects.create(
        kind=kind,
        actor=actor or _who(request),
        door=way.door,
        request_id=way.request_id,
        address=way.address,
        patient_id=patient_id,
        subject=subject,
        subject_id=subject_id,
        details=details,
    )


def _who(request: HttpRequest | None) -> Staff | None:
    person = getattr(request, "user", None)
    return person if isinstance(person, Staff) else None


def record_list_read(
    request: HttpRequest,
    patients: Iterable[uuid.UUID],
    *,
    subject: str,
    subject_id: uuid.UUID | None = None,
    **details: Any,
) -> None:
    """Append that a list was read, and an event for each patient who stood on it: the same reading, by its request id.

    A row a patient, and not their ids in the details of one: who saw a record is asked by `patient_id`, which has its index
    on both databases. Ids within details would need an index that SQLite does not have, or a look at every row of the
    trail. There are no more of them than a page shows, in one statement, and the chain seals them as any others.
    """
    way, actor, at = came_by(request), _who(request), timezone.now()
    shown: list[uuid.UUID | None] = [None, *dict.fromkeys(patients)]
    AuditEvent.objects.bulk_create(
        AuditEvent(
            at=at,
            kind=AuditEvent.Kind.RECORD_READ,
            actor=actor,
            door=way.door,
            request_id=way.request_id,
            address=way.address,
            patient_id=patient,
            subject=subject,
            subject_id=subject_id,
            details={"row": "list", **details} if patient is None else {"row": "on-list"},
        )
        for patient in shown
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
