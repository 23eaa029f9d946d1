"""From a lot to every session, patient and side effect that it was used in.

A side effect follows a use where it names that session; or where it names none, is the same patient's, and began (or was
recorded, where nobody knows) within twelve weeks after it. That is a question to look at, never a cause.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db.models import Count, DateField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, TruncDate
from django.http import QueryDict
from django.utils import timezone

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from treatments.models import Lot, LotUse, Session, SideEffect
from treatments.models.side_effect import Kind

FOLLOWS_WITHIN = dt.timedelta(days=84)
ALL, WITH_SIDE_EFFECTS, WITH_INFECTIONS = "", "side-effects", "infections"
ONLY = {ALL: "All sessions", WITH_SIDE_EFFECTS: "With side effects", WITH_INFECTIONS: "With a suspected infection"}


@dataclass(frozen=True)
class Traced:
    """One use, with the side effects that followed it; those entered in error too, which the page strikes through."""

    use: LotUse
    side_effects: list[SideEffect]


@dataclass(frozen=True)
class Reach:
    """How far a lot went. Sessions and side effects entered in error are counted apart."""

    sessions: int
    patients: int
    side_effects: int
    in_error: int
    running: list[Session]


def uses_of(lot: Lot, *, only: str = ALL) -> QuerySet[LotUse]:
    """Newest first, in an order that `keyset_page` can go on from."""
    found = LotUse.objects.filter(lot=lot).select_related("session__patient", "session__practitioner")
    found = found.select_related("session__appointment__room")
    if only != ALL:
        found = found.filter(_followed(**({"kind": Kind.INFECTION} if only == WITH_INFECTIONS else {})))
    return found.order_by("-used_on", "-recorded_at", "-id")


def _followed(**of: str) -> Q:
    standing = SideEffect.objects.filter(error_at=None, **of).order_by()
    untied = standing.filter(session=None, patient=OuterRef("session__patient")).annotate(day=day_of_onset())
    latest = ExpressionWrapper(OuterRef("used_on") + FOLLOWS_WITHIN, output_field=DateField())
    return Q(Exists(standing.filter(session=OuterRef("session")))) | Q(
        Exists(untied.filter(day__gte=OuterRef("used_on"), day__lte=latest))
    )


def day_of_onset() -> Coalesce:
    """The day it began; the day it was recorded where nobody knows."""
    return Coalesce("onset_on", TruncDate("recorded_at"))


def traced(uses: Iterable[LotUse]) -> list[Traced]:
    """Each with what followed it. One statement, however many."""
    uses = list(uses)
    sessions = [use.session_id for use in uses]
    untied = Q(session=None, patient__in={use.session.patient_id for use in uses})
    found = SideEffect.objects.filter(Q(session__in=sessions) | untied).order_by("recorded_at", "pk")
    tied: dict[uuid.UUID, list[SideEffect]] = defaultdict(list)
    loose: dict[uuid.UUID, list[SideEffect]] = defaultdict(list)
    for one in found if uses else ():
        (tied[one.session_id] if one.session_id else loose[one.patient_id]).append(one)
    return [
        Traced(
            use,
            tied[use.session_id] + [one for one in loose[use.session.patient_id] if _began_within(one, use.used_on)],
        )
        for use in uses
    ]


def _began_within(side_effect: SideEffect, used_on: dt.date) -> bool:
    day = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    return used_on <= day <= used_on + FOLLOWS_WITHIN


def side_effects_after(lot: Lot) -> QuerySet[SideEffect]:
    """Those that followed a use of the lot, not entered in error."""
    uses = LotUse.objects.filter(lot=lot, session__error_at=None)
    earliest = ExpressionWrapper(OuterRef("day") - FOLLOWS_WITHIN, output_field=DateField())
    before = uses.filter(session__patient=OuterRef("patient"), used_on__lte=OuterRef("day"), used_on__gte=earliest)
    standing = SideEffect.objects.filter(error_at=None).annotate(day=day_of_onset())
    tied = Q(session__in=uses.values("session"))
    # Named first, so that only these patients' side effects are looked at.
    untied = Q(session=None, patient__in=uses.values("session__patient"))
    return standing.filter(tied | untied).filter(Q(session__isnull=False) | Q(Exists(before)))


def reach_of(lot: Lot) -> Reach:
    """Three statements."""
    standing = Q(session__error_at=None)
    counted = LotUse.objects.filter(lot=lot).aggregate(
        sessions=Count("pk", filter=standing),
        patients=Count("session__patient", filter=standing, distinct=True),
        in_error=Count("pk", filter=~standing),
    )
    running = Session.objects.standing().filter(finished_at=None, lot_uses__lot=lot)
    return Reach(
        **counted,
        side_effects=side_effects_after(lot).count(),
        running=list(running.select_related("patient", "practitioner", "appointment__room").order_by("started_at")),
    )


def with_use_counts(lots: QuerySet[Lot]) -> QuerySet[Lot]:
    """Each with `used`: in how many sessions, those entered in error left out."""
    return lots.annotate(used=Count("uses", filter=Q(uses__session__error_at=None))).order_by("-received_at", "pk")


# --- As a file -----------------------------------------------------------------------------------------------------------
AT_A_TIME = 500


def _rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    waiting: list[LotUse] = []
    visible = Lot.objects.visible_to(staff).filter(
        pk__in=[str(query["lot"])] if _is_id(str(query.get("lot", ""))) else []
    )
    for lot in visible:
        for use in uses_of(lot, only=only_asked(query)).iterator(chunk_size=AT_A_TIME):
            waiting.append(use)
            if len(waiting) == AT_A_TIME:
                yield from _cells(waiting)
                waiting = []
    yield from _cells(waiting)


def only_asked(query: QueryDict) -> str:
    """Which sessions of a lot; all of them for a word that is none."""
    return only if (only := query.get("only", ALL)) in ONLY else ALL


def _is_id(said: str) -> bool:
    try:
        uuid.UUID(said)
    except ValueError:
        return False
    return True


def _cells(uses: list[LotUse]) -> Iterator[Row]:
    for row in traced(uses):
        session = row.use.session
        room = session.appointment.room
        followed = ", ".join(one.get_kind_display() for one in row.side_effects if one.error_at is None)
        yield (
            row.use.used_on, row.use.volume_ml, session.patient.number, str(session.patient), session.practitioner.name,
            room.name if room else "", followed, session.error_at is not None,
        )  # fmt: skip


def _words(staff: Staff, query: QueryDict) -> str:
    lot = (
        Lot.objects.visible_to(staff).filter(pk=str(query["lot"])).first()
        if _is_id(str(query.get("lot", "")))
        else None
    )
    if lot is None:
        return "No lot"
    only = only_asked(query)
    return f"{lot}, {ONLY[only].lower()}" if only else str(lot)


LOT_USES = ListExport(
    code="lot-uses",
    title="Where a lot was used",
    permission="receive-lots",
    columns=(
        "Used on",
        "Volume, ml",
        "Record number",
        "Patient",
        "Practitioner",
        "Room",
        "Side effects after it",
        "Entered in error",
    ),
    rows=_rows,
    count=lambda staff, query: None,
    filter_words=_words,
)
