"""The start gate, and what is done where it stays shut: bruising found there is logged and the visit becomes a review."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from clinic.refusals import Blocker, Refused
from treatments.forms.sessions import BruisingFoundForm, StartForm
from treatments.gate import TRAINING, start_gate, trained_today
from treatments.models import Appointment
from treatments.models.appointment import STEPS_FROM
from treatments.models.treatment import Family
from treatments.sessions import log_bruising_instead, start_session


def _appointment(request: HttpRequest, appointment_id: uuid.UUID) -> Appointment:
    visible = Appointment.objects.visible_to(request.user).with_people()  # type: ignore[arg-type]
    return get_object_or_404(
        visible.select_related("patient", "treatment", "practitioner", "room", "session"), pk=appointment_id
    )


@needs("treat")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    appointment = _appointment(request, appointment_id)
    form = StartForm(request.POST if request.method == "POST" else None)
    refused: list[Blocker] = []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, start_session, appointment=appointment, skin_check=form.attested())
        if isinstance(done, uuid.UUID):
            return redirect("session", done)
        refused = done.blockers if isinstance(done, Refused) else []
    elif hasattr(appointment, "session"):
        return redirect("session", appointment.session.pk)
    return render(
        request,
        "treatments/session_start.html",
        _gate_shown(request, appointment, form, refused),
        status=_status(form, refused),
    )


def _gate_shown(
    request: HttpRequest, appointment: Appointment, form: StartForm, refused: list[Blocker]
) -> dict[str, Any]:
    lines = start_gate(appointment, request.user)  # type: ignore[arg-type]
    startable = appointment.status in STEPS_FROM["start"]
    untrained = any(line.name == TRAINING and not line.passed for line in lines)
    return {
        "appointment": appointment,
        "patient": appointment.patient,
        "lines": lines,
        "injects": appointment.treatment.family == Family.MESOTHERAPY,
        "startable": startable,
        "can_start": startable and all(line.passed for line in lines),
        "shut": any(not line.passed for line in lines),
        "can_turn": _can_turn(appointment),
        "can_move": appointment.status in STEPS_FROM["move"],
        "trained": trained_today(timezone.localdate()) if untrained else [],
        "form": form,
        "found_form": BruisingFoundForm(auto_id="found_%s"),
        "blockers": refused,
        "nav": "day",
    }


def _can_turn(appointment: Appointment) -> bool:
    return appointment.status in STEPS_FROM["review-instead"] and appointment.treatment.family != Family.REVIEW


def _status(form: Any, refused: list[Blocker]) -> int:
    return 409 if refused else 422 if form.is_bound and form.errors else 200


@needs("treat")
@require_http_methods(["GET", "POST"])
def bruising_found(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """One click from the gate, with nothing filled in; or a page on which to say where first."""
    appointment = _appointment(request, appointment_id)
    form = BruisingFoundForm(request.POST if request.method == "POST" else None)
    refused: list[Blocker] = []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, log_bruising_instead, appointment=appointment, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            _say_what_became_of(request, _appointment(request, appointment_id))
            return redirect("side-effect", done)
        refused = done.blockers if isinstance(done, Refused) else []
    return render(
        request,
        "treatments/session_bruising_found.html",
        {
            "appointment": appointment,
            "patient": appointment.patient,
            "form": form,
            "blockers": refused,
            "is_open": _can_turn(appointment),
            "nav": "day",
        },
        status=_status(form, refused),
    )


def _say_what_became_of(request: HttpRequest, visit: Appointment) -> None:
    if visit.treatment.family == Family.REVIEW:
        messages.success(request, "Logged, and this visit is now a review.")
    else:
        status = visit.get_status_display().lower()
        words = f"The catalogue has no review, so this visit is {status}; a manager can add one."
        messages.warning(request, f"Logged. {words}")
