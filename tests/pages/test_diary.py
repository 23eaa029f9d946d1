"""The diary's pages: what stands where, in which words, and where each free time and each appointment leads."""

import datetime as dt
import re
from urllib.parse import parse_qs

import pytest

from clinic.models import Absence, ClosedDay, Site, Staff, WorkingHours
from tests.factories import (
    LONDON,
    make_appointment,
    make_gone,
    make_patient,
    make_practitioner,
    make_room,
    make_side_effect,
    make_site,
)
from tests.pages.desk import booked, buttons, signed_in, today_at, words
from treatments.booking import cancel_appointment, check_in, mark_no_show, review_instead
from treatments.models import Appointment, Course, SideEffect
from treatments.sessions import finish_session, start_session

DAY = dt.date(2030, 3, 4)  # a Monday, far enough ahead that nothing on it has passed
AT = f"/diary/?date={DAY}"


def on(hour: int, minute: int = 0, *, days: int = 0) -> dt.datetime:
    return dt.datetime.combine(DAY + dt.timedelta(days=days), dt.time(hour, minute), tzinfo=LONDON)


def works(who: Staff, *stretches: tuple[int, int], site: Site | None = None) -> None:
    for start, end in stretches:
        for weekday in range(7):
            WorkingHours.objects.create(
                staff=who, site=site or make_site(), weekday=weekday, starts_at=dt.time(start), ends_at=dt.time(end)
            )


def away(who: Staff, start: dt.datetime, end: dt.datetime, by: Staff) -> None:
    Absence.objects.create(staff=who, starts_at=start, ends_at=end, created_by=by)


def blocks(response) -> list[str]:
    """The words of each appointment in the grid, in the page's order."""
    found = re.findall(r'(?s)<a class="visit .*?</a>', response.content.decode())
    return [" ".join(re.sub(r"<[^>]*>", "", block).split()) for block in found]


def free(response) -> list[str]:
    """What a screen reader hears of each free time."""
    found = re.findall(r'(?s)<a id="f[^>]*>(.*?)</a>', response.content.decode())
    return [" ".join(re.sub(r"<[^>]*>", "", link).split()) for link in found]


def asked(response) -> list[dict[str, str]]:
    """Where each free time leads."""
    found = re.findall(r'<a id="f[^>]*href="/book/\?([^"]*)"', response.content.decode())
    return [{name: value[0] for name, value in parse_qs(query.replace("&amp;", "&")).items()} for query in found]


def heads(response) -> list[str]:
    found = re.findall(r'(?s)<th scope="col"[^>]*>(.*?)</th>', response.content.decode())
    return [" ".join(re.sub(r"<[^>]*>", "", head).split()) for head in found]


def grey(response) -> list[str]:
    found = re.findall(r'(?s)<td class="closed[^>]*>(.*?)</td>', response.content.decode())
    return [" ".join(re.sub(r"<[^>]*>", "", cell).split()) for cell in found]


# --- A day ------------------------------------------------------------------------------------------------------------


def test_a_day_has_a_column_for_each_practitioner_with_what_is_booked(
    amara, jonas, mesotherapy, consultation, rosa, omar, room, reception
):
    works(rosa, (9, 12))
    works(omar, (10, 12))
    made = booked(amara, mesotherapy, rosa, reception, on(9))
    booked(jonas, consultation, omar, reception, on(11, 10))

    response = signed_in(reception).get(AT)

    assert response.status_code == 200
    assert heads(response) == ["Omar Aziz", "Rosa Lind"]
    assert blocks(response) == [
        "09:00–10:00 Amara Okafor Mesotherapy booked",
        "11:10–11:40 Jonas Weber Consultation booked",
    ]
    assert f"/appointments/{made.pk}/" in buttons(response)
    assert "2 appointments." in words(response)
    assert grey(response) == ["not working until 10:00"]


def test_a_free_time_leads_to_booking_it(rosa, reception):
    works(rosa, (9, 10))

    response = signed_in(reception).get(AT)

    assert free(response) == [f"Book Rosa Lind, {time}" for time in ("09:00", "09:15", "09:30", "09:45")]
    assert asked(response)[1] == {"practitioner": str(rosa.pk), "date": str(DAY), "time": "09:15"}


def test_who_may_not_book_sees_free_times_without_links(rosa, manager):
    works(rosa, (9, 10))

    response = signed_in(manager).get(AT)

    assert (response.status_code, free(response)) == (200, [])
    assert [link for link in buttons(response) if link.startswith("/book/")] == []


