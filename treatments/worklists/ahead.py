"""What is booked ahead and cannot stand as it is: to be moved, or given to somebody who is trained."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import TruncDate
from django.utils import timezone

from clinic.hours import Hours
from clinic.models import Staff
from clinic.wording import short_day
from treatments.displaced import TO_COME, Displaced
from treatments.eligibility import is_blocked
from treatments.models import Appointment, TrainingRecord
from treatments.models.appointment import Status
from treatments.worklists.rows import Row


@dataclass(frozen=True)
class _Booked:
    """Of what is booked ahead, no more than its hours ask for: a busy clinic has thousands."""

    appointment: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    room_site: uuid.UUID | None
    room_name: str | None
    room_in_use: bool | None
    practitioner: uuid.UUID
    name: str
    home: uuid.UUID | None
    is_active: bool
    is_practitioner: bool

    @property
    def staff(self) -> Staff:
        return Staff(
            pk=self.practitioner,
            name=self.name,
            site_id=self.home,
            is_active=self.is_active,
            is_practitioner=self.is_practitioner,
        )

    @property
    def room_out(self) -> str:
        return self.room_name or "" if self.room_in_use is False else ""


def to_move(now: dt.datetime) -> list[Row]:
    """Live appointments ahead that lie in an absence, on a closed day or outside hours, or whose practitioner or room is gone.

    Soonest first. Two statements, and a third for the rows where there are any.
    """
    reasons = dict(_reasons(list(_ahead(now))))
    if not reasons:
        return []
    found = _with_people(Appointment.objects.filter(pk__in=reasons))
    return [_row(one, reasons[one.pk], "Call, and move it.") for one in found]


def _ahead(now: dt.datetime) -> Iterator[_Booked]:
    found = Appointment.objects.filter(status__in=TO_COME, starts_at__gte=now).order_by()
    rows = found.values_list(
        "pk",
        "starts_at",
        "ends_at",
        "room__site_id",
        "room__name",
        "room__is_active",
        "practitioner_id",
        "practitioner__name",
        "practitioner__site_id",
        "practitioner__is_active",
        "practitioner__is_practitioner",
    )
    return (_Booked(*row) for row in rows)


def _reasons(booked: list[_Booked]) -> Iterator[tuple[uuid.UUID, str]]:
    """Why each of them cannot stand; nothing of those that can. One statement."""
    if not booked:
        return
    people: dict[uuid.UUID, Staff] = {}
    for one in booked:
        if one.practitioner not in people:
            people[one.practitioner] = one.staff
    days = [one.starts_at.astimezone(dt.UTC).date() for one in booked]
    displaced = Displaced(Hours.load(people.values(), min(days), max(days)))
    for one in booked:
        who = people[one.practitioner]
        blocker = displaced.reason(who, one.starts_at, one.ends_at, room_site=one.room_site, room_out=one.room_out)
        if blocker:
            yield one.appointment, blocker.message


def training_lapses(now: dt.datetime) -> list[Row]:
    """Mesotherapies ahead whose practitioner holds no training that is valid on the day. Soonest first."""
    records = TrainingRecord.objects.standing().filter(staff=OuterRef("practitioner"))
    valid = records.valid_on(OuterRef("day"))
    until = records.filter(valid_until__lt=OuterRef("day")).order_by("-valid_until").values("valid_until")[:1]
    found = (
        Appointment.objects.mesotherapy()
        .filter(status__in=TO_COME, starts_at__gte=now)
        .annotate(day=TruncDate("starts_at"))
        .annotate(is_trained=Exists(valid), trained_until=Subquery(until))
        .filter(is_trained=False)
    )
    step = "A manager renews the training, or move it to somebody who is trained."
    return [_row(one, _lapse(one, timezone.localdate(now)), step) for one in _with_people(found)]


def _lapse(appointment: Appointment, today: dt.date) -> str:
    who, until = appointment.practitioner, appointment.trained_until  # type: ignore[attr-defined]
    if until is None:
        return f"{who} has no mesotherapy training on record for that day."
    return f"{who}'s mesotherapy training {'lapsed' if until < today else 'lapses'} after {short_day(until)}."


def _with_people(found: QuerySet[Appointment]) -> QuerySet[Appointment]:
    return (
        found.select_related("patient", "treatment", "practitioner", "room", "stood_for")
        .annotate(blocked=is_blocked())
        .order_by("starts_at", "pk")
    )


def _row(appointment: Appointment, reason: str, next_step: str) -> Row:
    start = timezone.localtime(appointment.starts_at)
    held = appointment.status == Status.ON_HOLD
    what = f"{appointment.treatment} on {start:%a} {short_day(start.date())}, {start:%H:%M}"
    blocked = held and appointment.blocked  # type: ignore[attr-defined]
    return Row(
        patient=appointment.patient,
        appointment=appointment,
        why=f"{what}{', on hold' if held else ''}: {reason}",
        since=timezone.localdate(appointment.created_at),
        next_step="On hold: cancel it, or move it once clear." if blocked else next_step,
        due=start.date(),
    )
