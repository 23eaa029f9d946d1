"""A lot is recalled: in quarantine from that second, whoever was given it on a call list, and told until nobody is left."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.refusals import Blocker, Refused
from clinic.wording import short_day
from patients.models import Patient
from treatments.locks import lock_patient
from treatments.lots import quarantine_lot
from treatments.models import Lot, Recall, RecallCall
from treatments.operation import operation
from treatments.recall_letters import DELIVERED, require_letter
from treatments.recalled import recalls_to_tell, to_be_told

LONGEST_OUTCOME = 1000
How = RecallCall.How


@operation("recall-lots")
def recall_lot(
    *,
    lot: Lot,
    reason: str,
    by: Staff,
    letter: str = DELIVERED,
    now: dt.datetime | None = None,
    through: HttpRequest | None = None,
) -> Recall:
    """In one step: quarantine, where it is in none, and the recall. A session that is taking the lot at this moment is waited
    for, and its patient is on the call list; the next one is refused.

    Raises ValidationError by field, Refused (recall-open) where it is recalled already.
    """
    now = now or timezone.now()
    # FOR UPDATE, as the quarantine takes it: of two recalls and a release the second sees what the first did.
    lot = Lot.objects.select_for_update(of=("self",)).select_related("product").get(pk=lot.pk)
    if open_one := Recall.objects.open().filter(lot=lot).first():
        raise Refused([_recalled(lot, open_one)])
    if not reason.strip():
        raise ValidationError({"reason": "Say why, in a word or two."})
    recall = Recall(lot=lot, begun_at=now, begun_by=by, reason=reason.strip(), letter=require_letter(letter))
    recall.clean_fields(exclude={"lot", "begun_by", "ended_by"})
    if lot.quarantined_at is None:
        quarantine_lot(lot=lot, reason=reason, by=by, now=now, through=through)
    recall.save(force_insert=True)
    _audit(recall, by, "begun", through)
    return recall


@operation("recall-lots")
def change_letter(*, recall: Recall, letter: str, by: Staff, through: HttpRequest | None = None) -> Recall:
    """Until the first was told by letter: what was sent stays as it was. Raises ValidationError, Refused (wrong-status)."""
    recall = _lock(recall)
    letter = require_letter(letter)
    _require_open(recall)
    if recall.told.filter(how=How.LETTER).exists():
        words = "Somebody was told by this letter, so it stays as it was sent."
        raise Refused([Blocker("wrong-status", words, lifts_when="Say the rest by phone.")])
    if letter != recall.letter:
        recall.letter = letter
        recall.save(update_fields=["letter"])
        _audit(recall, by, "letter-changed", through)
    return recall


@operation("tell-of-recalls")
def tell_patient(
    *,
    patient: Patient,
    how: str,
    by: Staff,
    note: str = "",
    now: dt.datetime | None = None,
    through: HttpRequest | None = None,
) -> RecallCall:
    """Of every open recall that concerns the patient: told, or not reached. It takes them off the call list.

    Whoever was not reached and is told later is told; that note goes along. Returns the first of the rows.
    Raises ValidationError by field, Refused (wrong-status) where there is nothing to be told of.
    """
    now = now or timezone.now()
    note = note.strip()
    if how not in How.values:
        raise ValidationError({"how": "Say how the patient was told."})
    if len(note) > 300:
        raise ValidationError({"note": "Keep it to 300 characters."})
    patient = lock_patient(patient)
    told = [
        _tell(recall, patient, how, by, note, now, through)
        for recall in recalls_to_tell(patient).select_for_update(of=("self",))
    ]
    if how != How.NOT_REACHED:
        told += [_tell_after_all(one, how, by, note, now, through) for one in _not_reached(patient)]
    if not told:
        words = "There is nothing to tell this patient: somebody has told them, or no recall concerns them."
        raise Refused([Blocker("wrong-status", words, lifts_when="Look at the list again.")], patient_id=patient.pk)
    return told[0]


@operation("recall-lots")
def tell_by_letter(
    *,
    recall: Recall,
    patients: Collection[uuid.UUID],
    by: Staff,
    now: dt.datetime | None = None,
    through: HttpRequest | None = None,
) -> Recall:
    """These letters were posted. Who was told meanwhile keeps that; who came on the list meanwhile stays on it.

    Raises ValidationError where none of them waits, Refused (wrong-status) once it has ended.
    """
    now = now or timezone.now()
    waiting = to_be_told(recall).filter(pk__in=patients, merged_into=None).order_by("pk")
    locked = list(waiting.select_for_update(no_key=True, of=("self",)))
    recall = _lock(recall)
    _require_open(recall)
    # Read again under the patients' locks.
    still = set(to_be_told(recall).filter(pk__in=[one.pk for one in locked]).values_list("pk", flat=True))
    if not still:
        raise ValidationError("Nobody of these waits to be told any more.")
    for patient in locked:
        if patient.pk in still:
            _tell(recall, patient, How.LETTER, by, "", now, through)
    return recall


@operation("recall-lots")
def end_recall(
    *,
    recall: Recall,
    outcome: str,
    by: Staff,
    untold_because: str = "",
    now: dt.datetime | None = None,
    through: HttpRequest | None = None,
) -> Recall:
    """Once everybody was told or marked as not reached; with people left on the call list only with a reason, which stands
    in the outcome. The lot stays in quarantine until it is released. Raises ValidationError by field, Refused."""
    recall = _lock(recall)
    _require_open(recall)
    outcome, because = outcome.strip(), untold_because.strip()
    if not outcome:
        raise ValidationError({"outcome": "Say what came of it."})
    left = to_be_told(recall).count()
    people = "1 patient" if left == 1 else f"{left} patients"
    if left and not because:
        words = f"{people} on the call list {'was' if left == 1 else 'were'} not told. Tell them, or say why not."
        raise ValidationError({"untold_because": words})
    if left:
        outcome = f"{outcome}\n\nNot told, {people}: {because}"
    if len(outcome) > LONGEST_OUTCOME:
        raise ValidationError({"outcome": f"Keep it to {LONGEST_OUTCOME} characters, the reason with it."})
    recall.ended_at, recall.ended_by, recall.outcome = now or timezone.now(), by, outcome
    recall.save(update_fields=["ended_at", "ended_by", "outcome"])
    _audit(recall, by, "ended", through, untold=left)
    return recall


def note_letters(
    recall: Recall, patients: Collection[Patient], *, by: Staff, change: str, through: HttpRequest | None = None
) -> None:
    """Letters were opened to be printed, or given as a file: each patient's, in the trail."""
    for patient in patients:
        _audit(recall, by, change, through, patient_id=patient.pk)


