"""SQLite compares text, and its shell does not ask foreign keys: there is one way to write an id, one to write a time."""

import contextlib
import sqlite3
import uuid
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from tests import raw_sql
from tests.factories import make_review, make_side_effect, on
from tests.treatments.typed_rows import a_booking, a_bruise, a_look, a_patient, book, insert_of
from treatments.models import Appointment, SideEffect, Treatment
from treatments.models.treatment import Family


@pytest.fixture
def bruise(amara, rosa) -> SideEffect:
    """Amara's, seen by Rosa."""
    return make_side_effect(patient=amara, by=rosa)


SPELLINGS: dict[str, Callable[[uuid.UUID], object]] = {
    "dashes": str,
    "upper case": lambda value: value.hex.upper(),
    "bytes": lambda value: value.hex.encode(),
}


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("columns", [["patient_id"], ["treatment_id"], ["patient_id", "treatment_id"]], ids="+".join)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_shell_books_nobody_by_another_spelling_of_an_id(spelling, columns, own_database, amara, rosa, mesotherapy):
    """As it comes, with foreign keys off."""
    make_side_effect(patient=amara, by=rosa)
    row = a_booking(amara, mesotherapy, rosa)
    statement, values = insert_of(row, {column: SPELLINGS[spelling](getattr(row, column)) for column in columns})
    connection.close()

    with contextlib.closing(sqlite3.connect(own_database)) as shell:
        assert shell.execute("PRAGMA foreign_keys").fetchone() == (0,)
        with pytest.raises(sqlite3.IntegrityError, match="^spelt-oddly$"):
            shell.execute(statement.replace("%s", "?"), values)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("what", ["patient", "treatment", "side effect", "look", "appointment"])
def test_nothing_gets_an_id_in_another_spelling(what, spelling, bruise, amara, rosa, consultation):
    row = {
        "patient": a_patient(rosa),
        "treatment": Treatment(name="New", family=Family.OTHER, duration_minutes=30),
        "side effect": a_bruise(amara, rosa),
        "look": a_look(bruise, rosa),
        "appointment": a_booking(amara, consultation, rosa),
    }[what]

    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute(*insert_of(row, {"id": SPELLINGS[spelling](row.pk)}))
    raw_sql.execute(*insert_of(row))


NINE_TO_TEN = [
    ("2026-11-09T09:00:00", "2026-11-09T10:00:00"),
    ("2026-11-08 19:00:00-14:00", "2026-11-08 20:00:00-14:00"),
    (20261109, 20261110),
]


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(("starts_at", "ends_at"), NINE_TO_TEN)
def test_the_wall_is_not_passed_by_another_spelling_of_a_time(starts_at, ends_at, amara, jonas, rosa, consultation):
    book(amara, consultation, rosa)
    row = a_booking(jonas, consultation, rosa)

    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute(*insert_of(row, {"starts_at": starts_at, "ends_at": ends_at}))


@pytest.mark.only_on("sqlite")
def test_parts_of_a_second_are_no_odd_spelling(amara, rosa, consultation):
    row = a_booking(amara, consultation, rosa)

    raw_sql.execute(*insert_of(row, {"starts_at": "2026-11-12 09:00:00.000250"}))

    assert Appointment.objects.get().starts_at.microsecond == 250


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("seen_at", ["2026-11-05T09:00:00", "2026-11-04 22:00:00-14:00", "2026-11-05"])
def test_no_look_seems_newer_or_older_by_its_spelling(seen_at, bruise, rosa):
    make_review(side_effect=bruise, finding="worse", by=rosa, now=on(5, 18))

    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute(*insert_of(a_look(bruise, rosa), {"seen_at": seen_at}))


@pytest.fixture
def unchecked(records) -> Iterator[None]:
    """As somebody would who loads a file in a hurry."""
    raw_sql.execute("PRAGMA ignore_check_constraints = 1")
    yield
    raw_sql.execute("PRAGMA ignore_check_constraints = 0")


@pytest.mark.only_on("sqlite")
def test_a_family_nobody_knows_does_not_become_mesotherapy_once_booked(unchecked, bruise, amara, rosa):
    odd = Treatment(name="Odd", family="Mesotherapy", duration_minutes=30)
    raw_sql.insert(odd)
    raw_sql.insert(a_booking(amara, odd, rosa))

    with raw_sql.refused_as("family-fixed"):
        raw_sql.update(odd, family=Family.MESOTHERAPY)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("status", ["BOOKED", "Booked", "booked "])
def test_a_status_nobody_knows_is_no_step(status, unchecked, amara, rosa, mesotherapy):
    held = book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("wrong-status"):
        raw_sql.update(held, status=status)
