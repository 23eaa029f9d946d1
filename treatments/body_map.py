"""The body map: where on the body something was injected or seen. Left and right are always the patient's.

A view (front, back, face) has regions, each a site of BodySite on one side or across the middle. Within one view no two
regions share site and side, so that an area needs no more than these to be found again. A point adds x and y, in
thousandths of the view's width and height.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Any

from treatments import body_regions
from treatments.body_drawing import MIDDLE, Point, corners, mirrored, path
from treatments.models.side_effect import BodySite, Side

WIDTH = int(MIDDLE * 2)
THOUSAND = 1000
LEAST_DEPTH_MM, MOST_DEPTH_MM = Decimal("0.1"), Decimal(30)
LONGEST_NEEDLE = 30
VOLUME = re.compile(r"[0-9]{1,4}(\.[0-9]{1,2})?")
PAIRED = (BodySite.ARM, BodySite.BUTTOCK, BodySite.CALF, BodySite.FLANK, BodySite.KNEE, BodySite.THIGH)


@dataclass(frozen=True)
class Region:
    """`path` is the `d` of an SVG path; `centre` is where its mark stands, in thousandths of the view."""

    code: str
    view: str
    site: str
    side: str
    name: str
    path: str = field(repr=False)
    polygon: tuple[Point, ...] = field(repr=False)
    height: int = field(repr=False)

    @cached_property
    def centre(self) -> tuple[int, int]:
        x, y = _middle_of(self.polygon)
        return round(x * THOUSAND / WIDTH), round(y * THOUSAND / self.height)

    @property
    def mark(self) -> tuple[float, float]:
        """The centre in the units of the view's box."""
        return self.centre[0] * WIDTH / THOUSAND, self.centre[1] * self.height / THOUSAND

    def holds(self, x: int, y: int) -> bool:
        return _lies_in(self.polygon, (x * WIDTH / THOUSAND, y * self.height / THOUSAND))


@dataclass(frozen=True)
class View:
    code: str
    name: str
    height: int
    outline: str
    features: str
    regions: tuple[Region, ...]

    @property
    def width(self) -> int:
        return WIDTH

    @property
    def left_is_right(self) -> bool:
        """Seen from the front, the patient's left is on the picture's right."""
        return self.code != "back"

    def region_at(self, x: int, y: int) -> Region | None:
        """The region that a point lies in, x and y in thousandths; None beside the body, on a hand or a foot."""
        return next((region for region in self.regions if region.holds(x, y)), None)


def find_region(view: str, site: str, side: str) -> Region | None:
    return _BY_PLACE.get((view, site, side))


def regions_of(site: str, side: str = "", view: str = "") -> tuple[Region, ...]:
    """What to mark for an area: on its own view, else on the first that shows it. Empty where no picture would be true."""
    if view:
        return _on(view, site, side)
    return next((found for code in VIEWS if (found := _on(code, site, side))), ())


def _on(view: str, site: str, side: str) -> tuple[Region, ...]:
    wanted = (Side.LEFT, Side.RIGHT) if side == Side.BOTH else (side,)
    found = tuple(region for one in wanted if (region := find_region(view, site, one)))
    return found if len(found) == len(wanted) else ()


def place_words(site: str, side: str = "", view: str = "") -> str:
    """“Left thigh, front”; “Thigh, both sides, back”; without a view, as it was written: “Left thigh”."""
    if side and (region := find_region(view, site, side)):
        return region.name
    label = str(BodySite(site).label) if site in BodySite.values else site
    seen = ", " + view if view in ("front", "back") and _needs_view(site) else ""
    if side == Side.BOTH:
        return f"{label}, both sides{seen}"
    if side == Side.MIDDLE:
        return f"{label}, middle{seen}" if site not in PAIRED else f"{label}{seen}"
    return f"{side.capitalize()} {label.lower()}{seen}" if side else f"{label}{seen}"


def require_place(entry: Mapping[str, Any]) -> None:
    """An entry of a session's sites says something that can be: view, point, depth, needle, volume. Raises ValueError."""
    _require_point(entry)
    depth, needle, volume = entry.get("depth_mm"), entry.get("needle", ""), entry.get("volume_ml")
    if depth not in (None, "") and not _is_depth(depth):
        raise ValueError(f"“{depth}” is no depth: it is in millimetres, from {LEAST_DEPTH_MM} to {MOST_DEPTH_MM}.")
    if needle is not None and (not isinstance(needle, str) or len(needle) > LONGEST_NEEDLE):
        raise ValueError(f"Write the needle in at most {LONGEST_NEEDLE} characters, such as “30G 4 mm”.")
    if volume not in (None, "") and not _is_volume(volume):
        raise ValueError(f"“{volume}” is no volume: it is in millilitres, such as 0.5.")