def _lock(recall: Recall) -> Recall:
    return Recall.objects.select_for_update(of=("self",)).select_related("lot__product").get(pk=recall.pk)


def _require_open(recall: Recall) -> None:
    if recall.ended_at is not None:
        words = f"This recall ended on {short_day(timezone.localdate(recall.ended_at))}."
        raise Refused([Blocker("wrong-status", words, lifts_when="")])


def _recalled(lot: Lot, recall: Recall) -> Blocker:
    since = timezone.localdate(recall.begun_at)
    words = f"{lot} has been recalled since {short_day(since)}: {recall.reason.rstrip('.')}."
    return Blocker("recall-open", words, since=since, lifts_when="Go on with that recall.")


def _tell(
    recall: Recall, patient: Patient, how: str, by: Staff, note: str, at: dt.datetime, through: HttpRequest | None
) -> RecallCall:
    told = RecallCall.objects.create(recall=recall, patient=patient, how=how, at=at, by=by, note=note)
    _audit(recall, by, "told", through, patient_id=patient.pk, how=how)
    return told


def _not_reached(patient: Patient) -> list[RecallCall]:
    found = RecallCall.objects.filter(patient=patient, how=How.NOT_REACHED, recall__ended_at=None)
    return list(found.select_related("recall").select_for_update(of=("self",)).order_by("at"))


def _tell_after_all(
    told: RecallCall, how: str, by: Staff, note: str, at: dt.datetime, through: HttpRequest | None
) -> RecallCall:
    day = short_day(timezone.localdate(told.at), today=timezone.localdate(at))
    before = f"Not reached on {day}" + (f": {told.note}" if told.note else "")
    told.how, told.by, told.at, told.note = how, by, at, f"{note} {before}".strip()[:300]
    told.save(update_fields=["how", "by", "at", "note"])
    _audit(told.recall, by, "told", through, patient_id=told.patient_id, how=how)
    return told


def _audit(
    recall: Recall,
    by: Staff,
    change: str,
    through: HttpRequest | None,
    *,
    patient_id: uuid.UUID | None = None,
    **details: Any,
) -> None:
    record_event(
        AuditEvent.Kind.LOT_RECALLED,
        request=through,
        actor=by,
        patient_id=patient_id,
        subject="recall",
        subject_id=recall.pk,
        change=change,
        **details,
    )
