"""How long the database takes for the manager's pages over a million sessions, beside a page with none of them.

    scripts/with_postgres.py .venv/bin/python scripts/bench_figures.py [--sessions 1000000] [--years 10]

Fifteen sessions in a hundred have a side effect, and after nineteen in twenty somebody asked. It lays them straight
into the tables of an empty throw-away database, past the operations and with the guards asleep
(`session_replication_role`), which nobody may do to a clinic's. What is measured is only read.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench_import import set_up as empty_clinic

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
TIMES = 5
PATIENTS, PEOPLE, LOTS = 20_000, 40, 400
PAGES = (
    "/healthz", "/figures/", "/figures/?by=lot", "/figures/?by=body-site&since=2010-01", "/figures/practitioners/",
    "/figures/time-to-clear/", "/figures/watch/", "/records/", "/records/?what=side-effects&kind=infection",
    "/refusals/", "/audit/", "/people/", "/", "/unusual/", "/worklists/", "/alerts/", "/retention/", "/exports/", "/lots/",
)  # fmt: skip
BOUND = 300  # milliseconds of database time that no page should pass

LAY = """
SET session_replication_role = replica;
INSERT INTO patients_patient (id, number, given_name, family_name, pronouns, date_of_birth, phone, email, wants_messages,
    low_pain_threshold, allergies, alerts, search_text, name_key, phone_key, created_at, contact_erased_reason)
  SELECT md5('p' || n)::uuid, 'AC-' || lpad(n::text, 6, '0'), 'Given' || n, 'Family' || n, '', '1980-01-01', '', '', false,
    false, '', '', 'given' || n || ' family' || n, '', '', now() - interval '{years} years', ''
  FROM generate_series(1, {patients}) n;
INSERT INTO treatments_lot (id, product_id, number, dose, quarantine_reason, received_at)
  SELECT md5('l' || n)::uuid, '{product}', 'L' || n, 'multi', '', now() FROM generate_series(1, {lots}) n;
INSERT INTO treatments_appointment (id, patient_id, treatment_id, practitioner_id, site_id, starts_at, ends_at, status,
    status_before, overlap_allowed, cancel_reason, created_at, created_by_id)
  SELECT md5('a' || n)::uuid, md5('p' || (n % {patients} + 1))::uuid, '{treatment}',
    ('{people}'::uuid[])[n % {staff} + 1], '{site}', began, began + interval '1 hour', 'fulfilled', '', false, '', began,
    ('{people}'::uuid[])[1]
  FROM (SELECT n, now() - interval '1 day' - n * (interval '{years} years' / {sessions}) AS began
    FROM generate_series(1, {sessions}) n) made;
INSERT INTO treatments_session (id, appointment_id, patient_id, practitioner_id, family, started_at, finished_at,
    anaesthetic, asepsis, sites, note, next_step, error_reason)
  SELECT md5('s' || a.id::text)::uuid, a.id, a.patient_id, a.practitioner_id, 'mesotherapy', a.starts_at, a.ends_at,
    'declined', '[]', '[{{"site": "thigh", "side": "left"}}]', '', '', '' FROM treatments_appointment a;
INSERT INTO treatments_lotuse (id, session_id, lot_id, used_on, recorded_at)
  SELECT md5('u' || s.id::text)::uuid, s.id, md5('l' || (abs(hashtext(s.id::text)) % {lots} + 1))::uuid,
    s.started_at::date, s.started_at FROM treatments_session s;
INSERT INTO treatments_sideeffect (id, patient_id, session_id, kind, site, side, onset_is_about, onset_on, cream, red_flags,
    map_view, note, recorded_at, recorded_by_id, seen_at, seen_by_id, error_reason)
  SELECT md5('e' || s.id::text)::uuid, s.patient_id, s.id,
    CASE WHEN abs(hashtext(s.id::text)) % 100 = 0 THEN 'infection' ELSE 'bruising' END, 'thigh', 'left', false,
    s.started_at::date, '', '[]', '', '', s.started_at + interval '1 day', s.practitioner_id,
    s.started_at + interval '1 day', s.practitioner_id, ''
  FROM treatments_session s WHERE abs(hashtext(s.id::text)) % 100 < 15;
INSERT INTO treatments_review (id, side_effect_id, mode, finding, outcome, seen_at, size_method, colour, action_taken,
    causality, note, by_id, recorded_at)
  SELECT md5('r' || e.id::text)::uuid, e.id, 'in-person', 'gone', 'resolved',
    e.recorded_at + (abs(hashtext(e.id::text)) % 14) * interval '1 day', '', '', '', '', '', e.recorded_by_id, e.recorded_at
  FROM treatments_sideeffect e WHERE e.recorded_at < now() - interval '20 days';
