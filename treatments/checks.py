"""`check --database default`, and with it the server's start, refuse to go on when a guard is missing or altered."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.migrations.executor import MigrationExecutor

from treatments import guards

# Not an error to Django, whose `migrate` asks the checks first and must be able to run; the server refuses it as one.
MIGRATIONS_WAIT = "treatments.W001"


@register(Tags.database)
def guards_stand(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[CheckMessage]:
    return [fault for alias in databases or [] if _is_guarded(alias) for fault in _faults(alias)]


def _is_guarded(alias: str) -> bool:
    """Before the first migrations there is nothing to guard."""
    connection = connections[alias]
    if "django_migrations" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations WHERE app = 'treatments' AND name = '0002_guards'")
        return cursor.fetchone() is not None


def _faults(alias: str) -> list[CheckMessage]:
    found = guards.faults(alias)
    if found and _migrations_wait(alias):
        # An upgrade: the guards still read as the last version wrote them, and the waiting migrations renew them.
        hint = "Run `manage.py migrate`, then `manage.py check_rule`."
        return [Warning("Migrations are waiting, and guards with them.", hint=hint, id=MIGRATIONS_WAIT)]
    hint = "Run `manage.py install_guards`, then `manage.py check_rule`."
    return [Error(fault, hint=hint, id="treatments.E001") for fault in found]


def _migrations_wait(alias: str) -> bool:
    executor = MigrationExecutor(connections[alias])
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
