"""Side effects: reported, looked at again until gone, or found to have been entered in error."""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import note_change, save_by
from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from patients.models import Patient
from treatments.locks import lock_patient, lock_patients, lock_side_effect
from treatments.messages import queue_messages
from treatments.models import Appointment, Photo, Review, Session, SideEffect, SkinCheck
from treatments.models.message import MessageKind
from treatments.models.review import OUTCOME_OF_FINDING, SEEN_BY_EYE, Finding, Mode, Outcome
from treatments.models.side_effect import Kind
from treatments.operation import operation

# By whoever reported, any of these opens a suspected infection at once (DOMAIN.md section 2).
RED_FLAGS = {
    "spreading-redness": "Redness that spreads",
    "fever": "Fever",
    "pus": "Pus",
}


@operation("report-concern")
def report_side_effect(
    *,
    patient: Patient,
    kind: str,
    by: Staff,
    site: str = "",
    side: str = "",
    severity: int | None = None,
    onset_on: dt.date | None = None,
    note: str = "",
    seen: bool | None = None,
    session: Session | None = None,
    reopens: SideEffect | None = None,
    painful_to_touch: bool | None = None,
    red_flags: Collection[str] = (),
    now: dt.datetime | None = None,
) -> SideEffect:
    """Open one episode. One that blocks puts the patient's booked mesotherapy on hold in the same transaction (guard b).

    `seen` says that a practitioner sees it now; from anybody else it counts as reported. Red flags open a suspected
    infection beside it. Raises ValidationError by field.
    """
    now = now or timezone.now()
    judges = by.may("judge-side-effects")
    seen = judges if seen is None else seen and judges
    patient = lock_patient(patient)
    side_effect = SideEffect(
        patient=patient,
        session=session,
        kind=kind,
        site=site,
        side=side,
        severity=severity,
        onset_on=onset_on,
        note=note,
        painful_to_touch=painful_to_touch,
        reopens=reopens,
        recorded_at=now,
        recorded_by=by,
        seen_at=now if seen else None,
        seen_by=by if seen else None,
    )
    _require_sense(side_effect, red_flags, now)
    _open(side_effect, by)
    if red_flags and kind != Kind.INFECTION:
        _open_infection(side_effect, red_flags, by)
    return side_effect


@operation("judge-side-effects")
def review_side_effect(
    *,
    side_effect: SideEffect,
    mode: str,
    finding: str,
    by: Staff,
    seen_at: dt.datetime | None = None,
    size_mm: int | None = None,
    colour: str = "",
    note: str = "",
    outcome: str = "",
    now: dt.datetime | None = None,
) -> Review:
    """Add a dated look. A newest look that finds it gone, in person or from a newer photo, closes the side effect.

    Raises Refused (wrong-status) when it is closed already, ValidationError by field.
    """
    now = now or timezone.now()
    side_effect = lock_side_effect(side_effect)
    _require_open(side_effect, "takes no more looks")
    seen_at = seen_at or now
    _require_look(side_effect, mode, finding, seen_at, now)
    review = save_look(
        Review(
            side_effect=side_effect,
            mode=mode,
            finding=finding,
            outcome=_outcome(finding, outcome),
            seen_at=seen_at,
            size_mm=size_mm,
            colour=colour,
            note=note,
            by=by,
            recorded_at=now,
        )
    )
    if mode in SEEN_BY_EYE and side_effect.seen_at is None:
        side_effect.seen_at, side_effect.seen_by = seen_at, by
    newest = not side_effect.reviews.filter(seen_at__gt=seen_at).exists()
    if finding == Finding.GONE and mode in SEEN_BY_EYE and newest:
        side_effect.closing_review = review
    save_by(side_effect, by, reason=f"reviewed: {finding}")
    return review


@operation("judge-side-effects")
def enter_in_error(*, side_effect: SideEffect, reason: str, by: Staff, now: dt.datetime | None = None) -> SideEffect:
    """Strike an entry through, with a reason, for good. What was held stays held.

    Raises Refused (wrong-status) when it was struck through before, ValidationError without a reason.
    """
    side_effect = lock_side_effect(side_effect)
    return _strike(side_effect, reason, by, now or timezone.now())


@operation("judge-side-effects")
def correct_patient(
    *, side_effect: SideEffect, patient: Patient, reason: str, by: Staff, now: dt.datetime | None = None
) -> SideEffect:
    """It was entered for the wrong patient: struck through there and opened for `patient`, in one transaction.

    Photos stay with the entry that was struck through: nobody has asked the other patient's consent for them.
    Returns the new side effect. Raises Refused, ValidationError.
    """
    now = now or timezone.now()
    if patient.pk == side_effect.patient_id:
        raise ValidationError({"patient": "This is the patient it stands under already."})
    lock_patients(side_effect.patient, patient)
    wrong = _strike(lock_side_effect(side_effect), reason, by, now)
    right = SideEffect(
        patient=patient,
        kind=wrong.kind,
        site=wrong.site,
        side=wrong.side,
        severity=wrong.severity,
        onset_on=wrong.onset_on,
        painful_to_touch=wrong.painful_to_touch,
        note=wrong.note,
        recorded_at=now,
        recorded_by=by,
        seen_at=wrong.seen_at,
        seen_by=wrong.seen_by,
        moved_from=wrong,
    )
    return _open(right, by)


