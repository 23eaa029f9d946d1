"""Saving with the actor in the history, whichever door the change came by."""

from collections.abc import Sequence
from typing import TypeVar

from django.db import models

from clinic.models import Staff

COMMAND_LINE = "command line"
M = TypeVar("M", bound=models.Model)


def save_by(instance: M, by: Staff | None, *, reason: str = "") -> M:
    """Validate the fields and save, with `by` in the history row.

    Relations are left to the database's foreign keys: validating each would cost a statement of its own.

    Raises ValidationError by field.
    """
    relations = {field.name for field in instance._meta.fields if field.is_relation}
    instance.clean_fields(exclude=relations)
    instance._history_user = by  # type: ignore[attr-defined]
    # Nobody is signed in at the command line; the history says so rather than nothing.
    instance._change_reason = reason or (None if by else COMMAND_LINE)  # type: ignore[attr-defined]
    instance.save()
    return instance


def note_change(instances: Sequence[models.Model], by: Staff | None, *, reason: str) -> None:
    """History rows for what a guard changed in the database, after it was read again."""
    if instances:
        type(instances[0]).history.bulk_history_create(  # type: ignore[attr-defined]
            instances, update=True, default_user=by, default_change_reason=reason
        )


def delete_by(instance: models.Model, by: Staff | None) -> None:
    """Delete a row that may go, with `by` in its last history row."""
    instance._history_user = by  # type: ignore[attr-defined]
    instance.delete()
