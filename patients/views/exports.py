"""The patient list as a file."""

from functools import partial

from django.http import HttpRequest, StreamingHttpResponse
from django.views.decorators.http import require_safe

from clinic.pages import needs, perform
from patients.exporting import csv_response, export_patients
from patients.models import Patient
from patients.views.records import LONGEST_SEARCH


@require_safe
@needs("export-patients")
def patient_list(request: HttpRequest) -> StreamingHttpResponse:
    search = request.GET.get("search", "")[:LONGEST_SEARCH].strip()
    found = Patient.objects.visible_to(request.user).current().matching(search)  # type: ignore[arg-type]
    rows = perform(request, partial(export_patients, request=request), patients=found, searched=bool(search))
    return csv_response(rows, "patients.csv")
