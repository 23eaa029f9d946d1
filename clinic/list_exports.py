"""A list as it is exported: which columns, which rows for this person and this filter. How it becomes a file: exports.py."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from clinic.models import Staff

# A cell is text, a number, a day, a time, a yes or no, or nothing.
Row = Sequence[Any]


@dataclass(frozen=True)
class ListExport:
    """`rows` reads as it is asked (an iterator over the database, never a list of all); `count` may be None where counting
    costs as much as reading. `filter_words` says the filter in a sentence for the file's header. `holds_contact` is said of
    lists with a patient's phone or email: their files go when that is erased."""

    code: str
    title: str
    permission: str
    columns: Sequence[str]
    rows: Callable[[Staff, QueryDict], Iterable[Row]]
    count: Callable[[Staff, QueryDict], int | None]
    filter_words: Callable[[Staff, QueryDict], str]
    holds_contact: bool = False
