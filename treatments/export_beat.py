"""A worker's sign of life while it makes a file, from a thread with a connection of its own.

The one that reads the rows cannot write meanwhile: on SQLite a reader whose records somebody has changed since may not write.
"""

import logging
import threading
from types import TracebackType

from django.db import Error, connections
from django.utils import timezone

from clinic.models import Export

log = logging.getLogger(__name__)
EVERY = 2.0  # seconds


class NoLongerWanted(Exception):
    """Cancelled, or taken over by another worker."""


class Beat:
    """While it is entered, the export's row says how far the work is. `stamp` is the claim as it stands in the row."""

    def __init__(self, export: Export) -> None:
        self.pk, self.stamp = export.pk, export.claimed_at
        self.done = 0
        self._over, self._lost = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def note(self, done: int) -> None:
        """Raises NoLongerWanted."""
        self.done = done
        if self._lost.is_set():
            raise NoLongerWanted

    def __enter__(self) -> "Beat":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        try:
            while not self._over.wait(EVERY) and not self._lost.is_set():
                self._beat()
        finally:
            connections.close_all()

    def _beat(self) -> None:
        now = timezone.now()
        ours = Export.objects.filter(pk=self.pk, state=Export.State.MAKING, claimed_at=self.stamp)
        try:
            if ours.update(done=self.done, claimed_at=now):
                self.stamp = now
            else:
                self._lost.set()
        except Error as error:
            log.warning("export %s: %s", self.pk, type(error).__name__)
