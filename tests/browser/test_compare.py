"""Photos compared by slider and overlay with the keyboard alone, and a copy made, under the real policy of the page."""

import datetime as dt
import io
import re

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from clinic.models import AuditEvent
from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_consent, make_review, make_side_effect
from treatments.demo_skin import drawn_skin
from treatments.models import SideEffect
from treatments.photos import add_photo


@pytest.fixture
def bruise(clinic_server, amara, rosa, reception) -> SideEffect:
    """With three photos: violet, fading, nearly gone."""
    make_consent(amara, reception)
    make_consent(amara, reception, "photo-teaching")
    now = timezone.now()
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=now - dt.timedelta(days=9))
    for days, tint, strength in ((8, (104, 58, 110), 0.85), (5, (98, 74, 120), 0.6), (1, (146, 138, 84), 0.4)):
        at = now - dt.timedelta(days=days)
        image = io.BytesIO(drawn_skin(tint, strength, size=900))
        add_photo(side_effect=bruise, image=image, by=rosa, taken_at=at, now=at + dt.timedelta(minutes=5))
    make_review(side_effect=bruise, by=rosa, now=now - dt.timedelta(days=5))
    return bruise


def on_top(page: Page) -> dict[str, str]:
    """How the right photo is drawn."""
    return page.evaluate(
        """() => {
          const over = document.querySelector("[data-over]"), moved = document.querySelector("[data-moved]");
          const line = document.querySelector("[data-line]");
          return { clip: over.style.clipPath, opacity: over.style.opacity, moved: moved.style.transform,
                   line: line.hidden ? "" : line.style.insetInlineStart };
        }"""
    )


@pytest.mark.parametrize("viewport, dark", [(WIDE, False), (PHONE, True)], ids=["wide", "phone-dark"])
def test_two_photos_are_compared_by_the_keyboard_alone(desk, bruise, rosa, viewport, dark):
    at = desk(rosa, viewport, dark=dark)
    at.open(f"/side-effects/{bruise.pk}/compare/")
    page, main = at.page, at.page.locator("main")
    side, slider = main.get_by_role("radio", name="Side by side"), main.get_by_role("radio", name="With a slider")
    expect(side).to_be_checked()
    expect(main.get_by_role("slider")).to_have_count(0)
    boxes = [main.locator(".stage img").nth(number).bounding_box() for number in (0, 1)]
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]
    at.expect_sound()

    # The way is a group of radios: an arrow goes to the next one.
    side.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_be_checked()
    line = main.get_by_role("slider", name="Dividing line")
    expect(line).to_be_visible()
    assert on_top(page) == {"clip": "inset(0px 0px 0px 50%)", "opacity": "", "moved": "translate(0%, 0%) rotate(0deg) scale(1)", "line": "50%"}  # fmt: skip
    page.keyboard.press("Tab")
    expect(line).to_be_focused()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(main.locator("output[for=divide]")).to_have_text("53 %")
    assert (on_top(page)["clip"], on_top(page)["line"]) == ("inset(0px 0px 0px 53%)", "53%")
    page.keyboard.press("End")
    assert on_top(page)["line"] == "100%"
    at.expect_sound()

    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(main.get_by_role("radio", name="One over the other")).to_be_checked()
    expect(line).to_be_hidden()
    page.keyboard.press("Tab")
    expect(main.get_by_role("slider", name="Right photo shows through")).to_be_focused()
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    for name, key, times in (("Shift across", "ArrowRight", 4), ("Shift down", "ArrowLeft", 2), ("Turn", "ArrowRight", 3), ("Scale", "ArrowRight", 5)):  # fmt: skip
        page.keyboard.press("Tab")
        expect(main.get_by_role("slider", name=name)).to_be_focused()
        for _ in range(times):
            page.keyboard.press(key)
    expect(main.get_by_role("slider", name="Turn")).to_have_attribute("aria-valuetext", "1.5 °")
    assert on_top(page) == {"clip": "", "opacity": "0.4", "moved": "translate(2%, -1%) rotate(1.5deg) scale(1.05)", "line": ""}  # fmt: skip
    at.expect_sound()

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(main.get_by_role("slider", name="Scale")).to_have_value("100")
    assert (on_top(page)["moved"], on_top(page)["opacity"]) == ("translate(0%, 0%) rotate(0deg) scale(1)", "0.4")
    at.expect_sound()


def test_the_line_is_pulled_and_the_photo_pushed_by_a_pointer(desk, bruise, rosa):
    at = desk(rosa)
    at.open(f"/side-effects/{bruise.pk}/compare/")
    main, mouse = at.page.locator("main"), at.page.mouse
    main.get_by_role("radio", name="With a slider").check()
    stage = main.locator("[data-stage]")
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    mouse.move(box["x"] + box["width"] / 2, box["y"] + 60)
    mouse.down()
    mouse.move(box["x"] + box["width"] / 4, box["y"] + 60, steps=4)
    mouse.up()
    expect(main.locator("output[for=divide]")).to_have_text("25 %")

    main.get_by_role("radio", name="One over the other").check()
    box = stage.bounding_box()
    mouse.move(box["x"] + 100, box["y"] + 100)
    mouse.down()
    mouse.move(box["x"] + 100 + box["width"] / 10, box["y"] + 100, steps=4)
    mouse.up()
    expect(main.locator("output[for=across]")).to_have_text("10 %")
    expect(main.locator("output[for=down]")).to_have_text("0 %")
    at.expect_sound()


