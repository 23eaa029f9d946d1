"""What is taken down when a patient calls: what it may be, and always whether there is any bruising."""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import short_day
from patients.models import Patient
from treatments.calls import record_call
from treatments.models import Call, Session, SideEffect
from treatments.models.contact import CONCERN
from treatments.models.side_effect import Kind
from treatments.opening import RED_FLAGS
from treatments.operation import operation
from treatments.side_effects import report_side_effect

YES, NO, NOT_SURE = "yes", "no", "not-sure"
# Both log bruising, as reported: a report counts until a practitioner has looked (DOMAIN.md section 2).
MEANS_BRUISING = (YES, NOT_SURE)
# A raised bump that hurts is not the small, painless one that the source expects: due at once.
PAINFUL_LUMP = "painful-lump"
ASKED = RED_FLAGS | {PAINFUL_LUMP: "A lump that is painful to touch"}


@operation("report-concern")
def report_concern(
    *,
    patient: Patient,
    bruising: str,
    by: Staff,
    kind: str = "",
    onset_on: dt.date | None = None,
    onset_is_about: bool = False,
    note: str = "",
    red_flags: Collection[str] = (),
    session: Session | None = None,
    same_as: SideEffect | None = None,
    now: dt.datetime | None = None,
) -> SideEffect:
    """Open what was told of, as reported, in one transaction; returns the first opened. Raises ValidationError by field.

    `same_as` is an open bruise that the patient speaks of: no second entry is made of it. The words are kept as a call,
    and it is to be looked at again (worklists `reported`).
    """
    now = now or timezone.now()
    infected = [flag for flag in red_flags if flag != PAINFUL_LUMP]
    painful = PAINFUL_LUMP in red_flags
    kinds = _kinds(bruising, kind, painful)
    if same_as is not None:
        _tell_again(same_as, patient, bruising, note, by, now)
        kinds.remove(Kind.BRUISING)
    if not kinds and infected:
        kinds = [Kind.INFECTION]
    if not kinds and same_as is None:
        if not note.strip():
            raise ValidationError({"kind": "Choose what it may be, or write down what was told."})
        kinds = [Kind.OTHER]
    opened: list[SideEffect] = []
    for one in kinds:
        # The flags go with the first only: they open one suspected infection, however much else was told.
        side_effect = report_side_effect(
            patient=patient,
            kind=one,
            onset_on=onset_on,
            onset_is_about=onset_is_about,
            note=_words(one, bruising, note, infected if kinds == [Kind.INFECTION] else []),
            red_flags=[] if opened else infected,
            painful_to_touch=True if painful and one == Kind.SWELLING else None,
            session=session,
            seen=False,
            by=by,
            now=now,
        )
        opened.append(side_effect)
    return opened[0] if opened else same_as  # type: ignore[return-value]


def _kinds(bruising: str, kind: str, painful: bool) -> list[str]:
    if bruising not in (YES, NO, NOT_SURE):
        raise ValidationError({"bruising": "Ask whether there is any bruising or discolouration."})
    told = [Kind.BRUISING if bruising in MEANS_BRUISING else "", kind, Kind.SWELLING if painful else ""]
    return [one for one in dict.fromkeys(told) if one]


def _words(kind: str, bruising: str, note: str, infected: Collection[str]) -> str:
    if infected:
        named = ", ".join(RED_FLAGS[flag].lower() for flag in RED_FLAGS if flag in infected)
        note = f"Told of: {named}. {note}"
    if bruising == NOT_SURE:
        note = f"Asked about bruising: not sure. {note}"
    return note.strip()


def _tell_again(same_as: SideEffect, patient: Patient, bruising: str, note: str, by: Staff, now: dt.datetime) -> None:
    if bruising not in MEANS_BRUISING:
        raise ValidationError({"same_as": "You have answered that there is no bruising."})
    of_theirs = SideEffect.objects.open().filter(patient=patient, kind=Kind.BRUISING)
    if not of_theirs.filter(pk=same_as.pk).exists():
        raise ValidationError({"same_as": "That bruise is not open any more. Report it anew."})
    if len(note.strip()) > 250:
        raise ValidationError({"note": "Keep the words on a bruise that is on record already to 250 characters."})
    sure = "" if bruising == YES else "not sure; "
    words = note.strip() or f"{sure}the bruise on record since {short_day(_since(same_as))}."
    record_call(patient=patient, worklist=CONCERN, outcome=Call.Outcome.REACHED, note=f"Rang: {words}", by=by, now=now)


def _since(side_effect: SideEffect) -> dt.date:
    return side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
