"""A worry by phone: taken down without anything clinical being read back, and what holds from that moment."""

import uuid
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.pages import attempt, needs
from patients.models import Patient
from treatments.chart import open_for_reception
from treatments.concerns import report_concern
from treatments.eligibility import verdict
from treatments.forms.side_effects import ConcernForm
from treatments.models import Appointment, Session, SideEffect, Treatment
from treatments.models.appointment import Status
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family
from treatments.opening import RED_FLAGS
from treatments.views.wording import held_words
from treatments.worklists import ON_HOLD, REPORTED

VISITS_OFFERED = 3
# All that may leave the database of a side effect for reception (DOMAIN.md section 3).
FOR_RECEPTION = ("kind", "onset_on", "seen_at", "recorded_at")


def take_down(request: HttpRequest, patient: Patient) -> HttpResponse:
    """Reception's version of logging a side effect: bruising is always asked."""
    open_now = list(open_for_reception(patient))
    form = ConcernForm(
        request.POST if request.method == "POST" else None,
        sessions=_visits(patient),
        open_bruises=[one for one in open_now if one.kind == Kind.BRUISING],
        initial={"session": request.GET.get("session", "")},
    )
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, report_concern, patient=patient, **form.given())
        if isinstance(done, uuid.UUID):
            _say_what_happened(request, done, form)
            return redirect("taken-down", done)
    context = {"patient": patient, "form": form, "open_now": open_now, "nav": "patients"}
    return render(request, "treatments/concern.html", context, status=422 if form.is_bound else 200)


def _visits(patient: Patient) -> QuerySet[Session]:
    """The last mesotherapies: their day and name, and nothing that was written in them."""
    given = Session.objects.standing().filter(patient=patient, family=Family.MESOTHERAPY).order_by("-started_at")
    shown = given.select_related("appointment__treatment")[:VISITS_OFFERED]
    return shown.only("patient", "started_at", "appointment__treatment__name")


def _say_what_happened(request: HttpRequest, side_effect_id: uuid.UUID, form: ConcernForm) -> None:
    if form.given()["same_as"] is not None:
        messages.success(request, "Noted with the bruise on record: a practitioner will look again.")
    else:
        side_effect = SideEffect.objects.only("patient", "recorded_at").get(pk=side_effect_id)
        messages.success(request, f"Reported: a practitioner will look.{held_words(side_effect)}")
    told = set(form.cleaned_data["red_flags"])
    if told & set(RED_FLAGS):
        messages.warning(request, "Possible infection: to be seen today. Tell a practitioner now.")
    elif told:
        messages.warning(request, "A painful lump: to be seen today. Tell a practitioner now.")


@require_safe
@needs("report-concern")
def taken_down(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    """What holds now, while the patient is still on the phone: tell them, book a review, note the call."""
    visible = SideEffect.objects.visible_to(request.user)  # type: ignore[arg-type]
    side_effect = get_object_or_404(visible.only("patient", *FOR_RECEPTION), pk=side_effect_id)
    patient = Patient.objects.get(pk=side_effect.patient_id)
    held = list(Appointment.objects.filter(patient=patient, status=Status.ON_HOLD).with_people())
    context = {
        "nav": "patients",
        "side_effect": side_effect,
        "patient": patient,
        "held": held,
        "today": timezone.localdate(),
        "worklist": ON_HOLD if held else REPORTED,
    }
    return render(request, "treatments/concern_taken_down.html", context | _verdict(patient))


def _verdict(patient: Patient) -> dict[str, Any]:
    """On the first mesotherapy of the catalogue, and the review to be booked."""
    offered: dict[str, Treatment] = {}
    asked = Treatment.objects.bookable().filter(family__in=[Family.MESOTHERAPY, Family.REVIEW]).order_by("name")
    for treatment in asked:
        offered.setdefault(treatment.family, treatment)
    mesotherapy = offered.get(Family.MESOTHERAPY)
    return {
        "verdict": verdict(patient, mesotherapy) if mesotherapy else None,
        "treatment": mesotherapy,
        "review": offered.get(Family.REVIEW),
    }
