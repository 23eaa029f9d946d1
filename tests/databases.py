"""The test database, migrated once and copied; and fresh copies of it, for tests with more than one connection: never a
flush with the guards off."""

import contextlib
import fcntl
import hashlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connections

ROOT = Path(__file__).parents[1]
MIGRATED = ROOT / "var" / "test-databases"  # kept from run to run: the migrations take most of a minute
MAKES_THE_DATABASE = (
    "*/migrations/*.py",
    "*/models/*.py",
    "*/apps.py",
    "treatments/guards/*.py",
    "treatments/eligibility.py",
    "patients/search.py",
    "clinic/database.py",
    "clinic/roles.py",
    "clinic/settings.py",
    "tests/settings.py",
    "requirements/dev.txt",
)
_numbers = itertools.count(1)


@contextlib.contextmanager
def test_database() -> Iterator[None]:
    """While inside, this process's own database: a copy of the migrated one, which the first to come makes."""
    connection = connections["default"]
    original = connection.settings_dict["NAME"]
    own = connection.creation._get_test_db_name()
    MIGRATED.mkdir(parents=True, exist_ok=True)
    with (MIGRATED / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        migrated = _migrated(own)
        _use(original)
        _copy(migrated, own)
    _use(own)
    try:
        yield
    finally:
        _use(original)
        _drop(own)


def _migrated(own: str) -> str:
    """The name (SQLite: the file) of a database that this very code has migrated. Whoever calls holds the lock."""
    digest = _code_digest()
    connection = connections["default"]
    if connection.vendor == "postgresql":
        name = f"migrated_{digest}"
        if not _sql(f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
            _migrate(own)
            _sql(f'ALTER DATABASE "{own}" RENAME TO "{name}"')
        return name
    file = MIGRATED / f"{digest}.sqlite3"
    if not file.exists():
        for old in MIGRATED.glob("*.sqlite3"):
            old.unlink()
        _migrate(own)
        shutil.copyfile(own, unfinished := file.with_suffix(".unfinished"))
        unfinished.rename(file)
    return str(file)


def _code_digest() -> str:
    """Of whatever decides what the migrations make: themselves, the models (permissions), the guards and what these name."""
    known = hashlib.sha256()
    for file in sorted(file for pattern in MAKES_THE_DATABASE for file in ROOT.glob(pattern)):
        known.update(file.relative_to(ROOT).as_posix().encode() + b"\0" + file.read_bytes())
    return known.hexdigest()[:24]


def _migrate(own: str) -> None:
    connection = connections["default"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connections.close_all()


def _use(name: str) -> None:
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = connections["default"].settings_dict["NAME"] = name


def _copy(original: str, copy: str) -> None:
    if connections["default"].vendor == "postgresql":
        _sql(f'DROP DATABASE IF EXISTS "{copy}" WITH (FORCE)')
        _sql(f'CREATE DATABASE "{copy}" TEMPLATE "{original}"')
    else:
        _drop(copy)
        shutil.copyfile(original, copy)


def _drop(name: str) -> None:
    if connections["default"].vendor == "postgresql":
        _sql(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    else:
        for suffix in ("", "-wal", "-shm"):
            Path(name + suffix).unlink(missing_ok=True)


@contextlib.contextmanager
def own_copy(name: str = "") -> Iterator[str]:
    """While inside, every connection of this process opens a copy; yields its name (SQLite: its file)."""
    connection = connections["default"]
    original = connection.settings_dict["NAME"]
    connections.close_all()
    copy = f"{original}_{name or f'copy{next(_numbers)}'}"
    if connection.vendor == "postgresql":
        # A browser test's event loop leaves a connection of its own open, and a template must have none.
        _sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{original}'")
    else:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections.close_all()
    _copy(original, copy)
    connection.settings_dict["NAME"] = copy
    try:
        yield copy
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = original
        _drop(copy)


def _sql(statement: str) -> list[tuple[object, ...]]:
    with connections["default"]._nodb_cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall()) if cursor.description else []


def database_url() -> str:
    """The address of the database in use now, for a process started beside the tests."""
    settings = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        return f"sqlite:///{settings['NAME']}"
    login = f"{settings['USER']}:{settings['PASSWORD']}" if settings["PASSWORD"] else settings["USER"]
    return f"postgres://{login}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
