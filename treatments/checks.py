"""`check --database default`, and with it the server's start, refuse to go on when a guard is missing or altered."""

from collections.abc import Sequence
from typing import Any

from django.core.checks import Error, Tags, register
from django.db import connections

from treatments import guards


@register(Tags.database)
def guards_stand(app_configs: Any, databases: Sequence[str] | None = None, **_: Any) -> list[Error]:
    return [
        Error(fault, hint="Run `manage.py install_guards`, then `manage.py check_rule`.", id="treatments.E001")
        for alias in databases or []
        # Before the first migration there is nothing to guard, and `migrate` itself must be able to run.
        if _is_migrated(alias)
        for fault in guards.faults(alias)
    ]


def _is_migrated(alias: str) -> bool:
    connection = connections[alias]
    if "django_migrations" not in connection.introspection.table_names():
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM django_migrations WHERE app = 'treatments' AND name = '0002_guards'")
        return cursor.fetchone() is not None
