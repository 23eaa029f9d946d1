"""What the API's tests share: its address, times ahead of the real clock, and statements counted."""

import contextlib
import datetime as dt
from collections.abc import Iterator

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

API = "/api/v1/"
NO_ONE = "00000000-0000-4000-8000-000000000000"
TRANSACTION_CONTROL = ("SAVEPOINT", "RELEASE", "ROLLBACK", "BEGIN", "COMMIT")


def ahead(days: float = 1, hour: int = 10) -> dt.datetime:
    """A time that many days ahead, at this hour in London."""
    return timezone.localtime().replace(hour=hour, minute=0, second=0, microsecond=0) + dt.timedelta(days=days)


def codes(response) -> list[str]:
    """The blockers' codes of a refusal."""
    assert response.status_code == 409, (response.status_code, response.content)
    return [blocker["code"] for blocker in response.json()["blockers"]]


def errors(response) -> dict[str, list[str]]:
    assert response.status_code == 400, (response.status_code, response.content)
    return response.json()["errors"]


def ids(response) -> list[str]:
    assert response.status_code == 200, (response.status_code, response.content)
    return [row["id"] for row in response.json()["results"]]


@contextlib.contextmanager
def statements() -> Iterator[list[str]]:
    """The SQL between, but for transaction control and finding whose token it is."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    found += [
        query["sql"]
        for query in captured.captured_queries
        if not query["sql"].startswith(TRANSACTION_CONTROL) and "knox_authtoken" not in query["sql"]
    ]
