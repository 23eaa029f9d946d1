"""The sheets in a real browser, on a phone: risks before the consent, aftercare sent at the session's end."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.conftest import PHONE, Desk
from tests.factories import make_appointment, make_patient
from treatments.booking import check_in
from treatments.models import SheetGiven
from treatments.sessions import start_session, write_session


def press(desk: Desk, name: str) -> None:
    with desk.page.expect_navigation():
        desk.page.locator("main").get_by_role("button", name=name).first.click()


def follow(desk: Desk, name: str) -> None:
    with desk.page.expect_navigation():
        desk.page.locator("main").get_by_role("link", name=name).first.click()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_from_the_sheet_of_risks_to_the_aftercare_sheet(dark, desk, reception, rosa, room, mesotherapy):
    ada = make_patient(
        reception,
        "Ada",
        "Byron",
        consents=(),
        email="ada@patient.example",
        wants_messages=True,
        phone="+44 7700 900900",
    )
    front = desk(reception, PHONE, dark=dark)

    # 1. The consent cannot be recorded yet; the sheet is given, and read as it was given.
    front.open(f"/patients/{ada.pk}/treatment-consent/")
    main = front.page.locator("main")
    expect(main).to_contain_text("Not given yet")
    expect(main.get_by_role("button", name="The patient agreed")).to_have_count(0)
    front.expect_sound()
    front.page.get_by_role("radio", name="On paper").check()
    press(front, "Give the sheet")
    expect(main.get_by_role("heading", name="Risks of mesotherapy")).to_be_visible()
    expect(main.get_by_role("button", name="Print")).to_be_visible()
    front.expect_sound()

    # 2. Then the patient agreed, and the sheet stands on the consent.
    follow(front, "Next: the consent")
    front.expect_sound()
    front.page.get_by_label(re.compile("^Version of the wording")).fill("2026-10")
    press(front, "The patient agreed")
    front.open(f"/patients/{ada.pk}/treatment-consent/")
    expect(main).to_contain_text("Before it the sheet Risks of mesotherapy, version 1, en was given")
    front.expect_sound()

    # 3. The session is finished; the aftercare sheet is sent, with the creams that were recommended.
    now = timezone.now().replace(microsecond=0)
    visit = make_appointment(
        patient=ada,
        practitioner=rosa,
        treatment=mesotherapy,
        by=reception,
        starts_at=now + dt.timedelta(minutes=5),
        now=now,
    )
    check_in(appointment=visit, by=reception)
    session = start_session(appointment=visit, skin_check="no-bruising-seen", by=rosa)
    write_session(session=session, creams=["Arnica cream"], by=rosa)
    doctor = desk(rosa, PHONE, dark=dark)
    doctor.open(f"/sessions/{session.pk}/")
    doctor.expect_sound()
    press(doctor, "Save and finish")
    doctor.page.get_by_label("Finish without them").check()
    press(doctor, "Save and finish")
    main = doctor.page.locator("main")
    expect(main.get_by_role("region", name="Aftercare sheet")).to_contain_text("None given yet")
    follow(doctor, "Give the aftercare sheet")
    expect(main).to_contain_text("It will say: “Creams recommended to you: Arnica cream.”")
    doctor.expect_sound_but_for(422)
    doctor.page.get_by_role("radio", name="By email").check()
    press(doctor, "Give the sheet")
    expect(main.get_by_role("region", name="Aftercare sheet")).to_contain_text("After your mesotherapy, version 1")
    expect(main.get_by_role("region", name="Aftercare sheet")).to_contain_text("By email")
    doctor.expect_sound()

    # 4. What was given reads as it was given.
    doctor.page.locator("main").get_by_role("link", name="After your mesotherapy").click()
    expect(main).to_contain_text("Creams recommended to you: Arnica cream.")
    doctor.expect_sound()
    after = SheetGiven.objects.select_related("message").get(session=session)
    assert (after.how, after.message.to) == ("sent", "ada@patient.example")
