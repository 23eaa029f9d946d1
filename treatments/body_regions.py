"""The body map's regions as shapes: which runs of the outline, and which lines across it, close each of them."""

from treatments.body_drawing import FIGURE, HEAD, Segment, mirrored, smooth, turned, whole

Shape = tuple[Segment, ...]

# Lines across the figure, from the outline inwards unless their name says otherwise.
_CHIN = smooth((32, 146), (21, 157), (9, 163), (0, 164))
_HAIRLINE = smooth((48, 82), (39, 72), (21, 67), (0, 66))
_COLLAR = smooth((46, 190), (30, 199), (12, 206), (0, 208))
_ARMHOLE = smooth((93, 211), (84, 228), (81, 246), (83, 262))
_WRIST = smooth((148, 500), (138, 503), (128, 502))
_RIBS = smooth((79, 312), (56, 322), (28, 318), (0, 312))
_RIBS_OUTER, _RIBS_INNER = smooth((79, 312), (66, 318), (52, 320)), smooth((52, 320), (38, 321), (24, 318))
_RIBS_MIDDLE = smooth((24, 318), (12, 315), (0, 314))
_SIDE = smooth((52, 320), (47, 356), (46, 392), (52, 432), (62, 476), (66, 512))
_STRIP = smooth((24, 318), (24, 390), (24, 460), (24, 537))
_GROIN_OUTER, _GROIN = smooth((90, 498), (78, 505), (66, 512)), smooth((66, 512), (46, 525), (24, 537))
_GROIN_MIDDLE = smooth((24, 537), (12, 543), (0, 548))
_GROIN_WHOLE = _GROIN_OUTER + _GROIN + _GROIN_MIDDLE
_KNEE_OVER = smooth((71, 728), (58, 722), (45, 720), (32, 722), (19, 728))
_KNEE_UNDER = smooth((66, 792), (55, 797), (44, 798), (32, 797), (21, 790))
_ANKLE = smooth((46, 940), (35, 943), (24, 942))

# The same seen from behind.
_HAIR_BEHIND = smooth((32, 146), (22, 152), (10, 155), (0, 155))
_COLLAR_BEHIND = smooth((46, 190), (30, 196), (14, 200), (0, 201))
_COLLAR_OUTER, _COLLAR_INNER = smooth((46, 190), (32, 197), (17, 200)), smooth((17, 200), (9, 201.5), (0, 202))
_SIDE_BEHIND = smooth((79, 312), (60, 332), (46, 368), (44, 404), (56, 444), (82, 464))
_SPINE = smooth((17, 200), (17, 280), (17, 370), (17, 452))
_BELT, _BELT_MIDDLE = smooth((82, 464), (62, 455), (40, 451), (17, 452)), smooth((17, 452), (9, 455), (0, 462))
_FOLD = smooth((95, 540), (78, 560), (52, 572), (26, 568), (0, 548))

# The head, close up: the strip down the middle of the face, the jaw, the neck.
_BROW_OUTER = smooth((119, 172), (108, 146), (88, 122), (60, 106), (30, 100))
_BROW = smooth((30, 100), (15, 98), (0, 97.5))
_FACE_STRIP = smooth((30, 100), (30, 180), (30, 260), (30, 358))
_JAW_OUTER, _JAW = smooth((100, 298), (82, 328), (58, 348), (30, 358)), smooth((30, 358), (14, 361), (0, 361.5))
_UNDER_OUTER, _UNDER = smooth((87, 330), (76, 366), (54, 390), (30, 400)), smooth((30, 400), (14, 404), (0, 404.5))
_UNDER_STRIP, _NECK_STRIP = smooth((30, 358), (30, 400)), smooth((30, 400), (31, 436), (38, 484))
_NECK_END = smooth((188, 454), (140, 470), (90, 480), (38, 484))
_NECK_END_MIDDLE = smooth((38, 484), (18, 486), (0, 490))
_PARTING = smooth((0, 97.5), (0, 60), (0, 24))


