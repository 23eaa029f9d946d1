"""The body map: its regions, what a point may say, and what stands on it to be read."""

import gzip

import pytest
from django.template.loader import render_to_string

from treatments.body_map import VIEWS, find_region, misplaced, regions_of, settled
from treatments.body_marks import body_map_of
from treatments.models import SideEffect
from treatments.models.side_effect import BodySite

REGIONS = [region for view in VIEWS.values() for region in view.regions]
MOST_BYTES = 29_000
MOST_BYTES_SENT = 7_000


@pytest.mark.parametrize("site", BodySite.values)
def test_every_site_but_other_has_a_region(site):
    assert any(region.site == site for region in REGIONS) == (site != BodySite.OTHER)


def test_every_region_has_a_name_of_its_own():
    names = [region.name for region in REGIONS]

    assert sorted(set(names)) == sorted(names)


def test_every_region_holds_its_middle_alone():
    assert [VIEWS[region.view].region_at(*region.centre) for region in REGIONS] == REGIONS


def test_left_is_the_patients_left():
    assert find_region("front", "thigh", "left").centre[0] > 500
    assert find_region("back", "thigh", "left").centre[0] < 500


def test_both_sides_are_two_regions_and_no_side_is_none():
    assert [region.side for region in regions_of("thigh", "both", "back")] == ["left", "right"]
    assert regions_of("thigh", "") == ()


def test_a_point_on_the_other_side_is_told():
    x, y = find_region("front", "thigh", "left").centre

    assert misplaced("thigh", "left", "front", x, y) == ""
    assert misplaced("thigh", "right", "front", x, y) == (
        "That point of the body map is not there: it is on “Left thigh, front”."
    )


def test_what_was_chosen_by_hand_wins_over_the_point():
    x, y = find_region("front", "thigh", "left").centre

    assert settled("thigh", "left", "front", x, y) == ("front", x, y)
    assert settled("thigh", "right", "front", x, y) == ("front", None, None)
    assert settled("buttock", "right", "front", x, y) == ("", None, None)


def test_marks_are_told_apart_by_sign_and_shape():
    found = body_map_of(
        [{"site": "thigh", "side": "left", "view": "front"}, {"site": "other", "side": ""}],
        [SideEffect(kind="bruising", site="thigh", side="left"), SideEffect(kind="itching")],
    )

    assert [line.words for line in found.sites] == ["Left thigh, front", "Other, not on the picture"]
    assert [(mark.sign, mark.shape) for drawn in found.drawn for mark in drawn.marks] == [
        ("1", "site"),
        ("A", "effect"),
    ]
    assert found.effects[1].words == "Itching: site not recorded, not yet seen"


def test_the_drawing_to_choose_on_is_small():
    page = render_to_string(
        "treatments/_body_map_input.html", {"views": VIEWS.values(), "fills": "place", "prefix": "", "label": "Where"}
    )

    assert len(page.encode()) < MOST_BYTES
    assert len(gzip.compress(page.encode())) < MOST_BYTES_SENT
    assert page.count('class="bm-region"') == len(REGIONS)
