"""Rows that a person may close, with a reason: where somebody decided that nobody needs to call."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.eligibility import blocking_anything
from treatments.locks import lock_patient
from treatments.models import Closure, Session, WaitingListEntry
from treatments.models.treatment import Family
from treatments.operation import operation
from treatments.worklists.rows import CALL_BACK, CLEAR_AGAIN, FOLLOW_UP

# Messages to call back are closed by messages.handle_failed_message. The other lists are left by facts only: a look, a
# booking, a training record.
CLOSED_BY_A_PERSON = (CLEAR_AGAIN, FOLLOW_UP, CALL_BACK)


@operation("work-lists")
def close_clear_again(*, patient: Patient, reason: str, by: Staff, now: dt.datetime | None = None) -> Closure:
    """Take a patient off “clear again”, with their wishes for a mesotherapy; a later blocker puts them on again.

    Raises ValidationError.
    """
    reason = _require_reason(reason)
    now = now or timezone.now()
    patient = lock_patient(patient)
    if blocking_anything(patient):
        raise ValidationError({"reason": "The patient is not clear yet; there is nothing to close."})
    wishes = WaitingListEntry.objects.waiting().filter(patient=patient, treatment__family=Family.MESOTHERAPY)
    wishes.update(closed_at=now, closed_by=by, close_reason=reason)
    return _close(patient, CLEAR_AGAIN, reason, by, now)


@operation("work-lists")
def close_follow_up(*, session: Session, reason: str, by: Staff, now: dt.datetime | None = None) -> Closure:
    """Nobody needs to ask after this session; the next one puts the patient on again. Raises ValidationError."""
    reason = _require_reason(reason)
    return _close(lock_patient(session.patient), FOLLOW_UP, reason, by, now or timezone.now())


def _require_reason(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": "Say why nobody needs to call."})
    if len(reason.strip()) > 300:
        raise ValidationError({"reason": "Keep it to 300 characters."})
    return reason.strip()


def _close(patient: Patient, worklist: str, reason: str, by: Staff, now: dt.datetime) -> Closure:
    return Closure.objects.create(patient=patient, worklist=worklist, closed_at=now, by=by, reason=reason)
