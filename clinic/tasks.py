"""The task queue: jobs written in the same transaction as the records they speak of, run by `manage.py worker`.

The only module that names the packages behind it: in Django 6 `django_tasks` becomes `django.tasks`.

A job is a wake-up call, no more: it may run late, twice or, when its worker is killed, never. What must happen once is
written in a row of ours, and looked after by the clock too (`manage.py run_due`).
"""

import datetime as dt
import threading
from typing import Any

from django.db.models import Q
from django_tasks import task
from django_tasks_db.management.commands.db_worker import Worker
from django_tasks_db.models import DBTaskResult

__all__ = ["forget_old_jobs", "run_ready_jobs", "task"]

KEPT_FOR = dt.timedelta(days=7)


class _StoppableWorker(Worker):
    """The queue's own worker, which ends between two jobs once it is told to."""

    def __init__(self, stop: threading.Event, **options: Any) -> None:
        self.stop = stop
        super().__init__(**options)

    @property
    def running(self) -> bool:
        return not self.stop.is_set()

    @running.setter
    def running(self, value: bool) -> None:
        """The package sets it as its worker is made; here the event decides."""


def run_ready_jobs(worker_id: str, stop: threading.Event, *, at_most: int | None = None) -> None:
    """Run what is ready, until nothing is, `at_most` jobs are done, or `stop` is set between two of them.

    Any number of workers may do so at once: each job is claimed by one.
    """
    # Asked before the claim, which takes the writer's lock: on SQLite that is everybody's.
    if not DBTaskResult.objects.ready().exists():
        return
    worker = _StoppableWorker(
        stop,
        queue_names=["default"],
        interval=0,
        batch=True,
        backend_name="default",
        startup_delay=False,
        max_tasks=at_most,
        worker_id=worker_id,
        excluded_queue_names=[],
    )
    worker.run()


def forget_old_jobs(now: dt.datetime) -> int:
    """Delete what ended more than a week ago, or was begun then and never ended. Returns how many."""
    old = now - KEPT_FOR
    return DBTaskResult.objects.filter(Q(finished_at__lt=old) | Q(finished_at=None, started_at__lt=old)).delete()[0]
