"""What a manager looks through: the few things that are allowed and should stay few. Newest first, out of several tables.

Deviations; bruises and suspected infections entered in error; a `gone` written down on the day of the mesotherapy that it
made possible; sessions entered in error; merges (DOMAIN.md section 2). One statement for a page; how many there ever were is
not counted.
"""

import datetime as dt
import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import (
    Case,
    CharField,
    DateTimeField,
    F,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, TruncDate

from clinic.filter_forms import Days, DaysForm
from clinic.models import Staff
from treatments.eligibility import BLOCKS
from treatments.models import Appointment, Deviation, Merge, Review, Session, SideEffect
from treatments.models.appointment import Status
from treatments.models.side_effect import Kind

DEVIATION, ERROR, SAME_DAY, SESSION_ERROR, MERGE = (
    "deviation",
    "bruise-error",
    "gone-same-day",
    "session-error",
    "merge",
)
KINDS = {
    DEVIATION: "Deviations",
    ERROR: "Bruises entered in error",
    SAME_DAY: "Gone on the day of a mesotherapy",
    SESSION_ERROR: "Sessions entered in error",
    MERGE: "Records merged",
}
LATELY = "90-days"
# No day, whichever clock it is on, is longer; an index finds a patient's visits of a stretch, not of a day.
LONGEST_DAY = dt.timedelta(hours=25)
GIVEN = (Status.BOOKED, Status.ARRIVED, Status.IN_PROGRESS, Status.FULFILLED)


@dataclass(frozen=True)
class Unusual:
    """One row. `then` is the time it speaks of: the visit, the mesotherapy, or when the entry was made."""

    kind: str
    at: dt.datetime
    link: uuid.UUID
    patient_id: uuid.UUID
    given_name: str
    family_name: str
    number: str
    who: str
    too: str
    reason: str
    code: str
    more: str
    then: dt.datetime | None

    @property
    def patient(self) -> str:
        return f"{self.given_name} {self.family_name}"

    @property
    def against(self) -> list[str]:
        """Of a deviation: the words of what stood against it."""
        return [str(one["words"]) for one in json.loads(self.more)] if self.kind == DEVIATION else []

    @property
    def side_effect(self) -> str:
        return Kind(self.code).label if self.code else ""


class UnusualForm(DaysForm):
    """By an address: which kind, on which days. Who names no days means lately: it grows with every year."""

    kind = forms.ChoiceField(
        label="Kind",
        required=False,
        choices=[("", "Everything"), *KINDS.items()],
        error_messages={"invalid_choice": "Choose one of the kinds."},
    )
    field_order = ("kind", "period", "since", "until")

    def __init__(self, asked: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        given = {name: asked[name] for name in self.base_fields if name in asked} if asked else {}
        if not given.keys() & {"period", "since", "until"}:
            given["period"] = LATELY
        super().__init__(given, **kwargs)


def unusual(staff: Staff, *, kind: str = "", days: Days | None = None) -> QuerySet[Any, Any]:
    """Rows for `shown`, of all days or of these; everything for "". Nothing for who may not read them."""
    wanted = [kind] if kind else list(KINDS)
    parts = [_part(name, staff, days or Days()) for name in wanted]
    return parts[0].union(*parts[1:], all=True).order_by("-u_at", "u_link")


def unusual_asked(staff: Staff, form: UnusualForm) -> QuerySet[Any, Any]:
    """Of a valid form."""
    return unusual(staff, kind=form.cleaned_data["kind"], days=form.days())


def shown(rows: Any) -> list[Unusual]:
    return [Unusual(kind, at, uuid.UUID(link), uuid.UUID(patient), *rest) for kind, at, link, patient, *rest in rows]


def _text(expression: Any) -> Any:
    return Cast(expression, TextField())


_NONE = Value("", output_field=TextField())
_LEFT_OUT: dict[str, Any] = dict.fromkeys(("who", "too", "reason", "code", "more"), _NONE) | {
    "then": Cast(Value(None), DateTimeField())
}
COLUMNS = (
    "u_kind", "u_at", "u_link", "u_patient", "u_given", "u_family", "u_number",
    "u_who", "u_too", "u_reason", "u_code", "u_more", "u_then",
)  # fmt: skip


def _part(name: str, staff: Staff, days: Days) -> QuerySet[Any, Any]:
    of = PARTS[name]
    rows = of.rows() if staff.may("read-audit") else of.rows().none()
    rows = rows.filter(**days.within(of.time))
    columns = {f"u_{column}": of.columns.get(column, nothing) for column, nothing in _LEFT_OUT.items()}
    told: QuerySet[Any, Any] = (
        rows.order_by()
        .annotate(
            u_kind=Value(name, output_field=CharField()),
            u_at=F(of.time),
            u_link=_text(of.link),
            u_patient=_text(of.patient),
            u_given=F(f"{of.patient}__given_name"),
            u_family=F(f"{of.patient}__family_name"),
            u_number=F(f"{of.patient}__number"),
            **columns,
        )
        .values_list(*COLUMNS)
    )
    return told


@dataclass(frozen=True)
class Part:
    rows: Callable[[], QuerySet[Any]]
    time: str
    patient: str
    link: str
    columns: dict[str, Any]


def made_possible() -> QuerySet[Appointment]:
    """For a subquery of a look: that patient's mesotherapy of the same day, not yet begun when the look was written down."""
    about = {
        "starts_at__gt": OuterRef("recorded_at") - LONGEST_DAY,
        "starts_at__lt": OuterRef("recorded_at") + LONGEST_DAY,
    }
    return (
        Appointment.objects.mesotherapy()
        .filter(patient=OuterRef("side_effect__patient"), **about)
        .filter(status__in=GIVEN, deviation=None, session__error_at=None)
        .annotate(day=TruncDate("starts_at"), begun_at=Coalesce("session__started_at", "ends_at"))
        .filter(day=OuterRef("looked_on"), begun_at__gte=OuterRef("recorded_at"))
        .order_by("starts_at", "pk")
    )


def _gone_on_the_day() -> QuerySet[Review]:
    """Allowed, and looked through: only those that close what had blocked."""
    closing = Review.objects.filter(side_effect__kind__in=BLOCKS, side_effect__closing_review=F("pk"))
    # Not Exists: PostgreSQL would join every visit of those patients first, and only then look at the day.
    made = Subquery(made_possible().values("pk")[:1])
    return closing.annotate(looked_on=TruncDate("recorded_at")).annotate(made=made).exclude(made=None)


PARTS = {
    DEVIATION: Part(
        Deviation.objects.all,
        "recorded_at",
        "appointment__patient",
        "appointment__session",
        {
            "who": _text("recorded_by__name"),
            "too": _text("decided_by__name"),
            "reason": _text("reason"),
            "more": _text("blockers"),
            "then": F("appointment__starts_at"),
        },
    ),
    ERROR: Part(
        lambda: SideEffect.objects.filter(kind__in=BLOCKS).exclude(error_at=None),
        "error_at",
        "patient",
        "pk",
        {
            "who": _text("error_by__name"),
            "reason": _text("error_reason"),
            "code": _text("kind"),
            "then": F("recorded_at"),
        },
    ),
    SAME_DAY: Part(
        _gone_on_the_day,
        "recorded_at",
        "side_effect__patient",
        "side_effect",
        {
            "who": _text("by__name"),
            "too": _text(Subquery(made_possible().values("practitioner__name")[:1])),
            "reason": _text("note"),
            "code": _text("side_effect__kind"),
            "then": Subquery(made_possible().values("starts_at")[:1]),
        },
    ),
    SESSION_ERROR: Part(
        lambda: Session.objects.exclude(error_at=None),
        "error_at",
        "patient",
        "pk",
        {"who": _text("error_by__name"), "reason": _text("error_reason"), "then": F("started_at")},
    ),
    MERGE: Part(
        Merge.objects.all,
        "at",
        "kept",
        "pk",
        {
            "who": _text(Coalesce("by__name", Value(""))),
            "more": _text("merged__number"),
            "too": Case(When(undone_at=None, then=_NONE), default=_text("undone_by__name")),
            "then": F("undone_at"),
        },
    ),
}
