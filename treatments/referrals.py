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
from treatments.models.referral import CHECKLIST
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
    """Tick one step, for good; or end the list with `closed`, whose note says why the rest is not needed.

    One that is found gone, or whose list was ended, still takes steps: what was done may be written down later. Raises
    Refused (wrong-status) for an entry in error, another kind, or a step ticked before; ValidationError by field.
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
    if step == ReferralStep.Step.CLOSED and not note.strip():
        raise ValidationError({"note": "Say why the rest is not needed."})
    _require_new(side_effect, step)
    ticked = ReferralStep(side_effect=side_effect, step=step, note=note.strip(), done_at=done_at or now, by=by)
    ticked.clean_fields(exclude={"side_effect", "by"})
    ticked.save()
    return ticked


def _require_new(side_effect: SideEffect, step: str) -> None:
    done = {one.step: one for one in ReferralStep.objects.filter(side_effect=side_effect).select_related("by")}
    if step in done:
        at, verb = timezone.localtime(done[step].done_at), "ticked that step"
        if step == ReferralStep.Step.CLOSED:
            verb = "closed the checklist"
        _refuse(f"{done[step].by.name} {verb} before: {at:%-d %b %Y, %H:%M}. It stays as it is.")
    if step == ReferralStep.Step.CLOSED and all(one in done for one in CHECKLIST):
        _refuse("Every step is ticked; there is nothing to close.")


def checklist(side_effect: SideEffect, done: Iterable[ReferralStep]) -> list[Step]:
    """Every step in the clinic's order; [] for other kinds."""
    if side_effect.kind != Kind.INFECTION:
        return []
    by_code = {step.step: step for step in done}
    return [Step(step.value, step.label, by_code.get(step.value)) for step in CHECKLIST]


def _refuse(message: str) -> None:
    raise Refused([Blocker("wrong-status", message, lifts_when="Look at it again; it may have changed.")])
