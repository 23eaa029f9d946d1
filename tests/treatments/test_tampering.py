"""Guards that stand and yet do not hold: what lets rows past them is noticed; and so is what went past."""

import contextlib
import datetime as dt
from collections.abc import Iterator

import pytest
from django.db import connection
from django.utils import timezone

from clinic import database
from tests import raw_sql
from tests.factories import NOW, make_appointment, make_side_effect, on
from tests.treatments.typed_rows import a_booking, a_bruise, a_look
from treatments import guards
from treatments.models import Session
from treatments.models.treatment import Family
from treatments.rule_check import rule_breaches

# In a schema of its own, so that it is the trigger that is noticed.
ELSEWHERE = "CREATE SCHEMA elsewhere"
SNEAK = "CREATE FUNCTION elsewhere.sneak() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
NEVER = "CREATE FUNCTION elsewhere.never(varchar, varchar) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT false'"
EQUALS = "CREATE OPERATOR public.= (LEFTARG = varchar, RIGHTARG = varchar, PROCEDURE = elsewhere.never)"
TAMPERING = [
    (
        ["SET LOCAL session_replication_role = replica"],
        "session_replication_role is replica: no guard fires",
    ),
    (
        ["ALTER ROLE CURRENT_USER SET session_replication_role = replica"],
        "session_replication_role is set for a role or database: its guards may not fire",
    ),
    (
        ["CREATE RULE quiet AS ON INSERT TO treatments_sideeffect DO INSTEAD NOTHING"],
        "rule quiet on treatments_sideeffect is none of ours",
    ),
    (
        [
            ELSEWHERE,
            SNEAK,
            "CREATE TRIGGER zz BEFORE INSERT ON treatments_sideeffect FOR EACH ROW EXECUTE FUNCTION elsewhere.sneak()",
        ],
        "trigger zz on treatments_sideeffect is none of ours",
    ),
    (
        ["ALTER TABLE treatments_sideeffect ENABLE ROW LEVEL SECURITY"],
        "treatments_sideeffect hides rows (row level security)",
    ),
    (
        ["CREATE TABLE more () INHERITS (treatments_appointment)"],
        "more adds rows to treatments_appointment past its guards",
    ),
    (
        [ELSEWHERE, NEVER, EQUALS],
        "operator public.= (character varying, character varying) is none of ours",
    ),
    (
        ["CREATE FUNCTION btrim(varchar) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' $$"],
        "function public.btrim(character varying) is none of ours",
    ),
    (
        ["CREATE FUNCTION guard_appointment(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'x' $$"],
        "function public.guard_appointment(text) is none of ours",
    ),
    (
        [ELSEWHERE, "CREATE TYPE elsewhere.words AS ENUM ('a')", "CREATE CAST (varchar AS elsewhere.words) WITH INOUT"],
        "cast from character varying to elsewhere.words is none of ours",
    ),
]


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(
    ("statements", "fault"),
    TAMPERING,
    ids=[
        *("replica", "role", "rule", "trigger", "row security", "child table"),
        *("operator", "function", "function of a guard's name", "cast"),
    ],
)
def test_a_way_round_the_guards_is_noticed(statements, fault, records):
    for statement in statements:
        raw_sql.execute(statement)

    assert guards.faults() == [fault]


@pytest.mark.only_on("postgresql")
def test_what_is_done_to_a_table_without_guards_is_nobodys_business(records):
    for statement in (ELSEWHERE, SNEAK):
        raw_sql.execute(statement)
    raw_sql.execute("CREATE TRIGGER zz BEFORE INSERT ON clinic_room FOR EACH ROW EXECUTE FUNCTION elsewhere.sneak()")
    raw_sql.execute("ALTER TABLE clinic_room ENABLE ROW LEVEL SECURITY")

    assert guards.faults() == []


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("table", "faults"),
    [("treatments_sideeffect", ["trigger quiet on treatments_sideeffect is none of ours"]), ("clinic_room", [])],
)
def test_a_stray_trigger_on_a_guarded_table_is_noticed(table, faults, records):
    raw_sql.execute(f"CREATE TRIGGER quiet BEFORE INSERT ON {table} BEGIN SELECT RAISE(IGNORE); END")

    assert guards.faults() == faults


@pytest.mark.only_on("postgresql")
def test_an_operator_of_somebodys_own_does_not_blind_the_guards(amara, rosa, mesotherapy):
    make_side_effect(patient=amara, by=rosa)
    for statement in (ELSEWHERE, NEVER, EQUALS):
        raw_sql.execute(statement)

    with raw_sql.refused_as("bruising-present"):
        raw_sql.insert(a_booking(amara, mesotherapy, rosa))


