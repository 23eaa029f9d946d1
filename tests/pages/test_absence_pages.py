import datetime as dt

import pytest

from clinic.absences import record_absence
from clinic.models import Absence
from tests.factories import LONDON, make_patient, make_practitioner
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.models import Appointment


def day(ahead: int) -> str:
    return f"{today_at(days=ahead):%Y-%m-%d}"


@pytest.fixture
def client(reception):
    return signed_in(reception)


def typed(rosa, **more: str) -> dict[str, str]:
    return {"staff": str(rosa.pk), "first": day(7), "last": day(9), "reason": "holiday"} | more


def absent(staff, by, first: int, last: int) -> Absence:
    return record_absence(staff=staff, starts_at=today_at(0, days=first), ends_at=today_at(0, days=last + 1), by=by)


def test_whole_days_are_recorded_on_the_sites_clock(client, rosa, reception):
    response = client.post("/absences/new/", typed(rosa), follow=True)

    absence = Absence.objects.get()
    assert response.redirect_chain == [("/absences/", 302)]
    assert (absence.starts_at, absence.ends_at) == (today_at(0, days=7), today_at(0, days=10))
    assert (absence.staff, absence.created_by, absence.reason) == (rosa, reception, "holiday")
    assert absence.history.get().history_user == reception
    assert "Recorded: Rosa Lind is absent" in words(response)


def test_part_of_one_day_is_recorded(client, rosa):
    client.post("/absences/new/", typed(rosa, last="", begins="13:00", finishes="17:30"))

    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at) == (today_at(13, days=7), today_at(17, 30, days=7))


def test_only_a_beginning_is_the_rest_of_the_day(client, rosa):
    client.post("/absences/new/", typed(rosa, last="", begins="13:00"))

    absence = Absence.objects.get()
    assert (absence.starts_at, absence.ends_at) == (today_at(13, days=7), today_at(0, days=8))


@pytest.mark.parametrize("first, hours", [("2027-03-28", 23), ("2027-10-31", 25), ("2027-03-29", 24)])
def test_the_day_the_clocks_change_is_absent_from_midnight_to_midnight(first, hours, client, rosa):
    client.post("/absences/new/", typed(rosa, first=first, last=""))

    absence = Absence.objects.get()
    assert absence.ends_at - absence.starts_at == dt.timedelta(hours=hours)
    assert absence.starts_at.astimezone(LONDON).time() == dt.time()


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"staff": ""}, "Choose who is absent."),
        ({"staff": "00000000-0000-4000-8000-000000000000"}, "Choose one of the practitioners."),
        ({"first": ""}, "Choose a day."),
        ({"first": "31 June"}, "That is not a day of the calendar."),
        ({"first": "9999-12-31"}, "That is not a day of the calendar."),
        ({"begins": "25:00"}, "That is not a time of day."),
        ({"last": day(6)}, "The absence ends before it begins."),
        ({"last": "", "begins": "15:00", "finishes": "14:00"}, "The absence ends before it begins."),
        ({"last": day(400)}, "That is longer than a year; record it in parts."),
        ({"first": day(1200), "last": day(1201)}, "That is more than three years away."),
        ({"reason": "x" * 101}, "Ensure this value has at most 100 characters (it has 101)."),
    ],
)
def test_what_is_wrong_has_a_sentence_and_nothing_is_recorded(wrong, sentence, client, rosa):
    response = client.post("/absences/new/", typed(rosa) | wrong)

    assert response.status_code == 422
    assert sentence in words(response)
    assert not Absence.objects.exists()


def test_an_absence_over_another_one_is_refused_and_beside_it_is_not(client, rosa, reception):
    absent(rosa, reception, 5, 7)

    over = client.post("/absences/new/", typed(rosa))
    beside = client.post("/absences/new/", typed(rosa, first=day(8)))

    assert "Rosa Lind is absent" in words(over)
    assert "already; change that one." in words(over)
    assert (over.status_code, beside.status_code, Absence.objects.count()) == (422, 302, 2)


def test_somebody_else_may_be_absent_then(client, rosa, reception):
    absent(make_practitioner("Nia Cole"), reception, 7, 9)

    assert client.post("/absences/new/", typed(rosa)).status_code == 302


# --- Over what is booked ---------------------------------------------------------------------------------------------


@pytest.fixture
def three(amara, jonas, rosa, consultation, reception) -> list[Appointment]:
    return [
        booked(amara, consultation, rosa, reception, today_at(10, days=7)),
        booked(jonas, consultation, rosa, reception, today_at(10, days=8)),
        booked(make_patient(reception, "Mei", "Tanaka"), consultation, rosa, reception, today_at(23, 30, days=9)),
    ]


def test_over_booked_appointments_it_warns_first_and_lists_them(client, rosa, three):
    response = client.post("/absences/new/", typed(rosa))

    assert response.status_code == 422
    assert "3 appointments lie in it" in words(response)
    assert [name in words(response) for name in ("Amara Okafor", "Jonas Weber", "Mei Tanaka")] == [True] * 3
    assert response.context["form"]["reason"].value() == "holiday"
    assert not Absence.objects.exists()


