"""A month's counts out of the records, in four statements however many sessions it has.

Counted are mesotherapy sessions that stand (not entered in error), by the month in which they began on the clock of the
site that their appointment names. A session counts once for a kind of side effect, however many of it: so a rate is one
of sessions, and Wilson's interval holds. Only side effects that name the session count, and none entered in error. At a
body site the sessions are those that injected there, and the side effects those of the same site.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from treatments.figures.months import begun_in
from treatments.models import FollowUp, LotUse, MonthFigure, Review, Session, SideEffect, SkinCheck
from treatments.models.figure import Divided
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family

COLUMNS = ("sessions", "followed_up", *Kind.values)
Cell = tuple[str, str]  # how divided, and the value: an id or a body site's code
Counts = dict[Cell, dict[str, int]]
_NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
# A session has one of each.
_ONE_EACH = {
    Divided.CLINIC_SITE: "appointment__site",
    Divided.TREATMENT: "appointment__treatment",
    Divided.PRACTITIONER: "practitioner",
}


def followed_up(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Those after which somebody looked or asked, before the patient's next mesotherapy began (or until now).

    A side effect taken down, a look at one, “no side effects seen”, or a call with the answer. Not the skin check that a
    session begins with: weeks later it would make every session but the last seem followed up. Nor a row closed unasked.
    """
    own = {"patient": OuterRef("patient")}
    after = Session.objects.standing().filter(family=Family.MESOTHERAPY, started_at__gt=OuterRef("started_at"), **own)
    sessions = sessions.alias(next_at=Coalesce(Subquery(after.order_by("started_at").values("started_at")[:1]), _NEVER))

    def between(column: str) -> Q:
        return Q(**{f"{column}__gte": OuterRef("started_at"), f"{column}__lt": OuterRef("next_at")})

    standing = SideEffect.objects.filter(error_at=None)
    looks = Review.objects.filter(
        between("seen_at"), side_effect__patient=OuterRef("patient"), side_effect__error_at=None
    )
    checks = SkinCheck.objects.filter(between("checked_at"), session=None, **own)
    return sessions.filter(
        Q(Exists(standing.filter(session=OuterRef("pk"))))
        | Q(Exists(standing.filter(between("recorded_at"), **own)))
        | Q(Exists(looks))
        | Q(Exists(checks))
        | Q(Exists(FollowUp.objects.filter(session=OuterRef("pk"))))
        | Q(Exists(FollowUp.objects.filter(between("asked_at"), **own)))
    )


def count_month(month: dt.date, of_zones: Sequence[str]) -> Counts:
    """Every cell that has a session; the whole clinic's always. `of_zones`: months.zones()."""
    begun = begun_in(month, of_zones)
    counts: Counts = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    counts[Divided.ALL, ""]["sessions"] += 0
    cells = _cells(begun)
    asked = set(followed_up(begun).values_list("pk", flat=True))
    for session, of_session in cells.items():
        for cell in of_session:
            counts[cell]["sessions"] += 1
            counts[cell]["followed_up"] += session in asked
    for _, cell, kind in set(_effects(begun, cells)):
        counts[cell][kind] += 1
    return dict(counts)


def _cells(begun: QuerySet[Session]) -> dict[uuid.UUID, set[Cell]]:
    """Where each session counts. One with two lots counts at each, and once at a product that both are of."""
    cells: dict[uuid.UUID, set[Cell]] = {}
    for session, sites, *values in begun.values_list("pk", "sites", *_ONE_EACH.values()):
        cells[session] = {(Divided.ALL, "")}
        cells[session] |= {(divided, str(value)) for divided, value in zip(_ONE_EACH, values, strict=True)}
        cells[session] |= {(Divided.BODY_SITE, place["site"]) for place in sites}
    uses = LotUse.objects.filter(session__in=begun.values("pk")).order_by()
    for session, lot, product in uses.values_list("session", "lot", "lot__product"):
        # One begun since the last statement counts the next time.
        if session in cells:
            cells[session] |= {(Divided.LOT, str(lot)), (Divided.PRODUCT, str(product))}
    return cells


def _effects(
    begun: QuerySet[Session], cells: dict[uuid.UUID, set[Cell]]
) -> Iterator[tuple[uuid.UUID | None, Cell, str]]:
    """Each side effect of those sessions with every cell it counts at, as often as it was logged."""
    found = SideEffect.objects.filter(error_at=None, session__in=begun.values("pk")).order_by()
    for session, kind, site in found.values_list("session", "kind", "site"):
        for divided, value in cells.get(session, ()):
            # Where the session did not inject there are no sessions to stand over.
            if divided != Divided.BODY_SITE or value == site:
                yield session, (divided, value), kind


def as_figures(month: dt.date, counts: Counts) -> list[MonthFigure]:
    return [MonthFigure(month=month, divided=divided, value=value, **of) for (divided, value), of in counts.items()]
