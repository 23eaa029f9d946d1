"""One record reviewed, from its own page; and the page that says why it was not."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from clinic.refusals import Refused
from treatments.forms.sign_off import SignOffForm
from treatments.models import Session, SideEffect
from treatments.record_sign_off import sign_off, why_not_reviewed_by


@needs("review-records")
@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    visible = Session.objects.visible_to(request.user).select_related("patient", "practitioner")  # type: ignore[arg-type]
    return _signed_off(request, get_object_or_404(visible, pk=session_id), "session")


@needs("review-records")
@require_http_methods(["GET", "POST"])
def side_effect(request: HttpRequest, side_effect_id: uuid.UUID) -> HttpResponse:
    visible = SideEffect.objects.visible_to(request.user).select_related("patient")  # type: ignore[arg-type]
    return _signed_off(request, get_object_or_404(visible, pk=side_effect_id), "side-effect")


def _signed_off(request: HttpRequest, record: Session | SideEffect, page: str) -> HttpResponse:
    form = SignOffForm(request.POST if request.method == "POST" else None)
    why_not = why_not_reviewed_by(record, request.user) if request.method == "GET" else None  # type: ignore[arg-type]
    blockers = [why_not] if why_not else []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, sign_off, record=record, remark=form.cleaned_data["remark"], through=request)
        if isinstance(done, uuid.UUID):
            messages.success(request, "Noted as reviewed by you. Nothing in the record was changed.")
            return redirect(page, record.pk)
        blockers = done.blockers if isinstance(done, Refused) else []
    context = {
        "record": record,
        "page": page,
        "patient": record.patient,
        "form": form,
        "blockers": blockers,
        "nav": "records",
    }
    status = 409 if form.is_bound and blockers else 422 if form.is_bound else 200
    return render(request, "treatments/sign_off.html", context, status=status)