def test_shown_them_it_is_recorded_and_they_stay_booked(client, rosa, three):
    warned = client.post("/absences/new/", typed(rosa))

    response = client.post("/absences/new/", typed(rosa, shown=warned.context["shown"]), follow=True)

    assert "3 appointments stay booked, listed to be moved." in words(response)
    assert "3 to be moved" in words(response)
    assert "/worklists/#to-move" in buttons(response)
    assert set(Appointment.objects.values_list("status", flat=True)) == {"booked"}
    assert Absence.objects.count() == 1


def test_one_booked_after_they_were_shown_is_shown_first(client, rosa, three, amara, consultation, reception):
    shown = client.post("/absences/new/", typed(rosa)).context["shown"]
    booked(amara, consultation, rosa, reception, today_at(15, days=8))

    response = client.post("/absences/new/", typed(rosa, shown=shown))

    assert "4 appointments lie in it" in words(response)
    assert not Absence.objects.exists()


def test_an_absence_that_would_be_refused_anyway_shows_no_appointments(client, rosa, three, reception):
    absent(rosa, reception, 7, 7)

    response = client.post("/absences/new/", typed(rosa))

    assert "already; change that one." in words(response)
    assert "lie in it" not in words(response)


def test_what_ends_as_it_begins_what_is_cancelled_and_what_is_anothers_is_not_in_it(
    client, rosa, amara, jonas, consultation, reception
):
    booked(amara, consultation, rosa, reception, today_at(23, 30, days=6))  # ends at midnight
    gone = booked(jonas, consultation, rosa, reception, today_at(10, days=8))
    signed_in(reception).post(f"/appointments/{gone.pk}/cancel/")
    booked(amara, consultation, make_practitioner("Nia Cole"), reception, today_at(10, days=8))

    assert client.post("/absences/new/", typed(rosa)).status_code == 302


# --- Changed, removed, listed ----------------------------------------------------------------------------------------


def test_a_change_shows_what_stands_and_keeps_who_made_it(client, rosa, reception):
    absence = absent(rosa, reception, 7, 9)
    form = client.get(f"/absences/{absence.pk}/").context["form"]
    assert (f"{form['first'].value()}", f"{form['last'].value()}", form["begins"].value()) == (day(7), day(9), None)

    client.post(f"/absences/{absence.pk}/", {"first": day(7), "last": day(7), "begins": "12:00", "reason": "course"})

    absence.refresh_from_db()
    assert (absence.starts_at, absence.ends_at, absence.reason) == (
        today_at(12, days=7),
        today_at(0, days=8),
        "course",
    )
    assert absence.history.count() == 2


def test_a_change_may_overlap_itself_and_warns_of_what_it_newly_covers(client, rosa, reception, amara, consultation):
    absence = absent(rosa, reception, 7, 7)
    booked(amara, consultation, rosa, reception, today_at(10, days=8))

    response = client.post(f"/absences/{absence.pk}/", {"first": day(7), "last": day(8)})

    assert "1 appointment lies in it" in words(response)
    client.post(f"/absences/{absence.pk}/", {"first": day(7), "last": day(8), "shown": response.context["shown"]})
    absence.refresh_from_db()
    assert absence.ends_at == today_at(0, days=9)


def test_removed_it_is_gone_and_the_history_says_by_whom(client, rosa, reception):
    absence = absent(rosa, reception, 7, 7)

    for _ in range(2):
        assert client.post(f"/absences/{absence.pk}/remove/").status_code == 302

    assert not Absence.objects.exists()
    last = Absence.history.first()
    assert (last.history_type, last.history_user) == ("-", reception)


def test_the_list_holds_what_is_now_and_ahead(client, rosa, reception):
    absent(rosa, reception, -9, -8)
    absent(rosa, reception, -1, 0)
    absent(make_practitioner("Nia Cole"), reception, 20, 20)

    said = words(client.get("/absences/"))

    assert said.count("Rosa Lind") == 2  # the row, and its button
    assert "Nia Cole on" in said
    assert " now " in said


def test_nobody_absent_is_said(client):
    assert "Nobody is absent now or later." in words(client.get("/absences/"))


def test_the_list_costs_the_same_for_three_as_for_one(client, rosa, reception, three):
    absent(rosa, reception, 7, 7)
    with statements() as for_one:
        client.get("/absences/")
    absent(rosa, reception, 8, 8)
    absent(rosa, reception, 9, 9)

    with statements() as for_three:
        client.get("/absences/")

    assert len(for_three) == len(for_one)


def test_each_role_may_and_who_has_none_may_not(rosa, manager, superuser):
    assert [signed_in(one).get("/absences/").status_code for one in (rosa, manager, superuser)] == [200, 200, 403]
    assert signed_in(superuser).post("/absences/new/", typed(rosa)).status_code == 403


def test_unknown_ones_are_not_found(client):
    nobody = "00000000-0000-4000-8000-000000000000"
    assert client.get(f"/absences/{nobody}/").status_code == 404
    assert client.post(f"/absences/{nobody}/remove/").status_code == 302  # it is not there, as was wanted


def test_sent_twice_it_is_recorded_once(client, rosa):
    for _ in range(2):
        assert client.post("/absences/new/", typed(rosa, once="abc")).status_code == 302

    assert Absence.objects.count() == 1
