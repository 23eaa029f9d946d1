"""A course of sessions laid out in one go: what is planned, then the places, then the booking; and one that was booked."""

import functools
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.models import Staff
from clinic.pages import add_errors, attempt, needs
from clinic.refusals import Refused
from patients.models import Patient
from treatments.courses import Place, Plan, lay_out_course, places_of
from treatments.eligibility import verdict
from treatments.forms.courses import CourseForm, if_not_all
from treatments.models import Course
from treatments.models.treatment import Family
from treatments.views.free_times import practitioners_on


@require_http_methods(["GET", "POST"])
@needs("book")
def course(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """GET shows the plan for what the address asks for; POST books it, as it stands at that moment."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    refused = None
    if request.method == "POST":
        form = CourseForm(request.POST)
        if form.is_valid():
            outcome = _lay_out(request, form, patient)
            if isinstance(outcome, uuid.UUID):
                return redirect("course-shown", outcome)
            refused = outcome
    else:
        form = CourseForm(request.GET) if "planned" in request.GET else CourseForm(initial=request.GET.dict())
    page = _page(patient, form) | {"refused": refused}
    wrong = request.method == "POST" or (form.is_bound and bool(form.errors))
    return render(request, "treatments/course.html", page, status=409 if refused else 422 if wrong else 200)


@require_safe
@needs("read-patients")
def shown(request: HttpRequest, course_id: uuid.UUID) -> HttpResponse:
    """The places of a course that was booked, and those that were not."""
    seen = Course.objects.visible_to(request.user).select_related("patient", "treatment", "created_by")  # type: ignore[arg-type]
    found = get_object_or_404(seen, pk=course_id)
    by_number = {one.course_number: one for one in found.appointments.with_people().order_by("created_at")}
    places = [(number, by_number.get(number)) for number in range(1, found.planned + 1)]
    page = {"nav": "patients", "course": found, "patient": found.patient, "places": places}
    return render(request, "treatments/course_shown.html", page)


def _people(form: CourseForm) -> list[Staff]:
    today = timezone.localdate()
    return list(practitioners_on(form.cleaned_data.get("date") or today, today))


def _lay_out(request: HttpRequest, form: CourseForm, patient: Patient) -> uuid.UUID | Refused | None:
    given = form.given(_people(form)) | {"patient": patient, "if_not_all": if_not_all(request.POST)}
    left_out: list[str] = []

    @functools.wraps(lay_out_course)
    def lay_out(**given: Any) -> Course:
        made = lay_out_course(**given)
        left_out[:] = [one.words for one in made.left_out]  # type: ignore[attr-defined]
        return made

    outcome = attempt(request, form, lay_out, **given)
    if isinstance(outcome, uuid.UUID):
        made = Course.objects.select_related("treatment").get(pk=outcome)
        booked = made.appointments.count()
        messages.success(request, f"Booked {booked} of {made.planned}: {made.treatment} for {patient}.")
        for words in left_out:
            messages.warning(request, f"Not booked: {words}")
    return outcome


def _page(patient: Patient, form: CourseForm) -> dict[str, Any]:
    page = {"nav": "book", "patient": patient, "form": form}
    if not form.is_bound or form.errors:
        return page
    treatment = form.cleaned_data["treatment"]
    answer = verdict(patient, treatment)
    page["verdict"] = answer if treatment.family == Family.MESOTHERAPY else None
    page["treatment"] = treatment
    if not answer.allowed:
        return page
    plan = Plan(patient=patient, **form.given(_people(form)))
    try:
        places: list[Place] = places_of(plan, now=timezone.now())
    except ValidationError as error:
        add_errors(form, error)
        return page
    found = sum(1 for one in places if one.found)
    return page | {"places": places, "found": found, "all_found": found == len(places)}
