import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import Refusal
from tests.factories import make_gone, make_room, make_side_effect
from tests.pages.desk import booked, buttons, signed_in, today_at, words
from treatments.booking import cancel_appointment, move_appointment
from treatments.models import Appointment, SideEffect
from treatments.views.free_times import Offer

SOON = today_at(10, days=2)
LATER = today_at(15, days=3)


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def _every(page) -> list[Offer]:
    return [offer for day in page.context["offered"].days for one in day.people for offer in one.every]


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


@pytest.fixture
def in_a_room_out_of_use(amara, consultation, rosa, room, reception) -> Appointment:
    appointment = booked(amara, consultation, rosa, reception, SOON)
    move_appointment(appointment=appointment, starts_at=SOON, room=room, by=reception)
    room.is_active = False
    room.save()
    return appointment


def test_out_of_a_room_no_longer_in_use_one_click_moves_it_to_another_at_the_same_time(in_a_room_out_of_use, reception):
    other = make_room("Room 2")
    client = signed_in(reception)
    here = f"/appointments/{in_a_room_out_of_use.pk}/move/"

    page = client.get(here)
    client.post(here, {"chosen": page.context["offered"].asked.value})

    in_a_room_out_of_use.refresh_from_db()
    assert page.context["wish"].errors == {}
    assert {offer.time.room for offer in _every(page)} == {other}
    assert (in_a_room_out_of_use.starts_at, in_a_room_out_of_use.room) == (SOON, other)


def test_where_the_other_room_is_taken_then_it_says_so_and_offers_other_times(
    in_a_room_out_of_use, jonas, consultation, omar, reception
):
    other = make_room("Room 2")
    taken = booked(jonas, consultation, omar, reception, SOON)
    move_appointment(appointment=taken, starts_at=SOON, room=other, by=reception)

    page = signed_in(reception).get(f"/appointments/{in_a_room_out_of_use.pk}/move/")

    assert f"{SOON:%a} {SOON.day} {SOON:%b}, 10:00 is not among the free times." in words(page)
    assert {offer.time.room for offer in _every(page)} == {other}


@pytest.mark.parametrize("by", ["button", "hand"])
def test_where_no_other_room_is_there_it_goes_on_without_one(by, in_a_room_out_of_use, rosa, reception):
    client = signed_in(reception)
    here = f"/appointments/{in_a_room_out_of_use.pk}/move/"

    page = client.get(here)
    sent = {"chosen": page.context["offered"].asked.value} if by == "button" else to(SOON, rosa)
    client.post(here, sent)

    in_a_room_out_of_use.refresh_from_db()
    assert [label for _, label in page.context["form"].fields["room"].widget.choices] == ["No room"]
    assert (in_a_room_out_of_use.starts_at, in_a_room_out_of_use.room) == (SOON, None)


def test_no_room_can_be_chosen_instead_of_one_out_of_use(in_a_room_out_of_use, rosa, reception):
    make_room("Room 2")

    page = signed_in(reception).get(
        f"/appointments/{in_a_room_out_of_use.pk}/move/?practitioner={rosa.pk}&room=&date={SOON.date()}"
    )

    assert {offer.time.room for offer in _every(page)} == {None}


def test_dragged_with_its_room_out_of_use_it_stays_and_says_why(in_a_room_out_of_use, rosa, room, reception):
    """As the diary sends it: when, with whom, and the room it is in."""
    sent = {"chosen": f"{LATER.isoformat()} {rosa.pk} {room.pk}"}

    response = signed_in(reception).post(f"/appointments/{in_a_room_out_of_use.pk}/move/", sent)

    assert (response.status_code, response.context["wrong"]) == (422, ["That room is not in use."])
    assert "That room is not in use." in words(response)


def test_a_treatment_no_longer_offered_is_still_moved(amara, consultation, rosa, reception):
    appointment = booked(amara, consultation, rosa, reception, SOON)
    consultation.is_active = False
    consultation.save()
    client = signed_in(reception)

    page = client.get(f"/appointments/{appointment.pk}/move/")
    client.post(f"/appointments/{appointment.pk}/move/", {"chosen": page.context["offered"].soonest.value})

    appointment.refresh_from_db()
    assert appointment.starts_at == page.context["offered"].soonest.time.starts_at


def test_of_a_practitioner_who_left_it_is_moved_to_another(amara, consultation, rosa, omar, reception):
    appointment = booked(amara, consultation, rosa, reception, SOON)
    rosa.is_active = False
    rosa.save()
    client = signed_in(reception)

    page = client.get(f"/appointments/{appointment.pk}/move/")
    client.post(f"/appointments/{appointment.pk}/move/", {"chosen": page.context["offered"].soonest.value})

    appointment.refresh_from_db()
    assert appointment.practitioner == omar


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
