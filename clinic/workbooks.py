"""A list as an Excel workbook, written row by row into a file."""

import datetime as dt
import math
import zoneinfo
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from clinic.exports import Filled, local
from clinic.formulas import defused

# Excel's own limits.
MOST_ROWS = 1_048_576
LONGEST_TEXT = 32_767
MOST_DIGITS = 15
FIRST_DAY = dt.date(1900, 3, 1)  # before it Excel counts a day that never was


def write_workbook(list_: Filled, file: IO[bytes], *, folder: Path | None = None, most_rows: int = MOST_ROWS) -> int:
    """Returns the rows written. Where a sheet is full, the next goes on under the same columns. Unfinished: in `folder`."""
    # constant_memory: each row goes to disk as the next one begins.
    options = {"constant_memory": True, "use_zip64": True, "tmpdir": str(folder) if folder else None}
    book = xlsxwriter.Workbook(file, options)
    written = _Book(book, list_, most_rows)
    try:
        for row in list_.rows:
            written.add(row)
    finally:
        # Whatever went wrong, its temporary files go.
        book.close()
    return written.rows


class _Book:
    def __init__(self, book: xlsxwriter.Workbook, list_: Filled, most_rows: int) -> None:
        self.book, self.list, self.most_rows = book, list_, most_rows
        self.bold = book.add_format({"bold": True})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        # Text for good, even when somebody clicks into the cell and presses Enter.
        self.quoted = book.add_format({"quote_prefix": True})
        self.rows = self.sheets = self.place = 0
        self.sheet = self._next_sheet()

    def _next_sheet(self) -> Worksheet:
        self.sheets += 1
        sheet = self.book.add_worksheet(f"List {self.sheets}" if self.sheets > 1 else "List")
        sheet.set_column(0, max(len(self.list.columns) - 1, 0), 20)
        for place, (name, value) in enumerate(self.list.heading):
            sheet.write_string(place, 0, name, self.bold)
            sheet.write_string(place, 1, value[:LONGEST_TEXT], self.quoted)
        self.place = len(self.list.heading) + 1
        for column, name in enumerate(self.list.columns):
            sheet.write_string(self.place, column, name, self.bold)
        self.place += 1
        sheet.freeze_panes(self.place, 0)
        return sheet

    def add(self, row: Any) -> None:
        if self.place >= self.most_rows:
            self.sheet = self._next_sheet()
        for column, cell in enumerate(row):
            self._write(column, cell, self.list.zone)
        self.place += 1
        self.rows += 1

    def _write(self, column: int, cell: Any, zone: zoneinfo.ZoneInfo) -> None:
        if cell is None or cell == "":
            return
        if isinstance(cell, bool):
            self.sheet.write_string(self.place, column, "yes" if cell else "no")
        elif isinstance(cell, int | float | Decimal) and _exact(cell):
            self.sheet.write_number(self.place, column, float(cell) if isinstance(cell, Decimal) else cell)
        elif isinstance(cell, dt.datetime) and cell.date() > FIRST_DAY:
            self.sheet.write_datetime(self.place, column, local(cell, zone), self.moment)
        elif isinstance(cell, dt.date) and not isinstance(cell, dt.datetime) and cell >= FIRST_DAY:
            self.sheet.write_datetime(self.place, column, dt.datetime.combine(cell, dt.time()), self.day)
        else:
            text = str(cell)[:LONGEST_TEXT]
            self.sheet.write_string(self.place, column, text, self.quoted if defused(text) != text else None)


def _exact(number: int | float | Decimal) -> bool:
    """Excel keeps fifteen digits, and none of what is no number."""
    if not math.isfinite(number):
        return False
    return not isinstance(number, int) or len(str(abs(number))) <= MOST_DIGITS
