"""What the pages of figures show: tiles, rows with their bars, the months as a line, the funnel."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from clinic.models import Refusal
from treatments.eligibility import RULE_CODES
from treatments.figures.charts import Axis, Band, Bar, Line, Plot, Point, Tick, axis_from_zero, interval_bar
from treatments.figures.filter import Asked
from treatments.figures.months import midnight, next_month, zones
from treatments.figures.rates import Rate, Row, by_month, by_name
from treatments.figures.statistics import FEWEST, Limits, funnel_limits, funnel_sizes
from treatments.models import SideEffect
from treatments.models.figure import Divided


@dataclass(frozen=True)
class Drawn:
    """A row with its bar; none under FEWEST sessions, where only the number is shown."""

    row: Row
    bar: Bar | None


def drawn(rows: Sequence[Row], clinic: Rate) -> list[Drawn]:
    """On one scale, with the clinic's rate as a line to compare with."""
    shown = [row.rate for row in rows if row.rate.is_shown]
    axis = axis_from_zero("Per 100 sessions", max((rate.high for rate in shown), default=10.0))
    line = clinic.per_100 if clinic.is_shown else None
    return [
        Drawn(
            row, interval_bar(axis, row.rate.low, row.rate.per_100, row.rate.high, line) if row.rate.is_shown else None
        )
        for row in rows
    ]


def months_plot(asked: Asked) -> Plot | None:
    """The clinic's rate month by month with its interval; None where no month has sessions enough."""
    rows = by_month(asked)
    points = [
        Point(number, row.rate.per_100, _said(row, asked), low=row.rate.low, high=row.rate.high)
        for number, row in enumerate(rows)
        if row.rate.is_shown
    ]
    if not points:
        return None
    highest = max(point.high or 0 for point in points)
    return Plot(
        code="months",
        title=f"{asked.side_effect.capitalize()} per 100 sessions, by month",
        words=f"{len(points)} months with {FEWEST} sessions or more; the numbers stand in the table.",
        x=Axis(
            "Month", -0.5, len(rows) - 0.5, [Tick(number, _short(row, number, rows)) for number, row in enumerate(rows)]
        ),
        y=axis_from_zero("Per 100 sessions, with 95 % interval", highest),
        points=points,
    )


def _short(row: Row, number: int, rows: Sequence[Row]) -> str:
    """“Dec”; with its year where a year begins, and for the first unless one begins right after it."""
    begins = row.name.startswith("Jan ")
    alone = number == 0 and not any(next_.name.startswith("Jan ") for next_ in rows[1:3])
    return row.name if begins or alone else row.name.split()[0]


def _said(row: Row, asked: Asked) -> str:
    rate = row.rate
    return f"{row.name}: {rate.having} of {rate.sessions} with {asked.side_effect}, {rate.per_100:.1f} per 100"


@dataclass(frozen=True)
class Placed:
    """A practitioner beside the funnel. `where` is "" within 95 %, else which line they lie beyond."""

    row: Row
    limits: Limits | None
    where: str

    @property
    def lower_per_100(self) -> float:
        return 100 * self.limits.lower if self.limits else 0.0

    @property
    def upper_per_100(self) -> float:
        return 100 * self.limits.upper if self.limits else 0.0

    @property
    def lower_outer_per_100(self) -> float:
        return 100 * self.limits.lower_outer if self.limits else 0.0

    @property
    def upper_outer_per_100(self) -> float:
        return 100 * self.limits.upper_outer if self.limits else 0.0


def practitioners(asked: Asked, clinic: Rate) -> list[Placed]:
    """By name. Who has few sessions is not placed."""
    return [_placed(row, clinic) for row in by_name(asked, Divided.PRACTITIONER)]


def _placed(row: Row, clinic: Rate) -> Placed:
    if not (row.rate.is_shown and clinic.is_shown):
        return Placed(row, None, "")
    limits = funnel_limits(clinic.per_100 / 100, row.rate.sessions)
    part = row.rate.having / row.rate.sessions
    if not limits.lower_outer <= part <= limits.upper_outer:
        return Placed(row, limits, "outside the 99.8 % limits")
    if not limits.lower <= part <= limits.upper:
        return Placed(row, limits, "outside the 95 % limits")
    return Placed(row, limits, "")


def funnel(asked: Asked, clinic: Rate, placed: Sequence[Placed]) -> Plot | None:
    """Each practitioner at their number of sessions, and how far chance alone would carry them from the clinic's rate."""
    shown = [one for one in placed if one.limits is not None]
    if not shown:
        return None
    largest = max(one.row.rate.sessions for one in shown)
    limits = [funnel_limits(clinic.per_100 / 100, size) for size in funnel_sizes(largest)]
    top = max([*(100 * one.upper_outer for one in limits), *(one.row.rate.per_100 for one in shown)])
    return Plot(
        code="funnel",
        title=f"{asked.side_effect.capitalize()} per 100 sessions and practitioner, around the clinic’s rate",
        words=f"{len(shown)} practitioners; {_outside(shown)}. The numbers stand in the table.",
        x=axis_from_zero("Sessions", largest),
        y=axis_from_zero("Per 100 sessions", top),
        bands=[
            Band([(one.of, 100 * one.lower_outer, 100 * one.upper_outer) for one in limits], "99.8 % limits", "outer"),
            Band([(one.of, 100 * one.lower, 100 * one.upper) for one in limits], "95 % limits", "soft"),
        ],
        lines=[Line([(FEWEST, clinic.per_100), (largest, clinic.per_100)], "The clinic’s rate", "limit")],
        points=[
            Point(
                one.row.rate.sessions,
                one.row.rate.per_100,
                f"{one.row.name}: {_said(one.row, asked).split(': ', 1)[1]}" + (f", {one.where}" if one.where else ""),
                one.row.name,
                "outside" if one.where else "main",
            )
            for one in shown
        ],
    )


def _outside(shown: Sequence[Placed]) -> str:
    beyond = sum(bool(one.where) for one in shown)
    return "all within the limits" if not beyond else f"{beyond} outside the 95 % limits"


def refused_by_the_rule(asked: Asked) -> int:
    """Attempts in these months that the rule itself refused."""
    first, last = _ends(asked)
    return Refusal.objects.filter(at__gte=first, at__lt=last, code__in=RULE_CODES).count()


def tied_to_no_session(asked: Asked) -> int:
    """Side effects of that kind and time that name no session: they stand in no rate."""
    first, last = _ends(asked)
    found = SideEffect.objects.filter(kind=asked.kind, session=None, error_at=None)
    return found.filter(recorded_at__gte=first, recorded_at__lt=last).count()


def _ends(asked: Asked) -> tuple[dt.datetime, dt.datetime]:
    """On the clock of the first site: of the months' edges no more is asked here."""
    zone = next(iter(zones()), "UTC")
    return midnight(asked.since, zone), midnight(next_month(asked.until), zone)
