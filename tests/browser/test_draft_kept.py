"""A session typed on a phone: kept as it is typed, through a lost network and a page opened again; gone once it is signed."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE
from tests.factories import make_session
from tests.pages.clinical import ago
from treatments.models import Draft, Session

KEPT = re.compile(r"^Kept at \d\d:\d\d, not yet saved to the record\.$")


@pytest.fixture
def running(clinic_server, amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


def write(page: Page, words: str) -> None:
    page.get_by_label(re.compile("^Note")).fill(words)


def test_what_is_typed_outlives_the_network_and_the_page(desk, running, rosa):
    at = desk(rosa, PHONE)
    at.open(reverse("session", args=[running.pk]))
    page, line = at.page, at.page.locator("[data-kept]")
    note = page.get_by_label(re.compile("^Note"))
    write(page, "Two sites")
    expect(line).to_have_text(KEPT)
    at.expect_sound()

    page.context.set_offline(True)
    write(page, "Two sites, calm")
    expect(line).to_have_text("Not kept: no connection. It is tried again; what is typed stays on this page.")
    page.context.set_offline(False)
    expect(line).to_have_text(KEPT)
    at.complaints = [one for one in at.complaints if "ERR_INTERNET_DISCONNECTED" not in one]

    page.reload()
    expect(note).to_have_value("Two sites, calm")
    expect(page.locator("main")).to_contain_text("and not saved: it is filled in below as it was.")
    at.expect_sound()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("main")).to_contain_text("What was typed and not saved is thrown away.")
    expect(note).to_have_value("")

    write(page, "One site")
    expect(line).to_have_text(KEPT)
    page.get_by_role("button", name="Save and finish").click()
    page.get_by_role("checkbox", name=re.compile("^Finish without")).check()
    page.get_by_role("button", name="Save and finish").click()
    expect(page.locator(".banner")).to_contain_text("Finished")
    expect(page.locator("main")).to_contain_text("One site")
    at.expect_sound_but_for(422)
    assert not Draft.objects.exists()


@pytest.mark.parametrize("button", ["Save", "Save and finish"])
def test_what_is_saved_without_a_network_stays_on_the_page_and_goes_when_there_is_one(button, desk, running, rosa):
    at = desk(rosa, PHONE, touch=True)
    at.open(reverse("session", args=[running.pk]))
    page, line = at.page, at.page.locator("[data-kept]")
    note = page.get_by_label(re.compile("^Note"))
    pressed = page.get_by_role("button", name=button, exact=True).last

    page.context.set_offline(True)
    write(page, "Two sites, calm")
    pressed.tap()
    expect(line).to_have_text("Not saved: no connection. What you typed stays here; try again.")
    pressed.tap()
    expect(line).to_have_text("Not saved: no connection. What you typed stays here; try again.")
    expect(note).to_have_value("Two sites, calm")
    at.complaints = [one for one in at.complaints if "ERR_INTERNET_DISCONNECTED" not in one]
    at.expect_sound()

    page.context.set_offline(False)
    with page.expect_navigation():
        pressed.tap()

    if button == "Save":
        expect(page.locator("main")).to_contain_text("Saved.")
        running.refresh_from_db()
        assert (running.note, Draft.objects.exists()) == ("Two sites, calm", False)
        at.expect_sound()
    else:  # what was not written down is asked about first, as ever
        expect(page.get_by_role("alert")).to_contain_text("Not written down:")
        expect(note).to_have_value("Two sites, calm")


def test_pressed_twice_at_once_it_is_sent_once_and_with_the_button_that_was_pressed(desk, running, rosa):
    at = desk(rosa, PHONE)
    at.open(reverse("session", args=[running.pk]))
    write(at.page, "Calm")
    sent = []
    at.page.on("request", lambda request: sent.append(request) if request.is_navigation_request() else None)

    with at.page.expect_navigation():
        at.page.get_by_role("button", name="Save and finish").evaluate(
            "(button) => { button.click(); button.click(); }"
        )
    at.page.get_by_role("checkbox", name=re.compile("^Finish without")).check()
    with at.page.expect_navigation():
        at.page.get_by_role("button", name="Save and finish").evaluate(
            "(button) => { button.click(); button.click(); }"
        )

    expect(at.page.locator(".banner")).to_contain_text("Finished")
    posts = [request for request in sent if request.method == "POST"]
    assert [request.url.removeprefix(at.address) for request in posts] == [
        reverse("session-finish", args=[running.pk])
    ] * 2
    running.refresh_from_db()
    assert (running.note, running.finished_by, Draft.objects.exists()) == ("Calm", rosa, False)


def test_what_was_never_typed_leaves_no_draft(desk, running, rosa):
    at = desk(rosa, PHONE)
    at.open(reverse("session", args=[running.pk]))

    with at.page.expect_navigation():
        at.page.get_by_role("button", name="Save and finish").click()

    expect(at.page.get_by_role("alert")).to_contain_text("Not written down:")
    assert not Draft.objects.exists()
