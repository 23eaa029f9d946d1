"""Developing a photo that was taken in: once, by a worker of the queue, or by whoever asks for it when none is there.

The photo's own row is the truth and a job only wakes it. To begin is to claim: `next_try_at` moves ahead, and until it
has passed nobody else begins. Pictures are written first and named by rows in one transaction after, so what a killed
process leaves behind is files that no row names; `check_photos --remove-orphans` finds and deletes them.
"""

import datetime as dt
import errno
import hashlib
import logging
import threading
import time
import uuid

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from clinic.tasks import task
from treatments.images import Developed, PhotoRejected, develop
from treatments.models import Photo, PhotoFile
from treatments.models.photo import PhotoQuerySet
from treatments.photo_files import drop_unnamed, read_stored, save_picture, taken_back

log = logging.getLogger(__name__)

# HEIC's decoder is given 40 seconds, and nothing else takes longer.
CLAIMED_FOR = dt.timedelta(minutes=3)
# The queue's own job comes first; what is still there after this long has lost it.
JOB_LOST = dt.timedelta(seconds=30)
# A page that is asked for a photo waits so long for a worker, then does its work.
PATIENCE = dt.timedelta(seconds=5)
AGAIN_IN = dt.timedelta(minutes=1)
MOST_TRIES = 5
AT_MOST = 200

LOST = "The file was lost before it was made ready. Take the photo again, or send it again."
CHANGED = "The file was changed before it was made ready, so it is not shown. Take the photo again, or send it again."
BROKEN_OFF = "Making it ready was broken off each time. Send a smaller copy of it, or take another photo."

# What the machine lacked, not the file.
_SHORT_OF = {errno.ENOMEM, errno.EAGAIN, errno.EMFILE, errno.ENFILE, errno.ENOSPC}


def enqueue(photo: Photo) -> None:
    """A job of the queue for it, in the transaction that the row is written in."""
    develop_queued.enqueue(str(photo.pk))


@task()
def develop_queued(photo_id: str) -> None:
    _develop(uuid.UUID(photo_id), timezone.now())


def develop_photo(photo: Photo, *, now: dt.datetime | None = None) -> Photo:
    """Make it ready here and now if it waits and nobody else is at it. Returns it as it is then."""
    _develop(photo.pk, now or timezone.now())
    photo.refresh_from_db()
    return photo


def develop_overdue(photo: Photo, *, now: dt.datetime | None = None) -> Photo:
    """For the doors: where no worker has begun within PATIENCE, it is made ready for who asks for it."""
    now = now or timezone.now()
    if photo.state != Photo.State.DEVELOPING or photo.next_try_at is None or photo.next_try_at > now - PATIENCE:
        return photo
    return develop_photo(photo, now=now)


def develop_due(now: dt.datetime, *, stop: threading.Event | None = None) -> int:
    """Take up photos that wait without a job; returns how many. Run each minute, by any number of workers."""
    lost = Photo.objects.waiting(now - JOB_LOST).order_by("next_try_at").values_list("pk", flat=True)
    began, taken = time.monotonic(), 0
    for photo_id in list(lost[:AT_MOST]):
        if stop is not None and stop.is_set():
            break
        # One takes seconds at worst, and a claim counts from when it is made.
        _develop(photo_id, now + dt.timedelta(seconds=time.monotonic() - began))
        taken += 1
    return taken


def _develop(photo_id: uuid.UUID, now: dt.datetime) -> None:
    photo = _claim(photo_id, now)
    if photo is None:
        return
    if photo.tries > MOST_TRIES:
        _unreadable(photo, BROKEN_OFF)
        return
    try:
        content = read_stored(photo.incoming)
        if hashlib.sha256(content).hexdigest() != photo.original_sha256:
            log.warning("photo %s: its file is not as it was sent", photo.pk)
            _unreadable(photo, CHANGED)
            return
        _keep(photo, develop(content))
    except FileNotFoundError:
        _unreadable(photo, LOST)
    except PhotoRejected as rejected:
        if _was_short(rejected.__cause__):
            _still_ours(photo).update(next_try_at=now + AGAIN_IN)
        else:
            _unreadable(photo, rejected.reason)
    except Exception as error:  # noqa: BLE001  (each storage has errors of its own)
        log.warning("photo %s: %s; trying again", photo.pk, type(error).__name__)
        # Not the photo's fault, so not one of its tries: it waits for as long as the storage is away.
        _still_ours(photo).update(next_try_at=now + AGAIN_IN, tries=F("tries") - 1)


def _claim(photo_id: uuid.UUID, now: dt.datetime) -> Photo | None:
    """The photo, for a while nobody else's to begin with; None where there is nothing to do."""
    # One statement, so of two at once one finds the other's mark.
    waiting = Photo.objects.waiting(now).filter(pk=photo_id)
    if not waiting.update(tries=F("tries") + 1, next_try_at=now + CLAIMED_FOR):
        return None
    return Photo.objects.get(pk=photo_id)


def _was_short(cause: BaseException | None) -> bool:
    return isinstance(cause, MemoryError) or (isinstance(cause, OSError) and cause.errno in _SHORT_OF)


def _still_ours(photo: Photo) -> PhotoQuerySet:
    """Only while no later try has begun: a worker that woke up after its claim had ended decides nothing."""
    return Photo.objects.filter(pk=photo.pk, state=Photo.State.DEVELOPING, tries=photo.tries)


def _keep(photo: Photo, developed: Developed) -> None:
    names: list[str] = []
    with taken_back(names):
        for rendition in developed.renditions:
            names.append(save_picture(rendition.content))
        with transaction.atomic():
            ours = _still_ours(photo).update(state=Photo.State.READY, incoming="", problem="", next_try_at=None)
            if ours:
                PhotoFile.objects.bulk_create(
                    PhotoFile(
                        photo=photo,
                        size=rendition.size,
                        name=name,
                        sha256=rendition.sha256,
                        bytes=len(rendition.content),
                        width=rendition.width,
                        height=rendition.height,
                    )
                    for rendition, name in zip(developed.renditions, names, strict=True)
                )
    # After the commit. Not ours any more: the pictures just written are somebody's no more than the file as sent.
    drop_unnamed([photo.incoming] if ours else names)


def _unreadable(photo: Photo, problem: str) -> None:
    if _still_ours(photo).update(state=Photo.State.UNREADABLE, problem=problem, incoming="", next_try_at=None):
        drop_unnamed([photo.incoming])
