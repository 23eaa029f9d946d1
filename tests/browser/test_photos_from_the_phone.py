"""Photos taken and sent from a phone: preview, progress, a network that drops, and the wait until they are ready."""

import datetime as dt
import io
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import PHONE, WIDE, Desk
from tests.factories import make_consent, make_side_effect
from tests.pages.clinical import ago
from tests.pictures import phone_jpeg
from treatments.models import Photo, PhotoFile, SideEffect
from treatments.photo_files import read_stored
from treatments.photos import add_photo

READY = 20_000  # ms: no worker runs beside the tests, so the page waits for one before it does the work


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(3))


@pytest.fixture
def two(tmp_path) -> list[Path]:
    paths = [tmp_path / name for name in ("near.jpg", "far.jpg")]
    for number, path in enumerate(paths):
        path.write_bytes(phone_jpeg(width=1600 + number, height=1200, gps=True, orientation=6))
    return paths


def add_page(desk: Desk, bruise: SideEffect) -> Page:
    desk.open(f"/side-effects/{bruise.pk}/photos/")
    return desk.page


def drop_the_second(page: Page) -> None:
    """The network is there for the first photo, and gone for what follows."""
    sent = []

    def answer(route: Route) -> None:
        if route.request.method == "POST":
            sent.append(route)
        if len(sent) == 2:
            route.abort("internetdisconnected")
        else:
            route.continue_()

    page.route("**/photos/", answer)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_two_photos_with_a_network_that_drops_in_between(dark, desk, rosa, bruise, two):
    doctor = desk(rosa, PHONE, dark=dark)
    page = add_page(doctor, bruise)
    doctor.expect_sound()
    camera, choice = page.locator("input[type=file]").all()
    assert (camera.get_attribute("capture"), choice.get_attribute("multiple")) == ("environment", "")

    # One with the camera, one from the phone's pictures; both are seen before anything is sent.
    camera.set_input_files(two[0])
    choice.set_input_files(two[1])
    uploads = page.locator("[data-uploads] li")
    expect(uploads).to_have_count(2)
    for name in ("near.jpg", "far.jpg"):
        row = uploads.filter(has_text=name)
        expect(row).to_contain_text("Ready to send")
        assert row.locator("img").evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
    doctor.expect_sound()

    drop_the_second(page)
    page.get_by_role("button", name="Send").click()
    expect(uploads.filter(has_text="near.jpg")).to_contain_text("Kept.")
    lost = uploads.filter(has_text="far.jpg")
    expect(lost).to_contain_text("No connection; it was not kept. Try again when there is one.")
    doctor.complaints = [one for one in doctor.complaints if "ERR_INTERNET_DISCONNECTED" not in one]
    doctor.expect_sound()

    # The one that was lost alone goes again, and then the page goes on by itself.
    lost.get_by_role("button", name=re.compile("Try again")).click()
    page.wait_for_url(f"**/side-effects/{bruise.pk}/")
    expect(page.locator("main")).to_contain_text("Being made ready")
    doctor.expect_sound()

    # The wait ends without a reload.
    expect(page.get_by_role("img", name=re.compile("Photo of bruising, left thigh"))).to_have_count(2, timeout=READY)
    expect(page.locator("main")).not_to_contain_text("Being made ready")
    doctor.expect_sound()
    assert sorted(Photo.objects.values_list("state", flat=True)) == ["ready", "ready"]


def test_what_was_lost_goes_by_itself_when_the_network_is_back(desk, rosa, bruise, two):
    doctor = desk(rosa, PHONE)
    page = add_page(doctor, bruise)
    page.locator("input[type=file]").last.set_input_files(two)

    page.context.set_offline(True)
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("No connection; it was not kept.")).to_have_count(2)
    page.context.set_offline(False)

    page.wait_for_url(f"**/side-effects/{bruise.pk}/")
    assert Photo.objects.count() == 2


def test_a_file_that_is_no_photo_is_said_and_can_be_left_out(desk, rosa, bruise, two, tmp_path):
    letter = tmp_path / "letter.jpg"
    letter.write_bytes(b"Dear clinic,")
    doctor = desk(rosa, PHONE)
    page = add_page(doctor, bruise)
    page.locator("input[type=file]").last.set_input_files([letter, two[0]])

    page.get_by_role("button", name="Send").click()

    wrong = page.locator("[data-uploads] li", has_text="letter.jpg")
    expect(wrong).to_contain_text("This is not a photo we can keep.")
    expect(wrong.get_by_role("button", name=re.compile("Try again"))).to_have_count(0)
    expect(page.locator("[data-uploads] li", has_text="near.jpg")).to_contain_text("Kept.")
    doctor.expect_sound_but_for(400)
    wrong.get_by_role("button", name=re.compile("Leave out")).click()
    expect(wrong).to_have_count(0)


