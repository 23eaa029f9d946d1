"""Messages to patients: the list, one as it was sent, and what is done about one that failed."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import attempt, needs
from clinic.paging import Page, keyset_page
from clinic.refusals import Refused
from patients.models import Patient
from treatments.forms.messages import HandledForm
from treatments.messages import handle_failed_message, send_again
from treatments.messages.sending import why_not, write_message
from treatments.models import Message

PAGE_SIZE = 25


@require_safe
@needs("read-patients")
def message_list(request: HttpRequest) -> HttpResponse:
    found = Message.objects.visible_to(request.user).select_related("patient", "appointment")  # type: ignore[arg-type]
    status = request.GET.get("status", "")
    status = status if status in Message.Status.values else ""
    patient = _patient(request)
    if status:
        found = found.filter(status=status)
    if patient:
        found = found.filter(patient=patient)
    page, unknown = _page(found.defer("body", "subject"), request.GET.get("page", ""))
    return render(
        request,
        "treatments/messages.html",
        {
            "nav": "messages",
            "page": page,
            "unknown": unknown,
            "status": status,
            "statuses": Message.Status,
            "patient": patient,
            "kept": settings.MESSAGES_ARE_KEPT,
        },
    )


@require_safe
@needs("read-patients")
def message(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    return _one(request, _fetch(request, message_id))


@require_http_methods(["GET", "POST"])
@needs("work-lists")
def handle(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    found = _fetch(request, message_id)
    if request.method == "GET":  # the address of a refused step, opened again
        return redirect("message", found.pk)
    form = HandledForm(request.POST)
    refused = None
    if form.is_valid():
        outcome = attempt(request, form, handle_failed_message, message=found, **form.cleaned_data)
        if isinstance(outcome, uuid.UUID):
            messages.success(request, f"{found.patient} is off the list of messages to call back.")
            return redirect("message", found.pk)
        refused = outcome
    return _one(request, _fetch(request, message_id), form=form, refused=refused)


@require_http_methods(["GET", "POST"])
@needs("work-lists")
def again(request: HttpRequest, message_id: uuid.UUID) -> HttpResponse:
    found = _fetch(request, message_id)
    if request.method == "GET":
        return redirect("message", found.pk)
    outcome = attempt(request, HandledForm(), send_again, message=found)
    if isinstance(outcome, uuid.UUID):
        messages.success(request, "It is sent again, within a few seconds.")
        return redirect("message", found.pk)
    return _one(request, _fetch(request, message_id), refused=outcome)


def _fetch(request: HttpRequest, message_id: uuid.UUID) -> Message:
    seen = Message.objects.visible_to(request.user).select_related(  # type: ignore[arg-type]
        "patient",
        "handled_by",
        "appointment__patient",
        "appointment__practitioner",
        "appointment__treatment",
        "appointment__site",
    )
    return get_object_or_404(seen, pk=message_id)


def _one(
    request: HttpRequest, found: Message, *, form: HandledForm | None = None, refused: Refused | None = None
) -> HttpResponse:
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        patient_id=found.patient_id,
        subject="message",
        row=str(found.pk),
    )
    page = {
        "nav": "messages",
        "found": found,
        "patient": found.patient,
        "form": form or HandledForm(),
        "refused": refused,
        "kept": settings.MESSAGES_ARE_KEPT,
    } | _as_it_would_be(found)
    status = 409 if refused else 422 if form else 200
    return render(request, "treatments/messages_one.html", page, status=status)


def _as_it_would_be(found: Message) -> dict[str, Any]:
    """What is still to be written is shown as it would be sent now, or why it would not."""
    if found.status != Message.Status.QUEUED:
        return {}
    if reason := why_not(found, timezone.now()):
        return {"would_drop": reason}
    return {"would_be": write_message(found)}


def _patient(request: HttpRequest) -> Patient | None:
    try:
        asked_for = uuid.UUID(request.GET.get("patient", ""))
    except ValueError:
        return None
    return Patient.objects.visible_to(request.user).filter(pk=asked_for).first()  # type: ignore[arg-type]


def _page(found, cursor: str) -> tuple[Page, str]:  # type: ignore[no-untyped-def]
    """The page, and a sentence when its mark was not known and it is the first one instead."""
    try:
        return keyset_page(found, cursor, PAGE_SIZE), ""
    except ValidationError as error:
        return keyset_page(found, "", PAGE_SIZE), error.messages[0]
