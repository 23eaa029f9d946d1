import datetime as dt

import pytest
from django.utils import timezone

from clinic.refusals import Refused, record_refusal
from tests.factories import make_appointment, make_gone, make_patient, make_side_effect, make_staff
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.booking import book_appointment, cancel_appointment, check_in
from treatments.sessions import start_session
from treatments.worklists import LISTS

NOBODY: dict[str, list[str]] = {code: [] for code in LISTS}


def slots(response) -> list[tuple[str, str]]:
    """Whose appointments are shown, and what can be done with each."""
    return [(str(slot.patient), " ".join(slot.steps)) for slot in response.context["slots"]]


def lists(response) -> dict[str, list[str]]:
    return {one.code: [str(entry.row.patient) for entry in one.entries] for one in response.context["lists"]}


@pytest.fixture
def day(amara, jonas, rosa, omar, mesotherapy, consultation, reception):
    """Today: Amara with Rosa, Jonas with Omar; nobody has come yet."""
    return (
        booked(amara, mesotherapy, rosa, reception, today_at(0)),
        booked(jonas, consultation, omar, reception, today_at(23, 59)),
    )


@pytest.fixture
def waiting(day, amara, jonas, rosa, mesotherapy, bruise_review, reception):
    """Amara's bruise of ten days ago waits for a look, Jonas's was just reported; Ines is clear again."""
    long_ago = timezone.now() - dt.timedelta(days=10)
    make_side_effect(patient=amara, by=rosa, now=long_ago)
    make_side_effect(patient=jonas, by=reception, now=timezone.now())
    ines = make_patient(reception, "Ines", "Prado")
    bruise = make_side_effect(patient=ines, by=rosa, now=long_ago)
    with pytest.raises(Refused) as refused:
        book_appointment(
            patient=ines, treatment=mesotherapy, practitioner=rosa, starts_at=today_at(days=2), by=reception
        )
    record_refusal(refused.value, by=reception, door="page", operation="book_appointment")
    make_gone(bruise, rosa, now=timezone.now())
    return ines


# --- Reception --------------------------------------------------------------------------------------------------------


def test_reception_sees_everybodys_day_in_time_order_and_what_can_be_done(day, reception):
    response = signed_in(reception).get("/")

    assert response.status_code == 200
    # Of a time that is over no review is made; in the first hour of a day hers is not over yet.
    over = day[0].ends_at <= timezone.now()
    assert slots(response) == [
        ("Amara Okafor", "check-in no-show cancel move" if over else "check-in no-show review-instead cancel move"),
        ("Jonas Weber", "check-in review-instead cancel move"),
    ]
    assert (
        "00:00 –01:00 Amara Okafor Mesotherapy · Rosa Lind Booked Check in : Amara Okafor No-show : Amara Okafor"
        in words(response)
    )
    assert f"/appointments/{day[0].pk}/check-in/" in buttons(response)
    assert f"/appointments/{day[0].pk}/no-show/" in buttons(response)
    assert f"/appointments/{day[1].pk}/no-show/" not in buttons(response)  # its time has not come
    assert f"/appointments/{day[0].pk}/start/" not in buttons(response)


def test_reception_has_all_worklists_and_no_review_to_record(waiting, reception, bruise_review):
    response = signed_in(reception).get("/")

    assert lists(response) == NOBODY | {
        "on-hold": ["Amara Okafor"],
        "clear-again": ["Ines Prado"],
        "review-due": ["Amara Okafor"],
        "reported": ["Jonas Weber"],
    }
    assert f"/patients/{waiting.pk}/book/" in buttons(response)
    assert [link for link in buttons(response) if link.endswith(f"/book/?treatment={bruise_review.pk}")] != []
    assert [link for link in buttons(response) if link.endswith("/review/")] == []


def test_a_held_slot_says_so_in_words(waiting, reception):
    response = signed_in(reception).get("/")

    assert "Amara Okafor Mesotherapy · Rosa Lind On hold" in words(response)


def test_a_cancelled_appointment_is_left_to_the_day_list(day, reception):
    cancel_appointment(appointment=day[0], by=reception)

    assert [who for who, _ in slots(signed_in(reception).get("/"))] == ["Jonas Weber"]


def test_other_days_are_not_on_today(amara, consultation, rosa, reception):
    booked(amara, consultation, rosa, reception, today_at(days=1))
    booked(amara, consultation, rosa, reception, today_at(days=-1))

    response = signed_in(reception).get("/")

    assert slots(response) == []
    assert "Nobody is booked today." in words(response)


def test_empty_lists_say_so_kindly(reception):
    said = words(signed_in(reception).get("/"))

    for sentence in (
        "Nothing is on hold.",
        "Nobody waits for a call.",
        "No review is due.",
        "Nothing reported waits to be seen.",
    ):
        assert sentence in said