# --- SQLite's triggers of one connection only ---------------------------------------------------------------------------


@contextlib.contextmanager
def passing_trigger(event: str, table: str) -> Iterator[None]:
    """One that makes SQLite pass over what a guard does, and is gone with its connection."""
    raw_sql.execute(f"CREATE TEMP TRIGGER passing {event} ON main.{table} BEGIN SELECT RAISE(IGNORE); END")
    try:
        yield
    finally:
        raw_sql.execute("DROP TRIGGER temp.passing")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(
    ("table", "faults"),
    [("treatments_sideeffect", ["trigger passing on treatments_sideeffect is none of ours"]), ("clinic_room", [])],
)
def test_a_passing_trigger_on_a_guarded_table_is_noticed(table, faults, records):
    with passing_trigger("BEFORE INSERT", table):
        assert guards.faults() == faults


@pytest.mark.only_on("sqlite")
def test_a_bruise_is_not_recorded_where_what_it_holds_is_passed_over(amara, rosa, mesotherapy):
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa)

    with passing_trigger("BEFORE UPDATE", "treatments_appointment"), raw_sql.refused_as("not-held"):
        raw_sql.insert(a_bruise(amara, rosa))

    booked.refresh_from_db()
    assert (booked.status, amara.side_effects.count()) == ("booked", 0)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize(("who", "code"), [("amara", "patient-merged"), ("jonas", "merge-untrue")])
def test_nobody_is_booked_under_a_merge_that_left_the_bruise_behind(
    who, code, request, amara, jonas, rosa, mesotherapy
):
    make_side_effect(patient=amara, by=rosa)
    with passing_trigger("AFTER UPDATE", "patients_patient"):
        raw_sql.update(amara, merged_into_id=jonas.pk)

    with raw_sql.refused_as(code):
        raw_sql.insert(a_booking(request.getfixturevalue(who), mesotherapy, rosa))


@pytest.mark.only_on("sqlite")
def test_nor_after_an_undo_that_did(amara, jonas, rosa, mesotherapy, consultation):
    make_side_effect(patient=amara, by=rosa)
    raw_sql.update(amara, merged_into_id=jonas.pk)
    with passing_trigger("AFTER UPDATE", "patients_patient"):
        raw_sql.update(amara, merged_into_id=None)

    with raw_sql.refused_as("merge-untrue"):
        raw_sql.insert(a_booking(amara, mesotherapy, rosa))
    raw_sql.insert(a_booking(amara, consultation, rosa))


def test_after_a_merge_and_after_its_undo_everybody_is_booked_as_before(amara, jonas, rosa, mesotherapy):
    raw_sql.update(amara, merged_into_id=jonas.pk)
    raw_sql.update(amara, merged_into_id=None)
    raw_sql.insert(a_booking(amara, mesotherapy, rosa))
    raw_sql.update(amara, merged_into_id=jonas.pk)

    raw_sql.insert(a_booking(jonas, mesotherapy, rosa, starts_at=on(13), ends_at=on(13, 10)))

    assert (jonas.appointments.count(), rule_breaches()) == (2, [])


def _without(*names: str) -> None:
    if connection.vendor == "postgresql":
        raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    database.remove(connection, [guard for guard in guards.GUARDS if guard.name in names])


@pytest.mark.parametrize("finished_at", [None, on(3, 10)], ids=["running", "finished"])
def test_a_session_started_while_bruised_stays_listed(finished_at, amara, rosa, mesotherapy):
    """What a missing guard let through is not forgotten when it is over."""
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa)
    bruise = make_side_effect(patient=amara, by=rosa)
    booked.holds.update(held_until=NOW, released_by=rosa)
    _without("guard_appointment", "guard_session")
    raw_sql.update(booked, status="fulfilled" if finished_at else "in-progress")
    raw_sql.insert(
        Session(
            appointment=booked,
            patient=amara,
            practitioner=rosa,
            family=Family.MESOTHERAPY,
            started_at=on(3),
            finished_at=finished_at,
        )
    )
    guards.reinstall()

    assert rule_breaches() == [f"appointment {booked.pk} was started while side effect {bruise.pk} was open"]


def test_a_look_dated_in_the_future_is_listed(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    tomorrow = timezone.now() + dt.timedelta(days=1)
    look = a_look(bruise, rosa, "fading", seen_at=tomorrow, recorded_at=tomorrow)
    _without("guard_review")
    raw_sql.insert(look)
    guards.reinstall()

    assert rule_breaches() == [f"review {look.pk} of side effect {bruise.pk} is dated in the future"]
