"""The diary kept up to date: what a desk that looks again is sent, and what that and the page itself cost."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from clinic.models import Absence, ClosedDay, Staff
from tests.factories import (
    make_gone,
    make_patient,
    make_practitioner,
    make_room,
    make_side_effect,
)
from tests.pages.desk import booked, signed_in, statements, today_at
from tests.pages.test_diary import AT, DAY, blocks, on
from tests.raw_sql import update
from treatments.booking import cancel_appointment
from treatments.models import Appointment, Course

MOST = 12


def mark(response) -> str:
    return re.search(r'"mark": "(\w+)"', response.content.decode())[1]


def look_again(client, address: str, shown: str):
    return client.get(f"{address}&mark={shown}", headers={"HX-Request": "true"})


@pytest.fixture
def made(amara, consultation, rosa, reception) -> Appointment:
    return booked(amara, consultation, rosa, reception, on(9))


@pytest.mark.parametrize("address", [AT, f"{AT}&view=week"])
def test_while_nothing_changes_there_is_nothing_to_send(address, made, rosa, reception):
    client = signed_in(reception)
    shown = mark(client.get(address))

    response = look_again(client, address, shown)

    assert (response.status_code, response.content) == (204, b"")
    assert re.fullmatch(r"\d\d:\d\d", response["As-Of"])


CHANGES = {
    "booked": lambda made, by, who: booked(make_patient(by, "New", "Comer"), made.treatment, who, by, on(11)),
    "cancelled": lambda made, by, who: cancel_appointment(appointment=made, by=by),
    "past every operation": lambda made, by, who: update(made, status="arrived"),
    "absent": lambda made, by, who: Absence.objects.create(staff=who, starts_at=on(8), ends_at=on(12), created_by=by),
    "closed": lambda made, by, who: ClosedDay.objects.create(site=who.site, day=DAY),
    "side effect": lambda made, by, who: make_side_effect(patient=made.patient, by=by, now=timezone.now()),
    "renamed": lambda made, by, who: update(made.patient, family_name="Okafor-Hill"),
    "a new colleague": lambda made, by, who: make_practitioner("Somebody New"),
}


@pytest.mark.parametrize("what", CHANGES)
@pytest.mark.parametrize("address", [AT, f"{AT}&view=week"])
def test_every_change_that_shows_is_sent(address, what, made, rosa, reception):
    client = signed_in(reception)
    shown = mark(client.get(address))
    CHANGES[what](made, reception, rosa)

    response = look_again(client, address, shown)

    assert response.status_code == 200
    page = response.content.decode()
    assert page.lstrip().startswith("<section")
    assert 'id="diary-beside"' in page
    assert "<html" not in page
    assert mark(response) != shown
    assert look_again(client, address, mark(response)).status_code == 204


def test_an_appointment_on_another_day_is_nothing_to_this_one(made, jonas, rosa, reception):
    client = signed_in(reception)
    shown = mark(client.get(AT))
    booked(jonas, made.treatment, rosa, reception, on(9, days=1))

    assert look_again(client, AT, shown).status_code == 204


def test_without_htmx_the_page_is_whole_whatever_the_mark(made, reception):
    client = signed_in(reception)
    shown = mark(client.get(AT))

    assert b"<html" in client.get(f"{AT}&mark={shown}").content


def test_signed_out_it_answers_401_and_not_the_sign_in_page(client):
    assert client.get(f"{AT}&mark=x", headers={"HX-Request": "true"}).status_code == 401


# --- What it costs ----------------------------------------------------------------------------------------------------


def _fill(people: int, each: int, reception, mesotherapy) -> None:
    """`each` appointments of a quarter of an hour for `people` practitioners, with rooms and courses; some cancelled,
    every tenth patient bruised, so that some are on hold. Through the guards, a row at a time."""
    begins = on(8)
    for number in range(Staff.objects.count(), Staff.objects.count() + people):
        who, room = make_practitioner(f"Practitioner {number:02}"), make_room(f"Room of {number:02}")
        patients = [make_patient(reception, "Patient", f"{number:02}-{n}") for n in range(min(each, 4))]
        courses = Course.objects.bulk_create(
            Course(patient=one, treatment=mesotherapy, planned=20, every_days=7, created_by=reception)
            for one in patients
        )
        rows = [
            Appointment(
                patient=patients[n % len(patients)], course=courses[n % len(patients)], course_number=n // 4 + 1,
                treatment=mesotherapy, practitioner=who, room=room, site=who.site, created_by=reception,
                starts_at=begins + n * dt.timedelta(minutes=15), ends_at=begins + (n + 1) * dt.timedelta(minutes=15),
            )
            for n in range(each)
        ]  # fmt: skip
        Appointment.objects.bulk_create(rows)
        Absence.objects.create(staff=who, starts_at=on(18), ends_at=on(19), created_by=reception)
        make_side_effect(patient=patients[0], by=who, now=today_at(0, days=-3))
        if each > 3:
            make_gone(make_side_effect(patient=patients[1], by=who, now=today_at(0, days=-3)), who, now=today_at(0))
            cancel_appointment(appointment=rows[-1], by=reception)


def cost(client, address: str) -> int:
    with statements() as found:
        assert client.get(address).status_code == 200
    return len(found)


@pytest.mark.parametrize("view", ["", "&view=week"])
def test_a_day_of_ten_practitioners_with_forty_each_takes_no_more_than_twelve(view, mesotherapy, reception):
    _fill(10, 40, reception, mesotherapy)
    client = signed_in(reception)

    response = client.get(f"{AT}{view}")
    shown = blocks(response)

    assert len(shown) == (390 if not view else 39)
    assert any("on hold" in block for block in shown)
    assert cost(client, f"{AT}{view}") <= MOST


@pytest.mark.parametrize("view", ["", "&view=week"])
def test_three_rows_cost_what_one_costs(view, mesotherapy, reception):
    _fill(1, 1, reception, mesotherapy)
    client = signed_in(reception)
    for_one = cost(client, f"{AT}{view}")
    _fill(3, 3, reception, mesotherapy)

    assert cost(client, f"{AT}{view}") == for_one <= MOST


def test_looking_again_takes_two_and_the_readers_site(mesotherapy, reception):
    _fill(3, 8, reception, mesotherapy)
    client = signed_in(reception)
    shown = mark(client.get(AT))

    with statements() as found:
        assert look_again(client, AT, shown).status_code == 204

    assert len(found) == 3
