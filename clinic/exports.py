"""A list as a file: CSV or Excel, row by row, so that a million rows take no more memory than a thousand.

Above the columns stand what the list is, its filter in words, when and by whom the file was made. In CSV these lines begin
with “# ”, so that programs can leave them out, our own import among them. Nothing in a file is run by a spreadsheet.
"""

import csv
import datetime as dt
import itertools
import re
import zoneinfo
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeVar

from django.conf import settings
from django.http import HttpResponseBase, QueryDict, StreamingHttpResponse
from django.utils import timezone

from clinic.formulas import defused
from clinic.list_exports import ListExport, Row
from clinic.models import Export, Staff

R = TypeVar("R", bound=HttpResponseBase)

# Rows at a time: a chunk a line would cost more than the lines.
AT_A_TIME = 1_000
CONTENT_TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Export.Format.ZIP: "application/zip",
}
# Where a list is on its page says nothing of what it holds.
PAGING = {"page", "before", "after"}
_PLAIN_VALUE = re.compile(r"\d{4}-\d{2}(-\d{2})?|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@dataclass(frozen=True)
class Filled:
    """A list filled for one person and one filter: its rows are read once, as they are asked for."""

    code: str
    heading: Sequence[tuple[str, str]]
    columns: Sequence[str]
    rows: Iterator[Row]
    zone: zoneinfo.ZoneInfo


def filled(of: ListExport, by: Staff, query: str, *, now: dt.datetime | None = None) -> Filled:
    """What this person sees of the list now, its times on the clock of their site. Asks nothing of the rows yet."""
    zone = clock_of(by)
    with timezone.override(zone):
        words = " ".join(of.filter_words(by, QueryDict(query)).split())
        made = timezone.localtime(now or timezone.now())
        rows = of.rows(by, QueryDict(query))
    heading = (
        ("List", of.title),
        ("Filter", words or "none (all rows)"),
        ("Made", f"{made.day} {made:%b %Y %H:%M} ({zone.key})"),
        ("By", " ".join(by.name.split())),
    )
    return Filled(of.code, heading, of.columns, _on_the_clock(rows, zone), zone)


def clock_of(staff: Staff) -> zoneinfo.ZoneInfo:
    """The clock of their site; the clinic's where they have none."""
    return zoneinfo.ZoneInfo(staff.site.time_zone if staff.site else settings.TIME_ZONE)


def counted(of: ListExport, by: Staff, query: str) -> int | None:
    with timezone.override(clock_of(by)):
        return of.count(by, QueryDict(query))


def filter_for_audit(query: str) -> dict[str, str]:
    """What the filter was by; days, months and ids as they are. Anything else may be a name, and is not written down."""
    given = QueryDict(query)
    return {
        name[:40]: value if _PLAIN_VALUE.fullmatch(value := str(given[name])) else "…"
        for name in list(given)[:20]
        if name not in PAGING and given[name]
    }


def file_name(code: str, format: str, day: dt.date) -> str:
    """No name of a person: a file's name is read over a shoulder."""
    return f"{code}-{day:%Y-%m-%d}.{format}"


def csv_chunks(list_: Filled) -> Iterator[str]:
    """UTF-8 with its mark, by which spreadsheets know it."""
    heading = ([f"# {name}: {value}"] for name, value in list_.heading)
    rows = ([_in_csv(cell, list_.zone) for cell in row] for row in list_.rows)
    return _chunks(itertools.chain(heading, [list(list_.columns)], rows))


def csv_response(rows: Iterable[Iterable[str]], name: str) -> StreamingHttpResponse:
    """Text rows as they are, without lines above, nothing in them that a spreadsheet would run."""
    return as_attachment(StreamingHttpResponse(_chunks([defused(cell) for cell in row] for row in rows)), name)


def as_attachment(response: R, name: str) -> R:
    """Kept by no cache, never shown as a page."""
    response["Content-Type"] = CONTENT_TYPES[Export.Format(name.rpartition(".")[2])]
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def counting(list_: Filled, note: Callable[[int], None]) -> Filled:
    """The same; `note` is told of each row as it is read, the first as 1."""

    def told() -> Iterator[Row]:
        for number, row in enumerate(list_.rows, start=1):
            note(number)
            yield row

    return Filled(list_.code, list_.heading, list_.columns, told(), list_.zone)


def _on_the_clock(rows: Iterable[Row], zone: zoneinfo.ZoneInfo) -> Iterator[Row]:
    """Rows are read after the request that asked for them has ended, and its clock with it."""
    reading = iter(rows)
    while True:
        with timezone.override(zone):
            some = list(itertools.islice(reading, AT_A_TIME))
        if not some:
            return
        yield from some


def _chunks(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    writer = csv.writer(_Echo())
    waiting = ["\ufeff"]
    for row in rows:
        waiting.append(writer.writerow(row))
        if len(waiting) >= AT_A_TIME:
            yield "".join(waiting)
            waiting = []
    yield "".join(waiting)


def _in_csv(cell: Any, zone: zoneinfo.ZoneInfo) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    # A number below nought is no formula.
    if isinstance(cell, int | float | Decimal):
        return str(cell)
    if isinstance(cell, dt.datetime):
        return f"{local(cell, zone):%Y-%m-%d %H:%M:%S}"
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return defused(str(cell))


def local(moment: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """As the clock on the clinic's wall showed it. Spreadsheets know no zones; the lines above name this one."""
    return moment.astimezone(zone).replace(tzinfo=None) if timezone.is_aware(moment) else moment


class _Echo:
    """A file for csv.writer that answers each line instead of keeping it."""

    def write(self, line: str) -> str:
        return line
