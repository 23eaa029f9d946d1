"""What happened to a patient, newest first: one list out of what several tables hold, a page at a time.

Each page asks every table for what comes after the same mark, so the number of statements never grows with the history.
"""

import datetime as dt
import heapq
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, Q, QuerySet
from django.utils import timezone

from clinic.models import Staff
from patients.models import Consent, Patient
from treatments.models import Appointment, Call, FollowUp, Hold, Review, Session, SideEffect, SkinCheck
from treatments.models.appointment import Status

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `what` names how it is shown; `row` is its record."""

    what: str
    at: dt.datetime
    row: Any


@dataclass(frozen=True)
class Source:
    """A table's part: its rows, by which time they stand in the list, and what orders those of one moment.

    `known` names what the patient was fetched with (chart.with_what_hangs_on): false, and the table is not asked.
    """

    what: str
    time: str
    tie: str
    rows: Callable[[Patient], QuerySet[Any]]
    known: str = ""


@dataclass(frozen=True)
class Timeline:
    """`before` is the mark of the next page, "" on the last."""

    entries: list[Entry]
    before: str


def _ended(*statuses: str) -> Callable[[Patient], QuerySet[Appointment]]:
    def rows(patient: Patient) -> QuerySet[Appointment]:
        ended = Appointment.objects.filter(patient=patient, status__in=statuses, starts_at__lte=timezone.now())
        return ended.select_related("treatment", "practitioner")

    return rows


def _holds(patient: Patient) -> QuerySet[Hold]:
    # Only what reception may know of the side effect is fetched: that it is there, and its kind.
    return (
        Hold.objects.filter(appointment__patient=patient)
        .select_related("appointment__treatment", "appointment__stood_for", "side_effect", "released_by")
        .only(
            "held_from", "held_until", "released_by__name", "side_effect__kind",
            "appointment__starts_at", "appointment__status", "appointment__treatment__name",
            "appointment__stood_for__name",
        )
    )  # fmt: skip


def _consents(patient: Patient) -> QuerySet[Consent]:
    # With those that stayed under a record merged into this one, which had one of the kind itself.
    own = Q(patient=patient) | Q(patient__merged_into=patient)
    return Consent.objects.filter(own).select_related("patient", "recorded_by", "withdrawn_by")


def _sessions(patient: Patient) -> QuerySet[Session]:
    return Session.objects.filter(patient=patient).select_related(
        "appointment__treatment", "practitioner", "skin_check"
    )


def _side_effects(patient: Patient) -> QuerySet[SideEffect]:
    return (
        SideEffect.objects.filter(patient=patient)
        .select_related("recorded_by", "error_by", "closing_review")
        .annotate(photo_count=Count("photos"))
    )


def _reviews(patient: Patient) -> QuerySet[Review]:
    return Review.objects.filter(side_effect__patient=patient).select_related("side_effect", "by")


def _skin_checks(patient: Patient) -> QuerySet[SkinCheck]:
    # The one a session starts with stands with that session.
    return SkinCheck.objects.filter(patient=patient, session=None).select_related("by")


def _calls(patient: Patient) -> QuerySet[Call]:
    return Call.objects.filter(patient=patient).select_related("by")


def _follow_ups(patient: Patient) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(patient=patient).select_related("by")


FOR_ALL = (
    Source("hold", "held_from", "appointment_id", _holds),
    Source("consent", "given_at", "pk", _consents),
    Source("call", "at", "pk", _calls, known="was_called"),
    Source("follow-up", "asked_at", "pk", _follow_ups, known="was_asked"),
)
# The order among things of one moment, later ones first: what was held stands above the bruise that held it.
SOURCES: dict[bool, tuple[Source, ...]] = {
    True: (
        *FOR_ALL,
        Source("review", "seen_at", "pk", _reviews),
        Source("side-effect", "recorded_at", "pk", _side_effects),
        Source("skin-check", "checked_at", "pk", _skin_checks),
        Source("session", "started_at", "pk", _sessions),
        Source("appointment", "starts_at", "pk", _ended(Status.CANCELLED, Status.NOSHOW)),
    ),
    # Reception reads nothing clinical: visits that took place are appointments to them, not sessions.
    False: (
        *FOR_ALL,
        Source("appointment", "starts_at", "pk", _ended(Status.CANCELLED, Status.NOSHOW, Status.FULFILLED)),
    ),
}


def timeline(patient: Patient, staff: Staff, *, before: str = "", size: int = PAGE) -> Timeline:
    """The `size` newest entries older than the mark `before`, of what `staff` may read.

    One statement a table. Raises ValueError for a mark that is none.
    """
    sources = SOURCES[staff.may("read-clinical")]
    mark = _read_mark(before, len(sources)) if before else None
    found = [_entries(source, rank, patient, mark, size + 1) for rank, source in enumerate(sources)]
    # Each list is newest first already; among equals the earlier source comes first, because merge is stable.
    entries = list(heapq.merge(*found, key=lambda entry: entry.at, reverse=True))
    more, entries = len(entries) > size, entries[:size]
    return Timeline(entries, _write_mark(entries[-1], sources) if more else "")


def _entries(
    source: Source, rank: int, patient: Patient, mark: tuple[dt.datetime, int, uuid.UUID] | None, limit: int
) -> Iterator[Entry]:
    if source.known and not getattr(patient, source.known, True):
        return iter(())
    rows = source.rows(patient).order_by(f"-{source.time}", source.tie)
    if mark is not None:
        at, marked_rank, marked_id = mark
        after = Q(**{f"{source.time}__lt": at})
        if rank > marked_rank:
            after |= Q(**{source.time: at})
        elif rank == marked_rank:
            after |= Q(**{source.time: at, f"{source.tie}__gt": marked_id})
        rows = rows.filter(after)
    return (Entry(source.what, getattr(row, source.time), row) for row in rows[:limit])


def _write_mark(entry: Entry, sources: tuple[Source, ...]) -> str:
    rank = next(rank for rank, source in enumerate(sources) if source.what == entry.what)
    at = entry.at.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{at}_{rank}_{_tie(entry.row, sources[rank]).hex}"


def _tie(row: Model, source: Source) -> uuid.UUID:
    tie: uuid.UUID = getattr(row, source.tie)
    return tie


def _read_mark(text: str, ranks: int) -> tuple[dt.datetime, int, uuid.UUID]:
    at, rank, tie = text.split("_")
    if not 0 <= int(rank) < ranks:
        raise ValueError("no such source")
    return dt.datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=dt.UTC), int(rank), uuid.UUID(tie)
