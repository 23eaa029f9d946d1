"""A chart's rows as plain values: every column of a record that is not the machinery's, so that a new one is never forgotten.

Moments are ISO 8601 with the offset of the time zone in force; a code stands with its words; people and places stand by
name; decimals are text.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.db import models
from django.utils import timezone

from clinic.models import Room, Site, Staff
from treatments.models import Treatment

Row = dict[str, Any]
Key = uuid.UUID | int | str

# What only the machinery reads: search keys, where a file lies, when a message is tried again, what an undo returns to.
MACHINERY: dict[str, frozenset[str]] = {
    "Patient": frozenset({"search_text", "name_key", "phone_key", "merged_into"}),
    "Appointment": frozenset({"status_before", "overlap_allowed"}),
    "Photo": frozenset({"incoming", "next_try_at", "tries"}),
    "PhotoFile": frozenset({"id", "name", "photo"}),
    "Message": frozenset({"next_try_at", "tries"}),
    "Hold": frozenset({"id", "status_before"}),
    "PatientIdentifier": frozenset({"id", "patient"}),
    # Names another patient's entry; that there was one is said.
    "SideEffect": frozenset({"moved_from"}),
}


class Names:
    """The names of people, treatments, rooms and sites, by id: asked for once, however many rows name them."""

    def __init__(self) -> None:
        self._known: dict[type[models.Model], dict[Key, str]] = {
            Staff: dict(Staff.objects.values_list("pk", "name")),
            Treatment: dict(Treatment.objects.values_list("pk", "name")),
            Room: dict(Room.objects.values_list("pk", "name")),
            Site: dict(Site.objects.values_list("pk", "name")),
        }

    def of(self, model: type[models.Model], key: Key | None) -> str | None:
        """The name; of a model without names here, its id as text. None for nobody."""
        if key is None:
            return None
        return self._known.get(model, {}).get(key, str(key))


def row_of(record: models.Model, names: Names, *, without: Iterable[str] = ()) -> Row:
    """Every column, in the model's order, but for the machinery's and those it is nested in (`without`)."""
    left_out = MACHINERY.get(type(record).__name__, frozenset()) | set(without)
    return {
        field.name: _value(field, getattr(record, field.attname), names)
        for field in type(record)._meta.concrete_fields
        if field.name not in left_out
    }


def changes_of(versions: Sequence[Any], names: Names) -> list[Row]:
    """What changed from one version to the next, by whom and when; the first is how it was entered. Oldest first."""
    changes, before = [], None
    for version in versions:
        change: Row = {
            "at": moment(version.history_date),
            "by": names.of(Staff, version.history_user_id),
            "why": version.history_change_reason or "",
        }
        if before is None:
            change["entered"] = True
        else:
            change["changed"] = _difference(before, version, names)
        if before is None or change["changed"] or change["why"]:
            changes.append(change)
        before = version
    return changes


def versions_by_id(history: models.QuerySet[Any]) -> dict[Key, list[Any]]:
    """The history's rows by the record they are of, oldest first. One statement."""
    found: dict[Key, list[Any]] = defaultdict(list)
    for version in history.order_by("history_date", "history_id"):
        found[version.id].append(version)
    return found


def grouped(rows: Iterable[Any], by: str) -> dict[Key, list[Any]]:
    found: dict[Key, list[Any]] = defaultdict(list)
    for row in rows:
        found[getattr(row, by)].append(row)
    return found


def moment(at: dt.datetime | None) -> str | None:
    """“2026-11-03T10:00:00+00:00”, on the clock of the time zone in force."""
    return timezone.localtime(at).isoformat(timespec="seconds") if at else None


def coded(field: models.Field[Any, Any], code: Any) -> Row | None:
    """A code with its words; None for none."""
    if code is None or code == "":
        return None
    words = dict(field.flatchoices).get(code, code)
    return {"code": code, "words": str(words)}


def _difference(before: Any, after: Any, names: Names) -> Row:
    left_out = MACHINERY.get(after.instance_type.__name__, frozenset())
    return {
        field.name: {
            "from": _value(field, getattr(before, field.attname), names),
            "to": _value(field, getattr(after, field.attname), names),
        }
        for field in after.tracked_fields
        if field.name not in left_out and getattr(before, field.attname) != getattr(after, field.attname)
    }


def _value(field: models.Field[Any, Any], value: Any, names: Names) -> Any:
    if field.is_relation:
        return names.of(field.related_model, value)  # type: ignore[arg-type]
    if field.choices:
        return coded(field, value)
    if isinstance(value, dt.datetime):
        return moment(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, Decimal | uuid.UUID):
        return str(value)
    return value
