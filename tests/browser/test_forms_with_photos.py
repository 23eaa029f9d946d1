"""A side effect logged, or looked at again, with photos from a phone: seen before they go, progress, a network that drops."""

import io
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, WIDE, Desk
from tests.factories import make_consent, make_side_effect
from tests.pages.clinical import ago, log, page_of, review
from tests.pictures import phone_jpeg
from treatments.models import Photo, Review, SideEffect
from treatments.photos import add_photo

LOST = "No connection. Nothing was lost; try again."


@pytest.fixture
def two(tmp_path) -> list[Path]:
    paths = [tmp_path / name for name in ("near.jpg", "far.jpg")]
    for number, path in enumerate(paths):
        path.write_bytes(phone_jpeg(width=1600 + number, height=1200, gps=True, orientation=6))
    return paths


@pytest.fixture
def agreed(clinic_server, amara, reception):
    make_consent(amara, reception)
    return amara


@pytest.fixture
def bruise(agreed, rosa) -> SideEffect:
    return make_side_effect(patient=agreed, by=rosa, site="thigh", side="left", now=ago(3))


def photograph(page: Page, *shots: Path) -> Locator:
    """With the camera, one after the other; returns the rows of what was taken."""
    for shot in shots:
        page.locator("input[capture]").set_input_files(shot)
    return page.locator("[data-uploads] li")


def with_no_word_of(at: Desk, *expected: str) -> None:
    at.complaints = [one for one in at.complaints if not any(word in one for word in expected)]
    at.expect_sound()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_bruise_logged_without_a_network_stays_with_its_photos_until_there_is_one(dark, desk, agreed, rosa, two):
    at = desk(rosa, PHONE, dark=dark, touch=True)
    at.open(log(agreed))
    page = at.page
    page.get_by_role("checkbox", name="Bruising").tap()
    page.get_by_label(re.compile("^Note")).fill("Tender")
    rows = photograph(page, *two)
    expect(rows).to_have_count(2)
    for row in rows.all():
        assert row.locator("img").evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
    rows.first.get_by_role("button", name=re.compile("^Leave out.*near.jpg")).tap()
    expect(rows).to_have_count(1)
    expect(rows.get_by_role("button", name=re.compile("^Leave out.*far.jpg"))).to_be_focused()
    at.expect_sound()

    page.context.set_offline(True)
    page.get_by_role("button", name="Log it").tap()
    expect(page.locator("[data-sending]")).to_have_text(LOST)
    again = page.get_by_role("button", name="Try again")
    expect(again).to_be_in_viewport(ratio=1)
    again.tap()
    expect(page.locator("[data-sending]")).to_have_text(LOST)
    expect(page.get_by_label(re.compile("^Note"))).to_have_value("Tender")
    expect(rows).to_have_count(1)
    with_no_word_of(at, "ERR_INTERNET_DISCONNECTED")
    assert not SideEffect.objects.exists()

    page.context.set_offline(False)
    expect(page.locator("[data-sending]")).to_have_text("There is a connection again. Nothing was lost; try again.")
    with page.expect_navigation():
        again.tap()
    expect(page.locator("main")).to_contain_text("Logged.")
    logged = SideEffect.objects.get()
    assert (logged.note, page.url) == ("Tender", f"{at.address}{page_of(logged)}")
    assert Photo.objects.filter(side_effect=logged).count() == 1
    at.expect_sound()


def test_an_answer_that_is_lost_on_the_way_makes_nothing_twice(desk, agreed, rosa, two):
    at = desk(rosa, PHONE)
    at.open(log(agreed))
    page = at.page
    page.get_by_role("checkbox", name="Bruising").check()
    photograph(page, *two)
    network = page.context.new_cdp_session(page)
    # Stopped on its way back: the server has taken it.
    network.send("Fetch.enable", {"patterns": [{"urlPattern": "*/side-effects/new/", "requestStage": "Response"}]})
    network.on(
        "Fetch.requestPaused",
        lambda held: network.send(
            "Fetch.failRequest", {"requestId": held["requestId"], "errorReason": "InternetDisconnected"}
        ),
    )

    page.get_by_role("button", name="Log it").click()
    expect(page.locator("[data-sending]")).to_have_text(LOST)
    assert (SideEffect.objects.count(), Photo.objects.count()) == (1, 2)
    network.send("Fetch.disable")
    with page.expect_navigation():
        page.get_by_role("button", name="Try again").click()

    expect(page.locator("main")).to_contain_text("Logged.")
    assert (SideEffect.objects.count(), Photo.objects.count()) == (1, 2)


