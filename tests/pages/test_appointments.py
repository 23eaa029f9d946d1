import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import Refusal
from tests.factories import make_gone, make_patient, make_side_effect, make_treatment
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.booking import cancel_appointment, check_in, move_appointment, review_instead
from treatments.models import Appointment, SideEffect
from treatments.models.treatment import Family
from treatments.sessions import start_session
from treatments.views.steps import STEPS

SOON = today_at(10, days=2)
LATER = today_at(15, days=3)


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def changes(response) -> list[tuple[str, str]]:
    return [(change["what"], str(change["who"])) for change in response.context["changes"]]


def words_of(moment: dt.datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b} {moment:%H:%M}"


@pytest.fixture
def ahead(amara, mesotherapy, rosa, reception, bruise_review) -> Appointment:
    return booked(amara, mesotherapy, rosa, reception, SOON)


@pytest.fixture
def held(ahead, amara, rosa) -> Appointment:
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=today_at(0))
    ahead.refresh_from_db()
    return ahead


# --- The page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_when_who_and_what_happened(ahead, room, reception, rosa):
    move_appointment(appointment=ahead, starts_at=LATER, room=room, by=rosa)

    response = signed_in(reception).get(f"/appointments/{ahead.pk}/")

    assert response.status_code == 200
    said = words(response)
    assert "Mesotherapy for Amara Okafor" in said
    assert f"When {LATER:%A} {LATER.day} {LATER:%B %Y}, 15:00 – 16:00 With Rosa Lind Where Room 1, High Street" in said
    assert changes(response) == [
        (f"Moved to {words_of(LATER)} with Rosa Lind", "Rosa Lind"),
        (f"Booked for {words_of(SOON)} with Rosa Lind", "Ida Berg"),
    ]
    assert "<title>Appointment of Amara Okafor · Allclear</title>" in response.content.decode()


def test_a_held_one_says_since_when_and_why_and_nothing_clinical_to_reception(held, reception):
    response = signed_in(reception).get(f"/appointments/{held.pk}/")

    today = f"{today_at().day} {today_at():%b}"
    assert f"On hold since {today}: bruising" in words(response)
    assert f"Bruising since {today}, practitioner review needed." in words(response)
    assert "thigh" not in response.content.decode()
    assert changes(response)[0] == ("Put on hold: bruising", "Rosa Lind")


def test_a_practitioner_reads_where(held, rosa):
    assert "Left thigh: bruising since" in words(signed_in(rosa).get(f"/appointments/{held.pk}/"))


def test_a_cancelled_one_says_why(ahead, reception):
    cancel_appointment(appointment=ahead, by=reception, reason="has a cold")

    response = signed_in(reception).get(f"/appointments/{ahead.pk}/")

    assert "Cancelled because has a cold" in words(response)
    assert response.context["steps"] == []
    assert "Nothing more: it is cancelled." in words(response)


def test_one_turned_into_a_review_says_what_it_stood_for(ahead, reception):
    review_instead(appointment=ahead, by=reception)

    assert "Treatment Bruise review in place of Mesotherapy" in words(
        signed_in(reception).get(f"/appointments/{ahead.pk}/")
    )


def test_a_session_is_led_to_for_who_may_read_it_only(amara, consultation, rosa, reception, manager):
    now = booked(amara, consultation, rosa, reception, today_at(0))
    session = start_session(appointment=now, by=rosa)
    here = f"/sessions/{session.pk}/"

    assert here in buttons(signed_in(rosa).get(f"/appointments/{now.pk}/"))
    assert here in buttons(signed_in(manager).get(f"/appointments/{now.pk}/"))
    assert here not in buttons(signed_in(reception).get(f"/appointments/{now.pk}/"))


def test_a_manager_reads_and_does_nothing(held, manager):
    client = signed_in(manager)

    assert client.get(f"/appointments/{held.pk}/").context["steps"] == []
    assert [client.post(f"/appointments/{held.pk}/{step}/").status_code for step in STEPS] == [403] * len(STEPS)
    assert client.get(f"/appointments/{held.pk}/move/").status_code == 403
    assert client.post(f"/appointments/{held.pk}/move/").status_code == 403


def test_without_a_role_it_is_not_shown(ahead, superuser):
    assert signed_in(superuser).get(f"/appointments/{ahead.pk}/").status_code == 403


# --- Taking a step ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, status, message",
    [
        ("check-in", "arrived", "Amara Okafor: checked in."),
        ("cancel", "cancelled", "Amara Okafor: cancelled."),
        ("no-show", "noshow", "Amara Okafor: marked as a no-show."),
        ("review-instead", "booked", "Amara Okafor: turned into a review at the same time."),
    ],
)
def test_a_step_is_taken_and_leads_back_to_the_appointment(
    name, status, message, amara, consultation, bruise_review, rosa, reception
):
    appointment = booked(amara, consultation, rosa, reception, today_at(0))

    response = signed_in(reception).post(f"/appointments/{appointment.pk}/{name}/")

    appointment.refresh_from_db()
    assert (response.status_code, response.url) == (302, f"/appointments/{appointment.pk}/")
    assert (appointment.status, told(response)) == (status, [message])
    assert appointment.history.first().history_user == reception


def test_a_held_one_is_confirmed_once_clear(held, rosa, reception):
    make_gone(SideEffect.objects.get(), rosa, now=timezone.now())

    response = signed_in(reception).post(f"/appointments/{held.pk}/confirm/")

    held.refresh_from_db()
    assert (held.status, told(response)) == ("booked", ["Amara Okafor: confirmed: it is booked again."])
    assert "released by Ida Berg" in words(signed_in(reception).get(f"/appointments/{held.pk}/"))


