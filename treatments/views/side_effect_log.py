"""A side effect is logged, taken down, or none is seen."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from clinic.pages import attempt, needs, perform_once, tells_script
from clinic.refusals import Refused
from patients.models import Patient
from treatments.forms.side_effect_log import LogForm
from treatments.models import Session, SideEffect
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family
from treatments.opening import LikelyTheSame
from treatments.side_effects import record_none_seen, report_side_effects
from treatments.views.concerns import take_down
from treatments.views.photos import NotKept, keep_photos, sent
from treatments.views.side_effects import form_status
from treatments.views.wording import held_words

SESSIONS_OFFERED = 10


@needs("judge-side-effects")
@require_POST
def none_seen(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    perform_once(request, record_none_seen, patient=patient)
    messages.success(request, "Recorded: no side effects seen.")
    return redirect("chart", patient.pk)


@needs("report-concern")
@require_http_methods(["GET", "POST"])
@tells_script
def log(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    if not request.user.may("judge-side-effects"):  # type: ignore[union-attr]
        return take_down(request, patient)
    reopens = _reopened(request, patient)
    form = _form(request, patient, reopens)
    refused: Refused | None = None
    likely: list[SideEffect] = []
    if request.method == "POST" and form.is_valid():
        try:
            done = attempt(request, form, log_side_effects, patient=patient, reopens=reopens, **form.given())
            if isinstance(done, uuid.UUID):
                return _logged(request, done, form)
            refused = done
        except LikelyTheSame as same:
            likely = same.found
    blockers = refused.blockers if refused else []
    context = {
        "patient": patient,
        "form": form,
        "blockers": blockers,
        "likely": form.asked_about(likely),
        "another_already": form.another_already(likely),
        "reopens": reopens,
        "photos_to_choose_again": bool(request.FILES),
        "nav": "patients",
    }
    status = 409 if likely else form_status(form, blockers)
    return render(request, "treatments/side_effect_log.html", context, status=status)


def log_side_effects(**told: Any) -> SideEffect:
    """The first of those opened; a form that is sent twice is answered with it again."""
    return report_side_effects(**told)[0]


def _form(request: HttpRequest, patient: Patient, reopens: SideEffect | None) -> LogForm:
    given = Session.objects.standing().filter(patient=patient, family=Family.MESOTHERAPY)
    return LogForm(
        *sent(request),
        reader=request.user,  # type: ignore[arg-type]
        sessions=list(given.select_related("practitioner")[:SESSIONS_OFFERED]),
        open_now=list(SideEffect.objects.open().filter(patient=patient).order_by("recorded_at", "pk")),
        initial=_initial(request, reopens),
    )


def _initial(request: HttpRequest, reopens: SideEffect | None) -> dict[str, Any]:
    """What is known before anything is typed: what is seen again, or the session that was asked about."""
    found = {"kind": [reopens.kind], "site": reopens.site, "side": reopens.side} if reopens else {}
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


def _logged(request: HttpRequest, first_id: uuid.UUID, form: LogForm) -> HttpResponse:
    first = SideEffect.objects.get(pk=first_id)
    together = {
        one.kind: one for one in SideEffect.objects.filter(patient=first.patient_id, recorded_at=first.recorded_at)
    }
    logged = [together[kind] for kind in Kind.values if kind in form.cleaned_data["kind"]]
    said = f": {', '.join(one.get_kind_display().lower() for one in logged)}." if len(logged) > 1 else "."
    messages.success(request, f"Logged{said}{held_words(first)}")
    wrong = keep_photos(request, first, form.cleaned_data["photos"])
    return _with_photos_not_kept(request, first, wrong) or _next_page(first, len(logged), form)


def _next_page(first: SideEffect, count: int, form: LogForm) -> HttpResponse:
    """A suspected infection's checklist before all; the one that was logged; the chart, where there were several."""
    if form.cleaned_data["red_flags"] or Kind.INFECTION in form.cleaned_data["kind"]:
        suspected = SideEffect.objects.open().filter(patient=first.patient_id, kind=Kind.INFECTION)
        infection = suspected.order_by("-recorded_at").first()
        if infection is not None:
            return redirect("side-effect", infection.pk)
    return redirect("side-effect", first.pk) if count == 1 else redirect("chart", first.patient_id)


def _with_photos_not_kept(request: HttpRequest, side_effect: SideEffect, wrong: list[NotKept]) -> HttpResponse | None:
    """What was written is kept whatever its photos were; those that were not kept are said, where they can be sent again."""
    if not wrong:
        return None
    for one in wrong:
        messages.error(request, f"Not kept: {one.name}. {one.why}")
    return redirect("photo-add", side_effect.pk)
