import datetime as dt

import pytest

from clinic.models import Absence, Refusal
from tests.factories import make_practitioner, make_side_effect
from tests.pages.desk import booked, signed_in, statements, today_at, words
from treatments.models import Appointment, Course

FIRST = today_at(10, days=2)
WEEK = dt.timedelta(days=7)


def typed(treatment, practitioner=None, **more: object) -> dict[str, object]:
    return {
        "treatment": treatment.pk,
        "planned": 3,
        "every_days": 7,
        "date": f"{FIRST:%Y-%m-%d}",
        "time": "10:00",
        "practitioner": practitioner.pk if practitioner else "",
        "room": "",
    } | more


def told(response) -> list[str]:
    return [str(message) for message in response.wsgi_request._messages]


def when(moment: dt.datetime) -> str:
    return f"{moment:%a} {moment.day} {moment:%b}, {moment:%H:%M}"


@pytest.fixture
def away(rosa, reception) -> Absence:
    """Rosa is absent on the second place's day and the three after it."""
    start = (FIRST + WEEK).replace(hour=0)
    return Absence.objects.create(
        staff=rosa, starts_at=start, ends_at=start + dt.timedelta(days=4), created_by=reception
    )


def test_the_form_begins_with_six_a_week_apart(amara, mesotherapy, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/course/?treatment={mesotherapy.pk}")

    form = response.context["form"]
    assert (form["planned"].value(), form["every_days"].value()) == (6, 7)
    assert form["treatment"].value() == str(mesotherapy.pk)
    assert "places" not in response.context


def test_the_plan_is_shown_before_anything_is_booked(amara, mesotherapy, rosa, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa))

    said = words(response)
    assert "All 3 can be booked" in said
    assert f"1 of 3 {when(FIRST)} with Rosa Lind As planned" in said
    assert "Book all 3" in said
    assert not Appointment.objects.exists()


def test_it_is_booked_and_its_places_stand_on_a_page_the_chart_and_the_appointment(amara, mesotherapy, rosa, reception):
    client = signed_in(reception)

    response = client.post(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa, if_not_all="nothing", once="a"))

    course = Course.objects.get()
    assert (response.status_code, response.url) == (302, f"/courses/{course.pk}/")
    assert told(response) == ["Booked 3 of 3: Mesotherapy for Amara Okafor."]
    assert f"2 of 3 {when(FIRST + WEEK)} with Rosa Lind Booked" in words(client.get(response.url))
    assert "Mesotherapy, 2 of 3" in words(client.get(f"/patients/{amara.pk}/"))
    second = course.appointments.get(course_number=2)
    assert "2 of 3" in words(client.get(f"/appointments/{second.pk}/"))


def test_sent_twice_it_is_one_course(amara, mesotherapy, rosa, reception):
    client = signed_in(reception)
    sent = typed(mesotherapy, rosa, if_not_all="nothing", once="a")

    answers = [client.post(f"/patients/{amara.pk}/course/", sent) for _ in range(2)]

    assert [one.url for one in answers] == [f"/courses/{Course.objects.get().pk}/"] * 2
    assert Appointment.objects.count() == 3


def test_what_cannot_be_placed_is_said_and_the_rest_is_booked_when_chosen(away, amara, mesotherapy, rosa, reception):
    client = signed_in(reception)
    plan = client.get(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa))

    response = client.post(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa, if_not_all="rest"))

    assert "2 of 3 can be booked" in words(plan)
    assert "Rosa Lind is absent then. Nothing else is free that day" in words(plan)
    assert "Book these 2" in words(plan)
    assert Appointment.objects.count() == 2
    assert told(response)[0] == "Booked 2 of 3: Mesotherapy for Amara Okafor."
    assert told(response)[1].startswith(f"Not booked: place 2, {FIRST + WEEK:%a} ")
    assert "2 of 3 Not booked: find a time Missing" in words(client.get(response.url))


