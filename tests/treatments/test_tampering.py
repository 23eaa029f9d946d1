"""Guards that stand and yet do not hold: what lets rows past them is noticed; and so is what went past."""

import pytest
from django.db import connection

from clinic import database
from tests import raw_sql
from tests.factories import NOW, make_appointment, make_side_effect, on
from treatments import guards
from treatments.models import Session
from treatments.models.treatment import Family
from treatments.rule_check import rule_breaches

SNEAK = "CREATE FUNCTION sneak() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'"
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
            SNEAK,
            "CREATE TRIGGER zz BEFORE INSERT ON treatments_sideeffect FOR EACH ROW EXECUTE FUNCTION sneak()",
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
]


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(
    ("statements", "fault"), TAMPERING, ids=["replica", "role", "rule", "trigger", "row security", "child table"]
)
def test_a_way_round_the_guards_is_noticed(statements, fault, records):
    for statement in statements:
        raw_sql.execute(statement)

    assert guards.faults() == [fault]


@pytest.mark.only_on("postgresql")
def test_what_is_done_to_a_table_without_guards_is_nobodys_business(records):
    raw_sql.execute(SNEAK)
    raw_sql.execute("CREATE TRIGGER zz BEFORE INSERT ON clinic_room FOR EACH ROW EXECUTE FUNCTION sneak()")
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
