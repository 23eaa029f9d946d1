"""Booking: the verdict as soon as patient and treatment are known, before a time is looked for."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.models import Staff
from clinic.pages import attempt, needs
from clinic.refusals import Refused
from patients.models import Patient
from treatments.booking import book_appointment
from treatments.eligibility import verdict
from treatments.forms.booking import BookingForm, LookForm
from treatments.models import Appointment, Treatment
from treatments.models.appointment import Status
from treatments.models.treatment import Family
from treatments.views.wording import day_and_time

KEPT = ("treatment", "practitioner", "date", "time", "room")


@require_http_methods(["GET", "POST"])
@needs("book")
def book(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    if "look" in request.POST:
        return redirect(f"{request.path}?{urlencode(typed_so_far(request.POST))}")
    form = BookingForm(initial=typed_so_far(request.GET))
    refused = None
    if request.method == "POST":
        form = BookingForm(request.POST)
        if form.is_valid():
            outcome = attempt(request, form, book_appointment, patient=patient, **form.given())
            if isinstance(outcome, uuid.UUID):
                return _booked(request, patient, outcome)
            refused = outcome
    status = 409 if refused else 422 if form.is_bound else 200
    return render(request, "treatments/book.html", _page(request, patient, form, refused), status=status)


def _booked(request: HttpRequest, patient: Patient, appointment_id: uuid.UUID) -> HttpResponse:
    made = Appointment.objects.with_people().get(pk=appointment_id)
    messages.success(request, f"Booked: {made.treatment}, {day_and_time(made.starts_at)} with {made.practitioner}.")
    return redirect("chart", patient.pk)


def typed_so_far(sent: Any) -> dict[str, str]:
    """What an address or a form says of an appointment to be."""
    return {name: sent[name][:60] for name in KEPT if sent.get(name)}


def _page(request: HttpRequest, patient: Patient, form: BookingForm, refused: Refused | None) -> dict[str, Any]:
    typed = typed_so_far(request.POST if form.is_bound else request.GET)
    look = LookForm(typed)
    treatment, practitioner = look.chosen("treatment"), look.chosen("practitioner")
    day = look.chosen("date") or timezone.localdate()
    page = {"nav": "patients", "patient": patient, "form": form, "treatment": treatment, "refused": refused}
    if treatment is None:
        return page
    answer = verdict(patient, treatment)
    if not answer.allowed:
        return page | {"verdict": answer, "typed": typed} | _instead(request, patient, typed)
    may = form.offer_practitioners(treatment, day, practitioner)
    practitioner = practitioner or _likely(request, may)
    if not form.is_bound:
        form.initial = {"date": day, "practitioner": practitioner and practitioner.pk} | dict(form.initial)
    return page | {
        "verdict": answer if treatment.family == Family.MESOTHERAPY else None,
        "bookable": True,
        "nobody": not may,
        "practitioner": practitioner,
        "day": day,
        "taken": taken(practitioner, day) if practitioner else [],
    }


def _instead(request: HttpRequest, patient: Patient, typed: dict[str, str]) -> dict[str, Any]:
    """What can be done while the rule says no: with the practitioner, day and time that were chosen already."""
    offered = {
        treatment.family: treatment
        for treatment in Treatment.objects.bookable()
        .filter(family__in=[Family.REVIEW, Family.CONSULTATION])
        .order_by("-name")
    }
    return {
        "instead": [
            {"treatment": treatment, "query": urlencode(typed | {"treatment": treatment.pk})}
            for family in (Family.REVIEW, Family.CONSULTATION)
            if (treatment := offered.get(family))
        ],
        "held": Appointment.objects.visible_to(request.user)  # type: ignore[arg-type]
        .filter(patient=patient, status=Status.ON_HOLD)
        .with_people(),
    }


def _likely(request: HttpRequest, may: list[Staff]) -> Staff | None:
    """Who is probably meant: the practitioner who books, or the only one there is."""
    if request.user in may:
        return request.user
    return may[0] if len(may) == 1 else None


def taken(practitioner: Staff, day: dt.date) -> QuerySet[Appointment]:
    """The times of that day that this practitioner has given away."""
    return Appointment.objects.live().on_day(day).filter(practitioner=practitioner).order_by("starts_at")
