"""Guards: triggers and walls that Django's migrations do not know, with PostgreSQL and SQLite text side by side.

On SQLite a table is rebuilt to be changed, and a rebuild drops its triggers without a word; so a migration that alters
a guarded table wraps its operations in `with_guards`, and `faults` says at any time what is missing or altered.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.ddl_references import Statement
from django.db.migrations.operations.base import Operation

# A table in a guard's text, by what goes before it.
_TABLE = re.compile(r"\b(INSERT INTO|UPDATE|FROM|JOIN) (?=[a-z]+_[a-z]+\b)")


def _in_public(text: str) -> str:
    """The guards are written without the schema, to be read; where they stand each table is named with it."""
    return _TABLE.sub(r"\1 public.", text)


@dataclass(frozen=True)
class Guard:
    """One guard. On PostgreSQL a trigger function and its trigger; on SQLite one trigger for each event.

    `postgresql` is the function's PL/pgSQL body. `sqlite` maps a trigger's event (“BEFORE INSERT”) to its rest.
    """

    name: str
    table: str
    events: str
    postgresql: str
    sqlite: dict[str, str] = field(default_factory=dict)
    level: str = "ROW"

    def postgresql_statements(self) -> list[str]:
        return [
            # Nothing of schema public but the tables: an operator or function made there is not what a guard asks.
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql VOLATILE "
            f"SET search_path TO 'pg_catalog', 'pg_temp' AS $guard${_in_public(self.postgresql)}$guard$",
            self._postgresql_trigger(),
        ]

    def _postgresql_trigger(self) -> str:
        """In the words in which PostgreSQL itself prints a trigger, so that the two can be compared."""
        return (
            f"CREATE TRIGGER {self.name} {self.events} ON public.{self.table} "
            f"FOR EACH {self.level} EXECUTE FUNCTION {self.name}()"
        )

    def postgresql_faults(self, connection: BaseDatabaseWrapper) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_triggerdef(t.oid), t.tgenabled, p.prosrc, p.provolatile, p.proconfig::text "
                "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "WHERE t.tgname = %s AND t.tgrelid = to_regclass(%s)",
                [self.name, f"public.{self.table}"],
            )
            row = cursor.fetchone()
        if row is None:
            return [f"guard {self.name} is missing"]
        text, path = _in_public(self.postgresql), '{"search_path=pg_catalog, pg_temp"}'
        expected = (self._postgresql_trigger(), "O", text, "v", path)
        return [] if _as_text(row) == expected else [f"guard {self.name} has been altered or switched off"]

    def sqlite_triggers(self) -> dict[str, str]:
        """Trigger name → the whole statement, as sqlite_master keeps it."""
        return {
            f"{self.name}_{number}": f"CREATE TRIGGER {self.name}_{number} {event} ON {self.table} FOR EACH ROW {rest}"
            for number, (event, rest) in enumerate(self.sqlite.items(), start=1)
        }


@dataclass(frozen=True)
class Wall:
    """No two live rows overlap: an exclusion constraint on PostgreSQL, triggers on SQLite.

    `needs` names columns that came after the table: a migration older than they are leaves the wall to a later one.
    """

    name: str
    table: str
    postgresql: str
    sqlite: dict[str, str]
    needs: tuple[str, ...] = ()

    def postgresql_statements(self) -> list[str]:
        return [f'ALTER TABLE public.{self.table} ADD CONSTRAINT "{self.name}" {self.postgresql}']

    def postgresql_faults(self, connection: BaseDatabaseWrapper) -> list[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)",
                [self.name, f"public.{self.table}"],
            )
            row = cursor.fetchone()
        if row is None:
            return [f"wall {self.name} is missing"]
        return [] if row[0] == self.postgresql else [f"wall {self.name} has been altered"]

    def sqlite_triggers(self) -> dict[str, str]:
        stem = "wall_" + self.name.replace("-", "_")
        return {
            f"{stem}_{number}": f"CREATE TRIGGER {stem}_{number} {event} ON {self.table} FOR EACH ROW {rest}"
            for number, (event, rest) in enumerate(self.sqlite.items(), start=1)
        }


Guards = Sequence[Guard | Wall]


def _as_text(row: Sequence[Any]) -> tuple[str, ...]:
    return tuple(value.decode() if isinstance(value, bytes) else value for value in row)


def _on_postgresql(connection: BaseDatabaseWrapper) -> bool:
    return connection.vendor == "postgresql"


def install(connection: BaseDatabaseWrapper, guards: Guards) -> None:
    """Put up every guard whose table (and columns) are there; call `remove` first."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in guards:
            if guard.table not in tables or not _has_columns(connection, guard):
                continue
            statements = (
                guard.postgresql_statements() if _on_postgresql(connection) else guard.sqlite_triggers().values()
            )
            for statement in statements:
                # Without parameters, so that a percent sign or a colon in a guard's text is left alone.
                cursor.execute(statement)


