"""What is due by the clock, in one table: the worker looks at it each minute, and `run_due` runs it for a clinic's cron.

Each duty may run late, twice, or in several workers at once; what must happen once is written in a row of its own.
"""

import datetime as dt
import threading
from collections.abc import Callable
from dataclasses import dataclass

from clinic.audit_chain import note_head, seal_events
from clinic.ended import forget_ended
from clinic.tasks import forget_old_jobs
from treatments.developing import develop_due
from treatments.export_jobs import make_due
from treatments.figures.clearing import rebuild_clearing
from treatments.figures.cusum import watch
from treatments.figures.keeping import count_due
from treatments.integrity import run_due_checks
from treatments.messages import run_due
from treatments.signals import raise_signals

MINUTE, HOUR, DAY = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta(days=1)


@dataclass(frozen=True)
class Duty:
    """`act` is given the time and an event that is set when the worker should end; it says what it did in a few words."""

    every: dt.timedelta
    act: Callable[[dt.datetime, threading.Event], str]


def _messages(now: dt.datetime, stop: threading.Event) -> str:
    done = run_due(now, stop=stop)
    return f"reminders written: {done.reminders}; messages taken up: {done.taken_up}"


DUTIES = (
    Duty(MINUTE, _messages),
    Duty(MINUTE, lambda now, stop: f"photos taken up: {develop_due(now, stop=stop)}"),
    Duty(MINUTE, lambda now, stop: f"exports taken up: {make_due(now)}"),
    Duty(MINUTE, lambda now, stop: f"audit events sealed: {seal_events(now=now, stop=stop)}"),
    Duty(MINUTE, lambda now, stop: f"months counted: {count_due(now, stop=stop)}"),
    Duty(DAY, lambda now, stop: f"head of the audit trail: {note_head()}"),
    Duty(HOUR, lambda now, stop: f"times to clear estimated: {rebuild_clearing(now=now)}"),
    Duty(HOUR, lambda now, stop: f"rates that rose: {len(watch(now))}"),
    Duty(HOUR, lambda now, stop: f"infections with something in common: {raise_signals(now)}"),
    Duty(HOUR, lambda now, stop: f"checks run: {run_due_checks(now)}"),
    Duty(HOUR, lambda now, stop: f"old jobs forgotten: {forget_old_jobs(now)}"),
    Duty(HOUR, lambda now, stop: f"ended sign-ins forgotten: {forget_ended(now)}"),
)
