"""Calls made to patients: noted with the list that somebody worked, each a row of its own that stays."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.locks import lock_patient
from treatments.models import Call
from treatments.models.contact import CONCERN
from treatments.operation import operation
from treatments.worklists import LISTS

NOTED_FOR = (*LISTS, CONCERN)
TRY_WITHIN = dt.timedelta(days=366)


@operation("work-lists")
def record_call(
    *,
    patient: Patient,
    worklist: str,
    outcome: str,
    by: Staff,
    note: str = "",
    next_try_on: dt.date | None = None,
    now: dt.datetime | None = None,
) -> Call:
    """Note one call. It takes nobody off a list; a next try ahead lets the row sink until that day.

    Raises ValidationError by field.
    """
    now = now or timezone.now()
    _require_sense(worklist, outcome, next_try_on, timezone.localdate(now))
    call = Call(
        patient=lock_patient(patient),
        worklist=worklist,
        at=now,
        by=by,
        outcome=outcome,
        note=note.strip(),
        next_try_on=next_try_on,
    )
    call.clean_fields(exclude={"patient", "by"})
    call.save()
    return call


def _require_sense(worklist: str, outcome: str, next_try_on: dt.date | None, today: dt.date) -> None:
    errors = {}
    if worklist not in NOTED_FOR:
        errors["worklist"] = f"“{worklist}” is not one of: {', '.join(NOTED_FOR)}."
    if outcome not in Call.Outcome.values:
        errors["outcome"] = "Say how the call went."
    if next_try_on is not None and next_try_on < today:
        errors["next_try_on"] = "The next try is in the past."
    elif next_try_on is not None and next_try_on > today + TRY_WITHIN:
        errors["next_try_on"] = "The next try is more than a year ahead."
    if errors:
        raise ValidationError(errors)
