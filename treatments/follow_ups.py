"""Asked by phone after a session, and told of no side effects."""

import datetime as dt

from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.locks import lock_patient
from treatments.models import FollowUp, Session
from treatments.operation import operation
from treatments.worklists import awaiting_follow_up


@operation("work-lists")
def record_asked_none(*, session: Session, by: Staff, note: str = "", now: dt.datetime | None = None) -> FollowUp:
    """“Asked, none”: told by phone, not seen, so it is no look and never makes anybody clear (eligibility.state_of).

    Raises Refused (wrong-status) where nobody needs to ask: too early, or something was recorded since.
    """
    now = now or timezone.now()
    patient = lock_patient(session.patient)
    if not awaiting_follow_up(now).filter(pk=session.pk).exists():
        message = "Nobody needs to ask after this session: it is too early, or something was recorded since."
        raise Refused([Blocker("wrong-status", message, lifts_when="Look at the list again.")])
    asked = FollowUp(patient=patient, session=session, asked_at=now, by=by, note=note.strip())
    asked.clean_fields(exclude={"patient", "session", "by"})
    asked.save()
    return asked
