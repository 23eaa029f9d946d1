"""Files that take long, made by a worker of the queue: asked for, claimed, made, kept for a day, removed.

The Export's row is the truth and a job only wakes it. To begin is to claim: `claimed_at` is moved on while the work goes
on, and a claim that stands still for three minutes is a killed worker's: the next one begins anew. The file's name is in
the row before the file is there, so nothing lies about that no row names, and only a whole file is ever offered.
"""

import contextlib
import datetime as dt
import errno
import logging
import shutil
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.core.files.storage import storages
from django.db import Error, transaction
from django.db.models import Q
from django.utils import timezone

from clinic.audit import COMMAND_LINE, CameBy, record_event
from clinic.exports import clock_of, counting, csv_chunks, file_name, filled, filter_for_audit
from clinic.models import AuditEvent, Export, Staff
from clinic.pdf import PdfUnavailable
from clinic.roles import require
from clinic.tasks import task
from clinic.workbooks import write_workbook
from patients.models import Patient
from treatments.export_beat import Beat, NoLongerWanted
from treatments.exports import LISTS
from treatments.patient_archive import write_archive

log = logging.getLogger(__name__)
Kind, State, Format = Export.Kind, Export.State, Export.Format

# A worker shows every few seconds that it is at it.
CLAIMED_FOR = dt.timedelta(minutes=3)
JOB_LOST = dt.timedelta(seconds=30)
# Broken off again and again: it is too much for this machine.
GIVE_UP_AFTER = dt.timedelta(hours=6)
AT_MOST = 20
FORGET_AFTER = dt.timedelta(days=30)

NOT_YOURS = "Your role does not allow this any more."
NOT_THERE = "There is no such list any more."
NO_ROOM = "The server's disk is full. Ask again once there is room."
BROKEN_OFF = "Making it was broken off each time. Narrow the filter, or ask whoever looks after the server."
FAILED = "It could not be made. Ask again; if it fails again, tell whoever looks after the server."


@task()
def make_queued(export_id: str) -> None:
    make_export(uuid.UUID(export_id), now=timezone.now())


def make_due(now: dt.datetime) -> int:
    """Take up what lost its job or its worker; remove what has had its day. Run each minute. Returns how many were made."""
    lost = Q(state=State.WAITING, asked_at__lte=now - JOB_LOST) | _left_lying(now)
    taken = list(Export.objects.filter(lost).order_by("asked_at").values_list("pk", flat=True)[:AT_MOST])
    for export_id in taken:
        make_export(export_id, now=timezone.now())
    for export in Export.objects.filter(state=State.READY, expires_at__lte=now):
        remove_export(export)
    Export.objects.filter(state__in=[State.GONE, State.FAILED], asked_at__lte=now - FORGET_AFTER).delete()
    _forget_broken_off()
    return len(taken)


def make_export(export_id: uuid.UUID, *, now: dt.datetime) -> None:
    """Make it if it waits and nobody else is at it. Raises nothing: what went wrong stands in its row."""
    export = _claim(export_id, now)
    if export is None:
        return
    beat = Beat(export)
    problem = ""
    try:
        with beat, _folder() as folder:
            problem = _made(export, folder, beat.note)
    except NoLongerWanted:
        drop_file(export.file)
        return
    except Error as error:
        # The database's own: its words can quote a row. The claim runs out, and the clock comes back to it.
        log.warning("export %s: %s", export.pk, type(error).__name__)
        return
    _settle(export, beat, problem)


def remove_export(export: Export) -> None:
    """Cancelled, or its time is over: its file goes, and the filter it was made by, which may have been a name."""
    going = Export.objects.filter(pk=export.pk).exclude(state=State.GONE)
    if going.update(state=State.GONE, query="", claimed_at=None):
        drop_file(export.file)


def drop_file(name: str) -> None:
    if name:
        with contextlib.suppress(FileNotFoundError):
            storages["files"].delete(name)


def _left_lying(now: dt.datetime) -> Q:
    return Q(state=State.MAKING, claimed_at__lte=now - CLAIMED_FOR)


def _claim(export_id: uuid.UUID, now: dt.datetime) -> Export | None:
    """The export, for a while nobody else's; None where there is nothing to do."""
    free = Export.objects.filter(Q(state=State.WAITING) | _left_lying(now), pk=export_id)
    before = free.values_list("file", flat=True).first()
    name = f"exports/{uuid.uuid4().hex}"
    # One statement, so of two at once one finds the other's mark.
    if not free.update(state=State.MAKING, claimed_at=now, done=0, problem="", file=name):
        return None
    drop_file(before or "")
    return Export.objects.select_related("asked_by__site").get(pk=export_id)