INSERT INTO treatments_referralstep (id, side_effect_id, step, note, done_at, by_id)
  SELECT md5('c' || e.id::text)::uuid, e.id, 'closed', 'Laid.', e.recorded_at, e.recorded_by_id
  FROM treatments_sideeffect e WHERE e.kind = 'infection';
INSERT INTO treatments_followup (id, patient_id, session_id, asked_at, by_id, note)
  SELECT md5('f' || s.id::text)::uuid, s.patient_id, s.id, s.started_at + interval '3 days', s.practitioner_id, ''
  FROM treatments_session s
  WHERE abs(hashtext(s.id::text)) % 20 > 0 AND s.started_at < now() - interval '4 days';
UPDATE treatments_sideeffect e SET closing_review_id = r.id FROM treatments_review r WHERE r.side_effect_id = e.id;
SET session_replication_role = DEFAULT;
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--years", type=int, default=10)
    given = parser.parse_args()
    if "postgres" not in os.environ.get("DATABASE_URL", ""):
        parser.error("run it under scripts/with_postgres.py")
    with tempfile.TemporaryDirectory(prefix="allclear-bench-") as folder:
        set_up(Path(folder))
        measure(given.sessions, given.years)


def set_up(folder: Path) -> None:
    empty_clinic(folder)
    from django.conf import settings

    # Whoever measures has no second step; everything else is as in production.
    settings.MFA_REQUIRED_FOR = []
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}


@contextmanager
def took(what: str) -> Iterator[None]:
    began = time.perf_counter()
    yield
    print(f"{what:44} {time.perf_counter() - began:8.1f} s", flush=True)


def lay(sessions: int, years: int) -> Any:
    from django.db import connection

    from clinic.models import Site, Staff
    from clinic.staffing import create_staff
    from treatments.models import Product, Treatment

    site = Site.objects.create(name="High Street")
    manager: Staff = create_staff(email="m@clinic.example", name="Manager", roles=["manager"], site=site)
    people = [
        create_staff(
            email=f"p{number}@clinic.example", name=f"Practitioner {number}", roles=["practitioner"], site=site
        )
        for number in range(PEOPLE)
    ]
    treatment = Treatment.objects.create(name="Mesotherapy", family="mesotherapy", duration_minutes=60)
    product = Product.objects.create(name="Product")
    ids = "{" + ",".join(str(one.pk) for one in people) + "}"
    text = LAY.format(
        sessions=sessions, years=years, patients=PATIENTS, lots=LOTS, staff=PEOPLE, people=ids, site=site.pk,
        treatment=treatment.pk, product=product.pk,
    )  # fmt: skip
    with connection.cursor() as cursor:
        for statement in text.split(";\n"):
            if statement.strip():
                cursor.execute(statement)
        cursor.execute("VACUUM ANALYZE")  # as a clinic's database does by itself, by night and by day
    return manager


def measure(sessions: int, years: int) -> None:
    from django.db import connection
    from django.test import Client
    from django.utils import timezone

    from treatments.figures.checking import differences
    from treatments.figures.clearing import rebuild_clearing
    from treatments.figures.cusum import watch
    from treatments.figures.keeping import count_due, rebuild

    with took(f"laid: {sessions} sessions of {years} years"):
        manager = lay(sessions, years)
    now = timezone.now()
    with took("every month counted from the records"):
        months = rebuild(now)
    with took(f"checked against them, {len(months)} months"):
        print(*differences(now=now)[:3], sep="\n", end="")
    with took("what changed since, asked each minute"):
        count_due(timezone.now())
    with took("times to clear, each hour"):
        rebuild_clearing(now=now)
    with took("the watch, each hour"):
        watch(now)
    client = Client(HTTP_HOST="localhost")
    client.force_login(manager)
    print(f"\n{'page':46} {'statements':>10} {'database ms':>12} {'ratio to /people/':>18}")
    found = {page: cost(client, page, connection) for page in PAGES}
    base = found["/people/"][1]
    for page, (count, spent) in found.items():
        print(f"{page:46} {count:10} {spent:12.1f} {spent / base:18.1f}")
    slow = [page for page, (_, spent) in found.items() if spent > BOUND]
    print(f"\npast {BOUND} ms: {', '.join(slow) or 'none'}")


def cost(client: Any, page: str, connection: Any) -> tuple[int, float]:
    """Statements, and the median over TIMES of the milliseconds that the database took for them."""
    spent: list[float] = []
    count = 0

    def timed(execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        nonlocal count
        began = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent[-1] += (time.perf_counter() - began) * 1000
            count += 1

    for _ in range(TIMES + 1):
        spent.append(0.0)
        count = 0
        with connection.execute_wrapper(timed):
            response = client.get(page)
            if response.status_code != 200:
                sys.exit(f"{page} answered {response.status_code}")
    return count, statistics.median(spent[1:])


if __name__ == "__main__":
    main()