def _require_point(entry: Mapping[str, Any]) -> None:
    view, x, y = entry.get("view") or "", entry.get("x"), entry.get("y")
    if view and view not in VIEWS:
        raise ValueError(f"“{view}” is no view of the body map: {', '.join(VIEWS)}.")
    if (x is None) != (y is None):
        raise ValueError("A point on the body map has an x and a y; one of them is missing.")
    if x is None:
        return
    if not view:
        raise ValueError(f"A point on the body map needs its view: {', '.join(VIEWS)}.")
    for name, value in (("x", x), ("y", y)):
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= THOUSAND:
            raise ValueError(f"“{value}” is no {name} on the body map: a whole number from 0 to {THOUSAND}.")


def _is_depth(depth: object) -> bool:
    if isinstance(depth, bool) or not isinstance(depth, str | int | float | Decimal):
        return False
    try:
        number = Decimal(str(depth))
    except InvalidOperation:
        return False
    return number.is_finite() and LEAST_DEPTH_MM <= number <= MOST_DEPTH_MM


def _is_volume(volume: object) -> bool:
    return isinstance(volume, str) and VOLUME.fullmatch(volume) is not None and Decimal(volume) > 0


# --- The map itself ----------------------------------------------------------------------------------------------------


def _name(view: str, site: str, side: str) -> str:
    label = str(BodySite(site).label)
    if site == BodySite.UNDER_THE_CHIN:
        return f"{label}, {'middle' if side == Side.MIDDLE else f'{side} side'}"
    if site in PAIRED:
        return f"{side.capitalize()} {label.lower()}" + (f", {view}" if _needs_view(site) else "")
    if side == Side.MIDDLE:
        # The head, from afar, has no sides.
        return f"{label}, {view}" if view != "face" and _needs_view(site) else f"Middle of the {label.lower()}"
    return f"{side.capitalize()} side of the {label.lower()}"


def _needs_view(site: str) -> bool:
    """Seen from the front and from behind, so that the site alone does not say where."""
    return site not in (BodySite.CHEST, BodySite.ABDOMEN, BodySite.BACK, BodySite.BUTTOCK, BodySite.UNDER_THE_CHIN)


def _view(code: str, name: str, height: int) -> View:
    sides, across = getattr(body_regions, code)()
    outer, inner = (Side.RIGHT, Side.LEFT) if code == "back" else (Side.LEFT, Side.RIGHT)
    drawn = [(site, Side.MIDDLE, shape) for site, shape in across.items()]
    for site, shape in sides.items():
        drawn += [(site, inner, mirrored(shape)), (site, outer, shape)]
    regions = [
        Region(f"{code}-{site}-{side}", code, site, side.value, _name(code, site, side), path(shape),
               tuple(corners(shape)), height)
        for site, side, shape in drawn
    ]  # fmt: skip
    regions.sort(key=lambda region: (region.centre[1] // 60, region.centre[0]))
    return View(
        code,
        name,
        height,
        path(body_regions.outline(code), closed=False),
        path(body_regions.features(code), closed=False),
        tuple(regions),
    )


def _middle_of(polygon: tuple[Point, ...]) -> Point:
    """The centre of gravity; a test keeps every region of a shape that holds its own."""
    area = cx = cy = 0.0
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        cross = ax * by - bx * ay
        area, cx, cy = area + cross, cx + (ax + bx) * cross, cy + (ay + by) * cross
    return cx / (3 * area), cy / (3 * area)


def _lies_in(polygon: tuple[Point, ...], point: Point) -> bool:
    x, y = point
    inside = False
    for (ax, ay), (bx, by) in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        if (ay > y) != (by > y) and x < (bx - ax) * (y - ay) / (by - ay) + ax:
            inside = not inside
    return inside


VIEWS: dict[str, View] = {
    view.code: view for view in (_view("front", "Front", 1000), _view("back", "Back", 1000), _view("face", "Face", 500))
}
_BY_PLACE = {(region.view, region.site, region.side): region for view in VIEWS.values() for region in view.regions}
