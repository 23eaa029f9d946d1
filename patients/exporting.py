"""Lists as CSV for spreadsheets: streamed, with nothing in them that a spreadsheet would run."""

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.roles import require
from patients.formulas import defused
from patients.importing.columns import FIELDS, IDENTIFIER
from patients.models import Patient

AT_A_TIME = 1_000
NUMBER = "Record number"
# As an import names them, so that an export can be imported again.
COLUMNS = tuple(field for field in FIELDS if field != IDENTIFIER)


def export_patients(
    *, patients: "QuerySet[Patient]", by: Staff, searched: bool, request: HttpRequest | None = None
) -> Iterator[list[str]]:
    """The rows, first the columns' names; read as they are needed. The trail says who had how many."""
    require(by, "export-patients")
    record_event(
        AuditEvent.Kind.PATIENTS_EXPORTED, request=request, actor=by, patients=patients.count(), searched=searched
    )
    return _rows(patients)


def csv_response(rows: Iterable[Iterable[str]], file_name: str) -> StreamingHttpResponse:
    """UTF-8 with its mark, by which spreadsheets know it."""
    writer = csv.writer(_Echo())
    lines = (writer.writerow([defused(cell) for cell in row]) for row in rows)
    response = StreamingHttpResponse(_with_mark(lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return response


def _rows(patients: "QuerySet[Patient]") -> Iterator[list[str]]:
    yield [NUMBER, *(FIELDS[field] for field in COLUMNS)]
    for row in patients.values_list("number", *COLUMNS).iterator(chunk_size=AT_A_TIME):
        yield [_written(value) for value in row]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _with_mark(lines: Iterator[str]) -> Iterator[str]:
    """Several lines at a time: a chunk a line would cost more than the lines."""
    waiting = ["\ufeff"]
    for line in lines:
        waiting.append(line)
        if len(waiting) >= AT_A_TIME:
            yield "".join(waiting)
            waiting = []
    yield "".join(waiting)


class _Echo:
    """A file for csv.writer that answers each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line
