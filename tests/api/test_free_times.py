"""Free times by the API, hours as it refuses them, and what it warns of."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import Absence, ClosedDay, WorkingHours
from tests.api.calls import API, NO_ONE, ahead, codes, errors, statements
from tests.factories import make_appointment, make_patient, make_practitioner, make_room, make_site, train
from treatments.models import Appointment

PATH = f"{API}free-times/"


def asked(client, **query):
    return client.get(PATH, {name.rstrip("_"): value for name, value in query.items()})


def day(days: int = 1) -> str:
    return ahead(days).date().isoformat()


def found(response) -> list[dict]:
    assert response.status_code == 200, (response.status_code, response.content)
    return response.json()


def starts(response) -> list[dt.datetime]:
    return [dt.datetime.fromisoformat(one["starts_at"]) for one in found(response)]


@pytest.fixture
def morning(rosa) -> None:
    """Rosa works tomorrow from nine to half past ten."""
    WorkingHours.objects.create(
        staff=rosa, site=make_site(), weekday=ahead().weekday(), starts_at=dt.time(9), ends_at=dt.time(10, 30)
    )


def test_a_free_time_says_when_with_whom_and_where(api, reception, morning, consultation, rosa, site):
    response = asked(api(reception), treatment=consultation.pk, from_=day(), to=day())

    first = found(response)[0]
    assert starts(response) == [ahead(hour=9) + dt.timedelta(minutes=15 * number) for number in range(5)]
    assert (first["practitioner"], first["site"]) == (str(rosa.pk), str(site.pk))
    assert dt.datetime.fromisoformat(first["ends_at"]) == ahead(hour=9) + dt.timedelta(minutes=30)
    assert list(first) == ["starts_at", "ends_at", "practitioner", "site"]


def test_what_is_offered_can_be_booked_and_is_offered_no_longer(api, reception, morning, amara, consultation, rosa):
    client = api(reception)
    query = {"treatment": consultation.pk, "from_": day(), "to": day(), "patient": amara.pk}
    while offered := found(asked(client, **query)):
        one = offered[-1]
        body = {name: one[name] for name in ("starts_at", "practitioner")}
        body |= {"treatment": str(consultation.pk), "patient": str(amara.pk)}
        assert client.post(f"{API}appointments/", body).status_code == 201

    assert Appointment.objects.count() == 3


def test_the_filters_leave_what_was_asked_for(api, reception, amara, jonas, consultation, rosa, omar, room):
    make_appointment(
        patient=jonas,
        treatment=consultation,
        practitioner=omar,
        room=room,
        by=reception,
        starts_at=ahead(),
        now=ahead(0),
    )
    client = api(reception)
    query = {"treatment": consultation.pk, "from_": day(), "to": day(), "limit": 200}

    assert {one["practitioner"] for one in found(asked(client, **query))} == {str(rosa.pk), str(omar.pk)}
    assert {one["practitioner"] for one in found(asked(client, **query, practitioner=rosa.pk))} == {str(rosa.pk)}
    assert ahead() in starts(asked(client, **query, practitioner=rosa.pk))
    assert ahead() not in starts(asked(client, **query, practitioner=rosa.pk, room=room.pk))
    assert ahead() not in starts(asked(client, **query, practitioner=rosa.pk, patient=jonas.pk))
    assert ahead() in starts(asked(client, **query, practitioner=rosa.pk, patient=amara.pk))
    afternoons = starts(asked(client, **query, practitioner=rosa.pk, part_of_day="afternoons"))
    assert {timezone.localtime(one).hour for one in afternoons} == set(range(12, 24))


def test_as_many_as_are_asked_for_and_fifty_otherwise(api, reception, consultation, rosa):
    client = api(reception)

    assert len(found(asked(client, treatment=consultation.pk, limit=3))) == 3
    assert len(found(asked(client, treatment=consultation.pk))) == 50
    assert len(found(asked(client, treatment=consultation.pk, limit=200))) == 200


def test_it_is_a_question_of_times_and_not_of_the_rule(api, reception, amara, mesotherapy, rosa, bruise):
    assert found(asked(api(reception), treatment=mesotherapy.pk, patient=amara.pk, limit=1))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {"treatment": ["This field is required."]}),
        ({"treatment": NO_ONE}, {"treatment": ["There is no such treatment."]}),
        ({"treatment": "{}", "practitioner": NO_ONE}, {"practitioner": ["There is no such practitioner."]}),
        ({"treatment": "{}", "from_": "2030-01-02", "to": "2030-01-01"}, {"to": ["The last day is before the first."]}),
        ({"treatment": "{}", "from_": "2030-01-01", "to": "2030-04-03"}, {"to": ["At most 92 days at a time."]}),
        ({"treatment": "{}", "limit": "201"}, {"limit": ["Ensure this value is less than or equal to 200."]}),
        ({"treatment": "{}", "limit": "0"}, {"limit": ["Ensure this value is greater than or equal to 1."]}),
        ({"treatment": "{}", "part_of_day": "nights"}, {"part_of_day": ['"nights" is not a valid choice.']}),
        ({"treatment": "{}", "practicioner": "x"}, {"practicioner": ["There is no such filter here."]}),
        ({"treatment": "{}", "from_": "tomorrow"}, {"from": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]}),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_said_by_field(query, expected, api, reception, consultation, rosa):
    query = {name: value.format(consultation.pk) for name, value in query.items()}

    assert errors(asked(api(reception), **query)) == expected


def test_92_days_can_be_asked_for(api, reception, consultation, rosa):
    assert found(asked(api(reception), treatment=consultation.pk, from_="2030-01-01", to="2030-04-02")) == []


def test_it_asks_for_a_sign_in_and_a_role(api, superuser, consultation):
    assert asked(api(None), treatment=consultation.pk).status_code == 401
    assert asked(api(superuser), treatment=consultation.pk).status_code == 403


@pytest.mark.parametrize("rows", [1, 3])
def test_it_takes_three_beside_finding_what_was_named(rows, api, reception, amara, mesotherapy, rosa, room):
    for number in range(rows):
        who = make_practitioner(f"Number {number}")
        make_appointment(
            patient=make_patient(reception), treatment=mesotherapy, practitioner=who, by=reception,
            starts_at=ahead(), now=ahead(0),
        )  # fmt: skip
    client = api(reception)
    with statements() as everybody:
        found(asked(client, treatment=mesotherapy.pk))
    with statements() as named:
        found(asked(client, treatment=mesotherapy.pk, practitioner=rosa.pk, room=room.pk, patient=amara.pk))

    assert (len(everybody), len(named)) == (1 + 1 + 3, 4 + 3)


# --- Hours ------------------------------------------------------------------------------------------------------------


def _closed(rosa, reception) -> None:
    ClosedDay.objects.create(site=make_site(), day=ahead().date(), reason="Burst pipe")


def _absent(rosa, reception) -> None:
    Absence.objects.create(staff=rosa, starts_at=ahead(), ends_at=ahead() + dt.timedelta(hours=1), created_by=reception)


def _elsewhen(rosa, reception) -> None:
    WorkingHours.objects.create(
        staff=rosa, site=make_site(), weekday=ahead().weekday(), starts_at=dt.time(10, 15), ends_at=dt.time(15)
    )


@pytest.mark.parametrize(
    ("code", "lay", "near_miss"),
    [
        ("closed-day", _closed, dt.timedelta(days=1)),
        ("practitioner-absent", _absent, dt.timedelta(hours=1)),
        ("outside-hours", _elsewhen, dt.timedelta(minutes=15)),
    ],
)
def test_outside_hours_a_booking_is_refused_under_its_code_and_beside_them_it_is_made(
    code, lay, near_miss, api, reception, booking, rosa
):
    lay(rosa, reception)
    client = api(reception)

    refused = client.post(f"{API}appointments/", booking)
    made = client.post(f"{API}appointments/", booking | {"starts_at": (ahead() + near_miss).isoformat()})

    assert codes(refused) == [code]
    assert made.status_code == 201, made.content
    assert Appointment.objects.count() == 1


# --- Training that lapses before the day ------------------------------------------------------------------------------


@pytest.fixture
def lapsing(omar) -> str:
    until = timezone.localdate() + dt.timedelta(days=1)
    train(omar, until=until)
    return (
        f"Omar Aziz’s training ends on {until.day} {until:%b}, before this day; it must be renewed, or the session "
        "cannot start."
    )


def test_a_booking_after_the_training_is_made_with_a_warning(api, reception, booking, rosa, omar, lapsing):
    client = api(reception)
    body = booking | {"practitioner": str(omar.pk)}

    late = client.post(f"{API}appointments/", body | {"starts_at": ahead(2).isoformat()})
    in_time = client.post(f"{API}appointments/", body)

    assert (late.status_code, late.json()["warnings"]) == (201, [lapsing])
    assert (in_time.status_code, in_time.json()["warnings"]) == (201, [])


def test_a_move_after_the_training_is_made_with_a_warning(api, reception, booked, omar, lapsing):
    body = {"starts_at": ahead(2).isoformat(), "practitioner": str(omar.pk)}

    response = api(reception).post(f"{API}appointments/{booked.pk}/move/", body)

    assert (response.status_code, response.json()["warnings"]) == (200, [lapsing])


def test_a_repeated_booking_answers_the_same_warning_and_books_once(api, reception, booking, omar, lapsing):
    client = api(reception)
    body = booking | {"practitioner": str(omar.pk), "starts_at": ahead(2).isoformat()}

    answers = [client.post(f"{API}appointments/", body, HTTP_IDEMPOTENCY_KEY="k").json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert (answers[0]["warnings"], Appointment.objects.count()) == ([lapsing], 1)


def test_a_booking_that_ends_a_wish_takes_one_statement_more(api, reception, booking, amara, mesotherapy):
    from treatments.waiting_list import join_waiting_list

    join_waiting_list(patient=amara, treatment=mesotherapy, by=reception)

    with statements() as taken:
        assert api(reception).post(f"{API}appointments/", booking).status_code == 201

    assert len(taken) == 13


def test_a_room_of_another_site_has_its_own_free_times(api, reception, morning, consultation, rosa):
    elsewhere = make_room("Room 9", make_site("Harbour"))

    assert found(asked(api(reception), treatment=consultation.pk, from_=day(), to=day(), room=elsewhere.pk)) == []
