"""Members of staff: made, given roles, deactivated. Every change of role is an audit event."""

from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Site, Staff
from clinic.roles import ROLES


@transaction.atomic
def create_staff(
    *,
    email: str,
    name: str,
    roles: Collection[str],
    password: str | None = None,
    site: Site | None = None,
    by: Staff | None = None,
    request: HttpRequest | None = None,
    **fields: Any,
) -> Staff:
    """A new member of staff. Without a password they cannot sign in until one is set. Raises ValidationError by field."""
    staff = Staff(email=email.strip().lower(), name=name.strip(), site=site, **fields)
    staff.set_password(password)
    _set(staff, roles)
    staff.full_clean(exclude={"password"})
    save_by(staff, by)
    record_event(
        AuditEvent.Kind.ROLES_CHANGED,
        request=request,
        actor=by,
        subject="staff",
        subject_id=staff.pk,
        before=[],
        after=staff.roles,
    )
    return staff


@transaction.atomic
def set_roles(
    *, staff: Staff, roles: Collection[str], by: Staff | None = None, request: HttpRequest | None = None
) -> Staff:
    """Hold these roles and no others. Raises ValidationError: nobody changes their own."""
    staff = Staff.objects.select_for_update(of=("self",)).get(pk=staff.pk)
    before = staff.roles
    if by is not None and by.pk == staff.pk and set(before) != set(roles):
        raise ValidationError("Nobody changes their own roles; ask another manager.")
    _set(staff, roles)
    if staff.roles == before:
        return staff
    save_by(staff, by, reason="roles changed")
    record_event(
        AuditEvent.Kind.ROLES_CHANGED,
        request=request,
        actor=by,
        subject="staff",
        subject_id=staff.pk,
        before=before,
        after=staff.roles,
    )
    return staff


def _set(staff: Staff, roles: Collection[str]) -> None:
    if unknown := [role for role in roles if role not in ROLES]:
        raise ValidationError({"roles": f"“{unknown[0]}” is no role; there are {', '.join(ROLES)}."})
    for role in ROLES:
        setattr(staff, f"is_{role}", role in roles)
