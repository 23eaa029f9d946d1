"""Training records: who may give mesotherapy. Every change is an audit event; nothing is deleted."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Staff
from treatments.certificates import Kept
from treatments.models import TrainingRecord
from treatments.operation import operation

LAPSE_WITHIN = 60  # days
LONGEST_REASON = 100  # of the history's own column


@transaction.atomic
def record_training(
    *,
    staff: Staff,
    certificate: str,
    valid_from: dt.date,
    valid_until: dt.date,
    by: Staff | None = None,
    request: HttpRequest | None = None,
) -> TrainingRecord:
    """A mesotherapy training record, valid on both days and those between, for commands. Raises ValidationError by field."""
    record = TrainingRecord(staff=staff, certificate=certificate, valid_from=valid_from, valid_until=valid_until)
    return _save(record, by, request)


@operation("manage-staff")
def add_training(
    *,
    staff: Staff,
    certificate: str,
    valid_from: dt.date,
    valid_until: dt.date,
    by: Staff,
    kept: Kept | None = None,
    through: HttpRequest | None = None,
) -> TrainingRecord:
    """The same with its certificate's file (`kept_certificate`). Raises ValidationError by field."""
    record = TrainingRecord(
        staff=staff, certificate=certificate.strip(), valid_from=valid_from, valid_until=valid_until
    )
    _attach(record, kept)
    return _save(record, by, through)


@operation("manage-staff")
def attach_certificate(
    *, record: TrainingRecord, kept: Kept, by: Staff, through: HttpRequest | None = None
) -> TrainingRecord:
    """The file of a record that has none yet. Raises ValidationError: one that is there is never replaced."""
    record = _lock(record)
    if record.file:
        raise ValidationError({"file": "There is a certificate already. Withdraw this record and add another."})
    _attach(record, kept)
    return _save(record, by, through, certificate=True)


@operation("manage-staff")
def withdraw_training(
    *,
    record: TrainingRecord,
    reason: str,
    by: Staff,
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> TrainingRecord:
    """From today it holds no more; it stays to be read, with its file. Withdrawn twice is withdrawn once.

    Raises ValidationError.
    """
    record = _lock(record)
    if record.withdrawn_on is not None:
        return record
    if not (reason := reason.strip()):
        raise ValidationError({"reason": "Say why."})
    record.withdrawn_on = timezone.localdate(now)
    return _save(record, by, through, history=reason, reason=reason)


def _lock(record: TrainingRecord) -> TrainingRecord:
    return TrainingRecord.objects.select_for_update(of=("self",)).get(pk=record.pk)


def _attach(record: TrainingRecord, kept: Kept | None) -> None:
    if kept is not None:
        record.file, record.file_type, record.file_sha256 = kept.name, kept.type, kept.sha256


def _save(
    record: TrainingRecord, by: Staff | None, request: HttpRequest | None, *, history: str = "", **details: Any
) -> TrainingRecord:
    record.clean()
    save_by(record, by, reason=history)
    record_event(
        AuditEvent.Kind.TRAINING_CHANGED,
        request=request,
        actor=by,
        subject="staff",
        subject_id=record.staff_id,
        until=record.valid_until.isoformat(),
        withdrawn=record.withdrawn_on is not None,
        **details,
    )
    return record


# --- How long somebody is trained -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Lapse:
    """A practitioner whose mesotherapy training ends soon, or has ended."""

    staff: Staff
    until: dt.date
    has_lapsed: bool


def lapsing_soon(now: dt.datetime, *, days: int = LAPSE_WITHIN) -> list[Lapse]:
    """Practitioners whose training was lapsed on that day, or lapses within `days` of it; the first to lapse first.

    Who was never trained is not here: nothing of theirs lapses. Two statements.
    """
    today = timezone.localdate(now)
    people = {one.pk: one for one in Staff.objects.practitioners()}
    until = trained_until(people, today)
    found = [
        Lapse(people[pk], last, last < today)
        for pk, last in until.items()
        if last is not None and last <= today + dt.timedelta(days=days)
    ]
    return sorted(found, key=lambda lapse: (lapse.until, lapse.staff.name))


def trained_until(staff: Collection[uuid.UUID], today: dt.date) -> dict[uuid.UUID, dt.date | None]:
    """For each the last day of their mesotherapy training without a gap from today; where it has lapsed, the day it did.

    None: never trained, or only from a day to come. One statement.
    """
    records: dict[uuid.UUID, list[tuple[dt.date, dt.date]]] = {one: [] for one in staff}
    standing = TrainingRecord.objects.standing().filter(staff__in=list(records)).order_by("valid_from", "valid_until")
    for one, first, last in standing.values_list("staff", "valid_from", "valid_until"):
        records[one].append((first, last))
    return {one: _unbroken(spans, today) for one, spans in records.items()}


def _unbroken(spans: Iterable[tuple[dt.date, dt.date]], today: dt.date) -> dt.date | None:
    """`spans` by their first day. One that begins the day after another ends goes on with it."""
    until: dt.date | None = None
    for first, last in spans:
        limit = until + dt.timedelta(days=1) if until and until >= today else today
        if first > limit:
            break
        until = max(until, last) if until else last
    return until
