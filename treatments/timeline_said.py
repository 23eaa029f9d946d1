"""What stands on the timeline in one line each, out of many small tables in one statement: a UNION of the same columns.

So the number of statements does not grow with the number of tables. Each part keeps its own order and mark; the words
for codes are put in afterwards.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    CharField,
    Count,
    DateField,
    DateTimeField,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
)
from django.db.models.functions import Cast, Concat, LPad
from django.utils import timezone

from clinic.models import Refusal
from patients.models import Consent, Patient
from treatments.models import (
    Addendum,
    Appointment,
    Call,
    Deviation,
    FollowUp,
    Message,
    RecallCall,
    ReferralStep,
    Session,
    SheetGiven,
    SideEffect,
    SkinCheck,
    Treatment,
)
from treatments.models.appointment import Status

# A refusal has a number for its key; the others have UUIDs. As text of one length both stand in their order.
DIGITS = 20


@dataclass(frozen=True)
class Said:
    """One line: by whom, which code, what words. What each part puts where stands in PARTS; empty is "" or None."""

    who: str
    too: str
    code: str
    state: str
    text: str
    more: str
    link: uuid.UUID | None
    then: dt.datetime | None
    day: dt.date | None

    @property
    def codes(self) -> list[str]:
        """Of a deviation: the words of what stood against it."""
        return (
            [str(one.get("words") or one.get("code", "")).rstrip(".") for one in json.loads(self.more)]
            if self.more
            else []
        )


@dataclass(frozen=True)
class Part:
    """A table's part of the union: `time` orders it, `columns` fill a Said."""

    what: str
    time: str
    rows: Callable[[Patient], QuerySet[Any]]
    columns: dict[str, Any]
    read_key: Callable[[str], Any] = uuid.UUID


def of_record(patient: Patient) -> Q:
    """Theirs, and what stayed under a record merged into this one, or into one merged into this one."""
    return Q(patient=patient) | Q(patient__merged_into=patient) | Q(patient__merged_into__merged_into=patient)


def _consents(patient: Patient) -> QuerySet[Consent]:
    return Consent.objects.filter(of_record(patient))


def _refusals(patient: Patient) -> QuerySet[Refusal]:
    # Named by UUID without a foreign key, so a merge leaves them where they were.
    merged = Patient.objects.filter(Q(merged_into=patient) | Q(merged_into__merged_into=patient)).values("pk")
    return Refusal.objects.filter(Q(patient_id=patient.pk) | Q(patient_id__in=merged))


def _treatment_name(column: str) -> Subquery:
    return Subquery(Treatment.objects.filter(pk=OuterRef(column)).values("name")[:1])


CONSENT = Part(
    "consent",
    "given_at",
    _consents,
    {
        "who": "recorded_by__name",
        "code": "kind",
        "text": "version",
        "more": "sheet_version",
        "state": "patient__number",
        "then": "withdrawn_at",
    },
)
WITHDRAWN = Part(
    "consent-withdrawn",
    "withdrawn_at",
    lambda patient: _consents(patient).exclude(withdrawn_at=None),
    {"who": "withdrawn_by__name", "code": "kind", "text": "version", "state": "patient__number", "then": "given_at"},
)
CALL = Part(
    "call",
    "at",
    lambda patient: Call.objects.filter(patient=patient),
    {"who": "by__name", "code": "outcome", "state": "worklist", "text": "note", "day": "next_try_on"},
)
FOLLOW_UP = Part(
    "follow-up",
    "asked_at",
    lambda patient: FollowUp.objects.filter(patient=patient),
    {"who": "by__name", "text": "note"},
)


def _recall_told(**lot: Any) -> Part:
    return Part(
        "recall-told",
        "at",
        lambda patient: RecallCall.objects.filter(patient=patient),
        {"who": "by__name", "code": "how", "text": "note", **lot},
    )


