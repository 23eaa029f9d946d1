"""Booking and moving by free times, as the pages show them."""

import datetime as dt
from urllib.parse import parse_qs, urlsplit

import pytest

from clinic.models import Absence, ClosedDay, Refusal, Site, WorkingHours
from tests.factories import (
    make_patient,
    make_practitioner,
    make_review,
    make_room,
    make_side_effect,
    make_site,
    make_staff,
    train,
)
from tests.pages.desk import booked, signed_in, statements, today_at, words
from treatments.models import Appointment, WaitingListEntry

SOON = today_at(10, days=2)
BOOK = "/patients/{}/book/"


def chosen(at: dt.datetime, practitioner, room=None) -> str:
    """What the button of a free time sends."""
    return " ".join(str(part) for part in (at.isoformat(), practitioner.pk, room.pk if room else "")).strip()


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def page(client, patient, treatment, **asked):
    return client.get(BOOK.format(patient.pk), {"treatment": treatment.pk, **asked})


def on_first_day(response) -> dict[str, list[str]]:
    """Each practitioner's free times of the first day."""
    day = response.context["offered"].days[0]
    return {one.practitioner.name: [offer.clock for offer in one.every] for one in day.people}


@pytest.fixture
def short_days(site) -> Site:
    """The site is open from nine to twelve, then from one to two for who works so; so lists are short."""
    site.opens_at, site.closes_at = dt.time(9), dt.time(14)
    site.save()
    return site


# --- Who it is for ----------------------------------------------------------------------------------------------------


def test_the_page_begins_with_who_it_is_for(reception):
    response = signed_in(reception).get("/book/")

    assert "Who is it for?" in words(response)
    assert response.context["found"] is None


def test_patients_are_found_without_scripts_and_what_was_chosen_goes_along(amara, jonas, consultation, reception):
    asked = {"treatment": consultation.pk, "date": "2030-01-07", "time": "10:00"}

    response = signed_in(reception).get("/book/", {"search": "okaf", **asked})

    assert response.context["found"] == [amara]
    assert f'href="/patients/{amara.pk}/book/?treatment={consultation.pk}&amp;date=2030-01-07&amp;time=10%3A00"' in (
        response.content.decode()
    )
    assert "Nobody is found for “nobody”." in words(signed_in(reception).get("/book/?search=nobody"))


def test_a_patient_who_is_known_leads_on_with_all_that_was_chosen(amara, consultation, reception):
    client = signed_in(reception)

    plain = client.get("/book/", {"patient": amara.pk})
    more = client.get("/book/", {"patient": amara.pk, "treatment": consultation.pk, "time": "10:00", "other": "x"})

    assert plain.url == f"/patients/{amara.pk}/book/"
    assert parse_qs(urlsplit(more.url).query) == {"treatment": [str(consultation.pk)], "time": ["10:00"]}


@pytest.mark.parametrize("patient", ["00000000-0000-4000-8000-000000000000", "x", ""])
def test_an_unknown_patient_is_not_found(patient, reception):
    assert signed_in(reception).get("/book/", {"patient": patient}).status_code == 404


def test_a_manager_books_for_nobody(manager):
    assert signed_in(manager).get("/book/").status_code == 403


# --- Free times -------------------------------------------------------------------------------------------------------


def test_free_times_stand_by_day_and_practitioner(short_days, amara, consultation, rosa, omar, reception):
    WorkingHours.objects.create(
        staff=omar, site=short_days, weekday=SOON.weekday(), starts_at=dt.time(9), ends_at=dt.time(10)
    )

    response = page(signed_in(reception), amara, consultation, date=f"{SOON:%Y-%m-%d}")

    assert on_first_day(response)["Omar Aziz"] == ["09:00", "09:15", "09:30"]
    assert on_first_day(response)["Rosa Lind"][0] == "09:00"
    assert [day.day for day in response.context["offered"].days] == [
        SOON.date() + dt.timedelta(days=ahead) for ahead in range(3)
    ]
    assert f"Book the next free: {SOON:%a} {SOON.day} {SOON:%b}, 09:00 with Omar Aziz" in words(response)


