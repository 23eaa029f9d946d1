"""The work beside the pages, in one process; any number of them may run side by side."""

import logging
import os
import signal
import threading
import time
import uuid
from collections.abc import Callable
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import Error, close_old_connections
from django.utils import timezone

from clinic.tasks import run_ready_jobs
from treatments.clock import DUTIES

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0  # seconds between two looks into the queue
AFTER_AN_ERROR = 5.0
AT_ONE_GO = 50  # jobs, before the clock is looked at again


class Command(BaseCommand):
    help = (
        "Sends messages, makes photos ready and writes exports from the queue, and does what is due by the clock. "
        "Ends cleanly on SIGTERM and Ctrl-C."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--with-parent", type=int, metavar="PID", help="end too once this is not its parent any more"
        )

    def handle(self, *args: Any, with_parent: int | None, **options: Any) -> None:
        stop = threading.Event()

        def end(signum: int, frame: FrameType | None) -> None:
            # A message that is being sent is sent to its end. In a thread: the signal may have come while this one
            # holds the event's own lock.
            threading.Thread(target=stop.set).start()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, end)
        work(stop, is_wanted=lambda: with_parent is None or os.getppid() == with_parent)


def work(stop: threading.Event, *, is_wanted: Callable[[], bool] = lambda: True) -> None:
    """Until `stop` is set, or nobody wants it any more. A database that is away for a while is waited for."""
    worker_id = uuid.uuid4().hex
    due = [0.0] * len(DUTIES)
    while not stop.is_set() and is_wanted():
        wait = LOOK_EVERY
        try:
            close_old_connections()
            run_ready_jobs(worker_id, stop, at_most=AT_ONE_GO)
            for number, duty in enumerate(DUTIES):
                if time.monotonic() >= due[number] and not stop.is_set():
                    due[number] = time.monotonic() + duty.every.total_seconds()
                    duty.act(timezone.now(), stop)
        except Error as error:
            # Its words can quote a row.
            log.warning("worker: %s; trying again in %s seconds", type(error).__name__, AFTER_AN_ERROR)
            wait = AFTER_AN_ERROR
        close_old_connections()
        stop.wait(wait)
