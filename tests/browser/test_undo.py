"""A slip taken back in a real browser: by keyboard, on a phone, and without JavaScript."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.pages.desk import booked, today_at


@pytest.mark.parametrize(
    "viewport, dark, scripts", [(WIDE, False, True), (PHONE, True, True), (PHONE, False, False)], ids=str
)
def test_a_slip_is_taken_back_by_keyboard(
    viewport, dark, scripts, desk, amara, rosa, reception, mesotherapy, bruise_review
):
    ahead = booked(amara, mesotherapy, rosa, reception, today_at(23))
    front = desk(reception, viewport, dark=dark, scripts=scripts)
    front.open(f"/appointments/{ahead.pk}/")
    page = front.page.locator("main")
    page.get_by_role("button", name="Check in").focus()
    front.page.keyboard.press("Enter")
    said = page.get_by_role("status")
    expect(said).to_contain_text("Amara Okafor: checked in.")
    if scripts:
        front.expect_sound()

    # The first thing after "Skip to content" is the button beside the words.
    front.page.locator("#main").focus()
    front.page.keyboard.press("Tab")
    expect(said.get_by_role("button", name="Undo")).to_be_focused()
    front.page.keyboard.press("Enter")

    expect(page.get_by_role("status")).to_contain_text("Amara Okafor: undone. It is booked, as before.")
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    if scripts:
        front.expect_sound()
    ahead.refresh_from_db()
    assert ahead.status == "booked"
