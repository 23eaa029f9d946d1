"""Is bruising, or suspected infection, commoner at a site than it was? A running sum for each, made from the records.

Watched is each mesotherapy session that stands, at the site its appointment names, in the order in which they began. One
counts once its outcome is known: somebody looked or asked after it (counting.followed_up), or a fortnight has passed. The
sums of a site wait at the first that is neither; those after it wait too, for bruising is told of sooner than none is, and
the early news alone would make the rate look higher than it is.

What is expected is the clinic's own rate, over all sites, in its first sessions (settings.WATCH_BASELINE, from
settings.WATCH_SINCE on); those themselves are not summed. Half a session is added to those with it and one to all, so that a
baseline without any still has a rate. Where the baseline is not reached there is no sum.

At the limit a site's sum begins again at nought, and an alert is raised: for the newest crossing of a site that is in use,
if it is not older than AT_MOST_BEFORE, later than the one raised before, and nobody has still to acknowledge that one. The sums
are of today's records: what is entered in error later changes them, and the alerts that were raised stay.
"""

import datetime as dt
import uuid
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.conf import settings
from django.utils import timezone

from clinic.models import Site
from treatments.alerts import raise_alert
from treatments.figures.counting import followed_up
from treatments.figures.running_sum import Scheme, average_run, doubled, scheme_for
from treatments.models import Alert, Session, SideEffect, WatchFigure
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family

KNOWN_AFTER = dt.timedelta(days=14)
AT_MOST_BEFORE = dt.timedelta(weeks=12)
SHOWN = 300  # sessions of the line that are kept
CROSSINGS_KEPT = 50
ALERTS = {Kind.BRUISING: Alert.Kind.BRUISING_UP, Kind.INFECTION: Alert.Kind.INFECTION_UP}


class _Watched(NamedTuple):
    pk: uuid.UUID
    site: uuid.UUID
    began: dt.datetime
    is_known: bool


@dataclass
class _Sum:
    """One site's sum of one kind, as it grows. `of` and `with_it`: the sessions since it was last at nought."""

    scheme: Scheme
    total: int = 0
    sessions: int = 0
    of: int = 0
    with_it: int = 0
    line: deque[list[Any]] = field(default_factory=lambda: deque(maxlen=SHOWN))
    crossings: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=CROSSINGS_KEPT))

    def take_in(self, session: _Watched, had_it: bool) -> None:
        if self.total == 0:
            self.of = self.with_it = 0
        self.of, self.with_it, self.sessions = self.of + 1, self.with_it + had_it, self.sessions + 1
        self.total = self.scheme.next_sum(self.total, had_it)
        day = timezone.localdate(session.began, timezone.get_default_timezone())
        self.line.append([day.isoformat(), int(had_it), self.total])
        if self.total >= self.scheme.limit:
            self.crossings.append(
                {
                    "number": self.sessions,
                    "session": str(session.pk),
                    "started_at": session.began.isoformat(),
                    "sum": self.total,
                    "of": self.of,
                    "with": self.with_it,
                }
            )
            self.total = 0


def watch(now: dt.datetime | None = None) -> list[Alert]:
    """Make every site's sums from the records again, and raise what has crossed its limit. Run twice, it does it once."""
    now = now or timezone.now()
    figures = _figures(now)
    columns = [f.name for f in WatchFigure._meta.concrete_fields if f.name not in ("id", "site", "kind")]
    WatchFigure.objects.bulk_create(
        figures, update_conflicts=True, unique_fields=["site", "kind"], update_fields=columns
    )
    raised = [_raise(figure, now) for figure in figures if figure.site.is_active and figure.crossings]
    return [alert for alert in raised if alert is not None]


def _figures(now: dt.datetime) -> list[WatchFigure]:
    with_it = {kind: _sessions_with(kind) for kind in ALERTS}
    sessions = _sessions(now)
    baseline = _baseline(sessions)
    sites = {site.pk: site for site in Site.objects.all()}
    is_whole = len(baseline) == settings.WATCH_BASELINE
    schemes = (
        {kind: _scheme(len(baseline), _count(baseline, found)) for kind, found in with_it.items()} if is_whole else {}
    )
    sums = {(site, kind): _Sum(scheme) for site in sites for kind, scheme in schemes.items()}
    not_known = dict.fromkeys(sites, 0)
    for session in sessions if is_whole else ():
        if not session.is_known or not_known[session.site]:
            not_known[session.site] += 1
            continue
        for kind, found in with_it.items():
            sums[session.site, kind].take_in(session, session.pk in found)
    return [
        _figure(sites[site], kind, baseline, found, sums.get((site, kind)), not_known[site], now)
        for site in sorted(sites)
        for kind, found in with_it.items()
    ]


