"""Asking for a file, calling it off, and taking it once it is there."""

import datetime as dt
from dataclasses import asdict
from typing import IO, Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.storage import storages
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import came_by, record_event
from clinic.exports import filter_for_audit
from clinic.models import AuditEvent, Export, Staff
from clinic.roles import require
from patients.models import Patient
from treatments.export_jobs import make_queued, remove_export
from treatments.exports import LISTS
from treatments.operation import operation

Kind, State, Format = Export.Kind, Export.State, Export.Format
UNDER_WAY = (State.WAITING, State.MAKING)
LONGEST_QUERY = 2_000
OVER = "The file was there for a time and is removed. Ask for it again."
TOO_LONG = "This filter is too long. Narrow it, and try again."


class NoFile(Exception):
    """Its time is over, or the file was lost. The message is a sentence for whoever asked."""


@operation("export-lists")
def ask_for_list(
    *,
    code: str,
    format: str,
    query: str,
    total: int | None,
    by: Staff,
    now: dt.datetime | None = None,
    through: HttpRequest | None = None,
) -> Export:
    """A list as a file, made by the worker. Asked for twice while it is under way, it is made once. Raises ValidationError."""
    require(by, LISTS[code].permission)
    if len(query) > LONGEST_QUERY:
        raise ValidationError(TOO_LONG)
    what = {"kind": Kind.LIST, "format": format, "list_code": code, "query": query, "patient_id": None}
    return _ask(by, now, through, total=total, **what)


@operation("export-patient-data")
def ask_for_archive(
    *, patient: Patient, by: Staff, now: dt.datetime | None = None, through: HttpRequest | None = None
) -> Export:
    """All that is kept of one patient, made by the worker."""
    what = {"kind": Kind.PATIENT, "format": Format.ZIP, "list_code": "", "query": "", "patient_id": patient.pk}
    return _ask(by, now, through, total=None, **what)


def _ask(by: Staff, now: dt.datetime | None, through: HttpRequest | None, *, total: int | None, **what: Any) -> Export:
    # Two clicks come one after the other, and the second finds the first one's row.
    Staff.objects.select_for_update(no_key=True).only("pk").get(pk=by.pk)
    standing = Export.objects.filter(asked_by=by, state__in=UNDER_WAY, **what).first()
    if standing is not None:
        return standing
    export = Export.objects.create(
        asked_by=by, asked_at=now or timezone.now(), total=total, **what, **asdict(came_by(through))
    )
    make_queued.enqueue(str(export.pk))
    return export


def call_off(*, export: Export, by: Staff) -> None:
    """It is not made, or its file goes now. Called off twice is called off once."""
    if export.asked_by_id != by.pk:
        raise PermissionDenied
    remove_export(export)


def may_have(export: Export, by: Staff) -> bool:
    """Asked again when the file is taken: a role may have gone since."""
    if export.kind == Kind.PATIENT:
        return by.may("export-patient-data")
    of = LISTS.get(export.list_code)
    return of is not None and by.may("export-lists") and by.may(of.permission)


def take_file(*, export: Export, by: Staff, request: HttpRequest, now: dt.datetime | None = None) -> IO[bytes]:
    """The file, opened; the trail says who had it. Raises PermissionDenied, NoFile."""
    if export.asked_by_id != by.pk or not may_have(export, by):
        raise PermissionDenied("Your role does not allow this any more.")
    if export.state != State.READY or export.expires_at is None or export.expires_at <= (now or timezone.now()):
        raise NoFile(OVER)
    try:
        file: IO[bytes] = storages["files"].open(export.file)
    except FileNotFoundError as error:
        raise NoFile("The file is lost. Ask for it again.") from error
    with transaction.atomic():
        record_event(
            AuditEvent.Kind.DATA_DOWNLOADED,
            request=request,
            actor=by,
            patient_id=export.patient_id,
            subject="export",
            subject_id=export.pk,
            list=export.list_code,
            filter=filter_for_audit(export.query),
            rows=export.done,
        )
    return file
