"""Records to review: sessions and side effects, newest first, as a manager filtered them; who signed, and who reviewed.

A page asks the same number of statements whatever it shows, and none of them counts.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from clinic.wording import short_day
from patients.models import Patient
from treatments.models import Addendum, LotUse, Review, Session, SideEffect, SignOff
from treatments.models.lot import WITH_LOTS
from treatments.models.side_effect import BodySite
from treatments.record_filters import (
    ADDED_SINCE,
    CLOSED,
    DEVIATION,
    IN_ERROR,
    NOT_YET,
    REPORTED,
    REVIEWED,
    SIGNED,
    UNSIGNED,
    RecordsForm,
    SessionsForm,
    SideEffectsForm,
)
from treatments.record_sign_off import why_not_reviewed_by

Record = Session | SideEffect
# A file reads so many rows at a time, each time with what belongs to them.
AT_A_TIME = 1000

WITH_SIGN_OFFS = Prefetch("sign_offs", SignOff.objects.select_related("by").order_by("-at", "pk"))
_ADDENDA = Prefetch("addenda", Addendum.objects.only("session_id", "by_id", "written_at"))
_REVIEWS = Prefetch("reviews", Review.objects.only("side_effect_id", "by_id", "recorded_at"))
_CAME_OF_IT = Prefetch("side_effects", SideEffect.objects.filter(error_at=None).order_by("recorded_at", "pk"))


@dataclass(frozen=True)
class RecordRow:
    """`sign_offs` newest first; `why_not` is why its reader cannot review it, "" where they can."""

    record: Any
    patient: Patient
    sign_offs: list[SignOff]
    added_since: bool
    why_not: str

    @property
    def day_words(self) -> str:
        """“3 Nov”, on the reader's clock."""
        at = self.record.started_at if isinstance(self.record, Session) else self.record.recorded_at
        return short_day(timezone.localdate(at))

    @property
    def injected(self) -> str:
        """“Thigh, Knee”: each body site of a session once, in the order of the record."""
        codes = dict.fromkeys(str(place.get("site", "")) for place in self.record.sites)
        names = dict(BodySite.choices)
        return ", ".join(str(names.get(code, code)) for code in codes if code)

    @property
    def lots(self) -> str:
        return "; ".join(f"{use.lot.product.name} {use.lot.number}" for use in self.record.lot_uses.all())


# --- What is asked for ---------------------------------------------------------------------------------------------------


def sessions_asked(staff: Staff, form: SessionsForm) -> QuerySet[Session]:
    """Newest first, entered in error among them. The form must be valid."""
    asked = form.cleaned_data
    found = Session.objects.visible_to(staff).filter(**form.days().within("started_at"))
    if person := asked["practitioner"]:
        found = found.filter(practitioner=person)
    found = _of_its_visit(found, "", asked)
    if asked["state"]:
        found = found.filter(_SESSION_STATES[asked["state"]])
    added = Addendum.objects.filter(session=OuterRef("pk"), written_at__gt=OuterRef("reviewed_at"))
    found = _reviewed(found, "session", asked["reviewed"], Q(Exists(added)) | Q(error_at__gt=F("reviewed_at")))
    rows: QuerySet[Session] = found.order_by("-started_at", "-id")
    return rows


def side_effects_asked(staff: Staff, form: SideEffectsForm) -> QuerySet[SideEffect]:
    """Newest first by when they were written down. The form must be valid."""
    asked = form.cleaned_data
    found = SideEffect.objects.visible_to(staff) if staff.may("read-clinical") else SideEffect.objects.none()
    found = found.filter(**form.days().within("recorded_at"))
    if person := asked["practitioner"]:
        found = found.filter(Q(session__practitioner=person) | Q(recorded_by=person) | Q(seen_by=person))
    found = _of_its_visit(found, "session__", asked)
    if asked["kind"]:
        found = found.filter(kind=asked["kind"])
    if asked["severity"]:
        found = found.filter(severity=asked["severity"])
    if asked["state"] == CLOSED:
        found = found.filter(error_at=None).exclude(closing_review=None)
    elif asked["state"] == IN_ERROR:
        found = found.exclude(error_at=None)
    elif asked["state"]:
        found = found.reported() if asked["state"] == REPORTED else found.open()
    looked = Review.objects.filter(side_effect=OuterRef("pk"), recorded_at__gt=OuterRef("reviewed_at"))
    found = _reviewed(found, "side_effect", asked["reviewed"], Q(Exists(looked)) | Q(error_at__gt=F("reviewed_at")))
    rows: QuerySet[SideEffect] = found.order_by("-recorded_at", "-id")
    return rows


_SESSION_STATES = {
    UNSIGNED: Q(finished_at=None, error_at=None),
    SIGNED: Q(finished_at__isnull=False, error_at=None),
    DEVIATION: Q(appointment__deviation__isnull=False),
    IN_ERROR: Q(error_at__isnull=False),
}


def _of_its_visit(found: Any, session: str, asked: dict[str, Any]) -> Any:
    """By site, treatment, product and lot of the session; `session` is the way there, "" where it is the row itself."""
    if asked["site"]:
        found = found.filter(**{f"{session}appointment__site": asked["site"]})
    if asked["treatment"]:
        found = found.filter(**{f"{session}appointment__treatment": asked["treatment"]})
    uses = LotUse.objects.all()
    if asked["product"]:
        uses = uses.filter(lot__product=asked["product"])
    if asked["lot"]:
        # A lot is in few sessions, so these are looked up first; a product may be in most.
        of_lot = uses.filter(lot__number__iexact=asked["lot"]).values("session")
        return found.filter(**{f"{session}pk__in": of_lot})
    return found.filter(Exists(uses.filter(session=OuterRef(f"{session}pk")))) if asked["product"] else found


