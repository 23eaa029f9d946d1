import datetime as dt
import re

import pytest
from django.utils import timezone

from clinic.refusals import Refused, record_refusal
from tests.factories import make_gone, make_patient, make_side_effect, make_treatment
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.booking import book_appointment
from treatments.models import Closure, SideEffect
from treatments.models.treatment import Family
from treatments.worklists import LISTS

SOON = today_at(10, days=2)


def ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def rows(response) -> dict[str, list[str]]:
    """Who stands on which list; lists that nobody is on are left out."""
    found = {one.code: [str(entry.row.patient) for entry in one.entries] for one in response.context["lists"]}
    assert list(found) == list(LISTS)
    return {code: patients for code, patients in found.items() if patients}


def section(response, code: str) -> str:
    """The words of one list."""
    body = response.content.decode().split(f'<section class="card" id="{code}"')[1].split("</section>")[0]
    response._container = [f"<main>{body}".encode()]
    return words(response)


@pytest.fixture
def held(amara, mesotherapy, rosa, reception):
    appointment = booked(amara, mesotherapy, rosa, reception, SOON)
    make_side_effect(patient=amara, by=rosa, site="thigh", note="like a plum", now=ago(3))
    return appointment


def refused_once(patient, mesotherapy, rosa, reception) -> None:
    with pytest.raises(Refused) as refused:
        book_appointment(patient=patient, treatment=mesotherapy, practitioner=rosa, starts_at=SOON, by=reception)
    record_refusal(refused.value, by=reception, door="page", operation="book_appointment")


def test_empty_lists_say_so_kindly(reception):
    response = signed_in(reception).get("/worklists/")

    assert rows(response) == {}
    said = words(response)
    for sentence in (
        "Nothing is on hold.",
        "Nobody waits for a call.",
        "No review is due.",
        "Nothing reported waits to be seen.",
        "Everybody treated has been asked.",
        "No message has failed.",
        "Every appointment can stand where it is.",
        "Every booked mesotherapy has somebody trained.",
    ):
        assert sentence in said


# --- On hold ----------------------------------------------------------------------------------------------------------


def test_a_held_row_says_who_why_since_when_what_next_and_where_to_call(held, reception):
    response = signed_in(reception).get("/worklists/")

    links = buttons(response)
    said = section(response, "on-hold")
    assert f"Amara Okafor Mesotherapy on {SOON.day} {SOON:%b}, 10:00, is on hold. Held since" in said
    assert "Cancel it, or turn it into a review. +44 7700 900123" in said
    assert "tel:+447700900123" in links
    assert f"/patients/{held.patient_id}/" in links
    steps = {link.removeprefix(f"/appointments/{held.pk}/") for link in links if str(held.pk) in link}
    assert steps == {"review-instead/", "cancel/"}


def test_once_clear_a_held_row_offers_confirming_and_moving(held, rosa, reception):
    make_gone(SideEffect.objects.get(), rosa, now=timezone.now())

    response = signed_in(reception).get("/worklists/")

    links = buttons(response)
    steps = {link.removeprefix(f"/appointments/{held.pk}/") for link in links if str(held.pk) in link}
    assert steps == {"confirm/", "move/", "review-instead/", "cancel/"}
    assert rows(response) == {"on-hold": ["Amara Okafor"], "clear-again": ["Amara Okafor"]}
    assert "Confirm : Amara Okafor Book : Amara Okafor Close : Amara Okafor" in section(response, "clear-again")


def test_a_hold_whose_time_has_passed_stays_and_can_only_be_moved_or_ended(amara, mesotherapy, rosa, reception):
    held = booked(amara, mesotherapy, rosa, reception, today_at(10, days=-1))
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(3))
    make_gone(bruise, rosa, now=timezone.now())

    response = signed_in(reception).get("/worklists/")

    links = buttons(response)
    assert "Time passed" in section(response, "on-hold")
    steps = {link.removeprefix(f"/appointments/{held.pk}/") for link in links if str(held.pk) in link}
    assert steps == {"move/", "cancel/"}


def test_of_a_bruised_patients_time_that_is_over_a_review_ahead_is_offered(amara, mesotherapy, rosa, bruise_review):
    held = booked(amara, mesotherapy, rosa, rosa, today_at(10, days=-1))
    make_side_effect(patient=amara, by=rosa, now=ago(3))

    response = signed_in(rosa).get("/worklists/")

    steps = {link.removeprefix(f"/appointments/{held.pk}/") for link in buttons(response) if str(held.pk) in link}
    assert steps == {"cancel/"}
    assert "Book a review ahead, and cancel this." in section(response, "on-hold")
    assert f"/patients/{amara.pk}/book/?treatment={bruise_review.pk}" in response.content.decode()


def test_confirming_from_the_list_leads_back_to_it(held, rosa, reception):
    make_gone(SideEffect.objects.get(), rosa, now=timezone.now())
    client = signed_in(reception)
    page = client.get("/worklists/").content.decode()

    response = client.post(f"/appointments/{held.pk}/confirm/", {"next": "/worklists/#on-hold"})

    assert '<input type="hidden" name="next" value="/worklists/#on-hold">' in page
    assert response.url == "/worklists/#on-hold"
    assert rows(client.get("/worklists/")) == {}


# --- Clear again ------------------------------------------------------------------------------------------------------