@operation("judge-side-effects")
def record_none_seen(*, patient: Patient, by: Staff, now: dt.datetime | None = None) -> SkinCheck:
    """“No side effects seen” is an answer too. Raises Refused while bruising is open: somebody has seen some."""
    now = now or timezone.now()
    patient = lock_patient(patient)
    if SideEffect.objects.open().filter(patient=patient).exists():
        message = "A side effect is open; review it instead."
        raise Refused([Blocker("wrong-status", message, lifts_when="Record what you see of it as a review.")])
    return SkinCheck.objects.create(
        patient=patient, finding=SkinCheck.Finding.NO_SIDE_EFFECTS_SEEN, checked_at=now, by=by
    )


def save_look(review: Review) -> Review:
    review.clean_fields(exclude={"side_effect", "by"})
    review.save()
    return review


def _open(side_effect: SideEffect, by: Staff) -> SideEffect:
    save_by(side_effect, by)
    held = list(Appointment.objects.filter(holds__side_effect=side_effect).select_related("patient").order_by("pk"))
    note_change(held, by, reason=f"put on hold: {side_effect.kind}")
    queue_messages(held, MessageKind.HOLD, side_effect.recorded_at)
    return side_effect


def _open_infection(beside: SideEffect, red_flags: Collection[str], by: Staff) -> None:
    if SideEffect.objects.open().filter(patient=beside.patient, kind=Kind.INFECTION).exists():
        return
    named = ", ".join(RED_FLAGS[flag].lower() for flag in RED_FLAGS if flag in red_flags)
    infection = SideEffect(
        patient=beside.patient,
        session=beside.session,
        kind=Kind.INFECTION,
        site=beside.site,
        side=beside.side,
        onset_on=beside.onset_on,
        note=f"Told of: {named}.",
        recorded_at=beside.recorded_at,
        recorded_by=by,
        seen_at=beside.seen_at,
        seen_by=beside.seen_by,
    )
    _open(infection, by)


def _strike(side_effect: SideEffect, reason: str, by: Staff, now: dt.datetime) -> SideEffect:
    if not reason.strip():
        raise ValidationError({"reason": "Say why the entry is wrong; it stays on the chart with the reason."})
    if side_effect.error_at is not None:
        _refuse("It was entered in error before, and that is final.")
    side_effect.error_at, side_effect.error_by, side_effect.error_reason = now, by, reason.strip()
    return save_by(side_effect, by, reason="entered in error")


def _require_sense(side_effect: SideEffect, red_flags: Collection[str], now: dt.datetime) -> None:
    errors = {}
    patient, onset = side_effect.patient, side_effect.onset_on
    if onset is not None and onset > timezone.localdate(now):
        errors["onset_on"] = "The onset is in the future."
    elif onset is not None and onset < patient.date_of_birth:
        errors["onset_on"] = "The onset is before the patient was born."
    if side_effect.session is not None and side_effect.session.patient_id != patient.pk:
        errors["session"] = "That session was another patient's."
    elif (
        onset is not None
        and side_effect.session is not None
        and onset < timezone.localdate(side_effect.session.started_at)
    ):
        errors["session"] = "It began before that session. Leave the session out, or correct the day."
    if unknown := [flag for flag in red_flags if flag not in RED_FLAGS]:
        errors["red_flags"] = f"“{unknown[0]}” is not one of: {', '.join(RED_FLAGS)}."
    old = side_effect.reopens
    if old is not None and (old.patient_id != patient.pk or old.kind != side_effect.kind or old.is_open):
        errors["reopens"] = "It can only reopen a closed side effect of the same kind and patient."
    if errors:
        raise ValidationError(errors)


def _require_open(side_effect: SideEffect, sentence: str) -> None:
    if side_effect.error_at is not None:
        _refuse(f"It was entered in error, so it {sentence}.")
    if not side_effect.is_open:
        _refuse(f"It was found gone, so it {sentence}. Seen again is a new side effect that names this one.")


def _refuse(message: str) -> None:
    raise Refused([Blocker("wrong-status", message, lifts_when="Look at it again; it may have changed.")])


def _require_look(side_effect: SideEffect, mode: str, finding: str, seen_at: dt.datetime, now: dt.datetime) -> None:
    if seen_at > now:
        raise ValidationError({"seen_at": "A look is never in the future."})
    if side_effect.onset_on is not None and timezone.localdate(seen_at) < side_effect.onset_on:
        raise ValidationError({"seen_at": f"It began only on {short_day(side_effect.onset_on)}."})
    if finding != Finding.GONE:
        return
    if mode == Mode.PHONE:
        raise ValidationError({"mode": "Gone is never found by phone alone: look in person, or at a new photo."})
    if mode == Mode.PHOTO and not _newer_photo(side_effect, seen_at):
        raise ValidationError(
            {"mode": "Gone from a photo needs a photo of it taken after the last look. Add one first."}
        )


def _newer_photo(side_effect: SideEffect, seen_at: dt.datetime) -> bool:
    """Is there a photo of this episode, newer than the last look at it before `seen_at`, or than the report of it?"""
    looks = [
        side_effect.recorded_at,
        *side_effect.reviews.filter(seen_at__lt=seen_at).values_list("seen_at", flat=True),
    ]
    return Photo.objects.filter(side_effect=side_effect, taken_at__lte=seen_at, taken_at__gt=max(looks)).exists()


def _outcome(finding: str, given: str) -> str:
    if finding not in Finding.values:
        raise ValidationError({"finding": f"“{finding}” is not one of: {', '.join(Finding.values)}."})
    usual = OUTCOME_OF_FINDING[Finding(finding)]
    allowed = {usual, Outcome.SEQUELAE} if finding == Finding.GONE else {usual}
    if given and given not in allowed:
        raise ValidationError({"outcome": f"With this finding the outcome is {' or '.join(sorted(allowed))}."})
    return given or usual
