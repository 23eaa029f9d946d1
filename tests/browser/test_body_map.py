"""The body map chosen on by touch and by the keyboard alone: the rows of a session, the one place of a side effect."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_session
from tests.pages.clinical import ago, log
from treatments.models import Session, SideEffect

LEAST_TARGET = 24


@pytest.fixture
def running(clinic_server, amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


def record(session: Session) -> str:
    return reverse("session", args=[session.pk])


def option(page: Page, name: str) -> Locator:
    """A region of the map, whatever is marked on it."""
    return page.get_by_role("option", name=re.compile(f"^{name}(,|$)"))


def expect_row(page: Page, number: int, site: str, side: str, view: str) -> None:
    for field, value in (("site", site), ("side", side), ("view", view)):
        expect(page.locator(f"[name=sites-{number - 1}-{field}]")).to_have_value(value)


def pull(page: Page, mark: Locator, right: int, down: int) -> None:
    """One finger on the mark, moved and lifted."""
    box = mark.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    fingers = page.context.new_cdp_session(page)
    fingers.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for part in (0.25, 0.5, 0.75, 1):
        there = {"x": x + right * part, "y": y + down * part}
        fingers.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [there]})
    fingers.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def finish(page: Page) -> None:
    page.get_by_role("button", name="Save and finish").click()
    page.get_by_role("checkbox", name=re.compile("^Finish without")).check()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.locator(".banner")).to_contain_text("Finished")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_sites_are_chosen_by_touch_and_stand_on_the_finished_record(desk, running, rosa, dark):
    at = desk(rosa, PHONE, dark=dark, touch=True)
    at.open(record(running))
    page, said = at.page, at.page.locator("[data-said]")
    option(page, "Left thigh, front").tap()
    expect(said).to_have_text("Site 1: Left thigh, front.")
    expect_row(page, 1, "thigh", "left", "front")
    expect(page.get_by_role("option", name="Left thigh, front, site 1", selected=True)).to_be_visible()
    expect(page.locator(".bm-marks text").filter(visible=True)).to_have_text(["1"])

    page.get_by_role("button", name="Back", exact=True).tap()
    expect(page.get_by_role("button", name="Front · 1")).to_be_visible()
    option(page, "Left buttock").tap()
    expect_row(page, 2, "buttock", "left", "back")
    option(page, "Left buttock").tap()
    expect(said).to_have_text("Taken away: Left buttock.")
    expect_row(page, 2, "", "", "")
    at.expect_sound()

    page.get_by_role("button", name="Point", exact=True).tap()
    option(page, "Right buttock").tap()
    point = page.get_by_role("button", name="Site 2, point: Right buttock")
    expect(point).to_be_visible()
    expect_row(page, 2, "buttock", "right", "back")
    x = page.locator("[name=sites-1-x]")
    before = int(x.input_value())
    pull(page, point, 15, 0)
    expect(x).not_to_have_value(str(before))
    after = int(x.input_value())
    assert before < after < before + 100
    expect_row(page, 2, "buttock", "right", "back")
    option(page, "Left thigh, back").tap()
    page.get_by_role("button", name="Site 3, point: Left thigh, back").tap()
    expect(said).to_have_text("Taken away: Left thigh, back.")
    expect_row(page, 3, "", "", "")
    at.expect_sound()

    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    page.reload()
    expect(page.locator(".bm-marks text").filter(visible=True)).to_have_text(["1"])
    page.get_by_role("button", name="Back · 1").tap()
    expect(point).to_be_visible()
    expect(x).to_have_value(str(after))

    finish(page)
    expect(page.get_by_role("img", name="Body map, front: 1, Left thigh, front.")).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("^Body map, back: 2, Right buttock, point in the"))).to_be_visible()
    at.expect_sound_but_for(422)


def test_sites_are_chosen_by_the_keyboard_alone(desk, running, rosa):
    at = desk(rosa, WIDE)
    at.open(record(running))
    page, keys, said = at.page, at.page.keyboard, at.page.locator("[data-said]")
    page.get_by_role("button", name="Point", exact=True).focus()
    keys.press("Tab")
    first = page.get_by_role("listbox", name=re.compile("front of the body")).get_by_role("option").first
    expect(first).to_be_focused()
    keys.press("ArrowDown")
    keys.press("ArrowDown")
    expect(option(page, "Neck, front")).to_be_focused()
    keys.press("Enter")
    expect_row(page, 1, "neck", "middle", "front")
    for number, (key, name) in enumerate(
        [("ArrowDown", "chest"), ("ArrowDown", "abdomen"), ("ArrowDown", "thigh"), ("ArrowDown", "knee")], 2
    ):
        keys.press(key)
        keys.press(" ")
        expect(page.locator(f"[name=sites-{number - 1}-site]")).to_have_value(name)
    # There were four rows; the fifth was made for it, and is one of its own.
    expect(page.get_by_role("group", name="Site 5")).to_be_visible()
    expect(page.locator("[name=sites-3-site]")).to_have_value("thigh")
    page.get_by_role("group", name="Site 5").get_by_label("ml").fill("0,4")

    # Of what has more written down nothing is lost by a key.
    keys_at = page.get_by_role("option", name=re.compile("knee, front, site 5$"))
    keys_at.focus()
    keys.press("Enter")
    expect(said).to_have_text("Site 5 is this area, with more written down. It is cleared there.")
    keys.press("ArrowUp")
    keys.press("Enter")
    expect(page.locator("[name=sites-3-site]")).to_have_value("")

    page.get_by_role("button", name="Point", exact=True).press("Enter")
    back = page.get_by_role("listbox", name=re.compile("back of the body"))
    back.get_by_role("option").first.focus()
    keys.press("End")
    keys.press("Enter")
    point = page.get_by_role("button", name=re.compile("^Site 4, point: .* calf, back$"))
    expect(point).to_be_focused()
    y = page.locator("[name=sites-3-y]")
    before = int(y.input_value())
    keys.press("ArrowUp")
    expect(y).to_have_value(str(before - 4))
    keys.press("Shift+ArrowUp")
    expect(y).to_have_value(str(before - 5))
    expect(point).to_be_focused()
    for _ in range(60):
        keys.press("ArrowDown")
    expect(said).to_have_text("The region ends here.")
    held = y.input_value()
    at.expect_sound()

    with page.expect_navigation():
        page.get_by_role("button", name="Save", exact=True).press("Enter")
    expect(page.get_by_text("Saved.", exact=True)).to_be_visible()
    page.reload()
    expect(point).to_be_visible()
    expect(y).to_have_value(held)
    expect(page.locator("[name=sites-4-volume_ml]")).to_have_value("0.4")
    point.focus()
    keys.press("Delete")
    expect(page.locator("[name=sites-3-site]")).to_have_value("")
    finish(page)
    expect(page.get_by_role("img", name=re.compile("^Body map, front: 1, Neck, front; .*0.4 ml"))).to_be_visible()
    at.expect_sound_but_for(422)


def test_a_side_effect_has_one_place_on_the_map(desk, clinic_server, amara, rosa):
    at = desk(rosa, PHONE, touch=True)
    at.open(log(amara))
    page, main = at.page, at.page.locator("main")
    main.get_by_role("checkbox", name="Bruising").check()
    main.get_by_text("Show it on the body").tap()
    option(page, "Left thigh, front").tap()
    option(page, "Right knee, front").tap()
    expect(main.get_by_label("Where", exact=True)).to_have_value("knee")
    expect(main.get_by_role("radio", name=re.compile("Right$"))).to_be_checked()
    expect(page.locator(".bm-marks text").filter(visible=True)).to_have_text(["✓"])
    option(page, "Right knee, front").tap()
    expect(main.get_by_label("Where", exact=True)).to_have_value("")
    option(page, "Right thigh, front").tap()
    at.expect_sound()

    # Another side, chosen by hand: the map says the same.
    main.get_by_role("radio", name=re.compile("Left$")).check()
    expect(page.get_by_role("option", name="Left thigh, front, chosen", selected=True)).to_be_visible()
    main.get_by_role("button", name="Log it").click()
    expect(page.get_by_role("img", name=re.compile("^Body map, front: A, Bruising: left thigh, front"))).to_be_visible()
    at.expect_sound()
    made = SideEffect.objects.get()
    assert (made.site, made.side, made.map_view, made.map_x) == ("thigh", "left", "front", None)


def test_every_region_is_large_enough_for_a_finger(desk, running, rosa):
    """A circle of 24 pixels lies in what a tap means by it: the region, and a little of nothing beside it."""
    at = desk(rosa, PHONE, touch=True)
    at.open(record(running))
    too_small = []
    for view in ("Front", "Back", "Face"):
        at.page.get_by_role("button", name=view, exact=True).tap()
        too_small += at.page.locator(f"[data-view={view.lower()}]").evaluate(TOO_SMALL, LEAST_TARGET / 2)

    assert too_small == []


# The names of a view's regions that no circle fits, asked of the map's own code for each place of a fine grid.
TOO_SMALL = """(box, reach) => {
  const view = new View(box);
  const meant = (clientX, clientY) => {
    const event = { clientX, clientY };
    return view.at(view.where(event)) ?? view.at(view.near(event) ?? [-1, -1]);
  };
  const fits = (region, x, y) => {
    for (let turn = 0; turn < 2 * Math.PI; turn += Math.PI / 6)
      if (meant(x + reach * Math.cos(turn), y + reach * Math.sin(turn)) !== region) return false;
    return meant(x, y) === region;
  };
  return view.regions.filter((region) => {
    const { left, top, right, bottom } = region.getBoundingClientRect();
    for (let x = left; x <= right; x += 2) for (let y = top; y <= bottom; y += 2) if (fits(region, x, y)) return false;
    return true;
  }).map((region) => region.dataset.name);
}"""
