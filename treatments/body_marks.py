"""What stands on a body map to be read: injected sites by number, side effects by letter, and the same in words.

The picture never says more than the words: each mark has its line, and a point is said in words too (“upper outer part”).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any

from treatments.body_map import THOUSAND, VIEWS, Region, View, find_region, place_words, regions_of
from treatments.models import SideEffect
from treatments.models.session import Technique
from treatments.models.side_effect import Side

STACKED = 34
"""How far below one another marks stand that share a place, in the units of a view's box."""


@dataclass(frozen=True)
class Mark:
    """One sign on the picture: at `x`, `y` in the view's box; an area has its region's `path`."""

    sign: str
    shape: str
    x: float
    y: float
    path: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the list beside the picture. `shape` is site or effect; `kind` a side effect's, for its colour."""

    sign: str
    shape: str
    words: str
    kind: str = ""
    view: str = ""
    marks: tuple[tuple[float, float, str], ...] = ()


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
            Drawn(view, tuple(_apart(here)), _alternative(view, here))
            for view in VIEWS.values()
            if (here := [line for line in lines if line.view == view.code])
        ]


def body_map_of(sites: Sequence[Mapping[str, Any]] = (), side_effects: Iterable[SideEffect] = ()) -> BodyMap:
    """`sites` as a session keeps them; side effects that say where they are."""
    placed = [one for one in side_effects if one.site]
    return BodyMap(
        [_site_line(str(number), entry) for number, entry in enumerate(sites, 1)],
        [_effect_line(letters(number), one) for number, one in enumerate(placed)],
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
    return _line(sign, "site", "", entry, [part for part in told if part])


def _effect_line(sign: str, one: SideEffect) -> Line:
    entry = {"site": one.site, "side": one.side, "view": one.map_view, "x": one.map_x, "y": one.map_y}
    told = [one.get_severity_display().lower() if one.severity else "", "" if one.seen_at else "not yet seen"]
    return _line(sign, "effect", one.kind, entry, [part for part in told if part], before=f"{one.get_kind_display()}: ")


def _line(
    sign: str, shape: str, kind: str, entry: Mapping[str, Any], told: list[str], *, before: str = ""
) -> Line:
    site, side, view = entry.get("site", ""), entry.get("side", ""), entry.get("view") or ""
    place = place_words(site, side, view)
    x, y = entry.get("x"), entry.get("y")
    if view in VIEWS and x is not None and y is not None:
        on = VIEWS[view]
        marks: tuple[tuple[float, float, str], ...] = ((x * on.width / THOUSAND, y * on.height / THOUSAND, ""),)
        told = [_point_words(find_region(view, site, side) or on.region_at(x, y), x, y), *told]
    else:
        regions = regions_of(site, side, view)
        marks = tuple((*region.mark, region.path) for region in regions)
        if not regions:
            told = [*told, _why_not_drawn(side)]
        elif not view and len(_views_showing(site, side)) > 1:
            told = [*told, f"view not recorded, drawn on the {regions[0].view}"]
        view = regions[0].view if regions else ""
    place = place[0].lower() + place[1:] if before else place
    return Line(sign, shape, before + ", ".join([place, *told]), kind, view, marks)


def _why_not_drawn(side: str) -> str:
    return "not on the picture" if side else "side not recorded, so not on the picture"


def _views_showing(site: str, side: str) -> list[str]:
    return [code for code in VIEWS if regions_of(site, side, code)]


def _point_words(region: Region | None, x: int, y: int) -> str:
    """“point, upper outer part”: by thirds of the region; outer is away from the body's middle line."""
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
    return f"point, {said or 'middle'} part"


def _third(value: float, among: list[float]) -> int:
    low, high = min(among), max(among)
    return min(2, max(0, int(3 * (value - low) / (high - low))))


def _apart(lines: list[Line]) -> Iterator[Mark]:
    """Marks that would stand on one another are set below each other."""
    taken: dict[tuple[int, int], int] = {}
    for line in lines:
        for x, y, path in line.marks:
            place = (round(x / STACKED), round(y / STACKED))
            below = taken[place] = taken.get(place, -1) + 1
            yield Mark(line.sign, line.kind and f"effect {line.kind}" or line.shape, x, y + below * STACKED, path)


def _alternative(view: View, lines: list[Line]) -> str:
    said = "; ".join(f"{line.sign}, {line.words}" for line in lines)
    return f"Body map, {view.name.lower()}: {said}."
