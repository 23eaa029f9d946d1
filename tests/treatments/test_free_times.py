"""Every free time that is offered can be booked, and what is booked is offered no longer."""

import datetime as dt
import random
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clinic.models import Absence, ClosedDay, Room, Site, WorkingHours
from clinic.refusals import Refused
from tests.factories import LONDON, make_appointment, make_patient, make_practitioner, make_room, make_site, train
from treatments.booking import book_appointment, move_appointment
from treatments.models import Appointment, TrainingRecord
from treatments.models.contact import PartOfDay
from treatments.times import MOST_DAYS, free_times

NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=LONDON)  # a Monday
TUESDAY = dt.date(2026, 11, 3)


def at(day: dt.date, hour: int, minute: int = 0, zone: ZoneInfo = LONDON) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=zone)


def works(
    staff, starts: tuple[int, int], ends: tuple[int, int], day: dt.date = TUESDAY, site: Site | None = None
) -> None:
    WorkingHours.objects.create(
        staff=staff, site=site or make_site(), weekday=day.weekday(), starts_at=dt.time(*starts), ends_at=dt.time(*ends)
    )


def free(treatment, *people, first: dt.date = TUESDAY, last: dt.date | None = None, now: dt.datetime = NOW, **more):
    return list(free_times(treatment=treatment, practitioners=people, first=first, last=last or first, now=now, **more))


def clocks(times) -> list[str]:
    return [f"{timezone.localtime(one.starts_at):%H:%M}" for one in times]


@pytest.fixture
def morning(rosa):
    """Rosa works from nine to eleven, with a break of half an hour."""
    works(rosa, (9, 0), (10, 0))
    works(rosa, (10, 30), (11, 0))
    return rosa


# --- What is offered --------------------------------------------------------------------------------------------------


def test_each_quarter_of_an_hour_in_which_it_fits_is_offered_and_none_across_a_break(morning, consultation):
    assert clocks(free(consultation, morning)) == ["09:00", "09:15", "09:30", "10:30"]


def test_hours_that_go_on_without_a_break_are_one_stretch(rosa, consultation):
    works(rosa, (9, 0), (9, 30))
    works(rosa, (9, 30), (10, 0))

    assert clocks(free(consultation, rosa)) == ["09:00", "09:15", "09:30"]


def test_what_is_taken_is_not_offered_and_back_to_back_is(morning, jonas, consultation, reception):
    make_appointment(
        patient=jonas, treatment=consultation, practitioner=morning, by=reception, starts_at=at(TUESDAY, 9, 30)
    )

    assert clocks(free(consultation, morning)) == ["09:00", "10:30"]


def test_the_patients_own_appointments_are_minded_where_there_is_a_patient(
    morning, omar, amara, consultation, reception
):
    make_appointment(patient=amara, treatment=consultation, practitioner=omar, by=reception, starts_at=at(TUESDAY, 9))

    assert clocks(free(consultation, morning, patient=amara)) == ["09:30", "10:30"]
    assert clocks(free(consultation, morning)) == ["09:00", "09:15", "09:30", "10:30"]


def test_an_absence_and_a_closed_day_leave_nothing(morning, consultation, reception):
    Absence.objects.create(
        staff=morning, starts_at=at(TUESDAY, 9, 20), ends_at=at(TUESDAY, 10, 35), created_by=reception
    )
    assert clocks(free(consultation, morning)) == []
    Absence.objects.all().delete()
    ClosedDay.objects.create(site=make_site(), day=TUESDAY)
    assert clocks(free(consultation, morning)) == []
    assert clocks(free(consultation, morning, first=TUESDAY + dt.timedelta(days=7))) != []


def test_nothing_that_has_passed_is_offered(morning, consultation):
    assert clocks(free(consultation, morning, now=at(TUESDAY, 9, 16))) == ["09:30", "10:30"]


