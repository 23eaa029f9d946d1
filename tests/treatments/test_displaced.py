"""The diary marks what the worklist has called: one answer, two places."""

import pytest

from clinic.models import Absence, ClosedDay, Room, WorkingHours
from tests.factories import NOW, make_appointment, make_room, on
from treatments.diary import day_of
from treatments.models import Treatment
from treatments.worklists.ahead import to_move


def away(rosa) -> None:
    Absence.objects.create(staff=rosa, starts_at=on(12, 9), ends_at=on(12, 12), reason="course", created_by=rosa)


def closed(rosa) -> None:
    ClosedDay.objects.create(site=rosa.site, day=on(12).date(), reason="burst pipe")


def other_hours(rosa) -> None:
    WorkingHours.objects.create(
        staff=rosa, site=rosa.site, weekday=3, starts_at=on(12, 12).time(), ends_at=on(12, 17).time()
    )


def left(rosa) -> None:
    rosa.is_active = False
    rosa.save()


def not_a_practitioner(rosa) -> None:
    rosa.is_practitioner = False
    rosa.save()


def no_longer_offered(rosa) -> None:
    """It bars what is booked from then on; what stands was agreed with the patient."""
    Treatment.objects.update(is_active=False)


def out_of_use(rosa) -> None:
    Room.objects.update(is_active=False)


@pytest.mark.parametrize(
    ("happens", "word"),
    [
        (None, ""),
        (away, "absent"),
        (closed, "closed"),
        (other_hours, "outside hours"),
        (left, "not a practitioner now"),
        (not_a_practitioner, "not a practitioner now"),
        (out_of_use, "room not in use"),
        (no_longer_offered, ""),
    ],
    ids=["nothing", "absent", "closed", "other hours", "left", "not a practitioner", "room", "treatment"],
)
def test_what_the_diary_marks_is_what_the_list_calls(happens, word, amara, rosa, room, consultation, reception):
    booked = make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(12, 10), room=room
    )
    if happens:
        happens(rosa)

    drawn = day_of(rosa.site, on(12).date(), reader=reception, now=NOW)

    assert [visit.displaced for visit in drawn.displaced] == ([word] if word else [])
    assert [row.appointment for row in to_move(NOW)] == ([booked] if word else [])


def test_the_room_is_named(amara, rosa, room, consultation, reception):
    make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(12, 10), room=room
    )
    out_of_use(rosa)

    [row] = to_move(NOW)

    assert row.why == "Consultation on Thu 12 Nov, 10:00: Room 1 is not in use."


def test_an_absence_is_said_before_the_room(amara, rosa, room, consultation, reception):
    """Another time asks for a room anyway; another room alone would not do."""
    make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(12, 10), room=room
    )
    out_of_use(rosa)
    away(rosa)

    [row] = to_move(NOW)

    assert row.why == "Consultation on Thu 12 Nov, 10:00: Rosa Lind is absent then."


def test_a_room_in_use_and_one_without_a_room_stay(amara, jonas, rosa, omar, room, consultation, reception):
    other = make_room("Room 2")
    for patient, who, where in ((amara, rosa, room), (jonas, omar, None)):
        make_appointment(
            patient=patient, practitioner=who, treatment=consultation, by=reception, starts_at=on(12, 10), room=where
        )
    other.is_active = False
    other.save()

    assert to_move(NOW) == []


@pytest.mark.parametrize("count", [1, 3])
def test_rooms_out_of_use_take_no_more_statements(
    count, amara, rosa, room, consultation, reception, django_assert_num_queries
):
    for hour in range(count):
        make_appointment(
            patient=amara,
            practitioner=rosa,
            treatment=consultation,
            by=reception,
            starts_at=on(12, 10 + hour),
            room=room,
        )
    out_of_use(rosa)

    with django_assert_num_queries(3):
        assert len(to_move(NOW)) == count