def test_the_filters_leave_what_was_asked_for(short_days, amara, consultation, rosa, omar, reception):
    client = signed_in(reception)
    day = f"{SOON:%Y-%m-%d}"

    mornings = on_first_day(page(client, amara, consultation, date=day, part_of_day="mornings"))
    afternoons = on_first_day(page(client, amara, consultation, date=day, part_of_day="afternoons"))
    only_omar = on_first_day(page(client, amara, consultation, date=day, practitioner=omar.pk))

    assert (mornings["Rosa Lind"][-1], afternoons["Rosa Lind"][0]) == ("11:45", "12:00")
    assert list(only_omar) == ["Omar Aziz"]
    assert list(mornings) == ["Omar Aziz", "Rosa Lind"]


def test_more_days_go_on_where_these_end(short_days, amara, consultation, rosa, reception):
    client = signed_in(reception)
    first = page(client, amara, consultation, date=f"{SOON:%Y-%m-%d}")

    second = client.get(f"{BOOK.format(amara.pk)}?{first.context['more']}")

    assert second.context["offered"].days[0].day == SOON.date() + dt.timedelta(days=3)
    assert 'id="times-title" tabindex="-1" autofocus' in second.content.decode()
    assert "autofocus" not in first.content.decode()


def test_where_nothing_is_free_the_page_says_so_and_looks_further(amara, consultation, rosa, reception):
    Absence.objects.create(staff=rosa, starts_at=today_at(0), ends_at=today_at(0, days=40), created_by=reception)
    client = signed_in(reception)

    nothing = page(client, amara, consultation)
    further = client.get(f"{BOOK.format(amara.pk)}?{nothing.context['more']}")

    last = today_at(days=27)
    assert f"Nothing is free from {today_at():%a} {today_at().day} {today_at():%b} to {last:%a}" in words(nothing)
    assert "Look further" in words(nothing)
    assert further.context["offered"].days[0].day == today_at(days=40).date()


def test_a_room_leaves_its_free_times_and_the_first_free_will_do(
    short_days, amara, jonas, consultation, rosa, omar, reception
):
    one, other = make_room("Room 1"), make_room("Room 2")
    taken = booked(jonas, consultation, omar, reception, SOON)
    taken.room = one
    taken.save()
    client = signed_in(reception)
    day = f"{SOON:%Y-%m-%d}"

    here = page(client, amara, consultation, date=day, room=one.pk, practitioner=rosa.pk)
    any_room = page(client, amara, consultation, date=day, room="first-free", practitioner=rosa.pk)

    assert "10:00" not in on_first_day(here)["Rosa Lind"]
    offers = {offer.clock: offer.value for offer in any_room.context["offered"].days[0].people[0].every}
    assert (offers["10:00"].split()[-1], offers["10:30"].split()[-1]) == (str(other.pk), str(one.pk))


def test_a_time_pointed_at_in_the_diary_is_offered_first(amara, consultation, rosa, omar, reception):
    asked = {"date": f"{SOON:%Y-%m-%d}", "time": "10:00", "practitioner": rosa.pk}

    free = page(signed_in(reception), amara, consultation, **asked)
    booked(make_patient(reception), consultation, rosa, reception, SOON)
    taken = page(signed_in(reception), amara, consultation, **asked)

    assert f"Book {SOON:%a} {SOON.day} {SOON:%b}, 10:00 with Rosa Lind" in words(free)
    assert "10:00 is not among the free times. These are free:" in words(taken)
    assert (free.context["by_hand"], taken.context["by_hand"]) == (False, True)
    assert taken.context["form"]["time"].value() == "10:00"


# --- One click --------------------------------------------------------------------------------------------------------


def test_a_free_time_is_booked_by_its_button(amara, mesotherapy, rosa, room, reception):
    client = signed_in(reception)
    offers = page(client, amara, mesotherapy, date=f"{SOON:%Y-%m-%d}", room=room.pk).context["offered"].days[0].people
    value = next(offer.value for offer in offers[0].every if offer.clock == "10:00")

    response = client.post(BOOK.format(amara.pk), {"treatment": mesotherapy.pk, "chosen": value, "once": "a"})

    made = Appointment.objects.get()
    assert (response.status_code, response.url) == (302, f"/patients/{amara.pk}/")
    assert (made.starts_at, made.practitioner, made.room, made.treatment) == (SOON, rosa, room, mesotherapy)
    assert told(response) == [f"Booked: Mesotherapy, {SOON:%a} {SOON.day} {SOON:%b} 10:00 with Rosa Lind."]


def test_a_lost_answer_and_a_second_try_make_one_booking(amara, consultation, rosa, reception):
    client = signed_in(reception)
    sent = {"treatment": consultation.pk, "chosen": chosen(SOON, rosa), "once": "a"}

    answers = [client.post(BOOK.format(amara.pk), sent) for _ in range(2)]

    assert Appointment.objects.count() == 1
    assert [one.status_code for one in answers] == [302, 302]


