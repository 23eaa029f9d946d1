"""Pages by keyset: the next page goes on after the last row's own values. No OFFSET, no totals."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Model, Q, QuerySet

UNKNOWN = "This page's mark is not known; start from the first page."


@dataclass(frozen=True)
class Page:
    """`next` and `previous` are cursors, "" where there is no such page."""

    rows: list[Any]
    next: str
    previous: str


def keyset_page(queryset: QuerySet[Any], cursor: str, size: int) -> Page:
    """The `size` rows after (“n” + row id) or before (“p” + row id) a row, in the queryset's ordering.

    The ordering must end in something unique. Raises ValidationError for a cursor that names no row.
    """
    ordering = [str(name) for name in queryset.query.order_by or queryset.model._meta.ordering]
    backwards = cursor.startswith("p")
    if cursor:
        queryset = queryset.filter(_beyond(_row(queryset.model, cursor), ordering, backwards))
    if backwards:
        queryset = queryset.order_by(*(_reverse(name) for name in ordering))
    rows = list(queryset[: size + 1])
    more, rows = len(rows) > size, rows[:size]
    if backwards:
        rows.reverse()
    has_next, has_previous = (True, more) if backwards else (more, bool(cursor))
    return Page(
        rows,
        f"n{rows[-1].pk}" if rows and has_next else "",
        f"p{rows[0].pk}" if rows and has_previous else "",
    )


def _row(model: type[Model], cursor: str) -> Model:
    try:
        # An id is a UUID or a number, as the model has it.
        return model._default_manager.get(pk=model._meta.pk.to_python(cursor[1:]) if cursor[0] in "np" else None)
    except (ValueError, ValidationError, ObjectDoesNotExist) as error:
        raise ValidationError({"cursor": UNKNOWN}) from error


def _reverse(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def _beyond(row: Model, ordering: list[str], backwards: bool) -> Q:
    """Rows after `row`: greater in the first field, or equal there and greater in the second, and so on."""
    condition, equal = Q(), Q()
    for name in ordering:
        field = name.lstrip("-")
        value = getattr(row, field)
        step = "lt" if name.startswith("-") != backwards else "gt"
        condition |= equal & Q(**{f"{field}__{step}": value})
        equal &= Q(**{field: value})
    # Says nothing new, but an index can start there: it cannot at an OR.
    first = ordering[0].lstrip("-")
    bound = "lte" if ordering[0].startswith("-") != backwards else "gte"
    return Q(**{f"{first}__{bound}": getattr(row, first)}) & condition
