"""A record reviewed: a manager has looked through it, and says so. The record itself stays as it is."""

import datetime as dt
import uuid
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused
from treatments.models import Session, SideEffect, SignOff
from treatments.operation import operation

MOST_AT_ONCE = 50
OWN = "Somebody else reviews what you recorded."
NOT_SIGNED = "It is reviewed once the practitioner has signed it."


def wrote_in(record: Session | SideEffect) -> set[uuid.UUID | None]:
    """Whose words stand in it: whoever treated, decided, signed, entered, looked, referred, added or struck through."""
    if isinstance(record, Session):
        added = {one.by_id for one in record.addenda.all()}
        # One to one: of a session that was none there is no row.
        deviation = getattr(record.appointment, "deviation", None)
        decided = {deviation.decided_by_id, deviation.recorded_by_id} if deviation else set()
        return {record.practitioner_id, record.finished_by_id, record.error_by_id} | added | decided
    looked = {one.by_id for one in (*record.reviews.all(), *record.referral_steps.all())}
    return {record.recorded_by_id, record.seen_by_id, record.error_by_id} | looked


def why_not_reviewed_by(record: Session | SideEffect, staff: Staff) -> Blocker | None:
    """Why this person cannot sign it off, None where they can. Nobody reviews what they recorded themselves."""
    if isinstance(record, Session) and record.finished_at is None:
        return Blocker("wrong-status", NOT_SIGNED, lifts_when="Ask the practitioner to finish the session.")
    if staff.pk in wrote_in(record):
        return Blocker("own-record", OWN, lifts_when="Ask another manager.")
    return None


@operation("review-records")
def sign_off(
    *,
    record: Session | SideEffect,
    by: Staff,
    remark: str = "",
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> SignOff:
    """Say that a record was looked through. It may be said again, after an addendum or another look.

    `through` is the request it came by, for the trail. Raises Refused (own-record; wrong-status while the session is not
    signed), ValidationError for a remark that is too long.
    """
    if blocker := why_not_reviewed_by(record, by):
        raise Refused([blocker], patient_id=record.patient_id)
    made = SignOff(
        session=record if isinstance(record, Session) else None,
        side_effect=record if isinstance(record, SideEffect) else None,
        at=now or timezone.now(),
        by=by,
        remark=remark.strip(),
    )
    made.clean_fields(exclude={"session", "side_effect", "by"})
    made.save()
    record_event(
        AuditEvent.Kind.RECORD_SIGNED_OFF,
        request=through,
        actor=by,
        patient_id=record.patient_id,
        subject="session" if isinstance(record, Session) else "side-effect",
        subject_id=record.pk,
    )
    return made


@operation("review-records")
def sign_off_several(
    *,
    records: Sequence[Session | SideEffect],
    by: Staff,
    remark: str = "",
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> SignOff:
    """Each of them, with the same remark; all or none. Returns the last. Raises what `sign_off` raises."""
    if not 0 < len(records) <= MOST_AT_ONCE:
        raise ValidationError({"chosen": f"Tick at least one record, and at most {MOST_AT_ONCE}."})
    now = now or timezone.now()
    return [sign_off(record=one, by=by, remark=remark, through=through, now=now) for one in records][-1]
