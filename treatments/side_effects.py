"""Side effects: reported, looked at again until gone, or found to have been entered in error."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import save_by
from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from patients.models import Patient
from treatments.locks import lock_patient, lock_patients, lock_side_effect
from treatments.looks import outcome_of, require_look, require_measured, require_no_flags_on_gone, save_look
from treatments.models import Review, Session, SideEffect, SkinCheck
from treatments.models.review import SEEN_BY_EYE, Finding
from treatments.models.side_effect import Kind
from treatments.opening import (
    in_order,
    named,
    open_infection,
    open_side_effect,
    require_known_flags,
    require_none_like_it,
    require_sense,
)
from treatments.operation import operation

# What a side effect says of itself beside its kind; taken along where an entry was made for the wrong patient.
TOLD = (
    "site",
    "side",
    "severity",
    "onset_on",
    "onset_is_about",
    "painful_to_touch",
    "cream",
    "red_flags",
    "map_view",
    "map_x",
    "map_y",
    "note",
)


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
    onset_is_about: bool = False,
    note: str = "",
    seen: bool | None = None,
    session: Session | None = None,
    reopens: SideEffect | None = None,
    painful_to_touch: bool | None = None,
    cream: str = "",
    red_flags: Collection[str] = (),
    map_view: str = "",
    map_x: int | None = None,
    map_y: int | None = None,
    now: dt.datetime | None = None,
) -> SideEffect:
    """Open one episode. One that blocks puts the patient's booked mesotherapy on hold in the same transaction (guard b).

    `seen` says that a practitioner sees it now; from anybody else it counts as reported. Red flags open a suspected
    infection beside it. `map_x` and `map_y` are thousandths of the body map's view. Raises ValidationError by field.
    """
    now = now or timezone.now()
    judges = by.may("judge-side-effects")
    seen = judges if seen is None else seen and judges
    require_known_flags(red_flags)
    side_effect = SideEffect(
        patient=lock_patient(patient),
        session=session,
        kind=kind,
        site=site,
        side=side,
        severity=severity,
        onset_on=onset_on,
        onset_is_about=onset_is_about,
        note=note,
        painful_to_touch=painful_to_touch,
        cream=cream,
        red_flags=in_order(red_flags),
        map_view=map_view,
        map_x=map_x,
        map_y=map_y,
        reopens=reopens,
        recorded_at=now,
        recorded_by=by,
        seen_at=now if seen else None,
        seen_by=by if seen else None,
    )
    require_sense(side_effect, now)
    open_side_effect(side_effect, by)
    if red_flags and kind != Kind.INFECTION:
        open_infection(side_effect, red_flags, by, at=now, seen=bool(seen))
    return side_effect


@operation("report-concern")
def report_side_effects(
    *,
    patient: Patient,
    kinds: Sequence[str],
    by: Staff,
    site: str = "",
    side: str = "",
    painful_to_touch: bool | None = None,
    cream: str = "",
    reopens: SideEffect | None = None,
    not_the_same: Collection[uuid.UUID] = (),
    now: dt.datetime | None = None,
    **told: Any,
) -> list[SideEffect]:
    """Several kinds seen or told of at once, each an episode of its own, in one transaction; in the order of the kinds.

    `told` is what report_side_effect takes, and goes with each. `not_the_same` are open ones that were shown, and of which
    somebody said that this is another. Raises LikelyTheSame for any other open one of the kind at the place,
    ValidationError by field.
    """
    now = now or timezone.now()
    if not kinds:
        raise ValidationError({"kinds": "Choose what it is; “Other” if nothing fits."})
    if unknown := [kind for kind in kinds if kind not in Kind.values]:
        raise ValidationError({"kinds": f"“{unknown[0]}” is not one of: {', '.join(Kind.values)}."})
    if reopens is not None and reopens.kind not in kinds:
        raise ValidationError({"reopens": "It can only reopen a closed side effect of the same kind and patient."})
    patient = lock_patient(patient)
    require_none_like_it(patient, kinds, site, side, not_the_same, by)
    # A suspected infection first: its flags are its own, and open no second one beside another kind.
    in_turn = sorted(dict.fromkeys(kinds), key=lambda kind: kind != Kind.INFECTION)
    opened = {
        kind: report_side_effect(
            patient=patient,
            kind=kind,
            site=site,
            side=side,
            painful_to_touch=painful_to_touch if kind == Kind.SWELLING else None,
            cream=cream if kind == Kind.IRRITATION else "",
            reopens=reopens if reopens is not None and reopens.kind == kind else None,
            by=by,
            now=now,
            **told,
        )
        for kind in in_turn
    }
    return [opened[kind] for kind in Kind.values if kind in opened]


@operation("judge-side-effects")
def review_side_effect(
    *,
    side_effect: SideEffect,
    mode: str,
    finding: str,
    by: Staff,
    seen_at: dt.datetime | None = None,
    size_mm: int | None = None,
    size_method: str = "",
    colour: str = "",
    action_taken: str = "",
    causality: str = "",
    note: str = "",
    outcome: str = "",
    red_flags: Collection[str] = (),
    now: dt.datetime | None = None,
) -> Review:
    """Add a dated look. A newest look that finds it gone, in person or from a newer photo, closes the side effect.

    A size comes with its SizeMethod. Red flags are kept in the look's note and open a suspected infection.
    Raises Refused (wrong-status) when it is closed already, ValidationError by field.
    """
    now = now or timezone.now()
    side_effect = lock_side_effect(side_effect)
    _require_open(side_effect, "takes no more looks")
    seen_at = seen_at or now
    require_look(side_effect, mode, finding, seen_at, now)
    require_measured(size_mm, size_method)
    require_known_flags(red_flags)
    require_no_flags_on_gone(side_effect, finding, red_flags)
    review = save_look(
        Review(
            side_effect=side_effect,
            mode=mode,
            finding=finding,
            outcome=outcome_of(finding, outcome),
            seen_at=seen_at,
            size_mm=size_mm,
            size_method=size_method,
            colour=colour,
            action_taken=action_taken,
            causality=causality,
            note=f"Told of: {named(red_flags)}. {note}".strip() if red_flags else note,
            by=by,
            recorded_at=now,
        )
    )
    _take_in(side_effect, review, red_flags, by)
    return review


def _take_in(side_effect: SideEffect, review: Review, red_flags: Collection[str], by: Staff) -> None:
    """What a look changes of its side effect: first seen, closed, red flags; and the infection that these open."""
    by_eye = review.mode in SEEN_BY_EYE
    if by_eye and side_effect.seen_at is None:
        side_effect.seen_at, side_effect.seen_by = review.seen_at, by
    newest = not side_effect.reviews.filter(seen_at__gt=review.seen_at).exists()
    if review.finding == Finding.GONE and by_eye and newest:
        side_effect.closing_review = review
    side_effect.red_flags = in_order({*side_effect.red_flags, *red_flags})
    save_by(side_effect, by, reason=f"reviewed: {review.finding}")
    if red_flags and side_effect.kind != Kind.INFECTION:
        open_infection(side_effect, red_flags, by, at=review.recorded_at, seen=by_eye)


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
        recorded_at=now,
        recorded_by=by,
        seen_at=wrong.seen_at,
        seen_by=wrong.seen_by,
        moved_from=wrong,
        **{name: getattr(wrong, name) for name in TOLD},
    )
    return open_side_effect(right, by)


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


def _strike(side_effect: SideEffect, reason: str, by: Staff, now: dt.datetime) -> SideEffect:
    if not reason.strip():
        raise ValidationError({"reason": "Say why the entry is wrong; it stays on the chart with the reason."})
    if side_effect.error_at is not None:
        _refuse("It was entered in error before, and that is final.")
    side_effect.error_at, side_effect.error_by, side_effect.error_reason = now, by, reason.strip()
    return save_by(side_effect, by, reason="entered in error")


def _require_open(side_effect: SideEffect, sentence: str) -> None:
    if side_effect.error_at is not None:
        _refuse(f"It was entered in error, so it {sentence}.")
    if not side_effect.is_open:
        _refuse(f"It was found gone, so it {sentence}. Seen again is a new side effect that names this one.")


def _refuse(message: str) -> None:
    raise Refused([Blocker("wrong-status", message, lifts_when="Look at it again; it may have changed.")])
