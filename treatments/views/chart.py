"""The patient's chart. Every reading of it is in the audit trail."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from patients.models import Patient
from treatments.chart import chart_for, with_what_hangs_on


@require_safe
def chart(request: HttpRequest, patient_id: str) -> HttpResponse:
    patients = Patient.objects.visible_to(request.user).select_related("merged_into")  # type: ignore[arg-type]
    patient = get_object_or_404(with_what_hangs_on(patients), pk=patient_id)
    if patient.merged_into is not None:
        messages.info(
            request, f"{patient.number}, {patient}, was merged into {patient.merged_into.number}: this record."
        )
        return redirect("chart", patient.merged_into_id)
    try:
        found = chart_for(patient, request.user, before=request.GET.get("before", ""))  # type: ignore[arg-type]
    except ValueError as error:
        raise Http404 from error
    record_event(AuditEvent.Kind.CHART_READ, request=request, patient_id=patient.pk)
    return render(request, "treatments/chart.html", {"chart": found, "patient": patient, "nav": "patients"})
