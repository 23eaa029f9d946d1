"""A treatment that was given in spite of what stood against it, written down afterwards as it was.

“Otherwise people falsify” (DOMAIN.md section 2, [P]). It is never a way to book: the appointment is born fulfilled and
lies in the past (guards/appointments.py), it holds no time, and it lifts nothing.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Room, Site, Staff
from clinic.refusals import Blocker
from clinic.wording import short_day
from patients.models import Consent, Patient
from treatments.eligibility import (
    BLOCKS,
    BRUISING_PRESENT,
    BRUISING_REPORTED,
    INFECTION_SUSPECTED,
    RULE_CODES,
    consent_blockers,
    training_blockers,
)
from treatments.locks import lock_patient
from treatments.models import Appointment, Deviation, Session, SideEffect, Treatment
from treatments.models.appointment import Status
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family
from treatments.operation import operation

# A session is hours, not days: longer is a slip of the date.
LONGEST = dt.timedelta(hours=12)
PRACTITIONERS_DECIDE = "Choose a practitioner: only they treat."


@operation("treat")
def record_deviation(
    *,
    patient: Patient,
    treatment: Treatment,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    decided_by: Staff,
    practitioner: Staff,
    by: Staff,
    room: Room | None = None,
    now: dt.datetime | None = None,
) -> Deviation:
    """The visit as it took place, what stood against it at its start, and a session to be written down like any other.

    `practitioner` gave it; `decided_by` decided that it be given. Raises ValidationError by field.
    """
    now = now or timezone.now()
    patient = lock_patient(patient)
    _require_sense(patient, treatment, starts_at, ends_at, reason, decided_by, practitioner, now)
    appointment = Appointment(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner,
        room=room,
        site=_site_of(room, practitioner),
        starts_at=starts_at,
        ends_at=ends_at,
        status=Status.FULFILLED,
        overlap_allowed=treatment.overlap_allowed,
        created_by=by,
        created_at=now,
    )
    against = stood_against(patient, treatment, practitioner, starts_at)
    deviation = Deviation(
        appointment_id=appointment.pk,
        blockers=[{"code": one.code, "words": one.message} for one in against],
        reason=reason.strip(),
        decided_by=decided_by,
        recorded_at=now,
        recorded_by=by,
    )
    deviation.clean_fields(exclude={"appointment", "decided_by", "recorded_by"})
    # Before its appointment: the guards let no other be born fulfilled, and none that was booked become a deviation.
    deviation.save(force_insert=True)
    save_by(appointment, by, reason="recorded as a deviation")
    save_by(
        Session(
            appointment=appointment,
            patient=patient,
            practitioner=practitioner,
            family=treatment.family,
            started_at=starts_at,
        ),
        by,
    )
    return deviation


def stood_against(patient: Patient, treatment: Treatment, practitioner: Staff, starts_at: dt.datetime) -> list[Blocker]:
    """What the start gate would have said then, by what is on record now; in its order. Three statements.

    A bruise written down only afterwards counts where it had begun by that day: what was seen is what stood.
    """
    day = timezone.localdate(starts_at)
    found = [_in_words(one, starts_at) for one in _open_at(patient, treatment, starts_at)]
    found.sort(key=lambda blocker: RULE_CODES.index(blocker.code))
    found += training_blockers(practitioner, treatment, day)
    agreed = Consent.objects.filter(patient=patient, kind=Consent.Kind.TREATMENT, given_at__lte=starts_at)
    if not agreed.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=starts_at)).exists():
        found.append(_no_consent(patient, treatment))
    message = "No skin check was attested before it."
    found.append(Blocker("skin-check-missing", message, lifts_when="Nothing any more: it was given."))
    return found


def _open_at(patient: Patient, treatment: Treatment, moment: dt.datetime) -> list[SideEffect]:
    kinds = [kind for kind, families in BLOCKS.items() if treatment.family in families]
    known = Q(recorded_at__lte=moment) | Q(onset_on__lte=timezone.localdate(moment))
    return list(
        SideEffect.objects.filter(
            known,
            Q(closing_review=None) | Q(closing_review__recorded_at__gt=moment),
            Q(error_at=None) | Q(error_at__gt=moment),
            patient=patient,
            kind__in=kinds,
        ).order_by("recorded_at", "pk")
    )


def _in_words(side_effect: SideEffect, moment: dt.datetime) -> Blocker:
    seen = side_effect.seen_at is not None and side_effect.seen_at <= moment
    since = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    what = side_effect.get_kind_display()
    where = f", {side_effect.where}" if side_effect.where else ""
    if side_effect.recorded_at > moment:
        known = f"written down on {short_day(timezone.localdate(side_effect.recorded_at))}"
    else:
        known = "seen by a practitioner" if seen else "reported, not yet seen"
    if side_effect.kind == Kind.INFECTION:
        code = INFECTION_SUSPECTED
    else:
        code = BRUISING_PRESENT if seen or side_effect.recorded_at > moment else BRUISING_REPORTED
    return Blocker(code, f"{what}{where} since {short_day(since)}, {known}.", since=since, side_effect=side_effect.pk)


def _no_consent(patient: Patient, treatment: Treatment) -> Blocker:
    """In the gate's words where it is still missing; else that it came later."""
    missing = consent_blockers(patient, treatment)
    return missing[0] if missing else Blocker(
        "treatment-consent-missing", "The patient's consent to treatment was not on record at that time."
    )  # fmt: skip


def _require_sense(
    patient: Patient,
    treatment: Treatment,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    decided_by: Staff,
    practitioner: Staff,
    now: dt.datetime,
) -> None:
    errors = {}
    if treatment.family != Family.MESOTHERAPY:
        errors["treatment"] = "Only mesotherapy is held by the rule; anything else is booked and started as usual."
    if not reason.strip():
        errors["reason"] = "Say why it was given in spite of what stood against it."
    for name, who in (("decided_by", decided_by), ("practitioner", practitioner)):
        if not who.is_practitioner:
            errors[name] = PRACTITIONERS_DECIDE
    if ends_at <= starts_at:
        errors["ends_at"] = "It ends after it begins."
    elif ends_at > now:
        errors["ends_at"] = "A deviation is written down once it is over, never ahead."
    elif ends_at - starts_at > LONGEST:
        errors["ends_at"] = "That is more than twelve hours: look at the day and the times."
    elif Deviation.objects.filter(
        # One whose session was entered in error is written down anew.
        appointment__session__error_at=None,
        appointment__patient=patient,
        appointment__starts_at__lt=ends_at,
        appointment__ends_at__gt=starts_at,
    ).exists():
        errors["starts_at"] = "A deviation is on record for this time already. See the chart."
    elif Session.objects.filter(
        patient=patient, family=Family.MESOTHERAPY, started_at__lt=ends_at, started_at__gte=starts_at, error_at=None
    ).exists():
        errors["starts_at"] = "A mesotherapy session is on record for this time already. See the chart."
    if errors:
        raise ValidationError(errors)


def _site_of(room: Room | None, practitioner: Staff) -> Site:
    if room is not None:
        return room.site
    site = practitioner.site or Site.objects.order_by("-is_active", "name").first()
    if site is None:
        raise ValidationError({"practitioner": "The clinic has no site yet; a manager can add one."})
    return site