def test_two_desks_and_one_slot_the_second_is_told_and_keeps_its_filters(amara, jonas, consultation, rosa, reception):
    sent = {
        "treatment": consultation.pk, "chosen": chosen(SOON, rosa),
        "date": f"{SOON:%Y-%m-%d}", "practitioner": rosa.pk, "part_of_day": "mornings",
    }  # fmt: skip
    first = signed_in(reception).post(BOOK.format(amara.pk), sent)

    second = signed_in(make_staff("receptionist", name="Tom Bell")).post(BOOK.format(jonas.pk), sent)

    assert (first.status_code, second.status_code) == (302, 409)
    assert "It was not booked Rosa Lind is taken from 10:00 to 10:30. Choose another time." in words(second)
    assert on_first_day(second)["Rosa Lind"][-1] == "11:45"
    assert "10:00" not in on_first_day(second)["Rosa Lind"]
    assert (Refusal.objects.get().code, Appointment.objects.count()) == ("practitioner-busy", 1)


@pytest.mark.parametrize(
    "value", ["", "x", "2030-01-07T10:00:00 {rosa}", "2030-01-07T10:00:00+00:00", "2030-01-07T10:00:00+00:00 x",
              "9999-01-07T10:00:00+00:00 {rosa}", "2030-13-07T10:00:00+00:00 {rosa}",
              "2030-01-07T10:00:00+00:00 {rosa} 00000000-0000-4000-8000-000000000000", "\x00"],
)  # fmt: skip
def test_a_button_that_was_tampered_with_books_nothing(value, amara, consultation, rosa, reception):
    response = signed_in(reception).post(
        BOOK.format(amara.pk), {"treatment": consultation.pk, "chosen": value.format(rosa=rosa.pk)}
    )

    assert response.status_code == 422
    assert not Appointment.objects.exists()
    assert response.context["wrong"]


def test_a_time_that_passed_while_the_page_stood_open_is_said(amara, consultation, rosa, reception):
    sent = {"treatment": consultation.pk, "chosen": chosen(today_at(9, days=-1), rosa)}

    response = signed_in(reception).post(BOOK.format(amara.pk), sent)

    assert (response.status_code, response.context["wrong"]) == (422, ["That time has passed."])


@pytest.mark.parametrize("hour", [0, 1], ids=["first", "second"])
def test_each_of_the_two_hours_of_the_25_hour_day_can_be_booked(hour, amara, consultation, rosa, reception):
    day = dt.date(2027, 10, 31)
    client = signed_in(reception)
    offers = page(client, amara, consultation, date=day.isoformat()).context["offered"].days[0].people[0].every
    twice = [offer for offer in offers if offer.clock.startswith("01:30")]

    client.post(BOOK.format(amara.pk), {"treatment": consultation.pk, "chosen": twice[hour].value})

    assert [offer.clock for offer in twice] == ["01:30 BST", "01:30 GMT"]
    assert Appointment.objects.get().starts_at == dt.datetime(2027, 10, 31, hour, 30, tzinfo=dt.UTC)


# --- Hours ------------------------------------------------------------------------------------------------------------


def _closed(rosa, reception) -> None:
    ClosedDay.objects.create(site=make_site(), day=SOON.date(), reason="Burst pipe")


def _absent(rosa, reception) -> None:
    Absence.objects.create(staff=rosa, starts_at=SOON, ends_at=SOON + dt.timedelta(hours=1), created_by=reception)


def _elsewhen(rosa, reception) -> None:
    WorkingHours.objects.create(
        staff=rosa, site=make_site(), weekday=SOON.weekday(), starts_at=dt.time(10, 15), ends_at=dt.time(15)
    )


