"""Joining the waiting list from a refusal, and leaving it with a reason."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from clinic.refusals import Refused
from patients.models import Patient
from treatments.forms.waiting_list import JoinForm, LeaveForm
from treatments.models import WaitingListEntry
from treatments.waiting_list import join_waiting_list, leave_waiting_list


@require_http_methods(["GET", "POST"])
@needs("book")
def join(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    if request.method == "GET":  # the address of a form that was sent, opened again
        return redirect("book", patient.pk)
    form = JoinForm(request.POST)
    if form.is_valid():
        made = attempt(request, form, join_waiting_list, patient=patient, **form.cleaned_data)
        if isinstance(made, uuid.UUID):
            treatment = form.cleaned_data["treatment"]
            messages.success(request, f"{patient} is on the waiting list for {treatment}: to be called when clear.")
            return redirect("chart", patient.pk)
    return render(request, "treatments/waiting_list_join.html", {"patient": patient, "form": form}, status=422)


@require_http_methods(["GET", "POST"])
@needs("book")
def leave(request: HttpRequest, entry_id: uuid.UUID) -> HttpResponse:
    seen = WaitingListEntry.objects.visible_to(request.user).select_related("patient", "treatment")  # type: ignore[arg-type]
    entry = get_object_or_404(seen, pk=entry_id)
    form = LeaveForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        outcome = attempt(request, form, leave_waiting_list, entry=entry, **form.cleaned_data)
        if isinstance(outcome, uuid.UUID):
            messages.success(request, f"{entry.patient} is off the waiting list for {entry.treatment}.")
            return redirect("chart", entry.patient_id)
        if isinstance(outcome, Refused):
            form.add_error(None, str(outcome))
    page = {"patient": entry.patient, "entry": entry, "form": form, "back": reverse("chart", args=[entry.patient_id])}
    return render(request, "treatments/waiting_list_leave.html", page, status=422 if request.method == "POST" else 200)
