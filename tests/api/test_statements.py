"""What a request costs in statements after finding out who asks: the same for one row as for many, for a first visit as
for the thousandth."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.api.calls import API, ahead, statements
from tests.factories import (
    make_appointment,
    make_consent,
    make_gone,
    make_lot,
    make_patient,
    make_practitioner,
    make_review,
    make_room,
    make_side_effect,
    make_staff,
)
from treatments.models import Appointment, Session, SideEffect
from treatments.models.treatment import Family


def _past_sessions(patient, treatment, practitioner, count: int = 1000) -> None:
    """Years of finished sessions, in a few statements that take each step the guards allow."""
    hour = dt.timedelta(hours=1)
    begins = [timezone.now() - dt.timedelta(days=day + 2) for day in range(count)]
    made = Appointment.objects.bulk_create(
        Appointment(
            patient=patient, treatment=treatment, practitioner=practitioner, site=practitioner.site,
            starts_at=at, ends_at=at + hour, created_by=practitioner,
        )
        for at in begins
    )  # fmt: skip
    rows = (
        Appointment.objects.filter(pk__in=[one.pk for one in made[:500]]),
        Appointment.objects.filter(pk__in=[one.pk for one in made[500:]]),
    )
    for half in rows:
        half.update(status="in-progress")
    Session.objects.bulk_create(
        Session(
            appointment=one, patient=patient, practitioner=practitioner, family=Family.MESOTHERAPY,
            started_at=one.starts_at, finished_at=one.ends_at, finished_by=practitioner,
        )
        for one in made
    )  # fmt: skip
    for half in rows:
        half.update(status="fulfilled")


def _cost(client, method: str, path: str, body=None, **headers) -> int:
    with statements() as found:
        response = getattr(client, method)(API + path, body, **headers)
    assert response.status_code in (200, 201), response.content
    return len(found)


@pytest.fixture(params=[0, 1000], ids=["first-visit", "a-thousand-past-sessions"])
def past(request, amara, mesotherapy, rosa) -> int:
    if request.param:
        _past_sessions(amara, mesotherapy, rosa, request.param)
    return request.param


def test_eligibility_takes_three_where_nothing_is_open(api, reception, amara, mesotherapy, past):
    assert Session.objects.count() == past
    path = f"patients/{amara.pk}/eligibility/?treatment={mesotherapy.pk}"

    assert _cost(api(reception), "get", path) == 3


@pytest.mark.parametrize("bruises", [1, 3])
def test_eligibility_takes_four_however_many_bruises(api, rosa, amara, mesotherapy, bruises):
    for _ in range(bruises):
        make_review(side_effect=make_side_effect(patient=amara, by=rosa, now=ahead(-2)), by=rosa, now=ahead(-1))

    path = f"patients/{amara.pk}/eligibility/?treatment={mesotherapy.pk}"
    assert _cost(api(rosa), "get", path) == 4


def test_booking_takes_twelve_with_its_room_and_history(api, reception, booking, past):
    assert _cost(api(reception), "post", "appointments/", booking) == 12


def test_booking_with_a_key_takes_four_more(api, reception, booking, past):
    assert _cost(api(reception), "post", "appointments/", booking, HTTP_IDEMPOTENCY_KEY="k") == 16


def test_booking_without_a_room_takes_ten(api, reception, booking):
    assert _cost(api(reception), "post", "appointments/", booking | {"room": None}) == 10


@pytest.mark.parametrize("rows", [1, 3])
def test_a_day_takes_one(api, reception, amara, mesotherapy, consultation, rosa, rows, past):
    for hour in range(10, 10 + rows):
        make_appointment(
            patient=make_patient(reception), treatment=consultation, practitioner=rosa, by=reception,
            starts_at=ahead(hour=hour), now=ahead(0), room=make_room(f"Room {hour}"),
        )  # fmt: skip

    assert _cost(api(reception), "get", f"appointments/?date={ahead().date()}") == 1


def _fill(rows: int, reception, rosa, amara, mesotherapy) -> SideEffect:
    """`rows` of everything, on every worklist too; and one side effect with as many looks."""
    bruise = make_side_effect(patient=amara, by=rosa, now=ahead(-5))
    make_consent(amara, rosa, "treatment")
    for number in range(rows):
        make_staff("manager")
        make_practitioner()
        make_room(f"Room {number}")
        make_lot(rosa, f"L{number}")
        make_review(side_effect=bruise, by=rosa, now=ahead(-4) + dt.timedelta(hours=number))
        for hour, is_gone in ((9, True), (11, False)):
            patient = make_patient(reception)
            make_appointment(
                patient=patient, treatment=mesotherapy, practitioner=rosa, by=reception,
                starts_at=ahead(number + 1, hour), now=ahead(-5),
            )  # fmt: skip
            reported = make_side_effect(patient=patient, by=reception, now=ahead(-4))
            if is_gone:
                make_gone(reported, by=rosa, now=ahead(-3))
    return bruise


# What each list takes; the audit row of a reading is one of them.
LISTS = {
    "treatments/": 1,
    "staff/": 1,
    "rooms/": 1,
    "lots/": 1,
    "lots/?usable=true": 1,
    "patients/": 1,
    "patients/?search=amara": 1,
    "patients/{patient}/": 2,
    "patients/{patient}/consents/": 2,
    "appointments/": 1,
    "side-effects/": 2,
    "side-effects/{bruise}/": 2,
    "side-effects/{bruise}/reviews/": 3,
    "side-effects/{bruise}/photos/": 3,
    # Clear again takes two, what is booked ahead three, the calls one for all of them.
    "worklists/": 12,
}


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("rows", [1, 3])
def test_no_list_costs_more_with_more_rows(api, reception, rosa, amara, mesotherapy, path, rows):
    bruise = _fill(rows, reception, rosa, amara, mesotherapy)

    assert _cost(api(rosa), "get", path.format(patient=amara.pk, bruise=bruise.pk)) == LISTS[path]


def test_the_worklists_take_twelve_with_rows_on_each_of_them(api, reception, rosa, amara, mesotherapy):
    _fill(3, reception, rosa, amara, mesotherapy)

    with statements() as found:
        rows = api(reception).get(f"{API}worklists/").json()

    assert {name: len(listed) for name, listed in rows.items() if listed} == {
        "on-hold": 6, "clear-again": 3, "review-due": 3, "reported": 3,
    }  # fmt: skip
    assert len(found) == 12


PAGED = [path for path in LISTS if path not in ("worklists/", "patients/{patient}/", "side-effects/{bruise}/")]


@pytest.mark.parametrize("path", PAGED)
def test_no_list_skips_rows_or_counts_them(api, reception, rosa, amara, mesotherapy, path):
    bruise = _fill(3, reception, rosa, amara, mesotherapy)
    address = API + path.format(patient=amara.pk, bruise=bruise.pk)
    client = api(rosa)

    with statements() as found:
        page = client.get(address + ("&" if "?" in address else "?") + "page_size=1").json()
        if page["next"]:
            client.get(page["next"])

    sql = " ".join(found).upper()
    assert " LIMIT 2" in sql
    assert " OFFSET " not in sql
    assert "COUNT(" not in sql
