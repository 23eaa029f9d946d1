"""A receptionist's whole day without a mouse, in the order of docs/reception.md; each page is looked at wide and on a phone."""

import datetime as dt

from django.utils import timezone
from playwright.sync_api import expect

from clinic.models import Absence
from patients.models import Patient
from tests.browser.keyboard import Keyboard
from tests.pages.desk import booked, today_at
from treatments.models import Appointment, Call, Merge, SideEffect, WaitingListEntry
from treatments.rule_check import rule_breaches


def test_a_day_at_the_desk_by_keyboard_alone(
    desk, reception, rosa, amara, jonas, room, mesotherapy, consultation, bruise_review
):
    """Amara is registered already; Amarah, who shares her birthday, is somebody else until it turns out that she is not."""
    later = booked(jonas, consultation, rosa, reception, today_at(10, days=20))
    visit = booked(jonas, consultation, rosa, reception, today_at(23))
    at = Keyboard(desk(reception))
    at.looked_at()

    register_all_the_same(at, amara)
    amarah = Patient.objects.get(given_name="Amarah")
    book_the_next_free(at)
    assert Appointment.objects.get(patient=amarah).status == "booked"

    check_in_move_and_cancel(at, visit)
    report_bruising(at)
    assert SideEffect.objects.get(patient=amarah).kind == "bruising"
    assert Appointment.objects.get(patient=amarah).status == "on-hold"
    wait_until_it_is_clear(at)
    assert WaitingListEntry.objects.get().patient == amarah
    note_a_call(at)
    assert Call.objects.get().outcome == "reached"

    be_absent_over(at, later)
    assert Absence.objects.get().staff == rosa
    merge_and_undo(at, amara)
    assert Merge.objects.get().undone_at is not None
    assert rule_breaches() == []


def said(at: Keyboard, words: str) -> None:
    expect(at.page.locator("main > [role=status]")).to_contain_text(words)


def register_all_the_same(at: Keyboard, amara: Patient) -> None:
    """Nobody of that name is found; whoever is likely the same is shown once, and is another person."""
    at.keys.press("/")
    at.keys.type("Amarah")
    expect(at.page.get_by_text("Nobody is found.", exact=True)).to_be_visible()
    with at.page.expect_navigation():
        at.keys.press("Enter")
    at.looked_at()
    at.open("Register a new patient")
    for label, text in (("Given name", "Amarah"), ("Family name", "Okafor")):
        at.tab_to(label)
        at.keys.press("Control+A")  # what was searched for may stand there already
        at.keys.type(text)
    at.type_day("Date of birth", amara.date_of_birth)
    at.type(r"Phone \(optional\)", "+44 7700 900555")
    at.type(r"Email \(optional\)", "amarah@patient.example")
    at.press("Wants messages by email", key="Space")
    at.looked_at()
    at.open("Register")

    expect(at.page.get_by_role("alert")).to_contain_text("Somebody like them is registered already")
    assert Patient.objects.filter(family_name="Okafor").count() == 1
    at.looked_at(answered=409)
    at.open("Register anyway: it is another person")
    said(at, "Registered as")
    at.looked_at()


def book_the_next_free(at: Keyboard) -> None:
    at.open("Book")
    at.choose("Treatment", "Mesotherapy")
    expect(at.page.locator("#times")).to_contain_text("Book the next free")
    at.page.wait_for_load_state("networkidle")
    at.looked_at()
    at.open("Book the next free.*")
    said(at, "Booked: Mesotherapy")


def check_in_move_and_cancel(at: Keyboard, visit: Appointment) -> None:
    at.find("Jonas")
    at.open(f"{timezone.localtime(visit.starts_at):%a} .*, 23:00")
    at.looked_at()
    at.open("Check in: Jonas Weber")
    said(at, "checked in")
    at.looked_at()
    at.open("Undo: .*checked in.*")
    said(at, "undone")

    at.open("Move")
    at.looked_at()
    at.open("Move to the next free.*")
    said(at, "Moved: Consultation")
    at.looked_at()

    visit.refresh_from_db()
    at.find("Jonas")
    at.open(f"{timezone.localtime(visit.starts_at):%a} .*, {timezone.localtime(visit.starts_at):%H:%M}")
    at.press("Cancel: Jonas Weber")
    at.type(r"Why \(optional\)", "Has a cold.")
    at.looked_at()
    at.open("Cancel the appointment")
    visit.refresh_from_db()
    assert (visit.status, visit.cancel_reason) == ("cancelled", "Has a cold.")
    said(at, "cancelled")


def report_bruising(at: Keyboard) -> None:
    at.find("Amarah")
    at.open("Report a concern")
    at.press("Yes", key="Space")
    at.type(r"In the patient's words \(optional\)", "A violet spot on the thigh.")
    at.looked_at()
    at.open("Report it")
    expect(at.page.get_by_role("heading", level=1)).to_have_text("What holds now")
    expect(at.page.get_by_role("region", name="Tell the patient")).to_contain_text("please do not come before")
    at.looked_at()
    at.open("To the chart")
    at.looked_at()


def wait_until_it_is_clear(at: Keyboard) -> None:
    """It is refused with its reasons; from there onto the waiting list."""
    at.open("Book an appointment")
    at.choose("Treatment", "Mesotherapy")
    expect(at.page.get_by_role("region", name="Eligibility")).to_contain_text("Not yet: bruising is reported")
    at.page.wait_for_load_state("networkidle")
    at.looked_at()
    at.open("Join the waiting list")
    said(at, "is on the waiting list for Mesotherapy")


def note_a_call(at: Keyboard) -> None:
    at.main_page("Worklists.*")
    at.looked_at()
    at.press("Note a call: Amarah Okafor")
    at.type(r"Note \(optional\)", "Will wait.")
    at.looked_at()
    at.open("Reached")
    expect(at.page.locator("#on-hold li", has_text="Amarah Okafor")).to_contain_text("“Will wait.”")


def be_absent_over(at: Keyboard, later: Appointment) -> None:
    at.menu("Absences")
    at.looked_at()
    at.open("Record an absence")
    day: dt.date = timezone.localdate(later.starts_at)
    at.choose("Who", "Rosa Lind")
    at.type_day("First day", day)
    at.looked_at()
    at.open("Record")
    expect(at.page.get_by_role("alert")).to_contain_text("1 appointment lies in it")
    assert not Absence.objects.exists()
    at.looked_at(answered=422)
    at.open("Record it; they are to be moved")
    expect(at.page.get_by_role("region", name="Now and ahead")).to_contain_text("1 to be moved")
    at.looked_at()


def merge_and_undo(at: Keyboard, amara: Patient) -> None:
    at.find(amara.number)
    at.open("Merge with another record")
    at.looked_at()
    at.open("See both sides: .*")
    at.looked_at()
    at.open("Merge the two records")
    said(at, "is part of this record now")
    at.looked_at()
    at.open("Undo the merge of .*")
    at.looked_at()
    at.open("Undo the merge")
    said(at, "stands on its own again")
