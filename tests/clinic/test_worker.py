"""The worker as a process: beside the demo's server, ended by a signal, and nothing lost or said twice by it."""

import datetime as dt
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import OperationalError, connections
from django.utils import timezone

from tests.databases import database_url
from tests.factories import make_appointment, make_patient
from tests.mail_sink import mail_sink
from treatments.clock import DUTIES
from treatments.management.commands import worker
from treatments.models import Message

ROOT = Path(__file__).parents[2]


def until(true: Callable[[], object], seconds: float = 60) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if true():
            return True
        time.sleep(0.1)
    return False


def listens(process: subprocess.Popen[str]) -> bool:
    """Has it said yet what a signal means to it? Before that the signal just ends it."""
    status = Path(f"/proc/{process.pid}/status").read_text()
    caught = int(status.partition("SigCgt:")[2].split()[0], 16)
    return bool(caught & 1 << signal.SIGTERM - 1)


@contextmanager
def processes(count: int, **environment: str) -> Iterator[list[subprocess.Popen[str]]]:
    """`manage.py worker`, so many times, on this test's copy of the database."""
    env = os.environ | {"DJANGO_SETTINGS_MODULE": "clinic.settings", "DATABASE_URL": database_url()} | environment
    started = [
        subprocess.Popen(
            [sys.executable, "manage.py", "worker"],
            cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(count)
    ]  # fmt: skip
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.communicate()
        connections.close_all()


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_two_processes_send_each_message_once_and_end_on_a_signal(number, reception, rosa, consultation):
    for hour in range(6):
        patient = make_patient(reception, f"Given{hour}", email=f"p{hour}@patient.example", wants_messages=True)
        make_appointment(
            patient=patient, practitioner=rosa, treatment=consultation, by=reception,
            starts_at=timezone.now() + dt.timedelta(days=1, hours=hour),
            now=timezone.now() - dt.timedelta(minutes=5 if hour % 2 else 1.9),
        )  # fmt: skip

    with mail_sink() as sink, processes(2, EMAIL_URL=f"smtp://127.0.0.1:{sink.port}", MAIL_FROM="d@c.example") as two:
        assert until(lambda: Message.objects.filter(status="sent").count() == 6)
        assert until(lambda: all(listens(process) for process in two))
        for process in two:
            process.send_signal(number)
        said = [process.communicate(timeout=30)[0] for process in two]

    assert [process.returncode for process in two] == [0, 0]
    assert sorted(to for [to], _ in sink.taken) == [f"p{hour}@patient.example" for hour in range(6)]
    # No word of anybody in a log: the head of the audit trail is all that is said.
    assert [line for one in said for line in one.splitlines() if "audit trail's head is" not in line] == []


@pytest.mark.usefixtures("own_database")
def test_it_comes_by_the_clock_by_itself(reception, rosa, consultation, settings):
    patient = make_patient(reception, email="one@patient.example", wants_messages=True)
    make_appointment(
        patient=patient, practitioner=rosa, treatment=consultation, by=reception,
        starts_at=timezone.now() + dt.timedelta(hours=2), now=timezone.now() - dt.timedelta(days=3),
    )  # fmt: skip
    stop = threading.Event()
    runs = threading.Thread(target=worker.work, args=(stop,))
    runs.start()
    try:
        assert until(lambda: Message.objects.filter(kind="reminder-3h", status="kept").exists())
    finally:
        stop.set()
        runs.join(timeout=30)
    assert not runs.is_alive()


@pytest.mark.usefixtures("own_database")
def test_a_database_that_is_away_for_a_while_is_waited_for(monkeypatch, caplog):
    calls = []

    def away(*args, **kwargs):
        calls.append(args)
        raise OperationalError("row of Amara Okafor")

    monkeypatch.setattr(worker, "run_ready_jobs", away)
    monkeypatch.setattr(worker, "AFTER_AN_ERROR", 0.01)

    worker.work(threading.Event(), is_wanted=lambda: len(calls) < 3)

    assert len(calls) == 3
    assert "OperationalError" in caplog.text
    assert "Amara" not in caplog.text


def test_run_due_is_a_command_of_its_own_for_a_clinics_cron(records, capsys):
    call_command("run_due")

    said = capsys.readouterr().out.splitlines()
    assert said[0] == "reminders written: 0; messages taken up: 0"
    assert len(said) == len(DUTIES)


def _alive(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _workers_of(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue
        if parent == pid and b"worker" in words:
            found.append(int(folder.name))
    return found


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks for processes in /proc")
@pytest.mark.only_on("sqlite")
def test_the_demo_serves_works_and_both_end_together(tmp_path, own_database):
    """However it ends. The first start makes the demo clinic, the others find it there."""
    connections.close_all()
    shutil.copyfile(own_database, tmp_path / "allclear.sqlite3")  # migrated already, which takes longest
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        _serves_and_ends(number, tmp_path)


def _serves_and_ends(number: int, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    env = {name: value for name, value in os.environ.items() if name in ("PATH", "HOME", "LANG")}
    env |= {"VAR_DIR": str(tmp_path), "PORT": port}
    with (tmp_path / "said").open("w") as said:
        demo = subprocess.Popen([sys.executable, "scripts/demo.py", "run"], cwd=ROOT, env=env, stdout=said, stderr=said)
    try:
        assert until(lambda: _answers(f"http://localhost:{port}/healthz"), 600), (tmp_path / "said").read_text()
        [working] = _workers_of(demo.pid)
        demo.send_signal(number)
        demo.wait(timeout=30)
        assert until(lambda: not _alive(working), 30)
    finally:
        demo.kill()
        demo.wait()


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False
