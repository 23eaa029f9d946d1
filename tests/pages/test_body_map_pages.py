"""The body map on the pages that choose on it or show it, and on paper."""

from django.template.loader import render_to_string
from django.urls import reverse

from clinic.pdf import pdf_of
from tests.factories import make_session, make_side_effect
from tests.pages.clinical import ago, browser, log, page_of
from treatments.body_marks import body_map_of


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


def test_the_picture_stands_in_a_pdf():
    found = body_map_of([{"site": "thigh", "side": "left", "view": "front"}])
    drawn = render_to_string("treatments/_body_map.html", {"map": found})

    assert len(pdf_of(drawn)) > 1000 + len(pdf_of(drawn.replace("<svg", "<template").replace("</svg", "</template")))
