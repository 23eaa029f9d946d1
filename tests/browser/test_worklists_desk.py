"""A receptionist works every list, by keyboard alone; and a worry by phone, from the search to what holds now."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from clinic.models import Absence
from clinic.refusals import Refused, record_refusal
from tests.browser.conftest import PHONE, WIDE, Desk
from tests.factories import make_gone, make_patient, make_practitioner, make_session, make_side_effect, train
from tests.pages.desk import booked, today_at
from treatments.booking import book_appointment
from treatments.models import Appointment, Call, Closure, FollowUp, Message, SideEffect
from treatments.rule_check import rule_breaches
from treatments.waiting_list import join_waiting_list


def ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


@pytest.fixture
def lists(room, rosa, mesotherapy, consultation, bruise_review, reception):
    """Somebody on each list, each under the name of it."""

    def patient(name: str, number: int):
        return make_patient(
            reception, "Ann", name, date_of_birth=dt.date(1980, 1, number), phone=f"+44 7700 9001{number:02}"
        )

    held = patient("Held", 10)
    booked(held, mesotherapy, rosa, reception, today_at(10, days=3))
    make_side_effect(patient=held, by=rosa, now=ago(2))
    clear = patient("Clear", 11)
    bruise = make_side_effect(patient=clear, by=rosa, now=ago(9))
    with pytest.raises(Refused) as refused:
        book_appointment(
            patient=clear, treatment=mesotherapy, practitioner=rosa, starts_at=today_at(10, days=2), by=reception
        )
    record_refusal(refused.value, by=reception, door="page", operation="book_appointment")
    make_gone(bruise, rosa, now=ago(1))
    join_waiting_list(patient=patient("Wishing", 12), treatment=mesotherapy, by=reception, part_of_day="mornings")
    make_side_effect(patient=patient("Due", 13), kind="swelling", by=rosa, now=ago(6))
    make_side_effect(patient=patient("Reported", 14), by=reception, now=ago(1))
    make_session(patient=patient("Unasked", 15), practitioner=rosa, treatment=mesotherapy, at=today_at(9, days=-3))
    make_session(patient=patient("Overdue", 16), practitioner=rosa, treatment=mesotherapy, at=today_at(9, days=-12))
    told = booked(patient("Untold", 17), consultation, rosa, reception, today_at(12, days=2))
    Message.objects.create(
        patient=told.patient, appointment=told, kind="confirmation", about_starts_at=told.starts_at,
        to="untold@patient.example", status="failed", problem="The mailbox is full.",
    )  # fmt: skip
    away = make_practitioner("Omar Aziz", trained=False)
    train(away, until=timezone.localdate() + dt.timedelta(days=4))
    booked(patient("Moving", 18), consultation, away, reception, today_at(10, days=4))
    Absence.objects.create(staff=away, starts_at=today_at(0, days=4), ends_at=today_at(0, days=5), created_by=reception)
    book_appointment(
        patient=patient("Lapsing", 19), treatment=mesotherapy, practitioner=away, starts_at=today_at(10, days=6),
        by=reception,
    )  # fmt: skip


def tab_to(desk: Desk, name: str, *, most: int = 150) -> None:
    """Tab until what has the focus is called `name`: nothing that a keyboard cannot reach counts."""
    words = """() => { const at = document.activeElement; return at ? (at.innerText || at.getAttribute("aria-label") ||
        (at.labels && at.labels[0] ? at.labels[0].innerText : "") || "").replace(/\\s+/g, " ").trim() : "" }"""
    for _ in range(most):
        if re.fullmatch(name, desk.page.evaluate(words)):
            return
        desk.page.keyboard.press("Tab")
    raise AssertionError(f"{name} is not reached by Tab")


def enter(desk: Desk, name: str) -> None:
    """Press it, and wait for the page it leads to."""
    tab_to(desk, name)
    with desk.page.expect_navigation():
        desk.page.keyboard.press("Enter")


def row(desk: Desk, code: str, patient: str):
    return desk.page.locator(f"#{code} li", has_text=patient)


def note_call(desk: Desk, patient: str, outcome: str, note: str = "") -> None:
    """Opened with Enter, the outcome pressed with Enter; Enter in the note itself notes nothing."""
    desk.open("/worklists/")
    tab_to(desk, f"Note a call ?: Ann {patient}")
    desk.page.keyboard.press("Enter")
    if note:
        tab_to(desk, r"Note \(optional\)")
        desk.page.keyboard.type(note)
        desk.page.keyboard.press("Enter")
        assert not Call.objects.filter(note=note).exists()
    enter(desk, outcome)


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, False), (PHONE, True)], ids=["wide", "phone-dark"])
def test_every_list_is_worked_by_keyboard(viewport, dark, lists, desk, reception):
    front = desk(reception, viewport, dark=dark)
    front.expect_sound()
    front.open("/worklists/")
    front.expect_sound()
    link = front.page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("^Worklists"))
    expect(link).to_have_accessible_name(re.compile("10 to do"))

    # On hold: nobody has told the patient; a call does.
    expect(row(front, "on-hold", "Ann Held")).to_contain_text("Not told yet: call.")
    note_call(front, "Held", "Reached", "knows it")
    expect(row(front, "on-hold", "Ann Held")).to_contain_text("Told by phone")
    expect(row(front, "on-hold", "Ann Held")).to_contain_text("“knows it”")
    front.open("/worklists/")
    enter(front, "Review instead ?: Ann Held")
    assert Appointment.objects.get(patient__family_name="Held").treatment.family == "review"

    # Clear again: declined stays until it is closed with a reason; a wish is read with its preferences.
    expect(row(front, "clear-again", "Ann Wishing")).to_contain_text("Wishes for Mesotherapy: mornings.")
    note_call(front, "Clear", "Declined")
    expect(row(front, "clear-again", "Ann Clear")).to_contain_text("Declined")
    enter(front, "Close ?: Ann Clear")
    front.expect_sound()
    tab_to(front, "Why nobody needs to call")
    front.page.keyboard.type("Wants no more.")
    enter(front, "Close")
    assert row(front, "clear-again", "Ann Clear").count() == 0
    assert Closure.objects.get().reason == "Wants no more."

    # Review due and reported leave by facts only; a try for another day lets them rest below.
    note_call(front, "Due", "No answer")
    expect(row(front, "review-due", "Ann Due")).to_contain_text("no answer on")
    assert row(front, "reported", "Ann Reported").get_by_role("link", name="Close").count() == 0

    # Follow-up: asked and none; the overdue one is asked and something is told.
    expect(row(front, "follow-up", "Ann Overdue")).to_contain_text("Overdue")
    enter(front, "Asked, none ?: Ann Unasked")
    assert FollowUp.objects.get().patient.family_name == "Unasked"
    enter(front, "Asked, something ?: Ann Overdue")
    front.expect_sound()
    front.page.get_by_role("radio", name="Not sure", exact=True).focus()
    front.page.keyboard.press("Space")
    enter(front, "Report it")
    front.expect_sound()
    told = SideEffect.objects.get(patient__family_name="Overdue")
    assert (told.kind, told.session.patient_id) == ("bruising", told.patient_id)
    front.open("/worklists/")
    assert row(front, "follow-up", "Ann").count() == 0

    # Messages, moving, training.
    enter(front, "Done ?: Ann Untold, with a reason")
    tab_to(front, "Why nobody needs to call")
    front.page.keyboard.type("Told by phone.")
    enter(front, "Close")
    assert row(front, "call-back", "Ann").count() == 0
    expect(row(front, "to-move", "Ann Moving")).to_contain_text("Omar Aziz is absent then.")
    expect(row(front, "training-lapses", "Ann Lapsing")).to_contain_text("Omar Aziz's mesotherapy training lapses")
    enter(front, "Move ?: Ann Moving")
    expect(front.page.get_by_role("heading", level=1)).to_contain_text("Move")
    front.open("/worklists/?list=to-move")
    front.expect_sound()
    assert rule_breaches() == []


def test_the_call_can_be_tried_again_later_and_the_row_sinks(lists, desk, reception):
    front = desk(reception, PHONE)
    front.open("/worklists/")
    tab_to(front, "Note a call ?: Ann Due")
    front.page.keyboard.press("Enter")
    form = row(front, "review-due", "Ann Due").locator("form.call")
    form.get_by_label("Try again on").fill((timezone.localdate() + dt.timedelta(days=1)).isoformat())
    form.get_by_role("button", name="Left a message").press("Enter")
    expect(front.page.locator("#review-due ul.later li")).to_contain_text("Ann Due")
    expect(front.page.locator("#review-due h2 .tag")).to_have_text("0")
    front.expect_sound()


def test_without_scripts_a_call_is_noted_all_the_same(lists, desk, reception):
    front = desk(reception, scripts=False)
    front.open("/worklists/")
    row(front, "on-hold", "Ann Held").locator("details.call summary").click()
    row(front, "on-hold", "Ann Held").get_by_role("button", name="No answer").click()
    expect(row(front, "on-hold", "Ann Held")).to_contain_text("no answer on")


def test_the_count_comes_to_pages_that_do_not_know_it(lists, desk, reception):
    front = desk(reception)
    front.open("/patients/")
    link = front.page.get_by_role("navigation", name="Main").get_by_role("link", name=re.compile("^Worklists"))
    expect(link).to_have_accessible_name(re.compile("10 to do"))
    front.expect_sound()
