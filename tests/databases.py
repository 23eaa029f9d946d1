"""A fresh copy of the test database, for tests with more than one connection: never a flush with the guards off."""

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.db import connections

_numbers = itertools.count(1)


@contextlib.contextmanager
def own_copy() -> Iterator[str]:
    """While inside, every connection of this process opens a copy; yields its name (SQLite: its file)."""
    connection = connections["default"]
    original = connection.settings_dict["NAME"]
    connections.close_all()
    copy = f"{original}_copy{next(_numbers)}"
    if connection.vendor == "postgresql":
        # A browser test's event loop leaves a connection of its own open, and a template must have none.
        _sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original}'")
        _sql(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()
        shutil.copyfile(original, copy)
    connection.settings_dict["NAME"] = copy
    try:
        yield copy
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original
        if connection.vendor == "postgresql":
            _sql(f'DROP DATABASE "{copy}" WITH (FORCE)')
        else:
            for suffix in ("", "-wal", "-shm"):
                Path(copy + suffix).unlink(missing_ok=True)


def _sql(statement: str) -> None:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)


def database_url() -> str:
    """The address of the database in use now, for a process started beside the tests."""
    settings = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    login = f"{settings['USER']}:{settings['PASSWORD']}" if settings["PASSWORD"] else settings["USER"]
    return f"postgres://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
