import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import Refusal
from tests.factories import make_gone, make_room, make_side_effect
from tests.pages.desk import booked, buttons, signed_in, today_at, words
from treatments.booking import cancel_appointment, move_appointment
from treatments.models import Appointment, SideEffect

SOON = today_at(10, days=2)
LATER = today_at(15, days=3)


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


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


# --- Moving -----------------------------------------------------------------------------------------------------------


def to(at: dt.datetime, practitioner, **more: object) -> dict[str, object]:
    return {"practitioner": practitioner.pk, "date": f"{at:%Y-%m-%d}", "time": f"{at:%H:%M}"} | more


def test_the_form_shows_where_it_stands_now(ahead, rosa, reception):
    response = signed_in(reception).get(f"/appointments/{ahead.pk}/move/")

    form = response.context["form"]
    assert (form["practitioner"].value(), form["date"].value(), form["time"].value()) == (
        rosa.pk,
        SOON.date(),
        SOON.time(),
    )
    assert "No recorded hold on mesotherapy" in words(response)


def test_a_move_keeps_the_length_and_says_where_it_went(ahead, rosa, room, reception):
    response = signed_in(reception).post(f"/appointments/{ahead.pk}/move/", to(LATER, rosa, room=room.pk))

    ahead.refresh_from_db()
    assert (response.status_code, response.url) == (302, f"/appointments/{ahead.pk}/")
    assert told(response) == [f"Moved: Mesotherapy, {words_of(LATER)} with Rosa Lind."]
    assert (ahead.starts_at, ahead.ends_at, ahead.room) == (LATER, LATER + dt.timedelta(hours=1), room)


def test_a_room_is_kept_unless_another_is_chosen(amara, consultation, rosa, room, reception):
    other = make_room("Room 2")
    appointment = booked(amara, consultation, rosa, reception, SOON)
    move_appointment(appointment=appointment, starts_at=SOON, room=room, by=reception)
    client = signed_in(reception)

    choices = client.get(f"/appointments/{appointment.pk}/move/").context["form"].fields["room"].choices
    client.post(f"/appointments/{appointment.pk}/move/", to(LATER, rosa, room=other.pk))

    appointment.refresh_from_db()
    assert [label for _, label in choices] == ["Room 1, High Street", "Room 2, High Street"]
    assert appointment.room == other


def test_a_held_one_is_not_moved_but_offered_a_review_or_cancelling(held, reception):
    response = signed_in(reception).get(f"/appointments/{held.pk}/move/")

    assert response.status_code == 200
    assert response.context["shown"] is False
    assert "Not yet: no mesotherapy while bruising is present" in words(response)
    links = buttons(response)
    assert f"/appointments/{held.pk}/review-instead/" in links
    assert f"/appointments/{held.pk}/cancel/" in links


def test_a_refused_move_keeps_what_was_typed(held, rosa, reception):
    response = signed_in(reception).post(f"/appointments/{held.pk}/move/", to(LATER, rosa))

    held.refresh_from_db()
    assert (response.status_code, held.starts_at, held.status) == (409, SOON, "on-hold")
    assert "It was not moved" in words(response)
    assert response.context["form"]["time"].value() == "15:00"
    assert Refusal.objects.get().code == "bruising-present"


def test_a_held_one_is_moved_once_clear_and_is_booked_again(held, rosa, reception):
    make_gone(SideEffect.objects.get(), rosa, now=timezone.now())

    response = signed_in(reception).post(f"/appointments/{held.pk}/move/", to(LATER, rosa))

    held.refresh_from_db()
    assert (response.status_code, held.status, held.starts_at) == (302, "booked", LATER)


def test_a_move_onto_taken_time_or_to_somebody_untrained_is_refused_with_the_reasons(
    ahead, jonas, consultation, omar, reception
):
    booked(jonas, consultation, omar, reception, LATER)

    response = signed_in(reception).post(f"/appointments/{ahead.pk}/move/", to(LATER, omar))

    assert response.status_code == 409
    assert [b.code for b in response.context["refused"].blockers] == ["practitioner-not-trained", "practitioner-busy"]


def test_a_move_into_the_past_or_a_missing_hour_has_a_sentence_beside_it(ahead, rosa, reception):
    client = signed_in(reception)

    past = client.post(f"/appointments/{ahead.pk}/move/", to(today_at(days=-2), rosa))
    gap = client.post(f"/appointments/{ahead.pk}/move/", to(LATER, rosa, date="2027-03-28", time="01:30"))

    assert (past.status_code, gap.status_code) == (422, 422)
    assert past.context["form"].errors == {"starts_at": ["That time has passed."]}
    assert gap.context["form"].errors == {
        "starts_at": ["On 28 Mar 2027 the clocks go forward, and 01:30 does not exist. Choose another time."]
    }


def test_an_empty_form_moves_nothing(ahead, reception):
    response = signed_in(reception).post(f"/appointments/{ahead.pk}/move/")

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"practitioner", "date", "time"}


def test_what_cannot_be_moved_any_more_leads_back_and_says_so(ahead, reception):
    cancel_appointment(appointment=ahead, by=reception)

    response = signed_in(reception).get(f"/appointments/{ahead.pk}/move/", follow=True)

    assert response.redirect_chain == [(f"/appointments/{ahead.pk}/", 302)]
    assert "It is cancelled, so it cannot be moved." in words(response)
