"""What is noted from a worklist's row: a call that was made, “asked, none”, and why nobody needs to call any more."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from clinic.pages import attempt, needs, perform_once
from clinic.refusals import Refused
from patients.models import Patient
from treatments.calls import record_call
from treatments.follow_ups import record_asked_none
from treatments.forms.booking import CloseForm
from treatments.forms.calls import CallForm
from treatments.messages import handle_failed_message
from treatments.models import Call, Message, Session
from treatments.worklists import CALL_BACK, CLEAR_AGAIN, CLOSED_BY_A_PERSON, FOLLOW_UP, LISTS
from treatments.worklists import close_clear_again as take_off_clear_again
from treatments.worklists import close_follow_up as take_off_follow_up


@needs("work-lists")
@require_http_methods(["GET", "POST"])
def note_call(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = _patient(request, patient_id)
    form = CallForm(request.POST) if request.method == "POST" else CallForm(initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        noted = attempt(request, form, record_call, patient=patient, **form.given())
        if isinstance(noted, uuid.UUID):
            _say_noted(request, patient, form.cleaned_data)
            return redirect(_after(patient, form.cleaned_data))
    page = {"nav": "worklists", "patient": patient, "form": form}
    return render(request, "treatments/worklists_call.html", page, status=422 if form.is_bound else 200)


def _say_noted(request: HttpRequest, patient: Patient, noted: dict[str, Any]) -> None:
    outcome = Call.Outcome(noted["outcome"])
    declined = outcome == Call.Outcome.DECLINED and noted["worklist"] in CLOSED_BY_A_PERSON
    more = " Close the row with a reason if nobody needs to call again." if declined else ""
    messages.success(request, f"{patient}: call noted, {outcome.label.lower()}.{more}")


def _after(patient: Patient, noted: dict[str, Any]) -> str:
    """Back to the row that the call was noted on."""
    if noted["back"] == "chart" or noted["worklist"] not in LISTS:
        return reverse("chart", args=[patient.pk])
    row = f"-{noted['row']}" if noted["row"] else ""
    return f"{reverse('worklists')}#{noted['worklist']}{row}"


@needs("work-lists")
@require_POST
def asked_none(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """“Asked, none”: told by phone. A refusal is a page of its own."""
    session = _session(request, session_id)
    perform_once(request, record_asked_none, session=session)
    messages.success(request, f"{session.patient}: asked by phone, no side effects told of. Nobody has looked by that.")
    return redirect(f"{reverse('worklists')}#{FOLLOW_UP}")


@needs("work-lists")
@require_http_methods(["GET", "POST"])
def close_clear_again(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = _patient(request, patient_id)
    return _close(request, patient, CLEAR_AGAIN, take_off_clear_again, {"patient": patient})


@needs("work-lists")
@require_http_methods(["GET", "POST"])
def close_follow_up(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    session = _session(request, session_id)
    return _close(request, session.patient, FOLLOW_UP, take_off_follow_up, {"session": session})


@needs("work-lists")
@require_http_methods(["GET", "POST"])
def close_call_back(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    visible = Message.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    message = get_object_or_404(visible, pk=message_id)
    return _close(request, message.patient, CALL_BACK, handle_failed_message, {"message": message})


# What each list is called in a sentence, and what closing a row of it means.
CLOSING = {
    CLEAR_AGAIN: (
        "clear again",
        "Nothing is booked by this, and a wish on the waiting list ends. Should something open again, the patient comes "
        "back onto the lists.",
    ),
    FOLLOW_UP: ("follow-up", "Nobody has asked, and nobody will. The next mesotherapy session asks again."),
    CALL_BACK: ("messages to call back", "Say what was done instead, for example: told by phone."),
}


def _close(
    request: HttpRequest, patient: Patient, code: str, operation: Callable[..., Any], about: dict[str, Any]
) -> HttpResponse:
    form = CloseForm(request.POST if request.method == "POST" else None)
    name, meaning = CLOSING[code]
    refused = None
    if request.method == "POST" and form.is_valid():
        closed = attempt(request, form, operation, **about, **form.cleaned_data)
        if isinstance(closed, uuid.UUID):
            messages.success(request, f"{patient} is off the list “{name}”.")
            return redirect(f"{reverse('worklists')}#{code}")
        refused = closed
    page = {
        "nav": "worklists",
        "patient": patient,
        "form": form,
        "code": code,
        "name": name,
        "meaning": meaning,
        "blockers": refused.blockers if isinstance(refused, Refused) else [],
    }
    status = 409 if refused else 422 if form.is_bound else 200
    return render(request, "treatments/worklists_close.html", page, status=status)


def _patient(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]


def _session(request: HttpRequest, session_id: uuid.UUID) -> Session:
    """That there was one is no secret of reception's; what was written in it is not fetched."""
    of_theirs = Patient.objects.visible_to(request.user)  # type: ignore[arg-type]
    found = Session.objects.filter(patient__in=of_theirs).select_related("patient")
    return get_object_or_404(found.only("started_at", "patient__given_name", "patient__family_name"), pk=session_id)
