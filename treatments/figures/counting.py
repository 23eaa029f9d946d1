"""A month's counts out of the records, in nine statements however many sessions it has.

Counted are mesotherapy sessions that stand (not entered in error), by the month in which they began on the clock of the
site that their appointment names. A session counts once for a kind of side effect, however many of it: so a rate is one
of sessions, and Wilson's interval holds. Only side effects that name the session count, and none entered in error. At a
body site the sessions are those that injected there, and the side effects those of the same site.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import BooleanField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from treatments.figures.months import begun_in
from treatments.models import FollowUp, LotUse, MonthFigure, Review, Session, SideEffect, SkinCheck
from treatments.models.figure import Divided
from treatments.models.side_effect import BodySite, Kind
from treatments.models.treatment import Family

COLUMNS = ("sessions", "followed_up", *Kind.values)
Cell = tuple[str, str]  # how divided, and the value: an id or a body site's code
Counts = dict[Cell, dict[str, int]]
_NEVER = dt.datetime(9999, 1, 1, tzinfo=dt.UTC)
# A session has one of each, so that one statement's cells add up to all four.
_ONE_EACH = {
    Divided.CLINIC_SITE: "appointment__site",
    Divided.TREATMENT: "appointment__treatment",
    Divided.PRACTITIONER: "practitioner",
}
_OF_LOTS = {Divided.LOT: "lot", Divided.PRODUCT: "lot__product"}


class Injected(Func):
    """Did the session (`sites`, its JSON) inject at this body site?"""

    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, **more: Any) -> tuple[str, Any]:  # type: ignore[override]
        (sites, of_sites), (site, of_site) = (compiler.compile(one) for one in self.get_source_expressions())
        if connection.vendor == "postgresql":
            sql = f"({sites} @> jsonb_build_array(jsonb_build_object('site', ({site})::text)))"
        else:
            sql = f"EXISTS (SELECT 1 FROM json_each({sites}) AS one WHERE json_extract(one.value, '$.site') = {site})"  # noqa: S608  (both are compiled expressions)
        return sql, [*of_sites, *of_site]


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
    _count_sessions(counts, begun)
    _count_of_lots(counts, begun)
    _count_body_sites(counts, begun)
    return dict(counts)


def _asked(begun: QuerySet[Session]) -> QuerySet[Session, uuid.UUID]:
    return followed_up(begun).values_list("pk", flat=True)


def _effects(begun: QuerySet[Session]) -> QuerySet[SideEffect]:
    return SideEffect.objects.filter(error_at=None, session__in=begun.values("pk")).order_by()


def _count_sessions(counts: Counts, begun: QuerySet[Session]) -> None:
    rows = begun.values_list(*_ONE_EACH.values()).annotate(
        n=Count("pk"), asked=Count("pk", filter=Q(pk__in=_asked(begun)))
    )
    for *values, sessions, asked in rows:
        for cell in _cells(values):
            counts[cell]["sessions"] += sessions
            counts[cell]["followed_up"] += asked
    through = [f"session__{name}" for name in _ONE_EACH.values()]
    for *values, kind, sessions in _by_kind(_effects(begun), *through):
        for cell in _cells(values):
            counts[cell][kind] += sessions


def _cells(values: Iterable[uuid.UUID]) -> list[Cell]:
    return [(Divided.ALL, ""), *((divided, str(value)) for divided, value in zip(_ONE_EACH, values, strict=True))]


def _by_kind(effects: QuerySet[SideEffect], *by: str) -> QuerySet[SideEffect, Any]:
    return effects.values_list(*by, "kind").annotate(n=Count("session", distinct=True))


def _count_of_lots(counts: Counts, begun: QuerySet[Session]) -> None:
    """A session with two lots counts at each, and once at a product that both are of."""
    uses = LotUse.objects.filter(session__in=begun.values("pk")).order_by()
    asked = Count("session", distinct=True, filter=Q(session__in=_asked(begun)))
    for divided, name in _OF_LOTS.items():
        for value, *found in uses.values_list(name).annotate(n=Count("session", distinct=True), asked=asked):
            counts[divided, str(value)].update(zip(COLUMNS, found, strict=False))
        used = _effects(begun).filter(session__lot_uses__isnull=False)
        for value, kind, sessions in _by_kind(used, f"session__lot_uses__{name}"):
            counts[divided, str(value)][kind] = sessions


def _count_body_sites(counts: Counts, begun: QuerySet[Session]) -> None:
    at = {code: Q(Injected(F("sites"), Value(code))) for code in BodySite.values}
    asked = Q(pk__in=_asked(begun))
    wanted = {f"n_{code}": Count("pk", filter=here) for code, here in at.items()}
    wanted |= {f"asked_{code}": Count("pk", filter=here & asked) for code, here in at.items()}
    found = begun.aggregate(**wanted)
    for code in BodySite.values:
        if found[f"n_{code}"]:
            counts[Divided.BODY_SITE, code] |= {"sessions": found[f"n_{code}"], "followed_up": found[f"asked_{code}"]}
    # A side effect where the session did not inject has no sessions to stand over.
    injected = _effects(begun).filter(Injected(F("session__sites"), F("site")))
    for code, kind, sessions in _by_kind(injected, "site"):
        counts[Divided.BODY_SITE, code][kind] = sessions


def as_figures(month: dt.date, counts: Counts) -> list[MonthFigure]:
    return [MonthFigure(month=month, divided=divided, value=value, **of) for (divided, value), of in counts.items()]
