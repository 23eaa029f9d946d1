"""One appointment: what it is, what happened to it, and the steps its status allows."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from clinic.pages import add_errors, keep_refusal, needs, perform_once
from clinic.refusals import Refused
from treatments.eligibility import verdict
from treatments.forms.booking import CancelForm
from treatments.models import Appointment, Hold, Session
from treatments.models.appointment import Status
from treatments.models.treatment import Family
from treatments.undo import undo_step, undoable_step
from treatments.views.slips import say_done
from treatments.views.steps import STEPS, offered_steps
from treatments.views.wording import day_and_time

UNDECIDED = (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED)


@require_safe
@needs("read-patients")
def appointment(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    return _page(request, _fetch(request, appointment_id))


@require_http_methods(["GET", "POST"])
@needs("book")
def step(request: HttpRequest, appointment_id: uuid.UUID, step: str) -> HttpResponse:
    if step not in STEPS:
        raise Http404
    if request.method == "GET":  # the address of a refused step, opened again
        return redirect("appointment", appointment_id)
    appointment = _fetch(request, appointment_id)
    form = CancelForm(request.POST if step == "cancel" else {})
    if not form.is_valid():
        return _page(request, appointment, form=form, status=422)
    given = form.cleaned_data if step == "cancel" else {}
    try:
        perform_once(request, STEPS[step].operation, appointment=appointment, **given)
    except Refused as refused:
        keep_refusal(request, refused, STEPS[step].operation.__name__)
        return _page(request, _fetch(request, appointment_id), refused=refused, status=409)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, appointment, form=form, status=422)
    sentence = f"{appointment.patient}: {STEPS[step].done[0].lower()}{STEPS[step].done[1:]}"
    say_done(request, _fetch(request, appointment_id), sentence)
    return redirect(_next(request) or reverse("appointment", args=[appointment.pk]))


@require_http_methods(["GET", "POST"])
@needs("book")
def undo(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """The last step back, from the appointment's own page or from the message beside which it was offered."""
    if request.method == "GET":  # the address of a refused undo, opened again
        return redirect("appointment", appointment_id)
    appointment = _fetch(request, appointment_id)
    try:
        perform_once(request, undo_step, appointment=appointment)
    except Refused as refused:
        keep_refusal(request, refused, undo_step.__name__)
        return _page(request, _fetch(request, appointment_id), refused=refused, status=409)
    status = _fetch(request, appointment_id).get_status_display().lower()
    messages.success(request, f"{appointment.patient}: undone. It is {status}, as before.")
    return redirect(_next(request) or reverse("appointment", args=[appointment.pk]))


def _fetch(request: HttpRequest, appointment_id: uuid.UUID) -> Appointment:
    seen = Appointment.objects.visible_to(request.user).with_people()  # type: ignore[arg-type]
    return get_object_or_404(seen.select_related("site", "created_by"), pk=appointment_id)


def _next(request: HttpRequest) -> str:
    """The page the step was taken on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe and wanted.startswith("/") else ""


def _page(
    request: HttpRequest,
    appointment: Appointment,
    *,
    refused: Refused | None = None,
    form: forms.Form | None = None,
    status: int = 200,
) -> HttpResponse:
    asked = appointment.status in UNDECIDED and appointment.treatment.family == Family.MESOTHERAPY
    answer = verdict(appointment.patient, appointment.treatment) if asked else None
    blocked = answer is not None and not answer.allowed
    steps = offered_steps(appointment, request.user, now=timezone.now(), blocked=blocked)  # type: ignore[arg-type]
    page = {
        "nav": "day",
        "appointment": appointment,
        "patient": appointment.patient,
        "verdict": answer,
        "refused": refused,
        "form": form or CancelForm(),
        "steps": steps,
        "undo": undoable_step(appointment) if request.user.may("book") else "",  # type: ignore[union-attr]
        "holds": Hold.objects.filter(appointment=appointment)
        .select_related("side_effect", "released_by")
        .only("held_from", "held_until", "side_effect__kind", "released_by__name"),
        "session": Session.objects.visible_to(request.user).filter(appointment=appointment).only("pk").first(),  # type: ignore[arg-type]
        "changes": _changes(appointment),
    }
    return render(request, "treatments/appointment.html", page, status=status)


def _changes(appointment: Appointment) -> list[dict[str, Any]]:
    """Its history, newest first: when, what, who."""
    rows = appointment.history.select_related("history_user", "practitioner")
    return [{"at": row.history_date, "what": _what(row), "who": row.history_user} for row in rows]


def _what(row: Any) -> str:
    where_and_with = f"{day_and_time(row.starts_at)} with {row.practitioner}"
    if row.history_type == "+":
        return f"Booked for {where_and_with}"
    if row.history_change_reason == "moved":
        return f"Moved to {where_and_with}"
    reason = row.history_change_reason or "changed"
    return f"{reason[0].upper()}{reason[1:]}"
