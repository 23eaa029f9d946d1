"""What a patient agreed to: recorded, and withdrawn."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.pages import attempt, needs, perform
from patients.forms import ConsentForm
from patients.models import Consent, Patient
from patients.registration import record_consent, withdraw_consent


@require_POST
@needs("edit-patients")
def record(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    form = ConsentForm(request.POST)
    if form.is_valid() and attempt(request, form, record_consent, patient=patient, **form.cleaned_data):
        kind = Consent.Kind(form.cleaned_data["kind"]).label
        messages.success(request, f"Consent recorded: {kind.lower()}.")
    for field, sentences in form.errors.items():
        for sentence in sentences:
            messages.error(request, f"The consent was not recorded. {_named(form, field)}{sentence}")
    return redirect("chart", patient.pk)


def _named(form: ConsentForm, field: str) -> str:
    return f"{form[field].label}: " if field in form.fields else ""


@require_http_methods(["GET", "POST"])
@needs("edit-patients")
def withdraw(request: HttpRequest, consent_id: uuid.UUID) -> HttpResponse:
    consent = get_object_or_404(
        Consent.objects.visible_to(request.user).select_related("patient", "recorded_by"),  # type: ignore[arg-type]
        pk=consent_id,
    )
    if request.method == "GET":
        return render(request, "patients/consent_withdraw.html", {"nav": "patients", "consent": consent})
    perform(request, withdraw_consent, consent=consent)
    messages.success(request, f"Consent withdrawn: {consent.get_kind_display().lower()}.")
    return redirect("chart", consent.patient_id)
