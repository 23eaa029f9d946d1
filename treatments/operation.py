"""What every operation is wrapped in: its permission, one transaction, and a guard's refusal turned into words."""

import functools
from collections.abc import Callable
from typing import Any, Protocol, TypeVar, cast

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from clinic.models import Staff
from clinic.refusals import Blocker, Refused, guard_code
from clinic.roles import require
from patients.registration import MERGED
from treatments.eligibility import RULE_CODES, blockers

F = TypeVar("F", bound=Callable[..., Any])


class Operation(Protocol):
    permission: str


# What a wall or guard says when an operation lost a race, or forgot to ask; the rule's own words are looked up again.
LOST_RACE = {
    "practitioner-busy": (
        "The practitioner has just been given another appointment at that time.",
        "Choose another time.",
    ),
    "room-busy": ("The room has just been taken for that time.", "Choose another room or time."),
    "patient-busy": ("The patient has just been given another appointment at that time.", "Choose another time."),
    "lot-quarantined": ("This lot has just been put in quarantine.", "Choose another lot."),
    "lot-expired": ("This lot has expired.", "Choose another lot."),
    "recall-open": ("This lot has just been recalled.", "End the recall first."),
    "session-signed": ("The session has just been finished.", "A finished record stays as it was signed."),
    "wrong-status": ("Somebody else has just changed this.", "Look at it again; nothing was changed by you."),
}


def operation(permission: str) -> Callable[[F], F]:
    """Mark a function as an operation: keyword-only, atomic, done `by` somebody who may.

    Raises PermissionDenied, and Refused where a guard refused what a race got past the questions asked before.
    """

    def wrap(act: F) -> F:
        @functools.wraps(act)
        def run(*, by: Staff, **given: Any) -> Any:
            require(by, permission)
            try:
                with transaction.atomic():
                    return act(by=by, **given)
            except IntegrityError as error:
                raise _in_words(error, given) from error
            except Refused as refused:
                _say_what_about(refused, given)
                raise

        run.permission = permission  # type: ignore[attr-defined]
        return cast(F, run)

    return wrap


def _in_words(error: IntegrityError, given: dict[str, Any]) -> Exception:
    code = guard_code(error)
    if code == "patient-merged":
        return ValidationError({"patient": MERGED})
    if code in RULE_CODES:
        return _say_what_about(Refused(_rule_again(code, given)), given)
    if code in LOST_RACE:
        message, lifts_when = LOST_RACE[code]
        return _say_what_about(Refused([Blocker(code, message, lifts_when=lifts_when)]), given)
    if code:
        # A guard that no operation can reach but by a race (a role taken away meanwhile): a refusal, never a 500.
        message, lifts_when = LOST_RACE["wrong-status"]
        return _say_what_about(Refused([Blocker(code, message, lifts_when=lifts_when)]), given)
    return error


def _rule_again(code: str, given: dict[str, Any]) -> list[Blocker]:
    subject = given.get("appointment")
    patient = given.get("patient") or (subject and subject.patient_id)
    treatment = given.get("treatment") or (subject and subject.treatment)
    found = blockers(patient, treatment) if patient and treatment else []
    # Between the guard's look and this one it may have been lifted; the attempt was refused all the same.
    return found or [Blocker(code, "The rule refused this a moment ago.", lifts_when="Try again.")]


def _say_what_about(refused: Refused, given: dict[str, Any]) -> Refused:
    about = given.get("appointment") or given.get("side_effect")
    patient, treatment = given.get("patient"), given.get("treatment")
    refused.patient_id = refused.patient_id or getattr(patient, "pk", None) or getattr(about, "patient_id", None)
    refused.treatment_id = (
        refused.treatment_id or getattr(treatment, "pk", None) or getattr(about, "treatment_id", None)
    )
    if "appointment" in given:
        refused.appointment_id = refused.appointment_id or given["appointment"].pk
    return refused
