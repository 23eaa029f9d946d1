import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import Absence, ClosedDay
from clinic.refusals import Refused
from tests.factories import (
    LONDON,
    NOW,
    make_appointment,
    make_gone,
    make_practitioner,
    make_side_effect,
    make_site,
    on,
    train,
)
from treatments.courses import Plan, lay_out_course, places_of
from treatments.models import Appointment, Course

TUESDAY_TEN = on(3, 10)


def lay_out(patient, treatment, by, *practitioners, **more):
    given = {"planned": 3, "every_days": 7, "starts_at": TUESDAY_TEN, "now": NOW} | more
    return lay_out_course(patient=patient, treatment=treatment, practitioners=practitioners, by=by, **given)


def placed(course: Course) -> list[tuple[int, str, str]]:
    """Which of the course, when, with whom."""
    rows = course.appointments.order_by("course_number").select_related("practitioner")
    return [(one.course_number, _words(one.starts_at), one.practitioner.name) for one in rows]


def _words(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%d %b %H:%M}"


def test_a_course_is_laid_out_a_week_apart(amara, mesotherapy, rosa, room, reception):
    course = lay_out(amara, mesotherapy, reception, rosa, planned=6, room=room)

    assert placed(course) == [
        (1, "03 Nov 10:00", "Rosa Lind"),
        (2, "10 Nov 10:00", "Rosa Lind"),
        (3, "17 Nov 10:00", "Rosa Lind"),
        (4, "24 Nov 10:00", "Rosa Lind"),
        (5, "01 Dec 10:00", "Rosa Lind"),
        (6, "08 Dec 10:00", "Rosa Lind"),
    ]
    assert (course.planned, course.every_days, course.created_by) == (6, 7, reception)
    made = course.appointments.first()
    assert (made.status, made.room, made.history.get().history_user) == ("booked", room, reception)


def test_the_time_stays_the_same_by_the_clock_where_the_clocks_change(amara, consultation, rosa, reception):
    course = lay_out(
        amara, consultation, reception, rosa, planned=2, starts_at=dt.datetime(2027, 3, 24, 10, tzinfo=LONDON)
    )

    assert [one.starts_at for one in course.appointments.order_by("starts_at")] == [
        dt.datetime(2027, 3, 24, 10, tzinfo=dt.UTC),
        dt.datetime(2027, 3, 31, 9, tzinfo=dt.UTC),
    ]


def test_a_taken_place_goes_to_the_nearest_free_time_of_its_day(amara, jonas, mesotherapy, rosa, reception):
    make_appointment(patient=jonas, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(10, 10, 30))

    course = lay_out(amara, mesotherapy, reception, rosa)

    assert placed(course) == [
        (1, "03 Nov 10:00", "Rosa Lind"),
        (2, "10 Nov 09:30", "Rosa Lind"),
        (3, "17 Nov 10:00", "Rosa Lind"),
    ]


def test_a_closed_day_moves_a_place_to_the_day_after(amara, mesotherapy, rosa, reception):
    ClosedDay.objects.create(site=make_site(), day=dt.date(2026, 11, 10))

    assert placed(lay_out(amara, mesotherapy, reception, rosa))[1] == (2, "11 Nov 10:00", "Rosa Lind")


def test_anybody_trained_will_do_and_who_began_goes_on_where_free(amara, jonas, mesotherapy, rosa, omar, reception):
    train(omar)
    make_practitioner("Anna Untrained", trained=False)
    make_appointment(patient=jonas, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=TUESDAY_TEN)

    course = lay_out(amara, mesotherapy, reception, rosa, omar)

    assert placed(course) == [
        (1, "03 Nov 10:00", "Omar Aziz"),
        (2, "10 Nov 10:00", "Omar Aziz"),
        (3, "17 Nov 10:00", "Omar Aziz"),
    ]


def test_a_time_between_the_quarters_is_kept(amara, mesotherapy, rosa, reception):
    assert placed(lay_out(amara, mesotherapy, reception, rosa, starts_at=on(3, 10, 5)))[0][1] == "03 Nov 10:05"


def test_two_places_never_overlap_however_close_they_are(amara, mesotherapy, rosa, reception):
    ClosedDay.objects.create(site=make_site(), day=dt.date(2026, 11, 3))

    course = lay_out(amara, mesotherapy, reception, rosa, every_days=1)

    assert [when for _, when, _ in placed(course)] == ["04 Nov 10:00", "04 Nov 11:00", "05 Nov 10:00"]


# --- What cannot be placed --------------------------------------------------------------------------------------------


@pytest.fixture
def away(rosa, reception) -> Absence:
    """Rosa is absent on the second place's day and the three after it."""
    return Absence.objects.create(staff=rosa, starts_at=on(10, 0), ends_at=on(14, 0), created_by=reception)


def test_what_cannot_be_placed_is_said_and_nothing_is_booked(away, amara, mesotherapy, rosa, reception):
    with pytest.raises(Refused) as refusal:
        lay_out(amara, mesotherapy, reception, rosa)

    assert [(one.code, one.message) for one in refusal.value.blockers] == [
        (
            "place-not-free",
            "Place 2, Tue 10 Nov 10:00. Rosa Lind is absent then. Nothing else is free that day, nor until 13 Nov.",
        )
    ]
    assert (Course.objects.count(), Appointment.objects.count()) == (0, 0)


