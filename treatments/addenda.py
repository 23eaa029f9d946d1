"""What may still be said of a finished session: words added to it, or that it was entered in error."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.locks import lock_appointment
from treatments.models import Addendum, Appointment, Session
from treatments.operation import operation


@operation("treat")
def write_addendum(*, session: Session, text: str, by: Staff, now: dt.datetime | None = None) -> Addendum:
    """Words added to what was signed; they are never changed and never deleted.

    Raises Refused (wrong-status) while the session runs, ValidationError without words.
    """
    session = _lock_finished(session, "An addendum is written once the session is finished.")
    addendum = Addendum(session=session, text=text.strip(), written_at=now or timezone.now(), by=by)
    addendum.clean_fields(exclude={"session", "by"})
    addendum.save()
    return addendum


@operation("treat")
def enter_session_in_error(*, session: Session, reason: str, by: Staff, now: dt.datetime | None = None) -> Session:
    """The record is not what happened to this patient: final, and it stays visible, struck through.

    From then on it is no session of theirs: no follow-up, no “last session”, and its skin check shows nothing.
    Raises Refused (wrong-status) while it runs or when it was entered in error before, ValidationError without a reason.
    """
    if not reason.strip():
        raise ValidationError({"reason": "Say why the entry is wrong; it stays on the chart with the reason."})
    session = _lock_finished(session, "A running session is finished first, then entered in error.")
    if session.error_at is not None:
        raise _refused(session, "It was entered in error before, and that is final.", "Nothing more is needed.")
    session.error_at, session.error_by, session.error_reason = now or timezone.now(), by, reason.strip()
    return save_by(session, by, reason="entered in error")


def _lock_finished(session: Session, otherwise: str) -> Session:
    lock_appointment(Appointment(pk=session.appointment_id, patient_id=session.patient_id))
    session = Session.objects.select_for_update(of=("self",)).select_related("patient").get(pk=session.pk)
    if session.finished_at is None:
        raise _refused(session, otherwise, "Finish the session first.")
    return session


def _refused(session: Session, message: str, lifts_when: str) -> Refused:
    return Refused(
        [Blocker("wrong-status", message, lifts_when=lifts_when)],
        patient_id=session.patient_id,
        appointment_id=session.appointment_id,
    )