def _has_columns(connection: BaseDatabaseWrapper, guard: Guard | Wall) -> bool:
    needs = set(guard.needs) if isinstance(guard, Wall) else set()
    if not needs:
        return True
    with connection.cursor() as cursor:
        columns = connection.introspection.get_table_description(cursor, guard.table)
    return needs <= {column.name for column in columns}


def remove(connection: BaseDatabaseWrapper, guards: Guards) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for guard in guards:
            if not _on_postgresql(connection):
                for name in guard.sqlite_triggers():
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
            elif guard.table in tables and isinstance(guard, Wall):
                cursor.execute(f'ALTER TABLE public.{guard.table} DROP CONSTRAINT IF EXISTS "{guard.name}"')
            elif guard.table in tables:
                cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON public.{guard.table}")
                cursor.execute(f"DROP FUNCTION IF EXISTS public.{guard.name}()")


def faults(connection: BaseDatabaseWrapper, guards: Guards) -> list[str]:
    """A sentence for each guard that is missing or differs from its text; [] when all stand."""
    if _on_postgresql(connection):
        each = [fault for guard in guards for fault in guard.postgresql_faults(connection)]
        return [*each, *_postgresql_ways_round(connection, guards)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, sql, tbl_name FROM sqlite_master WHERE type = 'trigger'")
        rows = cursor.fetchall()
        # This connection's own; another's cannot be seen from here, only what they did.
        cursor.execute("SELECT name, tbl_name FROM sqlite_temp_master WHERE type = 'trigger'")
        passing = cursor.fetchall()
    standing = {name: text for name, text, _ in rows}
    known = {name for guard in guards for name in guard.sqlite_triggers()}
    tables = {guard.table for guard in guards}
    found = [
        f"trigger {name} on {table} is none of ours" for name, _, table in rows if table in tables and name not in known
    ]
    found += [f"trigger {name} on {table} is none of ours" for name, table in passing if table in tables]
    for guard in guards:
        for name, text in guard.sqlite_triggers().items():
            if name not in standing:
                found.append(f"guard {name} is missing")
            elif standing[name] != text:
                found.append(f"guard {name} has been altered")
    return found


# What lets rows past guards that stand, or hides rows from them. An operator, function or cast beside the tables may take the
# place of PostgreSQL's own in what the evaluator and the constraints ask; those of an extension are the extension's.
_WAYS_ROUND = """
SELECT 'trigger ' || tgname || ' on ' || c.relname || ' is none of ours' FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT tgisinternal AND c.oid = ANY (%(tables)s::regclass[]) AND tgname <> ALL (%(names)s)
UNION ALL SELECT 'rule ' || rulename || ' on ' || c.relname || ' is none of ours' FROM pg_rewrite r JOIN pg_class c
 ON c.oid = r.ev_class WHERE c.oid = ANY (%(tables)s::regclass[])
UNION ALL SELECT relname || ' hides rows (row level security)' FROM pg_class
 WHERE oid = ANY (%(tables)s::regclass[]) AND relrowsecurity
UNION ALL SELECT inhrelid::regclass || ' adds rows to ' || inhparent::regclass || ' past its guards' FROM pg_inherits
 WHERE inhparent = ANY (%(tables)s::regclass[])
UNION ALL SELECT 'session_replication_role is ' || current_setting('session_replication_role') || ': no guard fires'
 WHERE current_setting('session_replication_role') = 'replica'
UNION ALL SELECT 'session_replication_role is set for a role or database: its guards may not fire' FROM pg_db_role_setting
 WHERE EXISTS (SELECT 1 FROM unnest(setconfig) one WHERE one ILIKE 'session_replication_role=replica')
UNION ALL SELECT 'operator ' || n.nspname || '.' || o.oprname || ' (' || o.oprleft::regtype || ', ' || o.oprright::regtype
 || ') is none of ours' FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
 WHERE n.nspname = ANY (current_schemas(false) || 'public'::name)
 AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_operator'::regclass AND d.objid = o.oid AND d.deptype = 'e')
UNION ALL SELECT 'function ' || n.nspname || '.' || p.proname || '(' || pg_get_function_identity_arguments(p.oid)
 || ') is none of ours' FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = ANY (current_schemas(false) || 'public'::name)
 AND NOT (n.nspname = 'public' AND p.pronargs = 0 AND p.proname = ANY (%(names)s))
 AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
UNION ALL SELECT 'cast from ' || castsource::regtype || ' to ' || casttarget::regtype || ' is none of ours' FROM pg_cast c
 WHERE c.oid >= 16384
 AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_cast'::regclass AND d.objid = c.oid AND d.deptype = 'e')
"""


def _postgresql_ways_round(connection: BaseDatabaseWrapper, guards: Guards) -> list[str]:
    standing = set(connection.introspection.table_names())
    tables = sorted({f"public.{guard.table}" for guard in guards if guard.table in standing})
    with connection.cursor() as cursor:
        cursor.execute(_WAYS_ROUND, {"tables": tables, "names": [guard.name for guard in guards]})
        return [str(row[0]) for row in cursor.fetchall()]


def with_guards(operations: Sequence[Operation], guards: Callable[[], Guards]) -> list[Operation]:
    """The operations with all guards off before them and the current text back after them.

    `guards` is a function, so that an old migration installs what treatments/guards/ says today.
    """

    def off(apps: Any, editor: Any) -> None:
        remove(editor.connection, guards())

    def back(apps: Any, editor: Any) -> None:
        install(editor.connection, guards())

    return [migrations.RunPython(off, back), *operations, migrations.RunPython(back, off)]


def keeping_triggers(operations: Sequence[Operation]) -> list[Operation]:
    """The operations with SQLite's triggers off before them and the same text back after them.

    For the apps below `treatments`, which may not know its guards: rebuilding a table would drop those that stand on
    it, and fails over those elsewhere that name it. On PostgreSQL a table keeps its triggers, and nothing is done.
    """
    kept: list[tuple[str, str]] = []

    def off(apps: Any, editor: Any) -> None:
        if _on_postgresql(editor.connection):
            return
        with editor.connection.cursor() as cursor:
            cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
            kept[:] = cursor.fetchall()
            for name, _ in kept:
                cursor.execute(f'DROP TRIGGER "{name}"')

    def back(apps: Any, editor: Any) -> None:
        with editor.connection.cursor() as cursor:
            for _, text in kept:
                cursor.execute(text)
        kept.clear()

    return [migrations.RunPython(off, back), *operations, migrations.RunPython(back, off)]


# --- Indexes that one database needs and the other does not -----------------------------------------------------------


class _OnOneDatabase(models.Index):
    """Part of the model's state everywhere, so that a rebuild of the table keeps it; made on `vendor` only."""

    vendor = ""

    def create_sql(self, model: Any, schema_editor: Any, using: str = "", **kwargs: Any) -> Any:
        here = schema_editor.connection.vendor == self.vendor
        return super().create_sql(model, schema_editor, using=using, **kwargs) if here else Statement("SELECT 1")

    def remove_sql(self, model: Any, schema_editor: Any, **kwargs: Any) -> Any:
        here = schema_editor.connection.vendor == self.vendor
        return super().remove_sql(model, schema_editor, **kwargs) if here else Statement("SELECT 1")


class SQLiteIndex(_OnOneDatabase):
    vendor = "sqlite"


class TrigramIndex(_OnOneDatabase, GinIndex):
    """For “contains”; its columns' operator class is `gin_trgm_ops`."""

    vendor = "postgresql"
