"""Filters that somebody keeps for a list: saved under a name of theirs, renamed, removed. For every list's page alike.

A page makes itself known once (`filtered_page`), with the fields its filter has; what else stands in an address is dropped.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from clinic.models import SavedFilter, Staff
from clinic.roles import require

MOST_A_PAGE = 20
LONGEST_NAME = 60
LONGEST_QUERY = 1000


@dataclass(frozen=True)
class FilteredPage:
    """A list that filters can be kept for: its address name, who may read it, and the filter's fields."""

    name: str
    permission: str
    fields: frozenset[str]

    def kept(self, query: str) -> str:
        """What of an address's query is this page's filter, in one order, so that two of the same are the same."""
        try:
            found = QueryDict(query[: 4 * LONGEST_QUERY])
        except ValueError:  # more fields than Django reads
            return ""
        kept = QueryDict(mutable=True)
        for name in sorted(self.fields & set(found)):
            if value := found[name].strip().replace("\x00", ""):
                kept[name] = value
        return kept.urlencode()


FILTERED_PAGES: dict[str, FilteredPage] = {}


def filtered_page(name: str, *, permission: str, fields: Collection[str]) -> FilteredPage:
    """Make a list known under its address name."""
    page = FilteredPage(name, permission, frozenset(fields))
    FILTERED_PAGES[name] = page
    return page


@dataclass(frozen=True)
class Offered:
    """A saved filter as a page offers it; `is_now` where the page shows just that."""

    id: Any
    name: str
    query: str
    is_now: bool


def saved_for(staff: Staff, page: FilteredPage, query: str) -> list[Offered]:
    """This person's filters of a page, by name. One statement."""
    now = page.kept(query)
    found = SavedFilter.objects.visible_to(staff).filter(page=page.name).order_by("name")
    return [Offered(one.pk, one.name, kept := page.kept(one.query), kept == now) for one in found]


@transaction.atomic
def save_filter(*, page: FilteredPage, name: str, query: str, by: Staff, now: dt.datetime | None = None) -> SavedFilter:
    """Keep the filter under a name. The same name, in whichever case, takes the place of what it held: `was_replaced`.

    Raises PermissionDenied, ValidationError by field: no name, nothing to keep, too much, too many.
    """
    require(by, page.permission)
    name, kept = _named(name), page.kept(query)
    if not kept:
        raise ValidationError({"name": "Nothing is filtered. Choose a filter and show it first, then save it."})
    if len(kept) > LONGEST_QUERY:
        raise ValidationError({"name": "This filter is too long to keep."})
    own = _own(by, page)
    found = own.filter(name__iexact=name).first()
    if found is None and own.count() >= MOST_A_PAGE:
        raise ValidationError(
            {"name": f"You keep {MOST_A_PAGE} filters for this list, and that is the most. Remove one."}
        )
    row = found or SavedFilter(staff=by, page=page.name)
    row.name, row.query, row.saved_at = name, kept, now or timezone.now()
    row.save()
    setattr(row, "was_replaced", found is not None)  # noqa: B010  (said to the page, not kept)
    return row


@transaction.atomic
def rename_filter(*, saved: SavedFilter, name: str, by: Staff) -> SavedFilter:
    """Another name. Raises PermissionDenied for somebody else's, ValidationError where it is empty or taken."""
    _require_own(saved, by)
    name = _named(name)
    own = SavedFilter.objects.visible_to(_locked(by)).filter(page=saved.page)
    if own.filter(name__iexact=name).exclude(pk=saved.pk).exists():
        raise ValidationError({"name": f"Another filter of yours is called “{name}”."})
    saved.name = name
    saved.save(update_fields=["name"])
    return saved


def remove_filter(*, saved: SavedFilter, by: Staff) -> None:
    """Raises PermissionDenied for somebody else's."""
    _require_own(saved, by)
    saved.delete()


def _named(name: str) -> str:
    name = " ".join(name.replace("\x00", "").split())
    if not name:
        raise ValidationError({"name": "Give it a name."})
    if len(name) > LONGEST_NAME:
        raise ValidationError({"name": f"A name has at most {LONGEST_NAME} characters."})
    return name


def _own(by: Staff, page: FilteredPage) -> Any:
    return SavedFilter.objects.visible_to(_locked(by)).filter(page=page.name)


def _locked(by: Staff) -> Staff:
    """Two tabs of one person come one after the other: neither makes one too many or two of a name."""
    return Staff.objects.select_for_update(no_key=True, of=("self",)).get(pk=by.pk)


def _require_own(saved: SavedFilter, by: Staff) -> None:
    if saved.staff_id != by.pk:
        raise PermissionDenied("This filter is somebody else's.")
