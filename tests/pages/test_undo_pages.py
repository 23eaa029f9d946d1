import re

import pytest

from clinic.models import Refusal
from tests.factories import make_side_effect
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.booking import check_in
from treatments.models import Appointment

SOON, LATER = today_at(10, days=2), today_at(15, days=3)


@pytest.fixture
def ahead(amara, mesotherapy, rosa, reception, bruise_review) -> Appointment:
    return booked(amara, mesotherapy, rosa, reception, SOON)


def undo_of(appointment: Appointment) -> str:
    return f"/appointments/{appointment.pk}/undo/"


def offered(response) -> list[str]:
    return [address for address in buttons(response) if address.endswith("/undo/")]


def take(client, appointment: Appointment, step: str, **typed: str):
    return client.post(f"/appointments/{appointment.pk}/{step}/", typed, follow=True)


@pytest.mark.parametrize(
    "step, name", [("check-in", "check-in"), ("cancel", "cancellation"), ("review-instead", "turn into a review")]
)
def test_after_a_step_its_message_and_its_page_offer_to_take_it_back(step, name, ahead, reception):
    client = signed_in(reception)

    after = take(client, ahead, step)

    assert offered(after) == [undo_of(ahead), undo_of(ahead)]  # beside the message, and on the appointment's page
    assert f"Undo: {name}" in words(after)
    assert offered(client.get(f"/appointments/{ahead.pk}/")) == [undo_of(ahead)]  # the message is said once


def test_a_no_show_is_taken_back_from_the_appointments_page(amara, mesotherapy, rosa, reception):
    missed = booked(amara, mesotherapy, rosa, reception, today_at(0, 0))
    client = signed_in(reception)
    take(client, missed, "no-show")

    assert "Undo: no-show" in words(client.get(f"/appointments/{missed.pk}/"))


def test_a_move_offers_it_too(ahead, reception):
    client = signed_in(reception)
    typed = {"date": f"{LATER:%Y-%m-%d}", "time": "15:00", "practitioner": ahead.practitioner_id, "room": ""}

    after = client.post(f"/appointments/{ahead.pk}/move/", typed, follow=True)

    assert after.redirect_chain, words(after)
    assert offered(after) == [undo_of(ahead), undo_of(ahead)]
    client.post(undo_of(ahead))
    ahead.refresh_from_db()
    assert ahead.starts_at == SOON


def test_on_any_page_where_the_step_was_taken_the_message_leads_back_there(ahead, reception):
    client = signed_in(reception)
    day = f"/day/?date={SOON:%Y-%m-%d}"
    after = take(client, ahead, "check-in", next=day)
    form = re.search(r'<form method="post" action="[^"]*/undo/">.*?</form>', after.content.decode(), re.S).group()

    assert f'name="next" value="{day}"' in form
    undone = client.post(undo_of(ahead), {"next": day}, follow=True)

    assert undone.redirect_chain == [(day, 302)]
    assert "Amara Okafor: undone. It is booked, as before." in words(undone)
    assert offered(undone) == []
    ahead.refresh_from_db()
    assert ahead.status == "booked"


def test_the_page_says_what_was_undone_and_by_whom(ahead, reception):
    client = signed_in(reception)
    take(client, ahead, "check-in")
    after = client.post(undo_of(ahead), follow=True)

    newest = after.context["changes"][0]
    assert (newest["what"], newest["who"]) == ("Undone: check-in", reception)


def test_a_second_click_undoes_nothing_more(ahead, reception):
    client = signed_in(reception)
    take(client, ahead, "check-in")

    first, second = (client.post(undo_of(ahead), {"once": "abc"}) for _ in range(2))
    third = client.post(undo_of(ahead), {"once": "another page"})

    assert (first.status_code, second.status_code, third.status_code) == (302, 302, 409)
    assert "There is nothing to undo" in words(third)
    ahead.refresh_from_db()
    assert ahead.status == "booked"
    assert ahead.history.filter(history_change_reason="undone: check-in").count() == 1


def test_bruising_logged_meanwhile_refuses_with_its_reason_and_the_attempt_is_kept(ahead, amara, rosa, reception):
    client = signed_in(reception)
    take(client, ahead, "cancel")
    make_side_effect(patient=amara, by=rosa)

    refused = client.post(undo_of(ahead))

    assert refused.status_code == 409
    assert "Bruising since" in words(refused)
    kept = Refusal.objects.get()
    assert (kept.operation, kept.code, kept.by) == ("undo_step", "bruising-present", reception)
    ahead.refresh_from_db()
    assert ahead.status == "cancelled"


def test_what_cannot_be_undone_offers_nothing(ahead, amara, rosa, reception):
    client = signed_in(reception)
    assert offered(client.get(f"/appointments/{ahead.pk}/")) == []
    make_side_effect(patient=amara, by=rosa, now=today_at(0))

    turned = take(client, ahead, "review-instead")  # out of a hold: nothing holds the review

    assert "turned into a review" in words(turned)
    assert offered(turned) == []


def test_who_may_not_book_is_offered_nothing_and_may_not(ahead, manager, reception):
    check_in(appointment=ahead, by=reception)
    client = signed_in(manager)

    assert offered(client.get(f"/appointments/{ahead.pk}/")) == []
    assert client.post(undo_of(ahead)).status_code == 403


def test_its_address_opened_again_shows_the_appointment(ahead, reception):
    response = signed_in(reception).get(undo_of(ahead))

    assert (response.status_code, response.url) == (302, f"/appointments/{ahead.pk}/")


def test_an_unknown_appointment_is_not_found(reception):
    assert signed_in(reception).post("/appointments/00000000-0000-4000-8000-000000000000/undo/").status_code == 404


def test_knowing_whether_it_is_offered_costs_the_page_one_statement(ahead, reception):
    client = signed_in(reception)
    address = f"/appointments/{ahead.pk}/"
    with statements() as before:
        client.get(address)
    check_in(appointment=ahead, by=reception)

    with statements() as after:
        client.get(address)

    assert len(after) == len(before)
    assert len([sql for sql in after if "historicalappointment" in sql]) == 2  # what happened to it, and the last step
