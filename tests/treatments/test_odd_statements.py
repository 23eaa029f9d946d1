"""Statements that do several things at once, or the usual thing in an unusual way: refused under the same codes, or
ending on hold.
"""

from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from tests import raw_sql
from tests.factories import make_gone, make_side_effect, on
from tests.treatments.typed_rows import a_booking, a_bruise, a_look, book, insert_of
from treatments.models import Appointment, SideEffect
from treatments.rule_check import rule_breaches


@pytest.fixture
def bruise(amara, rosa) -> SideEffect:
    """Amara's, seen by Rosa."""
    return make_side_effect(patient=amara, by=rosa)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("recursive", ["ON", "OFF"])
@pytest.mark.parametrize("verb", [f"INSERT OR {word}" for word in ("IGNORE", "REPLACE", "FAIL", "ROLLBACK", "ABORT")])
def test_every_verb_holds_and_is_refused_alike(verb, recursive, amara, rosa, mesotherapy):
    booked = book(amara, mesotherapy, rosa)
    raw_sql.execute(f"PRAGMA recursive_triggers = {recursive}")

    raw_sql.insert(a_bruise(amara, rosa), verb)

    booked.refresh_from_db()
    assert booked.status == "on-hold"
    with raw_sql.refused_as("bruising-present"):
        raw_sql.insert(a_booking(amara, mesotherapy, rosa), verb)
    raw_sql.execute("PRAGMA recursive_triggers = OFF")


def test_a_statement_with_one_bad_row_of_two_books_neither(bruise, amara, jonas, rosa, mesotherapy):
    good, values = insert_of(a_booking(jonas, mesotherapy, rosa))
    bad, more = insert_of(a_booking(amara, mesotherapy, rosa, starts_at=on(13), ends_at=on(13, 10)))

    with raw_sql.refused_as("bruising-present"):
        raw_sql.execute(f"{good}, {bad.partition(' VALUES ')[2]}", values + more)

    assert Appointment.objects.count() == 0


def test_a_held_one_is_not_booked_by_the_conflict_it_makes(amara, rosa, mesotherapy, consultation):
    held = book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)
    # With a treatment that nothing blocks, so that it is not the new row that is refused.
    statement, values = insert_of(a_booking(amara, consultation, rosa, id=held.pk))

    # On SQLite every insert under a kept id is refused, whatever it says of the conflict.
    code = "never-deleted" if connection.vendor == "sqlite" else "bruising-present"

    with raw_sql.refused_as(code):
        raw_sql.execute(f"{statement} ON CONFLICT (id) DO UPDATE SET status = 'booked'", values)


@pytest.mark.parametrize("status", ["Booked", "booked ", "BOOKED"])
def test_nobody_is_booked_under_another_word_for_it(status, bruise, amara, rosa, mesotherapy):
    with raw_sql.refused_as("wrong-status"):
        raw_sql.insert(a_booking(amara, mesotherapy, rosa, status=status))


def test_an_update_from_another_table_is_asked_too(amara, rosa, mesotherapy):
    book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("bruising-present"):
        raw_sql.execute(
            "UPDATE treatments_appointment SET status = given.status FROM (SELECT 'booked' AS status) given"
        )


def test_empty_tables_of_the_same_name_hide_nothing(bruise, amara, rosa, mesotherapy):
    schema = "public" if connection.vendor == "postgresql" else "main"
    for table in ("treatments_sideeffect", "treatments_treatment"):
        raw_sql.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM {schema}.{table} WHERE false")

    with raw_sql.refused_as("bruising-present"):
        raw_sql.insert(a_booking(amara, mesotherapy, rosa))


def _in_one(first: tuple[str, list[Any]], second: tuple[str, list[Any]]) -> None:
    """Both in one statement, the first one first: what nothing reads from runs at the end."""
    raw_sql.execute(f"WITH afterwards AS ({second[0]}) {first[0]}", second[1] + first[1])


@pytest.mark.only_on("postgresql")
def test_a_bruise_and_then_a_booking_in_one_statement_are_refused(amara, rosa, mesotherapy):
    with raw_sql.refused_as("bruising-present"):
        _in_one(insert_of(a_bruise(amara, rosa)), insert_of(a_booking(amara, mesotherapy, rosa)))


@pytest.mark.only_on("postgresql")
def test_a_booking_and_then_a_bruise_in_one_statement_end_on_hold(amara, rosa, mesotherapy):
    _in_one(insert_of(a_booking(amara, mesotherapy, rosa)), insert_of(a_bruise(amara, rosa)))

    assert Appointment.objects.get().status == "on-hold"
    assert rule_breaches() == []


REOPEN: tuple[str, list[Any]] = ("UPDATE treatments_sideeffect SET closing_review_id = NULL", [])


@pytest.mark.only_on("postgresql")
def test_reopening_and_then_booking_in_one_statement_is_refused(bruise, amara, rosa, mesotherapy):
    make_gone(bruise, rosa)

    with raw_sql.refused_as("bruising-present"):
        _in_one(REOPEN, insert_of(a_booking(amara, mesotherapy, rosa)))


@pytest.mark.only_on("postgresql")
def test_booking_and_then_reopening_in_one_statement_ends_on_hold(bruise, amara, rosa, mesotherapy):
    make_gone(bruise, rosa)

    _in_one(insert_of(a_booking(amara, mesotherapy, rosa)), REOPEN)

    assert Appointment.objects.get().status == "on-hold"


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(
    ("worse_first", "code"), [(True, "closing-review-needed"), (False, "side-effect-closed")], ids=["worse", "closed"]
)
def test_closing_and_a_worse_look_in_one_statement_are_refused(worse_first, code, bruise, rosa):
    gone = a_look(bruise, rosa)
    raw_sql.insert(gone)
    close = ("UPDATE treatments_sideeffect SET closing_review_id = %s", [gone.pk])
    worse = insert_of(a_look(bruise, rosa, finding="worse", seen_at=on(6), recorded_at=on(6)))

    with raw_sql.refused_as(code):
        _in_one(*((worse, close) if worse_first else (close, worse)))


@pytest.mark.only_on("postgresql")
def test_merge_into_books_no_held_one(amara, rosa, mesotherapy):
    book(amara, mesotherapy, rosa)
    make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("bruising-present"):
        raw_sql.execute(
            "MERGE INTO treatments_appointment USING (SELECT 1) given ON true "
            "WHEN MATCHED THEN UPDATE SET status = 'booked'"
        )


@pytest.mark.only_on("postgresql")
def test_merge_into_books_no_new_one(bruise, amara, rosa, mesotherapy):
    statement, values = insert_of(a_booking(amara, mesotherapy, rosa))
    insert = statement.replace("INTO treatments_appointment ", "")

    with raw_sql.refused_as("bruising-present"):
        raw_sql.execute(
            f"MERGE INTO treatments_appointment USING (SELECT 1) given ON false WHEN NOT MATCHED THEN {insert}", values
        )


@pytest.mark.only_on("postgresql")
def test_copy_is_asked_row_by_row(bruise, amara, rosa, mesotherapy):
    statement, values = insert_of(a_booking(amara, mesotherapy, rosa))
    copy = statement.partition(" VALUES ")[0].replace("INSERT INTO", "COPY") + " FROM STDIN"

    with (
        pytest.raises(psycopg.errors.CheckViolation) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
        cursor.copy(copy) as rows,
    ):
        rows.write_row(values)

    assert refused.value.diag.constraint_name == "bruising-present"
