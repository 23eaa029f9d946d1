"""The page of the watch: each site's running sums, their limits, and where they were reached."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from clinic.wording import short_day
from treatments.figures.charts import Axis, Line, Plot, Point, Tick, axis_from_zero
from treatments.models import Alert, WatchFigure
from treatments.models.side_effect import Kind

AT_MOST_TICKS = 4


@dataclass(frozen=True)
class Watched:
    figure: WatchFigure
    plot: Plot | None
    alerts: Sequence[Alert]

    @property
    def what(self) -> str:
        return str(Kind(self.figure.kind).label)

    @property
    def now(self) -> int:
        return int(self.figure.line[-1][2]) if self.figure.line else 0

    @property
    def newest(self) -> list[tuple[dt.date, bool, int]]:
        """Every session of the line that is drawn, newest first, for the table."""
        return [(dt.date.fromisoformat(day), bool(had), total) for day, had, total in reversed(self.figure.line)]


def watched() -> list[Watched]:
    """Every site and kind. Two statements."""
    alerts: dict[tuple[Any, str], list[Alert]] = {}
    kinds = {Alert.Kind.BRUISING_UP: Kind.BRUISING, Alert.Kind.INFECTION_UP: Kind.INFECTION}
    for alert in Alert.objects.filter(kind__in=kinds).order_by("-raised_at"):
        alerts.setdefault((alert.site_id, kinds[Alert.Kind(alert.kind)]), []).append(alert)
    figures = WatchFigure.objects.select_related("site").order_by("site__name", "kind")
    return [Watched(one, _plot(one), alerts.get((one.site_id, one.kind), [])[:3]) for one in figures]


def _plot(figure: WatchFigure) -> Plot | None:
    if not figure.line or figure.limit is None:
        return None
    sums = [total for _, _, total in figure.line]
    first = figure.sessions - len(sums) + 1
    every = max(1, len(sums) // AT_MOST_TICKS)
    ticks = [Tick(first + number, _day(day)) for number, (day, _, _) in enumerate(figure.line) if number % every == 0]
    reached = [
        Point(first + number, total, f"{_day(day)}: the limit was reached", kind="alert")
        for number, (day, _, total) in enumerate(figure.line)
        if total >= figure.limit
    ]
    return Plot(
        code=f"watch-{figure.pk}",
        title=f"{Kind(figure.kind).label}, {figure.site.name}: running sum",
        words=f"It stands at {sums[-1]}; the limit is {figure.limit}. {len(reached)} times it was reached in what is drawn.",
        x=Axis("Sessions, in the order in which they began", first, max(first + len(sums) - 1, first + 1), ticks),
        y=axis_from_zero("Running sum", max(figure.limit, *sums) * 1.1),
        lines=[
            Line([(first, figure.limit), (first + len(sums) - 1, figure.limit)], "Limit", "alert"),
            Line([(first + number, total) for number, total in enumerate(sums)], "Running sum", "main", stepped=True),
        ],
        points=reached,
    )


def _day(day: str) -> str:
    return short_day(dt.date.fromisoformat(day))


def _rows(staff: Staff, query: QueryDict) -> Iterable[Row]:
    for one in watched():
        figure = one.figure
        yield (
            figure.site.name, one.what, figure.baseline_sessions, figure.baseline_with, figure.sessions, figure.not_known,
            one.now if figure.limit is not None else None, figure.limit, figure.called_by_chance,
            figure.called_if_doubled, len(figure.crossings),
        )  # fmt: skip


FIGURES_WATCH = ListExport(
    code="figures-watch",
    title="Watch: running sums by site",
    permission="read-figures",
    columns=(
        "Site", "What", "First sessions", "With it among them", "Sessions summed", "Outcome waited for", "Sum", "Limit",
        "Called by chance once in", "Called after, were the odds doubled", "Times the limit was reached",
    ),
    rows=_rows,
    count=lambda staff, query: WatchFigure.objects.count(),
    filter_words=lambda staff, query: "Every site",
)  # fmt: skip
