"""Who leaves, and who comes back: nobody is deleted, records go on naming them."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.history import save_by
from clinic.invitations import renew_invitation
from clinic.models import AuditEvent, Staff
from clinic.sign_in_sessions import end_everything
from clinic.staffing import SUBJECT, keep_a_manager, lock_people

LONGEST_REASON = 100  # of the history's own column


@transaction.atomic
def deactivate_staff(
    *, staff: Staff, reason: str, by: Staff | None, through: HttpRequest | None = None, now: dt.datetime | None = None
) -> Staff:
    """From this moment they do nothing here: sessions and tokens end with it. What is booked with them is to be moved.

    Done twice it is done once. Raises ValidationError: nobody deactivates themselves, nor the last manager;
    PermissionDenied where `by` may no longer manage people.
    """
    locked = lock_people(staff, by=by)
    staff = locked.staff
    if not staff.is_active:
        return staff
    if by is not None and by.pk == staff.pk:
        raise ValidationError("Nobody deactivates themselves; ask another manager.")
    if staff.is_manager:
        keep_a_manager(locked)
    if not (reason := reason.strip()):
        raise ValidationError({"reason": "Say why."})
    staff.is_active, staff.deactivated_at = False, now or timezone.now()
    save_by(staff, by, reason=reason)
    end_everything(staff, by=locked.by, request=through)
    kind = AuditEvent.Kind.STAFF_DEACTIVATED
    record_event(kind, request=through, actor=by, subject=SUBJECT, subject_id=staff.pk, reason=reason)
    return staff


@transaction.atomic
def reactivate_staff(
    *, staff: Staff, by: Staff, through: HttpRequest | None = None, now: dt.datetime | None = None
) -> Staff:
    """Back with the same roles, by a new invitation: the old password, sessions and tokens stay dead.

    Done twice it is done once. Raises PermissionDenied.
    """
    locked = lock_people(staff, by=by)
    staff = locked.staff
    if staff.is_active:
        return staff
    staff.is_active, staff.deactivated_at = True, None
    staff.set_unusable_password()
    end_everything(staff, by=locked.by, request=through)
    kind = AuditEvent.Kind.STAFF_CHANGED
    record_event(kind, request=through, actor=by, subject=SUBJECT, subject_id=staff.pk, change="reactivated")
    return renew_invitation(staff, by=by, through=through, now=now or timezone.now(), reason="reactivated")
