"""The body map's regions as shapes: which runs of the outline, and which lines across it, close each of them."""

from treatments.body_drawing import FIGURE, HEAD, Segment, mirrored, smooth, turned, whole

Shape = tuple[Segment, ...]

# Lines across the figure, from the outline inwards unless their name says otherwise.
_CHIN = smooth((32, 145), (21, 157), (9, 163), (0, 164))
_HAIRLINE = smooth((47, 80), (38, 68), (20, 61), (0, 60))
_COLLAR = smooth((46, 190), (30, 199), (12, 206), (0, 208))
_ARMHOLE = smooth((93, 211), (84, 228), (81, 246), (83, 262))
_WRIST = smooth((148, 500), (138, 503), (128, 502))
_RIBS = smooth((79, 312), (56, 322), (28, 318), (0, 312))
_RIBS_OUTER, _RIBS_INNER = smooth((79, 312), (66, 318), (52, 320)), smooth((52, 320), (38, 321), (24, 318))
_RIBS_MIDDLE = smooth((24, 318), (12, 315), (0, 314))
_SIDE = smooth((52, 320), (46, 356), (45, 392), (51, 432), (62, 476), (66, 512))
_STRIP = smooth((24, 318), (24, 390), (24, 460), (24, 537))
_GROIN_OUTER, _GROIN = smooth((90, 498), (78, 505), (66, 512)), smooth((66, 512), (46, 525), (24, 537))
_GROIN_MIDDLE = smooth((24, 537), (12, 543), (0, 548))
_GROIN_WHOLE = _GROIN_OUTER + _GROIN + _GROIN_MIDDLE
_KNEE_OVER = smooth((71, 728), (58, 722), (45, 720), (32, 722), (19, 728))
_KNEE_UNDER = smooth((66, 792), (55, 797), (44, 798), (32, 797), (21, 790))
_ANKLE = smooth((46, 940), (35, 943), (24, 942))

# The same seen from behind.
_NAPE_HAIR = smooth((30, 160), (20, 164), (10, 166), (0, 166))
_BACK_COLLAR = smooth((46, 190), (30, 194), (14, 196), (0, 196))
_BACK_SIDE = smooth((79, 312), (64, 326), (56, 356), (55, 392), (61, 424), (74, 440))
_BACK_STRIP = smooth((20, 197), (20, 270), (20, 350), (20, 446))
_BELT_OUTER, _BELT = smooth((74, 440), (75.5, 441), (76, 442)), smooth((74, 440), (56, 441), (38, 443), (20, 446))
_BELT_MIDDLE = smooth((20, 446), (10, 452), (0, 460))
_FOLD = smooth((95, 548), (74, 562), (50, 572), (26, 568), (0, 556))


def _closed(*pieces: Shape) -> Shape:
    return tuple(segment for piece in pieces for segment in piece)


def _straight(start: tuple[float, float], end: tuple[float, float]) -> Shape:
    return smooth(start, end)


def _limbs() -> dict[str, Shape]:
    """The same outline from the front and from behind."""
    run = FIGURE.run
    return {
        "arm": _closed(run("shoulder", "wrist"), _WRIST, run("palm", "armpit"), turned(_ARMHOLE)),
        "knee": _closed(run("above", "below"), _KNEE_UNDER, run("under", "over"), turned(_KNEE_OVER)),
        "calf": _closed(run("below", "ankle"), _ANKLE, run("inside", "under"), turned(_KNEE_UNDER)),
    }


def front() -> tuple[dict[str, Shape], dict[str, Shape]]:
    """Shapes by site: those of one side, drawn right of the middle line, and those across it."""
    run = FIGURE.run
    sides = _limbs() | {
        "chest": _closed(
            run("base", "shoulder"), _ARMHOLE, run("armpit", "ribs"), _RIBS_OUTER + _RIBS_INNER + _RIBS_MIDDLE,
            _straight((0, 314), (0, 208)), turned(_COLLAR),
        ),
        "flank": _closed(run("ribs", "hip"), _GROIN_OUTER, turned(_SIDE), turned(_RIBS_OUTER)),
        "abdomen": _closed(_RIBS_INNER, _STRIP, turned(_GROIN), turned(_SIDE)),
        "thigh": _closed(run("hip", "above"), _KNEE_OVER, run("over", "crotch"), turned(_GROIN_WHOLE)),
    }  # fmt: skip
    across = {
        "scalp": whole(_closed(run("top", "hair"), _HAIRLINE)),
        "face": whole(_closed(turned(_HAIRLINE), run("hair", "jaw"), _CHIN)),
        "neck": whole(_closed(turned(_CHIN), run("jaw", "base"), _COLLAR)),
        "abdomen": whole(_closed(turned(_RIBS_MIDDLE), _STRIP, _GROIN_MIDDLE)),
    }
    return sides, across


def back() -> tuple[dict[str, Shape], dict[str, Shape]]:
    run = FIGURE.run
    sides = _limbs()
    return sides, {}
