"""Importing patients, step by step: the file, how it is read, its columns, the check, the preview, the import."""

import uuid
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.exports import csv_response
from clinic.pages import add_errors, attempt, needs, perform
from patients.import_forms import ApplyForm, ColumnsForm, FileForm, ReadingForm
from patients.importing import applying, proposing, reading, staging
from patients.importing.left_out import left_out_rows, reason
from patients.models import PatientImport, PatientImportRow
from patients.views.uploads import taking_at_most

Status, Outcome = PatientImport.Status, PatientImportRow.Outcome
SHOWN = 20
# How long one request checks rows: briefly where the page asks again by itself, longer where somebody presses a button.
BY_ITSELF, BY_HAND = 1.0, 8.0


@taking_at_most(reading.LARGEST)
@require_http_methods(["GET", "POST"])
@needs("import-patients")
def start(request: HttpRequest) -> HttpResponse:
    form = FileForm(request.POST or None, request.FILES or None)
    if request.method == "POST":
        if request.too_large:  # type: ignore[attr-defined]
            form.is_valid()
            form.errors.pop("file", None)
            form.add_error("file", reading.TOO_LARGE)
        elif form.is_valid():
            file = form.cleaned_data["file"]
            given = {"content": file.read(), "file_name": file.name, "system": form.cleaned_data["system"]}
            made = attempt(request, form, staging.receive_file, **given)
            if isinstance(made, uuid.UUID):
                return redirect("import", made)
    imports = PatientImport.objects.visible_to(request.user).defer("content")  # type: ignore[arg-type]
    known = {
        "form": form,
        "open": imports.exclude(status=Status.APPLIED),
        "done": imports.filter(status=Status.APPLIED),
    }
    return _page(request, "import_start", known, status=422 if form.errors else 200)


