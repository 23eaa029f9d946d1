"""The worklists, with what can be done about each row; and how many wait, for the navigation."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from clinic.models import Staff
from clinic.pages import needs
from treatments.models import Appointment, Treatment
from treatments.models.appointment import Status
from treatments.models.treatment import Family
from treatments.views.steps import offered_steps
from treatments.worklists import CLEAR_AGAIN, LISTS, RECALL, REPORTED, REVIEW_DUE, TO_MOVE, Row
from treatments.worklists import worklists as rows_of_all

# The heading, its short form, the colour of its count, and what an empty list says.
TITLES = {
    "on-hold": ("On hold", "On hold", "bruise", "Nothing is on hold."),
    "clear-again": ("Clear again: call to rebook", "Clear again", "clear", "Nobody waits for a call."),
    "review-due": ("Review due", "Review due", "due", "No review is due."),
    "reported": ("Reported, not yet seen", "Reported", "urgent", "Nothing reported waits to be seen."),
    "follow-up": ("Follow-up: nobody has asked yet", "Follow-up", "due", "Everybody treated has been asked."),
    "call-back": ("Messages to call back", "Call back", "due", "No message has failed."),
    "to-move": ("To be moved", "To be moved", "due", "Every appointment can stand where it is."),
    "training-lapses": (
        "Training lapses before the day",
        "Training",
        "due",
        "Every booked mesotherapy has somebody trained.",
    ),
    "recall": ("Call about a product used here", "Recall", "urgent", "Nobody has to be told of a recalled lot."),
}
FOR_PRACTITIONERS = (REVIEW_DUE, REPORTED, TO_MOVE, RECALL)
TOP = 3
# Seconds for which a browser goes from page to page with the same count: half of what another desk's change may take.
COUNT_FRESH_FOR = 7
SHOWN = 25


@dataclass(frozen=True)
class Entry:
    """A row with what is offered: steps of its appointment, and the patient's held one where that is clear again."""

    row: Row
    steps: Sequence[str] = ()
    held: Appointment | None = None
    held_steps: Sequence[str] = ()


@dataclass(frozen=True)
class Worklist:
    """`entries` are all of them, those for later last; `shown` bounds what the page draws of them."""

    code: str
    title: str
    short: str
    colour: str
    nothing: str
    entries: list[Entry] = field(default_factory=list)
    shown: int = SHOWN

    @property
    def waiting(self) -> list[Entry]:
        """Those to be dealt with now."""
        return [entry for entry in self.entries if not entry.row.later]

    @property
    def later(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.row.later]

    @property
    def top(self) -> list[Entry]:
        return self.waiting[:TOP]

    @property
    def drawn(self) -> list[Entry]:
        return self.waiting[: self.shown]

    @property
    def drawn_later(self) -> list[Entry]:
        return self.later[: max(self.shown - len(self.drawn), 0)]

    @property
    def hidden(self) -> int:
        return len(self.entries) - len(self.drawn) - len(self.drawn_later)


@dataclass(frozen=True)
class Badge:
    """How many rows wait now, and how many of them are urgent."""

    waiting: int
    urgent: int

    @property
    def words(self) -> str:
        return f"{self.waiting} to do" + (f", {self.urgent} urgent" if self.urgent else "")


@require_safe
@needs("read-patients")
def worklists(request: HttpRequest) -> HttpResponse:
    """All lists, the first rows of each; `?list=` shows one of them whole."""
    staff: Staff = request.user  # type: ignore[assignment]
    rows = rows_of_all()
    lists, whole = lists_for(staff, rows), request.GET.get("list", "")
    if whole in LISTS:
        lists = [replace(one, shown=len(one.entries)) for one in lists if one.code == whole]
    page = {
        "nav": "worklists",
        "lists": lists,
        "whole": whole in LISTS,
        "review": a_review(staff),
        "badge": badge_of(rows),
        "today": timezone.localdate(),
    }
    return render(request, "treatments/worklists.html", page)


@require_safe
@needs("read-patients")
def count(request: HttpRequest) -> JsonResponse:
    """How many wait, for the navigation of pages that know nothing of the lists; asked for after the page is there."""
    badge = badge_of(rows_of_all())
    response = JsonResponse({"waiting": badge.waiting, "urgent": badge.urgent, "words": badge.words})
    response["Cache-Control"] = f"private, max-age={COUNT_FRESH_FOR}"
    patch_vary_headers(response, ["Cookie"])
    return response


def of_practitioner(lists: list[Worklist], staff: Staff) -> list[Worklist]:
    """What a practitioner looks at, and what of their own has to be moved."""
    mine = [
        replace(one, entries=[entry for entry in one.entries if _practitioner_of(entry) == staff.pk])
        if one.code == TO_MOVE
        else one
        for one in lists
    ]
    return [one for one in mine if one.code in FOR_PRACTITIONERS]


def _practitioner_of(entry: Entry) -> uuid.UUID | None:
    return entry.row.appointment.practitioner_id if entry.row.appointment else None


def badge_of(rows: dict[str, list[Row]]) -> Badge:
    now = [row for found in rows.values() for row in found if not row.later]
    return Badge(len(now), sum(row.urgent for row in now))


def lists_for(staff: Staff, rows: dict[str, list[Row]]) -> list[Worklist]:
    """The worklists as shown to `staff`. No statement of its own."""
    now = timezone.now()
    held = {row.patient.pk: _entry(row, staff, now) for row in reversed(rows["on-hold"])}
    return [
        Worklist(code, *TITLES[code], [_entry(row, staff, now, held if code == CLEAR_AGAIN else {}) for row in found])
        for code, found in rows.items()
    ]


def _entry(row: Row, staff: Staff, now: dt.datetime, held: dict[uuid.UUID, "Entry"] | None = None) -> Entry:
    steps: Sequence[str] = ()
    if row.appointment is not None:
        blocked = row.appointment.status == Status.ON_HOLD and row.appointment.blocked  # type: ignore[attr-defined]
        steps = offered_steps(row.appointment, staff, now=now, blocked=blocked)
    waiting = (held or {}).get(row.patient.pk)
    return Entry(row, steps, waiting.row.appointment if waiting else None, waiting.steps if waiting else ())


def a_review(staff: Staff) -> Treatment | None:
    """The catalogue's review, to be booked from a row."""
    reviews = Treatment.objects.visible_to(staff).bookable().filter(family=Family.REVIEW)
    return reviews.order_by("name").first()
