"""The whole chart given out on the patient's request. Asked for by POST: every copy is in the audit trail."""

import uuid
from functools import partial

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.pages import needs, perform
from clinic.pdf import PdfUnavailable
from patients.models import Patient
from treatments.chart_export import as_they_stand, chart_as_json, chart_as_pdf

FORMATS = {"pdf": (chart_as_pdf, "application/pdf"), "json": (chart_as_json, "application/json; charset=utf-8")}


def _patient(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    visible = Patient.objects.visible_to(request.user).current()  # type: ignore[arg-type]
    return get_object_or_404(visible, pk=patient_id)


@require_safe
@needs("export-charts")
def chart_copy(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    return _ask(request, _patient(request, patient_id))


@require_POST
@needs("export-charts")
def give_out(request: HttpRequest, patient_id: uuid.UUID, format: str) -> HttpResponse:
    patient = _patient(request, patient_id)
    if format not in FORMATS:
        raise Http404
    write, content_type = FORMATS[format]
    try:
        content = perform(request, partial(write, through=request), patient=patient)
    except PdfUnavailable:
        return _ask(
            request, patient, problem="PDF files cannot be made on this server. Take the JSON file.", status=503
        )
    response = HttpResponse(content, content_type=content_type)
    # The record's number, no name: a file's name is read over a shoulder.
    name = f"chart-{patient.number}-{timezone.localdate():%Y-%m-%d}.{format}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _ask(request: HttpRequest, patient: Patient, *, problem: str = "", status: int = 200) -> HttpResponse:
    context = {"patient": patient, "counts": as_they_stand(patient), "problem": problem, "nav": "patients"}
    return render(request, "treatments/chart_copy.html", context, status=status)
