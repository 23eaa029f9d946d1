"""Booking on one page: who → what → the verdict at once → free times, or what can be done instead."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.pages import attempt, needs
from patients.models import Patient
from patients.views.find import found_for
from treatments.booking import book_appointment
from treatments.forms.booking import BookingForm
from treatments.forms.times import ChosenBookingForm, typed_so_far
from treatments.models import Appointment
from treatments.times import training_warnings
from treatments.views.booking_page import booking_page
from treatments.views.wording import day_and_time


@require_safe
@needs("book")
def start(request: HttpRequest) -> HttpResponse:
    """Who it is for; everything chosen already, in the diary for example, goes along."""
    typed = typed_so_far(request.GET)
    if "patient" in request.GET:
        patient = _patient_named(request, request.GET["patient"])
        return redirect(f"{reverse('book', args=[patient.pk])}{f'?{urlencode(typed)}' if typed else ''}")
    search = request.GET.get("search", "").strip()
    found = found_for(request.user, search) if search else None  # type: ignore[arg-type]
    page = {"nav": "book", "search": search, "found": found, "typed": typed, "query": urlencode(typed)}
    return render(request, "treatments/book_start.html", page)


def _patient_named(request: HttpRequest, text: str) -> Patient:
    try:
        patient_id = uuid.UUID(text)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
@needs("book")
def book(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """A free time is booked by its button (`chosen`), any other by the form for an exact time."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    form: BookingForm | ChosenBookingForm | None = None
    refused = None
    if request.method == "POST":
        form = ChosenBookingForm(request.POST) if "chosen" in request.POST else BookingForm(request.POST)
        if form.is_valid():
            outcome = attempt(request, form, book_appointment, patient=patient, **form.given())
            if isinstance(outcome, uuid.UUID):
                return _booked(request, patient, outcome)
            refused = outcome
    status = 409 if refused else 422 if form else 200
    page = booking_page(request, patient, form) | {"refused": refused}
    return render(request, "treatments/book.html", page, status=status)


def _booked(request: HttpRequest, patient: Patient, appointment_id: uuid.UUID) -> HttpResponse:
    made = Appointment.objects.with_people().get(pk=appointment_id)
    messages.success(request, f"Booked: {made.treatment}, {day_and_time(made.starts_at)} with {made.practitioner}.")
    warn_of_training(request, made)
    return redirect("chart", patient.pk)


def warn_of_training(request: HttpRequest, appointment: Appointment) -> None:
    """After a booking or a move: training that lapses before the day, for the next page to say."""
    day = timezone.localdate(appointment.starts_at)
    for sentence in training_warnings(appointment.practitioner, appointment.treatment, day, today=timezone.localdate()):
        messages.warning(request, sentence)
