"""The medical-referral checklist of a suspected infection: each step done once, by whom and when.

The list is the clinic's own [P]. The source says that a severe skin infection is the main risk, and to contact the
practitioner as soon as possible when worried; it gives no steps.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker, Refused
from treatments.locks import lock_side_effect
from treatments.models import ReferralStep, SideEffect
from treatments.models.side_effect import Kind
from treatments.operation import operation


@dataclass(frozen=True)
class Step:
    """A step of the checklist; `done` is None where nobody has done it yet."""

    code: str
    words: str
    done: ReferralStep | None


@operation("judge-side-effects")
def record_referral_step(
    *,
    side_effect: SideEffect,
    step: str,
    by: Staff,
    note: str = "",
    done_at: dt.datetime | None = None,
    now: dt.datetime | None = None,
) -> ReferralStep:
    """Tick one step, for good. One that is found gone still takes them: what was done may be written down later.

    Raises Refused (wrong-status) for an entry in error, for another kind, or for a step that was ticked before;
    ValidationError by field.
    """
    now = now or timezone.now()
    side_effect = lock_side_effect(side_effect)
    if side_effect.kind != Kind.INFECTION:
        _refuse("The checklist is a suspected infection's alone.")
    if side_effect.error_at is not None:
        _refuse("It was entered in error, so its checklist takes no more steps.")
    if step not in ReferralStep.Step.values:
        raise ValidationError({"step": f"“{step}” is not one of: {', '.join(ReferralStep.Step.values)}."})
    if done_at is not None and done_at > now:
        raise ValidationError({"done_at": "A step is never done in the future."})
    done = ReferralStep.objects.filter(side_effect=side_effect, step=step).select_related("by").first()
    if done is not None:
        at = timezone.localtime(done.done_at)
        _refuse(f"{done.by.name} ticked that step before, done {at:%-d %b %Y, %H:%M}. It stays as it is.")
    ticked = ReferralStep(side_effect=side_effect, step=step, note=note.strip(), done_at=done_at or now, by=by)
    ticked.clean_fields(exclude={"side_effect", "by"})
    ticked.save()
    return ticked


def checklist(side_effect: SideEffect, done: Iterable[ReferralStep]) -> list[Step]:
    """Every step in the clinic's order; [] for other kinds."""
    if side_effect.kind != Kind.INFECTION:
        return []
    by_code = {step.step: step for step in done}
    return [Step(step.value, step.label, by_code.get(step.value)) for step in ReferralStep.Step]


def _refuse(message: str) -> None:
    raise Refused([Blocker("wrong-status", message, lifts_when="Look at it again; it may have changed.")])