def test_or_the_rest_is_booked(away, amara, mesotherapy, rosa, reception):
    course = lay_out(amara, mesotherapy, reception, rosa, if_not_all="rest")

    assert [(number, when) for number, when, _ in placed(course)] == [(1, "03 Nov 10:00"), (3, "17 Nov 10:00")]
    assert [one.number for one in course.left_out] == [2]


def test_with_somebody_else_who_may_it_is_placed_after_all(away, amara, mesotherapy, rosa, omar, reception):
    train(omar)

    assert placed(lay_out(amara, mesotherapy, reception, rosa, omar))[1] == (2, "10 Nov 10:00", "Omar Aziz")


def test_a_course_of_which_nothing_can_be_placed_is_refused_even_for_the_rest(amara, mesotherapy, omar, reception):
    with pytest.raises(Refused) as refusal:
        lay_out(amara, mesotherapy, reception, omar, if_not_all="rest")

    assert refusal.value.codes == ["place-not-free"] * 3
    assert not Course.objects.exists()


def test_training_that_ends_within_the_course_leaves_its_last_places_out(amara, mesotherapy, omar, reception):
    train(omar, until=dt.date(2026, 11, 12))

    course = lay_out(amara, mesotherapy, reception, omar, if_not_all="rest")

    assert [number for number, _, _ in placed(course)] == [1, 2]
    assert course.left_out[0].reasons[0] == (
        "Omar Aziz’s training ends on 12 Nov, before this day; it must be renewed, or the session cannot start."
    )


# --- The rule ---------------------------------------------------------------------------------------------------------


def test_while_bruised_a_course_is_refused_as_a_whole(amara, mesotherapy, rosa, reception):
    make_side_effect(patient=amara, by=rosa)

    with pytest.raises(Refused) as refusal:
        lay_out(amara, mesotherapy, reception, rosa, if_not_all="rest")

    assert refusal.value.codes == ["bruising-present"]
    assert (refusal.value.patient_id, refusal.value.treatment_id) == (amara.pk, mesotherapy.pk)
    assert (Course.objects.count(), Appointment.objects.count()) == (0, 0)


def test_near_misses_of_that_refusal_are_laid_out(amara, jonas, mesotherapy, consultation, rosa, reception):
    make_side_effect(patient=jonas, by=rosa)
    make_side_effect(patient=amara, by=rosa, kind="swelling")
    make_gone(make_side_effect(patient=amara, by=rosa), by=rosa, now=NOW + dt.timedelta(minutes=1))

    assert lay_out(amara, mesotherapy, reception, rosa).appointments.count() == 3
    assert lay_out(jonas, consultation, reception, rosa, starts_at=on(3, 14)).appointments.count() == 3


def test_bruising_afterwards_holds_every_place(amara, mesotherapy, rosa, reception):
    course = lay_out(amara, mesotherapy, reception, rosa)

    make_side_effect(patient=amara, by=rosa)

    assert set(course.appointments.values_list("status", flat=True)) == {"on-hold"}


# --- What is no course ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"planned": 1}, "planned"),
        ({"planned": 21}, "planned"),
        ({"every_days": 0}, "every_days"),
        ({"every_days": 91}, "every_days"),
        ({"starts_at": on(1)}, "starts_at"),
        ({"planned": 20, "every_days": 90}, "starts_at"),
    ],
)
def test_what_is_no_course_is_refused_by_field(wrong, field, amara, mesotherapy, rosa, reception):
    with pytest.raises(ValidationError) as error:
        lay_out(amara, mesotherapy, reception, rosa, **wrong)

    assert list(error.value.message_dict) == [field]


def test_nobody_who_may_give_it_is_said(amara, mesotherapy, reception):
    with pytest.raises(ValidationError) as error:
        lay_out(amara, mesotherapy, reception)

    assert error.value.message_dict == {"practitioner": ["Nobody may give it."]}


def test_a_manager_lays_out_nothing(amara, mesotherapy, rosa, manager):
    with pytest.raises(PermissionDenied):
        lay_out(amara, mesotherapy, manager, rosa)


# --- The plan, before anything is booked ------------------------------------------------------------------------------


def test_the_plan_shows_what_the_booking_will_do_and_books_nothing(away, amara, mesotherapy, rosa, reception):
    places = places_of(Plan(amara, mesotherapy, 3, 7, TUESDAY_TEN, [rosa]), now=NOW)

    assert [(one.number, one.found is not None, one.is_moved) for one in places] == [
        (1, True, False),
        (2, False, False),
        (3, True, False),
    ]
    assert not Appointment.objects.exists()


@pytest.mark.parametrize("people", [1, 3])
def test_a_place_takes_three_statements_however_many_people(people, amara, mesotherapy, rosa):
    staff = [rosa, *(make_practitioner(f"Number {number}") for number in range(people - 1))]

    with CaptureQueriesContext(connection) as asked:
        places_of(Plan(amara, mesotherapy, 4, 7, TUESDAY_TEN, staff), now=NOW)

    assert len(asked) == 4 * 3
