"""Members of staff: made, changed, given roles. Every change is an audit event.

Nobody changes their own roles, and one manager who can sign in is always left: whoever changes a person takes the rows of
all managers first, so that two who remove each other at the same moment come one after the other.
"""

import contextlib
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Site, Staff
from clinic.roles import ROLES, require
from clinic.security_mail import tell
from clinic.staff_changes import ChangedMeanwhile, changes_since

SUBJECT = "staff"
TAKEN = "Somebody has this address already."
OWN_ROLES = "Nobody changes their own roles; ask another manager."


@dataclass(frozen=True)
class Locked:
    """A person, whoever changes them, and the managers, as they stand now; nobody else changes them meanwhile."""

    staff: Staff
    by: Staff | None
    managers: list[Staff]


def lock_people(staff: Staff, *, by: Staff | None) -> Locked:
    """Lock and read again. Raises PermissionDenied where `by` may no longer manage people. `by` None: the command line."""
    wanted = Q(pk=staff.pk) | Q(is_manager=True, is_active=True)
    if by is not None:
        wanted |= Q(pk=by.pk)
    # In one order for everybody. The keys of these rows stay, so what is booked with them need not wait.
    found = {one.pk: one for one in Staff.objects.select_for_update(no_key=True).filter(wanted).order_by("pk")}
    if by is not None:
        by = found[by.pk]
        require(by, "manage-staff")
    return Locked(found[staff.pk], by, [one for one in found.values() if one.is_manager and one.is_active])


def keep_a_manager(locked: Locked) -> None:
    """Raises ValidationError where the person is the last manager who can sign in, and would be none afterwards."""
    can_sign_in = [one.pk for one in locked.managers if one.has_usable_password()]
    if can_sign_in == [locked.staff.pk]:
        raise ValidationError(
            {"roles": f"{locked.staff.name} is the only manager who can sign in. Make somebody else a manager first."}
        )


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
    with one_address_each():
        save_by(staff, by)
    _roles_changed(staff, before=[], by=by, request=request)
    return staff


@transaction.atomic
def set_roles(
    *, staff: Staff, roles: Collection[str], by: Staff | None = None, request: HttpRequest | None = None
) -> Staff:
    """Hold these roles and no others.

    Raises ValidationError: nobody changes their own, and the last manager stays one. PermissionDenied where `by` may no
    longer manage people.
    """
    locked = lock_people(staff, by=by)
    staff, before = locked.staff, locked.staff.roles
    _give(locked, roles)
    if staff.roles == before:
        return staff
    save_by(staff, by, reason="roles changed")
    _roles_changed(staff, before=before, by=by, request=request)
    return staff


@transaction.atomic
def change_staff(
    *,
    staff: Staff,
    email: str,
    name: str,
    site: Site | None,
    roles: Collection[str],
    by: Staff,
    seen: int | None = None,
    through: HttpRequest | None = None,
) -> Staff:
    """Name, address, site and roles, from one form; `seen` is the newest history row that its reader was shown.

    Raises ValidationError by field, PermissionDenied, and ChangedMeanwhile where somebody else changed them after `seen`.
    """
    locked = lock_people(staff, by=by)
    staff = locked.staff
    if seen is not None and (changes := changes_since(staff, seen)):
        raise ChangedMeanwhile(changes)
    before, was = staff.roles, _plain(staff)
    staff.email, staff.name, staff.site = email.strip().lower(), name.strip(), site
    _give(locked, roles)
    changed = {
        field: [old, new] for (field, old), new in zip(was.items(), _plain(staff).values(), strict=True) if old != new
    }
    if not changed and staff.roles == before:
        return staff
    staff.full_clean(exclude={"password", "site"})
    if "email" in changed:
        _leave_old_address(staff)
        _tell_at_old_address(staff, was["email"], by)
    with one_address_each():
        save_by(staff, by)
    if changed:
        kind = AuditEvent.Kind.STAFF_CHANGED
        record_event(kind, request=through, actor=by, subject=SUBJECT, subject_id=staff.pk, changed=changed)
    if staff.roles != before:
        _roles_changed(staff, before=before, by=by, request=through)
    return staff


def seen_now(staff: Staff) -> int:
    """The newest history row: what a form carries, so that the next save knows what its reader was shown."""
    newest = staff.history.order_by("-history_id").values_list("history_id", flat=True).first()
    return int(newest or 0)


@contextlib.contextmanager
def one_address_each() -> Iterator[None]:
    """Two who take one address at the same moment: the database refuses the second, and it is said in words."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        raise ValidationError({"email": TAKEN}) from error


def _plain(staff: Staff) -> dict[str, str]:
    return {"name": staff.name, "email": staff.email, "site": staff.site.name if staff.site else ""}


def _leave_old_address(staff: Staff) -> None:
    """Nobody signs in or sets a new password by the old address, and an invitation that went there is void."""
    EmailAddress.objects.filter(user=staff).exclude(email__iexact=staff.email).delete()
    if not staff.has_usable_password():
        staff.invited_at = None


def _tell_at_old_address(staff: Staff, address: str, by: Staff) -> None:
    """Whose address it was hears of it there: somebody else could now be let in as them."""
    words = (
        f"{by.name} has given your account another email address, so this is the last mail to this one.\n\n"
        "If you did not ask for this, tell another manager now."
    )
    transaction.on_commit(lambda: tell(staff, "Your address was changed", words, to=address))


def _give(locked: Locked, roles: Collection[str]) -> None:
    staff, before = locked.staff, locked.staff.roles
    if locked.by is not None and locked.by.pk == staff.pk and set(before) != set(roles):
        raise ValidationError({"roles": OWN_ROLES})
    _set(staff, roles)
    if "manager" in before and not staff.is_manager and staff.is_active:
        keep_a_manager(locked)


def _set(staff: Staff, roles: Collection[str]) -> None:
    if unknown := [role for role in roles if role not in ROLES]:
        raise ValidationError({"roles": f"“{unknown[0]}” is no role; there are {', '.join(ROLES)}."})
    for role in ROLES:
        setattr(staff, f"is_{role}", role in roles)


def _roles_changed(staff: Staff, *, before: list[str], by: Staff | None, request: HttpRequest | None) -> uuid.UUID:
    record_event(
        AuditEvent.Kind.ROLES_CHANGED,
        request=request,
        actor=by,
        subject=SUBJECT,
        subject_id=staff.pk,
        before=before,
        after=staff.roles,
    )
    return staff.pk
