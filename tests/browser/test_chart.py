"""A long chart on a phone: it goes on as it is scrolled, is read by kind, and works without scripts."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_side_effect
from tests.pages.clinical import ago
from treatments.side_effects import record_none_seen

ENTRIES = "#timeline > li:not(.more)"


@pytest.fixture
def long_chart(amara, rosa, mesotherapy):
    """130 entries: more than two pages of them."""
    for count in range(130 - 2):
        record_none_seen(patient=amara, by=rosa, now=ago(200 - count))
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(3))
    return amara


def test_a_long_chart_goes_on_as_it_is_scrolled_and_is_read_by_kind(desk, long_chart, rosa):
    at = desk(rosa, PHONE)
    page = at.page
    at.open(f"/patients/{long_chart.pk}/")
    expect(page.locator(ENTRIES)).to_have_count(50)
    at.expect_sound()

    more = page.get_by_role("link", name="Show earlier")
    more.scroll_into_view_if_needed()
    expect(page.locator(ENTRIES)).to_have_count(100)
    expect(page.get_by_role("status").filter(has_text="earlier entries shown")).to_have_text(
        re.compile("50 earlier entries shown, 100 in all.")
    )
    page.get_by_role("link", name="Show earlier").scroll_into_view_if_needed()
    expect(page.locator(ENTRIES)).to_have_count(130)
    expect(more).to_have_count(0)

    kinds = page.get_by_role("list", name="Show only")
    side_effects = kinds.get_by_role("link", name="Side effects")
    side_effects.focus()
    page.keyboard.press("Enter")
    # Once on the page, and once in the hidden line that is read out.
    expect(page.locator("#kinds-said")).to_contain_text("Showing only side effects, 129 of 130 entries")
    expect(page.locator("#chart-said")).to_contain_text("Showing only side effects, 129 of 130 entries")
    expect(page).to_have_url(re.compile(r"show=side-effects"))
    expect(kinds.get_by_role("link", name="Side effects")).to_be_focused()
    at.expect_sound()
    page.get_by_role("link", name="Show everything").click()
    expect(page.get_by_text("Showing only")).to_have_count(0)


def test_who_goes_on_by_keyboard_stays_where_they_were(desk, long_chart, rosa):
    at = desk(rosa, {"width": 1280, "height": 300})
    page = at.page
    at.open(f"/patients/{long_chart.pk}/")
    page.get_by_role("link", name="Show earlier").focus()
    expect(page.locator(ENTRIES)).to_have_count(100)

    expect(page.locator(ENTRIES).nth(50)).to_be_focused()


def test_without_scripts_earlier_entries_are_a_link_away(desk, long_chart, rosa):
    at = desk(rosa, WIDE, scripts=False)
    at.open(f"/patients/{long_chart.pk}/")
    at.page.get_by_role("link", name="Show earlier").click()
    expect(at.page.get_by_role("link", name="Back to the newest")).to_be_visible()
    expect(at.page.locator(ENTRIES)).to_have_count(50)
    at.page.get_by_role("link", name="Consents", exact=True).click()
    expect(at.page.locator("#kinds-said")).to_contain_text("Showing only consents, 1 of 130 entries")
