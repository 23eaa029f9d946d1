"""Finding, registering and correcting patients."""

import contextlib
import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.pages import attempt, needs
from clinic.paging import Page, keyset_page
from patients.duplicates import Likely, LikelyDuplicates
from patients.forms import PatientForm, searched_for
from patients.models import Patient
from patients.models.patient import DETAILS
from patients.registration import correct_patient_details, register_patient

PAGE_SIZE = 25
LONGEST_SEARCH = 100
MOST_TOLD_APART = 100


@require_safe
@needs("read-patients")
def patient_list(request: HttpRequest) -> HttpResponse:
    search = request.GET.get("search", "")[:LONGEST_SEARCH].strip()
    found = Patient.objects.visible_to(request.user).current().matching(search)  # type: ignore[arg-type]
    page, unknown = _page(found, request.GET.get("page", ""))
    return render(
        request,
        "patients/patient_list.html",
        {"nav": "patients", "search": search, "page": page, "unknown": unknown},
    )


def _page(found, cursor: str) -> tuple[Page, str]:  # type: ignore[no-untyped-def]
    """The page, and a sentence when its mark was not known and it is the first one instead."""
    try:
        return keyset_page(found, cursor, PAGE_SIZE), ""
    except ValidationError as error:
        return keyset_page(found, "", PAGE_SIZE), error.messages[0]


@require_http_methods(["GET", "POST"])
@needs("edit-patients")
def register(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        form = PatientForm(initial=searched_for(request.GET.get("search", "")[:LONGEST_SEARCH]))
        return _form_page(request, form, "patients/patient_register.html")
    form = PatientForm(request.POST)
    if form.is_valid():
        try:
            made = attempt(
                request, form, register_patient, ask=True, not_these=_told_apart(request), **form.cleaned_data
            )
        except LikelyDuplicates as likely:
            return _form_page(request, form, "patients/patient_register.html", likely=likely.found, status=409)
        if isinstance(made, uuid.UUID):
            number = Patient.objects.values_list("number", flat=True).get(pk=made)
            messages.success(request, f"Registered as {number}.")
            return redirect("chart", made)
    return _form_page(request, form, "patients/patient_register.html", status=422)


def _told_apart(request: HttpRequest) -> list[uuid.UUID]:
    """Those who were shown as likely the same person, where the button says that they are not."""
    if "confirm_new" not in request.POST:
        return []
    found = []
    for text in request.POST.getlist("not_these")[:MOST_TOLD_APART]:
        with contextlib.suppress(ValueError):
            found.append(uuid.UUID(text))
    return found


@require_http_methods(["GET", "POST"])
@needs("edit-patients")
def edit(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    if request.method == "GET":
        form = PatientForm(initial=model_to_dict(patient, DETAILS))
        return _form_page(request, form, "patients/patient_edit.html", patient=patient)
    form = PatientForm(request.POST)
    if form.is_valid():
        saved = attempt(request, form, correct_patient_details, patient=patient, **form.cleaned_data)
        if isinstance(saved, uuid.UUID):
            messages.success(request, "The details are saved.")
            return redirect("chart", patient.pk)
    return _form_page(request, form, "patients/patient_edit.html", patient=patient, status=422)


def _form_page(
    request: HttpRequest,
    form: PatientForm,
    template: str,
    *,
    status: int = 200,
    patient: Patient | None = None,
    likely: Sequence[Likely] = (),
) -> HttpResponse:
    page = {"nav": "patients", "form": form, "patient": patient, "likely": likely}
    return render(request, template, page, status=status)
