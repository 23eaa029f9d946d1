"""What happened to a patient, newest first: one list out of what many tables hold, a page at a time.

Each page asks every table for what comes after the same mark, so the number of statements never grows with the history.
Tables that fill a line each are asked together (timeline_said.py).
"""

import datetime as dt
import heapq
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from clinic.models import Staff
from patients.models import Patient
from treatments import timeline_said as said
from treatments.models import Hold, LotUse, Review, Session, SideEffect
from treatments.models.session import AsepsisItem
from treatments.timeline_photos import photo_days, with_photos
from treatments.timeline_said import Part, counted, said_rows

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One thing that happened. `what` names how it is shown; `row` is its record."""

    what: str
    at: dt.datetime
    row: Any


@dataclass(frozen=True)
class Source:
    """A table's part: its rows, by which time they stand in the list, and what orders those of one moment."""

    what: str
    time: str
    tie: str
    rows: Callable[[Patient], QuerySet[Any]]


@dataclass(frozen=True)
class Timeline:
    """`before` is the mark of the next page, "" on the last. `show` are the kinds asked for, () for everything."""

    entries: list[Entry]
    before: str
    show: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mark:
    at: dt.datetime
    rank: int
    key: str


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


def _sessions(patient: Patient) -> QuerySet[Session]:
    return (
        Session.objects.filter(patient=patient)
        .select_related(
            "appointment__treatment", "appointment__stood_for", "appointment__course", "appointment__room",
            "appointment__deviation__decided_by", "practitioner", "finished_by", "skin_check", "error_by",
        )
        .prefetch_related(
            Prefetch("lot_uses", LotUse.objects.select_related("lot__product").order_by("recorded_at", "pk")),
        )
    )  # fmt: skip


def _side_effects(patient: Patient) -> QuerySet[SideEffect]:
    return (
        SideEffect.objects.filter(patient=patient)
        .select_related("recorded_by", "seen_by", "error_by", "closing_review", "session", "reopens", "moved_from")
        .annotate(photo_count=Count("photos"))
    )


def _reviews(patient: Patient) -> QuerySet[Review]:
    return Review.objects.filter(side_effect__patient=patient).select_related("side_effect", "by")


HOLD = Source("hold", "held_from", "appointment_id", _holds)
PHOTOS = Source("photos", "taken_at", "pk", photo_days)
# The order among things of one moment, later ones first: what was held stands above the bruise that held it.
SOURCES: dict[bool, tuple[Source | Part, ...]] = {
    True: (
        said.REFUSAL,
        said.MESSAGE,
        HOLD,
        said.CONSENT,
        said.WITHDRAWN,
        said.CALL,
        said.FOLLOW_UP,
        said.RECALL_TOLD,
        said.SIDE_EFFECT_ERROR,
        said.SESSION_ERROR,
        said.REFERRAL_STEP,
        PHOTOS,
        Source("review", "seen_at", "pk", _reviews),
        Source("side-effect", "recorded_at", "pk", _side_effects),
        said.SKIN_CHECK,
        said.SHEET,
        said.ADDENDUM,
        said.DEVIATION,
        Source("session", "started_at", "pk", _sessions),
        said.MISSED,
    ),
    # Reception reads nothing clinical: visits that took place are appointments to them, not sessions.
    False: (
        HOLD,
        said.CONSENT,
        said.WITHDRAWN,
        said.CALL,
        said.FOLLOW_UP,
        said.RECALL_TOLD_ONLY,
        said.PAST,
    ),
}
# What a reader may ask for alone: its words, and what it shows.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "sessions": ("Sessions", ("session", "addendum", "deviation", "session-error")),
    "side-effects": ("Side effects", ("side-effect", "referral-step", "skin-check", "side-effect-error")),
    "reviews": ("Reviews", ("review",)),
    "photos": ("Photos", ("photos",)),
    "holds": ("Holds", ("hold",)),
    "refusals": ("Refusals", ("refusal",)),
    "visits": ("Missed and cancelled", ("appointment",)),
    "messages": ("Messages", ("message",)),
    "calls": ("Calls", ("call", "follow-up", "recall-told")),
    "consents": ("Consents", ("consent", "consent-withdrawn")),
    "sheets": ("Sheets given", ("sheet",)),
    "deviations": ("Deviations", ("deviation",)),
    "errors": ("Entered in error", ("side-effect-error", "session-error")),
}


