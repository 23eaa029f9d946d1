"""A session's record on a phone: same as last time, a scanned lot, a site more, finished."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_lot, make_session
from tests.pages.clinical import ago
from treatments.models import Session
from treatments.sessions import finish_session, write_session

GTIN = "09501101530003"
CODE = f"01{GTIN}1736123110S1"


@pytest.fixture
def running(clinic_server, amara, rosa, mesotherapy) -> Session:
    last = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(20), finished=False)
    write_session(
        session=last, by=rosa, sites=[{"site": "thigh", "side": "left", "volume_ml": "1.5"}], creams=["Arnica"],
        lots=[{"lot": make_lot(rosa), "volume_ml": Decimal("1.5")}], asepsis=["hands-washed"], anaesthetic="declined",
    )  # fmt: skip
    finish_session(session=last, by=rosa)
    make_lot(rosa, "S1", name="Saline", gtin=GTIN)
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


def test_a_session_is_written_with_a_thumb_and_a_scanner(desk, running, rosa):
    at = desk(rosa, PHONE, touch=True)
    page = at.page
    at.open(reverse("session", args=[running.pk]))

    page.get_by_role("button", name="Same as last time").click()
    expect(page.get_by_text("Hold each lot against the vial")).to_be_visible()
    expect(page.locator("[data-total=sites]")).to_have_text("1.5 ml")
    expect(page.get_by_role("checkbox", name="Hands washed and gloved")).not_to_be_checked()

    # A scanner types, and ends with Enter: the lot stands in its row, and the next key is its volume.
    page.get_by_label("Scan a lot").focus()
    page.keyboard.type(CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#scan-said")).to_have_text("Saline, lot S1: how much went in?")
    expect(page.locator("[name=lots-1-volume_ml]")).to_be_focused()
    page.keyboard.type("0,5")
    expect(page.locator("[data-total=lots]")).to_have_text("2 ml")
    page.locator("[name=sites-1-site]").select_option("abdomen")
    page.locator("[name=sites-1-volume_ml]").fill("0.5")
    expect(page.locator("[data-total=sites]")).to_have_text("2 ml")

    for step in page.get_by_role("group", name="Against infection").get_by_role("checkbox").all():
        step.check()
    page.get_by_role("radio", name="Declined").check()
    page.get_by_role("group", name="Burning, 0 to 10").get_by_role("radio", name="3", exact=True).check()
    page.get_by_label("Next step").fill("Look in a week")
    at.expect_sound()
    page.get_by_role("button", name="Save and finish").click()

    expect(page.locator(".banner")).to_contain_text("Finished")
    record = page.get_by_role("region", name="Record", exact=True)
    for words in ("Lipostab, lot L2209-B, expires 31 Dec 2036, 1.50 ml", "Saline, lot S1", "Abdomen, 0.5 ml", "2 ml in all",
                  "Declined", "3 of 10", "Look in a week", "Arnica"):  # fmt: skip
        expect(record).to_contain_text(words)
    at.expect_sound()


def test_a_code_that_is_unknown_leads_to_receiving_the_lot_and_back(desk, running, rosa):
    at = desk(rosa, WIDE, dark=True)
    page = at.page
    at.open(reverse("session", args=[running.pk]))
    page.get_by_label("Note").fill("Calm throughout")
    page.get_by_label("Scan a lot").fill(f"01{GTIN}1736123110NEW")
    page.keyboard.press("Enter")

    expect(page.locator("#scan-said")).to_have_text("Saline, lot NEW, is not here yet.")
    expect(page.get_by_label("Note")).to_have_value("Calm throughout")
    at.expect_sound_but_for(422)
    page.get_by_role("link", name="Receive this lot").click()
    expect(page.get_by_label("Lot number")).to_have_value("NEW")
    at.expect_sound()
    page.get_by_role("button", name="Receive").click()

    page.wait_for_url(re.compile(f"/sessions/{running.pk}/$"))
    expect(page.locator("[name=lots-0-lot]")).to_contain_text("Saline NEW, expires 31 Dec 2036")


def test_without_scripts_enter_takes_the_lot_and_finishes_nothing(desk, running, rosa):
    at = desk(rosa, PHONE, scripts=False)
    page = at.page
    at.open(reverse("session", args=[running.pk]))
    page.get_by_label("Scan a lot").fill(CODE)
    page.keyboard.press("Enter")

    expect(page.locator("[name=lots-0-volume_ml]")).to_be_focused()
    expect(page.locator("[name=lots-0-lot]")).to_contain_text("Saline S1")
    expect(page.locator(".banner")).to_contain_text("In session")
