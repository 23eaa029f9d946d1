"""The body map: where on the body something was injected or seen. Left and right are always the patient's.

A view (front, back, face) has regions, each a site of BodySite on one side or across the middle. Within one view no two
regions share site and side, so that an area needs no more than these to be found again. A point adds x and y, in
thousandths of the view's width and height.
"""

from dataclasses import dataclass, field
from functools import cached_property

from treatments import body_regions
from treatments.body_drawing import MIDDLE, Point, corners, mirrored, path
from treatments.models.side_effect import BodySite, Side

WIDTH = int(MIDDLE * 2)
THOUSAND = 1000
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
    def box(self) -> str:
        """What of the picture is shown: the edges beside the figure hold nothing."""
        return "6 12 388 482" if self.code == "face" else "34 14 332 976"

    @property
    def letters(self) -> int:
        """Of the words on the picture, so that they are as large on each when all stand as high as the page lets them."""
        return 19 if self.code == "face" else 24

    @property
    def mark_size(self) -> int:
        """Half as wide as a mark that stands on this picture."""
        return 17 if self.code == "face" else 21

    @property
    def edges(self) -> tuple[int, int]:
        """Where the words “Left” and “Right” stand."""
        return (12, 388) if self.code == "face" else (38, 362)

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


def misplaced(site: str, side: str, view: str, x: int | None, y: int | None) -> str:
    """Why this view or point cannot be of this site and side, in a sentence; "" where it can. A wrong side is told here."""
    if view and view not in VIEWS:
        return f"“{view}” is no view of the body map: {', '.join(VIEWS)}."
    if (x is None) != (y is None) or (x is not None and not view):
        return "A point on the body map has a view, and both its places."
    if x is None or y is None:
        return ""
    if not (0 <= x <= THOUSAND and 0 <= y <= THOUSAND):
        return f"A point on the body map lies between 0 and {THOUSAND}."
    region = VIEWS[view].region_at(x, y)
    if region is None:
        return "" if site == BodySite.OTHER else "That point of the body map is beside its regions."
    if region.site != site or _is_another_side(region, side):
        return f"That point of the body map is not there: it is on “{region.name}”."
    return ""


def _is_another_side(region: Region, side: str) -> bool:
    """“Both”, or no side, is of any; so is a side that the view does not draw apart, as on the head from afar."""
    if side not in (Side.LEFT, Side.RIGHT, Side.MIDDLE) or region.side == side:
        return False
    return region.side != Side.MIDDLE or find_region(region.view, region.site, side) is not None


def settled(site: str, side: str, view: str, x: int | None, y: int | None) -> tuple[str, int | None, int | None]:
    """The view and point as far as they still belong to what was chosen: the site and side that are read out win."""
    if misplaced(site, side, view, x, y):
        x = y = None
    if x is None and not regions_of(site, side, view):
        view = ""
    return view, x, y


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