@pytest.mark.parametrize(
    ("code", "lay", "sentence", "near_miss"),
    [
        ("closed-day", _closed, "High Street is closed on {day} (Burst pipe). Choose another day.", dt.timedelta(days=1)),
        ("practitioner-absent", _absent, "Rosa Lind is absent then.", dt.timedelta(hours=1)),
        ("outside-hours", _elsewhen, "Rosa Lind works 10:15–15:00 on {day}.", dt.timedelta(minutes=15)),
    ],
)  # fmt: skip
def test_outside_hours_a_booking_is_refused_with_a_sentence_and_beside_them_it_is_made(
    code, lay, sentence, near_miss, amara, consultation, rosa, reception
):
    lay(rosa, reception)
    client = signed_in(reception)
    typed = {"treatment": consultation.pk, "practitioner": rosa.pk}
    day = f"{SOON.day} {SOON:%b}"

    refused = client.post(BOOK.format(amara.pk), typed | {"date": f"{SOON:%Y-%m-%d}", "time": "10:00"})
    made = client.post(BOOK.format(amara.pk), typed | {"chosen": chosen(SOON + near_miss, rosa)})

    assert (refused.status_code, [one.code for one in refused.context["refused"].blockers]) == (409, [code])
    assert sentence.format(day=day) in words(refused)
    assert refused.context["form"]["time"].value() == "10:00"
    assert made.status_code == 302
    assert Appointment.objects.get().starts_at == SOON + near_miss


# --- Training that lapses before the day ------------------------------------------------------------------------------


LAPSES = "Omar Aziz’s training ends on {}, before this day; it must be renewed, or the session cannot start."


@pytest.fixture
def lapsing(omar) -> str:
    """Omar's training ends the day before SOON, at whatever hour the tests began; answers the sentence."""
    last = SOON.date() - dt.timedelta(days=1)
    train(omar, until=last)
    return LAPSES.format(f"{last.day} {last:%b}")


def test_it_is_warned_of_before_an_exact_time_is_booked(
    lapsing, amara, mesotherapy, consultation, rosa, omar, reception
):
    client = signed_in(reception)
    day = {"practitioner": omar.pk, "date": f"{SOON:%Y-%m-%d}"}

    assert lapsing in words(page(client, amara, mesotherapy, **day))
    assert lapsing not in words(page(client, amara, mesotherapy, **day | {"practitioner": rosa.pk}))
    assert lapsing not in words(page(client, amara, consultation, **day))
    assert lapsing not in words(
        page(client, amara, mesotherapy, **day | {"date": f"{SOON - dt.timedelta(days=1):%Y-%m-%d}"})
    )


def test_it_is_booked_and_warned_of_on_the_page_after(lapsing, amara, mesotherapy, omar, reception):
    typed = {"treatment": mesotherapy.pk, "practitioner": omar.pk, "date": f"{SOON:%Y-%m-%d}", "time": "10:00"}

    response = signed_in(reception).post(BOOK.format(amara.pk), typed)

    assert Appointment.objects.get().practitioner == omar
    assert told(response)[1:] == [lapsing]


def test_free_times_offer_only_who_is_trained_on_the_day(lapsing, amara, mesotherapy, rosa, omar, reception):
    tomorrow = page(signed_in(reception), amara, mesotherapy, date=f"{SOON - dt.timedelta(days=1):%Y-%m-%d}")
    soon = page(signed_in(reception), amara, mesotherapy, date=f"{SOON:%Y-%m-%d}")

    assert (list(on_first_day(tomorrow)), list(on_first_day(soon))) == (["Omar Aziz", "Rosa Lind"], ["Rosa Lind"])


# --- Refused ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def bruised(amara, rosa):
    """Seen four days ago, and fading since yesterday: the next look is due in six days."""
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", now=today_at(9, days=-4))
    make_review(side_effect=bruise, by=rosa, finding="fading", now=today_at(9, days=-1))
    return bruise


def _said(days: int) -> str:
    return f"{today_at(days=days).day} {today_at(days=days):%b}"


def test_a_review_is_offered_right_there_from_the_day_the_next_look_is_due(
    bruised, amara, mesotherapy, bruise_review, rosa, reception
):
    client = signed_in(reception)

    response = page(client, amara, mesotherapy)
    value = response.context["offered"].days[0].people[0].every[0].value
    made = client.post(BOOK.format(amara.pk), {"treatment": bruise_review.pk, "chosen": value})

    assert "Free for a bruise review" in words(response)
    assert response.context["offered"].days[0].day == today_at(days=6).date()
    assert f"Bruising: last looked at {_said(-1)}; the next look is due by {_said(6)}." in words(response)
    assert (made.status_code, Appointment.objects.get().treatment) == (302, bruise_review)


def test_only_who_may_read_findings_reads_the_finding(bruised, amara, mesotherapy, bruise_review, rosa, reception):
    assert (
        "fading" not in signed_in(reception).get(f"{BOOK.format(amara.pk)}?treatment={mesotherapy.pk}").content.decode()
    )
    assert f"Bruising: last looked at {_said(-1)} (fading); the next look is due by {_said(6)}." in words(
        page(signed_in(rosa), amara, mesotherapy)
    )