def kinds_for(staff: Staff) -> dict[str, str]:
    """The kinds that `staff` may ask for, with their words."""
    clinical = staff.may("read-clinical")
    known = {source.what for source in SOURCES[clinical]}
    found = {kind: words for kind, (words, what) in KINDS.items() if known & set(what)}
    # To reception a visit that took place is one too.
    return found if clinical else found | {"visits": "Visits"}


def how_many(patient: Patient, staff: Staff, show: Collection[str]) -> tuple[int, int]:
    """How many entries the kinds of `show` have, one of two kinds counted once, and how many there are in all. One
    statement, however many there are."""
    found = counted([(source.what, source.rows(patient)) for source in SOURCES[staff.may("read-clinical")]])
    wanted = {what for kind in show for what in KINDS[kind][1]}
    return sum(count for what, count in found.items() if what in wanted), sum(found.values())


def timeline(
    patient: Patient, staff: Staff, *, before: str = "", show: Collection[str] = (), size: int = PAGE
) -> Timeline:
    """The `size` newest entries older than the mark `before`, of what `staff` may read and, named in `show`, asks for.

    A statement a table, and one for all that fill a line. A kind in `show` that they may not read is left out. Raises
    ValueError for a mark that is none.
    """
    sources = SOURCES[staff.may("read-clinical")]
    asked = tuple(kind for kind in kinds_for(staff) if kind in show)
    wanted = {what for kind in asked for what in KINDS[kind][1]}
    mark = _read_mark(before, sources) if before else None
    parts, lists = [], []
    for rank, source in enumerate(sources):
        if wanted and source.what not in wanted:
            continue
        if isinstance(source, Part):
            parts.append((source, rank, _after(source.rows(patient), source.time, "pk", rank, mark, source.read_key)))
        else:
            lists.append(_of_table(source, rank, patient, mark, size + 1))
    lists.append([(at, rank, key, Entry(what, at, row)) for what, rank, at, key, row in said_rows(parts, size + 1)])
    # Each list is newest first already, and at one moment by its rank.
    found = list(heapq.merge(*lists, key=lambda one: (one[0], -one[1]), reverse=True))
    more, found = len(found) > size, found[:size]
    entries = _with_asepsis(with_photos([entry for *_, entry in found]))
    return Timeline(entries, _write_mark(found[-1], sources) if more else "", asked)


Found = tuple[dt.datetime, int, str, Entry]


def _with_asepsis(entries: list[Entry]) -> list[Entry]:
    """Each session with the words of the steps that were taken. One statement; none where there is no session."""
    sessions = [entry.row for entry in entries if entry.what == "session"]
    words = dict(AsepsisItem.objects.values_list("code", "words")) if sessions else {}
    for session in sessions:
        session.asepsis_words = [words.get(code, code) for code in session.asepsis]
    return entries


def _of_table(source: Source, rank: int, patient: Patient, mark: Mark | None, limit: int) -> list[Found]:
    rows = source.rows(patient).order_by(f"-{source.time}", source.tie)
    rows = _after(rows, source.time, source.tie, rank, mark, uuid.UUID)[:limit]
    found = []
    for row in rows:
        at = getattr(row, source.time)
        found.append((at, rank, str(getattr(row, source.tie)), Entry(source.what, at, row)))
    return found


def _after(
    rows: QuerySet[Any], time: str, tie: str, rank: int, mark: Mark | None, read_key: Callable[[str], Any]
) -> QuerySet[Any]:
    """What comes after the mark: older, or of its moment and further down."""
    if mark is None:
        return rows
    after = Q(**{f"{time}__lt": mark.at})
    if rank > mark.rank:
        after |= Q(**{time: mark.at})
    elif rank == mark.rank:
        after |= Q(**{time: mark.at, f"{tie}__gt": read_key(mark.key)})
    return rows.filter(after)


def _write_mark(last: Found, sources: Sequence[Source | Part]) -> str:
    at, rank, key, _ = last
    return f"{at.astimezone(dt.UTC):%Y%m%dT%H%M%S.%fZ}_{sources[rank].what}_{key.replace('-', '')}"


def _read_mark(text: str, sources: Sequence[Source | Part]) -> Mark:
    at, what, key = text.split("_")
    ranks = {source.what: rank for rank, source in enumerate(sources)}
    if what not in ranks:
        raise ValueError("no such source")
    source = sources[ranks[what]]
    (source.read_key if isinstance(source, Part) else uuid.UUID)(key)
    return Mark(dt.datetime.strptime(at, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=dt.UTC), ranks[what], key)
