"""Private calendar addresses: who holds one reads a practitioner's diary, so it is long, random, and shown once."""

import datetime as dt
import hashlib
import secrets

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, CalendarAddress, Staff

MOST = 10
SUBJECT = "calendar-address"


def new_token() -> str:
    """256 random bits, as they stand in an address."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def may_keep_addresses(by: Staff, staff: Staff) -> bool:
    """Their own, if they are a practitioner; a manager keeps everybody's."""
    return by.may("manage-clinic") or (by.pk == staff.pk and by.may("treat"))


@transaction.atomic
def make_calendar_address(
    *, staff: Staff, token: str, by: Staff, request: HttpRequest | None = None, now: dt.datetime | None = None
) -> CalendarAddress:
    """An address under `token` for `staff`'s diary; only the token's digest is kept. Raises ValidationError."""
    if not may_keep_addresses(by, staff):
        raise PermissionDenied("Your role may not do this.")
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not (staff.is_active and staff.is_practitioner):
        raise ValidationError(f"{staff.name} is not a practitioner here.")
    if CalendarAddress.objects.filter(staff=staff, revoked_at=None).count() >= MOST:
        raise ValidationError(f"{staff.name} has {MOST} addresses already; revoke one that is not used.")
    address = CalendarAddress.objects.create(
        staff=staff, digest=digest_of(token), created_by=by, created_at=now or timezone.now()
    )
    kind = AuditEvent.Kind.TOKEN_ISSUED
    record_event(kind, request=request, actor=by, subject=SUBJECT, subject_id=address.pk, staff=str(staff.pk))
    return address


@transaction.atomic
def revoke_calendar_address(
    *, address: CalendarAddress, by: Staff, request: HttpRequest | None = None, now: dt.datetime | None = None
) -> CalendarAddress:
    """From now on nobody reads by it; revoked twice is revoked once."""
    if not may_keep_addresses(by, address.staff):
        raise PermissionDenied("Your role may not do this.")
    address = CalendarAddress.objects.select_for_update(of=("self",)).select_related("staff").get(pk=address.pk)
    if address.revoked_at is None:
        address.revoked_at = now or timezone.now()
        address.save(update_fields=["revoked_at"])
        kind = AuditEvent.Kind.TOKEN_REVOKED
        record_event(
            kind, request=request, actor=by, subject=SUBJECT, subject_id=address.pk, staff=str(address.staff_id)
        )
    return address


def address_for(token: str) -> CalendarAddress | None:
    """The standing address under `token`, of somebody who still works here. One statement, right or wrong."""
    standing = CalendarAddress.objects.filter(revoked_at=None, staff__is_active=True, staff__is_practitioner=True)
    return standing.select_related("staff").filter(digest=digest_of(token)).first()