@require_safe
@needs("import-patients")
def show(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    """Where the import stands: each step is a page of its own under one address."""
    patient_import = _find(request, import_id)
    if patient_import.status == Status.CHECKING:
        return _page(request, "import_checking", {"import": patient_import})
    if patient_import.status == Status.CHECKED:
        return _preview(request, patient_import, ApplyForm(initial={"lookalikes": "leave-out"}))
    if patient_import.status == Status.APPLIED:
        rows = PatientImportRow.objects.filter(patient_import=patient_import).exists()
        left_out = [(Outcome(one).label, count) for one, count in patient_import.left_out.items() if count]
        return _page(request, "import_done", {"import": patient_import, "left_out": left_out, "rows": rows})
    if patient_import.format == PatientImport.Format.FHIR:
        return _page(request, "import_fhir", {"import": patient_import})
    if patient_import.encoding and "again" not in request.GET:
        return _columns_page(request, patient_import, ColumnsForm(patient_import.header))
    return _reading_page(request, patient_import, None)


@require_POST
@needs("import-patients")
def describe(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    patient_import = _find(request, import_id)
    form = ReadingForm(request.POST)
    if form.is_valid() and _done(request, form, staging.describe_file, patient_import, **form.cleaned_data):
        return redirect("import", import_id)
    return _reading_page(request, patient_import, form)


@require_POST
@needs("import-patients")
def begin(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    patient_import = _find(request, import_id)
    is_fhir = patient_import.format == PatientImport.Format.FHIR
    form = ColumnsForm([] if is_fhir else patient_import.header, request.POST)
    chosen = {} if is_fhir else (form.cleaned_data["columns"] if form.is_valid() else None)
    if chosen is not None and _done(request, form, staging.begin_check, patient_import, columns=chosen):
        perform(request, staging.check_more, patient_import=patient_import, seconds=BY_ITSELF)
        return redirect("import", import_id)
    if is_fhir or not patient_import.encoding:
        return redirect("import", import_id)
    return _columns_page(request, patient_import, form)


@require_POST
@needs("import-patients")
def check(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    patient_import = _find(request, import_id)
    seconds = BY_ITSELF if request.headers.get("HX-Request") else BY_HAND
    perform(request, staging.check_more, patient_import=patient_import, seconds=seconds)
    # Seen by htmx as well: it follows, and takes the progress, or the whole page once it is the next one.
    return redirect("import", import_id)


@require_POST
@needs("import-patients")
def apply(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    patient_import = _find(request, import_id)
    if patient_import.status != Status.CHECKED:
        messages.info(request, staging.CHANGED)
        return redirect("import", import_id)
    form = ApplyForm(request.POST)
    apply_import = partial(applying.apply_import, request=request)
    choice = {"without_bad": "without_bad" in request.POST, "lookalikes": request.POST.get("lookalikes") == "take-in"}
    if form.is_valid() and _done(request, form, apply_import, patient_import, **choice):
        applying.forget_taken_rows(patient_import)
        if not applying.rule_holds():
            messages.error(request, "check_rule found something in this clinic's records. Have it run and looked at.")
        return redirect("import", import_id)
    patient_import.refresh_from_db(fields=["status"])
    if patient_import.status != Status.CHECKED:
        return redirect("import", import_id)
    return _preview(request, patient_import, form, status=422)


@require_POST
@needs("import-patients")
def throw_away(request: HttpRequest, import_id: uuid.UUID) -> HttpResponse:
    patient_import = _find(request, import_id)
    perform(request, staging.throw_away_import, patient_import=patient_import)
    was_applied = patient_import.status == Status.APPLIED
    messages.success(request, "What was left out is forgotten." if was_applied else "The import is thrown away.")
    return redirect("import-start")


@require_safe
@needs("import-patients")
def left_out(request: HttpRequest, import_id: uuid.UUID) -> StreamingHttpResponse:
    return csv_response(left_out_rows(_find(request, import_id)), "left-out.csv")


def _find(request: HttpRequest, import_id: uuid.UUID) -> PatientImport:
    imports = PatientImport.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(imports.defer("content"), pk=import_id)


def _done(request: HttpRequest, form: Any, operation: Any, patient_import: PatientImport, **given: Any) -> bool:
    try:
        perform(request, operation, patient_import=patient_import, **given)
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True


def _reading_page(request: HttpRequest, patient_import: PatientImport, form: ReadingForm | None) -> HttpResponse:
    content = bytes(patient_import.content or b"")
    chosen = form.data if form else {"encoding": patient_import.encoding, "delimiter": patient_import.delimiter}
    encodings = proposing.encodings(content)
    encoding = chosen.get("encoding") or next((one.value for one in encodings if one.proven), "")
    known = encoding if encoding in PatientImport.Encoding.values else PatientImport.Encoding.LATIN_1
    delimiters = proposing.delimiters(content, known)
    delimiter = chosen.get("delimiter") or next((one.value for one in delimiters if one.proven), "")
    return _page(
        request,
        "import_reading",
        {
            "import": patient_import,
            "form": form,
            "encodings": encodings,
            "encoding": encoding,
            "delimiters": delimiters,
            "delimiter": delimiter,
            "date_orders": PatientImport.Dates.choices,
            "dates": (form.data.get("dates") if form else patient_import.dates),
        },
        status=422 if form else 200,
    )


def _columns_page(request: HttpRequest, patient_import: PatientImport, form: ColumnsForm) -> HttpResponse:
    content = bytes(patient_import.content or b"")
    rows = proposing.sample_rows(content, patient_import.encoding, patient_import.delimiter)
    samples = zip(
        form, [[row[place] for row in rows if place < len(row)][:3] for place in range(len(form.fields))], strict=True
    )
    repeated = sorted({name for name in patient_import.header if patient_import.header.count(name) > 1})
    known = {"import": patient_import, "form": form, "columns": list(samples), "repeated": repeated}
    return _page(request, "import_columns", known, status=422 if form.errors else 200)


def _preview(request: HttpRequest, patient_import: PatientImport, form: ApplyForm, status: int = 200) -> HttpResponse:
    counts = applying.outcomes(patient_import)
    rows = PatientImportRow.objects.filter(patient_import=patient_import).order_by("line")
    samples = {outcome: list(rows.filter(outcome=outcome)[:SHOWN]) for outcome, count in counts.items() if count}
    sections = [
        (outcome, Outcome(outcome).label, counts[outcome], [(row, reason(row)) for row in samples[outcome]])
        for outcome in (Outcome.BAD, Outcome.LOOKS_LIKE, Outcome.HERE, Outcome.TWICE)
        if counts[outcome]
    ]
    known = {
        "import": patient_import,
        "form": form,
        "counts": counts,
        "new": samples.get("new", []),
        "sections": sections,
    }
    known |= {"bad": counts["bad"], "alike": counts["looks-like"], "shown": SHOWN}
    return _page(request, "import_preview", known, status=status)


def _page(request: HttpRequest, name: str, known: dict[str, Any], status: int = 200) -> HttpResponse:
    return render(request, f"patients/{name}.html", {"nav": "patients", **known}, status=status)
