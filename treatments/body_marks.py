"""What stands on a body map to be read: injected sites by number, side effects by letter, and the same in words.

The picture never says more than the words: each mark has its line, and a point is said in words too (“in the upper outer part”).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from treatments.body_map import THOUSAND, VIEWS, Region, View, find_region, place_words, regions_of
from treatments.models import SideEffect
from treatments.models.session import Technique
from treatments.models.side_effect import BodySite, Side

SITE, EFFECT = "site", "effect"
POINT = 0.85
"""How large a point's mark is beside an area's."""


@dataclass(frozen=True)
class Mark:
    """One sign on the picture: at `x`, `y` in the view's box; an area has its region's `path`.

    A site is a filled disc, a side effect an open diamond: told apart without colour, and on paper.
    """

    sign: str
    shape: str
    kind: str
    x: float
    y: float
    size: int
    path: str = ""

    @property
    def is_effect(self) -> bool:
        return self.shape == EFFECT

    @property
    def at(self) -> tuple[str, str]:
        """As text, so that no language puts a comma in it."""
        return f"{self.x:.0f}", f"{self.y:.0f}"

    @property
    def outline(self) -> str:
        reach = self.size * 1.35
        return f"M{self.x:.0f} {self.y - reach:.0f}l{reach:.0f} {reach:.0f} {-reach:.0f} {reach:.0f} {-reach:.0f} {-reach:.0f}z"

    @property
    def letters(self) -> int:
        return round(self.size * (1.25 if len(self.sign) < 2 else 1))  # noqa: PLR2004

    @property
    def foot(self) -> str:
        """Where the sign's letters stand, so that they are in the middle: WeasyPrint knows no dominant-baseline."""
        return f"{self.y + self.letters * 0.36:.0f}"


@dataclass(frozen=True)
class Line:
    """One line of the list beside the picture. `shape` is SITE or EFFECT; `kind` a side effect's, for its colour."""

    sign: str
    shape: str
    words: str
    kind: str = ""
    view: str = ""
    marks: tuple[tuple[float, float, str], ...] = ()
    of: SideEffect | None = None


@dataclass(frozen=True)
class Drawn:
    """One view with its marks, and all of it in one sentence."""

    view: View
    marks: tuple[Mark, ...]
    alternative: str


@dataclass(frozen=True)
class BodyMap:
    sites: list[Line] = field(default_factory=list)
    effects: list[Line] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.sites or self.effects)

    @property
    def drawn(self) -> list[Drawn]:
        """The views on which something stands."""
        lines = [*self.sites, *self.effects]
        return [
            Drawn(view, tuple(_apart(view, here)), _alternative(view, here))
            for view in VIEWS.values()
            if (here := [line for line in lines if line.view == view.code])
        ]


def body_map_of(sites: Sequence[Mapping[str, Any]] = (), side_effects: Iterable[SideEffect] = ()) -> BodyMap:
    """`sites` as a session keeps them. Who says no place has a line, and no mark."""
    return BodyMap(
        [_site_line(str(number), entry) for number, entry in enumerate(sites, 1)],
        [_effect_line(letters(number), one) for number, one in enumerate(side_effects)],
    )


def letters(number: int) -> str:
    """A, B … Z, AA, AB …"""
    rest, last = divmod(number, 26)
    return (letters(rest - 1) if rest else "") + ascii_uppercase[last]


def _site_line(sign: str, entry: Mapping[str, Any]) -> Line:
    technique = entry.get("technique", "")
    told = [
        str(Technique(technique).label).lower() if technique in Technique.values else technique,
        f"{entry['depth_mm']} mm deep" if entry.get("depth_mm") else "",
        f"needle {entry['needle']}" if entry.get("needle") else "",
        f"{entry['volume_ml']} ml" if entry.get("volume_ml") else "",
    ]
    return _line(sign, SITE, "", entry, [part for part in told if part])


def _effect_line(sign: str, one: SideEffect) -> Line:
    entry = {"site": one.site, "side": one.side, "view": one.map_view, "x": one.map_x, "y": one.map_y}
    told = [one.get_severity_display().lower() if one.severity else "", "" if one.seen_at else "not yet seen"]
    return _line(sign, EFFECT, one.kind, entry, [part for part in told if part], of=one)


def _line(
    sign: str, shape: str, kind: str, entry: Mapping[str, Any], told: list[str], *, of: SideEffect | None = None
) -> Line:
    site, side, view = entry.get("site", ""), entry.get("side", ""), entry.get("view") or ""
    place = place_words(site, side, view) or "site not recorded"
    x, y = entry.get("x"), entry.get("y")
    if view in VIEWS and x is not None and y is not None:
        on = VIEWS[view]
        marks: tuple[tuple[float, float, str], ...] = ((x * on.width / THOUSAND, y * on.height / THOUSAND, ""),)
        told = [_point_words(find_region(view, site, side) or on.region_at(x, y), x, y), *told]
    else:
        regions = regions_of(site, side, view)
        marks = tuple((*region.mark, region.path) for region in regions)
        if site and not regions:
            told = [*told, _why_not_drawn(site, side)]
        elif not view and len(_views_showing(site, side)) > 1:
            told = [*told, f"view not recorded, drawn on the {regions[0].view}"]
        view = regions[0].view if regions else ""
    before = f"{of.get_kind_display()}: " if of else ""
    place = place[0].lower() + place[1:] if of else place
    return Line(sign, shape, before + ", ".join([place, *told]), kind, view, marks, of)


def _why_not_drawn(site: str, side: str) -> str:
    return "not on the picture" if side or site == BodySite.OTHER else "side not recorded, so not on the picture"


def _views_showing(site: str, side: str) -> list[str]:
    return [code for code in VIEWS if regions_of(site, side, code)]


def _point_words(region: Region | None, x: int, y: int) -> str:
    """“point in the upper outer part”: by thirds of the region; outer is away from the body's middle line."""
    if region is None or not region.holds(x, y):
        return "point"
    across = [cx * THOUSAND / VIEWS[region.view].width for cx, _ in region.polygon]
    down = [cy * THOUSAND / region.height for _, cy in region.polygon]
    third = _third(y, down)
    height = ("upper", "", "lower")[third]
    toward = _third(x, across)
    if region.side == Side.MIDDLE:
        names = ("right", "", "left") if VIEWS[region.view].left_is_right else ("left", "", "right")
    else:
        names = ("inner", "", "outer") if sum(across) / len(across) > THOUSAND / 2 else ("outer", "", "inner")
    said = " ".join(part for part in (height, names[toward]) if part)
    return f"point in the {said} part" if said else "point in the middle"


def _third(value: float, among: list[float]) -> int:
    low, high = min(among), max(among)
    return min(2, max(0, int(3 * (value - low) / (high - low))))


def _apart(view: View, lines: list[Line]) -> Iterator[Mark]:
    """A point stands smaller, and just where it is; areas that share a middle have their marks below one another."""
    placed: list[tuple[float, float]] = []
    apart = view.mark_size * 2.2
    for line in lines:
        for x, y, path in line.marks:
            while path and any(abs(x - at) < apart and abs(y - down) < apart for at, down in placed):
                y += apart
            placed.append((x, y))
            size = view.mark_size if path else round(view.mark_size * POINT)
            yield Mark(line.sign, line.shape, line.kind, x, y, size, path)


def _alternative(view: View, lines: list[Line]) -> str:
    said = "; ".join(f"{line.sign}, {line.words}" for line in lines)
    return f"Body map, {view.name.lower()}: {said}."