RECALL_TOLD = _recall_told(
    more=Concat("recall__lot__product__name", Value(", lot "), "recall__lot__number"), state="recall__reason"
)
# What was injected is nothing that reception reads in a chart; that a patient was told of a recall is.
RECALL_TOLD_ONLY = _recall_told()
SKIN_CHECK = Part(
    "skin-check",
    "checked_at",
    # The one a session starts with stands with that session.
    lambda patient: SkinCheck.objects.filter(patient=patient, session=None),
    {"who": "by__name", "code": "finding"},
)
ADDENDUM = Part(
    "addendum",
    "written_at",
    lambda patient: Addendum.objects.filter(session__patient=patient),
    {"who": "by__name", "text": "text", "link": "session_id", "then": "session__started_at"},
)
DEVIATION = Part(
    "deviation",
    "recorded_at",
    lambda patient: Deviation.objects.filter(appointment__patient=patient),
    {
        "who": "recorded_by__name",
        "too": "decided_by__name",
        "text": "reason",
        "more": Cast("blockers", TextField()),
        "link": "appointment_id",
        "then": "appointment__starts_at",
    },
)
REFERRAL_STEP = Part(
    "referral-step",
    "done_at",
    lambda patient: ReferralStep.objects.filter(side_effect__patient=patient),
    {"who": "by__name", "code": "step", "text": "note", "link": "side_effect_id"},
)
SHEET = Part(
    "sheet",
    "given_at",
    lambda patient: SheetGiven.objects.filter(patient=patient),
    {
        "who": "by__name",
        "code": "sheet__kind",
        "state": "how",
        "text": "sheet__title",
        "more": Cast("sheet__version", TextField()),
        "too": "sheet__language",
        "link": "pk",
        # Of an aftercare sheet: the session it was given after.
        "then": "session__started_at",
    },
)
MESSAGE = Part(
    "message",
    "created_at",
    lambda patient: Message.objects.filter(patient=patient),
    {"code": "kind", "state": "status", "text": "problem", "link": "pk", "then": "about_starts_at"},
)
REFUSAL = Part(
    "refusal",
    "at",
    _refusals,
    {"who": "by__name", "code": "code", "state": "operation", "text": _treatment_name("treatment_id"), "more": "door"},
    read_key=int,
)
SIDE_EFFECT_ERROR = Part(
    "side-effect-error",
    "error_at",
    lambda patient: SideEffect.objects.filter(patient=patient).exclude(error_at=None),
    {"who": "error_by__name", "code": "kind", "text": "error_reason", "link": "pk", "then": "recorded_at"},
)
SESSION_ERROR = Part(
    "session-error",
    "error_at",
    lambda patient: Session.objects.filter(patient=patient).exclude(error_at=None),
    {"who": "error_by__name", "text": "error_reason", "link": "pk", "then": "started_at"},
)


def _appointments(*statuses: str) -> Part:
    """Those whose time has come, as they ended."""
    return Part(
        "appointment",
        "starts_at",
        lambda patient: Appointment.objects.filter(patient=patient, status__in=statuses, starts_at__lte=timezone.now()),
        {
            "who": "practitioner__name",
            "code": "status",
            "state": "treatment__name",
            "too": "stood_for__name",
            "text": "cancel_reason",
            "link": "pk",
        },
    )


MISSED = _appointments(Status.CANCELLED, Status.NOSHOW)
# To reception visits that took place are appointments, not sessions.
PAST = _appointments(Status.CANCELLED, Status.NOSHOW, Status.FULFILLED)

_TEXTS = ("who", "too", "code", "state", "text", "more", "link")
_NOTHING: dict[str, Any] = {
    **dict.fromkeys(_TEXTS, Value("", output_field=TextField())),
    "then": Cast(Value(None), DateTimeField()),
    "day": Cast(Value(None), DateField()),
}
COLUMNS = ("e_what", "e_rank", "e_at", "e_key", *(f"e_{name}" for name in _NOTHING))


def said_rows(found: Sequence[tuple[Part, int, QuerySet[Any]]], limit: int) -> list[tuple[Any, ...]]:
    """The `limit` newest of all parts, as (what, rank, at, key, Said). One statement; none where there is no part."""
    parts = [_columns_of(part, rank, rows) for part, rank, rows in found]
    if not parts:
        return []
    union = parts[0].union(*parts[1:], all=True).order_by("-e_at", "e_rank", "e_key")[:limit]
    return [(what, rank, at, key, _said(*rest)) for what, rank, at, key, *rest in union]


def _columns_of(part: Part, rank: int, rows: QuerySet[Any]) -> QuerySet[Any]:
    key: Any = Cast("pk", TextField())
    if part.read_key is int:
        key = LPad(key, DIGITS, Value("0"))
    columns = {
        f"e_{name}": _column(name, part.columns[name]) if name in part.columns else nothing
        for name, nothing in _NOTHING.items()
    }
    found: QuerySet[Any] = (
        rows.order_by()
        .annotate(
            e_what=Value(part.what, output_field=CharField()),
            e_rank=Value(rank),
            e_at=F(part.time),
            e_key=key,
            **columns,
        )
        .values_list(*COLUMNS)
    )
    return found


def _column(name: str, expression: Any) -> Any:
    if name in _TEXTS:
        return Cast(expression, TextField())
    return F(expression)


def _said(*values: Any) -> Said:
    known = dict(zip(_NOTHING, values, strict=True))
    for name in _TEXTS:
        known[name] = known[name] or ""
    known["link"] = uuid.UUID(known["link"]) if known["link"] else None
    return Said(**known)


def counted(found: Sequence[tuple[str, QuerySet[Any]]]) -> dict[str, int]:
    """How many rows each has, by its name. One statement."""
    counts = []
    for what, rows in found:
        # Their keys alone: what else they fetch along would be counted too.
        own = rows.model._base_manager.filter(pk__in=rows.order_by().values("pk"))
        named = own.order_by().annotate(c_what=Value(what, output_field=CharField())).values("c_what")
        counts.append(named.annotate(c_count=Count("pk")).values_list("c_what", "c_count"))
    return dict(counts[0].union(*counts[1:], all=True)) if counts else {}
