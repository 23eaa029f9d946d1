"""Lists that are asked anew each time, as files: what is unusual, messages, lots and products, whom a recall concerns, what
waits to be done, who is absent, and what was changed about a person."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from clinic.list_exports import ListExport, Row
from clinic.models import Absence, Staff
from clinic.staff_changes import changes_of
from treatments.lot_list import in_groups
from treatments.models import Lot, Message, Product, Recall
from treatments.models.side_effect import Kind
from treatments.recalled import to_be_told
from treatments.unusual import KINDS, UnusualForm, shown, unusual, unusual_asked
from treatments.worklists import LISTS, worklists

AT_A_TIME = 500


def _id(query: QueryDict, name: str) -> uuid.UUID:
    """Where it is no id, one that nothing has."""
    try:
        return uuid.UUID(str(query.get(name, "")))
    except ValueError:
        return uuid.UUID(int=0)


# --- Unusual -------------------------------------------------------------------------------------------------------------
def _unusual_asked(staff: Staff, query: QueryDict) -> QuerySet[Any, Any]:
    form = UnusualForm(query)
    return unusual_asked(staff, form) if form.is_valid() else unusual(staff).none()


def _unusual(staff: Staff, query: QueryDict) -> Iterator[Row]:
    for one in shown(_unusual_asked(staff, query).iterator(chunk_size=AT_A_TIME)):
        what = Kind(one.code).label if one.code else "; ".join(one.against)
        yield KINDS[one.kind], one.at, one.number, one.patient, one.who, one.too, what, one.reason, one.then


UNUSUAL = ListExport(
    "unusual", "Unusual", "read-audit",
    ("What", "Written down", "Record number", "Patient", "By", "And", "About", "Reason", "Of"),
    _unusual, lambda staff, query: _unusual_asked(staff, query).count(), lambda staff, query: UnusualForm(query).words(),
)  # fmt: skip


# --- Messages ------------------------------------------------------------------------------------------------------------
def _sent(staff: Staff, query: QueryDict) -> QuerySet[Message]:
    found = Message.objects.visible_to(staff)
    if (status := str(query.get("status", ""))) in Message.Status.values:
        found = found.filter(status=status)
    return found.filter(patient=_id(query, "patient")) if query.get("patient") else found


def _messages(staff: Staff, query: QueryDict) -> Iterator[Row]:
    rows = _sent(staff, query).select_related("patient").defer("body", "subject").order_by("-created_at", "-pk")
    for one in rows.iterator(chunk_size=AT_A_TIME):
        yield (
            one.created_at, one.get_kind_display(), one.get_status_display(), one.patient.number, str(one.patient),
            one.about_starts_at, one.problem,
        )  # fmt: skip


def _messages_words(staff: Staff, query: QueryDict) -> str:
    status = str(query.get("status", ""))
    words = Message.Status(status).label if status in Message.Status.values else "All of them"
    return f"{words}, of one patient" if query.get("patient") else words


MESSAGES = ListExport(
    "messages", "Messages to patients", "read-patients",
    ("Written", "Kind", "State", "Record number", "Patient", "About the appointment of", "Problem"),
    _messages, lambda staff, query: _sent(staff, query).count(), _messages_words,
)  # fmt: skip


# --- Lots ----------------------------------------------------------------------------------------------------------------
def _lots(staff: Staff, query: QueryDict) -> Iterator[Row]:
    visible = Lot.objects.visible_to(staff).select_related("product", "quarantined_by")
    for group in in_groups(visible, timezone.localdate()):
        for lot in group.lots:
            yield (
                group.name, lot.product.name, lot.number, lot.get_dose_display(), lot.expires_on, lot.received_at,
                lot.opened_at, lot.quarantined_at, lot.quarantine_reason,
            )  # fmt: skip


LOTS = ListExport(
    "lots", "Lots on the shelf", "receive-lots",
    ("Group", "Product", "Lot", "Dose", "Expires", "Received", "Opened", "In quarantine since", "Why"),
    _lots, lambda staff, query: sum(1 for _ in _lots(staff, query)), lambda staff, query: "As on the page: expired ones for 90 days",
)  # fmt: skip


PRODUCTS = ListExport(
    "products", "Products", "receive-lots",
    ("Product", "Use", "GTIN", "Most in one session, ml", "Days it keeps once opened", "In use"),
    lambda staff, query: (
        (one.name, one.get_use_display(), one.gtin, one.most_ml, one.use_within_days, one.is_active)
        for one in Product.objects.visible_to(staff).order_by("-is_active", "name")
    ),
    lambda staff, query: Product.objects.visible_to(staff).count(), lambda staff, query: "All of them",
)  # fmt: skip


# --- Whom a recall concerns ----------------------------------------------------------------------------------------------
def _recall_asked(staff: Staff, query: QueryDict) -> Recall | None:
    return Recall.objects.visible_to(staff).filter(pk=_id(query, "recall")).select_related("lot__product").first()


def _concerned(staff: Staff, query: QueryDict) -> Iterator[Row]:
    """Those still to be told, by name, then the others as they were told; who is not concerned any more among these."""
    recall = _recall_asked(staff, query)
    if recall is None:
        return
    for patient in to_be_told(recall).iterator(chunk_size=AT_A_TIME):
        yield patient.number, str(patient), "Still to be told", None, "", ""
    told = recall.told.select_related("patient", "by").order_by("at", "pk")
    for one in told.iterator(chunk_size=AT_A_TIME):
        yield one.patient.number, str(one.patient), one.get_how_display(), one.at, one.by.name, one.note


def _count_concerned(staff: Staff, query: QueryDict) -> int:
    recall = _recall_asked(staff, query)
    return to_be_told(recall).count() + recall.told.count() if recall else 0


RECALL = ListExport(
    "recall", "Whom a recall concerns", "receive-lots",
    ("Record number", "Patient", "How they were told", "Told", "By", "Note"),
    _concerned, _count_concerned,
    lambda staff, query: f"{recall.lot}" if (recall := _recall_asked(staff, query)) else "No recall",
)  # fmt: skip


# --- Absences, and what was changed about a person -----------------------------------------------------------------------
def _absent(staff: Staff) -> QuerySet[Absence]:
    """Now or later, as on the page."""
    of = Staff.objects.visible_to(staff)
    found = Absence.objects.filter(staff__in=of, ends_at__gt=timezone.now()).select_related("staff__site")
    return found.order_by("starts_at", "staff__name", "pk")


ABSENCES = ListExport(
    "absences", "Absences", "record-absence", ("Name", "Site", "From", "Until", "Reason"),
    lambda staff, query: (
        (one.staff.name, one.staff.site.name if one.staff.site else "", one.starts_at, one.ends_at, one.reason)
        for one in _absent(staff)
    ),
    lambda staff, query: _absent(staff).count(), lambda staff, query: "Now and ahead",
)  # fmt: skip


def _person_asked(staff: Staff, query: QueryDict) -> Staff | None:
    return Staff.objects.managed_by(staff).filter(pk=_id(query, "person")).first()


def _changes(staff: Staff, query: QueryDict) -> Iterator[Row]:
    person = _person_asked(staff, query)
    for one in changes_of(person) if person else ():
        yield one.at, one.who, one.what, one.before, one.after


PERSON_CHANGES = ListExport(
    "person-changes", "What was changed about a person", "manage-staff", ("At", "By", "What", "Before", "After"),
    _changes, lambda staff, query: sum(1 for _ in _changes(staff, query)),
    lambda staff, query: person.name if (person := _person_asked(staff, query)) else "Nobody",
)  # fmt: skip


# --- Worklists -----------------------------------------------------------------------------------------------------------
def _named(code: str) -> str:
    return code.replace("-", " ").capitalize()


def _waiting(staff: Staff, query: QueryDict) -> Iterator[Row]:
    if not staff.may("read-patients"):
        return
    only = str(query.get("list", ""))
    for code, rows in worklists().items():
        for row in rows if only not in LISTS or code == only else ():
            yield (
                _named(code), row.patient.number, str(row.patient), row.patient.phone, row.why, row.since, row.next_step,
                row.due, row.urgent, len(row.calls),
            )  # fmt: skip


WORKLISTS = ListExport(
    "worklists", "Worklists", "read-patients",
    ("List", "Record number", "Patient", "Phone", "Why", "Since", "Next step", "Due", "Urgent", "Calls made"),
    _waiting, lambda staff, query: sum(1 for _ in _waiting(staff, query)),
    lambda staff, query: _named(str(query["list"])) if query.get("list") in LISTS else "All lists",
    holds_contact=True,
)  # fmt: skip