def test_or_nothing_is_booked_with_the_reasons(away, amara, mesotherapy, rosa, reception):
    response = signed_in(reception).post(
        f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa, if_not_all="nothing")
    )

    assert response.status_code == 409
    assert "Nothing was booked Place 2," in words(response)
    assert (Refusal.objects.get().code, Refusal.objects.get().operation) == ("place-not-free", "lay_out_course")
    assert (Course.objects.count(), Appointment.objects.count()) == (0, 0)


def test_a_place_that_is_taken_shows_where_it_goes(amara, jonas, mesotherapy, rosa, reception):
    booked(jonas, mesotherapy, rosa, reception, FIRST + WEEK)

    said = words(signed_in(reception).get(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa)))

    assert f"{when(FIRST + WEEK - dt.timedelta(hours=1))} with Rosa Lind" in said
    assert f"{when(FIRST + WEEK)} is not free; this is the nearest." in said


def test_while_bruised_it_is_refused_as_a_whole_and_the_refusal_is_kept(amara, mesotherapy, rosa, reception):
    make_side_effect(patient=amara, by=rosa, now=today_at(0))
    client = signed_in(reception)

    plan = client.get(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa))
    response = client.post(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa, if_not_all="rest"))

    assert "Not yet: no mesotherapy while bruising is present" in words(plan)
    assert "places" not in plan.context
    assert response.status_code == 409
    assert (Refusal.objects.get().code, Refusal.objects.get().patient_id) == ("bruising-present", amara.pk)
    assert not Course.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field", "sentence"),
    [
        ({"planned": "1"}, "planned", "A course has from 2 to 20 sessions."),
        ({"planned": "many"}, "planned", "A course has from 2 to 20 sessions."),
        ({"every_days": "91"}, "every_days", "From 1 to 90 days."),
        ({"date": "2020-01-06"}, "starts_at", "That time has passed."),
        ({"time": "25:00"}, "time", "That is not a time of day."),
        ({"treatment": "00000000-0000-4000-8000-000000000000"}, "treatment", "That treatment is no longer offered."),
        ({"practitioner": "00000000-0000-4000-8000-000000000000"}, "practitioner", "Choose one of the practitioners."),
    ],
)
def test_what_is_no_course_has_a_sentence_beside_it(wrong, field, sentence, amara, mesotherapy, rosa, reception):
    client = signed_in(reception)
    sent = typed(mesotherapy, rosa) | wrong

    for response in (
        client.get(f"/patients/{amara.pk}/course/", sent),
        client.post(f"/patients/{amara.pk}/course/", sent),
    ):
        assert response.context["form"].errors == {field: [sentence]}
        assert sentence in words(response)
    assert not Appointment.objects.exists()


def test_where_nobody_may_give_it_the_plan_says_so(amara, mesotherapy, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/course/", typed(mesotherapy))

    assert response.context["form"].errors == {"practitioner": ["Nobody may give it."]}


def test_a_manager_reads_a_course_and_lays_out_none(amara, mesotherapy, rosa, reception, manager):
    signed_in(reception).post(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa, if_not_all="nothing"))
    client = signed_in(manager)

    assert client.get(f"/courses/{Course.objects.get().pk}/").status_code == 200
    assert client.get(f"/patients/{amara.pk}/course/").status_code == 403
    assert client.post(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa)).status_code == 403
    assert client.get("/courses/00000000-0000-4000-8000-000000000000/").status_code == 404


@pytest.mark.parametrize("people", [1, 3])
def test_the_course_page_costs_the_same_however_many_places(people, amara, mesotherapy, rosa, reception):
    for number in range(people - 1):
        make_practitioner(f"Number {number}")
    client = signed_in(reception)
    client.post(f"/patients/{amara.pk}/course/", typed(mesotherapy, rosa, if_not_all="nothing"))
    short = Course.objects.get()
    sent = typed(mesotherapy, rosa, planned=6, time="15:00", if_not_all="nothing")
    client.post(f"/patients/{amara.pk}/course/", sent)
    long = Course.objects.exclude(pk=short.pk).get()

    counts = []
    for course in (short, long):
        client.get(f"/courses/{course.pk}/")
        with statements() as found:
            client.get(f"/courses/{course.pk}/")
        counts.append(len(found))

    assert counts[0] == counts[1]
