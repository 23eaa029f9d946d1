"""Lists that are asked anew each time, as files: what is unusual, messages, lots, and what waits to be done."""

import uuid
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from treatments.lot_list import in_groups
from treatments.models import Lot, Message
from treatments.models.side_effect import Kind
from treatments.unusual import KINDS, UnusualForm, shown, unusual, unusual_asked
from treatments.worklists import LISTS, worklists

AT_A_TIME = 500


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
    try:
        return found.filter(patient=uuid.UUID(str(query["patient"]))) if query.get("patient") else found
    except ValueError:
        return found.none()


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
)  # fmt: skip
