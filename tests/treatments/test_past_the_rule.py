"""Rows by which somebody with a database shell could try to get past the rule: pointing at what is not there yet, or taken
away from under what points at them.
"""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connections, models

from clinic.models import AuditEvent
from clinic.refusals import guard_code
from patients.models import Patient
from tests import raw_sql
from tests.factories import make_practitioner, make_side_effect, make_treatment, on
from tests.treatments.typed_rows import a_booking, a_bruise, a_look, a_patient, book, insert_of
from treatments.models import Appointment, Hold, Message, SideEffect, Treatment
from treatments.models.treatment import Family
from treatments.rule_check import rule_breaches


@pytest.fixture
def bruise(amara, rosa) -> SideEffect:
    """Amara's, seen by Rosa."""
    return make_side_effect(patient=amara, by=rosa)


# --- Rows that are not there yet: foreign keys are asked at the end, the guards at once ------------------------------


def test_a_treatment_that_is_not_there_yet_is_not_booked(bruise, amara, rosa):
    with raw_sql.refused_as("treatment-missing"):
        raw_sql.insert(a_booking(amara, Treatment(), rosa))


def test_one_that_was_made_a_moment_ago_is(bruise, amara, rosa):
    new = make_treatment(Family.CONSULTATION)

    raw_sql.insert(a_booking(amara, new, rosa))

    assert Appointment.objects.get().treatment == new


def test_a_consultation_does_not_become_a_treatment_that_is_not_there_yet(bruise, amara, consultation, rosa):
    booked = book(amara, consultation, rosa)

    with raw_sql.refused_as("treatment-missing"):
        raw_sql.update(booked, treatment_id=uuid.uuid4())


def test_a_held_mesotherapy_is_not_confirmed_by_way_of_one(amara, rosa, mesotherapy):
    held = book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("treatment-missing"):
        raw_sql.update(held, treatment_id=uuid.uuid4(), status="booked")


@pytest.mark.parametrize("first", ["bruise", "booking"])
def test_a_patient_who_is_not_there_yet_gets_neither_a_bruise_nor_a_booking(first, rosa, mesotherapy):
    nobody = Patient()
    row = a_bruise(nobody, rosa) if first == "bruise" else a_booking(nobody, mesotherapy, rosa)

    with raw_sql.refused_as("patient-missing"):
        raw_sql.insert(row)


@pytest.fixture
def desks(own_database) -> Iterator[list[Any]]:
    """Two connections of their own, the first in a transaction."""
    pair = [connections["default"].copy() for _ in range(2)]
    for desk in pair:
        desk.ensure_connection()
    pair[0].set_autocommit(False)
    yield pair
    for desk in pair:
        desk.close()


def _insert_at(desk: Any, row: models.Model) -> None:
    with desk.cursor() as cursor:
        cursor.execute(*insert_of(row))


@pytest.mark.only_on("postgresql")
def test_a_patient_registered_with_a_bruise_elsewhere_is_not_booked_meanwhile(desks, rosa, mesotherapy):
    """There is no row yet that both could lock."""
    first, second = desks
    patient = a_patient(rosa)
    _insert_at(first, patient)
    _insert_at(first, a_bruise(patient, rosa))

    with pytest.raises(IntegrityError) as unseen:
        _insert_at(second, a_booking(patient, mesotherapy, rosa))
    first.commit()
    with pytest.raises(IntegrityError) as seen:
        _insert_at(second, a_booking(patient, mesotherapy, rosa))

    assert [guard_code(unseen.value), guard_code(seen.value)] == ["patient-missing", "bruising-present"]
    assert rule_breaches() == []


# --- Rows that are taken away from under others ------------------------------------------------------------------------


def test_two_patients_do_not_swap_their_ids(bruise, amara):
    with raw_sql.refused_as("patient-fixed"):
        raw_sql.update(amara, id=uuid.uuid4())


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("column", ["id", "number", "rowid"])
def test_a_patient_is_not_replaced_by_another(column, bruise, amara, jonas):
    with raw_sql.refused_as("patient-fixed"):
        raw_sql.execute(
            f"UPDATE OR REPLACE patients_patient SET {column} = (SELECT {column} FROM patients_patient WHERE id = %s) "
            "WHERE id = %s",
            [amara.pk.hex, jonas.pk.hex],
        )


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("column", ["id", "number"])
def test_nor_by_a_new_one(column, bruise, amara, rosa):
    new = a_patient(rosa, **{column: getattr(amara, column)})

    with raw_sql.refused_as("patient-fixed"):
        raw_sql.insert(new, "INSERT OR REPLACE")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("column", ["id", "name", "rowid"])