def test_a_long_list_shows_its_first_rows_and_leads_to_all(rosa, reception):
    for number in range(7):
        patient = make_patient(reception, "Same", f"Name{number}")
        make_side_effect(patient=patient, by=reception, now=timezone.now() - dt.timedelta(hours=9 - number))

    response = signed_in(reception).get("/")

    assert [str(entry.row.patient) for entry in response.context["lists"][3].top] == [f"Same Name{n}" for n in range(3)]
    assert "All 7" in words(response)
    assert "/worklists/#reported" in buttons(response)


# --- Practitioner -----------------------------------------------------------------------------------------------------


def test_a_practitioner_sees_their_own_day_with_the_sessions_to_start(day, rosa):
    response = signed_in(rosa).get("/")

    assert [who for who, _ in slots(response)] == ["Amara Okafor"]
    assert f"/appointments/{day[0].pk}/start/" in buttons(response)


def test_a_running_session_is_gone_on_with(day, rosa, amara):
    check_in(appointment=day[0], by=rosa)
    session = start_session(appointment=day[0], by=rosa, skin_check="no-bruising-seen")

    response = signed_in(rosa).get("/")

    assert f"/sessions/{session.pk}/" in buttons(response)
    assert f"/appointments/{day[0].pk}/start/" not in buttons(response)
    assert "In session Continue : Amara Okafor" in words(response)


def test_reception_is_not_led_into_a_running_session(day, rosa, reception):
    session = start_session(appointment=day[0], by=rosa, skin_check="no-bruising-seen")

    assert f"/sessions/{session.pk}/" not in buttons(signed_in(reception).get("/"))


def test_a_practitioner_has_what_waits_to_be_looked_at(waiting, rosa, amara):
    response = signed_in(rosa).get("/")

    assert lists(response) == {"review-due": ["Amara Okafor"], "reported": ["Jonas Weber"], "to-move": [], "recall": []}
    assert f"/side-effects/{amara.side_effects.get().pk}/review/" in buttons(response)


def test_a_practitioner_without_appointments_is_told(omar):
    assert "You have no appointments today." in words(signed_in(omar).get("/"))


# --- Manager, several roles, none -------------------------------------------------------------------------------------


def test_a_manager_sees_the_days_figures_each_leading_to_its_list(waiting, manager):
    client = signed_in(manager)

    response = client.get("/")

    figures = response.context["figures"]
    assert (figures["appointments"], figures["refusals"]) == (2, 1)
    assert {one.code: len(one.entries) for one in figures["lists"] if one.entries} == {
        "on-hold": 1,
        "clear-again": 1,
        "review-due": 1,
        "reported": 1,
    }
    links = buttons(response)
    assert links[:10] == ["/day/", *(f"/worklists/#{code}" for code in LISTS)]
    refusals = client.get(links[10].replace("&amp;", "&"))
    assert refusals.status_code == 200
    assert refusals.context["counted"] == 1
    assert "slots" not in response.context


def test_several_roles_see_the_union(waiting, day):
    everything = make_staff("receptionist", "practitioner", "manager", name="Una")

    response = signed_in(everything).get("/")

    assert "figures" in response.context
    assert len(response.context["slots"]) == 2
    assert [one.code for one in response.context["lists"]] == list(LISTS)


def test_a_practitioner_who_manages_sees_figures_and_their_own_day(day, rosa):
    rosa.is_manager = True
    rosa.save()

    response = signed_in(rosa).get("/")

    assert "figures" in response.context
    assert [who for who, _ in slots(response)] == ["Amara Okafor"]


def test_without_a_role_the_page_says_who_gives_one(day, superuser):
    response = signed_in(superuser).get("/")

    assert response.status_code == 200
    assert "A manager must give you a role: receptionist, practitioner or manager." in words(response)
    assert "Amara" not in response.content.decode()


def test_nobody_signed_in_is_sent_to_sign_in(client, records):
    assert client.get("/").url == "/accounts/login/?next=/"


# --- What it costs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role, cost", [("receptionist", 15), ("practitioner", 15), ("manager", 24)])
def test_today_costs_the_same_for_three_rows_as_for_one(
    role, cost, waiting, amara, jonas, rosa, mesotherapy, reception, request
):
    staff = make_staff(role, name="Reader")
    client = signed_in(staff)
    with statements() as for_one:
        client.get("/")
    for number in range(3):
        patient = make_patient(reception, "More", f"Name{number}")
        make_appointment(
            patient=patient,
            practitioner=rosa,
            treatment=mesotherapy,
            by=reception,
            starts_at=today_at(3 + number),
            now=today_at(2),
        )
        make_side_effect(patient=patient, by=reception, now=timezone.now() - dt.timedelta(days=9))

    with statements() as for_more:
        client.get("/")

    assert len(for_more) == len(for_one) == cost
