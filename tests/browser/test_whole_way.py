"""One patient's whole way in a real browser: registered, booked, treated, bruised, held, refused, looked at, clear again."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from patients.models import Patient
from tests.browser.conftest import PHONE, WIDE, Desk
from tests.pictures import heic, phone_jpeg
from treatments.models import Appointment, Photo, SideEffect
from treatments.rule_check import rule_breaches


def day(ahead: int) -> str:
    return (timezone.localdate() + dt.timedelta(days=ahead)).isoformat()


def press(desk: Desk, name: str | re.Pattern[str], *, exact: bool = True) -> None:
    with desk.page.expect_navigation():  # what follows reads the database: the answer must be there first
        desk.page.locator("main").get_by_role("button", name=name, exact=exact).first.click()


def follow(desk: Desk, name: str | re.Pattern[str]) -> None:
    with desk.page.expect_navigation():
        desk.page.locator("main").get_by_role("link", name=name, exact=True).first.click()


def register(desk: Desk) -> Patient:
    desk.open("/patients/")
    follow(desk, "Register a patient")
    desk.expect_sound()
    for label, value in (
        ("Given name", "Amara"),
        ("Family name", "Okafor"),
        ("Date of birth", "1988-02-14"),
        ("Phone", "+44 7700 900123"),
        ("Email", "amara@patient.example"),
    ):
        desk.page.get_by_label(re.compile(f"^{label}")).fill(value)
    press(desk, "Register")
    expect(desk.page.get_by_role("heading", level=1)).to_contain_text("Amara Okafor")
    desk.expect_sound()
    return Patient.objects.get()


def agree(desk: Desk) -> None:
    """To treatment, with the sheet of risks before it, and to photos for care; from the chart, back to it."""
    follow(desk, re.compile("^Record ?: treatment$"))
    desk.expect_sound()
    desk.page.get_by_role("radio", name="On paper").check()
    press(desk, "Give the sheet")
    follow(desk, "Next: the consent")
    press(desk, "The patient agreed")
    follow(desk, re.compile("^Record ?: photos for care$"))
    desk.expect_sound()
    press(desk, re.compile("agreed ?: photos for care$"))


def book(desk: Desk, patient: Patient, treatment: str, practitioner: str, ahead: int, time: str) -> None:
    desk.open(f"/patients/{patient.pk}/book/")
    desk.page.get_by_label("Treatment").select_option(label=treatment)
    # The verdict comes as soon as the treatment is chosen, and the free times with it; any other time by hand.
    desk.page.get_by_text("Another time").click()
    desk.page.get_by_label("Practitioner", exact=True).select_option(label=practitioner)
    desk.expect_sound()
    desk.page.get_by_label("Day", exact=True).fill(day(ahead))
    desk.page.get_by_label("Time", exact=True).fill(time)
    desk.page.wait_for_load_state("networkidle")  # who may that day is asked meanwhile
    press(desk, "Book this time")


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, False), (PHONE, True)], ids=["wide", "phone-dark"])
def test_the_whole_way(
    viewport, dark, desk, reception, rosa, manager, room, mesotherapy, consultation, bruise_review, tmp_path
):
    front, doctor = desk(reception, viewport, dark=dark), desk(rosa, viewport, dark=dark)

    # 1. A receptionist registers a patient and books mesotherapy with a trained practitioner.
    amara = register(front)
    agree(front)
    book(front, amara, "Mesotherapy", "Rosa Lind", 1, "10:00")
    book(front, amara, "Mesotherapy", "Rosa Lind", 8, "10:00")
    expect(front.page.locator("main")).to_contain_text("Booked")
    first, second = Appointment.objects.order_by("starts_at")
    assert [first.status, second.status] == ["booked", "booked"]

    # 2. The practitioner checks the skin, starts, records, finishes.
    doctor.open(f"/appointments/{first.pk}/start/")
    doctor.expect_sound()
    doctor.page.get_by_role("checkbox", name=re.compile("no bruising seen", re.I)).check()
    press(doctor, "Start")
    doctor.expect_sound()
    doctor.page.get_by_label(re.compile("^Note")).fill("Outer thighs, second of six.")
    press(doctor, "Save and finish")
    # Finishing is for good, so what was not written down is asked about once.
    expect(doctor.page.get_by_role("alert")).to_contain_text("Not written down: anaesthetic, asepsis, sites")
    doctor.expect_sound_but_for(422)
    doctor.page.get_by_label("Finish without them").check()
    press(doctor, "Save and finish")
    expect(doctor.page.locator("main")).to_contain_text("Outer thighs, second of six.")
    doctor.expect_sound()

    # 3. Bruising is logged, with a phone's photos.
    shot = tmp_path / "bruise.jpg"
    shot.write_bytes(phone_jpeg(width=1600, height=1200, gps=True, orientation=6))
    apple = tmp_path / "bruise.heic"
    apple.write_bytes(heic("still"))
    doctor.open(f"/patients/{amara.pk}/side-effects/new/")
    doctor.expect_sound()
    doctor.page.get_by_role("checkbox", name="Bruising", exact=True).check()
    doctor.page.get_by_label("Where", exact=True).select_option("thigh")
    doctor.page.get_by_role("radio", name="Left", exact=True).check()
    doctor.page.get_by_role("radio", name="2 Moderate").check()
    doctor.page.locator("input[type=file]").last.set_input_files([shot, apple])
    press(doctor, "Log it")
    bruise = SideEffect.objects.get()
    assert (bruise.kind, bruise.site, bruise.side, bruise.severity) == ("bruising", "thigh", "left", 2)
    assert Photo.objects.filter(side_effect=bruise).count() == 2

    # 4. From that moment the other mesotherapy is on hold, and a new one is refused with its reasons.
    second.refresh_from_db()
    assert second.status == "on-hold"
    doctor.open(f"/patients/{amara.pk}/")
    expect(doctor.page.get_by_role("region", name="Eligibility")).to_contain_text(
        "no mesotherapy while bruising is present"
    )
    doctor.expect_sound()
    front.open(f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}")
    expect(front.page.get_by_role("region", name="Eligibility")).to_contain_text("Not yet")
    expect(front.page.locator("main")).not_to_contain_text("thigh")
    assert front.page.get_by_role("button", name="Book", exact=True).count() == 0
    front.expect_sound()
    book(front, amara, "Bruise review", "Rosa Lind", 2, "09:15")
    assert Appointment.objects.get(treatment=bruise_review).status == "booked"
    front.open(f"/patients/{amara.pk}/")
    expect(front.page.locator("main")).not_to_contain_text("thigh")
    assert front.page.locator("main img").count() == 0
    front.expect_sound()

    # 5. The practitioner looks again: fading, then gone. The verdict follows.
    for finding in ("Fading", "Gone"):
        doctor.open(f"/side-effects/{bruise.pk}/review/")
        doctor.page.get_by_role("radio", name="In person").check()
        doctor.page.get_by_role("radio", name=finding, exact=True).check()
        doctor.expect_sound()
        press(doctor, "Save review")
    bruise.refresh_from_db()
    assert not bruise.is_open
    doctor.open(f"/patients/{amara.pk}/")
    expect(doctor.page.get_by_role("region", name="Eligibility")).to_contain_text("No recorded hold")
    doctor.expect_sound()

    # 6. She stands on "clear again"; reception confirms the held appointment.
    front.open("/worklists/")
    expect(front.page.locator("#clear-again")).to_contain_text("Amara Okafor")
    front.expect_sound()
    front.open(f"/appointments/{second.pk}/")
    front.expect_sound()
    press(front, "Confirm", exact=False)
    second.refresh_from_db()
    assert second.status == "booked"
    front.open("/worklists/")
    expect(front.page.locator("#clear-again")).not_to_contain_text("Amara Okafor")

    # The manager reads it all and acts on nothing.
    boss = desk(manager, viewport, dark=dark)
    boss.expect_sound()
    boss.open(f"/patients/{amara.pk}/")
    expect(boss.page.locator("main")).to_contain_text("Mesotherapy session")
    assert boss.page.locator("main").get_by_role("button").count() == 0
    boss.expect_sound()
    assert rule_breaches() == []


def test_every_page_of_the_front_desk_is_sound(desk, reception, rosa, amara, mesotherapy):
    front = desk(reception, PHONE)
    for path in ("/", "/day/", "/patients/", "/patients/?search=nobody", "/worklists/", f"/patients/{amara.pk}/edit/"):
        front.open(path)
        front.expect_sound()
    front.page.keyboard.press("/")
    assert front.page.evaluate("document.activeElement.name") == "search"


def test_it_works_without_scripts(desk, reception, rosa, amara, mesotherapy, room):
    front = desk(reception, WIDE, scripts=False)
    front.open(f"/patients/{amara.pk}/book/")
    front.page.get_by_label("Treatment").select_option(label="Mesotherapy")
    press(front, "Show free times")
    front.page.get_by_text("Another time").click()
    front.page.get_by_label("Practitioner", exact=True).select_option(label="Rosa Lind")
    front.page.get_by_label("Day", exact=True).fill(day(1))
    front.page.get_by_label("Time", exact=True).fill("11:00")
    press(front, "Book this time")

    assert Appointment.objects.get().status == "booked"


def test_a_second_click_and_the_back_button_make_one_appointment(desk, reception, rosa, amara, consultation):
    front = desk(reception, WIDE)
    book(front, amara, "Consultation", "Rosa Lind", 1, "11:00")
    front.page.go_back()
    front.page.wait_for_load_state()
    if front.page.get_by_text("Another time").count():
        front.page.get_by_text("Another time").click()
        front.page.get_by_label("Practitioner", exact=True).select_option(label="Rosa Lind")
        front.page.get_by_label("Day", exact=True).fill(day(1))
        front.page.get_by_label("Time", exact=True).fill("11:00")
        press(front, "Book this time")

    assert Appointment.objects.count() == 1


def test_the_api_documentation_opens_offline_under_the_strict_policy(desk, rosa):
    doctor = desk(rosa, WIDE)
    doctor.open("/api/v1/docs/")
    expect(doctor.page.get_by_text("/api/v1/appointments/").first).to_be_visible()

    assert doctor.complaints == []