@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (PartOfDay.ANY, ["11:30", "11:45", "12:00", "12:15", "12:30"]),
        (PartOfDay.MORNINGS, ["11:30", "11:45"]),
        (PartOfDay.AFTERNOONS, ["12:00", "12:15", "12:30"]),
    ],
)
def test_mornings_end_at_noon(part, expected, rosa, consultation):
    works(rosa, (11, 30), (13, 0))

    assert clocks(free(consultation, rosa, part_of_day=part)) == expected


def test_only_who_is_trained_on_the_day_is_offered_for_mesotherapy(rosa, omar, mesotherapy, consultation):
    train(omar, until=TUESDAY)
    wednesday = TUESDAY + dt.timedelta(days=1)

    assert {one.practitioner for one in free(mesotherapy, rosa, omar)} == {rosa, omar}
    assert {one.practitioner for one in free(mesotherapy, rosa, omar, first=wednesday)} == {rosa}
    assert {one.practitioner for one in free(consultation, rosa, omar, first=wednesday)} == {rosa, omar}


def test_a_room_leaves_its_own_free_times_and_the_first_free_room_will_do(
    morning, omar, jonas, consultation, reception
):
    one, other, elsewhere = make_room("Room 1"), make_room("Room 2"), make_room("Room 9", make_site("Harbour"))
    make_appointment(
        patient=jonas, treatment=consultation, practitioner=omar, room=one, by=reception, starts_at=at(TUESDAY, 9)
    )

    assert clocks(free(consultation, morning, room=one)) == ["09:30", "10:30"]
    assert [(clock, free_time.room) for clock, free_time in zip(
        ["09:00", "09:15", "09:30", "10:30"], free(consultation, morning, rooms=[one, other, elsewhere]), strict=True
    )] == [("09:00", other), ("09:15", other), ("09:30", one), ("10:30", one)]  # fmt: skip
    assert clocks(free(consultation, morning, room=elsewhere)) == []


def test_a_treatment_that_may_overlap_minds_the_patient_only(morning, amara, jonas, consultation, reception):
    make_appointment(
        patient=jonas, treatment=consultation, practitioner=morning, by=reception, starts_at=at(TUESDAY, 9)
    )
    consultation.overlap_allowed = True
    consultation.save()

    assert clocks(free(consultation, morning, patient=amara)) == ["09:00", "09:15", "09:30", "10:30"]
    assert clocks(free(consultation, morning, patient=jonas)) == ["09:30", "10:30"]


def test_an_appointment_to_be_moved_leaves_its_own_time_free(morning, amara, consultation, reception):
    own = make_appointment(
        patient=amara, treatment=consultation, practitioner=morning, by=reception, starts_at=at(TUESDAY, 9)
    )

    assert clocks(free(consultation, morning, patient=amara, leave_out=own)) == ["09:00", "09:15", "09:30", "10:30"]
    assert clocks(free(consultation, morning, patient=amara)) == ["09:30", "10:30"]


def test_a_time_between_the_quarters_is_looked_at_when_it_is_asked_for(morning, consultation):
    assert clocks(free(consultation, morning, exactly=at(TUESDAY, 9, 20))) == [
        "09:00",
        "09:15",
        "09:20",
        "09:30",
        "10:30",
    ]
    assert clocks(free(consultation, morning, exactly=at(TUESDAY, 9, 40))) == ["09:00", "09:15", "09:30", "10:30"]


def test_at_most_a_quarter_of_a_year_is_looked_through(rosa, consultation):
    days = {
        timezone.localdate(one.starts_at) for one in free(consultation, rosa, last=TUESDAY + dt.timedelta(days=400))
    }

    assert len(days) == MOST_DAYS


def test_nothing_is_offered_further_ahead_than_can_be_booked(rosa, consultation):
    assert free(consultation, rosa, first=dt.date(2031, 1, 1)) == []


