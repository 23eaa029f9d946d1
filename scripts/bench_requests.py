"""Requests to the API and to the bare views in turns, in this process: CPU, time on the clock, statements."""

import datetime as dt
import gc
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench_bare import bare_handlers
from bench_clinic import Clinic
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection

BATCH = 5  # requests of one lane before the next has its turn
WARM_UP = 10
BOOKINGS_A_DAY = 8  # hours, from nine

Answer = tuple[int, Any]
Ask = tuple[str, str, bytes]  # method, address, body


@dataclass
class Lane:
    """One way to answer, and what was measured of it: CPU ms and wall ms by request, the server's CPU ms by batch."""

    name: str
    handler: WSGIHandler
    cpu: list[float] = field(default_factory=list)
    wall: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)

    def batches(self) -> list[float]:
        """CPU ms of each batch."""
        return [sum(self.cpu[start : start + BATCH]) for start in range(0, len(self.cpu), BATCH)]


@dataclass
class Task:
    """One request of the three: `asks` gives the next one; `agree` says whether two answers to one question match."""

    name: str
    asks: Iterator[Ask]
    agree: Callable[[Answer, Answer], bool]
    lanes: list[Lane]


class Client:
    """Calls a WSGI handler as a server would, to the end of the answer and of the request."""

    def __init__(self, token: str) -> None:
        self.token = token

    def environ(self, ask: Ask) -> dict[str, Any]:
        method, address, body = ask
        parts = urlsplit(address)
        return {
            "REQUEST_METHOD": method,
            "PATH_INFO": parts.path,
            "QUERY_STRING": parts.query,
            "CONTENT_TYPE": "application/json" if body else "",
            "CONTENT_LENGTH": str(len(body)) if body else "",
            "HTTP_AUTHORIZATION": f"Bearer {self.token}",
            "HTTP_HOST": "localhost",
            "HTTP_ACCEPT": "application/json",
            "HTTP_USER_AGENT": "bench",
            "REMOTE_ADDR": "127.0.0.1",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
        }

    @staticmethod
    def call(handler: WSGIHandler, environ: dict[str, Any]) -> tuple[str, bytes]:
        said: list[str] = []
        response = handler(environ, lambda status, headers: said.append(status))
        body = b"".join(response)
        response.close()
        return said[0], body

    def ask(self, handler: WSGIHandler, ask: Ask) -> Answer:
        status, body = self.call(handler, self.environ(ask))
        return int(status.split()[0]), json.loads(body)


def make_tasks(clinic: Clinic, product: WSGIHandler) -> list[Task]:
    behind, alone = bare_handlers()

    def lanes() -> list[Lane]:
        return [Lane("Allclear", product), Lane("bare, same middleware", behind), Lane("bare, no middleware", alone)]

    return [
        Task("booking", _bookings(clinic), _both_booked, lanes()),
        Task("eligibility", _questions(clinic), _same_verdict, lanes()),
        Task("day list", _days(clinic), _same_rows, lanes()),
    ]


def _bookings(clinic: Clinic) -> Iterator[Ask]:
    """Mesotherapy for a patient whom nothing blocks, each at a time that nobody has yet; with a room."""
    n = 0
    while True:
        slot, who = divmod(n, len(clinic.practitioners))
        day, hour = divmod(slot, BOOKINGS_A_DAY)
        body = {
            "patient": str(clinic.clear[n % len(clinic.clear)]),
            "treatment": str(clinic.mesotherapy.pk),
            "practitioner": str(clinic.practitioners[who].pk),
            "room": str(clinic.rooms[who].pk),
            "starts_at": clinic.at(1 + day, 9 + hour).astimezone(dt.UTC).isoformat(),
        }
        yield "POST", "/api/v1/appointments/", json.dumps(body).encode()
        n += 1


def _questions(clinic: Clinic) -> Iterator[Ask]:
    """Mesotherapy for one patient after the other, one in ten of them bruised."""
    while True:
        for patient in clinic.patients:
            yield "GET", f"/api/v1/patients/{patient}/eligibility/?treatment={clinic.mesotherapy.pk}", b""


def _days(clinic: Clinic) -> Iterator[Ask]:
    while True:
        yield "GET", f"/api/v1/appointments/?date={clinic.day}&page_size=100", b""


def _both_booked(one: Answer, other: Answer) -> bool:
    return one[0] == other[0] == 201 and set(one[1]) == set(other[1]) and one[1]["status"] == other[1]["status"]


def _same_verdict(one: Answer, other: Answer) -> bool:
    return one[0] == other[0] == 200 and one[1]["allowed"] == other[1]["allowed"]


def _same_rows(one: Answer, other: Answer) -> bool:
    ids = [[row["id"] for row in answer[1]["results"]] for answer in (one, other)]
    return one[0] == other[0] == 200 and len(ids[0]) == 100 and ids[0] == ids[1]


def warm_up(task: Task, client: Client) -> None:
    """Not measured: every lane answers alike, and how many statements each needs is counted."""

    def count(execute: Any, *given: Any) -> Any:
        lane.statements[-1] += 1
        return execute(*given)

    for _ in range(WARM_UP):
        answers = []
        shared = next(task.asks)
        for lane in task.lanes:
            lane.statements.append(0)
            with connection.execute_wrapper(count):
                answers.append(client.ask(lane.handler, next(task.asks) if shared[0] == "POST" else shared))
        for answer in answers[1:]:
            if not task.agree(answers[0], answer):
                raise SystemExit(f"{task.name}: the answers differ:\n{answers[0]}\n{answer}")


def measure(tasks: list[Task], client: Client, requests: int) -> None:
    """Each lane of each task answers `requests` times, in batches that take turns; who begins changes every round."""
    backend = Backend()
    gc.collect()
    for number in range(-(-requests // BATCH)):
        for task in tasks:
            turn = number % len(task.lanes)
            shared = [next(task.asks) for _ in range(BATCH)]
            for lane in [*task.lanes[turn:], *task.lanes[:turn]]:
                asks = [next(task.asks) for _ in range(BATCH)] if shared[0][0] == "POST" else shared
                before = backend.cpu()
                for ask in asks:
                    _timed(lane, client.environ(ask))
                lane.server.append((backend.cpu() - before) / BATCH)


def _timed(lane: Lane, environ: dict[str, Any]) -> None:
    wall, cpu = time.perf_counter(), time.process_time()
    status, _ = Client.call(lane.handler, environ)
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    if status[0] != "2":
        raise SystemExit(f"{lane.name}: {status} to {environ['REQUEST_METHOD']} {environ['PATH_INFO']}")
    lane.cpu.append(cpu * 1000)
    lane.wall.append(wall * 1000)


class Backend:
    """The server process at the other end of the pool's one connection, as Linux counts its CPU; elsewhere nothing."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (pid,) = cursor.fetchone()
        connection.close()
        self.counter = Path(f"/proc/{pid}/schedstat")

    def cpu(self) -> float:
        """In ms, since it began; NaN where nobody can say."""
        try:
            return int(self.counter.read_text().split()[0]) / 1e6
        except OSError:
            return float("nan")