def test_times_that_have_passed_are_not_offered(amara, consultation, rosa, reception):
    booked(amara, consultation, rosa, reception, today_at(0, days=-1))

    assert free(signed_in(reception).get(f"/diary/?date={today_at(days=-1).date()}")) == []


def test_without_a_role_there_is_no_diary(superuser):
    assert signed_in(superuser).get("/diary/").status_code == 403


def test_room_and_place_in_the_course_stand_there(amara, mesotherapy, rosa, room, reception):
    course = Course.objects.create(patient=amara, treatment=mesotherapy, planned=6, every_days=7, created_by=reception)
    make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, room=room, starts_at=on(9), by=reception,
        course=course, course_number=2, now=on(9, days=-30),
    )  # fmt: skip

    assert blocks(signed_in(reception).get(AT)) == ["09:00–10:00 Amara Okafor Mesotherapy 2 of 6 · Room 1 booked"]


def test_each_status_is_told_in_words_and_by_a_pattern_of_its_own(
    amara, jonas, mesotherapy, consultation, bruise_review, rosa, reception
):
    day, client = f"/diary/?date={today_at().date()}", signed_in(reception)
    people = [make_patient(reception, "Patient", f"Number{number}") for number in range(6)]
    made = [booked(one, consultation, rosa, reception, today_at(n)) for n, one in enumerate(people)]
    early = today_at(0)
    check_in(appointment=made[1], by=reception, now=early)
    start_session(appointment=made[2], by=rosa, now=today_at(2))
    finish_session(session=start_session(appointment=made[3], by=rosa, now=today_at(3)), by=rosa, now=today_at(3, 20))
    mark_no_show(appointment=made[4], by=reception, now=today_at(4, 30))
    review_instead(appointment=made[5], by=reception)

    response = client.get(day)

    assert [block.split("Consultation ")[-1] for block in blocks(response)[:5]] == [
        "booked", "arrived", "in session", "seen", "no-show",
    ]  # fmt: skip
    assert blocks(response)[5].endswith("Bruise review booked")
    looks = re.findall(r'class="visit ([^"]*)"', response.content.decode())
    assert looks == ["booked", "arrived", "in-progress", "fulfilled", "noshow", "booked review"]


def test_a_cancelled_one_is_listed_beneath_and_gives_its_time_back(amara, consultation, rosa, reception):
    works(rosa, (9, 10))
    made = booked(amara, consultation, rosa, reception, on(9))
    cancel_appointment(appointment=made, by=reception, reason="Patient called")

    response = signed_in(reception).get(AT)

    assert blocks(response) == []
    assert len(free(response)) == 4
    assert "Nobody is booked." in words(response)
    assert "Cancelled 1 09:00 Amara Okafor Consultation · Rosa Lind · Patient called" in words(response)


@pytest.mark.parametrize(
    ("kind", "by_practitioner", "by_reception"),
    [
        ("bruising", "on hold: bruising", "on hold: bruising, practitioner review needed"),
        ("infection", "on hold: infection suspected", "on hold: suspected infection, practitioner review needed"),
    ],
)
def test_a_hold_says_why_to_each_in_their_words(
    kind, by_practitioner, by_reception, amara, mesotherapy, rosa, reception
):
    booked(amara, mesotherapy, rosa, reception, on(9))
    make_side_effect(patient=amara, by=rosa, kind=kind, now=today_at(0))

    assert blocks(signed_in(rosa).get(AT))[0].endswith(f"Mesotherapy {by_practitioner}")
    response = signed_in(reception).get(AT)
    assert blocks(response)[0].endswith(f"Mesotherapy {by_reception}")
    assert 'class="visit on-hold"' in response.content.decode()


def test_of_two_reasons_the_graver_is_said_and_once_clear_again_it_says_so(amara, mesotherapy, rosa, reception):
    booked(amara, mesotherapy, rosa, reception, on(9))
    for kind in ("bruising", "infection"):
        make_side_effect(patient=amara, by=rosa, kind=kind, now=today_at(0))
    client = signed_in(rosa)

    assert blocks(client.get(AT))[0].endswith("on hold: infection suspected")
    for side_effect in SideEffect.objects.all():
        make_gone(side_effect, rosa, now=today_at(0, 5))
    assert blocks(client.get(AT))[0].endswith("on hold: clear again, to be confirmed or moved")


def test_those_that_may_overlap_stand_side_by_side(amara, jonas, consultation, rosa, reception):
    consultation.overlap_allowed = True
    consultation.save()
    booked(amara, consultation, rosa, reception, on(9))
    booked(jonas, consultation, rosa, reception, on(9, 15))

    response = signed_in(reception).get(AT)

    assert len(blocks(response)) == 2
    page = response.content.decode()
    assert page.count('<div class="side-by-side">') == 1
    assert page.count('<div class="lane">') == 2


