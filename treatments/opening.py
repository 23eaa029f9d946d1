"""A side effect is opened: what must make sense of it, what it puts on hold, and whether it is on record already."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.history import note_change, save_by
from clinic.models import Staff
from clinic.refusals import NeedsConfirmation
from clinic.wording import short_day
from patients.models import Patient
from treatments.body_map import misplaced
from treatments.messages import queue_messages
from treatments.models import Appointment, SideEffect
from treatments.models.message import MessageKind
from treatments.models.side_effect import Kind, Side
from treatments.signals import raise_signals_of

# By whoever reported, any of these opens a suspected infection at once (DOMAIN.md section 2).
RED_FLAGS = {
    "spreading-redness": "Redness that spreads",
    "fever": "Fever",
    "pus": "Pus",
}


class LikelyTheSame(NeedsConfirmation):
    """One of the kind is open at that place already; nothing was logged. A review of it may be what is meant."""

    code = "likely-the-same"

    def __init__(self, found: Sequence[SideEffect], by: Staff) -> None:
        super().__init__(" ".join(f"{open_words(one, by)}: is this the same one?" for one in found))
        self.found = list(found)
        self.details = {"side_effects": [str(one.pk) for one in found]}


def open_words(side_effect: SideEffect, reader: Staff) -> str:
    """“Bruising at the left thigh is open since 3 Nov”; the place only for who may read clinical notes."""
    since = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    where = f" at the {side_effect.where}" if side_effect.where and reader.may("read-clinical") else ""
    about = "about " if side_effect.onset_is_about else ""
    return f"{side_effect.get_kind_display()}{where} is open since {about}{short_day(since)}"


def require_none_like_it(
    patient: Patient, kinds: Collection[str], site: str, side: str, not_the_same: Collection[uuid.UUID], by: Staff
) -> None:
    """Raises LikelyTheSame, but for those of which somebody has said that they are another one.

    For who may not read clinical notes any open one of the kind is: the answer would tell them the place otherwise.
    """
    still_open = SideEffect.objects.open().filter(patient=patient, kind__in=kinds).exclude(pk__in=not_the_same)
    anywhere = not by.may("read-clinical")
    found = [one for one in still_open.order_by("recorded_at", "pk") if anywhere or _same_place(one, site, side)]
    if found:
        raise LikelyTheSame(found, by)


def _same_place(one: SideEffect, site: str, side: str) -> bool:
    """A place that nobody has said may be any."""
    if "" not in (one.site, site) and one.site != site:
        return False
    return one.side == side or bool({"", Side.BOTH} & {one.side, side})


def open_side_effect(side_effect: SideEffect, by: Staff) -> SideEffect:
    """Saved, with what it holds: guard (b) puts the appointments on hold, here they get their history and messages.

    A suspected infection is held against earlier ones at once.
    """
    save_by(side_effect, by)
    held = list(Appointment.objects.filter(holds__side_effect=side_effect).select_related("patient").order_by("pk"))
    note_change(held, by, reason=f"put on hold: {side_effect.kind}")
    queue_messages(held, MessageKind.HOLD, side_effect.recorded_at)
    if side_effect.kind == Kind.INFECTION:
        raise_signals_of(side_effect, now=side_effect.recorded_at)
    return side_effect


def open_infection(
    beside: SideEffect,
    red_flags: Collection[str],
    by: Staff,
    *,
    at: dt.datetime,
    seen: bool,
) -> SideEffect | None:
    """A suspected infection beside what was reported or looked at; None where one is open already.

    It began with what is opened in the same moment; found at a later look, nobody knows when.
    """
    if SideEffect.objects.open().filter(patient=beside.patient_id, kind=Kind.INFECTION).exists():
        return None
    together = beside.recorded_at == at
    infection = SideEffect(
        patient=beside.patient,
        session=beside.session,
        kind=Kind.INFECTION,
        site=beside.site,
        side=beside.side,
        map_view=beside.map_view,
        map_x=beside.map_x,
        map_y=beside.map_y,
        onset_on=beside.onset_on if together else None,
        onset_is_about=beside.onset_is_about and together,
        note=f"Told of: {named(red_flags)}.",
        red_flags=in_order(red_flags),
        recorded_at=at,
        recorded_by=by,
        seen_at=at if seen else None,
        seen_by=by if seen else None,
    )
    return open_side_effect(infection, by)


def in_order(red_flags: Collection[str]) -> list[str]:
    return [flag for flag in RED_FLAGS if flag in red_flags]


def named(red_flags: Collection[str]) -> str:
    """“redness that spreads, fever”"""
    return ", ".join(RED_FLAGS[flag].lower() for flag in in_order(red_flags))


def require_known_flags(red_flags: Collection[str]) -> None:
    if unknown := [flag for flag in red_flags if flag not in RED_FLAGS]:
        raise ValidationError({"red_flags": f"“{unknown[0]}” is not one of: {', '.join(RED_FLAGS)}."})


def require_sense(side_effect: SideEffect, now: dt.datetime) -> None:
    """Raises ValidationError by field: days, session, place on the map, and what it reopens must fit together."""
    errors = _wrong_days(side_effect, now) | _wrong_session(side_effect) | _wrong_mark(side_effect)
    old = side_effect.reopens
    if old is not None and (old.patient_id != side_effect.patient_id or old.kind != side_effect.kind or old.is_open):
        errors["reopens"] = "It can only reopen a closed side effect of the same kind and patient."
    if errors:
        raise ValidationError(errors)


def _wrong_days(side_effect: SideEffect, now: dt.datetime) -> dict[str, str]:
    onset = side_effect.onset_on
    if onset is None:
        wrong = {"onset_is_about": "About which day? Give one, or leave it as not known."}
        return wrong if side_effect.onset_is_about else {}
    if onset > timezone.localdate(now):
        return {"onset_on": "The onset is in the future."}
    if onset < side_effect.patient.date_of_birth:
        return {"onset_on": "The onset is before the patient was born."}
    return {}


def _wrong_session(side_effect: SideEffect) -> dict[str, str]:
    session, onset = side_effect.session, side_effect.onset_on
    if session is None:
        return {}
    if session.patient_id != side_effect.patient_id:
        return {"session": "That session was another patient's."}
    if session.error_at is not None:
        return {"session": "That session was entered in error. Choose another, or leave it out."}
    # “About” may be off by a day or two, so it is not held against the session.
    if onset is not None and not side_effect.onset_is_about and onset < timezone.localdate(session.started_at):
        return {"session": "It began before that session. Leave the session out, or correct the day."}
    return {}


def _wrong_mark(side_effect: SideEffect) -> dict[str, str]:
    wrong = misplaced(side_effect.site, side_effect.side, side_effect.map_view, side_effect.map_x, side_effect.map_y)
    return {"map_view": wrong} if wrong else {}
