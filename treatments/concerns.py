"""What reception takes down when a patient calls: what it may be, and always whether there is any bruising."""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from treatments.models import SideEffect
from treatments.models.side_effect import Kind
from treatments.operation import operation
from treatments.side_effects import RED_FLAGS, report_side_effect

YES, NO, NOT_SURE = "yes", "no", "not-sure"
# Both log bruising, as reported: a report counts until a practitioner has looked (DOMAIN.md section 2).
MEANS_BRUISING = (YES, NOT_SURE)


@operation("report-concern")
def report_concern(
    *,
    patient: Patient,
    bruising: str,
    by: Staff,
    kind: str = "",
    onset_on: dt.date | None = None,
    note: str = "",
    red_flags: Collection[str] = (),
    now: dt.datetime | None = None,
) -> SideEffect:
    """Open what was told of, as reported, in one transaction; returns the first opened. Raises ValidationError by field."""
    now = now or timezone.now()
    kinds = _kinds(bruising, kind, red_flags)
    if bruising == NOT_SURE:
        note = f"Asked about bruising: not sure. {note}".strip()
    if kinds == [Kind.INFECTION] and red_flags:
        note = (
            f"Told of: {', '.join(RED_FLAGS[flag].lower() for flag in RED_FLAGS if flag in red_flags)}. {note}".strip()
        )
    opened: list[SideEffect] = []
    for one in kinds:
        # The flags go with the first only: they open one suspected infection, however much else was told.
        flags = [] if opened else red_flags
        opened.append(
            report_side_effect(
                patient=patient, kind=one, onset_on=onset_on, note=note, red_flags=flags, seen=False, by=by, now=now
            )
        )
    return opened[0]


def _kinds(bruising: str, kind: str, red_flags: Collection[str]) -> list[str]:
    if bruising not in (YES, NO, NOT_SURE):
        raise ValidationError({"bruising": "Ask whether there is any bruising or discolouration."})
    kinds: list[str] = [Kind.BRUISING] if bruising in MEANS_BRUISING else []
    if kind and kind not in kinds:
        kinds.append(kind)
    if not kinds and red_flags:
        kinds.append(Kind.INFECTION)
    if not kinds:
        raise ValidationError({"kind": "Choose what it may be; “Other” if nothing fits."})
    return kinds
