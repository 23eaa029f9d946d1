"""The page of time to clear: the curve as far as looks can tell it, and its numbers by day."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from treatments.figures.charts import Band, Line, Plot, axis_from_zero
from treatments.figures.clearing import FEWEST, estimate_of
from treatments.figures.turnbull import Estimate
from treatments.models import ClearingFigure
from treatments.models.side_effect import BodySite, Severity

DAYS = (1, 2, 3, 5, 7, 9, 11, 14, 21, 28)
LONGEST_DRAWN = 42  # days


class ClearingFilter(forms.Form):
    site = forms.ChoiceField(label="Where", required=False, choices=[("", "All sites"), *BodySite.choices])
    severity = forms.TypedChoiceField(required=False, coerce=int, choices=[("", "All"), *Severity.choices])

    def asked(self) -> tuple[str, int]:
        """A body site's code and a severity; all where a field cannot be read."""
        known = self.cleaned_data if self.is_valid() else {}
        return known.get("site") or "", known.get("severity") or 0


@dataclass(frozen=True)
class ByDay:
    """Between which two parts of 100 were gone by the end of that day."""

    day: int
    low: float
    high: float

    @property
    def is_one(self) -> bool:
        return round(self.low) == round(self.high)


@dataclass(frozen=True)
class Clearing:
    """`figure` is None where no such bruise is on record."""

    figure: ClearingFigure | None
    where: str

    @property
    def is_shown(self) -> bool:
        return self.figure is not None and self.figure.bruises >= FEWEST

    @property
    def still_open(self) -> int:
        return self.figure.bruises - self.figure.gone if self.figure else 0

    @property
    def half(self) -> str:
        """“between day 7 and day 9”: looks only bracket it. "" where half were never found gone."""
        step = estimate_of(self.figure).half() if self.figure else None
        if step is None:
            return ""
        return (
            f"by day {step.until}" if step.until - step.after <= 1 else f"between day {step.after} and day {step.until}"
        )

    @property
    def by_day(self) -> list[ByDay]:
        estimate = estimate_of(self.figure) if self.figure else Estimate(())
        rows = (ByDay(day, *(100 * part for part in estimate.gone_by(day))) for day in DAYS)
        return [row for row in rows if estimate.known_until is None or row.day <= estimate.known_until]


def clearing(site: str, severity: int) -> Clearing:
    figure = ClearingFigure.objects.filter(body_site=site, severity=severity).first()
    parts = [BodySite(site).label.lower() if site else "all sites"]
    if severity:
        parts.append(Severity(severity).label.lower())
    return Clearing(figure, ", ".join(parts))


def clearing_plot(found: Clearing) -> Plot | None:
    """The curve with the stretches on which the estimate does not say; None where too few are on record."""
    if not found.is_shown or found.figure is None:
        return None
    estimate = estimate_of(found.figure)
    if not estimate.steps:
        return None
    last = min(max(step.until for step in estimate.steps), LONGEST_DRAWN)
    line, boxes = _drawn(estimate, last)
    return Plot(
        code="clearing",
        title=f"Time to clear, {found.where}",
        words=f"Half were gone {found.half or 'on no day that is known'}; the numbers stand in the table.",
        x=axis_from_zero("Days since it began", last),
        y=axis_from_zero("Gone, of 100", 100),
        bands=[Band(boxes, "Between two looks: not known when")],
        lines=[Line(line, "Gone at least, by the end of that day", stepped=True)],
    )


def _drawn(estimate: Estimate, last: int) -> tuple[list[tuple[float, float]], list[tuple[float, float, float]]]:
    """The steps, and beside each a box: between its two days nothing says where the rise lies, so none is drawn there."""
    line: list[tuple[float, float]] = [(0, 0)]
    boxes: list[tuple[float, float, float]] = []
    low = 0.0
    for step in (one for one in estimate.steps if one.until <= last):
        high = 100 * step.gone
        boxes += [(step.after, low, low), (step.after, low, high), (step.until, low, high), (step.until, high, high)]
        line.append((step.until, high))
        low = high
    return [*line, (last, low)], boxes


def _asked_for(query: QueryDict) -> QuerySet[ClearingFigure]:
    """Of the site and of the severity that were chosen; with none chosen, each by itself and all together."""
    site, severity = ClearingFilter(query).asked()
    chosen: dict[str, Any] = {name: value for name, value in (("body_site", site), ("severity", severity)) if value}
    return ClearingFigure.objects.filter(**chosen).order_by("body_site", "severity")


def _words(staff: Staff, query: QueryDict) -> str:
    site, severity = ClearingFilter(query).asked()
    where = str(BodySite(site).label) if site else "Every site"
    return f"{where}, {Severity(severity).label.lower() if severity else 'every severity'}"


def _rows(staff: Staff, query: QueryDict) -> Iterable[Row]:
    for figure in _asked_for(query):
        found = clearing(figure.body_site, figure.severity)
        cells = [f"{row.low:.0f}" if row.is_one else f"{row.low:.0f} to {row.high:.0f}" for row in found.by_day]
        cells += [""] * (len(DAYS) - len(cells))
        yield (
            BodySite(figure.body_site).label if figure.body_site else "All sites",
            Severity(figure.severity).label if figure.severity else "All",
            figure.bruises, figure.gone, found.still_open, figure.left_out,
            found.half if found.is_shown else "", *(cells if found.is_shown else [""] * len(DAYS)),
        )  # fmt: skip


TIME_TO_CLEAR = ListExport(
    code="time-to-clear",
    title="Time to clear of bruises recorded here (Turnbull’s estimate)",
    permission="read-figures",
    columns=(
        "Where", "Severity", "Bruises", "Found gone", "Still open", "Left out", "Half were gone",
        *(f"Gone by day {day}, of 100" for day in DAYS),
    ),
    rows=_rows,
    count=lambda staff, query: _asked_for(query).count(),
    filter_words=_words,
)  # fmt: skip
