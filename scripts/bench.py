#!/usr/bin/env python3
"""How fast: booking, eligibility and a day list through the API beside bare views, and taking in a photo.

    make bench
    scripts/with_postgres.py .venv/bin/python scripts/bench.py [--requests 300] [--patients 10000]

Everything is measured in turns in one run, so the ratios hold where the milliseconds do not; on a busy machine they
drift by a tenth. It fills the database it is given, so it takes an empty one only.
"""

import argparse
import math
import os
import platform
import secrets
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench_requests import Task

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

WHAT_IS_MEASURED = """
CPU: of this process, from the WSGI call to the end of the request, in ms; the quartiles are those of single requests.
ratio: how many times the bare view's CPU Allclear takes, by the medians; its quartiles are those of batches of {batch}.
server: CPU of PostgreSQL's process, in ms, mean; wall: on the clock, median. statements: without BEGIN and COMMIT.
No web server and no network; the pool, server-side binding and everything else as in production, DEBUG off.
Allclear: token, role, fields checked, locks, the rule in words, overlaps, training, the row and its history.
bare: a DRF view; one statement for the token, then booking locks the patient, asks once, inserts one row without
history; eligibility asks once; the day list reads the same 100 of 400 rows with values(). No serializers.
Both meet the same database: its guards ask the rule again at each insert, whoever inserts."""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--requests", type=int, default=300, help="of each kind to each view (default 300)")
    parser.add_argument("--patients", type=int, default=10_000, help="(default 10,000)")
    given = parser.parse_args()
    if given.requests < 20 or given.patients < 1000:
        parser.error("at least 20 requests and 1,000 patients, or the figures say nothing")
    if "postgres" not in os.environ.get("DATABASE_URL", ""):
        parser.error("run it under scripts/with_postgres.py, or as `make bench`")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="allclear-bench-") as folder:
        set_up(Path(folder))
        bench_requests(given.requests, given.patients)
        bench_photos(Path(folder))
    print(f"\nTook {time.monotonic() - began:.0f} s.")


def set_up(folder: Path) -> None:
    """Production's settings, whatever the caller's are, but for the address: without TLS nothing is redirected."""
    (folder / "static").mkdir()
    for name in ("DATABASE_POOL", "PHOTOS_DIR", "BEHIND_TLS_PROXY"):
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="clinic.settings",
        DEBUG="off",
        DEMO="off",
        SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS="localhost",
        BASE_URL="http://localhost",
        VAR_DIR=str(folder),
    )
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if connection.introspection.table_names():
        sys.exit("bench.py: this database is not empty. Run it under scripts/with_postgres.py, or as `make bench`.")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def bench_requests(requests: int, patients: int) -> None:
    from bench_clinic import make_clinic
    from bench_requests import BATCH, Client, make_tasks, measure, warm_up

    from clinic.wsgi import application

    began = time.monotonic()
    clinic = make_clinic(patients)
    seeded = time.monotonic() - began
    client, tasks = Client(clinic.token), make_tasks(clinic, application)
    for task in tasks:
        warm_up(task, client)
    measure(tasks, client, requests)
    count = len(tasks[0].lanes[0].cpu)
    print(surroundings())
    print(f"{patients:,} patients, one in ten bruised (made in {seeded:.0f} s)")
    print(f"{count} requests of each kind to each view, in turns of {BATCH}\n")
    print_requests(tasks)
    print(WHAT_IS_MEASURED.format(batch=BATCH))


def print_requests(tasks: "Sequence[Task]") -> None:
    row = "{:<12}{:<23}{:>8} {:>13}  {:>6} {:>13} {:>8} {:>6} {:>11}"
    print(row.format("", "", "CPU ms", "(quartiles)", "ratio", "(quartiles)", "server", "wall", "statements"))
    for task in tasks:
        ours = task.lanes[0]
        for lane in task.lanes:
            ratio, by_batch = "", ""
            if lane is not ours:
                ratio = f"{statistics.median(ours.cpu) / statistics.median(lane.cpu):.2f}"
                by_batch = quartiles(ratios(ours.batches(), lane.batches()))
            print(
                row.format(
                    task.name if lane is ours else "",
                    lane.name,
                    f"{statistics.median(lane.cpu):.2f}",
                    quartiles(lane.cpu),
                    ratio,
                    by_batch,
                    or_dash(statistics.fmean(lane.server)),
                    f"{statistics.median(lane.wall):.1f}",
                    "–".join(str(n) for n in sorted({min(lane.statements), max(lane.statements)})),
                )
            )


def bench_photos(folder: Path) -> None:
    from bench_photo import LONG, ROUNDS, SHORT, measure_photos

    photos = measure_photos(folder)
    print(
        f"\nA photo of {LONG} × {SHORT}, {photos[0].size:.1f} MB: developed to full, display and thumb, beside merely\n"
        f"decoding it, {ROUNDS} times in turns. CPU in ms; MB: how far one call raises a fresh process's peak.\n"
    )
    row = "{:<26}{:>8} {:>13} {:>7} {:>13}  {:>6} {:>13} {:>6} {:>7} {:>6}"
    print(row.format("", "develop", "(quartiles)", "decode", "", "ratio", "", "MB", "decode", "ratio"))
    for photo in photos:
        ours, plain = photo.cpu["develop"], photo.cpu["decode"]
        peak, plain_peak = photo.memory["develop"], photo.memory["decode"]
        print(
            row.format(
                photo.name,
                f"{statistics.median(ours):.0f}",
                quartiles(ours, 0),
                f"{statistics.median(plain):.0f}",
                quartiles(plain, 0),
                f"{statistics.median(ours) / statistics.median(plain):.2f}",
                quartiles(ratios(ours, plain)),
                or_dash(peak, 0),
                or_dash(plain_peak, 0),
                or_dash(peak / plain_peak),
            )
        )


def ratios(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    return [one / other for one, other in zip(ours, theirs, strict=True)]


def quartiles(values: Sequence[float], digits: int = 2) -> str:
    low, _, high = statistics.quantiles(values, n=4)
    return f"({low:.{digits}f}–{high:.{digits}f})"


def or_dash(value: float, digits: int = 2) -> str:
    return "–" if math.isnan(value) else f"{value:.{digits}f}"


def surroundings() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (server,) = cursor.fetchone()
    packages = [f"{name} {version(name)}" for name in ("Django", "djangorestframework", "psycopg", "Pillow")]
    python = f"{platform.python_implementation()} {platform.python_version()}"
    busy = f"{os.cpu_count()} CPUs (load {os.getloadavg()[0]:.1f}, of which this run is about 1)"
    return ", ".join([f"PostgreSQL {server.split()[0]}", python, *packages, busy])


if __name__ == "__main__":
    main()