def test_what_is_booked_outside_the_hours_still_shows_and_is_to_be_moved(amara, consultation, rosa, reception):
    booked(amara, consultation, rosa, reception, on(7))
    works(rosa, (9, 10))

    response = signed_in(reception).get(AT)

    assert blocks(response) == ["07:00–07:30 Amara Okafor Consultation booked outside hours: to be moved"]
    assert grey(response) == ["not working until 09:00"]


def test_an_absence_over_booked_appointments_is_said_with_where_to_move_them(
    amara, jonas, mesotherapy, consultation, rosa, omar, reception
):
    made = booked(amara, mesotherapy, rosa, reception, on(9))
    booked(jonas, consultation, omar, reception, on(9))
    away(rosa, on(0), on(23), reception)

    response = signed_in(reception).get(AT)

    assert "1 appointment to move: Amara Okafor, 09:00 ( Rosa Lind: absent)" in words(response).replace(
        " (Rosa", " ( Rosa"
    )
    assert f"/appointments/{made.pk}/move/" in buttons(response)
    assert "/worklists/#to-move" in buttons(response)
    assert blocks(response) == [
        "09:00–09:30 Jonas Weber Consultation booked",
        "09:00–10:00 Amara Okafor Mesotherapy booked absent: to be moved",
    ]


def test_a_break_and_an_absence_are_grey_each_with_its_word(rosa, reception):
    works(rosa, (9, 11), (12, 14))
    away(rosa, on(13), on(20), reception)

    response = signed_in(reception).get(AT)

    assert grey(response) == ["break until 12:00", "absent until 14:00"]
    assert len(free(response)) == 12


def test_a_closed_day_says_so_at_each_columns_head(rosa, omar, site, reception):
    works(rosa, (9, 10))
    ClosedDay.objects.create(site=site, day=DAY, reason="Stocktaking")

    response = signed_in(reception).get(AT)

    assert heads(response) == ["Omar Aziz closed (Stocktaking)", "Rosa Lind closed (Stocktaking)"]
    assert free(response) == []
    assert set(grey(response)) == {"closed until 00:00"}


def test_who_is_absent_all_day_stands_there_with_the_reason(rosa, reception):
    works(rosa, (9, 10))
    away(rosa, on(0), on(23), reception)

    assert heads(signed_in(reception).get(AT)) == ["Rosa Lind absent"]


def test_who_does_not_work_that_day_is_named_beneath_the_heading(rosa, omar, reception):
    works(rosa, (9, 10))
    WorkingHours.objects.create(staff=omar, site=make_site(), weekday=3, starts_at=dt.time(9), ends_at=dt.time(10))

    response = signed_in(reception).get(AT)

    assert heads(response) == ["Rosa Lind"]
    assert "Not here: Omar Aziz." in words(response)


def test_somebody_who_has_left_keeps_a_column_where_they_are_booked(amara, consultation, rosa, reception):
    booked(amara, consultation, rosa, reception, on(9))
    rosa.is_active = False
    rosa.save()

    response = signed_in(reception).get(AT)

    assert heads(response) == ["Rosa Lind not a practitioner here now"]
    assert blocks(response)[0].endswith("booked not a practitioner now: to be moved")
    assert free(response) == []


# --- Days, weeks, rooms -----------------------------------------------------------------------------------------------


def test_the_days_and_weeks_around_are_a_click_away(rosa, reception):
    client = signed_in(reception)

    for address, before, after in (
        (AT, "2030-03-03", "2030-03-05"),
        (f"{AT}&view=week", "2030-02-25", "2030-03-11"),
    ):
        links = buttons(client.get(address))
        view = "view=week&amp;" if "week" in address else ""
        assert links[:3] == [f"?{view}date={before}", f"?{view}date={today_at().date()}#now", f"?{view}date={after}"]


@pytest.mark.parametrize("date", ["nonsense", "2026-02-30", "9999-12-31", "0001-01-01", "\x00"])
def test_a_day_that_is_none_leads_to_today_and_says_so(date, reception, rosa):
    response = signed_in(reception).get("/diary/", {"date": date, "view": "week"}, follow=True)

    assert response.redirect_chain == [("/diary/?view=week", 302)]
    assert "That is not a day of the calendar; this is today." in words(response)


@pytest.mark.parametrize("name", ["practitioner", "room", "site", "view"])
@pytest.mark.parametrize("value", ["7a3f1c9e-0000-4000-8000-000000000000", "nonsense"])
def test_what_there_is_not_is_not_found(name, value, reception):
    assert signed_in(reception).get("/diary/", {name: value}).status_code == 404


