"""How much memory a long export takes: `python scripts/export_memory.py csv 1000000` prints seconds, bytes and the most memory.

The rows are made up as they are asked for, so what is measured is the writing. Run it for 1,000 rows and for 1,000,000.
"""

import datetime as dt
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
for name in ("SECRET_KEY", "ALLOWED_HOSTS"):
    os.environ.setdefault(name, "only-for-this-measurement")

import django  # noqa: E402

django.setup()

from django.http import QueryDict  # noqa: E402

from clinic.exports import csv_chunks, filled  # noqa: E402
from clinic.list_exports import ListExport, Row  # noqa: E402
from clinic.models import Staff  # noqa: E402
from clinic.workbooks import write_workbook  # noqa: E402


def rows_of(count: int) -> Iterator[Row]:
    at = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
    for number in range(count):
        yield (
            number, f"AC-{number:06d}", "=1+1", at + dt.timedelta(minutes=number), dt.date(1988, 2, 14),
            Decimal("1.25"), bool(number % 2), None, "Thigh, left side", "Bruising",
        )  # fmt: skip


def main(format: str, count: int) -> None:
    def rows(by: Staff, query: QueryDict) -> Iterator[Row]:
        return rows_of(count)

    made_up = ListExport(
        code="made-up", title="Made up", permission="", columns=[f"Column {n}" for n in range(10)], rows=rows,
        count=lambda by, query: count, filter_words=lambda by, query: "",
    )  # fmt: skip
    before, began = _most_memory(), time.monotonic()
    with tempfile.TemporaryFile() as file:
        list_ = filled(made_up, Staff(name="Nobody"), "")
        if format == "xlsx":
            write_workbook(list_, file)
        else:
            for chunk in csv_chunks(list_):
                file.write(chunk.encode())
        size = file.seek(0, os.SEEK_END)
    took = time.monotonic() - began
    print(
        f"{format}, {count:,} rows: {took:.1f} s, {size / 1e6:.1f} MB, most memory {_most_memory():.0f} MB ({before:.0f} MB before)"
    )


def _most_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
