"""Training records: who may give mesotherapy. Every change is an audit event."""

import datetime as dt

from django.db import transaction
from django.http import HttpRequest

from clinic.audit import record_event
from clinic.history import save_by
from clinic.models import AuditEvent, Staff
from treatments.models import TrainingRecord


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
    """A mesotherapy training record, valid on both days and those between. Raises ValidationError by field."""
    return save_training(
        TrainingRecord(staff=staff, certificate=certificate, valid_from=valid_from, valid_until=valid_until),
        by=by,
        request=request,
    )


@transaction.atomic
def save_training(
    record: TrainingRecord, *, by: Staff | None = None, request: HttpRequest | None = None
) -> TrainingRecord:
    """Save a new or changed record. Raises ValidationError by field."""
    record.clean()
    save_by(record, by)
    record_event(
        AuditEvent.Kind.TRAINING_CHANGED,
        request=request,
        actor=by,
        subject="staff",
        subject_id=record.staff_id,
        until=record.valid_until.isoformat(),
        withdrawn=record.withdrawn_on is not None,
    )
    return record
