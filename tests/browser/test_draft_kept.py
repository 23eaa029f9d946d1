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
