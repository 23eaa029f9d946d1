"""How long and how large an import of 50,000 patients is, and whether another desk can book meanwhile.

    .venv/bin/python scripts/bench_import.py [--rows 50000]                              SQLite
    scripts/with_postgres.py .venv/bin/python scripts/bench_import.py                    PostgreSQL

The import is the command as a clinic would run it, in a process of its own; this one books a consultation again and again
until it has ended, and says how long the slowest took. It makes its own empty clinic and leaves nothing behind.
"""

import argparse
import csv
import datetime as dt
import os
import resource
import secrets
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
PAUSE = 0.2  # seconds between two bookings of the other desk
SYLLABLES = ("ma", "ri", "jo", "len", "ka", "tu", "ben", "sa", "du", "fi", "gor", "hel", "wi", "po", "yan", "cle", "no")


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=50_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory(prefix="allclear-bench-") as folder:
        set_up(Path(folder))
        file = Path(folder) / "patients.csv"
        write_file(file, rows)
        measure(file, rows)


def set_up(folder: Path) -> None:
    """Production's settings, whatever the caller's are, and an empty database; the other benches start so too."""
    os.environ.setdefault("DATABASE_URL", f"sqlite:///{folder}/allclear.sqlite3")
    os.environ.update(
        DJANGO_SETTINGS_MODULE="clinic.settings", DEBUG="off", DEMO="off", SECRET_KEY=secrets.token_hex(32),
        ALLOWED_HOSTS="localhost", BASE_URL="http://localhost", VAR_DIR=str(folder),
    )  # fmt: skip
    import django
    from django.core.management import call_command
    from django.db import connection

    django.setup()
    if connection.introspection.table_names():
        sys.exit(f"{sys.argv[0]}: this database is not empty.")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)


def write_file(file: Path, rows: int) -> None:
    """Names that repeat, as they do; births and phones that hardly do."""
    born = dt.date(1935, 1, 1)
    with file.open("w", newline="", encoding="utf-8") as out:
        lines = csv.writer(out, delimiter=";")
        lines.writerow(["Number", "Given name", "Family name", "Date of birth", "Phone", "Email"])
        for number in range(rows):
            given, family = (
                "".join(SYLLABLES[number // step % len(SYLLABLES)] for step in steps)
                for steps in ((1, 17), (289, 4913, 7))
            )
            birth = born + dt.timedelta(days=number * 7919 % 31_000)
            phone = f"+44 7{number * 104_729 % 10**9:09d}"
            lines.writerow(
                [f"C{number}", given.title(), family.title(), f"{birth:%d/%m/%Y}", phone, f"c{number}@patient.example"]
            )


def desk() -> dict[str, Any]:
    """Whom the other desk books, and with whom."""
    from clinic.models import Site
    from clinic.staffing import create_staff
    from patients.registration import register_patient
    from treatments.models import Treatment

    site = Site.objects.create(name="High Street", opens_at=dt.time(0), closes_at=dt.time(0))
    create_staff(email="m@clinic.example", name="Manager", roles=["manager"], site=site)
    reception = create_staff(email="r@clinic.example", name="Reception", roles=["receptionist"], site=site)
    practitioner = create_staff(email="p@clinic.example", name="Practitioner", roles=["practitioner"], site=site)
    treatment = Treatment.objects.create(name="Consultation", family="consultation", duration_minutes=15)
    patient = register_patient(
        by=reception, given_name="Amara", family_name="Okafor", date_of_birth=dt.date(1988, 2, 14)
    )
    return {"patient": patient, "practitioner": practitioner, "treatment": treatment, "by": reception}


def measure(file: Path, rows: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from patients.models import Patient

    who = desk()
    print(f"{connection.vendor}, {rows} rows, {file.stat().st_size / 1e6:.1f} MB")
    first = timezone.now() + dt.timedelta(days=1)
    seconds, waits = run_import(file, who, first)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(f"  taken in      {seconds:6.1f} s on the clock, {used.ru_utime + used.ru_stime:6.1f} s of CPU")
    print(f"  at most       {used.ru_maxrss / 1024:6.0f} MB")
    print(
        f"  meanwhile     {len(waits)} bookings at another desk, the slowest {max(waits):.1f} s, half within {sorted(waits)[len(waits) // 2]:.2f} s"
    )
    again, _ = run_import(file, who, first + dt.timedelta(days=100))
    print(f"  once more     {again:6.1f} s; patients: {Patient.objects.count() - 1}")


def run_import(file: Path, who: dict[str, Any], at: dt.datetime) -> tuple[float, list[float]]:
    """Seconds on the clock, and how long each booking meanwhile took: one after the other from `at` on."""
    from treatments.booking import book_appointment

    command = [
        sys.executable, "manage.py", "import_patients", str(file), "--system", "old", "--encoding", "utf-8", "--delimiter",
        "semicolon", "--dates", "day-first", "--by", "m@clinic.example", "--take-lookalikes", "--apply",
    ]  # fmt: skip
    begun, waits = time.perf_counter(), []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as running:
        while running.poll() is None:
            asked, at = time.perf_counter(), at + dt.timedelta(minutes=15)
            book_appointment(starts_at=at, **who)
            waits.append(time.perf_counter() - asked)
            time.sleep(PAUSE)
        said = running.stdout.read() if running.stdout else ""
        if running.returncode and "There is nobody to take in" not in said:
            sys.exit(said)
    return time.perf_counter() - begun, waits


if __name__ == "__main__":
    main()