@pytest.mark.parametrize("people", [1, 3])
def test_it_takes_three_statements_however_many_people_and_appointments(people, amara, mesotherapy, room, reception):
    staff = [make_practitioner(f"Number {number}") for number in range(people)]
    for hour, who in enumerate(staff, 9):
        make_appointment(
            patient=make_patient(reception), treatment=mesotherapy, practitioner=who, by=reception, room=room,
            starts_at=at(TUESDAY, hour),
        )  # fmt: skip

    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert free(mesotherapy, *staff, last=TUESDAY + dt.timedelta(days=91), patient=amara, rooms=[room])

    assert len(asked) == 3


# --- The days the clocks change ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "hours", "clock_hours"),
    [(dt.date(2027, 3, 28), 23, "00:00 00:30 02:00 02:30"), (dt.date(2027, 10, 31), 25, "00:00 00:30 01:00 01:30 01:00 01:30 02:00 02:30")],
    ids=["23-hours", "25-hours"],
)  # fmt: skip
def test_a_day_of_23_or_25_hours_is_as_long_as_it_is(day, hours, clock_hours, rosa, consultation, amara, reception):
    found = free(consultation, rosa, first=day)

    assert len(found) == hours * 4 - 1
    assert clocks(found)[: len(clock_hours.split()) * 2 : 2] == clock_hours.split()
    assert len({one.starts_at for one in found}) == len(found)
    for one in random.Random(3).sample(found, 10) + found[:2] + found[-2:]:
        _can_be_booked(one, amara, consultation, reception, NOW)


# --- Offered is bookable ----------------------------------------------------------------------------------------------


def _can_be_booked(one, patient, treatment, by, now, room: Room | None = None) -> None:
    with transaction.atomic():
        made = book_appointment(
            patient=patient, treatment=treatment, practitioner=one.practitioner, room=one.room or room,
            starts_at=one.starts_at, by=by, now=now,
        )  # fmt: skip
        assert (made.starts_at, made.ends_at, made.site_id) == (one.starts_at, one.ends_at, one.site)
        again = free(
            treatment, one.practitioner, first=timezone.localdate(one.starts_at), now=now, patient=patient, room=room
        )
        assert (one.practitioner, one.starts_at) not in {(other.practitioner, other.starts_at) for other in again}
        transaction.set_rollback(True)


def _cannot_be_booked(starts_at, who, patient, treatment, by, now) -> None:
    with pytest.raises(Refused):
        book_appointment(patient=patient, treatment=treatment, practitioner=who, starts_at=starts_at, by=by, now=now)


hours_of_a_day = st.lists(
    st.tuples(st.integers(8, 15), st.sampled_from([0, 10, 15, 30]), st.integers(1, 3)), min_size=0, max_size=3
)
taken_times = st.lists(st.tuples(st.integers(8, 17), st.sampled_from([0, 20, 45]), st.booleans()), max_size=4)


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    hours=hours_of_a_day,
    taken=taken_times,
    absent=st.one_of(st.none(), st.tuples(st.integers(8, 16), st.integers(1, 4))),
    minutes=st.sampled_from([15, 40, 60, 90]),
    overlaps=st.booleans(),
    closed=st.sampled_from([False, False, False, True]),
    in_room=st.booleans(),
    pick=st.randoms(use_true_random=False),
)
def test_every_time_of_a_day_is_offered_exactly_when_it_can_be_booked(
    hours, taken, absent, minutes, overlaps, closed, in_room, pick,
    rosa, omar, amara, jonas, room, mesotherapy, consultation, reception,
):  # fmt: skip
    """Exhaustive over the quarters of one day: offered ones are booked, the others refused by the same operation."""
    with transaction.atomic():
        for hour, minute, length in hours:
            works(rosa, (hour, minute), (min(hour + length, 23), minute))
        if not hours:
            works(rosa, (9, 0), (11, 0), TUESDAY + dt.timedelta(days=1))
        if closed:
            ClosedDay.objects.create(site=make_site(), day=TUESDAY, reason="Burst pipe")
        for hour, minute, with_room in taken:
            _book_if_free(
                jonas, consultation, rosa if not with_room else omar, room, at(TUESDAY, hour, minute), reception
            )
        if absent:
            Absence.objects.create(
                staff=rosa,
                starts_at=at(TUESDAY, absent[0]),
                ends_at=at(TUESDAY, absent[0] + absent[1]),
                created_by=reception,
            )
        mesotherapy.duration_minutes, mesotherapy.overlap_allowed = minutes, overlaps
        mesotherapy.save()
        where = room if in_room else None
        offered = free(mesotherapy, rosa, patient=amara, room=where)
        starts = {one.starts_at for one in offered}
        assert len(starts) == len(offered)
        for one in pick.sample(offered, min(6, len(offered))):
            _can_be_booked(one, amara, mesotherapy, reception, NOW, where)
        quarters = [at(TUESDAY, hour, minute) for hour in range(7, 20) for minute in (0, 15, 30, 45)]
        for start in [one for one in quarters if one.astimezone(dt.UTC) not in starts]:
            with pytest.raises(Refused), transaction.atomic():
                book_appointment(
                    patient=amara, treatment=mesotherapy, practitioner=rosa, room=where, starts_at=start, by=reception,
                    now=NOW,
                )  # fmt: skip
        transaction.set_rollback(True)


