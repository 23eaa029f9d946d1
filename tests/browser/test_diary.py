"""The diary in a real browser: looked at, booked from, moved in by hand, and alive at two desks."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import Locator, expect

from clinic.models import Absence, WorkingHours
from tests.browser.conftest import PHONE, WIDE, Desk
from tests.factories import make_patient, make_side_effect, make_site
from tests.pages.desk import booked, today_at
from treatments.booking import check_in
from treatments.models import Appointment, SideEffect

SOON = 16_000  # what changes at one desk shows at the other within 15 seconds
TOMORROW = today_at(days=1).date()


def at(hour: int, minute: int = 0) -> dt.datetime:
    return today_at(hour, minute, days=1)


@pytest.fixture
def tomorrow(amara, jonas, mesotherapy, consultation, rosa, omar, room, reception) -> Appointment:
    """Rosa and Omar work from 9 to 13, with a break; Amara has a mesotherapy at 9 with Rosa, Jonas sees Omar at 11."""
    for who in (rosa, omar):
        for start, end in ((9, 11), (11, 13)) if who == rosa else ((9, 10), (11, 13)):
            WorkingHours.objects.create(
                staff=who, site=make_site(), weekday=TOMORROW.weekday(), starts_at=dt.time(start), ends_at=dt.time(end)
            )
    booked(jonas, consultation, omar, reception, at(11))
    return booked(amara, mesotherapy, rosa, reception, at(9))


def open_diary(desk: Desk, more: str = "") -> None:
    desk.open(f"/diary/?date={TOMORROW}{more}")


def visit(desk: Desk, name: str) -> Locator:
    return desk.page.locator(".visit", has_text=name)


def free(desk: Desk, who: str, time: str) -> Locator:
    return desk.page.get_by_role("link", name=f"Book {who}, {time}", exact=True)


def drag(desk: Desk, name: str, to: Locator) -> None:
    """By mouse, as a hand does it: press, go there in steps, let go."""
    visit(desk, name).scroll_into_view_if_needed()
    start, end = visit(desk, name).bounding_box(), to.bounding_box()
    mouse = desk.page.mouse
    mouse.move(start["x"] + 30, start["y"] + 12)
    mouse.down()
    mouse.move(start["x"] + 45, start["y"] + 25, steps=3)
    mouse.move(end["x"] + end["width"] / 2, end["y"] + 8, steps=8)
    mouse.up()


def answer(desk: Desk, question: str, button: str = "Move") -> None:
    dialog = desk.page.get_by_role("dialog")
    expect(dialog).to_contain_text(question)
    dialog.get_by_role("button", name=button, exact=True).click()


@pytest.mark.parametrize(("viewport", "dark"), [(WIDE, False), (WIDE, True), (PHONE, False), (PHONE, True)], ids=str)
def test_day_week_and_list_are_sound_wide_and_narrow_light_and_dark(
    viewport, dark, desk, tomorrow, rosa, omar, room, reception, consultation, bruise_review
):
    for weekday in set(range(7)) - {TOMORROW.weekday()}:
        WorkingHours.objects.create(
            staff=rosa, site=make_site(), weekday=weekday, starts_at=dt.time(0), ends_at=dt.time(0)
        )
    statuses = [
        booked(make_patient(reception, "P", f"N{n}"), consultation, rosa, reception, today_at(n)) for n in range(3)
    ]
    check_in(appointment=statuses[0], by=reception, now=today_at(0))
    Absence.objects.create(staff=omar, starts_at=at(10), ends_at=at(20), created_by=reception)
    make_side_effect(patient=tomorrow.patient, by=rosa)
    front = desk(reception, viewport, dark=dark)

    open_diary(front)
    expect(front.page.get_by_role("heading", level=1)).to_contain_text(f"{TOMORROW:%A} {TOMORROW.day}")
    expect(front.page.locator(".note.warning")).to_contain_text("1 appointment to move: Jonas Weber, 11:00")
    if viewport == WIDE:
        expect(visit(front, "Amara Okafor")).to_contain_text("on hold: bruising, practitioner review needed")
    front.expect_sound()
    front.open("/diary/")
    front.expect_sound()
    for more in (f"&view=week&practitioner={rosa.pk}", f"&view=week&room={room.pk}"):
        open_diary(front, more)
        front.expect_sound()
    front.open(f"/day/?date={TOMORROW}")
    front.expect_sound()


def test_a_free_time_leads_to_booking_it(desk, tomorrow, rosa, reception):
    front = desk(reception)
    open_diary(front)

    free(front, "Rosa Lind", "10:15").click()

    front.page.wait_for_url(re.compile(r"/book/\?"))
    assert f"practitioner={rosa.pk}&date={TOMORROW}&time=10%3A15" in front.page.url
    expect(front.page.get_by_role("heading", level=1)).to_be_visible()


def test_an_appointment_leads_to_its_page_with_what_can_be_done(desk, tomorrow, reception):
    front = desk(reception)
    open_diary(front)

    visit(front, "Amara Okafor").click()

    front.page.wait_for_url(re.compile(f"/appointments/{tomorrow.pk}/"))


def test_dragged_onto_a_free_time_it_is_moved_after_one_question(desk, tomorrow, rosa, omar, reception):
    front = desk(reception)
    open_diary(front)

    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:15"))
    answer(front, "Move Amara Okafor to 10:15?")

    expect(front.page.locator("#diary-answer")).to_contain_text("Moved: Mesotherapy")
    expect(visit(front, "Amara Okafor")).to_contain_text("10:15–11:15")
    tomorrow.refresh_from_db()
    assert (tomorrow.starts_at, tomorrow.practitioner) == (at(10, 15), rosa)
    assert tomorrow.history.first().history_change_reason == "moved"
    front.expect_sound()


def test_left_where_it_is_nothing_is_moved(desk, tomorrow, reception):
    front = desk(reception)
    open_diary(front)

    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:15"))
    expect(front.page.get_by_role("dialog")).to_be_visible()
    front.expect_sound()
    answer(front, "Move Amara Okafor to 10:15?", "Leave it")
    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:30"))
    front.page.keyboard.press("Escape")

    expect(front.page.get_by_role("dialog")).to_have_count(0)
    tomorrow.refresh_from_db()
    assert tomorrow.starts_at == at(9)
    assert tomorrow.history.count() == 1
    # It was a drag, not a click: the page is still the diary.
    assert "/diary/" in front.page.url


def test_dragged_to_somebody_else_it_is_asked_with_their_name(desk, jonas, tomorrow, rosa, reception):
    front = desk(reception)
    open_diary(front)

    drag(front, "Jonas Weber", free(front, "Rosa Lind", "12:00"))
    answer(front, "Move Jonas Weber to 12:00 with Rosa Lind?")

    expect(front.page.locator("#diary-answer")).to_contain_text("with Rosa Lind")
    moved = Appointment.objects.get(patient=jonas)
    assert (moved.starts_at, moved.practitioner) == (at(12), rosa)


def test_dragged_into_a_conflict_it_snaps_back_with_the_reason(desk, jonas, tomorrow, consultation, rosa, reception):
    booked(make_patient(reception, "Mei", "Tanaka"), consultation, rosa, reception, at(11))
    front = desk(reception)
    open_diary(front)

    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:15"))
    answer(front, "Move Amara Okafor to 10:15?")

    said = front.page.locator("#diary-answer")
    expect(said).to_contain_text("Not moved: Amara Okafor stays where it was.")
    expect(said).to_contain_text("Rosa Lind is taken from 11:00 to 11:30.")
    expect(said.get_by_role("link", name="Open the appointment of Amara Okafor")).to_be_visible()
    expect(visit(front, "Amara Okafor")).to_contain_text("09:00–10:00")
    tomorrow.refresh_from_db()
    assert tomorrow.starts_at == at(9)
    front.expect_sound_but_for(409)


def test_dragged_into_closed_time_it_snaps_back_with_the_reason(desk, tomorrow, jonas, reception):
    front = desk(reception)
    open_diary(front)

    drag(front, "Jonas Weber", front.page.locator("td.closed", has_text="break"))
    answer(front, "Move Jonas Weber to 10:00?")

    expect(front.page.locator("#diary-answer")).to_contain_text("Omar Aziz works 09:00–10:00 and 11:00–13:00")
    assert Appointment.objects.get(patient=jonas).starts_at == at(11)


def test_bruising_logged_meanwhile_makes_a_mesotherapy_snap_back(desk, tomorrow, rosa, reception, bruise_review):
    front = desk(reception)
    open_diary(front)
    make_side_effect(patient=tomorrow.patient, by=rosa, site="thigh", side="left")

    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:15"))
    answer(front, "Move Amara Okafor to 10:15?")

    said = front.page.locator("#diary-answer")
    expect(said).to_contain_text("Not moved: Amara Okafor stays where it was.")
    expect(said).to_contain_text("practitioner review needed")
    # And what has happened shows at once.
    expect(visit(front, "Amara Okafor")).to_contain_text("on hold: bruising")
    tomorrow.refresh_from_db()
    assert (tomorrow.status, tomorrow.starts_at) == ("on-hold", at(9))
    # Held, it is refused in the same way.
    said.get_by_role("button", name="Close").click()
    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:30"))
    answer(front, "Move Amara Okafor to 10:30?")
    expect(said).to_be_visible()
    expect(said).to_contain_text("practitioner review needed")
    tomorrow.refresh_from_db()
    assert tomorrow.starts_at == at(9)
    front.expect_sound_but_for(409)


def test_in_a_week_it_is_dragged_to_another_day(desk, amara, mesotherapy, rosa, reception):
    monday = timezone.localdate() + dt.timedelta(days=7 - timezone.localdate().weekday())
    thursday = monday + dt.timedelta(days=3)
    for weekday in (0, 3):
        WorkingHours.objects.create(
            staff=rosa, site=make_site(), weekday=weekday, starts_at=dt.time(9), ends_at=dt.time(13)
        )
    nine = today_at(9) + dt.timedelta(days=(monday - timezone.localdate()).days)
    made = booked(amara, mesotherapy, rosa, reception, nine)
    front = desk(reception, {"width": 1600, "height": 1000})
    front.open(f"/diary/?date={monday}&view=week&practitioner={rosa.pk}")

    drag(front, "Amara Okafor", free(front, "Rosa Lind", f"{thursday:%a} {thursday.day} {thursday:%b}, 10:15"))
    answer(front, f"Move Amara Okafor to {thursday:%A} {thursday.day} {thursday:%B}, 10:15?")

    expect(front.page.locator("#diary-answer")).to_contain_text("Moved: Mesotherapy")
    made.refresh_from_db()
    assert timezone.localtime(made.starts_at).date() == thursday


def test_on_a_phone_a_finger_that_stays_takes_hold_and_one_that_goes_on_scrolls(desk, tomorrow, rosa, reception):
    front = desk(reception, PHONE)
    open_diary(front, f"&practitioner={rosa.pk}")
    expect(visit(front, "Jonas Weber")).to_be_hidden()
    visit(front, "Amara Okafor").scroll_into_view_if_needed()
    start, end = visit(front, "Amara Okafor").bounding_box(), free(front, "Rosa Lind", "10:15").bounding_box()
    touch = front.page.context.new_cdp_session(front.page)

    def finger(what: str, x: float = 0, y: float = 0) -> None:
        points = [] if what == "touchEnd" else [{"x": x, "y": y}]
        touch.send("Input.dispatchTouchEvent", {"type": what, "touchPoints": points})

    x, y = start["x"] + 60, start["y"] + 20
    finger("touchStart", x, y)
    front.page.wait_for_timeout(700)
    expect(front.page.locator(".visit.dragged")).to_have_count(1)
    for step in range(1, 6):
        finger("touchMove", x, y + (end["y"] + 8 - y) * step / 5)
    finger("touchEnd")

    answer(front, "Move Amara Okafor to 10:15?")
    expect(front.page.locator("#diary-answer")).to_contain_text("Moved: Mesotherapy")
    tomorrow.refresh_from_db()
    assert tomorrow.starts_at == at(10, 15)


def test_a_change_at_another_desk_shows_within_15_seconds_and_what_is_typed_stays(
    desk, tomorrow, amara, consultation, rosa, reception
):
    front = desk(reception)
    open_diary(front)
    search = front.page.get_by_label("Find a patient")
    search.press_sequentially("Okaf")
    mei = make_patient(reception, "Mei", "Tanaka")

    booked(mei, consultation, rosa, reception, at(12))

    expect(visit(front, "Mei Tanaka")).to_be_visible(timeout=SOON)
    expect(search).to_have_value("Okaf")
    expect(search).to_be_focused()
    make_side_effect(patient=amara, by=rosa)
    expect(visit(front, "Amara Okafor")).to_contain_text("on hold", timeout=SOON)
    expect(search).to_have_value("Okaf")
    assert [one for one in front.complaints if "diary" in one] == []


def test_focus_and_place_stay_when_the_grid_is_drawn_anew(desk, tomorrow, jonas, consultation, rosa, reception):
    front = desk(reception, {"width": 1280, "height": 500})
    open_diary(front)
    link = free(front, "Rosa Lind", "12:30")
    link.focus()
    scrolled = front.page.locator(".diary-scroll").evaluate("box => box.scrollTop")
    assert scrolled > 0

    booked(make_patient(reception, "Mei", "Tanaka"), consultation, rosa, reception, at(10, 30))

    expect(visit(front, "Mei Tanaka")).to_be_attached(timeout=SOON)
    expect(link).to_be_focused()
    assert front.page.locator(".diary-scroll").evaluate("box => box.scrollTop") == scrolled


def test_nothing_is_drawn_anew_while_a_question_waits(desk, tomorrow, jonas, consultation, rosa, reception):
    front = desk(reception)
    open_diary(front)
    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:15"))
    booked(make_patient(reception, "Mei", "Tanaka"), consultation, rosa, reception, at(12))

    front.page.wait_for_timeout(12_000)

    expect(visit(front, "Mei Tanaka")).to_have_count(0)
    answer(front, "Move Amara Okafor to 10:15?", "Leave it")
    expect(visit(front, "Mei Tanaka")).to_be_visible(timeout=SOON)


def test_a_tab_nobody_sees_asks_for_nothing_and_catches_up_when_it_is_seen(desk, tomorrow, reception):
    front = desk(reception)
    open_diary(front)
    asked: list[str] = []
    front.page.on("request", lambda request: asked.append(request.url) if "mark=" in request.url else None)

    def hidden(is_hidden: bool) -> None:
        front.page.evaluate(
            """(isHidden) => {
              Object.defineProperty(document, "hidden", { value: isHidden, configurable: true });
              document.dispatchEvent(new Event("visibilitychange"));
            }""",
            is_hidden,
        )

    hidden(True)
    front.page.wait_for_timeout(11_000)
    assert asked == []
    hidden(False)
    front.page.wait_for_timeout(1_000)
    assert len(asked) == 1


def test_a_lost_connection_is_said_and_said_again_when_it_is_back(desk, tomorrow, reception):
    front = desk(reception)
    open_diary(front)
    as_of = front.page.locator("[data-as-of]")
    expect(as_of).to_contain_text(re.compile(r"As of \d\d:\d\d"))

    front.page.context.set_offline(True)
    expect(as_of).to_contain_text(re.compile(r"Not up to date since \d\d:\d\d"), timeout=SOON)
    drag(front, "Amara Okafor", free(front, "Rosa Lind", "10:15"))
    answer(front, "Move Amara Okafor to 10:15?")
    expect(front.page.locator("#diary-answer")).to_contain_text("There is no connection. Try again.")
    front.page.context.set_offline(False)

    expect(as_of).to_contain_text("As of", timeout=SOON)
    tomorrow.refresh_from_db()
    assert tomorrow.starts_at == at(9)


def test_tab_comes_to_the_grid_once_and_arrows_go_through_it(desk, tomorrow, reception):
    front = desk(reception)
    open_diary(front)
    tabbable = front.page.locator(".diary td a:not([tabindex='-1'])")
    expect(tabbable).to_have_count(1)

    free(front, "Omar Aziz", "09:15").focus()
    keys = front.page.keyboard
    keys.press("ArrowDown")
    expect(free(front, "Omar Aziz", "09:30")).to_be_focused()
    keys.press("ArrowRight")
    expect(visit(front, "Amara Okafor")).to_be_focused()
    keys.press("ArrowDown")
    expect(free(front, "Rosa Lind", "10:00")).to_be_focused()
    keys.press("End")
    expect(free(front, "Rosa Lind", "12:45")).to_be_focused()
    keys.press("Home")
    expect(visit(front, "Amara Okafor")).to_be_focused()
    expect(tabbable).to_have_count(1)
    keys.press("Enter")
    front.page.wait_for_url(re.compile("/appointments/"))


def test_without_scripts_everything_is_reached_by_links(desk, tomorrow, rosa, omar, reception):
    front = desk(reception, PHONE, scripts=False)
    open_diary(front)
    expect(visit(front, "Jonas Weber")).to_be_visible()
    front.page.get_by_role("navigation", name="Practitioners").get_by_role("link", name="Rosa Lind").click()
    expect(visit(front, "Amara Okafor")).to_be_visible()
    expect(visit(front, "Jonas Weber")).to_be_hidden()
    free(front, "Rosa Lind", "10:15").click()
    front.page.wait_for_url(re.compile(r"/book/\?"))


def test_on_paper_there_is_the_grid_and_no_navigation(desk, tomorrow, reception):
    front = desk(reception)
    open_diary(front)
    front.page.emulate_media(media="print")

    expect(visit(front, "Amara Okafor")).to_be_visible()
    expect(visit(front, "Jonas Weber")).to_be_visible()
    for gone in (".topbar", "#diary-beside", ".diary-head form", ".as-of"):
        expect(front.page.locator(gone)).to_be_hidden()
    assert not SideEffect.objects.exists()