def test_without_a_script_the_form_is_sent_whole(desk, rosa, bruise, two):
    doctor = desk(rosa, PHONE, scripts=False)
    page = add_page(doctor, bruise)
    camera, choice = page.locator("input[type=file]").all()
    expect(page.get_by_role("button", name=re.compile("Camera over"))).to_have_count(0)
    camera.set_input_files(two[0])
    choice.set_input_files(two[1])

    with page.expect_navigation():
        page.get_by_role("button", name="Send").click()

    expect(page.locator("main")).to_contain_text("2 photos kept.")
    expect(page.get_by_text("Being made ready")).to_have_count(2)
    page.wait_for_timeout(5500)  # longer than a page waits for a worker
    for _ in range(2):
        with page.expect_navigation():
            page.get_by_role("button", name="Look again").first.click()
    expect(page.get_by_role("img", name=re.compile("Photo of bruising"))).to_have_count(2)


@pytest.mark.parametrize("viewport", [PHONE, WIDE], ids=["phone", "wide"])
def test_the_next_photo_is_taken_with_the_earlier_one_laid_over_the_camera(viewport, desk, rosa, bruise):
    for days in (2, 1):
        add_photo(
            side_effect=bruise,
            image=io.BytesIO(phone_jpeg(width=640 + days)),
            by=rosa,
            taken_at=ago(days),
            now=ago(days),
        )
    newest = Photo.objects.latest("taken_at")
    doctor = desk(rosa, viewport)
    page = add_page(doctor, bruise)

    page.get_by_role("button", name="Camera over the last photo").click()
    dialog = page.get_by_role("dialog", name="Camera over an earlier photo")
    shutter = dialog.get_by_role("button", name="Take the photo")
    expect(shutter).to_be_enabled()
    ghost = dialog.locator("[data-camera-ghost]")
    assert ghost.get_attribute("src") == f"/photos/{newest.pk}/display.jpg"
    assert ghost.evaluate("async (image) => { await image.decode(); return getComputedStyle(image).opacity; }") == "0.5"
    dialog.get_by_label("How strongly").fill("80")
    assert ghost.evaluate("(image) => getComputedStyle(image).opacity") == "0.8"
    dialog.get_by_label("Laid over it").select_option(index=1)
    assert ghost.get_attribute("src") != f"/photos/{newest.pk}/display.jpg"
    doctor.expect_sound()

    shutter.click()
    expect(dialog.get_by_role("status")).to_have_text("1 photo taken; send it from the page.")
    dialog.get_by_role("button", name="Done").click()
    assert page.locator("[data-camera-sees]").evaluate("(video) => video.srcObject") is None
    expect(page.locator("[data-uploads] li")).to_contain_text("camera-1.jpg")
    page.get_by_role("button", name="Send").click()
    page.wait_for_url(f"**/side-effects/{bruise.pk}/")
    expect(page.get_by_role("img", name=re.compile("Photo of bruising"))).to_have_count(3, timeout=READY)

    taken = Photo.objects.latest("taken_at")
    assert dt.timedelta(0) <= taken.uploaded_at - taken.taken_at < dt.timedelta(minutes=1)
    # The made-up camera's picture, and nothing of what was laid over it.
    picture = Image.open(io.BytesIO(read_stored(PhotoFile.objects.get(photo=taken, size="full").name)))
    assert picture.size != Image.open(io.BytesIO(phone_jpeg(width=641))).size


def test_where_the_camera_is_not_allowed_the_page_says_what_to_do_instead(desk, rosa, bruise):
    add_photo(side_effect=bruise, image=io.BytesIO(phone_jpeg()), by=rosa, taken_at=ago(1), now=ago(1))
    doctor = desk(rosa, PHONE)
    doctor.page.add_init_script(
        "navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException('no', 'NotAllowedError'));"
    )
    page = add_page(doctor, bruise)

    page.get_by_role("button", name="Camera over the last photo").click()

    expect(page.get_by_role("alert")).to_have_text(
        "The browser was not allowed the camera. Use “Take a photo” on the page instead."
    )
    expect(page.get_by_role("button", name="Take the photo")).to_be_disabled()
    doctor.expect_sound()
