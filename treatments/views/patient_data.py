"""A patient's own data: all of it as an archive, contact data erased, and what is past its retention."""

import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.models import Export
from clinic.pages import attempt, needs, perform
from clinic.paging import keyset_page
from clinic.refusals import Refused
from patients.models import Patient
from treatments.chart_export import as_they_stand
from treatments.contact_erasing import erase_contact_data, preview
from treatments.export_asking import ask_for_archive
from treatments.forms.erasing import EraseForm
from treatments.retention import older_than, past_retention

PAGE_SIZE = 50


def _patient(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    visible = Patient.objects.visible_to(request.user).current()  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("contact_erased_by"), pk=patient_id)


@needs("export-patient-data")
@require_safe
def patient_data(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = _patient(request, patient_id)
    own = Export.objects.visible_to(request.user)  # type: ignore[arg-type]
    context = {
        "patient": patient,
        "standing": as_they_stand(patient),
        "exports": own.filter(kind=Export.Kind.PATIENT, patient_id=patient.pk)[:5],
        "hours": settings.EXPORT_HOURS,
        "years": settings.RETENTION_YEARS,
        "nav": "patients",
    }
    return render(request, "treatments/patient_data.html", context)


@needs("export-patient-data")
@require_POST
def ask(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    made = perform(request, ask_for_archive, patient=_patient(request, patient_id), through=request)
    return redirect("export", made.pk)


@needs("erase-contact-data")
@require_http_methods(["GET", "POST"])
def erase(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = _patient(request, patient_id)
    form = EraseForm(request.POST if request.method == "POST" else None)
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, erase_contact_data, patient=patient, through=request, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            messages.success(request, "The contact data are erased. The clinical record stands as it was.")
            return redirect("patient-data", patient_id)
        refused = done if isinstance(done, Refused) else None
    found = preview(patient, now=timezone.now())
    context = {
        "patient": patient,
        "found": found,
        "form": form,
        "blockers": refused.blockers if refused else found.reasons,
        "years": settings.RETENTION_YEARS,
        "nav": "patients",
    }
    status = 409 if refused else 422 if form.is_bound else 200
    return render(request, "treatments/patient_erase.html", context, status=status)


@needs("erase-contact-data")
@require_safe
def retention(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    found = past_retention(request.user, now)  # type: ignore[arg-type]
    try:
        page = keyset_page(found, request.GET.get("page", ""), PAGE_SIZE)
    except ValidationError:
        page = keyset_page(found, "", PAGE_SIZE)
    context = {
        "page": page,
        "since": older_than(now),
        "years": settings.RETENTION_YEARS,
        "export": "retention",
        "nav": "retention",
    }
    return render(request, "treatments/retention.html", context)
