"""Side effects: logged or taken down, looked at again, corrected."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import attempt, needs, perform_once
from clinic.refusals import Blocker, Refused
from patients.models import Patient
from treatments.episode import episode_of
from treatments.forms.side_effects import ErrorForm, LogForm, ReviewForm, WrongPatientForm
from treatments.models import Session, SideEffect
from treatments.models.treatment import Family
from treatments.side_effects import (
    correct_patient,
    record_none_seen,
    report_side_effect,
    review_side_effect,
)
from treatments.side_effects import (
    enter_in_error as strike,
)
from treatments.views.concerns import take_down
from treatments.views.photos import NotKept, keep_photos, may_take_photos, sent
from treatments.views.wording import held_words

SESSIONS_OFFERED = 10
PATIENTS_FOUND = 20


def _status(form: forms.Form, refused: list[Blocker]) -> int:
    return 409 if refused else 422 if form.is_bound and form.errors else 200


# --- Logged, taken down, or none seen ----------------------------------------------------------------------------------


@needs("judge-side-effects")
@require_POST
def none_seen(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    perform_once(request, record_none_seen, patient=patient)
    messages.success(request, "Recorded: no side effects seen.")
    return redirect("chart", patient.pk)


@needs("report-concern")
@require_http_methods(["GET", "POST"])
def log(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    if not request.user.may("judge-side-effects"):  # type: ignore[union-attr]
        return take_down(request, patient)
    reopens = _reopened(request, patient)
    sessions = Session.objects.filter(patient=patient, family=Family.MESOTHERAPY).select_related("practitioner")
    form = LogForm(
        *sent(request),
        sessions=sessions[:SESSIONS_OFFERED],
        initial=_initial(request, reopens),
    )
    done = None
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, report_side_effect, patient=patient, reopens=reopens, **form.given())
        if isinstance(done, uuid.UUID):
            return _logged(request, done, form)
    blockers = done.blockers if isinstance(done, Refused) else []
    context = {
        "patient": patient,
        "form": form,
        "blockers": blockers,
        "reopens": reopens,
        "open_now": list(SideEffect.objects.open().filter(patient=patient).order_by("recorded_at", "pk")),
        "photos_to_choose_again": bool(request.FILES),
        "nav": "patients",
    }
    return render(request, "treatments/side_effect_log.html", context, status=_status(form, blockers))


def _initial(request: HttpRequest, reopens: SideEffect | None) -> dict[str, str]:
    """What is known before anything is typed: what is seen again, or the session that was asked about."""
    found = {"kind": reopens.kind, "site": reopens.site, "side": reopens.side} if reopens else {}
    asked_about = request.GET.get("session", "")
    return found | ({"session": asked_about} if asked_about else {})


def _reopened(request: HttpRequest, patient: Patient) -> SideEffect | None:
    """The closed one that is seen again, named in the address (?reopens=…)."""
    named = request.GET.get("reopens", "")
    if not named:
        return None
    try:
        return get_object_or_404(SideEffect, pk=uuid.UUID(named), patient=patient, closing_review__isnull=False)
    except ValueError as error:
        raise Http404 from error


def _logged(request: HttpRequest, side_effect_id: uuid.UUID, form: LogForm) -> HttpResponse:
    side_effect = SideEffect.objects.get(pk=side_effect_id)
    messages.success(request, f"Logged.{held_words(side_effect)}")
    wrong = keep_photos(request, side_effect, form.cleaned_data["photos"])
    return _with_photos_not_kept(request, side_effect, wrong) or redirect("side-effect", side_effect.pk)


def _with_photos_not_kept(request: HttpRequest, side_effect: SideEffect, wrong: list[NotKept]) -> HttpResponse | None:
    """What was written is kept whatever its photos were; those that were not kept are said, where they can be sent again."""
    if not wrong:
        return None
    for one in wrong:
        messages.error(request, f"Not kept: {one.name}. {one.why}")
    return redirect("photo-add", side_effect.pk)


# --- One side effect ---------------------------------------------------------------------------------------------------


def _one(request: HttpRequest, side_effect_id: uuid.UUID) -> SideEffect:
    visible = SideEffect.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("patient"), pk=side_effect_id)


@require_safe
def side_effect(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    if not request.user.may("read-clinical"):  # type: ignore[union-attr]
        return _for_reception(request, side_effect_id)
    found = episode_of(_one(request, side_effect_id))
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
        "nav": "patients",
    }
    return render(request, "treatments/side_effect.html", context)


def _for_reception(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    known = visible.only("kind", "onset_on", "seen_at", "recorded_at", "patient__given_name", "patient__family_name")
    found = get_object_or_404(known, pk=side_effect_id)
    context = {"side_effect": found, "patient": found.patient, "nav": "patients"}
    return render(request, "treatments/side_effect_reception.html", context)


def _this_minute() -> dt.datetime:
    """As the field shows it, so that a time nobody touched can be told from one that was chosen."""
    return timezone.now().replace(second=0, microsecond=0)


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def review(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    found = _one(request, side_effect_id)
    form = ReviewForm(*sent(request), initial={"seen_at": _this_minute()})
    blockers: list[Blocker] = []
    wrong: list[NotKept] = []
    kept = 0
    if request.method == "POST" and form.is_valid():
        photos = form.cleaned_data["photos"]
        wrong = keep_photos(request, found, photos)
        kept = len(photos) - len(wrong)
        # A review from a photo stands or falls with it: without the photo it is not made.
        if not wrong:
            done = attempt(request, form, review_side_effect, side_effect=found, **form.given())
            if isinstance(done, uuid.UUID):
                messages.success(request, "Reviewed.")
                return redirect("side-effect", found.pk)
            blockers = done.blockers if isinstance(done, Refused) else []
    context = {
        "side_effect": found,
        "patient": found.patient,
        "form": form,
        "blockers": blockers,
        "wrong": wrong,
        "consented": may_take_photos(found),
        "photos_kept": kept,
        "photos_to_choose_again": bool(request.FILES) and not kept and not wrong,
        "episode": episode_of(found),
        "nav": "patients",
    }
    return render(
        request, "treatments/review.html", context, status=wrong[0].status if wrong else _status(form, blockers)
    )


# --- Entered wrongly ---------------------------------------------------------------------------------------------------


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def enter_in_error(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    found = _one(request, side_effect_id)
    form = ErrorForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {"side_effect": found, "patient": found.patient, "form": form, "nav": "patients"}
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, strike, side_effect=found, reason=form.cleaned_data["reason"])
        if isinstance(done, uuid.UUID):
            messages.success(request, "Entered in error: it stays on the chart, struck through.")
            return redirect("side-effect", found.pk)
        context["blockers"] = done.blockers if isinstance(done, Refused) else []
    status = _status(form, context.get("blockers", []))
    return render(request, "treatments/side_effect_error.html", context, status=status)


@needs("judge-side-effects")
@require_http_methods(["GET", "POST"])
def wrong_patient(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    found = _one(request, side_effect_id)
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
    status = _status(form, context.get("blockers", []))
    return render(request, "treatments/side_effect_wrong_patient.html", context, status=status)


def _patients_found(request: HttpRequest, search: str, but: Patient) -> list[Patient]:
    if not search:
        return []
    current = Patient.objects.visible_to(request.user).current()  # type: ignore[arg-type]
    return list(current.matching(search).exclude(pk=but.pk)[:PATIENTS_FOUND])
