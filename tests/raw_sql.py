"""Going past every operation: what somebody with a database shell could type."""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, transaction

from clinic.refusals import guard_code


def insert(row: models.Model, verb: str = "INSERT") -> None:
    """Insert an unsaved instance, column by column, as SQL."""
    fields = [field for field in row._meta.concrete_fields if field.name != "id" or row.pk is not None]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    execute(f"{verb} INTO {row._meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", values)


def update(row: models.Model, **columns: Any) -> None:
    """Set columns of one row, as SQL."""
    sets = ", ".join(f'"{column}" = %s' for column in columns)
    values = [_prepared(row, column, value) for column, value in columns.items()]
    execute(f"UPDATE {row._meta.db_table} SET {sets} WHERE id = %s", [*values, _prepared(row, "id", row.pk)])


def delete(row: models.Model) -> None:
    execute(f"DELETE FROM {row._meta.db_table} WHERE id = %s", [_prepared(row, "id", row.pk)])


def execute(sql: str, values: list[Any] | None = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@contextlib.contextmanager
def refused_as(code: str) -> Iterator[None]:
    """The database itself refuses, and says which guard or wall it was."""
    with pytest.raises(IntegrityError) as error, transaction.atomic():
        yield
    assert guard_code(error.value) == code


def _prepared(row: models.Model, column: str, value: Any) -> Any:
    field = next(field for field in row._meta.concrete_fields if field.column == column)
    return field.get_db_prep_save(value, connection)


def new_id() -> uuid.UUID:
    return uuid.uuid4()


def in_sql(pk: uuid.UUID) -> str:
    """An id as this database spells it."""
    return str(pk) if connection.vendor == "postgresql" else pk.hex