@pytest.mark.parametrize("day", ["2000-01-01", "2100-12-31"])
def test_the_first_and_the_last_day_of_the_calendar_are_days_like_any_other(day, rosa, reception):
    for view in ("day", "week"):
        assert signed_in(reception).get(f"/diary/?date={day}&view={view}").status_code == 200


def test_a_practitioners_week_has_seven_days_and_only_theirs(amara, jonas, consultation, rosa, omar, reception):
    works(rosa, (9, 10))
    booked(amara, consultation, rosa, reception, on(9, days=2))
    booked(jonas, consultation, omar, reception, on(9, days=2))

    response = signed_in(reception).get(f"{AT}&view=week&practitioner={rosa.pk}")

    assert heads(response) == ["Mon 4", "Tue 5", "Wed 6", "Thu 7", "Fri 8", "Sat 9", "Sun 10"]
    assert blocks(response) == ["09:00–09:30 Amara Okafor Consultation booked"]
    assert "4–10 March 2030: Rosa Lind" in words(response)
    assert free(response)[:2] == ["Book Rosa Lind, Mon 4 Mar, 09:00", "Book Rosa Lind, Tue 5 Mar, 09:00"]
    assert asked(response)[1] == {"practitioner": str(rosa.pk), "date": "2030-03-05", "time": "09:00"}


def test_a_rooms_week_shows_whoever_is_in_it_and_books_the_room(
    amara, jonas, consultation, rosa, omar, room, reception
):
    for patient, who, where in ((amara, rosa, room), (jonas, omar, make_room("Room 2"))):
        make_appointment(
            patient=patient, treatment=consultation, practitioner=who, room=where, starts_at=on(9), by=reception,
            now=on(9, days=-30),
        )  # fmt: skip
    ClosedDay.objects.create(site=room.site, day=DAY + dt.timedelta(days=1), reason="")

    response = signed_in(reception).get(f"{AT}&view=week&room={room.pk}")

    assert blocks(response) == ["09:00–09:30 Amara Okafor Consultation · Room 1 · Rosa Lind booked"]
    assert heads(response)[1] == "Tue 5 closed"
    assert asked(response)[0] == {"room": str(room.pk), "date": str(DAY), "time": "00:00"}


def test_whose_week_is_chosen_in_one_field(rosa, room, reception):
    client = signed_in(reception)

    for of, kept in ((f"practitioner:{rosa.pk}", f"practitioner={rosa.pk}"), (f"room:{room.pk}", f"room={room.pk}")):
        response = client.get(f"{AT}&view=week&of={of}")
        assert (response.status_code, response.url) == (302, f"/diary/?view=week&date={DAY}&{kept}")
    assert client.get(f"{AT}&view=week&of=nonsense").status_code == 404


def test_a_practitioners_own_week_comes_first(rosa, omar, reception):
    assert "Rosa Lind" in words(signed_in(rosa).get(f"{AT}&view=week"))[:60]
    assert "Omar Aziz" in words(signed_in(reception).get(f"{AT}&view=week"))[:60]


def test_with_nobody_to_show_it_says_so(reception):
    for address in (AT, f"{AT}&view=week"):
        assert "No practitioner works here yet" in words(signed_in(reception).get(address))


def test_one_column_is_in_front_where_there_is_room_for_one_only(rosa, omar, reception):
    def front(client, address: str) -> list[str]:
        return re.findall(r'data-name="([^"]*)" class="front"', client.get(address).content.decode())

    assert front(signed_in(reception), AT) == ["Omar Aziz"]
    assert front(signed_in(rosa), AT) == ["Rosa Lind"]
    assert front(signed_in(reception), f"{AT}&practitioner={rosa.pk}") == ["Rosa Lind"]
    assert front(signed_in(reception), "/diary/?date=2030-03-06&view=week") == ["Wednesday 6 March"]


def test_the_printed_list_of_the_day_is_a_click_away(rosa, reception):
    assert f"/day/?date={DAY}" in buttons(signed_in(reception).get(AT))


def test_the_day_list_can_be_of_one_site(amara, jonas, consultation, rosa, reception):
    other = make_site("Park Lane")
    booked(amara, consultation, rosa, reception, on(9))
    booked(jonas, consultation, make_practitioner("Pia Park", site=other), reception, on(9))

    response = signed_in(reception).get(f"/day/?date={DAY}&site={other.pk}")

    assert [str(who) for who, _ in response.context["groups"]] == ["Pia Park"]
    assert signed_in(reception).get("/day/?site=nonsense").status_code == 404


