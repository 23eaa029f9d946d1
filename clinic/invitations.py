"""Staff are invited by mail: one link, which works once and for some days, to choose a password by.

What a link holds is a signature over the person and the moment of the invitation. So it dies when a password is chosen, when
somebody invites again, when the address changes, when the person is deactivated, and with its time; nothing secret is kept.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Collection

from django.conf import settings
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Site, Staff
from clinic.roles import require
from clinic.staffing import SUBJECT, create_staff, lock_people
from clinic.wording import days

log = logging.getLogger(__name__)

SALT = "clinic.invitations"
SENT, FAILED, KEPT = "sent", "failed", "kept"


def lifetime() -> dt.timedelta:
    return dt.timedelta(days=settings.INVITATION_DAYS)


@transaction.atomic
def invite_staff(
    *,
    email: str,
    name: str,
    roles: Collection[str],
    by: Staff,
    site: Site | None = None,
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Staff:
    """A new member of staff without a password, and a link to choose one by, mailed once this is committed.

    Raises ValidationError by field, PermissionDenied. What became of the mail stands in the trail (`last_invitation`).
    """
    require(by, "manage-staff")
    staff = create_staff(
        email=email, name=name, roles=roles, site=site, by=by, request=through, invited_at=now or timezone.now()
    )
    _mail_on_commit(staff, by, through)
    return staff


@transaction.atomic
def invite_again(
    *, staff: Staff, by: Staff, through: HttpRequest | None = None, now: dt.datetime | None = None
) -> Staff:
    """Another link; the one before is void. Raises ValidationError, PermissionDenied."""
    staff = lock_people(staff, by=by).staff
    if staff.state != Staff.State.INVITED:
        raise ValidationError(f"{staff.name} is not waiting for an invitation.")
    return renew_invitation(staff, by=by, through=through, now=now or timezone.now(), reason="invited again")


def renew_invitation(staff: Staff, *, by: Staff, through: HttpRequest | None, now: dt.datetime, reason: str) -> Staff:
    """For who has locked the person and asked whether it may be."""
    staff.invited_at = now
    save_by(staff, by, reason=reason)
    _mail_on_commit(staff, by, through)
    return staff


def link_for(staff: Staff) -> str:
    """The whole address. Never logged and never shown: it is mailed, and that is all."""
    signature = signing.Signer(salt=SALT).signature(_signed(staff))
    return str(settings.BASE_URL).rstrip("/") + reverse("invitation", args=[staff.pk, signature])


def invited_by_link(staff_id: uuid.UUID, signature: str, *, now: dt.datetime | None = None) -> Staff | None:
    """Whose link this is while it works, else None. One statement."""
    staff = Staff.objects.select_related("site").filter(pk=staff_id).first()
    return staff if staff is not None and _works(staff, signature, now or timezone.now()) else None


@transaction.atomic
def accept_invitation(
    *,
    staff: Staff,
    signature: str,
    name: str,
    password: str,
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Staff | None:
    """The password and the name that the invited person chose; None where the link was used or replaced a moment ago."""
    staff = Staff.objects.select_for_update(no_key=True).get(pk=staff.pk)
    if not _works(staff, signature, now or timezone.now()):
        return None
    was, staff.name = staff.name, name.strip()
    staff.set_password(password)
    save_by(staff, staff, reason="chose a password")
    kind = AuditEvent.Kind.STAFF_CHANGED
    if staff.name != was:
        changed = {"name": [was, staff.name]}
        record_event(kind, request=through, actor=staff, subject=SUBJECT, subject_id=staff.pk, changed=changed)
    record_event(kind, request=through, actor=staff, subject=SUBJECT, subject_id=staff.pk, change="password-chosen")
    return staff


def last_invitation(staff: Staff) -> str:
    """What became of the newest invitation's mail: sent, failed, kept; "" where that is not known. One statement."""
    if staff.invited_at is None:
        return ""
    told = AuditEvent.objects.filter(kind=AuditEvent.Kind.STAFF_INVITED, subject=SUBJECT, subject_id=staff.pk)
    event = told.filter(at__gte=staff.invited_at).first()
    return str(event.details.get("mail", "")) if event else ""


def _signed(staff: Staff) -> str:
    at = staff.invited_at.timestamp() if staff.invited_at else 0
    return f"{staff.pk} {at:.6f}"


def _works(staff: Staff, signature: str, now: dt.datetime) -> bool:
    if staff.state != Staff.State.INVITED or staff.invited_at is None or now >= staff.invited_at + lifetime():
        return False
    signer = signing.Signer(salt=SALT)
    try:
        signer.unsign(f"{_signed(staff)}{signer.sep}{signature}")
    except signing.BadSignature:
        return False
    return True


def _mail_on_commit(staff: Staff, by: Staff, through: HttpRequest | None) -> None:
    """A person who came to nothing gets no mail, and a form sent twice mails once."""
    transaction.on_commit(lambda: _mail_and_note(staff, by, through))


def _mail_and_note(staff: Staff, by: Staff, through: HttpRequest | None) -> None:
    kind, mail = AuditEvent.Kind.STAFF_INVITED, _mail(staff, by)
    record_event(kind, request=through, actor=by, subject=SUBJECT, subject_id=staff.pk, mail=mail)


def _mail(staff: Staff, by: Staff) -> str:
    if settings.MESSAGES_ARE_KEPT:
        return KEPT
    clinic = " ".join((staff.site.name if staff.site else "Allclear").split())
    body = LETTER.format(
        name=staff.name, by=by.name, clinic=clinic, days=days(settings.INVITATION_DAYS), link=link_for(staff)
    )
    try:
        EmailMessage(f"{clinic}: your invitation", body, to=[staff.email]).send()
    except Exception as error:  # noqa: BLE001  (each mail server has errors of its own, and their words quote the address)
        log.warning("an invitation could not be mailed: %s", type(error).__name__)
        return FAILED
    return SENT


LETTER = """Dear {name},

{by} has made you an account at {clinic}, in Allclear.
Choose your password here within {days}:

{link}

The link works once, and is only for you: please do not pass it on.
If you did not expect this, leave it alone; nothing happens then.
"""