def test_where_the_days_come_from_is_said_and_a_decision_of_ours_is_not_the_sources(
    bruised, amara, mesotherapy, bruise_review, rosa, reception
):
    make_side_effect(
        patient=amara, by=rosa, kind="swelling", now=today_at(9, days=-1), onset_on=today_at(days=-1).date()
    )

    said = words(page(signed_in(reception), amara, mesotherapy))

    assert "The clinic looks again within 7 days; the source gives bruising no number." in said
    assert f"Swelling: seen {_said(-1)}; the next look is due by {_said(1)}." in said
    assert "Source: small, raised bumps" in said


def test_a_look_that_is_overdue_is_looked_for_from_today(amara, mesotherapy, bruise_review, rosa, reception):
    make_side_effect(patient=amara, by=reception, now=today_at(9, days=-5))

    response = page(signed_in(reception), amara, mesotherapy)

    assert response.context["offered"].first == today_at().date()
    assert f"Bruising: reported {_said(-5)}, not yet seen; the next look was due on {_said(-3)}." in words(response)


def test_the_review_by_itself_begins_with_that_day_too(bruised, amara, bruise_review, rosa, reception):
    client = signed_in(reception)

    assert page(client, amara, bruise_review).context["offered"].first == today_at(days=6).date()
    sooner = page(client, amara, bruise_review, date=f"{SOON:%Y-%m-%d}")
    assert sooner.context["offered"].first == SOON.date()


def test_one_click_joins_the_waiting_list(bruised, amara, mesotherapy, rosa, reception):
    client = signed_in(reception)
    shown = page(client, amara, mesotherapy, practitioner=rosa.pk, part_of_day="mornings")
    initial = shown.context["join"].initial

    response = client.post(f"/patients/{amara.pk}/waiting-list/", initial | {"note": "not on Tuesdays", "once": "a"})
    client.post(f"/patients/{amara.pk}/waiting-list/", initial | {"note": "not on Tuesdays", "once": "a"})

    entry = WaitingListEntry.objects.get()
    assert told(response) == ["Amara Okafor is on the waiting list for Mesotherapy: to be called when clear."]
    assert (entry.practitioner, entry.part_of_day, entry.note, entry.by) == (
        rosa,
        "mornings",
        "not on Tuesdays",
        reception,
    )
    again = page(client, amara, mesotherapy)
    assert f"has been on the waiting list for mesotherapy since {_said(0)}, wishes for Rosa Lind, mornings." in words(
        again
    )
    assert again.context["join"] is None


def test_somebody_is_taken_off_the_waiting_list_with_a_reason(bruised, amara, mesotherapy, reception):
    client = signed_in(reception)
    client.post(f"/patients/{amara.pk}/waiting-list/", {"treatment": mesotherapy.pk, "part_of_day": "any"})
    entry = WaitingListEntry.objects.get()
    address = f"/waiting-list/{entry.pk}/close/"

    empty = client.post(address, {"reason": " "})
    done = client.post(address, {"reason": "goes elsewhere"})

    entry.refresh_from_db()
    assert (client.get(address).status_code, empty.status_code, done.status_code) == (200, 422, 302)
    assert empty.context["form"].errors == {"reason": ["Say why nobody needs to call."]}
    assert (entry.close_reason, entry.closed_by) == ("goes elsewhere", reception)
    assert "is off the waiting list for Mesotherapy" in words(client.get(address))


@pytest.mark.parametrize(
    ("wrong", "field"), [({"treatment": "x"}, "treatment"), ({"part_of_day": "nights"}, "part_of_day"),
                         ({"practitioner": "x"}, "practitioner"), ({"note": "x" * 301}, "note")],
)  # fmt: skip
def test_a_wrong_wish_has_a_sentence_beside_it(wrong, field, amara, mesotherapy, reception):
    typed = {"treatment": mesotherapy.pk, "part_of_day": "any", "note": "x"} | wrong

    response = signed_in(reception).post(f"/patients/{amara.pk}/waiting-list/", typed)

    assert (response.status_code, list(response.context["form"].errors)) == (422, [field])
    assert not WaitingListEntry.objects.exists()


def test_a_manager_joins_for_nobody(amara, mesotherapy, manager):
    client = signed_in(manager)

    assert client.post(f"/patients/{amara.pk}/waiting-list/", {"treatment": mesotherapy.pk}).status_code == 403
    assert client.get("/waiting-list/00000000-0000-4000-8000-000000000000/close/").status_code == 403


