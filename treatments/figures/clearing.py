"""How long bruises recorded here took to be found gone: each bruise's two days, and the estimate made from them.

Day 0 is the day on which it began, or where nobody knows that the day it was taken down; both on the clinic's own clock (the
setting TIME_ZONE), in whole days. A bruise was still there on the last day on which somebody looked and found it so, and gone
by the day of the look that closed it. An open one counts as not gone until its last look, not until today: nobody has looked
since. Seen again after it was found gone, it is the same bruise still, from the first entry on.

Left out, and counted, are those that nobody of the clinic saw while they were there: told of and not found at the first look,
or not seen yet. Entered in error is none.
"""

import datetime as dt
import uuid
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from treatments.figures.turnbull import Bracket, Estimate, Step, turnbull
from treatments.models import ClearingFigure, SideEffect
from treatments.models.review import Finding
from treatments.models.side_effect import Kind

# Under so many bruises only the numbers are shown, and nothing is suggested from them.
FEWEST = 20
Stratum = tuple[str, int]  # a body site's code or "" for all, a severity or 0 for all
_DAYS = 5  # places that an estimate is kept and compared to


@dataclass
class Cleared:
    """One bruise, with all that names it as seen again. `bracket` is None where nobody saw it while it was there."""

    site: str
    severity: int
    bracket: Bracket | None


@dataclass(frozen=True)
class _Entry:
    pk: uuid.UUID
    reopens: uuid.UUID | None
    site: str
    severity: int | None
    began: dt.date
    seen_at: dt.datetime | None
    last_there: dt.datetime | None
    closed_at: dt.datetime | None

    @property
    def was_seen(self) -> bool:
        """While it was there: a look that found it gone at once saw none."""
        return self.seen_at is not None and (self.closed_at is None or self.seen_at < self.closed_at)


def rebuild_clearing(*, now: dt.datetime | None = None) -> int:
    """Make the estimates from the records again; any number of workers may at once. Returns how many there are."""
    made = _figures(cleared_bruises(), now or timezone.now())
    kept = {(one.body_site, one.severity) for one in made}
    columns = ["bruises", "gone", "left_out", "half_by_day", "curve", "counted_at"]
    with transaction.atomic():
        ClearingFigure.objects.bulk_create(
            made, update_conflicts=True, unique_fields=["body_site", "severity"], update_fields=columns
        )
        over = [
            pk for pk, *of in ClearingFigure.objects.values_list("pk", "body_site", "severity") if tuple(of) not in kept
        ]
        ClearingFigure.objects.filter(pk__in=over).delete()
    return len(made)


def clearing_differences() -> list[str]:
    """Where what is kept differs from the records now, a sentence each."""
    kept = {(one.body_site, one.severity): _told(one) for one in ClearingFigure.objects.all()}
    right = {(one.body_site, one.severity): _told(one) for one in _figures(cleared_bruises(), timezone.now())}
    return [
        f"Time to clear, {site or 'all sites'}, {f'severity {severity}' if severity else 'any severity'}: "
        f"kept {kept.get((site, severity), 'nothing')}, by the records {right.get((site, severity), 'nothing')}."
        for site, severity in sorted(kept.keys() | right.keys())
        if kept.get((site, severity)) != right.get((site, severity))
    ]


def _told(figure: ClearingFigure) -> tuple[Any, ...]:
    curve = [[after, until, round(gone, _DAYS)] for after, until, gone in figure.curve]
    return figure.bruises, figure.gone, figure.left_out, figure.half_by_day, curve


def _figures(bruises: Iterable[Cleared], now: dt.datetime) -> list[ClearingFigure]:
    """Sorted, so that two workers write them in the same order. The whole clinic's is always there."""
    brackets: dict[Stratum, list[Bracket]] = defaultdict(list)
    left_out: Counter[Stratum] = Counter()
    for bruise in bruises:
        for stratum in {(site, severity) for site in ("", bruise.site) for severity in (0, bruise.severity)}:
            if bruise.bracket is None:
                left_out[stratum] += 1
            else:
                brackets[stratum].append(bruise.bracket)
    strata = sorted({("", 0)} | brackets.keys() | left_out.keys())
    return [_figure(stratum, brackets.get(stratum, []), left_out[stratum], now) for stratum in strata]


def _figure(stratum: Stratum, brackets: list[Bracket], left_out: int, now: dt.datetime) -> ClearingFigure:
    estimate = turnbull(brackets)
    half = estimate.half()
    curve: list[list[Any]] = [[step.after, step.until, round(step.gone, _DAYS)] for step in estimate.steps]
    if estimate.known_until is not None:
        curve.append([estimate.known_until, None, 1.0])
    return ClearingFigure(
        body_site=stratum[0],
        severity=stratum[1],
        bruises=len(brackets),
        gone=sum(until is not None for _, until in brackets),
        left_out=left_out,
        half_by_day=half.until if half else None,
        curve=curve,
        counted_at=now,
    )


def estimate_of(figure: ClearingFigure) -> Estimate:
    """What was kept, as the estimate it was made from."""
    steps = tuple(Step(after, until, gone) for after, until, gone in figure.curve if until is not None)
    known_until = next((after for after, until, _ in figure.curve if until is None), None)
    return Estimate(steps, known_until)


def cleared_bruises() -> list[Cleared]:
    """Every bruise on record, in one statement."""
    entries = _entries()
    firsts = {one.pk: one for one in entries}
    together: dict[uuid.UUID, list[_Entry]] = defaultdict(list)
    for one in entries:
        first = one
        while first.reopens in firsts:
            first = firsts[first.reopens]
        together[first.pk].append(one)
    return [_cleared(firsts[first], all_of) for first, all_of in together.items()]


def _entries() -> list[_Entry]:
    zone = timezone.get_default_timezone()
    there = Max("reviews__seen_at", filter=~Q(reviews__finding=Finding.GONE))
    rows = (
        SideEffect.objects.filter(kind=Kind.BRUISING, error_at=None)
        .annotate(last_there=there)
        .order_by("recorded_at", "pk")
        .values_list(
            "pk",
            "reopens_id",
            "site",
            "severity",
            "onset_on",
            "recorded_at",
            "seen_at",
            "last_there",
            "closing_review__seen_at",
        )
    )
    return [
        _Entry(pk, reopens, site, severity, onset or timezone.localdate(recorded, zone), seen, last, closed)
        for pk, reopens, site, severity, onset, recorded, seen, last, closed in rows.iterator(chunk_size=5000)
    ]


def _cleared(first: _Entry, entries: list[_Entry]) -> Cleared:
    """Where the first entry does not say the site or how severe it was, a later one may."""
    site = next((one.site for one in entries if one.site), "")
    severity = next((one.severity for one in entries if one.severity), 0)
    return Cleared(site, severity or 0, _bracket(first.began, entries))


def _bracket(began: dt.date, entries: list[_Entry]) -> Bracket | None:
    looks = [look for one in entries if one.was_seen for look in (one.seen_at, one.last_there) if look is not None]
    if not looks:
        return None
    zone = timezone.get_default_timezone()
    # A day of beginning that was only about right can lie after a look; and nothing was gone before it began.
    after = max(0, *((timezone.localdate(look, zone) - began).days for look in looks))
    closings = [one.closed_at for one in entries]
    if any(closed is None for closed in closings):
        return after, None
    gone = max((timezone.localdate(closed, zone) - began).days for closed in closings if closed is not None)
    # Still there in the morning and gone in the evening is that day's bracket, in whole days.
    until = max(0, gone)
    return min(after, until - 1), until
