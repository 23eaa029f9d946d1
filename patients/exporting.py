"""The patient list as a file. Its columns are named as an import names them, so that it can be imported again."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.http import QueryDict

from clinic.exports import AT_A_TIME
from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from patients.importing.columns import FIELDS, IDENTIFIER
from patients.models import Patient

NUMBER = "Record number"
COLUMNS = tuple(field for field in FIELDS if field != IDENTIFIER)
LONGEST_SEARCH = 100


def _found(by: Staff, query: QueryDict) -> "QuerySet[Patient]":
    return Patient.objects.visible_to(by).current().matching(_searched(query))


def _searched(query: QueryDict) -> str:
    return query.get("search", "")[:LONGEST_SEARCH].strip()


def _rows(by: Staff, query: QueryDict) -> Iterator[Row]:
    return _found(by, query).values_list("number", *COLUMNS).iterator(chunk_size=AT_A_TIME)


def _words(by: Staff, query: QueryDict) -> str:
    search = _searched(query)
    return f"found for “{search}”" if search else ""


def _count(by: Staff, query: QueryDict) -> int:
    return _found(by, query).count()


PATIENTS = ListExport(
    code="patients",
    title="Patients",
    permission="export-patients",
    columns=(NUMBER, *(FIELDS[field] for field in COLUMNS)),
    rows=_rows,
    count=_count,
    filter_words=_words,
    holds_contact=True,
)