@pytest.mark.parametrize("name", ["confirm", "check-in"])
def test_a_held_one_is_refused_with_the_rules_reasons_and_the_way_on(name, held, reception):
    response = signed_in(reception).post(f"/appointments/{held.pk}/{name}/")

    held.refresh_from_db()
    assert (response.status_code, held.status) == (409, "on-hold")
    assert f"Bruising since {today_at().day} {today_at():%b}, practitioner review needed." in words(response)
    assert f"/appointments/{held.pk}/review-instead/" in buttons(response)
    refusal = Refusal.objects.get()
    assert (refusal.code, refusal.by, refusal.appointment_id, refusal.door) == (
        "bruising-present",
        reception,
        held.pk,
        "page",
    )


def test_a_held_one_can_always_be_cancelled_or_become_a_review(held, amara, mesotherapy, rosa, reception):
    other = make_patient(reception, "Tom", "Byrne")
    other_held = booked(other, mesotherapy, rosa, reception, SOON + dt.timedelta(hours=3))
    make_side_effect(patient=other, by=rosa, now=today_at(0))
    client = signed_in(reception)

    client.post(f"/appointments/{held.pk}/cancel/", {"reason": "no longer wants it"})
    client.post(f"/appointments/{other_held.pk}/review-instead/")

    held.refresh_from_db()
    other_held.refresh_from_db()
    assert (held.status, held.cancel_reason) == ("cancelled", "no longer wants it")
    assert (other_held.status, other_held.treatment.family) == ("booked", "review")


def test_a_double_click_is_one_step_and_no_refusal(ahead, reception):
    client = signed_in(reception)

    answers = [client.post(f"/appointments/{ahead.pk}/check-in/", {"once": "abc"}).status_code for _ in range(2)]

    assert answers == [302, 302]
    assert ahead.history.count() == 2
    assert not Refusal.objects.exists()


def test_taken_again_later_a_step_is_refused_by_name(ahead, reception):
    check_in(appointment=ahead, by=reception)

    response = signed_in(reception).post(f"/appointments/{ahead.pk}/check-in/", {"once": "abc"})

    assert response.status_code == 409
    assert "It is arrived, so it cannot be checked in." in words(response)


def test_no_show_waits_for_the_time(ahead, reception):
    response = signed_in(reception).post(f"/appointments/{ahead.pk}/no-show/")

    assert response.status_code == 409
    assert "Its time has not come yet." in words(response)


def test_a_reason_too_long_to_keep_is_said_and_stays(ahead, reception):
    reason = "r" * 301

    response = signed_in(reception).post(f"/appointments/{ahead.pk}/cancel/", {"reason": reason})

    ahead.refresh_from_db()
    assert (response.status_code, ahead.status) == (422, "booked")
    assert "Ensure this value has at most 300 characters (it has 301)." in words(response)
    assert reason in response.content.decode()


def test_without_a_review_in_the_catalogue_the_page_says_so(amara, consultation, rosa, reception):
    appointment = booked(amara, consultation, rosa, reception, SOON)

    response = signed_in(reception).post(f"/appointments/{appointment.pk}/review-instead/")

    assert response.status_code == 422
    assert "The catalogue has no review; a manager can add one." in words(response)


@pytest.mark.parametrize("wanted, leads_to", [("/", "/"), ("/worklists/#on-hold", "/worklists/#on-hold")])
def test_a_step_leads_back_to_where_it_was_taken(wanted, leads_to, ahead, reception):
    response = signed_in(reception).post(f"/appointments/{ahead.pk}/check-in/", {"next": wanted})

    assert response.url == leads_to


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "evil", "\\\\evil"]
)
def test_a_step_leads_nowhere_else(wanted, ahead, reception):
    response = signed_in(reception).post(f"/appointments/{ahead.pk}/check-in/", {"next": wanted})

    assert response.url == f"/appointments/{ahead.pk}/"


def test_steps_are_taken_by_post_and_unknown_ones_not_at_all(ahead, reception):
    client = signed_in(reception)

    # The address of a refused step, opened again, leads back to the appointment and does nothing.
    assert client.get(f"/appointments/{ahead.pk}/cancel/").url == f"/appointments/{ahead.pk}/"
    assert client.post(f"/appointments/{ahead.pk}/explode/").status_code == 404
    assert client.post("/appointments/00000000-0000-4000-8000-000000000000/cancel/").status_code == 404
    ahead.refresh_from_db()
    assert ahead.status == "booked"


# --- What it costs ----------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_whatever_happened_to_the_appointment(ahead, amara, rosa, reception):
    client = signed_in(reception)
    with statements() as young:
        client.get(f"/appointments/{ahead.pk}/")
    for hour in range(3):
        move_appointment(appointment=ahead, starts_at=LATER + dt.timedelta(hours=hour), by=reception)
        make_gone(make_side_effect(patient=amara, by=rosa, now=today_at(0)), rosa, now=today_at(0, 1))

    with statements() as old:
        client.get(f"/appointments/{ahead.pk}/")

    assert len(old) == len(young) <= 8


def test_a_treatment_of_another_family_asks_no_verdict(amara, rosa, reception):
    appointment = booked(amara, make_treatment(Family.OTHER, "Peeling"), rosa, reception, SOON)
    make_side_effect(patient=amara, by=rosa, now=today_at(0))

    response = signed_in(reception).get(f"/appointments/{appointment.pk}/")

    assert response.context["verdict"] is None
    assert "No recorded hold" not in words(response)
