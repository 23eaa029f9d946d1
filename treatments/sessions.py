"""What is done in an appointment: started after a skin check, written down, finished."""

import contextlib
import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.booking import NoReview, review_instead
from treatments.eligibility import blockers, consent_blockers, training_blockers
from treatments.locks import lock_appointment
from treatments.models import Appointment, Session, SideEffect, SkinCheck
from treatments.models.appointment import STEPS_FROM, Status
from treatments.models.session import Anaesthetic, Asepsis
from treatments.models.side_effect import BodySite, Kind, Side
from treatments.models.treatment import Family
from treatments.operation import operation
from treatments.side_effects import report_side_effect

WRITABLE = (
    "anaesthetic",
    "anaesthetic_agent",
    "anaesthetic_lot",
    "asepsis",
    "sites",
    "products",
    "creams",
    "burning",
    "pain",
    "note",
)


@operation("treat")
def start_session(
    *, appointment: Appointment, by: Staff, skin_check: str = "", now: dt.datetime | None = None
) -> Session:
    """Begin. Mesotherapy asks the rule, `by`'s training, the treatment consent and a skin check made now: `skin_check="no-bruising-seen"`.

    Raises Refused with the reasons in that order.
    """
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    treatment = appointment.treatment
    reasons = []
    if appointment.status in (*STEPS_FROM["start"], Status.ON_HOLD):
        reasons += blockers(appointment.patient, treatment, now=now)
    if appointment.status not in STEPS_FROM["start"]:
        status = appointment.get_status_display().lower()
        reasons.append(Blocker("wrong-status", f"It is {status}, so no session can be started.", lifts_when=""))
    else:
        reasons += training_blockers(by, treatment, timezone.localdate(now))
        reasons += consent_blockers(appointment.patient, treatment)
        if treatment.family == Family.MESOTHERAPY and skin_check != SkinCheck.Finding.NO_BRUISING_SEEN:
            reasons.append(_skin_check_missing())
    if reasons:
        raise Refused(reasons)
    appointment.status = Status.IN_PROGRESS
    save_by(appointment, by, reason="started")
    session = save_by(
        Session(
            appointment=appointment,
            patient=appointment.patient,
            practitioner=by,
            family=treatment.family,
            started_at=now,
        ),
        by,
    )
    if treatment.family == Family.MESOTHERAPY:
        SkinCheck.objects.create(
            patient=appointment.patient, session=session, finding=skin_check, checked_at=now, by=by
        )
    return session


@operation("treat")
def log_bruising_instead(
    *, appointment: Appointment, by: Staff, now: dt.datetime | None = None, **found: Any
) -> SideEffect:
    """The skin check found bruising: log it as seen, and turn this visit into a review. Raises Refused, ValidationError."""
    now = now or timezone.now()
    appointment = lock_appointment(appointment)
    bruise = report_side_effect(patient=appointment.patient, kind=Kind.BRUISING, seen=True, by=by, now=now, **found)
    with contextlib.suppress(NoReview):
        # Without a review in the catalogue the bruise is logged all the same, and the visit stays on hold.
        review_instead(appointment=appointment, by=by, now=now)
    return bruise


@operation("treat")
def write_session(*, session: Session, by: Staff, **written: Any) -> Session:
    """Change what is recorded of a running session. Raises Refused once it is finished, ValidationError by field."""
    session = _lock_running(session, "changed")
    for name, value in written.items():
        if name not in WRITABLE:
            raise ValidationError({name: "This is not part of a session's record."})
        setattr(session, name, value)
    _require_known_codes(session)
    return save_by(session, by)


@operation("treat")
def finish_session(*, session: Session, by: Staff, now: dt.datetime | None = None) -> Session:
    """Close the record; its appointment is fulfilled. Raises Refused (wrong-status) when it is finished already."""
    session = _lock_running(session, "finished again")
    session.finished_at, session.finished_by = now or timezone.now(), by
    save_by(session, by, reason="finished")
    appointment = session.appointment
    appointment.status = Status.FULFILLED
    save_by(appointment, by, reason="finished")
    return session


def _lock_running(session: Session, done: str) -> Session:
    appointment = lock_appointment(Appointment(pk=session.appointment_id, patient_id=session.patient_id))
    session = (
        Session.objects.select_for_update(of=("self",)).select_related("patient", "practitioner").get(pk=session.pk)
    )
    session.appointment = appointment
    if session.finished_at is not None:
        message = f"The session was finished, so its record cannot be {done}."
        raise Refused(
            [Blocker("wrong-status", message, lifts_when="A finished record stays as it was signed.")],
            patient_id=session.patient_id,
            appointment_id=session.appointment_id,
        )
    return session


def _skin_check_missing() -> Blocker:
    return Blocker(
        "skin-check-missing",
        "The skin has not been checked for bruising just now.",
        lifts_when="Look at the skin, and say that no bruising is seen.",
    )


def _require_known_codes(session: Session) -> None:
    errors = {}
    if session.family != Family.MESOTHERAPY:
        for name in ("sites", "products"):
            if getattr(session, name):
                errors[name] = "Only mesotherapy has injection sites and injected products."
    if unknown := [code for code in session.asepsis if code not in Asepsis.values]:
        errors["asepsis"] = f"“{unknown[0]}” is not on the list: {', '.join(Asepsis.values)}."
    for place in session.sites:
        if place.get("site") not in BodySite.values:
            errors["sites"] = f"“{place.get('site')}” is no site: {', '.join(BodySite.values)}."
        elif place.get("side", "") not in ("", *Side.values):
            errors["sites"] = f"“{place.get('side')}” is no side: {', '.join(Side.values)}."
    if session.anaesthetic != Anaesthetic.GIVEN and (session.anaesthetic_agent or session.anaesthetic_lot):
        errors["anaesthetic_agent"] = "An agent or lot is named only where the anaesthetic was given."
    if errors:
        raise ValidationError(errors)
