"""A recall in a real browser: the manager recalls the lot of an alert, reception calls those it was used for, it ends."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_lot
from tests.pages.clinical import ago
from tests.treatments.figured import treat
from treatments.side_effects import report_side_effect


@pytest.fixture
def lot(rosa, amara, jonas, mesotherapy):
    """Two suspected infections after it."""
    lot = make_lot(rosa, "A1", now=ago(60))
    for days, patient in ((20, amara), (10, jonas)):
        session = treat(patient, rosa, mesotherapy, ago(days), lots=[lot])
        report_side_effect(patient=patient, session=session, kind="infection", by=rosa, now=ago(days - 3))
    return lot


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, False), (PHONE, True)], ids=["wide", "phone"])
def test_from_the_alert_to_the_last_call(viewport, dark, desk, lot, manager, reception):
    at = desk(manager, viewport, dark=dark)
    page = at.page
    page.get_by_role("link", name="Suspected infections with something in common").click()
    at.expect_sound()
    page.get_by_role("link", name="Lipostab, lot A1").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("A1")
    at.expect_sound()

    page.get_by_role("link", name="Recall this lot").click()
    at.expect_sound()
    page.get_by_label("Why", exact=True).fill("Two infections after it.")
    page.get_by_role("button", name="Recall it now").click()
    expect(page.get_by_text("Recalled. Nobody can use this lot from now on.")).to_be_visible()
    expect(page.locator("#waiting")).to_have_text("To be told 2")
    at.expect_sound()
    page.get_by_role("link", name="Print their letters").click()
    expect(page.get_by_text("Dear Amara Okafor,")).to_be_visible()
    at.expect_sound()

    front = desk(reception, viewport, dark=dark)
    for left, patient in ((1, "Amara Okafor"), (0, "Jonas Weber")):
        front.open("/worklists/")
        front.page.get_by_role("link", name=f"Told : {patient}").click()
        front.expect_sound()
        front.page.get_by_label("How").select_option("phone")
        front.page.get_by_role("button", name="Note it").click()
        expect(front.page.get_by_text(f"Noted for {patient}.")).to_be_visible()
        expect(front.page.get_by_role("link", name="Told : ")).to_have_count(left)
    front.expect_sound()

    at.open(f"/lots/{lot.pk}/")
    page.get_by_role("link", name="To the recall").click()
    page.get_by_label("What came of it").fill("Sent back to the maker.")
    page.get_by_role("button", name="End the recall").click()
    expect(page.get_by_text("The recall has ended.")).to_be_visible()
    at.expect_sound()
