"""Messages in a real browser: a manager words one by keyboard, the desk calls back, and the pages are sound everywhere."""

import datetime as dt

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_appointment, make_patient
from treatments.messages.sending import send_message
from treatments.messages.wording import DELIVERED, wording_of
from treatments.models import Message


@pytest.fixture
def message(reception, rosa, consultation) -> Message:
    ada = make_patient(reception, "Ada", "Byron", email="ada@patient.example", wants_messages=True)
    starts_at = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=3)
    make_appointment(
        patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=starts_at, now=timezone.now()
    )
    message = Message.objects.get()
    send_message(message.pk, now=timezone.now() + dt.timedelta(minutes=3))
    return message


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, False), (PHONE, True)], ids=["wide", "phone-dark"])
def test_a_manager_words_a_message_with_the_keyboard_alone(viewport, dark, desk, manager, message):
    at = desk(manager, viewport, dark=dark)
    at.open("/messages/wording/hold/")
    at.expect_sound()
    keyboard = at.page.keyboard

    at.page.get_by_label("Subject").focus()
    keyboard.press("Control+a")
    keyboard.type("Your injection")
    keyboard.press("Enter")
    expect(at.page.locator(".wrong")).to_contain_text("“injection” is a clinical word.")
    at.expect_sound_but_for(422)

    at.page.get_by_label("Subject").focus()
    keyboard.press("Control+a")
    keyboard.type("Please wait: {day}")
    keyboard.press("Tab")
    keyboard.press("Tab")
    expect(at.page.get_by_role("button", name="Preview")).to_be_focused()
    keyboard.press("Enter")
    expect(at.page.get_by_role("heading", name="Preview, not saved")).to_be_visible()
    at.expect_sound()
    assert wording_of("hold") == DELIVERED["hold"]

    at.page.get_by_role("button", name="Save").focus()
    keyboard.press("Enter")
    expect(at.page.locator("main").get_by_role("status")).to_contain_text("Saved.")
    at.expect_sound()
    assert wording_of("hold").subject == "Please wait: {day}"


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, True), (PHONE, False)], ids=["wide-dark", "phone"])
def test_the_desk_reads_and_calls_back(viewport, dark, desk, reception, message):
    Message.objects.update(status="failed", problem="The mail server refused the address (550).")
    at = desk(reception, viewport, dark=dark)

    at.open("/messages/")
    at.expect_sound()
    at.page.get_by_role("link", name="Confirmation to Ada Byron").click()
    expect(at.page.get_by_role("link", name="+44 7700 900123")).to_be_visible()
    at.expect_sound()
    at.page.get_by_label("What was done instead").fill("Told by phone")
    at.page.get_by_role("button", name="Done").click()

    expect(at.page.locator("main").get_by_role("status")).to_contain_text("off the list")
    assert not Message.objects.to_call_back().exists()
    at.open(f"/patients/{message.patient_id}/")
    expect(at.page.get_by_role("heading", name="Messages")).to_be_visible()
    at.expect_sound()


def test_without_scripts_a_wording_is_tried_and_saved(desk, manager, message):
    at = desk(manager, scripts=False)
    at.open("/messages/wording/confirmation/")

    at.page.get_by_label("Subject").fill("See you on {day}")
    at.page.get_by_role("button", name="Preview").click()
    expect(at.page.get_by_role("heading", name="Preview, not saved")).to_be_visible()
    at.page.get_by_role("button", name="Save").click()

    expect(at.page.locator("main").get_by_role("status")).to_contain_text("Saved.")
