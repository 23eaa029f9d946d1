"""No two live appointments of one practitioner, one room or one patient overlap; back to back is fine."""

import pytest

from clinic.refusals import Refused
from tests import raw_sql
from tests.factories import make_appointment, make_practitioner, make_room, on
from treatments.booking import cancel_appointment
from treatments.models import Appointment


@pytest.fixture
def freya(records):
    return make_practitioner("Freya Holm")


@pytest.fixture
def taken(amara, rosa, room, consultation, reception) -> Appointment:
    """Amara with Rosa in room 1, on the 3rd from 10:00 to 10:30."""
    return make_appointment(
        patient=amara, practitioner=rosa, room=room, treatment=consultation, by=reception, starts_at=on(3, 10)
    )


def _unsaved(taken: Appointment, **changed: object) -> Appointment:
    given = {
        name: getattr(taken, name)
        for name in ("patient", "practitioner", "room", "treatment", "site", "starts_at", "ends_at", "created_by")
    }
    return Appointment(**given | changed)


@pytest.mark.parametrize("code", ["practitioner-busy", "room-busy", "patient-busy"])
@pytest.mark.parametrize(
    ("starts_at", "overlaps"),
    [
        (on(3, 10), True),
        (on(3, 9, 45), True),
        (on(3, 10, 29), True),
        (on(3, 9, 30), False),
        (on(3, 10, 30), False),
        (on(4, 10), False),
    ],
)
def test_overlap_is_refused_and_back_to_back_is_not(
    code, starts_at, overlaps, taken, freya, jonas, consultation, reception, site
):
    others = {"practitioner": freya, "room": make_room("Room 2", site), "patient": jonas}
    kept = {"practitioner-busy": "practitioner", "room-busy": "room", "patient-busy": "patient"}[code]
    others[kept] = getattr(taken, kept)

    def book() -> Appointment:
        return make_appointment(treatment=consultation, starts_at=starts_at, by=reception, **others)

    if overlaps:
        with pytest.raises(Refused) as refusal:
            book()
        assert refusal.value.codes == [code]
        with raw_sql.refused_as(code):
            raw_sql.insert(
                _unsaved(taken, starts_at=starts_at, ends_at=starts_at + (taken.ends_at - taken.starts_at), **others)
            )
    else:
        assert book().status == "booked"


def test_a_cancelled_time_is_free_again(taken, reception):
    cancel_appointment(appointment=taken, by=reception)

    raw_sql.insert(_unsaved(taken))


def test_an_update_is_refused_as_an_insert_is(taken, jonas, rosa, consultation, reception):
    later = make_appointment(
        patient=jonas, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(3, 12)
    )

    with raw_sql.refused_as("practitioner-busy"):
        raw_sql.update(later, starts_at=on(3, 10), ends_at=on(3, 10, 30))


def test_without_a_room_only_people_count(taken, freya, jonas, consultation, reception):
    for patient, practitioner in ((jonas, freya),):
        booked = make_appointment(
            patient=patient, practitioner=practitioner, treatment=consultation, by=reception, starts_at=on(3, 10)
        )
        assert booked.room is None


def test_the_end_is_after_the_start(taken):
    with pytest.raises(Exception, match="appointment_ends_after_start|range lower bound"):
        raw_sql.update(taken, ends_at=on(3, 9))
