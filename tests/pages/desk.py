"""What the tests of the desk's pages share: times around the real clock, a page's words, and statements counted."""

import contextlib
import datetime as dt
import html
import re
from collections.abc import Iterator

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.models import Staff
from patients.models import Patient
from tests.factories import LONDON, make_appointment
from treatments.models import Appointment, Treatment

AROUND = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def today_at(hour: int = 10, minute: int = 0, *, days: int = 0) -> dt.datetime:
    """This hour in London, today or so many days from today."""
    day = timezone.localdate(timezone=LONDON) + dt.timedelta(days=days)
    return dt.datetime.combine(day, dt.time(hour, minute), tzinfo=LONDON)


def booked(patient: Patient, treatment: Treatment, practitioner: Staff, by: Staff, at: dt.datetime) -> Appointment:
    """An appointment at `at`, booked the day before it."""
    return make_appointment(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner,
        by=by,
        starts_at=at,
        now=at - dt.timedelta(days=1),
    )


def signed_in(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff)
    return client


def words(response) -> str:
    """The page's text as it is read, without tags, on one line."""
    body = re.sub(r"(?s)^.*?<main[^>]*>|<script.*?</script>", "", response.content.decode())
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", body)).split())


def buttons(response) -> list[str]:
    """Where the page's forms post to and its links lead to, within the page itself."""
    return re.findall(r'(?:action|href)="([^"]*)"', response.content.decode().split("<main", 1)[1])


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL between, but for transaction control and finding out who is signed in."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(AROUND)
        and "clinic_signinsession" not in query["sql"]
        and not re.search(r'FROM "clinic_staff" WHERE "clinic_staff"."id" =', query["sql"])
    ]