def _made(export: Export, folder: Path, note: Callable[[int], None]) -> str:
    """Write the file and keep it. Returns "" or why not, as a sentence."""
    if timezone.now() - export.asked_at > GIVE_UP_AFTER:
        return BROKEN_OFF
    path = folder / "file"
    try:
        export.done = _archive(export, path, note) if export.kind == Kind.PATIENT else _list(export, path, note)
        export.size = path.stat().st_size
        with path.open("rb") as content:
            storages["files"].save(export.file, File(content))
    except PermissionDenied:
        return NOT_YOURS
    except (KeyError, Patient.DoesNotExist):
        return NOT_THERE
    except (ValidationError, PdfUnavailable) as error:
        return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
    except (NoLongerWanted, Error):
        raise
    except Exception as error:  # noqa: BLE001  (a list's own, or each storage's)
        log.error("export %s: %s", export.pk, type(error).__name__)
        return NO_ROOM if isinstance(error, OSError) and error.errno == errno.ENOSPC else FAILED
    return ""


def _list(export: Export, path: Path, note: Callable[[int], None]) -> int:
    of = LISTS[export.list_code]
    by = export.asked_by
    require(by, "export-lists")
    require(by, of.permission)
    rows = 0

    def noted(number: int) -> None:
        nonlocal rows
        rows = number
        note(number)

    list_ = counting(filled(of, by, export.query), noted)
    if export.format == Format.XLSX:
        with path.open("w+b") as book:
            write_workbook(list_, book, folder=path.parent)
    else:
        with path.open("w", encoding="utf-8", newline="") as text:
            for chunk in csv_chunks(list_):
                text.write(chunk)
    return rows


def _archive(export: Export, path: Path, note: Callable[[int], None]) -> int:
    require(export.asked_by, "export-patient-data")
    known = Patient.objects.visible_to(export.asked_by).current()
    patient = known.get(pk=str(export.patient_id))
    with path.open("w+b") as archive, timezone.override(clock_of(export.asked_by)):
        return write_archive(patient, by=export.asked_by, file=archive, note=note, now=timezone.now())


def _settle(export: Export, beat: Beat, problem: str) -> None:
    now = timezone.now()
    ours = Export.objects.filter(pk=export.pk, state=State.MAKING, claimed_at=beat.stamp)
    with transaction.atomic():
        if problem:
            ours.update(state=State.FAILED, problem=problem[:300], claimed_at=None)
            done = False
        else:
            until = now + dt.timedelta(hours=settings.EXPORT_HOURS)
            ready = {"state": State.READY, "done": export.done, "total": export.done, "size": export.size}
            done = bool(ours.update(**ready, ready_at=now, expires_at=until, claimed_at=None))
            if done:
                _note(export)
    if not done:
        drop_file(export.file)


def _note(export: Export) -> None:
    # The worker makes it; who is to be asked about it is whoever wanted it, where they wanted it.
    way = CameBy(export.door or COMMAND_LINE, export.request_id, export.address)
    if export.kind == Kind.PATIENT:
        kind = AuditEvent.Kind.DATA_EXPORTED
        record_event(kind, way=way, actor=export.asked_by, patient_id=export.patient_id, files=export.done)
        return
    note_list(export.asked_by, export.list_code, export.format, export.query, export.done, way)


def note_list(by: Staff, code: str, format: str, query: str, rows: int, way: CameBy) -> None:
    record_event(
        AuditEvent.Kind.LIST_EXPORTED,
        way=way,
        actor=by,
        list=code,
        format=format,
        filter=filter_for_audit(query),
        rows=rows,
    )


def name_of(export: Export) -> str:
    """What the file is called where it is saved."""
    day = timezone.localdate(export.ready_at)
    return file_name("patient-data" if export.kind == Kind.PATIENT else export.list_code, export.format, day)


def _forget_broken_off() -> None:
    """Unfinished files of killed workers, on this machine."""
    oldest = time.time() - 2 * GIVE_UP_AFTER.total_seconds()
    for folder in _making().glob("*/"):
        if folder.stat().st_mtime < oldest:
            shutil.rmtree(folder, ignore_errors=True)


def _making() -> Path:
    return Path(settings.VAR_DIR) / "making"


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """For unfinished files: here and not in the system's own, so that what a killed worker leaves behind is found again."""
    making = _making()
    making.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=making) as folder:
        yield Path(folder)
