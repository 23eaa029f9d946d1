"""What an event's codes say, as a person reads them. The trail itself keeps codes and ids only."""

from typing import Any

from clinic.models import AuditEvent
from clinic.roles import ROLES

SUBJECTS = {
    "page": "a page",
    "side-effect": "a side effect",
    "side-effects": "side effects",
    "session": "a session",
    "photo": "a photo",
    "photos": "photos",
    "reviews": "looks at a side effect",
    "referral-steps": "a referral checklist",
    "sheet": "a sheet",
    "sheet-given": "a sheet that was given",
    "message": "a message",
    "lot": "a lot",
    "recall": "a recall",
    "alert": "an alert",
    "records": "the records to review",
    "audit": "the audit trail",
    "refusals": "the ledger of refusals",
    "unusual": "the list of what is unusual",
    "training": "a training record",
    "export": "an export",
    "patient": "a patient",
    "patient-import": "an import",
}
NAMES = {
    "before": "before",
    "after": "after",
    "page": "page",
    "code": "because",
    "until": "until",
    "rows": "rows",
    "list": "list",
    "format": "as",
    "by": "filtered by",
    "what": "of",
}


def subject_words(event: AuditEvent) -> str:
    return SUBJECTS.get(event.subject, event.subject.replace("-", " ").replace("_", " "))


def details_words(event: AuditEvent) -> str:
    """“before: Receptionist; after: Receptionist, Manager”: in the order of NAMES, for PostgreSQL keeps none."""
    known = list(NAMES)
    in_order = sorted(event.details, key=lambda name: (known.index(name) if name in NAMES else len(known), name))
    said = ((name, _said(event.details[name])) for name in in_order)
    return "; ".join(f"{NAMES.get(name, name.replace('_', ' '))}: {words}" for name, words in said if words)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(_said, value)) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_said(inner)}" for name, inner in value.items())
    return ROLES.get(str(value), str(value)) if value is not None else ""
