import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.refusals import Refused
from tests.factories import NOW, make_appointment, make_gone, make_side_effect, make_treatment, on
from treatments.booking import cancel_appointment, confirm_appointment
from treatments.models import WaitingListEntry
from treatments.waiting_list import join_waiting_list, leave_waiting_list


@pytest.fixture
def waits(amara, mesotherapy, rosa, reception) -> WaitingListEntry:
    return join_waiting_list(
        patient=amara, treatment=mesotherapy, practitioner=rosa, part_of_day="mornings", note=" not on Tuesdays ",
        by=reception, now=NOW,
    )  # fmt: skip


def test_a_wish_is_kept_with_its_preferences(waits, amara, mesotherapy, rosa, reception):
    entry = WaitingListEntry.objects.waiting().get()

    assert (entry.patient, entry.treatment, entry.practitioner) == (amara, mesotherapy, rosa)
    assert (entry.part_of_day, entry.note, entry.by, entry.joined_at) == ("mornings", "not on Tuesdays", reception, NOW)


def test_somebody_bruised_may_join_for_that_is_what_it_is_for(amara, mesotherapy, rosa, reception):
    make_side_effect(patient=amara, by=rosa)

    assert join_waiting_list(patient=amara, treatment=mesotherapy, by=reception).closed_at is None


def test_nobody_waits_twice_for_one_treatment(waits, amara, jonas, mesotherapy, reception):
    face = make_treatment()
    with pytest.raises(ValidationError) as error:
        join_waiting_list(patient=amara, treatment=mesotherapy, by=reception)

    assert error.value.message_dict == {"treatment": ["Amara Okafor has been on the waiting list for it since 2 Nov."]}
    join_waiting_list(patient=amara, treatment=face, by=reception)
    join_waiting_list(patient=jonas, treatment=mesotherapy, by=reception)
    assert WaitingListEntry.objects.waiting().count() == 3


def test_a_booking_of_that_treatment_ends_the_wish(waits, amara, mesotherapy, rosa, reception):
    make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    waits.refresh_from_db()
    assert (waits.closed_at, waits.closed_by, waits.close_reason) == (NOW, reception, "booked")


def test_other_bookings_do_not(waits, amara, jonas, mesotherapy, consultation, rosa, reception):
    make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=reception)
    make_appointment(patient=jonas, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(5))

    waits.refresh_from_db()
    assert waits.closed_at is None


def test_a_refused_booking_leaves_the_wish_standing(waits, amara, mesotherapy, rosa, reception):
    make_side_effect(patient=amara, by=rosa)

    with pytest.raises(Refused):
        make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    waits.refresh_from_db()
    assert waits.closed_at is None


def test_confirming_a_held_one_ends_it_and_cancelling_does_not(amara, mesotherapy, rosa, reception):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(9))
    other = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(16))
    bruise = make_side_effect(patient=amara, by=rosa)
    entry = join_waiting_list(patient=amara, treatment=mesotherapy, by=reception, now=NOW)
    make_gone(bruise, by=rosa, now=NOW + dt.timedelta(hours=1))

    cancel_appointment(appointment=other, by=reception, now=NOW)
    entry.refresh_from_db()
    assert entry.closed_at is None

    confirm_appointment(appointment=held, by=reception, now=NOW + dt.timedelta(hours=2))
    entry.refresh_from_db()
    assert entry.close_reason == "booked"


def test_somebody_is_taken_off_with_a_reason(waits, amara, mesotherapy, reception):
    left = leave_waiting_list(entry=waits, reason=" goes elsewhere ", by=reception, now=NOW + dt.timedelta(days=1))

    assert (left.closed_by, left.close_reason) == (reception, "goes elsewhere")
    assert join_waiting_list(patient=amara, treatment=mesotherapy, by=reception).pk != waits.pk


def test_a_closed_wish_stays_as_it_was(waits, rosa, reception):
    first = leave_waiting_list(entry=waits, reason="goes elsewhere", by=reception, now=NOW)

    again = leave_waiting_list(entry=waits, reason="another reason", by=rosa, now=NOW + dt.timedelta(days=1))

    assert (again.closed_at, again.close_reason) == (first.closed_at, "goes elsewhere")


def test_without_a_reason_nobody_is_taken_off(waits, reception):
    with pytest.raises(ValidationError) as error:
        leave_waiting_list(entry=waits, reason=" ", by=reception)

    assert error.value.message_dict == {"reason": ["Say why nobody needs to call."]}


@pytest.mark.parametrize(
    ("wrong", "field"), [({"part_of_day": "nights"}, "part_of_day"), ({"note": "x" * 301}, "note")]
)
def test_what_is_no_wish_is_refused_by_field(wrong, field, amara, mesotherapy, reception):
    with pytest.raises(ValidationError) as error:
        join_waiting_list(patient=amara, treatment=mesotherapy, by=reception, **wrong)

    assert list(error.value.message_dict) == [field]


def test_who_is_no_practitioner_and_what_is_no_longer_offered(amara, mesotherapy, consultation, reception):
    consultation.is_active = False
    consultation.save()
    for wrong, field in (
        ({"treatment": mesotherapy, "practitioner": reception}, "practitioner"),
        ({"treatment": consultation}, "treatment"),
    ):
        with pytest.raises(ValidationError) as error:
            join_waiting_list(patient=amara, by=reception, **wrong)
        assert list(error.value.message_dict) == [field]


def test_a_manager_neither_joins_nor_leaves_for_anybody(waits, amara, mesotherapy, manager):
    with pytest.raises(PermissionDenied):
        join_waiting_list(patient=amara, treatment=mesotherapy, by=manager)
    with pytest.raises(PermissionDenied):
        leave_waiting_list(entry=waits, reason="x", by=manager)
