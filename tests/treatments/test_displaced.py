"""The diary marks what the worklist has called: one answer, two places."""

import pytest

from clinic.models import Absence, ClosedDay, WorkingHours
from tests.factories import NOW, make_appointment, on
from treatments.diary import day_of
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


@pytest.mark.parametrize(
    ("happens", "word"),
    [
        (None, ""),
        (away, "absent"),
        (closed, "closed"),
        (other_hours, "outside hours"),
        (left, "not a practitioner now"),
    ],
    ids=["nothing", "absent", "closed", "other hours", "left"],
)
def test_what_the_diary_marks_is_what_the_list_calls(happens, word, amara, rosa, consultation, reception):
    booked = make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(12, 10)
    )
    if happens:
        happens(rosa)

    drawn = day_of(rosa.site, on(12).date(), reader=reception, now=NOW)

    assert [visit.displaced for visit in drawn.displaced] == ([word] if word else [])
    assert [row.appointment for row in to_move(NOW)] == ([booked] if word else [])
