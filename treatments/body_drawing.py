"""The body map's drawing: our own outline of a standing figure and of a head, as curves that regions are cut from.

One half is drawn and mirrored. Points are (away from the middle line, down from the top) in the units of a view's box;
regions take whole runs of the outline, so that they meet it, and each other, without a gap.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

Point = tuple[float, float]
Segment = tuple[Point, Point, Point, Point]
"""A cubic curve: from, two handles, to."""

MIDDLE = 200.0
"""Where the middle line stands in every view's box, which is 400 wide."""
STEPS = 8


def smooth(*points: Point) -> tuple[Segment, ...]:
    """A curve through the points (Catmull-Rom, as cubics)."""
    ends = (points[0], *points, points[-1])
    segments = []
    for before, start, end, after in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        first = (start[0] + (end[0] - before[0]) / 6, start[1] + (end[1] - before[1]) / 6)
        second = (end[0] - (after[0] - start[0]) / 6, end[1] - (after[1] - start[1]) / 6)
        segments.append((start, first, second, end))
    return tuple(segments)


def turned(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """The same curve, drawn the other way."""
    return tuple((d, c, b, a) for a, b, c, d in reversed(segments))


def mirrored(segments: tuple[Segment, ...]) -> tuple[Segment, ...]:
    return tuple(tuple((-x, y) for x, y in segment) for segment in segments)  # type: ignore[misc]


def whole(half: tuple[Segment, ...]) -> tuple[Segment, ...]:
    """Both halves of what begins and ends on the middle line, as one shape."""
    return half + turned(mirrored(half))


def path(segments: tuple[Segment, ...], *, closed: bool = True) -> str:
    """As the `d` of an SVG path, in a view's box: one closed shape, or lines of their own.

    In whole units, each curve from where the last one ended: a quarter of the letters, on pages that are read on phones.
    """
    said: list[str] = []
    at: tuple[int, int] | None = None
    for start, *rest in segments:
        if at is None or _rounded(start) != at:
            letter, whence = ("l", at) if at and closed else ("M", (0, 0))
            at = _rounded(start)
            said.append(letter + _pair(at, whence))
        said.append("c" + _joined(_pair(_rounded(point), at) for point in rest))
        at = _rounded(rest[-1])
    return "".join(said) + ("z" if closed else "")


def _rounded(point: Point) -> tuple[int, int]:
    return round(MIDDLE + point[0]), round(point[1])


def _pair(point: tuple[int, int], whence: tuple[int, int]) -> str:
    return _joined(str(there - here) for there, here in zip(point, whence, strict=True))


def _joined(numbers: Iterable[str]) -> str:
    """A minus is space enough."""
    return " ".join(numbers).replace(" -", "-")


def corners(segments: tuple[Segment, ...]) -> list[Point]:
    """The shape as a polygon in a view's box, fine enough to ask what lies in it."""
    found: list[Point] = []
    for (ax, ay), (bx, by), (cx, cy), (dx, dy) in segments:
        for step in range(STEPS + 1):
            t = step / STEPS
            u = 1 - t
            x = u**3 * ax + 3 * u * u * t * bx + 3 * u * t * t * cx + t**3 * dx
            y = u**3 * ay + 3 * u * u * t * by + 3 * u * t * t * cy + t**3 * dy
            found.append((MIDDLE + x, y))
    return found


@dataclass(frozen=True)
class Outline:
    """One half of a figure's outer line, from the top of the head to where it meets the middle line again."""

    drawn: str
    sharp: frozenset[str] = frozenset()
    """Points where the line turns a corner."""

    @cached_property
    def points(self) -> list[tuple[str, Point]]:
        rows = (line.split() for line in self.drawn.strip().splitlines())
        return [(name, (float(x), float(y))) for name, x, y in rows]

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        found: tuple[Segment, ...] = ()
        piece: list[Point] = []
        for name, point in self.points:
            piece.append(point)
            if name in self.sharp:
                found, piece = found + smooth(*piece), [point]
        return found + smooth(*piece)

    def run(self, start: str, end: str) -> tuple[Segment, ...]:
        """The outline from one named point to a later one."""
        names = [name for name, _ in self.points]
        return self.segments[names.index(start) : names.index(end)]

    def at(self, name: str) -> Point:
        return dict(self.points)[name]


FIGURE = Outline(
    """
    top 0 28
    - 22 31
    - 38 44
    - 46 64
    hair 48 82
    - 47 104
    - 43 124
    jaw 32 146
    - 28 160
    nape 30 176
    base 46 190
    - 72 199
    shoulder 93 211
    - 107 234
    - 114 270
    - 118 312
    - 123 350
    - 131 388
    - 139 430
    - 144 468
    wrist 148 500
    - 154 520
    - 158 546
    - 157 574
    - 153 594
    - 147 600
    - 141 595
    - 138 573
    - 136 549
    - 131 557
    - 125 553
    - 122 536
    - 124 518
    palm 128 502
    - 119 464
    - 108 420
    - 102 384
    - 97 346
    - 91 304
    armpit 83 262
    - 82 285
    ribs 79 312
    - 71 352
    waist 67 390
    - 72 428
    belt 82 464
    hip 90 498
    fold 95 540
    - 95 580
    - 89 632
    - 79 688
    above 71 728
    - 67 750
    - 66 772
    below 66 792
    - 71 822
    - 69 856
    - 59 896
    - 50 924
    ankle 46 940
    - 50 955
    - 58 970
    - 54 979
    - 36 981
    - 24 974
    inside 24 942
    - 24 918
    - 20 880
    - 15 838
    - 18 806
    under 21 790
    - 21 768
    - 20 750
    over 19 728
    - 16 680
    - 11 620
    - 6 575
    crotch 0 548
    """,
    frozenset({"jaw", "armpit", "wrist", "palm", "ankle", "inside"}),
)

HEAD = Outline(
    """
    top 0 24
    - 44 29
    - 82 50
    - 108 92
    - 118 134
    hair 119 172
    - 116 214
    - 111 256
    jaw 100 298
    under 87 330
    - 83 356
    side 84 384
    - 98 412
    - 138 436
    end 188 454
    """,
    frozenset({"jaw"}),
)
