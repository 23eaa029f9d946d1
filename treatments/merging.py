"""Two records of one person become one, and two again while nothing new hangs on it.

The database moves the rows, holds what is blocked and records exactly what moved (treatments/guards/merging.py); here the
two are locked, asked in words, and what changed is written to the history with the actor.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Exists, Model, OuterRef, Value
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.history import note_change, save_by
from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused
from patients.models import Consent, Patient
from treatments.locks import lock_patients
from treatments.merge_preview import (
    CHOICES,
    JOINED,
    chosen_details,
    live_of_both,
    open_of_both,
    reasons_against,
    to_be_held,
)
from treatments.messages import queue_messages
from treatments.models import (
    Appointment,
    Call,
    Closure,
    Course,
    FollowUp,
    Merge,
    MergedRow,
    RecallCall,
    Session,
    SheetGiven,
    SideEffect,
    SkinCheck,
    WaitingListEntry,
)
from treatments.models.appointment import Status
from treatments.models.message import MessageKind
from treatments.operation import operation

# What came to hang on the record since, and how it is said.
_NEW: tuple[tuple[type[Model], str], ...] = (
    (Appointment, "an appointment was booked"),
    (SideEffect, "a side effect was entered"),
    (Session, "a session was started"),
    (SkinCheck, "a skin check was made"),
    (Consent, "a consent was recorded"),
    (Course, "a course was planned"),
    (WaitingListEntry, "the patient joined the waiting list"),
    (FollowUp, "a follow-up was recorded"),
    (SheetGiven, "a sheet was given"),
    (Call, "a call was recorded"),
    (RecallCall, "the patient was told of a recall"),
    (Closure, "a worklist's row was closed"),
)
_STEP_TAKEN = "an appointment was taken a step further"
_LOOKED_AT = "a side effect was looked at or corrected"
_WITH_HISTORY = (Appointment, SideEffect, Session, Consent)
_RESTORED = (*(column for columns in CHOICES.values() for column in columns), *JOINED, "low_pain_threshold")


@operation("merge-patients")
def merge_patients(
    *,
    kept: Patient,
    merged: Patient,
    by: Staff,
    details: Mapping[str, str] | None = None,
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Merge:
    """`merged` goes into `kept` with all that hangs on it; what is open on either side holds what the other has booked.

    `through` is the request it came by, for the trail. `details` says which record's name, phone and so on stand (merge_preview.CHOICES). Raises Refused while either is in
    session or the two have appointments at one time, ValidationError by field.
    """
    now = now or timezone.now()
    if kept.pk == merged.pk:
        raise ValidationError({"patient": "This is the same record. Choose the other one."})
    kept, merged = _locked(kept, merged)
    live = live_of_both(kept, merged)
    if reasons := reasons_against(live):
        raise Refused(reasons, patient_id=kept.pk)
    held = [appointment.pk for appointment in to_be_held(live, open_of_both(kept, merged))]
    for column, value in chosen_details(kept, merged, details or {}).items():
        setattr(kept, column, value)
    merge = _set_merged_into(merged, kept)
    merge.by, merge.at = by, now
    merge.save(update_fields=["by", "at"])
    _note(kept, merged, by, _took_in(merged), f"merged into {kept.number}")
    _note_rows(merge, by, f"from {merged.number}, merged", apart_from=held)
    on_hold = list(Appointment.objects.filter(pk__in=held).with_people().select_related("site").order_by("pk"))
    note_change(on_hold, by, reason=f"put on hold: {merged.number} merged into {kept.number}")
    queue_messages(on_hold, MessageKind.HOLD, now)
    _audit(AuditEvent.Kind.PATIENTS_MERGED, merge, by, through)
    return merge


@operation("merge-patients")
def undo_merge(*, merge: Merge, by: Staff, through: HttpRequest | None = None, now: dt.datetime | None = None) -> Merge:
    """Both records stand again, each with what was its own. What was held stays held. Raises Refused."""
    now = now or timezone.now()
    # Not by lock_patients, which refuses a merged record: here one of the two is.
    both = Patient.objects.select_for_update(no_key=True).filter(pk__in=[merge.kept_id, merge.merged_id])
    records = {patient.pk: patient for patient in both.order_by("pk")}
    merge = Merge.objects.select_related("kept__merged_into").get(pk=merge.pk)
    if reasons := undo_reasons(merge):
        raise Refused(reasons, patient_id=merge.kept_id)
    kept, merged = records[merge.kept_id], records[merge.merged_id]
    Patient.objects.filter(pk=merged.pk).update(merged_into=None)
    merged.merged_into = None
    merge.refresh_from_db()
    merge.undone_at, merge.undone_by = now, by
    merge.save(update_fields=["undone_at", "undone_by"])
    _take_details_back(kept, merged)
    _note(kept, merged, by, f"{merged.number} taken out again", f"no longer merged into {kept.number}")
    _note_rows(merge, by, f"back to {merged.number}: merge undone")
    _audit(AuditEvent.Kind.MERGE_UNDONE, merge, by, through)
    return merge


def undo_reasons(merge: Merge) -> list[Blocker]:
    """Why it cannot be undone; [] while it can. Four statements at most, however much hangs on the record."""
    if merge.undone_at is not None:
        return [Blocker("wrong-status", "This merge was undone before.", lifts_when="Both records stand.")]
    into = merge.kept.merged_into
    if into is not None:
        sentence = f"{merge.kept.number} was itself merged into {into.number} since."
        return [Blocker("new-since-merge", sentence, lifts_when="Undo that merge first.")]
    if Appointment.objects.filter(patient=merge.kept_id, status=Status.IN_PROGRESS).exists():
        return [Blocker("in-session", "The patient is in session now.", lifts_when="Finish the session first.")]
    lifts_when = "Nobody can say any more whose it is. Correct entries one by one."
    return [Blocker("new-since-merge", f"Since the merge {what}.", lifts_when=lifts_when) for what in _new_since(merge)]


def merges_of(kept: Patient) -> list[Merge]:
    """The records that stand merged into this one, newest first. One statement."""
    found = Merge.objects.filter(kept=kept, undone_at=None, sealed=True)
    return list(found.select_related("merged", "kept__merged_into", "by").order_by("-at", "pk"))


def _locked(kept: Patient, merged: Patient) -> tuple[Patient, Patient]:
    by_id = {patient.pk: patient for patient in lock_patients(kept, merged)}
    return by_id[kept.pk], by_id[merged.pk]


def _set_merged_into(merged: Patient, kept: Patient) -> Merge:
    """The guards do the rest: rows recorded, moved and held in this one statement."""
    Patient.objects.filter(pk=merged.pk).update(merged_into=kept)
    merged.merged_into = kept
    return Merge.objects.get(merged=merged, undone_at=None)


def _took_in(merged: Patient) -> str:
    return f"took in {merged.number}"


def _note(kept: Patient, merged: Patient, by: Staff, of_kept: str, of_merged: str) -> None:
    kept.index_for_search()
    save_by(kept, by, reason=of_kept)
    note_change([merged], by, reason=of_merged)


def _note_rows(merge: Merge, by: Staff, reason: str, *, apart_from: Collection[uuid.UUID] = ()) -> None:
    for model in _WITH_HISTORY:
        moved = MergedRow.objects.filter(merge=merge, moved=True, table_name=model._meta.db_table)
        rows = model._default_manager.filter(pk__in=moved.values("row_id")).exclude(pk__in=apart_from)
        note_change(list(rows.order_by("pk")), by, reason=reason)


def _take_details_back(kept: Patient, merged: Patient) -> None:
    """What the merge changed and nobody has corrected since."""
    history: Any = kept.history
    took_in = history.filter(history_change_reason=_took_in(merged)).order_by("-history_id").first()
    if took_in is None:
        return
    before = history.filter(history_id__lt=took_in.history_id).order_by("-history_id").first()
    for column in _RESTORED if before else ():
        if getattr(kept, column) == getattr(took_in, column):
            setattr(kept, column, getattr(before, column))


def _new_since(merge: Merge) -> Iterable[str]:
    def recorded(model: type[Model]) -> Any:
        return MergedRow.objects.filter(merge=merge, table_name=model._meta.db_table, row_id=OuterRef("pk"))

    def hanging(model: type[Model]) -> Any:
        return model._default_manager.filter(patient=merge.kept_id).order_by()

    first, *rest = [hanging(model).filter(~Exists(recorded(model))).values_list(Value(what)) for model, what in _NEW]
    changed = hanging(Appointment).filter(Exists(recorded(Appointment).exclude(was=OuterRef("status"))))
    found = {what for (what,) in first.union(*rest, changed.values_list(Value(_STEP_TAKEN)))}
    if _looks_then(merge) - _looks(hanging(SideEffect)):
        found.add(_LOOKED_AT)
    return [what for what in (*(what for _, what in _NEW), _STEP_TAKEN, _LOOKED_AT) if what in found]


def _looks(side_effects: Any) -> set[tuple[uuid.UUID, str]]:
    """Each with the words that the guards keep for it: open or closed, and how many looks."""
    counted = side_effects.annotate(looks=Count("reviews")).values_list("pk", "closing_review", "error_at", "looks")
    return {(pk, f"{'closed' if closing or error else 'open'}-{looks}") for pk, closing, error, looks in counted}


def _looks_then(merge: Merge) -> set[tuple[uuid.UUID, str]]:
    rows = MergedRow.objects.filter(merge=merge, table_name=SideEffect._meta.db_table)
    return set(rows.values_list("row_id", "was"))


def _audit(kind: str, merge: Merge, by: Staff, through: HttpRequest | None) -> None:
    record_event(
        kind,
        request=through,
        actor=by,
        patient_id=merge.kept_id,
        subject="patient",
        subject_id=merge.merged_id,
        merge=str(merge.pk),
    )
