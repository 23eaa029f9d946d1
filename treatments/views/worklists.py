"""The four worklists, with what can be done about each row."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.models import Staff
from clinic.pages import attempt, needs
from patients.models import Patient
from treatments.forms.booking import CloseForm
from treatments.models import Appointment, Treatment
from treatments.models.treatment import Family
from treatments.views.steps import offered_steps
from treatments.worklists import CLEAR_AGAIN, Row
from treatments.worklists import close_clear_again as take_off_clear_again
from treatments.worklists import worklists as rows_of_all

TITLES = {
    "on-hold": ("On hold", "bruise", "Nothing is on hold."),
    "clear-again": ("Clear again: call to rebook", "clear", "Nobody waits for a call."),
    "review-due": ("Review due", "due", "No review is due."),
    "reported": ("Reported, not yet seen", "urgent", "Nothing reported waits to be seen."),
}
TOP = 5


@dataclass(frozen=True)
class Entry:
    """A row with what is offered: steps of its appointment, and the patient's held one where that is clear again."""

    row: Row
    steps: Sequence[str] = ()
    held: Appointment | None = None
    held_steps: Sequence[str] = ()


@dataclass(frozen=True)
class Worklist:
    code: str
    title: str
    colour: str
    nothing: str
    entries: list[Entry] = field(default_factory=list)

    @property
    def top(self) -> list[Entry]:
        return self.entries[:TOP]


@require_safe
@needs("read-patients")
def worklists(request: HttpRequest) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    page = {"nav": "worklists", "lists": lists_for(staff, rows_of_all()), "review": a_review(staff)}
    return render(request, "treatments/worklists.html", page)


@require_http_methods(["GET", "POST"])
@needs("work-lists")
def close_clear_again(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    form = CloseForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        closed = attempt(request, form, take_off_clear_again, patient=patient, **form.cleaned_data)
        if isinstance(closed, uuid.UUID):
            messages.success(request, f"{patient} is off the list “clear again”.")
            return redirect(f"{reverse('worklists')}#clear-again")
    page = {"nav": "worklists", "patient": patient, "form": form}
    return render(request, "treatments/worklists_close.html", page, status=422 if form.is_bound else 200)


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
        blocked = row.appointment.blocked  # type: ignore[attr-defined]
        steps = offered_steps(row.appointment, staff, now=now, blocked=blocked)
    waiting = (held or {}).get(row.patient.pk)
    return Entry(row, steps, waiting.row.appointment if waiting else None, waiting.steps if waiting else ())


def a_review(staff: Staff) -> Treatment | None:
    """The catalogue's review, to be booked from a row."""
    reviews = Treatment.objects.visible_to(staff).bookable().filter(family=Family.REVIEW)
    return reviews.order_by("name").first()
