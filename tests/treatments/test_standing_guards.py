"""Guards can vanish: what notices it, and that migrations bring them back."""

import io
import os
import subprocess
import sys

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.db import connection, migrations, models
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from clinic import database
from tests import raw_sql
from tests.databases import database_url
from tests.factories import make_side_effect
from treatments import guards
from treatments.checks import MIGRATIONS_WAIT
from treatments.models import Appointment, SideEffect


def _one_guard_less() -> str:
    if connection.vendor == "postgresql":
        raw_sql.execute("DROP TRIGGER guard_appointment ON treatments_appointment")
        return "guard guard_appointment is missing"
    raw_sql.execute("DROP TRIGGER guard_appointment_1")
    return "guard guard_appointment_1 is missing"


def test_after_migrating_from_zero_the_database_holds_what_the_code_says(records):
    assert guards.faults() == []


def test_no_trigger_stands_that_the_code_does_not_know(records):
    if connection.vendor == "postgresql":
        query = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        known = {guard.name for guard in guards.GUARDS if isinstance(guard, database.Guard)}
    else:
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        known = {name for guard in guards.GUARDS for name in guard.sqlite_triggers()}
    with connection.cursor() as cursor:
        cursor.execute(query)

        assert {name for (name,) in cursor.fetchall()} == known


def test_check_rule_names_a_missing_guard_and_fails(records):
    fault = _one_guard_less()
    out = io.StringIO()

    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("check_rule", stdout=out)

    assert out.getvalue() == f"{fault}\n"


def test_check_refuses_a_database_with_a_missing_guard(records):
    fault = _one_guard_less()

    with pytest.raises(Exception, match=fault):
        call_command("check", databases=["default"])


def test_install_guards_brings_it_back(records):
    _one_guard_less()

    call_command("install_guards", stdout=io.StringIO())

    assert guards.faults() == []
    call_command("check_rule", stdout=io.StringIO())


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(
    "tampering",
    [
        "ALTER TABLE treatments_appointment DISABLE TRIGGER guard_appointment",
        "CREATE OR REPLACE FUNCTION guard_appointment() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "ALTER FUNCTION guard_appointment() RESET search_path",
        "ALTER FUNCTION guard_appointment() STABLE",
        'ALTER TABLE treatments_appointment DROP CONSTRAINT "patient-busy"',
    ],
)
def test_an_altered_guard_is_noticed(records, tampering):
    raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    raw_sql.execute(tampering)

    assert len(guards.faults()) == 1


@pytest.mark.only_on("sqlite")
def test_an_altered_trigger_is_noticed(records):
    raw_sql.execute("DROP TRIGGER guard_appointment_1")
    raw_sql.execute(
        "CREATE TRIGGER guard_appointment_1 BEFORE INSERT ON treatments_appointment FOR EACH ROW BEGIN SELECT 1; END"
    )

    assert guards.faults() == ["guard guard_appointment_1 has been altered"]


def _start() -> str:
    """What a server says that will not start."""
    connection.close()
    started = subprocess.run(
        [sys.executable, "-c", "import clinic.wsgi"],
        env={**os.environ, "DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert started.returncode != 0
    return started.stderr


def test_the_server_does_not_start_without_its_guards(own_database):
    _one_guard_less()

    said = _start()

    assert "The database is not fit to serve" in said
    assert "guard_appointment" in said


def _migrate_one(operation: Operation, *, guarded: bool, app: str = "treatments") -> None:
    """Run one operation on an app as a migration of its own would."""
    executor = MigrationExecutor(connection)
    state: ProjectState = executor.loader.project_state(executor.loader.graph.leaf_nodes())
    operations = database.with_guards([operation], guards.guards) if guarded else [operation]
    migration = type("Migration", (migrations.Migration,), {"operations": operations})("9999_test", app)
    with connection.schema_editor(atomic=True) as editor:
        migration.apply(state, editor)


# SQLite rebuilds the table for it.
REBUILDS = migrations.AlterField("Refusal", "code", models.CharField(max_length=80, null=True))


def test_a_guarded_migration_keeps_every_guard(own_database):
    _migrate_one(migrations.AddField("Appointment", "remark", models.CharField(max_length=9, default="")), guarded=True)

    assert guards.faults() == []


@pytest.mark.only_on("sqlite")
def test_an_unguarded_one_loses_guards_and_that_is_noticed(own_database):
    _migrate_one(REBUILDS, app="clinic", guarded=False)

    assert [fault for fault in guards.faults() if "clinic_refusal" in fault] == [
        f"guard guard_{kind}_clinic_refusal_{number} is missing"
        for kind, number in (("kept", 1), ("kept", 2), ("kept", 3), ("kept", 4), ("unchanged", 1))
    ]


def test_the_same_migration_guarded_loses_none(own_database):
    _migrate_one(REBUILDS, app="clinic", guarded=True)

    assert guards.faults() == []


# --- An upgrade: the guards in the database are another version's until the migrations have run --------------------------


def test_migrate_may_run_over_the_guards_of_the_last_version_and_the_server_may_not(own_database):
    call_command("migrate", "treatments", "0007_first_sheets", verbosity=0)
    _one_guard_less()

    assert [fault.id for fault in run_checks(tags=[Tags.database], databases=["default"])] == [MIGRATIONS_WAIT]
    assert "Migrations are waiting" in _start()

    call_command("migrate", verbosity=0)
    assert guards.faults() == []


# --- check_rule sees what a missing guard let through ----------------------------------------------------------------


def _breaches() -> str:
    out = io.StringIO()
    with pytest.raises(CommandError):
        call_command("check_rule", stdout=out)
    return out.getvalue()


def _without(*names: str) -> None:
    if connection.vendor == "postgresql":
        raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    database.remove(connection, [guard for guard in guards.GUARDS if guard.name in names])


def _unsaved(patient, treatment, practitioner, **more) -> Appointment:
    from tests.factories import on

    given = {"starts_at": on(9), "ends_at": on(9, 10)} | more
    return Appointment(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner,
        site=practitioner.site,
        created_by=practitioner,
        **given,
    )


def test_check_rule_finds_a_mesotherapy_booked_while_bruised(amara, mesotherapy, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    _without("guard_appointment")
    booked = _unsaved(amara, mesotherapy, rosa)
    raw_sql.insert(booked)

    assert f"appointment {booked.pk} is booked while side effect {bruise.pk} is open" in _breaches()


def test_check_rule_finds_a_bruise_closed_without_a_look_that_closes_it(amara, rosa):
    from tests.factories import make_review

    bruise = make_side_effect(patient=amara, by=rosa)
    look = make_review(side_effect=bruise, finding="worse", by=rosa)
    _without("guard_side_effect")
    raw_sql.update(bruise, closing_review_id=look.pk)

    assert f"side effect {bruise.pk} is closed by review {look.pk}, which does not close it" in _breaches()


def test_check_rule_finds_overlaps_and_holds_out_of_step(amara, mesotherapy, consultation, rosa):
    from tests.factories import make_appointment, on

    first = make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=on(9))
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa, starts_at=on(12))
    make_side_effect(patient=amara, by=rosa)
    _without("practitioner-busy", "patient-busy", "guard_kept_treatments_hold")
    raw_sql.insert(_unsaved(amara, consultation, rosa))
    raw_sql.execute("DELETE FROM treatments_hold")

    found = _breaches()

    assert f"appointment {held.pk} is on hold and nothing says why" in found
    assert found.count("overlaps another of the same practitioner") == 1
    assert found.count("overlaps another of the same patient") == 1
    assert first.status == "booked"
    assert SideEffect.objects.open().count() == 1
