"""What is still said of a finished session: an addendum, or that it was entered in error."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from clinic.refusals import Refused
from treatments.addenda import enter_session_in_error, write_addendum
from treatments.forms.deviations import AddendumForm
from treatments.forms.side_effects import ErrorForm
from treatments.models import Session


def _session(request: HttpRequest, session_id: uuid.UUID) -> Session:
    visible = Session.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("patient", "practitioner", "appointment__treatment"), pk=session_id)


@needs("treat")
@require_http_methods(["GET", "POST"])
def add(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    found = _session(request, session_id)
    form = AddendumForm(request.POST if request.method == "POST" else None)
    blockers = []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, write_addendum, session=found, text=form.cleaned_data["text"])
        if isinstance(done, uuid.UUID):
            messages.success(request, "Added. What was signed stays as it is.")
            return redirect("session", found.pk)
        blockers = done.blockers if isinstance(done, Refused) else []
    context = {"session": found, "patient": found.patient, "form": form, "blockers": blockers, "nav": "patients"}
    status = 409 if blockers else 422 if form.is_bound else 200
    return render(request, "treatments/session_addendum.html", context, status=status)


@needs("treat")
@require_http_methods(["GET", "POST"])
def in_error(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    found = _session(request, session_id)
    form = ErrorForm(request.POST if request.method == "POST" else None)
    blockers = []
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(request, form, enter_session_in_error, session=found, reason=reason)
        if isinstance(done, uuid.UUID):
            messages.success(request, "Entered in error: it stays on the chart, struck through.")
            return redirect("session", found.pk)
        blockers = done.blockers if isinstance(done, Refused) else []
    context = {"session": found, "patient": found.patient, "form": form, "blockers": blockers, "nav": "patients"}
    status = 409 if blockers else 422 if form.is_bound else 200
    return render(request, "treatments/session_error.html", context, status=status)
