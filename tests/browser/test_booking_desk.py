"""The booking desk in a real browser: by keyboard only, refused and led on, and two desks at one slot."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, WIDE
from tests.factories import make_side_effect
from tests.pages.desk import today_at
from treatments.models import Appointment, Course, WaitingListEntry
from treatments.rule_check import rule_breaches

LOOKS = [(WIDE, False), (WIDE, True), (PHONE, False), (PHONE, True)]
IDS = ["wide", "wide-dark", "phone", "phone-dark"]


def tab_to(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until the focus stands on what the page itself calls so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "document.activeElement.closest('main') ?"
            " document.activeElement.labels?.[0]?.textContent || document.activeElement.textContent : ''"
        )
        if re.match(name, " ".join(said.split())):
            return
    raise AssertionError(f"Tab never reached {name}")


def test_by_keyboard_alone_from_the_slash_to_a_booked_time(desk, reception, rosa, amara, jonas, mesotherapy):
    front = desk(reception, WIDE)
    page = front.page
    keys = page.keyboard

    # From anywhere: find her as she is typed, and open her chart.
    keys.press("/")
    keys.type("okaf")
    found = page.get_by_role("listbox", name="Patients found")
    expect(found.get_by_role("option")).to_have_count(1)
    search = page.get_by_role("combobox", name="Find a patient")
    expect(search).to_have_attribute("aria-expanded", "true")
    front.expect_sound()
    keys.press("ArrowDown")
    expect(found.get_by_role("option")).to_have_attribute("aria-selected", "true")
    assert search.get_attribute("aria-activedescendant") == found.get_by_role("option").get_attribute("id")
    keys.press("Enter")
    page.wait_for_url(f"**/patients/{amara.pk}/")

    # To the booking page; the verdict and the free times come with the treatment.
    tab_to(page, "Book$")
    keys.press("Enter")
    page.wait_for_url(f"**/patients/{amara.pk}/book/")
    page.wait_for_load_state()
    tab_to(page, "Treatment")
    keys.press("M")
    expect(page.get_by_role("region", name="Eligibility")).to_contain_text("No recorded hold")
    expect(page.locator("#said")).to_contain_text("Free times on")
    # What was chosen last keeps the focus; the list comes after it.
    assert page.evaluate("document.activeElement.name") == "treatment"
    tab_to(page, "Part of the day")
    keys.press("ArrowDown")
    expect(page.locator("#times")).to_contain_text("Book the next free")
    page.wait_for_load_state("networkidle")
    front.expect_sound()
    tab_to(page, "Book the next free")
    keys.press("Enter")

    expect(page.locator("main")).to_contain_text("Booked: Mesotherapy")
    made = Appointment.objects.get()
    assert (made.patient, made.practitioner, made.status) == (amara, rosa, "booked")
    front.expect_sound()


def test_the_list_under_the_field_does_what_a_combobox_does(desk, reception, amara, jonas):
    front = desk(reception, WIDE)
    page, keys = front.page, front.page.keyboard
    keys.press("/")
    keys.type("77009")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)

    keys.press("ArrowUp")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    keys.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    keys.press("Escape")
    expect(page.get_by_role("listbox")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Find a patient")).to_have_value("77009")
    keys.press("Enter")  # nothing is chosen: the whole list
    page.wait_for_url("**/patients/?search=77009")
    front.expect_sound()

    # Two clicks from the search to a worry: the list, then its form.
    page.get_by_role("link", name=re.compile("^Report a concern.*Amara Okafor")).click()
    page.wait_for_url(f"**/patients/{amara.pk}/side-effects/new/")


def test_on_the_booking_page_the_slash_finds_who_it_is_for(desk, reception, rosa, amara, consultation):
    front = desk(reception, PHONE)
    front.open(f"/book/?treatment={consultation.pk}")
    page, keys = front.page, front.page.keyboard
    page.locator("h1").click()
    keys.press("/")
    keys.type("14.2.1988")
    expect(page.get_by_role("option")).to_have_count(1)
    front.expect_sound()
    page.get_by_role("option").click()

    page.wait_for_url(f"**/patients/{amara.pk}/book/?treatment={consultation.pk}")
    expect(page.locator("#times")).to_contain_text("Book the next free")


@pytest.mark.parametrize(("viewport", "dark"), LOOKS, ids=IDS)
def test_refused_leads_to_a_review_and_to_the_waiting_list(
    viewport, dark, desk, reception, rosa, amara, mesotherapy, bruise_review
):
    make_side_effect(patient=amara, by=rosa, now=today_at(0))
    front = desk(reception, viewport, dark=dark)
    page = front.page
    address = f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}"

    front.open(address)
    expect(page.get_by_role("region", name="Eligibility")).to_contain_text("Not yet: no mesotherapy while bruising")
    front.expect_sound()
    page.get_by_role("button", name=re.compile("^Book a bruise review: ")).click()
    expect(page.locator("main")).to_contain_text("Booked: Bruise review")
    assert Appointment.objects.get().treatment == bruise_review

    front.open(address)
    page.get_by_role("button", name="Join the waiting list").click()
    expect(page.locator("main")).to_contain_text("is on the waiting list for Mesotherapy")
    assert WaitingListEntry.objects.get().patient == amara
    front.open(address)
    expect(page.locator("main")).to_contain_text("has been on the waiting list for mesotherapy")
    front.expect_sound()
    assert rule_breaches() == []


@pytest.mark.parametrize(("viewport", "dark"), LOOKS, ids=IDS)
def test_the_pages_of_booking_are_sound(viewport, dark, desk, reception, rosa, amara, room, mesotherapy):
    made = Appointment.objects  # nothing is booked by looking
    front = desk(reception, viewport, dark=dark)
    page = front.page
    for path in ("/book/", "/book/?search=okafor", "/book/?search=nobody", f"/patients/{amara.pk}/book/"):
        front.open(path)
        front.expect_sound()
    front.open(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}&date={today_at(days=2).date()}")
    front.expect_sound()
    page.locator("summary", has_text="more").first.click()
    page.get_by_text("Another time").click()
    front.expect_sound()
    page.get_by_role("link", name="More days").click()
    # The list was changed by what stood at its end: the focus goes to its heading.
    expect(page.get_by_role("heading", name="Free times")).to_be_focused()
    front.expect_sound()
    plan = f"planned=3&every_days=7&date={today_at(days=2).date()}&time=10:00&practitioner=&room="
    front.open(f"/patients/{amara.pk}/course/?treatment={mesotherapy.pk}&{plan}")
    front.expect_sound()
    assert not made.exists()
    page.get_by_role("button", name="Book all 3").click()
    page.wait_for_url(f"**/courses/{Course.objects.get().pk}/")
    front.expect_sound()
    front.open(f"/appointments/{made.first().pk}/move/")
    front.expect_sound()


def test_without_scripts_a_patient_is_found_and_a_free_time_booked_and_moved(desk, reception, rosa, amara, mesotherapy):
    front = desk(reception, WIDE, scripts=False)
    page = front.page
    front.open("/book/")
    page.get_by_label("Who is it for?").fill("okafor")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Okafor, Amara").click()
    page.get_by_label("Treatment").select_option(label="Mesotherapy")
    page.get_by_label("Part of the day").select_option(label="Afternoons")
    page.get_by_role("button", name="Show free times").click()
    page.get_by_role("button", name=re.compile("^Book the next free")).click()
    made = Appointment.objects.get()
    before = made.starts_at

    front.open(f"/appointments/{made.pk}/move/?date={today_at(days=5).date()}")
    page.get_by_role("button", name=re.compile("^Move to the next free")).click()
    made.refresh_from_db()
    assert made.starts_at > before


def test_two_desks_and_one_slot(desk, reception, rosa, amara, jonas, consultation):
    here, there = desk(reception, WIDE), desk(rosa, WIDE)
    day = today_at(days=2).date()
    for one, patient in ((here, amara), (there, jonas)):
        one.open(f"/patients/{patient.pk}/book/?treatment={consultation.pk}&date={day}&practitioner={rosa.pk}")
    next_free = re.compile("^Book the next free")
    here.page.get_by_role("button", name=next_free).click()
    expect(here.page.locator("main")).to_contain_text("Booked")
    there.page.get_by_role("button", name=next_free).click()

    expect(there.page.get_by_role("alert").first).to_contain_text("Rosa Lind is taken from")
    there.expect_sound_but_for(409)
    there.page.get_by_role("button", name=next_free).click()
    expect(there.page.locator("main")).to_contain_text("Booked")
    assert Appointment.objects.count() == 2


def test_a_connection_lost_while_booking_makes_no_double(desk, reception, rosa, amara, consultation):
    front = desk(reception, WIDE)
    page = front.page
    address = f"/patients/{amara.pk}/book/?treatment={consultation.pk}"
    front.open(address)
    sent: list[str] = []

    def lose_the_answer(route) -> None:
        if route.request.method == "POST":
            sent.append(route.request.post_data)
            route.fetch(max_redirects=0)  # it reaches the server; what that answers is lost
            route.abort()
        else:
            route.continue_()

    page.route("**/book/**", lose_the_answer)
    page.get_by_role("button", name=re.compile("^Book the next free")).click()
    page.wait_for_timeout(500)
    page.unroute("**/book/**")
    assert (len(sent), Appointment.objects.count()) == (1, 1)

    # The same form once more, as a browser's “try again” sends it.
    again = page.request.post(
        front.address + address,
        data=sent[0],
        headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": front.address + address},
    )
    assert (again.status, again.url) == (200, f"{front.address}/patients/{amara.pk}/")
    assert "Booked: Consultation" in again.text()
    assert Appointment.objects.count() == 1
