"""The body map on the pages that choose on it or show it, and on paper."""

import re
import uuid
import zlib

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from tests.factories import make_session, make_side_effect
from tests.pages.clinical import ago, browser, log, page_of
from treatments.body_map import find_region
from treatments.chart_export import chart_as_pdf
from treatments.forms.session_rows import SiteRow
from treatments.models import SideEffect
from treatments.sessions import write_session


def test_the_log_and_a_running_session_let_choose_on_it(amara, mesotherapy, rosa):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)

    for address, fills in ((log(amara), "place"), (reverse("session", args=[session.pk]), "rows")):
        page = browser(rosa).get(address).content.decode()
        assert page.count(f'data-body-map="{fills}"') == 1
        assert "style=" not in page


def test_a_side_effect_shows_where_it_is_and_one_without_a_site_shows_no_picture(amara, rosa):
    placed = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", map_view="front")
    nowhere = make_side_effect(patient=amara, by=rosa, kind="itching")

    assert "Body map, front: A, Bruising: left thigh, front" in browser(rosa).get(page_of(placed)).content.decode()
    assert "bm-figure" not in browser(rosa).get(page_of(nowhere)).content.decode()


def drawing_of(pdf: bytes) -> bytes:
    """What the pages of a PDF draw, unpacked."""
    packed = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    return b"\n".join(zlib.decompressobj().decompress(one) for one in packed if one[:1] == b"\x78")


# A disc's dark fill and white edge; a diamond's white fill and dark edge. Nothing else of a chart is drawn so.
DISC = re.compile(rb"0\.133333 0\.133333 0\.133333 rg\n/A1\.0 gs\n1 1 1 RG")
DIAMOND = re.compile(rb"1 1 1 rg\n/A1\.0 gs\n0\.133333 0\.133333 0\.133333 RG")


@pytest.mark.parametrize(
    "site, view, discs, diamonds",
    [("thigh", "front", 1, 1), ("other", "front", 0, 1), ("thigh", "", 1, 0)],
    ids=["both-are-drawn", "another-site-is-not-on-the-picture", "a-side-effect-not-shown-on-the-map-is-not"],
)
def test_the_charts_pdf_draws_the_body_with_its_marks(amara, mesotherapy, rosa, manager, site, view, discs, diamonds):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)
    write_session(session=session, by=rosa, sites=[{"site": site, "side": "left"}])
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", map_view=view)

    drawn = drawing_of(chart_as_pdf(patient=amara, by=manager))

    assert (len(DISC.findall(drawn)), len(DIAMOND.findall(drawn))) == (discs, diamonds)


def test_the_log_drops_a_mark_left_behind_when_another_side_is_chosen(amara, rosa):
    x, y = find_region("front", "thigh", "left").centre
    mark = {"site": "thigh", "map_view": "front", "map_x": x, "map_y": y, "kind": "itching", "onset": "", "seen": "yes"}
    for side in ("left", "right"):
        sent = mark | {"side": side, "once": str(uuid.uuid4())}
        assert browser(rosa).post(log(amara), sent).status_code == 302

    made = SideEffect.objects.order_by("recorded_at").values_list("side", "map_view", "map_x", "map_y")
    assert list(made) == [("left", "front", x, y), ("right", "front", None, None)]


@pytest.mark.parametrize(
    "chosen, kept",
    [
        ({"site": "thigh", "side": "left"}, ("front", True)),
        ({"site": "thigh", "side": "both"}, ("front", True)),
        ({"site": "thigh", "side": "right"}, ("front", False)),
        ({"site": "thigh", "side": "middle"}, ("", False)),
        ({"site": "buttock", "side": "left"}, ("", False)),
    ],
)
def test_a_row_drops_a_mark_that_is_not_of_its_site_and_side(chosen, kept):
    x, y = find_region("front", "thigh", "left").centre
    row = SiteRow(chosen | {"view": "front", "x": x, "y": y})

    assert row.is_valid()
    assert (row.cleaned_data["view"], row.cleaned_data["x"] is not None) == kept


def test_a_mark_of_another_side_is_refused_where_nobody_sees_it(amara, rosa):
    x, y = find_region("front", "thigh", "left").centre
    mark = {"kind": "bruising", "site": "thigh", "map_view": "front", "map_x": x, "map_y": y}

    with pytest.raises(ValidationError) as wrong:
        make_side_effect(patient=amara, by=rosa, side="right", **mark)
    assert wrong.value.message_dict == {
        "map_view": ["That point of the body map is not there: it is on “Left thigh, front”."]
    }
    assert make_side_effect(patient=amara, by=rosa, side="left", **mark).map_x == x