def test_pressed_twice_it_is_sent_once(desk, agreed, rosa, two):
    at = desk(rosa, PHONE)
    at.open(log(agreed))
    at.page.get_by_role("checkbox", name="Bruising").check()
    photograph(at.page, two[0])
    posts = []
    at.page.on("request", lambda request: posts.append(request) if request.method == "POST" else None)

    with at.page.expect_navigation():
        at.page.get_by_role("button", name="Log it").evaluate("(button) => { button.click(); button.click(); }")

    assert len([one for one in posts if one.url == f"{at.address}{log(agreed)}"]) == 1
    assert SideEffect.objects.count() == 1


def test_what_is_wrong_is_said_on_the_same_page_which_keeps_the_photos_and_goes_on_working(desk, agreed, rosa, two):
    at = desk(rosa, PHONE, touch=True)
    at.open(log(agreed))
    page = at.page
    page.get_by_label(re.compile("^Note")).fill("Tender")
    rows = photograph(page, *two)
    page.get_by_role("button", name="Log it").tap()

    expect(page.get_by_text("Choose what it is; “Other” if nothing fits.")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("Everything typed is still here.")
    expect(page.get_by_text("choose them again")).to_have_count(0)
    expect(page.get_by_label(re.compile("^Note"))).to_have_value("Tender")
    expect(rows).to_have_count(2)
    expect(page.get_by_role("checkbox", name="Bruising")).to_be_focused()
    at.expect_sound_but_for(422)

    # The map, the suggested session and the camera are as alive as before.
    page.get_by_text("Show it on the body", exact=True).tap()
    page.get_by_role("option", name=re.compile("^Left thigh, front")).tap()
    expect(page.get_by_label("Where", exact=True)).to_have_value("thigh")
    rows.first.get_by_role("button", name=re.compile("^Leave out.*near.jpg")).tap()
    page.get_by_role("checkbox", name="Bruising").tap()
    with page.expect_navigation():
        page.get_by_role("button", name="Log it").tap()
    expect(page.locator("main")).to_contain_text("Logged.")
    logged = SideEffect.objects.get()
    assert (logged.site, logged.side, logged.note, logged.photos.count()) == ("thigh", "left", "Tender", 1)


def test_asked_whether_it_is_the_same_one_the_photos_stay_chosen(desk, bruise, agreed, rosa, two):
    at = desk(rosa, PHONE, touch=True)
    at.open(log(agreed))
    page = at.page
    page.get_by_role("checkbox", name="Bruising").tap()
    photograph(page, two[0])
    page.get_by_role("button", name="Log it").tap()

    page.get_by_role("checkbox", name=re.compile("^Another one: log it")).tap()
    at.expect_sound_but_for(409)
    with page.expect_navigation():
        page.get_by_role("button", name="Log it").tap()
    another = SideEffect.objects.exclude(pk=bruise.pk).get()
    assert another.photos.count() == 1


def test_signed_out_meanwhile_everything_stays_until_one_is_signed_in_again(desk, agreed, rosa, two):
    at = desk(rosa, PHONE)
    at.open(log(agreed))
    page = at.page
    page.get_by_role("checkbox", name="Bruising").check()
    rows = photograph(page, two[0])
    other = page.context.new_page()
    other.goto(at.address)
    other.locator("details.me > summary").click()
    other.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Log it").click()
    expect(page.locator("[data-sending]")).to_have_text(
        "Not saved: you are signed out. Sign in in another tab, then try again here; nothing was lost."
    )
    expect(rows).to_have_count(1)

    Desk(other, at.address).sign_in(rosa)
    with page.expect_navigation():
        page.get_by_role("button", name="Try again").click()

    expect(page.locator("main")).to_contain_text("Logged.")
    assert SideEffect.objects.get().photos.count() == 1


# --- A look -----------------------------------------------------------------------------------------------------------


def test_a_look_from_a_photo_says_which_was_not_kept_and_goes_with_the_rest(desk, bruise, rosa, two, tmp_path):
    letter = tmp_path / "letter.jpg"
    letter.write_bytes(b"Dear clinic,")
    at = desk(rosa, PHONE, touch=True)
    at.open(review(bruise))
    page = at.page
    page.get_by_role("radio", name="From a photo", exact=True).tap()
    page.get_by_role("radio", name="Gone", exact=True).tap()
    rows = photograph(page, letter, two[0])

    page.context.set_offline(True)
    page.get_by_role("button", name="Save review").tap()
    expect(page.locator("[data-sending]")).to_have_text(LOST)
    page.context.set_offline(False)
    at.complaints.clear()
    page.get_by_role("button", name="Try again").tap()

    expect(page.get_by_role("alert")).to_contain_text("letter.jpg: This is not a photo we can keep.")
    expect(page.locator("main")).to_contain_text("1 photo kept already; no need to send it again.")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("letter.jpg")
    expect(page.get_by_role("radio", name=re.compile("Gone$"))).to_be_checked()
    at.expect_sound_but_for(400)
    rows.get_by_role("button", name=re.compile("^Leave out.*letter.jpg")).tap()
    with page.expect_navigation():
        page.get_by_role("button", name="Save review").tap()
    expect(page.locator("main")).to_contain_text("Reviewed.")
    bruise.refresh_from_db()
    assert (bruise.is_open, Review.objects.count(), Photo.objects.count()) == (False, 1, 1)


def test_a_look_that_somebody_else_closed_meanwhile_is_said_and_stays_to_be_copied(desk, bruise, rosa, two):
    from tests.factories import make_gone

    at = desk(rosa, PHONE)
    at.open(review(bruise))
    page = at.page
    page.get_by_role("radio", name="In person").check()
    page.get_by_role("radio", name="Fading", exact=True).check()
    page.get_by_label(re.compile("^Note")).fill("Yellow at the edge")
    make_gone(bruise, rosa, now=ago())

    page.get_by_role("button", name="Save review").click()

    expect(page.locator("[data-sending]")).to_contain_text("Not saved.")
    expect(page.locator("[data-sending]")).to_contain_text("It was found gone, so it takes no more looks.")
    expect(page.get_by_label(re.compile("^Note"))).to_have_value("Yellow at the edge")


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_a_look_is_photographed_with_the_earlier_photo_laid_over_the_camera(viewport, desk, bruise, rosa):
    add_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg()), by=rosa, taken_at=ago(2), now=ago(2))
    earlier = Photo.objects.get()
    at = desk(rosa, viewport)
    at.open(review(bruise))
    page = at.page
    guide = page.get_by_text("A scale in view: a ruler")
    expect(guide).to_be_hidden()
    page.get_by_text("For photos that can be compared", exact=True).click()
    expect(guide).to_be_visible()

    page.get_by_role("button", name="Camera over the last photo").click()
    dialog = page.get_by_role("dialog", name="Camera over an earlier photo")
    ghost = dialog.locator("[data-camera-ghost]")
    assert ghost.get_attribute("src") == f"/photos/{earlier.pk}/display.jpg"
    expect(dialog.get_by_role("button", name="Take the photo")).to_be_enabled()
    dialog.get_by_role("button", name="Take the photo").click()
    expect(dialog.get_by_role("status")).to_have_text("1 photo taken; send it from the page.")
    first = dialog.locator("[data-camera-sees]").evaluate("video => video.currentTime")
    at.expect_sound()
    dialog.get_by_role("button", name="Done").click()
    expect(page.locator("[data-uploads] li")).to_contain_text("camera-1.jpg")
    # Refused once, the camera still stands there.
    page.get_by_role("radio", name="In person").check()
    page.get_by_role("radio", name="Fading", exact=True).check()
    page.get_by_label(re.compile("^Longest way")).fill("30")
    page.get_by_role("button", name="Save review").click()
    expect(page.get_by_text("Say how the size was measured.")).to_be_visible()
    page.get_by_role("button", name="Camera over the last photo").click()
    # The made-up camera begins anew each time: its first picture is the very photo that is there already.
    page.wait_for_function(
        "earlier => document.querySelector('[data-camera-sees]').currentTime > earlier + 1", arg=first
    )
    dialog.get_by_role("button", name="Take the photo").click()
    expect(dialog.get_by_role("status")).to_have_text("2 photos taken; send them from the page.")
    dialog.get_by_role("button", name="Done").click()
    page.get_by_role("radio", name="Ruler").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Save review").click()

    expect(page.locator("main")).to_contain_text("Reviewed.")
    assert (Review.objects.get().size_mm, Photo.objects.count()) == (30, 3)


def test_without_scripts_the_form_takes_photos_by_both_ways(desk, agreed, rosa, two):
    at = desk(rosa, PHONE, scripts=False)
    at.open(log(agreed))
    camera, choice = at.page.locator("input[type=file]").all()
    camera.set_input_files(two[0])
    choice.set_input_files(two[1])
    at.page.get_by_role("checkbox", name="Bruising").check()
    with at.page.expect_navigation():
        at.page.get_by_role("button", name="Log it").click()

    expect(at.page.locator("main")).to_contain_text("Logged.")
    assert SideEffect.objects.get().photos.count() == 2
