"""Between two patients, phone in one hand: a bruise with a photo, and a red flag with its checklist, at 390 px."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, WIDE, Desk
from tests.factories import make_consent, make_session
from tests.pages.clinical import ago, log
from tests.pictures import phone_jpeg
from treatments.models import Photo, SideEffect

# Under 30 seconds with one thumb: so many taps and choices for a bruise with a photo, saving among them.
MOST_TAPS = 8


@pytest.fixture
def treated(clinic_server, amara, rosa, reception, mesotherapy):
    make_consent(amara, reception)
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(1, hours=1))


class Thumb:
    """Counts what a thumb does."""

    def __init__(self, at: Desk) -> None:
        self.page, self.taps = at.page, 0

    def tap(self, role: str, name: str | re.Pattern[str]) -> None:
        self.page.get_by_role(role, name=name, exact=isinstance(name, str)).tap()
        self.taps += 1

    def open(self, summary: str) -> None:
        self.page.get_by_text(summary, exact=True).tap()
        self.taps += 1

    def photograph(self, file: Path) -> None:
        self.page.locator("input[type=file]").first.set_input_files(file)
        self.taps += 1


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_bruise_with_a_photo_takes_few_taps_and_the_save_is_under_the_thumb(
    desk, treated, amara, rosa, tmp_path, dark
):
    shot = tmp_path / "bruise.jpg"
    shot.write_bytes(phone_jpeg(width=1600, height=1200, gps=True, orientation=6))
    at = desk(rosa, PHONE, dark=dark, touch=True)
    at.open(log(amara))
    at.expect_sound()
    thumb, save = Thumb(at), at.page.get_by_role("button", name="Log it")
    expect(save).to_be_in_viewport(ratio=1)

    thumb.tap("checkbox", "Bruising")
    thumb.open("Show it on the body")
    thumb.tap("option", re.compile("^Left thigh, front"))
    thumb.tap("radio", "2 Moderate")
    thumb.tap("radio", "Yesterday")
    thumb.photograph(shot)
    expect(save).to_be_in_viewport(ratio=1)
    with at.page.expect_navigation():
        thumb.tap("button", "Log it")

    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Bruising, left thigh")
    expect(at.page.locator("main")).to_contain_text("The source gives bruising no number of days")
    assert thumb.taps <= MOST_TAPS
    bruise = SideEffect.objects.get()
    assert (bruise.site, bruise.side, bruise.severity, bruise.session, bruise.seen_by) == (
        "thigh",
        "left",
        2,
        treated,
        rosa,
    )
    assert Photo.objects.filter(side_effect=bruise).count() == 1
    at.expect_sound()


def test_only_what_a_kind_is_asked_is_on_the_page_and_the_session_follows_the_day(
    desk, treated, amara, rosa, mesotherapy
):
    today = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(), finished=False)
    at = desk(rosa, PHONE, touch=True)
    at.open(log(amara))
    page = at.page
    painful, cream = (
        page.get_by_text("Is the swelling painful to touch?"),
        page.get_by_label(re.compile("^Irritated after")),
    )
    session = page.get_by_label("After which session")
    expect(painful).to_be_hidden()
    expect(cream).to_be_hidden()
    expect(session).to_have_value(str(today.pk))

    page.get_by_role("checkbox", name="Swelling").tap()
    page.get_by_role("checkbox", name="Irritation").tap()
    page.get_by_role("radio", name="Yesterday").tap()

    expect(painful).to_be_visible()
    expect(cream).to_be_visible()
    expect(session).to_have_value(str(treated.pk))
    session.select_option("")
    page.get_by_role("radio", name="Today").tap()
    expect(session).to_have_value("")
    page.get_by_role("radio", name="Another day").tap()
    expect(page.get_by_label("Began on")).to_be_visible()
    expect(page.get_by_label("About then")).to_be_visible()
    at.expect_sound()


def test_a_red_flag_leads_to_the_checklist_which_is_ticked_and_closed(desk, treated, amara, rosa):
    at = desk(rosa, PHONE, touch=True)
    at.open(log(amara))
    at.page.get_by_role("checkbox", name="Pain", exact=True).tap()
    at.page.get_by_role("checkbox", name="Pus").tap()
    at.page.get_by_role("button", name="Log it").tap()
    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Suspected infection")
    referral = at.page.get_by_role("region", name="Medical referral")
    expect(referral).to_contain_text("0 of 6 done")
    at.expect_sound()

    referral.get_by_role("button", name=re.compile("Doctor or urgent care told")).tap()
    expect(referral).to_contain_text("1 of 6 done")
    expect(referral).to_contain_text("Rosa Lind")
    referral.get_by_text("The rest is not needed", exact=True).tap()
    referral.get_by_label("Why the rest is not needed").fill("Seen in hospital already")
    referral.get_by_role("button", name="Close the checklist").tap()
    expect(referral).to_contain_text("Rosa Lind: Seen in hospital already")
    at.expect_sound()


def test_without_scripts_the_same_is_logged_by_the_plain_fields(desk, treated, amara, rosa):
    at = desk(rosa, WIDE, scripts=False)
    at.open(log(amara))
    at.page.get_by_role("checkbox", name="Bruising").check()
    at.page.get_by_label("Where", exact=True).select_option("thigh")
    at.page.get_by_role("radio", name="Left", exact=True).check()
    at.page.get_by_role("button", name="Log it").click()

    expect(at.page.get_by_role("heading", level=1)).to_contain_text("Bruising, left thigh")
