"""What an operation forgets to ask, or loses in a race, the database refuses; and it is said as a refusal, with words."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError

from clinic.refusals import Refused
from tests import raw_sql
from tests.factories import make_appointment, make_gone, make_patient, make_side_effect, on
from treatments.eligibility import blockers
from treatments.models import Appointment
from treatments.operation import operation


@operation("book")
def book_without_asking(*, patient, treatment, practitioner, by, ends_at=None) -> None:
    raw_sql.insert(
        Appointment(
            patient=patient, treatment=treatment, practitioner=practitioner, site=practitioner.site, created_by=by,
            starts_at=on(9), ends_at=ends_at or on(9, 10),
        )
    )  # fmt: skip


@operation("book")
def rebook_without_asking(*, appointment, by) -> None:
    raw_sql.update(appointment, status="booked")


def test_the_rule_is_said_in_its_own_words(amara, rosa, mesotherapy, reception):
    make_side_effect(patient=amara, by=rosa, site="thigh")

    with pytest.raises(Refused) as refusal:
        book_without_asking(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    assert refusal.value.blockers == blockers(amara, mesotherapy)
    assert (refusal.value.patient_id, refusal.value.treatment_id) == (amara.pk, mesotherapy.pk)


def test_the_rule_is_found_again_through_the_appointment(amara, rosa, mesotherapy, reception):
    held = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception)
    make_side_effect(patient=amara, by=rosa)
    held.refresh_from_db()

    with pytest.raises(Refused) as refusal:
        rebook_without_asking(appointment=held, by=reception)

    assert refusal.value.codes == ["bruising-present"]
    assert (refusal.value.patient_id, refusal.value.appointment_id) == (amara.pk, held.pk)


def test_a_lost_race_for_a_time_says_what_to_do(amara, jonas, rosa, consultation, reception):
    make_appointment(patient=jonas, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(9))

    with pytest.raises(Refused) as refusal:
        book_without_asking(patient=amara, treatment=consultation, practitioner=rosa, by=reception)

    [blocker] = refusal.value.blockers
    assert (blocker.code, blocker.lifts_when) == ("practitioner-busy", "Choose another time.")


def test_a_merged_record_is_a_wrong_field(jonas, rosa, consultation, reception):
    old = make_patient(reception, "Jona", "Weber")
    raw_sql.update(old, merged_into_id=jonas.pk)

    with pytest.raises(ValidationError) as error:
        book_without_asking(patient=old, treatment=consultation, practitioner=rosa, by=reception)

    assert list(error.value.message_dict) == ["patient"]


def test_another_constraint_stays_the_error_it_is(amara, rosa, consultation, reception):
    with pytest.raises(DatabaseError, match="appointment_ends_after_start|range lower bound"):
        book_without_asking(patient=amara, treatment=consultation, practitioner=rosa, by=reception, ends_at=on(9, 8))


def test_a_near_miss_goes_through(amara, rosa, mesotherapy, reception):
    make_gone(make_side_effect(patient=amara, by=rosa), rosa)

    book_without_asking(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    assert Appointment.objects.get().status == "booked"


def test_nobody_acts_without_the_permission(amara, rosa, mesotherapy, manager):
    with pytest.raises(PermissionDenied):
        book_without_asking(patient=amara, treatment=mesotherapy, practitioner=rosa, by=manager)
