"""What is done in an appointment: started after a skin check, written down, finished."""

import contextlib
import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.before_finishing import LookAgain, questions
from treatments.booking import NoReview, review_instead
from treatments.drafts import SESSION, forget_drafts
from treatments.eligibility import blockers, consent_blockers, training_blockers
from treatments.injected_sites import checked_sites
from treatments.locks import lock_appointment
from treatments.lot_uses import note_lots
from treatments.models import Appointment, Session, SideEffect, SkinCheck
from treatments.models.appointment import STEPS_FROM, Status
from treatments.models.lot import WITH_LOTS
from treatments.models.session import AsepsisItem
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family
from treatments.operation import operation
from treatments.record_version import WRITABLE, changed_meanwhile, version_now
from treatments.side_effects import report_side_effect

# What went in, by lot: rows of their own (lot_uses.py).
OF_LOTS = ("lots", "anaesthetic_lot", "anaesthetic_ml")


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
def write_session(
    *, session: Session, by: Staff, now: dt.datetime | None = None, as_of: str | None = None, **written: Any
) -> Session:
    """Change what is recorded of a running session; what is not given stays as it is.

    `as_of` is the version (record_version.py) that whoever writes had before them; None does not ask. Raises Refused once the
    session is finished, where another version stands by now that this one would change, and for a lot that cannot be used;
    ValidationError by field.
    """
    session = lock_running(session, "changed")
    # Who saved meanwhile is asked before this save stands in the history too.
    stands = version_now(session) if as_of is not None else ""
    refusal = changed_meanwhile(session, by) if as_of not in (None, stands) else None
    of_lots = {name: written.pop(name) for name in OF_LOTS if name in written}
    before = list(session.asepsis)
    for name, value in written.items():
        if name not in WRITABLE:
            raise ValidationError({name: "This is not part of a session's record."})
        setattr(session, name, value)
    session.sites = checked_sites(session.sites)
    _require_sense(session, before)
    save_by(session, by)
    note_lots(session, by, now=now or timezone.now(), **of_lots)
    # Only now it is known whether anything would be another: a form sent twice changes nothing, and passes.
    if refusal and version_now(session) != stands:
        raise refusal
    forget_drafts(SESSION, session.pk, of=by)
    return session


@operation("treat")
def finish_session(
    *,
    session: Session,
    by: Staff,
    now: dt.datetime | None = None,
    answered: Collection[str] = (),
    as_of: str | None = None,
) -> Session:
    """Sign the record; its appointment is fulfilled. `answered` are the keys of the questions that were asked and seen.

    `as_of` is the version that whoever signs has read; None does not ask. Raises Refused when it is finished already
    (wrong-status) or another version by now (changed-meanwhile), LookAgain while something is to be asked first.
    """
    now = now or timezone.now()
    session = lock_running(session, "finished again")
    if as_of is not None and as_of != version_now(session):
        raise changed_meanwhile(session, by)
    uses = Session.objects.prefetch_related(WITH_LOTS).get(pk=session.pk).lot_uses.all()
    if asked := [one for one in questions(session, uses, now) if one.key not in answered]:
        raise LookAgain(asked)
    session.finished_at, session.finished_by = now, by
    save_by(session, by, reason="finished")
    appointment = session.appointment
    appointment.status = Status.FULFILLED
    save_by(appointment, by, reason="finished")
    forget_drafts(SESSION, session.pk)
    return session


def lock_running(session: Session, done: str) -> Session:
    """The session, read again under lock. Raises Refused (wrong-status) once it is finished: it cannot be `done`."""
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


def _require_sense(session: Session, ticked_before: list[str]) -> None:
    errors = {}
    if session.family != Family.MESOTHERAPY and session.sites:
        errors["sites"] = "Only mesotherapy has injection sites and injected products."
    if newly := set(session.asepsis) - set(ticked_before):
        # One that left the list meanwhile stays in the record that has it.
        known = list(AsepsisItem.objects.filter(is_active=True).values_list("code", flat=True))
        if unknown := sorted(newly - set(known)):
            errors["asepsis"] = f"“{unknown[0]}” is not on the list: {', '.join(known)}."
    if errors:
        raise ValidationError(errors)
