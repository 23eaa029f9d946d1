"""A chain over the audit trail: each event is sealed with a hash over it and over the seal before, so a change or a gap shows.

Events are sealed each minute by the worker, in an order of their own (what was written first may be committed last), not
as they are written: every reading of a chart would otherwise wait for every other. So two things it cannot show: what was
done to an event before it was sealed, and a chain written anew from its beginning by somebody who has the whole database.
For the second, note the head (place and hash) somewhere else, and give it to `manage.py check_audit --head`.
"""

import datetime as dt
import hashlib
import json
import logging
import threading
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef
from django.utils import timezone

from clinic.models import AuditEvent, AuditSeal

log = logging.getLogger("clinic.audit")

# Stands in every hash: another way to write an event down would be another version.
VERSION = "allclear-audit-1"
BEGINNING = "0" * 64
AT_ONCE = 1_000
# So many of the last seals are looked back over for events that were written before them and committed after them.
LOOK_BACK = 10_000
# The worker seals each minute; what is older and still open says that none runs.
SEALED_WITHIN = dt.timedelta(minutes=10)
LOCK = 0x61756469  # of PostgreSQL's advisory locks, ours for the end of the chain


@dataclass(frozen=True)
class Head:
    """The last link: its place and its hash. Written “PLACE:HASH”."""

    place: int
    hash: str

    def __str__(self) -> str:
        return f"{self.place}:{self.hash}"

    @classmethod
    def read(cls, said: str) -> "Head":
        """Raises ValueError for anything but “PLACE:HASH”."""
        place, _, digest = said.strip().partition(":")
        if not place.isdecimal() or len(digest) != len(BEGINNING):
            raise ValueError("A head is written PLACE:HASH, the hash being 64 digits and letters.")
        return cls(int(place), digest.lower())


def sealed_text(event: AuditEvent) -> str:
    """The event as it is hashed: every column, the same on both databases."""
    return json.dumps(
        {
            "id": event.pk,
            "at": event.at.astimezone(dt.UTC).isoformat(timespec="microseconds"),
            "kind": event.kind,
            "actor": str(event.actor_id or ""),
            "door": event.door,
            "request_id": event.request_id,
            "address": event.address or "",
            "patient": str(event.patient_id or ""),
            "subject": event.subject,
            "subject_id": str(event.subject_id or ""),
            "details": event.details,
        },
        sort_keys=True,
        separators=(",", ":"),
    )


def link(place: int, previous: str, event: AuditEvent) -> str:
    """SHA-256 over the place, the hash before and the event, as hex."""
    return hashlib.sha256(f"{VERSION}\n{place}\n{previous}\n{sealed_text(event)}".encode()).hexdigest()


def head() -> Head | None:
    last = AuditSeal.objects.order_by("-pk").first()
    return Head(last.pk, last.hash) if last else None


# --- Sealing ----------------------------------------------------------------------------------------------------------
def seal_events(*, now: dt.datetime | None = None, stop: threading.Event | None = None) -> int:
    """Seal what is not sealed yet, oldest first; returns how many. Workers that do so at once wait for one another."""
    sealed = 0
    while stop is None or not stop.is_set():
        count = _seal_some(now or timezone.now())
        sealed += count
        if count < AT_ONCE:
            break
    return sealed


@transaction.atomic
def _seal_some(now: dt.datetime) -> int:
    _lock_the_end()
    last = head() or Head(0, BEGINNING)
    recent = AuditSeal.objects.filter(pk__gt=last.place - LOOK_BACK)
    # Until there are as many as are looked back over, every event is asked about.
    since = recent.aggregate(first=Min("event_id"))["first"] if last.place >= LOOK_BACK else None
    place, previous, seals = last.place, last.hash, []
    for event in _unsealed(since or 0)[:AT_ONCE]:
        place += 1
        previous = link(place, previous, event)
        seals.append(AuditSeal(pk=place, event_id=event.pk, hash=previous, sealed_at=now))
    AuditSeal.objects.bulk_create(seals)
    return len(seals)


def _unsealed(since: int):  # type: ignore[no-untyped-def]
    sealed = AuditSeal.objects.filter(event_id=OuterRef("pk"))
    return AuditEvent.objects.filter(~Exists(sealed), pk__gte=since).order_by("pk")


def _lock_the_end() -> None:
    """One at a time; on SQLite whoever writes is alone anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])


def note_head() -> str:
    """The head into the log, which goes elsewhere than the database: whoever shortens the chain later is found out by it."""
    last = head()
    if last is not None:
        log.info("The audit trail's head is %s", last)
    return str(last.place if last else 0)


# --- Checking ---------------------------------------------------------------------------------------------------------
def faults(*, noted: Head | None = None, now: dt.datetime | None = None) -> Iterator[str]:
    """A sentence for each gap or change, in the chain's order, read through in constant memory.

    `noted` is a head that was written down elsewhere earlier: the chain must still hold it.
    """
    yield from _chain_faults()
    if noted is not None:
        found = AuditSeal.objects.filter(pk=noted.place).first()
        if found is None:
            yield f"The chain ends before place {noted.place}, which was noted: its end was cut off."
        elif found.hash != noted.hash:
            yield f"The seal at place {noted.place} is not the one that was noted: the chain was written anew."
    old = _unsealed(0).filter(at__lt=(now or timezone.now()) - SEALED_WITHIN)
    if count := old.count():
        yield f"{count} {'event is' if count == 1 else 'events are'} not sealed yet after ten minutes; does the worker run?"


def _chain_faults() -> Iterator[str]:
    place, previous = 0, BEGINNING
    for seals in _batches():
        events = AuditEvent.objects.in_bulk([seal.event_id for seal in seals])
        for seal in seals:
            if seal.pk != place + 1:
                missing = f"place {place + 1}" if seal.pk == place + 2 else f"places {place + 1} to {seal.pk - 1}"
                yield f"Seals are missing: {missing}."
            event = events.get(seal.event_id)
            if event is None:
                yield f"The event at place {seal.pk} (number {seal.event_id}) is gone."
            # After a gap the hash before is not known, and nothing can be said of this one.
            elif seal.pk == place + 1 and link(seal.pk, previous, event) != seal.hash:
                yield f"The event at place {seal.pk} (number {seal.event_id}), or its seal, was changed."
            place, previous = seal.pk, seal.hash


def _batches() -> Iterator[list[AuditSeal]]:
    after = -1
    while batch := list(AuditSeal.objects.filter(pk__gt=after).order_by("pk")[:AT_ONCE]):
        yield batch
        after = batch[-1].pk
