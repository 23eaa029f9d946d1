"""What was changed about a person, in words: for who edits them at the same time, and for their page."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from clinic.models import AuditEvent, Site, Staff
from clinic.refusals import NeedsConfirmation
from clinic.roles import ROLES

# Of the history's rows only these say something: each sign-in leaves one as well.
WORDS = {"name": "Name", "email": "Email", "site_id": "Site", "is_active": "Active"} | {
    f"is_{role}": label for role, label in ROLES.items()
}
KINDS = (
    AuditEvent.Kind.ROLES_CHANGED,
    AuditEvent.Kind.STAFF_CHANGED,
    AuditEvent.Kind.STAFF_INVITED,
    AuditEvent.Kind.STAFF_DEACTIVATED,
    AuditEvent.Kind.TRAINING_CHANGED,
)
COMMAND_LINE = "the command line"
MAILED = {"sent": "mailed", "failed": "the mail could not be sent", "kept": "not mailed: this clinic sends no mail"}
OF_AN_ENTRY = {"name": "Name", "email": "Email", "site": "Site"}


@dataclass(frozen=True)
class Change:
    """Who changed what, when: `before` and `after` in words, "" where it is an event of its own."""

    at: dt.datetime
    who: str
    what: str
    before: str = ""
    after: str = ""


class ChangedMeanwhile(NeedsConfirmation):
    """Somebody else changed the same person after the form was opened; nothing was saved, and it may be sent again."""

    code = "changed-meanwhile"

    def __init__(self, changes: Sequence[Change]) -> None:
        super().__init__("Somebody else changed this person meanwhile.")
        self.changes = list(changes)
        self.details = {"changed": [change.what for change in changes]}


def changes_since(staff: Staff, seen: int) -> list[Change]:
    """What the history says came after the row `seen`, oldest first; a sign-in is no change."""
    rows = list(staff.history.filter(history_id__gte=seen).select_related("history_user").order_by("history_id"))
    found = []
    for was, is_now in zip(rows, rows[1:], strict=False):
        who = is_now.history_user.name if is_now.history_user else COMMAND_LINE
        for field, what in WORDS.items():
            old, new = getattr(was, field), getattr(is_now, field)
            if old != new:
                found.append(Change(is_now.history_date, who, what, _words(field, old), _words(field, new)))
    return found


def _words(field: str, value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if field == "site_id":
        site = Site.objects.filter(pk=value).first() if value else None
        return site.name if site else "no site"
    return str(value)


def changes_of(staff: Staff, *, at_most: int | None = None) -> list[Change]:
    """What the trail says of a person, newest first. One statement."""
    events = AuditEvent.objects.filter(kind__in=KINDS, subject="staff", subject_id=staff.pk).select_related("actor")
    return [change for event in events[:at_most] for change in _of(event)]


def _of(event: AuditEvent) -> list[Change]:
    who = event.actor.name if event.actor else COMMAND_LINE
    kind, more = event.kind, event.details
    if kind == AuditEvent.Kind.ROLES_CHANGED:
        return [Change(event.at, who, "Roles", _roles(more.get("before")), _roles(more.get("after")))]
    if kind == AuditEvent.Kind.STAFF_INVITED:
        return [Change(event.at, who, "Invited", after=MAILED.get(more.get("mail", ""), ""))]
    if kind == AuditEvent.Kind.STAFF_DEACTIVATED:
        return [Change(event.at, who, "Deactivated", after=more.get("reason", ""))]
    if kind == AuditEvent.Kind.TRAINING_CHANGED:
        return [_training(event, who)]
    if said := SAID.get(str(more.get("change", ""))):
        return [Change(event.at, who, said, after=more.get("reason", ""))]
    changed = more.get("changed", {})
    if not isinstance(changed, dict):  # before there were pages for people, only which fields
        return [Change(event.at, who, "Details changed")]
    return [
        Change(event.at, who, OF_AN_ENTRY.get(str(field), str(field)), old or "none", new or "none")
        for field, (old, new) in changed.items()
    ]


SAID = {"reactivated": "Reactivated", "password-chosen": "Chose a password"}


def _roles(codes: list[str] | None) -> str:
    return ", ".join(ROLES.get(code, code) for code in codes or []) or "none"


def _training(event: AuditEvent, who: str) -> Change:
    until = event.details.get("until", "")
    if event.details.get("withdrawn"):
        return Change(event.at, who, "Training withdrawn", after=event.details.get("reason", ""))
    if event.details.get("certificate"):
        return Change(event.at, who, "Certificate added", after=f"of the training until {until}")
    return Change(event.at, who, "Training recorded", after=f"until {until}")