# --- Sites and their clocks -------------------------------------------------------------------------------------------


@pytest.fixture
def tokyo(records) -> Site:
    return Site.objects.create(name="Tokyo", time_zone="Asia/Tokyo", opens_at=dt.time(9), closes_at=dt.time(18))


def test_each_site_has_its_own_people_and_a_chooser_where_there_are_two(amara, consultation, rosa, tokyo, reception):
    make_practitioner("Aya Mori", site=tokyo)

    here, there = (signed_in(reception).get(f"{AT}&site={one.pk}") for one in (reception.site, tokyo))

    assert heads(here) == ["Rosa Lind"]
    assert heads(there) == ["Aya Mori"]
    assert f'<option value="{tokyo.pk}" selected>Tokyo</option>' in there.content.decode()
    assert f"site={tokyo.pk}" in buttons(there)[0]


def test_times_are_the_sites_and_addresses_the_readers(amara, consultation, tokyo, reception):
    aya = make_practitioner("Aya Mori", site=tokyo)
    booked(amara, consultation, aya, reception, on(1))  # 10:00 in Tokyo

    response = signed_in(reception).get(f"{AT}&site={tokyo.pk}")

    assert blocks(response) == ["10:00–10:30 Amara Okafor Consultation booked"]
    assert free(response)[0] == "Book Aya Mori, 09:00"
    assert asked(response)[0] == {"practitioner": str(aya.pk), "date": str(DAY), "time": "00:00"}


def test_who_works_at_two_sites_is_busy_at_both(amara, consultation, rosa, reception):
    other = make_site("Park Lane")
    works(rosa, (9, 10))
    works(rosa, (14, 15), site=other)
    booked(amara, consultation, rosa, reception, on(14))

    response = signed_in(reception).get(AT)

    assert blocks(response) == ["14:00–14:30 Amara Okafor Consultation · at Park Lane booked"]
    assert len(free(response)) == 4


@pytest.mark.parametrize(("day", "count", "twice"), [("2032-03-28", 92, 0), ("2030-10-27", 100, 4)])
def test_on_the_days_the_clocks_change_each_quarter_is_offered_once(day, count, twice, rosa, reception):
    response = signed_in(reception).get(f"/diary/?date={day}")

    times = [(one["time"], one.get("second", "")) for one in asked(response)]
    assert len(times) == len(set(times)) == count
    assert [one for one in times if one[1]] == [(f"01:{minute:02}", "yes") for minute in (0, 15, 30, 45)][:twice]
    assert response.content.decode().count(">again</span>") == twice
    assert [one for one in free(response) if "again" in one] == [
        f"Book Rosa Lind, 01:{minute:02} again" for minute in (0, 15, 30, 45)
    ][:twice]


@pytest.mark.parametrize("hour", [0, 1], ids=["first", "second"])
def test_a_click_into_either_of_the_two_hours_books_that_one(hour, amara, consultation, rosa, reception):
    client = signed_in(reception)
    squares = asked(client.get("/diary/?date=2027-10-31"))
    clicked = [one for one in squares if one["time"] == "01:15"][hour]

    chosen = client.get("/book/", clicked | {"patient": amara.pk}).url
    offer = client.get(f"{chosen}&treatment={consultation.pk}").context["offered"].asked
    client.post(f"/patients/{amara.pk}/book/", {"treatment": consultation.pk, "chosen": offer.value})

    assert offer.words == f"Sun 31 Oct 2027, 01:15 {('BST', 'GMT')[hour]} with Rosa Lind"
    assert Appointment.objects.get().starts_at == dt.datetime(2027, 10, 31, hour, 15, tzinfo=dt.UTC)


def test_the_second_of_the_two_hours_taken_is_said_and_no_time_is_typed_ahead_by_hand(
    amara, jonas, consultation, rosa, reception
):
    taken = dt.datetime(2027, 10, 31, 1, 15, tzinfo=dt.UTC)
    make_appointment(patient=jonas, practitioner=rosa, treatment=consultation, by=reception, starts_at=taken)
    typed = f"treatment={consultation.pk}&practitioner={rosa.pk}&date=2027-10-31&time=01:15&second=yes"

    response = signed_in(reception).get(f"/patients/{amara.pk}/book/?{typed}")

    assert "01:15 (for the second time) is not among the free times." in words(response)
    assert response.context["form"]["time"].value() is None


def test_a_clinic_without_a_site_says_so(reception):
    reception.site = None
    reception.save()
    Site.objects.update(is_active=False)

    assert "no open site yet" in words(signed_in(reception).get("/diary/"))