def test_a_used_treatment_is_not_replaced_by_another(column, bruise, amara, consultation, rosa):
    book(amara, consultation, rosa)
    unused = make_treatment(Family.OTHER)

    with raw_sql.refused_as("family-fixed"):
        raw_sql.execute(
            f"UPDATE OR REPLACE treatments_treatment SET {column} = "
            f"(SELECT {column} FROM treatments_treatment WHERE id = %s) WHERE id = %s",
            [consultation.pk.hex, unused.pk.hex],
        )


@pytest.mark.only_on("sqlite")
def test_nor_by_a_new_mesotherapy_of_its_name(bruise, amara, consultation, rosa):
    book(amara, consultation, rosa)
    new = Treatment(name=consultation.name, family=Family.MESOTHERAPY, duration_minutes=30)

    with raw_sql.refused_as("family-fixed"):
        raw_sql.insert(new, "INSERT OR REPLACE")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("what", ["bruise", "patient", "treatment"])
def test_no_row_has_a_number_below_zero(what, amara, rosa):
    """A row that leaves its number to SQLite reads -1 before it is there: every later one would look like taken."""
    row = {
        "bruise": a_bruise(amara, rosa),
        "patient": a_patient(rosa),
        "treatment": Treatment(name="New", family=Family.OTHER, duration_minutes=30),
    }[what]

    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute(*insert_of(row, {"rowid": -1}))
    raw_sql.insert(row)


@pytest.mark.only_on("sqlite")
def test_nor_in_the_trail(rosa):
    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.insert(AuditEvent(pk=-1, kind="chart-read", actor=rosa))


def _reminder(appointment: Appointment, day: int, to: str = "a@clinic.example") -> Message:
    return Message(
        patient=appointment.patient, appointment=appointment, kind="reminder-48h", about_starts_at=on(day), to=to
    )


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("verb", ["INSERT", "INSERT OR REPLACE", "INSERT OR IGNORE"])
def test_a_reminder_is_not_replaced_by_another(verb, amara, rosa, mesotherapy):
    booked = book(amara, mesotherapy, rosa)
    raw_sql.insert(_reminder(booked, 9))

    with raw_sql.refused_as("never-deleted"):
        raw_sql.insert(_reminder(booked, 9, "b@clinic.example"), verb)


@pytest.mark.only_on("sqlite")
def test_nor_by_one_that_becomes_the_same(amara, rosa, mesotherapy):
    booked = book(amara, mesotherapy, rosa)
    first, second = _reminder(booked, 9), _reminder(booked, 10)
    for one in (first, second):
        raw_sql.insert(one)

    with raw_sql.refused_as("never-deleted"):
        raw_sql.execute(
            "UPDATE OR REPLACE treatments_message SET about_starts_at = "
            "(SELECT about_starts_at FROM treatments_message WHERE id = %s) WHERE id = %s",
            [first.pk.hex, second.pk.hex],
        )


@pytest.mark.parametrize("column", ["recorded_at", "seen_at"])
def test_a_bruise_keeps_the_day_it_was_recorded_and_first_seen(column, bruise):
    with raw_sql.refused_as("side-effect-fixed"):
        raw_sql.update(bruise, **{column: on(1, month=1)})


def test_a_look_is_not_dated_after_it_was_recorded(bruise, rosa):
    with raw_sql.refused_as("look-in-the-future"):
        raw_sql.insert(a_look(bruise, rosa, seen_at=on(20)))


@pytest.mark.parametrize(
    "columns",
    [
        {"status_before": "arrived"},
        {"held_from": on(1)},
        {"held_until": on(5)},
    ],
    ids=["before", "from", "until, by nobody"],
)
def test_a_hold_is_not_rewritten(columns, amara, rosa, mesotherapy):
    book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("never-changed"):
        raw_sql.update(Hold.objects.get(), **columns)


def test_a_held_one_is_not_given_to_another_practitioner(amara, rosa, mesotherapy):
    held = book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("wrong-status"):
        raw_sql.update(held, practitioner_id=make_practitioner().pk)
