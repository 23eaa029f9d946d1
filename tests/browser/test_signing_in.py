"""Two whole ways in a real browser: a passkey set up and used, and a session that ends while somebody is typing."""

import re

import pytest
from playwright.sync_api import Page, expect

from clinic.models import KeptForm, Staff
from patients.models import Patient
from tests.browser.conftest import PHONE, Desk
from tests.factories import PASSWORD
from tests.pages.signing import everywhere_seen_ago


@pytest.fixture
def as_in_a_clinic(monkeypatch) -> None:
    """The server that is started asks for the second step, as a clinic's does."""
    monkeypatch.setenv("TESTS_ASK_FOR_SECOND_STEP", "on")


def minutes_pass(at: Desk, staff: Staff, minutes: float) -> None:
    """On the page's clock and on the server's."""
    everywhere_seen_ago(staff, minutes=minutes)
    at.page.clock.fast_forward(int(minutes * 60_000))


def with_passkeys(page: Page) -> None:
    """A device that keeps passkeys and always finds the right finger: Chromium's own, made for tests."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def test_a_passkey_is_set_up_and_signs_in_alone_and_as_the_second_step(as_in_a_clinic, manager, desk):
    at: Desk = desk(None, PHONE)
    page = at.page
    with_passkeys(page)

    at.open("/accounts/login/")
    at.expect_sound()
    page.get_by_label("Email").fill(manager.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Your role signs in with a second step.")).to_be_visible()
    at.expect_sound()
    page.get_by_role("link", name="Add one").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Name").fill("Phone")
    at.expect_sound()
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_text("These are shown this once.")).to_be_visible()
    at.expect_sound()
    page.get_by_role("link", name="I have kept them").click()
    page.wait_for_url(f"{at.address}/")

    at.open("/security/")
    expect(page.get_by_role("listitem").filter(has_text="Phone passkey")).to_be_visible()
    at.expect_sound()
    sign_out(at)
    page.get_by_role("button", name="Use a passkey instead").click()
    page.wait_for_url(f"{at.address}/")
    sign_out(at)

    page.get_by_label("Email").fill(manager.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    at.expect_sound()
    page.get_by_role("button", name="Use your passkey").click()
    page.wait_for_url(f"{at.address}/")
    assert at.complaints == []


def sign_out(at: Desk) -> None:
    at.open("/accounts/logout/")
    at.page.get_by_role("main").get_by_role("button", name="Sign out").click()
    at.page.wait_for_url(f"{at.address}/accounts/login/**")


def test_a_session_that_ends_under_somebodys_hands_keeps_what_they_typed(reception, desk):
    at: Desk = desk(None)
    page = at.page
    page.clock.install()
    at.sign_in_by_form(reception)
    at.open("/patients/new/")
    page.get_by_label("Given name").fill("Nia")
    page.get_by_label("Family name").fill("Bevan")
    page.get_by_label("Date of birth").fill("1990-04-01")

    with page.expect_response("**/signed-in/stay/"):  # typing is being there
        page.clock.fast_forward(61_000)
    minutes_pass(at, reception, 14.1)
    warning = page.get_by_role("alertdialog", name="You will be signed out in 1 minute.")
    expect(warning).to_be_visible()
    at.expect_sound()
    warning.get_by_role("button", name="Stay signed in").click()
    expect(warning).to_be_hidden()

    minutes_pass(at, reception, 15.2)
    page.wait_for_url(re.compile(r"/accounts/login/\?next=%2Fkept%2F"))
    at.expect_sound()
    page.get_by_label("Email").fill(reception.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="What you typed is kept")).to_be_visible()
    expect(page.get_by_text("Bevan")).to_be_visible()
    at.expect_sound()
    page.get_by_role("button", name="Save it now").click()
    expect(page.get_by_role("heading", name=re.compile("Nia Bevan"))).to_be_visible()
    assert Patient.objects.get().family_name == "Bevan"
    assert not KeptForm.objects.exists()