def _reviewed(found: Any, of: str, asked: str, added: Q) -> Any:
    signed = SignOff.objects.filter(**{of: OuterRef("pk")})
    if asked == NOT_YET:
        return found.filter(~Exists(signed))
    if asked == REVIEWED:
        return found.filter(Exists(signed))
    if asked == ADDED_SINCE:
        newest = Subquery(signed.order_by("-at").values("at")[:1])
        return found.filter(Exists(signed)).annotate(reviewed_at=newest).filter(added)
    return found


# --- As rows -------------------------------------------------------------------------------------------------------------


def with_all_shown(found: QuerySet[Any]) -> QuerySet[Any]:
    """With everything that a row shows: one statement for the rows and four or five for what hangs on them."""
    if found.model is Session:
        people = ("patient", "practitioner", "finished_by", "appointment__site", "appointment__treatment")
        return found.select_related(*people, "appointment__deviation").prefetch_related(
            WITH_LOTS, _CAME_OF_IT, WITH_SIGN_OFFS, _ADDENDA
        )
    people = ("patient", "recorded_by", "seen_by", "closing_review", "session__practitioner")
    return found.select_related(*people, "session__appointment__site").prefetch_related(
        WITH_SIGN_OFFS, _REVIEWS, "referral_steps"
    )


def shown(records: Iterable[Any], staff: Staff) -> list[RecordRow]:
    """Rows of records read by `with_all_shown`. Asks nothing more."""
    return [_row(record, staff) for record in records]


def _row(record: Any, staff: Staff) -> RecordRow:
    sign_offs = list(record.sign_offs.all())
    blocker = why_not_reviewed_by(record, staff)
    return RecordRow(
        record=record,
        patient=record.patient,
        sign_offs=sign_offs,
        added_since=bool(sign_offs) and added_since(record, sign_offs[0].at),
        why_not=blocker.message if blocker else "",
    )


def added_since(record: Record, moment: dt.datetime) -> bool:
    """Was anything added after that: an addendum, a look, or that it was entered in error?"""
    if isinstance(record, Session):
        at = [one.written_at for one in record.addenda.all()]
    else:
        at = [one.recorded_at for one in record.reviews.all()]
    return any(one > moment for one in [*at, record.error_at] if one is not None)


# --- As a file -----------------------------------------------------------------------------------------------------------


def _in_chunks(found: QuerySet[Any], staff: Staff) -> Iterator[RecordRow]:
    for record in with_all_shown(found).iterator(chunk_size=AT_A_TIME):
        yield _row(record, staff)


def _reviewed_cells(row: RecordRow) -> Sequence[Any]:
    last = row.sign_offs[0] if row.sign_offs else None
    return (last.at, last.by.name, last.remark) if last else (None, "", "")


_REVIEWED_COLUMNS = ("Reviewed", "Reviewed by", "Remark")


def _session_rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    form = SessionsForm(query)
    if not form.is_valid():
        return
    for row in _in_chunks(sessions_asked(staff, form), staff):
        one = row.record
        yield (
            one.started_at, row.patient.number, str(row.patient), one.appointment.treatment.name,
            one.practitioner.name, one.appointment.site.name, row.injected, row.lots,
            ", ".join(effect.get_kind_display() for effect in one.side_effects.all()),
            one.finished_at, one.error_at is not None, hasattr(one.appointment, "deviation"), *_reviewed_cells(row),
        )  # fmt: skip


def _side_effect_rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    form = SideEffectsForm(query)
    if not form.is_valid():
        return
    for row in _in_chunks(side_effects_asked(staff, form), staff):
        one = row.record
        session = one.session
        yield (
            one.recorded_at, row.patient.number, str(row.patient), one.get_kind_display(), one.where,
            one.get_severity_display() if one.severity else "", one.onset_on, one.recorded_by.name, one.seen_at,
            session.started_at if session else None, session.practitioner.name if session else "",
            session.appointment.site.name if session else "", state_words(one), *_reviewed_cells(row),
        )  # fmt: skip


def state_words(side_effect: SideEffect) -> str:
    if side_effect.error_at:
        return "Entered in error"
    if side_effect.closing_review_id:
        return "Found gone"
    return "Open" if side_effect.seen_at else "Reported, not yet seen"


def _words(form: type[RecordsForm]) -> Any:
    return lambda staff, query: form(query).words()


# How many there are is not counted: it would cost as much as reading them.
SESSIONS_EXPORT = ListExport(
    code="records-sessions",
    title="Sessions to review",
    permission="review-records",
    columns=(
        "Started", "Record number", "Patient", "Treatment", "Practitioner", "Site", "Injected", "Lots",
        "Side effects", "Signed", "Entered in error", "Deviation", *_REVIEWED_COLUMNS,
    ),
    rows=_session_rows,
    count=lambda staff, query: None,
    filter_words=_words(SessionsForm),
)  # fmt: skip
SIDE_EFFECTS_EXPORT = ListExport(
    code="records-side-effects",
    title="Side effects to review",
    permission="review-records",
    columns=(
        "Written down", "Record number", "Patient", "Kind", "Where", "Severity", "Began", "Written down by",
        "Seen by a practitioner", "After the session of", "Practitioner", "Site", "State", *_REVIEWED_COLUMNS,
    ),
    rows=_side_effect_rows,
    count=lambda staff, query: None,
    filter_words=_words(SideEffectsForm),
)  # fmt: skip
