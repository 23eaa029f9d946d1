"""Time to clear and the watch in a real browser: drawn, filtered and read by keyboard, wide and on a phone."""

import datetime as dt

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from treatments.models import ClearingFigure, WatchFigure


@pytest.mark.parametrize("viewport, dark", [(WIDE, False), (PHONE, True)], ids=str)
def test_a_manager_reads_how_long_and_what_is_watched(viewport, dark, desk, manager, site):
    curve = [[2, 5, 0.2], [7, 9, 0.6], [10, 14, 0.95], [14, None, 1.0]]
    for where in ("", "thigh"):
        ClearingFigure.objects.create(body_site=where, bruises=214, gone=200, left_out=3, half_by_day=9, curve=curve)
    began = dt.date(2026, 9, 1)
    line = [[(began + dt.timedelta(days=number)).isoformat(), number % 3 == 0, 6 + number % 4] for number in range(60)]
    line[40][2] = 38
    WatchFigure.objects.create(
        site=site, kind="bruising", baseline_sessions=200, baseline_with=20, adds=6, takes=1, limit=37,
        called_by_chance=2140, called_if_doubled=102, sessions=60, line=line,
    )  # fmt: skip
    at = desk(manager, viewport, dark=dark)
    at.open("/figures/time-to-clear/")
    page = at.page.locator("main")
    page.get_by_label("Where").select_option("thigh")
    page.get_by_role("button", name="Show").click()
    at.page.wait_for_url("**/figures/time-to-clear/?site=thigh**")
    expect(page.get_by_role("img", name="Time to clear, thigh")).to_be_visible()
    expect(page.get_by_role("row", name="9 60")).to_be_visible()
    at.expect_sound()
    at.expect_printed("Gone, of 100")

    page.get_by_role("link", name="Watch").click()
    expect(page.get_by_role("heading", name="High Street: bruising")).to_be_visible()
    expect(page.get_by_role("img", name="Bruising, High Street: running sum")).to_be_visible()
    at.expect_printed("Sum after it")
    page.get_by_text("The newest sessions as numbers").click()
    expect(page.get_by_role("columnheader", name="Sum after it")).to_be_visible()
    at.expect_sound()