def _book_if_free(patient, treatment, who, room, starts_at, by) -> None:
    try:
        book_appointment(
            patient=patient, treatment=treatment, practitioner=who, room=room, starts_at=starts_at, by=by, now=NOW
        )
    except Refused:
        return


def test_every_time_offered_for_a_move_can_be_moved_to(rosa, omar, amara, jonas, mesotherapy, consultation, reception):
    works(rosa, (9, 0), (13, 0))
    own = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=at(TUESDAY, 10)
    )
    make_appointment(patient=jonas, treatment=consultation, practitioner=rosa, by=reception, starts_at=at(TUESDAY, 12))
    length = own.ends_at - own.starts_at

    offered = free(mesotherapy, rosa, patient=amara, leave_out=own, length=length)

    assert clocks(offered) == ["09:00", "09:15", "09:30", "09:45", "10:00", "10:15", "10:30", "10:45", "11:00"]
    for one in offered:
        moved = move_appointment(appointment=own, starts_at=one.starts_at, by=reception, now=NOW)
        assert moved.starts_at == one.starts_at
    assert Appointment.objects.count() == 2


def test_a_site_in_another_zone_offers_its_own_hours(rosa, consultation, amara, reception):
    tokyo = Site.objects.create(name="Tokyo", time_zone="Asia/Tokyo", opens_at=dt.time(9), closes_at=dt.time(10))
    works(rosa, (9, 0), (10, 0), site=tokyo)

    offered = free(consultation, rosa)

    assert [one.starts_at for one in offered][:1] == [at(TUESDAY, 9, zone=ZoneInfo("Asia/Tokyo"))]
    assert {one.site for one in offered} == {tokyo.pk}
    for one in offered:
        _can_be_booked(one, amara, consultation, reception, NOW)


def test_training_that_begins_or_was_withdrawn_is_minded(omar, mesotherapy):
    TrainingRecord.objects.create(
        staff=omar, certificate="Withdrawn", valid_from=dt.date(2020, 1, 1), valid_until=dt.date(2030, 1, 1),
        withdrawn_on=dt.date(2026, 1, 1),
    )  # fmt: skip
    assert free(mesotherapy, omar) == []
    TrainingRecord.objects.create(
        staff=omar, certificate="New", valid_from=TUESDAY + dt.timedelta(days=1), valid_until=dt.date(2030, 1, 1)
    )
    found = free(mesotherapy, omar, last=TUESDAY + dt.timedelta(days=1))
    assert {timezone.localdate(one.starts_at) for one in found} == {TUESDAY + dt.timedelta(days=1)}
