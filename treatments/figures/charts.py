"""A chart as numbers that a template only has to write down: scales, ticks, and where each line and point stands.

Server-rendered: no script draws anything, and no style stands in the page, so that the policy holds and print, dark and
a screen reader have the same. The numbers stand beside each chart as a table; `words` says in a sentence what it shows.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

# The drawing's own units; it is scaled to the width of its place.
WIDTH, HEIGHT = 640, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 32, 16, 40
NARROW_LABELS = 6  # on a phone no more than so many ticks of the x axis keep their words


@dataclass(frozen=True)
class Tick:
    """A value of an axis that is named. On a phone only every few keep their words."""

    at: float
    words: str


@dataclass(frozen=True)
class Axis:
    """From `low` to `high`; `name` says what it measures, with its unit."""

    name: str
    low: float
    high: float
    ticks: Sequence[Tick]

    def part(self, value: float) -> float:
        """How far along the axis: 0 to 1; beyond its ends at the end."""
        reach = self.high - self.low
        return min(max((value - self.low) / reach, 0.0), 1.0) if reach else 0.5


@dataclass(frozen=True)
class Line:
    """`kind` is its look in charts.css: main, soft, limit, outer, alert. `stepped`: level until the next point."""

    points: Sequence[tuple[float, float]]
    name: str = ""
    kind: str = "main"
    stepped: bool = False


@dataclass(frozen=True)
class Band:
    """Between two edges: (x, lower, upper)."""

    edges: Sequence[tuple[float, float, float]]
    name: str = ""
    kind: str = "soft"
    stepped: bool = False


@dataclass(frozen=True)
class Point:
    """`words` is its accessible name and what a mouse over it says; `low` and `high` draw an interval, `label` stands beside."""

    x: float
    y: float
    words: str
    label: str = ""
    kind: str = "main"
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class _Named:
    at: float
    words: str
    seldom: bool


@dataclass(frozen=True)
class _Path:
    d: str
    kind: str
    name: str


@dataclass(frozen=True)
class _Mark:
    x: float
    y: float
    low: float | None
    high: float | None
    words: str
    label: str
    label_x: float
    anchor: str
    kind: str


@dataclass(frozen=True)
class Plot:
    """What templates/treatments/charts/plot.html writes down."""

    code: str
    title: str
    words: str
    x: Axis
    y: Axis
    lines: Sequence[Line] = ()
    bands: Sequence[Band] = ()
    points: Sequence[Point] = ()

    width, height = WIDTH, HEIGHT
    left, top, right, bottom = LEFT, TOP, WIDTH - RIGHT, HEIGHT - BOTTOM

    @property
    def x_ticks(self) -> list[_Named]:
        every = max(1, math.ceil(len(self.x.ticks) / NARROW_LABELS))
        return [_Named(self._x(tick.at), tick.words, number % every > 0) for number, tick in enumerate(self.x.ticks)]

    @property
    def y_ticks(self) -> list[_Named]:
        return [_Named(self._y(tick.at), tick.words, False) for tick in self.y.ticks]

    @property
    def drawn_lines(self) -> list[_Path]:
        return [_Path(self._through(line.points, line.stepped), line.kind, line.name) for line in self.lines]

    @property
    def drawn_bands(self) -> list[_Path]:
        return [_Path(self._around(band), band.kind, band.name) for band in self.bands if band.edges]

    @property
    def drawn_points(self) -> list[_Mark]:
        return [self._mark(point) for point in self.points]

    @property
    def legend(self) -> list[_Path]:
        """What has a name: bands, then lines."""
        return [path for path in (*self.drawn_bands, *self.drawn_lines) if path.name]

    @property
    def legend_bands(self) -> list[_Path]:
        return [path for path in self.drawn_bands if path.name]

    @property
    def legend_lines(self) -> list[_Path]:
        return [path for path in self.drawn_lines if path.name]

    def _x(self, value: float) -> float:
        return round(self.left + self.x.part(value) * (self.right - self.left), 1)

    def _y(self, value: float) -> float:
        return round(self.bottom - self.y.part(value) * (self.bottom - self.top), 1)

    def _through(self, points: Sequence[tuple[float, float]], stepped: bool) -> str:
        return " ".join(self._pieces(points, stepped, "M"))

    def _around(self, band: Band) -> str:
        upper = [(x, high) for x, _, high in band.edges]
        lower = (
            _stairs([(x, low) for x, low, _ in band.edges]) if band.stepped else [(x, low) for x, low, _ in band.edges]
        )
        there = self._pieces(upper, band.stepped, "M")
        return " ".join([*there, *self._pieces(lower[::-1], False, "L"), "Z"])

    def _pieces(self, points: Sequence[tuple[float, float]], stepped: bool, first: str) -> list[str]:
        through = _stairs(points) if stepped else points
        return [f"{'L' if number else first}{self._x(x)} {self._y(y)}" for number, (x, y) in enumerate(through)]

    def _mark(self, point: Point) -> _Mark:
        x = self._x(point.x)
        is_right = x > (self.left + self.right) * 0.62
        return _Mark(
            x=x,
            y=self._y(point.y),
            low=None if point.low is None else self._y(point.low),
            high=None if point.high is None else self._y(point.high),
            words=point.words,
            label=point.label,
            label_x=round(x + (-9 if is_right else 9), 1),
            anchor="end" if is_right else "start",
            kind=point.kind,
        )


def _stairs(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Each point with the corner before it: level, then up or down."""
    found: list[tuple[float, float]] = []
    for x, y in points:
        if found:
            found.append((x, found[-1][1]))
        found.append((x, y))
    return found


def round_ticks(high: float, *, at_most: int = 6, unit: str = "") -> list[Tick]:
    """0 and even steps of 1, 2 or 5 (times ten) up to the first one not below `high`; never fewer than two."""
    high = high if high > 0 else 1.0
    step = _step(high / max(at_most - 1, 1))
    count = math.ceil(round(high / step, 9))
    digits = max(0, -math.floor(math.log10(step)))
    return [Tick(round(number * step, digits), f"{number * step:.{digits}f}{unit}") for number in range(count + 1)]


def _step(at_least: float) -> float:
    ten = 10.0 ** math.floor(math.log10(at_least))
    return next(step * ten for step in (1, 2, 5, 10) if step * ten >= at_least * (1 - 1e-9))


def axis_from_zero(name: str, high: float, *, at_most: int = 6, unit: str = "") -> Axis:
    """An axis from 0 to a round number not below `high`."""
    ticks = round_ticks(high, at_most=at_most, unit=unit)
    return Axis(name, 0.0, ticks[-1].at, ticks)


@dataclass(frozen=True)
class Bar:
    """A rate with its interval on a common scale: charts/interval.html. All in hundredths of the width."""

    low: float
    high: float
    at: float
    clinic: float | None

    @property
    def width(self) -> float:
        return round(self.high - self.low, 2)


def interval_bar(axis: Axis, low: float, at: float, high: float, clinic: float | None = None) -> Bar:
    """`clinic` draws the whole clinic's rate as a line to compare with."""

    def place(value: float) -> float:
        return round(axis.part(value) * 100, 2)

    return Bar(place(low), place(high), place(at), None if clinic is None else place(clinic))