def _baseline(sessions: Iterator[_Watched]) -> list[_Watched]:
    """The first ones, until there are enough or an outcome is waited for."""
    found: list[_Watched] = []
    while len(found) < settings.WATCH_BASELINE:
        session = next(sessions, None)
        if session is None or not session.is_known:
            break
        found.append(session)
    return found


def _count(baseline: list[_Watched], found: set[uuid.UUID]) -> int:
    return sum(session.pk in found for session in baseline)


def expected_rate(of: int, with_it: int) -> float:
    """The baseline's, a little towards a half: nothing in 200 sessions is not never."""
    return (with_it + 0.5) / (of + 1)


def _scheme(of: int, with_it: int) -> Scheme:
    return scheme_for(expected_rate(of, with_it), settings.WATCH_CALLED_BY_CHANCE)


def _sessions_with(kind: str) -> set[uuid.UUID]:
    named = SideEffect.objects.filter(kind=kind, error_at=None).exclude(session=None)
    return set(named.order_by().values_list("session_id", flat=True))


def _sessions(now: dt.datetime) -> Iterator[_Watched]:
    """In the order in which they began; read as they are asked for."""
    begun = (
        Session.objects.standing().filter(family=Family.MESOTHERAPY, started_at__lte=now).order_by("started_at", "pk")
    )
    if settings.WATCH_SINCE is not None:
        first = dt.datetime.combine(settings.WATCH_SINCE, dt.time(), tzinfo=timezone.get_default_timezone())
        begun = begun.filter(started_at__gte=first)
    known_by = now - KNOWN_AFTER
    recent = followed_up(begun.filter(started_at__gt=known_by)).order_by()
    known = set(recent.values_list("pk", flat=True))
    rows = begun.values_list("pk", "appointment__site_id", "started_at")
    for pk, site, began in rows.iterator(chunk_size=5000):
        yield _Watched(pk, site, began, began <= known_by or pk in known)


def _figure(
    site: Site,
    kind: str,
    baseline: list[_Watched],
    found: set[uuid.UUID],
    one: _Sum | None,
    not_known: int,
    now: dt.datetime,
) -> WatchFigure:
    of, with_it = len(baseline), _count(baseline, found)
    figure = WatchFigure(
        site=site, kind=kind, baseline_sessions=of, baseline_with=with_it, not_known=not_known, counted_at=now
    )
    if one is not None:
        rate = expected_rate(of, with_it)
        figure.adds, figure.takes, figure.limit = one.scheme.adds, one.scheme.takes, one.scheme.limit
        figure.called_by_chance = round(average_run(one.scheme, rate))
        figure.called_if_doubled = round(average_run(one.scheme, doubled(rate)))
        figure.sessions, figure.line, figure.crossings = one.sessions, list(one.line), list(one.crossings)
    return figure


def _raise(figure: WatchFigure, now: dt.datetime) -> Alert | None:
    crossing = figure.crossings[-1]
    began = dt.datetime.fromisoformat(crossing["started_at"])
    earlier = list(Alert.objects.filter(kind=ALERTS[Kind(figure.kind)], site=figure.site).order_by("raised_at"))
    told = [dt.datetime.fromisoformat(one.facts["started_at"]) for one in earlier if "started_at" in one.facts]
    if began < now - AT_MOST_BEFORE or any(one >= began for one in told):
        return None
    if any(one.acknowledged_at is None for one in earlier):
        return None
    return raise_alert(
        kind=ALERTS[Kind(figure.kind)],
        key=f"{ALERTS[Kind(figure.kind)]}:{figure.site.pk}:{crossing['session']}",
        reason=_reason(figure, crossing),
        facts={
            "session": crossing["session"],
            "started_at": crossing["started_at"],
            "sum": crossing["sum"],
            "limit": figure.limit,
            "of": crossing["of"],
            "with": crossing["with"],
            "baseline_sessions": figure.baseline_sessions,
            "baseline_with": figure.baseline_with,
            "called_by_chance": figure.called_by_chance,
        },
        site=figure.site,
        now=now,
    )


def _reason(figure: WatchFigure, crossing: dict[str, Any]) -> str:
    what = Kind(figure.kind).label
    return (
        f"{what} after {crossing['with']} of {crossing['of']} mesotherapy sessions in a row at {figure.site.name}; among the "
        f"clinic's first {figure.baseline_sessions} it was {figure.baseline_with}. The running sum reached "
        f"{crossing['sum']}, its limit is {figure.limit}. By chance alone, with nothing changed, that happens about once in "
        f"{figure.called_by_chance:,} sessions: look whether something has changed."
    )
