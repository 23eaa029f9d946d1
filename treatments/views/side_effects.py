"""One side effect: its page, and what was entered wrongly."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import attempt, needs
from clinic.refusals import Blocker, Refused
from patients.models import Patient
from treatments.episode import episode_of
from treatments.forms.referrals import ReferralStepForm
from treatments.forms.side_effects import ErrorForm, WrongPatientForm
from treatments.models import ReferralStep, SideEffect
from treatments.side_effects import correct_patient
from treatments.side_effects import enter_in_error as strike

PATIENTS_FOUND = 20
CLOSED = ReferralStep.Step.CLOSED


def form_status(form: forms.Form, refused: list[Blocker]) -> int:
    return 409 if refused else 422 if form.is_bound and form.errors else 200


# --- One side effect ---------------------------------------------------------------------------------------------------


def visible_side_effect(request: HttpRequest, side_effect_id: uuid.UUID) -> SideEffect:
    visible = SideEffect.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("patient"), pk=side_effect_id)


@require_safe
def side_effect(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    if not request.user.may("read-clinical"):  # type: ignore[union-attr]
        return _for_reception(request, side_effect_id)
    return side_effect_page(request, visible_side_effect(request, side_effect_id))


def side_effect_page(
    request: HttpRequest,
    side_effect: SideEffect,
    *,
    wrong: ReferralStepForm | None = None,
    blockers: list[Blocker] | None = None,
) -> HttpResponse:
    """The whole of it. `wrong` is a step of the checklist as it was typed, `blockers` why it was not ticked."""
    found = episode_of(side_effect)
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        patient_id=found.side_effect.patient_id,
        subject="side-effect",
        subject_id=found.side_effect.pk,
    )
    context = {
        "episode": found,
        "side_effect": found.side_effect,
        "patient": found.side_effect.patient,
        "step_forms": [
            (step, wrong if wrong and wrong.step == step.code else ReferralStepForm(step=step.code))
            for step in found.checklist
        ],
        "close_form": wrong if wrong and wrong.step == CLOSED else ReferralStepForm(step=CLOSED),
        "blockers": blockers or [],
        "nav": "patients",
    }
    status = 409 if blockers else 422 if wrong is not None else 200
    return render(request, "treatments/side_effect.html", context, status=status)


def _for_reception(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    known = visible.only("kind", "onset_on", "seen_at", "recorded_at", "patient__given_name", "patient__family_name")
    found = get_object_or_404(known, pk=side_effect_id)
    context = {"side_effect": found, "patient": found.patient, "nav": "patients"}
    return render(request, "treatments/side_effect_reception.html", context)


# --- Entered wrongly ---------------------------------------------------------------------------------------------------


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def enter_in_error(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    found = visible_side_effect(request, side_effect_id)
    form = ErrorForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"side_effect": found, "patient": found.patient, "form": form, "nav": "patients"}
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, strike, side_effect=found, reason=form.cleaned_data["reason"])
        if isinstance(done, uuid.UUID):
            messages.success(request, "Entered in error: it stays on the chart, struck through.")
            return redirect("side-effect", found.pk)
        context["blockers"] = done.blockers if isinstance(done, Refused) else []
    status = form_status(form, context.get("blockers", []))
    return render(request, "treatments/side_effect_error.html", context, status=status)


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def wrong_patient(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    found = visible_side_effect(request, side_effect_id)
    search = request.GET.get("find", "").strip()
    patients = _patients_found(request, search, found.patient)
    form = WrongPatientForm(request.POST if request.method == "POST" else None, found=patients)
    context: dict[str, Any] = {
        "side_effect": found,
        "patient": found.patient,
        "form": form,
        "find": search,
        "found": patients,
        "nav": "patients",
    }
    if request.method == "POST" and form.is_valid():
        right = next(patient for patient in patients if patient.pk == form.cleaned_data["patient"])
        reason = form.cleaned_data["reason"]
        done = attempt(request, form, correct_patient, side_effect=found, patient=right, reason=reason)
        if isinstance(done, uuid.UUID):
            messages.success(request, "Moved: struck through there, opened here.")
            return redirect("side-effect", done)
        context["blockers"] = done.blockers if isinstance(done, Refused) else []
    status = form_status(form, context.get("blockers", []))
    return render(request, "treatments/side_effect_wrong_patient.html", context, status=status)


def _patients_found(request: HttpRequest, search: str, but: Patient) -> list[Patient]:
    if not search:
        return []
    current = Patient.objects.visible_to(request.user).current()  # type: ignore[arg-type]
    return list(current.matching(search).exclude(pk=but.pk)[:PATIENTS_FOUND])