def test_without_scripts_any_two_stand_side_by_side(desk, bruise, rosa):
    at = desk(rosa, PHONE, scripts=False)
    at.open(f"/side-effects/{bruise.pk}/compare/")
    main = at.page.locator("main")
    middle = str(bruise.photos.order_by("taken_at")[1].pk)

    main.get_by_role("radio", name=re.compile("^Left ?: Bruising, left thigh, day 4")).check()
    main.get_by_role("button", name="Compare these two").click()

    expect(main.locator(".stage img").first).to_have_attribute("src", f"/photos/{middle}/display.jpg")
    expect(main.locator("figcaption")).to_contain_text("Left: day 4")
    expect(main.get_by_role("slider")).to_have_count(0)
    expect(main.get_by_role("group", name="Show them")).to_have_count(0)


@pytest.mark.parametrize("viewport, dark", [(WIDE, True), (PHONE, False)], ids=["wide-dark", "phone"])
def test_a_copy_is_saved_with_its_mark_and_noted_once(desk, bruise, rosa, amara, viewport, dark, tmp_path):
    photo = bruise.photos.order_by("taken_at")[0]
    at = desk(rosa, viewport, dark=dark)
    at.open(f"/photos/{photo.pk}/")
    main = at.page.locator("main")
    main.get_by_role("link", name="Save or print a copy").click()
    expect(main.get_by_role("radio", name="Publicity")).to_be_disabled()
    at.expect_sound()

    main.get_by_role("radio", name="Care").check()
    main.get_by_role("button", name="Save a copy").dblclick()
    expect(main.get_by_role("heading", level=1)).to_have_text("A copy to save, for care")
    expect(main.locator(".sheet img")).to_have_attribute("alt", re.compile(f"^Clinical photo · {amara.number} · "))
    at.expect_sound()
    with at.page.expect_download() as coming:
        main.get_by_role("link", name="Save the file").click()
    coming.value.save_as(tmp_path / "copy.jpg")

    assert coming.value.suggested_filename == f"copy-{photo.pk.hex[:8]}.jpg"
    copy = Image.open(tmp_path / "copy.jpg")
    assert (copy.width, copy.height > 900) == (900, True)
    assert AuditEvent.objects.filter(kind="photo-saved").count() == 1


def test_on_paper_only_a_marked_copy_shows_a_photo(desk, bruise, rosa, amara):
    """What the browser prints of a page is not marked and not noted; a copy is."""
    photo = bruise.photos.order_by("taken_at")[0]
    at = desk(rosa, WIDE)
    shown = at.page.locator("main img:visible")
    said = at.page.locator(".in-print:visible", has_text="Photo: use Save or print a copy.")
    pages = {
        f"/photos/{photo.pk}/": (1, 1),
        f"/side-effects/{bruise.pk}/": (3, 3),
        # Two on the bench with one line for both, three in the strip.
        f"/side-effects/{bruise.pk}/compare/": (5, 4),
    }

    for address, (on_screen, on_paper) in pages.items():
        at.page.emulate_media(media="screen")
        at.open(address)
        assert (shown.count(), said.count()) == (on_screen, 0)
        at.page.emulate_media(media="print")
        assert (shown.count(), said.count()) == (0, on_paper)

    at.page.emulate_media(media="print")
    at.open(f"/patients/{amara.pk}/")
    assert shown.count() == 0
    assert said.count() > 0
    at.page.emulate_media(media="screen")
    at.open(f"/photos/{photo.pk}/copy/")
    at.page.locator("main").get_by_role("radio", name="Care").check()
    at.page.locator("main").get_by_role("button", name="Print", exact=True).click()
    at.page.emulate_media(media="print")
    expect(at.page.locator("main .sheet img")).to_be_visible()


@pytest.mark.parametrize("viewport, dark", [(WIDE, False), (PHONE, True)], ids=["wide", "phone-dark"])
def test_a_withdrawn_photo_leaves_the_collection_and_what_stays_is_said(desk, bruise, rosa, amara, viewport, dark):
    at = desk(rosa, viewport, dark=dark)
    at.open("/photos/teaching/")
    main = at.page.locator("main")
    expect(main.locator(".gallery img")).to_have_count(3)
    at.expect_sound()
    main.locator(".gallery a").first.click()
    expect(main.get_by_role("button", name="Save a copy")).to_be_visible()
    at.expect_sound()

    at.open(f"/patients/{amara.pk}/consents/")
    at.expect_sound()
    main.get_by_role("link", name=re.compile("Withdraw ?: photos for teaching")).click()
    expect(main).to_contain_text("This patient's photos leave the teaching collection at once")
    expect(main).to_contain_text("The photos stay on the chart for the patient's own care.")
    at.expect_sound()
    main.get_by_role("button", name="Withdraw it").click()
    expect(main).to_contain_text("Consent withdrawn: photos for teaching.")

    at.open("/photos/teaching/")
    expect(main).to_contain_text("No patient agrees to this use of their photos now.")
    at.expect_sound()