def test_who_was_refused_and_is_clear_again_is_called_to_book(amara, mesotherapy, rosa, reception):
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(3))
    refused_once(amara, mesotherapy, rosa, reception)
    make_gone(bruise, rosa, now=timezone.now())

    response = signed_in(reception).get("/worklists/")

    links = buttons(response)
    assert rows(response)["clear-again"] == ["Amara Okafor"]
    assert f"/patients/{amara.pk}/book/" in links
    assert f"/patients/{amara.pk}/clear-again/close/" in links
    assert "a mesotherapy was refused." in section(response, "clear-again")


def test_closing_asks_for_a_reason_and_takes_the_row_off(amara, mesotherapy, rosa, reception):
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(3))
    refused_once(amara, mesotherapy, rosa, reception)
    make_gone(bruise, rosa, now=timezone.now())
    client = signed_in(reception)
    here = f"/patients/{amara.pk}/clear-again/close/"

    empty = client.post(here, {"reason": "  "})
    closed = client.post(here, {"reason": "moved to Leeds"})

    assert (empty.status_code, empty.context["form"].errors) == (422, {"reason": ["Say why nobody needs to call."]})
    assert (closed.status_code, closed.url) == (302, "/worklists/#clear-again")
    closure = Closure.objects.get()
    assert (closure.patient, closure.by, closure.reason) == (amara, reception, "moved to Leeds")
    assert rows(client.get("/worklists/")) == {}


def test_the_closing_form_changes_nothing_by_being_opened(amara, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/clear-again/close/")

    assert response.status_code == 200
    assert "Take Amara Okafor off “clear again”" in words(response)
    assert not Closure.objects.exists()


def test_a_closing_sent_twice_is_one(amara, reception):
    client = signed_in(reception)
    for _ in range(2):
        client.post(f"/patients/{amara.pk}/clear-again/close/", {"reason": "moved", "once": "abc"})

    assert Closure.objects.count() == 1


# --- Review due, reported ---------------------------------------------------------------------------------------------


def test_reception_books_a_review_and_never_records_one(amara, jonas, bruise_review, rosa, reception):
    make_side_effect(patient=amara, by=rosa, site="thigh", note="like a plum", now=ago(8))
    make_side_effect(patient=jonas, by=reception, now=ago(0))

    response = signed_in(reception).get("/worklists/")

    assert rows(response) == {"review-due": ["Amara Okafor"], "reported": ["Jonas Weber"]}
    links = buttons(response)
    assert f"/patients/{amara.pk}/book/?treatment={bruise_review.pk}" in links
    assert f"/patients/{jonas.pk}/book/?treatment={bruise_review.pk}" in links
    assert [link for link in links if link.endswith("/review/")] == []
    assert "thigh" not in response.content.decode()
    assert "plum" not in response.content.decode()


def test_a_practitioner_looks(jonas, bruise_review, rosa, reception):
    bruise = make_side_effect(patient=jonas, by=reception, now=ago(1))

    response = signed_in(rosa).get("/worklists/")

    assert f"/side-effects/{bruise.pk}/review/" in buttons(response)
    assert "Bruising reported 1 day ago, not yet seen. A practitioner looks at it." in section(response, "reported")


def test_a_suspected_infection_is_urgent_in_words(amara, reception):
    make_side_effect(patient=amara, by=reception, kind="infection", now=ago(0))

    assert "Amara Okafor Urgent Suspected infection reported today, not yet seen." in section(
        signed_in(reception).get("/worklists/"), "reported"
    )


def test_without_a_review_in_the_catalogue_the_rows_stand_all_the_same(jonas, reception):
    make_treatment(Family.CONSULTATION)
    make_side_effect(patient=jonas, by=reception, now=ago(1))

    response = signed_in(reception).get("/worklists/")

    assert rows(response)["reported"] == ["Jonas Weber"]
    assert "Book review" not in words(response)


# --- Who may, and what it costs ---------------------------------------------------------------------------------------


def test_a_manager_reads_the_lists_without_a_button_but_to_save_them(held, jonas, reception, manager):
    make_side_effect(patient=jonas, by=reception, now=ago(1))
    client = signed_in(manager)

    response = client.get("/worklists/")

    assert rows(response)["on-hold"] == ["Amara Okafor"]
    main = response.content.decode().split("<main")[1]
    assert re.findall(r'<form[^>]* action="([^"]*)"', main) == ["/exports/start/worklists/"]
    assert [link for link in buttons(response) if link.endswith("/review/") or "/book/" in link] == []
    assert client.get(f"/patients/{jonas.pk}/clear-again/close/").status_code == 403
    assert client.post(f"/patients/{jonas.pk}/clear-again/close/", {"reason": "no"}).status_code == 403
    assert not Closure.objects.exists()


def test_without_a_role_there_are_no_lists(superuser):
    assert signed_in(superuser).get("/worklists/").status_code == 403


def test_the_lists_cost_the_same_for_many_rows_as_for_one(held, mesotherapy, bruise_review, rosa, reception):
    client = signed_in(reception)
    with statements() as for_one:
        client.get("/worklists/")
    for number in range(3):
        patient = make_patient(reception, "More", f"Name{number}")
        booked(patient, mesotherapy, rosa, reception, SOON + dt.timedelta(hours=2 + number))
        make_side_effect(patient=patient, by=reception, now=ago(9))
        again = make_patient(reception, "Clear", f"Name{number}")
        booked(again, mesotherapy, rosa, reception, SOON + dt.timedelta(days=1 + number))
        make_gone(make_side_effect(patient=again, by=rosa, now=ago(2)), rosa, now=ago(1))

    with statements() as for_more:
        client.get("/worklists/")

    # the reader's site, the nine lists (clear again and those ahead take two, and one more for the calls), the review
    assert len(for_more) == len(for_one) == 14