# What makes it a person, and is no control: features, collar bones, shoulder blades. Halves, mirrored but for `_ONCE`.
_FEATURES = {
    "front": (
        smooth((48, 92), (54, 94), (53, 108), (46, 117)),
        smooth((10, 100), (18, 96), (27, 100)),
        smooth((4, 122), (7, 126), (0, 128)),
        smooth((13, 141), (6, 143), (0, 142.5)),
        smooth((9, 217), (40, 213), (82, 205)),
        smooth((14, 292), (36, 301), (58, 294), (70, 278)),
        smooth((30, 744), (34, 736), (45, 734), (55, 738), (58, 746)),
        smooth((32, 774), (44, 780), (56, 774)),
        smooth((142, 553), (144, 572), (144, 592)),
        smooth((150, 556), (151, 574), (149, 592)),
        smooth((136, 549), (138, 540), (138, 534)),
        smooth((28, 962), (32, 958), (38, 956)),
    ),
    "back": (
        smooth((48, 92), (54, 94), (53, 108), (46, 117)),
        smooth((34, 238), (31, 262), (38, 290), (52, 306), (66, 296)),
        smooth((110, 346), (116, 352), (121, 349)),
        smooth((30, 758), (44, 762), (57, 757)),
        smooth((42, 812), (44, 846), (40, 880)),
        smooth((28, 938), (30, 952), (27, 964)),
        smooth((42, 938), (42, 952), (45, 963)),
        smooth((24, 470), (29, 473), (33, 470)),
    ),
    "face": (
        smooth((119, 192), (129, 188), (133, 206), (126, 236), (113, 250)),
        smooth((121, 204), (126, 206), (123, 226), (117, 236)),
        smooth((30, 188), (44, 179), (62, 177), (86, 188)),
        smooth((37, 211), (46, 203), (58, 200), (72, 204), (82, 213)),
        smooth((37, 211), (48, 217), (62, 218), (82, 213)),
        smooth((52, 203), (50, 209), (54, 215), (61, 216), (66, 210), (65, 202)),
        smooth((11, 206), (10, 232), (14, 252), (20, 263), (16, 270), (10, 268)),
        smooth((10, 270), (5, 274), (0, 275)),
        smooth((36, 306), (22, 301), (8, 297), (0, 300)),
        smooth((36, 306), (20, 307), (8, 305), (0, 307)),
        smooth((28, 310), (16, 319), (0, 321)),
        smooth((14, 339), (8, 337), (0, 336)),
        smooth((46, 410), (36, 436), (20, 462), (12, 477)),
    ),
}
_ONCE = {"front": (smooth((-4, 422), (-2, 428), (2, 428), (4, 422)),)}


def features(view: str) -> Shape:
    """Lines of the drawing that no region needs, as one path."""
    halves = _closed(*_FEATURES[view])
    return halves + mirrored(halves) + _closed(*_ONCE.get(view, ()))


def outline(view: str) -> Shape:
    return (half := (HEAD if view == "face" else FIGURE).segments) + mirrored(half)


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
    sides = _limbs() | {
        "back": _closed(
            run("base", "shoulder"), _ARMHOLE, run("armpit", "ribs"), _SIDE_BEHIND, _BELT, turned(_SPINE),
            turned(_COLLAR_OUTER),
        ),
        "flank": _closed(run("ribs", "belt"), turned(_SIDE_BEHIND)),
        "buttock": _closed(run("belt", "fold"), _FOLD, _straight((0, 548), (0, 462)), turned(_BELT + _BELT_MIDDLE)),
        "thigh": _closed(run("fold", "above"), _KNEE_OVER, run("over", "crotch"), turned(_FOLD)),
    }  # fmt: skip
    across = {
        "scalp": whole(_closed(run("top", "jaw"), _HAIR_BEHIND)),
        "neck": whole(_closed(turned(_HAIR_BEHIND), run("jaw", "base"), _COLLAR_OUTER, _COLLAR_INNER)),
        "back": whole(_closed(turned(_COLLAR_INNER), _SPINE, _BELT_MIDDLE)),
    }
    return sides, across


def face() -> tuple[dict[str, Shape], dict[str, Shape]]:
    run = HEAD.run
    brow = _BROW_OUTER + _BROW
    sides = {
        "scalp": _closed(run("top", "hair"), brow, _PARTING),
        "face": _closed(run("hair", "jaw"), _JAW_OUTER, turned(_FACE_STRIP), turned(_BROW_OUTER)),
        "under-the-chin": _closed(run("jaw", "under"), _UNDER_OUTER, turned(_UNDER_STRIP), turned(_JAW_OUTER)),
        "neck": _closed(run("under", "end"), _NECK_END, turned(_NECK_STRIP), turned(_UNDER_OUTER)),
    }
    across = {
        "face": whole(_closed(turned(_BROW), _FACE_STRIP, _JAW)),
        "under-the-chin": whole(_closed(turned(_JAW), _UNDER_STRIP, _UNDER)),
        "neck": whole(_closed(turned(_UNDER), _NECK_STRIP, _NECK_END_MIDDLE)),
    }
    return sides, across