# --- Moves ------------------------------------------------------------------------------------------------------------


def test_a_move_offers_free_times_without_its_own_and_one_click_moves(amara, mesotherapy, rosa, omar, reception):
    train(omar)
    own = booked(amara, mesotherapy, rosa, reception, SOON)
    client = signed_in(reception)

    response = client.get(f"/appointments/{own.pk}/move/", {"date": f"{SOON:%Y-%m-%d}"})
    clocks = on_first_day(response)["Rosa Lind"]
    done = client.post(f"/appointments/{own.pk}/move/", {"chosen": chosen(SOON + dt.timedelta(minutes=30), rosa)})

    own.refresh_from_db()
    assert "10:00" not in clocks
    assert {"09:30", "10:30"} <= set(clocks)
    assert list(on_first_day(response)) == ["Rosa Lind"]
    assert (done.status_code, own.starts_at) == (302, SOON + dt.timedelta(minutes=30))
    anyone = client.get(f"/appointments/{own.pk}/move/", {"date": f"{SOON:%Y-%m-%d}", "practitioner": ""})
    assert list(on_first_day(anyone)) == ["Omar Aziz", "Rosa Lind"]


def test_a_move_to_a_time_just_taken_is_refused_with_the_reason_and_fresh_times(
    amara, jonas, consultation, rosa, reception
):
    own = booked(amara, consultation, rosa, reception, SOON)
    booked(jonas, consultation, rosa, reception, SOON + dt.timedelta(hours=1))

    response = signed_in(reception).post(
        f"/appointments/{own.pk}/move/",
        {"chosen": chosen(SOON + dt.timedelta(hours=1), rosa), "date": f"{SOON:%Y-%m-%d}", "practitioner": rosa.pk},
    )

    own.refresh_from_db()
    assert (response.status_code, own.starts_at) == (409, SOON)
    assert "It was not moved Rosa Lind is taken from 11:00 to 11:30." in words(response)
    assert "11:00" not in on_first_day(response)["Rosa Lind"]


def test_a_move_of_a_tampered_button_moves_nothing(amara, consultation, rosa, reception):
    own = booked(amara, consultation, rosa, reception, SOON)

    response = signed_in(reception).post(f"/appointments/{own.pk}/move/", {"chosen": "x"})

    assert (response.status_code, response.context["wrong"]) == (422, ["Choose one of the free times."])


def test_a_move_to_a_day_after_the_training_is_warned_of(lapsing, amara, mesotherapy, omar, reception):
    own = booked(amara, mesotherapy, omar, reception, SOON - dt.timedelta(hours=19))
    typed = {"practitioner": omar.pk, "date": f"{SOON:%Y-%m-%d}", "time": "10:00"}
    client = signed_in(reception)

    before = client.get(f"/appointments/{own.pk}/move/", typed)
    after = client.post(f"/appointments/{own.pk}/move/", typed)

    assert lapsing in words(before)
    assert told(after)[1:] == [lapsing]


# --- What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("what", ["bookable", "refused", "move"])
def test_the_pages_cost_the_same_for_one_row_as_for_three(
    what, amara, jonas, mesotherapy, bruise_review, rosa, reception
):
    own = booked(jonas, mesotherapy, rosa, reception, SOON + dt.timedelta(days=1))
    address = {
        "bookable": f"{BOOK.format(amara.pk)}?treatment={mesotherapy.pk}&date={SOON:%Y-%m-%d}",
        "refused": f"{BOOK.format(jonas.pk)}?treatment={mesotherapy.pk}&date={SOON:%Y-%m-%d}",
        "move": f"/appointments/{own.pk}/move/?practitioner=&date={SOON:%Y-%m-%d}",
    }[what]
    make_room("Room 0")
    if what == "refused":
        make_side_effect(patient=jonas, by=rosa, now=today_at(0))
    booked(make_patient(reception), mesotherapy, rosa, reception, SOON)
    client = signed_in(reception)
    client.get(address)
    with statements() as for_one:
        client.get(address)
    for number in range(3):
        who = make_practitioner(f"Number {number}")
        make_room(f"Another {number}")
        booked(make_patient(reception), mesotherapy, who, reception, SOON)
        if what == "refused":
            make_side_effect(patient=jonas, by=rosa, now=today_at(0))

    with statements() as for_more:
        client.get(address)

    assert len(for_more) == len(for_one) <= 14
