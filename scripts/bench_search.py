"""Times the search over 100,000 made-up patients, and prints the database's plan for each.

    .venv/bin/python scripts/bench_search.py [--plan]                              SQLite
    scripts/with_postgres.py .venv/bin/python scripts/bench_search.py [--plan]     PostgreSQL

It makes its own empty database, and on PostgreSQL takes one that is empty only; never a clinic's.
"""

import datetime as dt
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

from bench_import import set_up

PATIENTS = 100_000
TIMES = 15
SEARCHES = ("oka", "amara oka", "900123", "AC-09", "+44 7700 900123", "14.2.1988", "ok", "a", "xyzzy", "qx")
GIVEN_ENDS, FAMILY_ENDS = ("", "h", "lia", "nne", "na", "to", "ra"), ("", "s", "son", "sen", "ez", "ova", "a", "berg")
SYLLABLES = ("ma", "ri", "jo", "len", "ka", "tu", "ben", "sa", "du", "fi", "gor", "hel", "wi", "po", "yan", "cle", "no")


def fill(count: int) -> None:
    """Set by set through the guards; without history, as an import writes them."""
    from patients.models import Patient

    chance = random.Random(7)
    born = dt.date(1935, 1, 1)
    made = []
    for number in range(1, count + 1):
        given = "Amara" if number % 500 == 0 else _name(chance, GIVEN_ENDS)
        family = "Okafor" if number % 700 == 0 else _name(chance, FAMILY_ENDS)
        patient = Patient(
            number=f"AC-{number:05d}",
            given_name=given,
            family_name=family,
            date_of_birth=born + dt.timedelta(days=chance.randrange(31_000)),
            phone=f"+44 7{chance.randrange(10**9):09d}" if number != 90_123 else "+44 7700 900123",
            email=f"patient{number}@patient.example",
            allergies="lidocaine" if number % 9 == 0 else "",
        )
        patient.index_for_search()
        made.append(patient)
        if len(made) == 5000:
            Patient.objects.bulk_create(made)
            made = []
    Patient.objects.bulk_create(made)


def _name(chance: random.Random, ends: tuple[str, ...]) -> str:
    return ("".join(chance.choices(SYLLABLES, k=chance.randint(2, 3))) + chance.choice(ends)).capitalize()


def first_page(search: str):  # type: ignore[no-untyped-def]
    from patients.models import Patient

    return Patient.objects.current().matching(search)[:26]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="allclear-bench-") as folder:
        set_up(Path(folder))
        measure()


def measure() -> None:
    from django.db import connection

    from clinic.paging import keyset_page
    from patients.models import Patient

    begun = time.perf_counter()
    fill(PATIENTS)
    print(f"filled with {PATIENTS} in {time.perf_counter() - begun:.0f} s")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE patients_patient" if connection.vendor == "postgresql" else "ANALYZE")
    print(f"{connection.vendor}: milliseconds for a first page of 25, median and worst of {TIMES}")
    for search in SEARCHES:
        spent = []
        for _ in range(TIMES):
            begun = time.perf_counter()
            found = list(first_page(search))
            spent.append((time.perf_counter() - begun) * 1000)
        print(f"{search!r:20} {statistics.median(spent):7.1f} {max(spent):7.1f}   {len(found)} rows")
        if "--plan" in sys.argv:
            print(first_page(search).explain())
    spent, cursor_text = [], ""
    for _ in range(40):
        begun = time.perf_counter()
        page = keyset_page(Patient.objects.current(), cursor_text, 25)
        spent.append((time.perf_counter() - begun) * 1000)
        cursor_text = page.next
    print(f"{'40 pages by name':20} {statistics.median(spent):7.1f} {max(spent):7.1f}")


if __name__ == "__main__":
    main()
