import datetime as dt

import pytest

from tests.factories import make_patient, make_practitioner, make_side_effect
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.booking import cancel_appointment

NOON = "?date=2026-03-09"


def on(hour: int, minute: int = 0) -> dt.datetime:
    """That Monday in March, in London."""
    return today_at().replace(year=2026, month=3, day=9, hour=hour, minute=minute)


def groups(response) -> dict[str, list[str]]:
    return {
        str(who): [f"{slot.starts_at.astimezone(on(0).tzinfo):%H:%M} {slot.patient}" for slot in rows]
        for who, rows in response.context["groups"]
    }


@pytest.fixture
def monday(amara, jonas, rosa, omar, mesotherapy, consultation, reception):
    return [
        booked(amara, mesotherapy, rosa, reception, on(14)),
        booked(jonas, consultation, rosa, reception, on(9)),
        booked(amara, consultation, omar, reception, on(10)),
        booked(jonas, consultation, omar, reception, on(9) + dt.timedelta(days=1)),
    ]


def test_a_days_appointments_stand_by_practitioner_in_time_order(monday, reception):
    response = signed_in(reception).get(f"/day/{NOON}")

    assert response.status_code == 200
    assert groups(response) == {
        "Omar Aziz": ["10:00 Amara Okafor"],
        "Rosa Lind": ["09:00 Jonas Weber", "14:00 Amara Okafor"],
    }
    assert "Monday 9 March" in words(response)
    assert "3 appointments" in words(response)


def test_one_practitioners_day_can_be_shown_alone(monday, rosa, reception):
    response = signed_in(reception).get(f"/day/{NOON}&practitioner={rosa.pk}")

    assert groups(response) == {"Rosa Lind": ["09:00 Jonas Weber", "14:00 Amara Okafor"]}
    assert "2 appointments with Rosa Lind" in words(response)
    assert f"?date=2026-03-10&amp;practitioner={rosa.pk}" in buttons(response)


def test_somebody_who_has_left_can_still_be_chosen_on_the_days_they_worked(monday, rosa, reception):
    rosa.is_active = False
    rosa.save()

    response = signed_in(reception).get(f"/day/{NOON}&practitioner={rosa.pk}")

    assert list(groups(response)) == ["Rosa Lind"]


def test_an_unknown_practitioner_leaves_everybody_shown(monday, reception):
    response = signed_in(reception).get(f"/day/{NOON}&practitioner=nonsense")

    assert list(groups(response)) == ["Omar Aziz", "Rosa Lind"]


def test_the_days_before_and_after_and_today_are_a_click_away(monday, reception):
    links = buttons(signed_in(reception).get(f"/day/{NOON}"))

    assert links[:3] == ["?date=2026-03-08", f"?date={today_at().date()}", "?date=2026-03-10"]


def test_without_a_date_it_is_today(amara, consultation, rosa, reception):
    booked(amara, consultation, rosa, reception, today_at(10))

    assert groups(signed_in(reception).get("/day/")) == {"Rosa Lind": ["10:00 Amara Okafor"]}


@pytest.mark.parametrize("date", ["nonsense", "2026-02-30", "9999-12-31", "0001-01-01", "\x00"])
def test_a_day_that_is_none_leads_to_today_and_says_so(date, reception):
    response = signed_in(reception).get("/day/", {"date": date}, follow=True)

    assert response.redirect_chain == [("/day/", 302)]
    assert "That is not a day of the calendar; this is today." in words(response)
    assert response.context["day"] == today_at().date()


def test_an_empty_day_says_so(rosa, reception):
    assert "Nobody is booked on this day." in words(signed_in(reception).get(f"/day/{NOON}"))
    assert "Nobody is booked with Rosa Lind on this day." in words(
        signed_in(reception).get(f"/day/{NOON}&practitioner={rosa.pk}")
    )


def test_a_cancelled_appointment_is_shown_but_not_counted(monday, reception):
    cancel_appointment(appointment=monday[0], by=reception)

    response = signed_in(reception).get(f"/day/{NOON}")

    assert "Amara Okafor Mesotherapy Cancelled" in words(response)
    assert "2 appointments" in words(response)


def test_a_held_appointment_says_so_in_words_and_pattern(monday, amara, rosa, reception):
    make_side_effect(patient=amara, by=rosa, now=on(8))

    response = signed_in(reception).get(f"/day/{NOON}")

    assert "14:00 –15:00 Amara Okafor Mesotherapy On hold" in words(response)
    assert response.content.decode().count('class="slot held"') == 1


def test_checking_in_is_offered_on_the_day_itself_only(amara, jonas, consultation, rosa, reception):
    today = booked(amara, consultation, rosa, reception, today_at(23))
    tomorrow = booked(jonas, consultation, rosa, reception, today_at(days=1))
    client = signed_in(reception)

    assert f"/appointments/{today.pk}/check-in/" in buttons(client.get("/day/"))
    assert f"/appointments/{tomorrow.pk}/check-in/" not in buttons(
        client.get(f"/day/?date={tomorrow.starts_at.date()}")
    )


def test_a_manager_reads_the_day_without_buttons(monday, manager):
    response = signed_in(manager).get(f"/day/{NOON}")

    assert list(groups(response)) == ["Omar Aziz", "Rosa Lind"]
    assert [link for link in buttons(response) if link.endswith(("check-in/", "no-show/", "start/"))] == []


def test_without_a_role_there_is_no_day(monday, superuser):
    assert signed_in(superuser).get("/day/").status_code == 403


def test_a_day_in_another_time_zone_begins_at_its_own_midnight(amara, consultation, rosa, reception):
    booked(amara, consultation, rosa, reception, on(23, 30))
    reception.site.time_zone = "Asia/Tokyo"
    reception.site.save()

    client = signed_in(reception)

    assert groups(client.get("/day/?date=2026-03-09")) == {}
    assert len(client.get("/day/?date=2026-03-10").context["groups"]) == 1


def test_the_day_costs_the_same_for_many_rows_as_for_one(amara, jonas, mesotherapy, rosa, omar, reception):
    booked(amara, mesotherapy, rosa, reception, on(9))
    client = signed_in(reception)
    with statements() as for_one:
        client.get(f"/day/{NOON}")
    for number in range(3):
        patient = make_patient(reception, "More", f"Name{number}")
        booked(patient, mesotherapy, make_practitioner(f"Other {number}"), reception, on(9))
        make_side_effect(patient=patient, by=rosa, now=on(8))

    with statements() as for_more:
        client.get(f"/day/{NOON}")

    assert len(for_more) == len(for_one) == 2  # the reader's site, and the day
