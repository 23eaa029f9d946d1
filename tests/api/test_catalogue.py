import datetime as dt

import pytest
from django.utils import timezone

from tests.api.calls import API, NO_ONE, errors, ids
from tests.factories import make_practitioner, make_room, make_staff, make_treatment, train


def test_the_catalogue_is_what_can_be_booked(api, reception, mesotherapy, bruise_review):
    old = make_treatment(name="Old one")
    old.is_active = False
    old.save()

    assert api(reception).get(f"{API}treatments/").json() == {
        "next": None,
        "previous": None,
        "results": [
            {"id": str(bruise_review.pk), "name": "Bruise review", "family": "review", "duration_minutes": 15},
            {"id": str(mesotherapy.pk), "name": "Mesotherapy", "family": "mesotherapy", "duration_minutes": 60},
        ],
    }


def test_staff_come_with_their_roles_and_training(api, reception, rosa, omar):
    assert api(reception).get(f"{API}staff/").json()["results"] == [
        {"id": str(reception.pk), "name": "Ida Berg", "roles": ["receptionist"], "mesotherapy_trained_until": None},
        {"id": str(omar.pk), "name": "Omar Aziz", "roles": ["practitioner"], "mesotherapy_trained_until": None},
        {"id": str(rosa.pk), "name": "Rosa Lind", "roles": ["practitioner"], "mesotherapy_trained_until": "2036-12-31"},
    ]


def test_staff_are_filtered_by_role(api, reception, rosa, manager):
    both = make_staff("manager", "practitioner", name="Zoe Both")
    client = api(reception)

    assert ids(client.get(f"{API}staff/?role=manager")) == [str(manager.pk), str(both.pk)]
    assert ids(client.get(f"{API}staff/?role=practitioner")) == [str(rosa.pk), str(both.pk)]
    assert list(errors(client.get(f"{API}staff/?role=owner"))) == ["role"]


def test_only_who_is_trained_today_may_give_mesotherapy(api, reception, rosa, omar, mesotherapy, consultation):
    today = timezone.localdate()
    train(make_practitioner("Past", trained=False), until=today - dt.timedelta(days=1))
    last_day = make_practitioner("Until today", trained=False)
    train(last_day, until=today)
    client = api(reception)

    assert ids(client.get(f"{API}staff/?treatment={mesotherapy.pk}")) == [str(rosa.pk), str(last_day.pk)]
    named = client.get(f"{API}staff/?treatment={consultation.pk}").json()["results"]
    assert [row["name"] for row in named] == ["Omar Aziz", "Past", "Rosa Lind", "Until today"]
    assert errors(client.get(f"{API}staff/?treatment={NO_ONE}")) == {"treatment": ["There is no such treatment."]}


def test_who_left_is_not_among_the_staff(api, reception, rosa):
    rosa.is_active = False
    rosa.save()

    assert ids(api(reception).get(f"{API}staff/")) == [str(reception.pk)]


def test_rooms_in_use(api, reception, room, site):
    closed = make_room("Room 0")
    closed.is_active = False
    closed.save()

    assert api(reception).get(f"{API}rooms/").json()["results"] == [
        {"id": str(room.pk), "name": "Room 1", "site": str(site.pk)}
    ]


@pytest.mark.parametrize("noun", ["treatments", "staff", "rooms"])
def test_nothing_is_made_or_changed_here(api, manager, noun):
    for method in ("post", "put", "patch", "delete"):
        response = getattr(api(manager), method)(f"{API}{noun}/", {})
        assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
        assert response.json()["title"] == "Method Not Allowed"


def test_staff_come_a_page_at_a_time_even_where_names_are_the_same(api, reception):
    for _ in range(4):
        make_staff("receptionist", name="Ann")
    client, found = api(reception), []
    page = client.get(f"{API}staff/?page_size=2").json()

    while True:
        found += [row["id"] for row in page["results"]]
        if page["next"] is None:
            break
        page = client.get(page["next"]).json()

    assert len(found) == len(set(found)) == 5
