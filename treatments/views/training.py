"""Training records of a member of staff: added with their certificate, read, withdrawn. For managers."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.pages import add_errors, attempt, needs
from treatments.certificates import ENDINGS, NotAsKept, kept_certificate, read_certificate
from treatments.forms.people import CertificateForm, ReasonForm, TrainingForm
from treatments.models import TrainingRecord
from treatments.training import add_training, attach_certificate, withdraw_training


@require_http_methods(["GET", "POST"])
@needs("manage-staff")
def add(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff = get_object_or_404(Staff.objects.managed_by(request.user), pk=staff_id)  # type: ignore[arg-type]
    posted = (request.POST, request.FILES) if request.method == "POST" else ()
    form = TrainingForm(*posted)
    if request.method == "POST" and form.is_valid():
        typed = dict(form.cleaned_data)
        file = typed.pop("file")
        try:
            with kept_certificate(file) as kept:
                made = attempt(request, form, add_training, staff=staff, kept=kept, through=request, **typed)
        except ValidationError as error:
            made = None
            add_errors(form, error)
        if isinstance(made, uuid.UUID):
            messages.success(request, "The training is recorded.")
            return redirect("person", staff_id)
    context = {"person": staff, "form": form, "nav": "people"}
    return render(request, "treatments/training_add.html", context, status=422 if form.is_bound else 200)


def _record(request: HttpRequest, record_id: uuid.UUID) -> TrainingRecord:
    visible = TrainingRecord.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("staff"), pk=record_id)


@require_http_methods(["GET", "POST"])
@needs("manage-staff")
def attach(request: HttpRequest, record_id: uuid.UUID) -> HttpResponse:
    record = _record(request, record_id)
    form = CertificateForm(request.POST, request.FILES) if request.method == "POST" else CertificateForm()
    if request.method == "POST" and form.is_valid():
        try:
            with kept_certificate(form.cleaned_data["file"]) as kept:
                made = attempt(request, form, attach_certificate, record=record, kept=kept, through=request)
        except ValidationError as error:
            made = None
            add_errors(form, error)
        if isinstance(made, uuid.UUID):
            messages.success(request, "The certificate is kept.")
            return redirect("person", record.staff_id)
    context = {"record": record, "person": record.staff, "form": form, "nav": "people"}
    return render(request, "treatments/training_attach.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@needs("manage-staff")
def withdraw(request: HttpRequest, record_id: uuid.UUID) -> HttpResponse:
    record = _record(request, record_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"]
        done = attempt(request, form, withdraw_training, record=record, reason=reason, through=request)
        if isinstance(done, uuid.UUID):
            messages.success(request, "Withdrawn: from today this training does not count.")
            return redirect("person", record.staff_id)
    context = {"record": record, "person": record.staff, "form": form, "nav": "people"}
    return render(request, "treatments/training_withdraw.html", context, status=422 if form.is_bound else 200)


@require_safe
@needs("manage-staff")
def file(request: HttpRequest, record_id: uuid.UUID) -> HttpResponse:
    """The certificate as a download, never inside a page of ours; each opening is in the trail."""
    record = _record(request, record_id)
    if not record.file:
        raise Http404
    try:
        content = read_certificate(record)
    except NotAsKept as error:
        messages.error(request, f"{error} Tell whoever looks after this system.")
        return redirect("person", record.staff_id)
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        subject="training",
        subject_id=record.pk,
        staff=str(record.staff_id),
    )
    response = HttpResponse(content, content_type=record.file_type)
    # Neither whose it is nor what for: a file's name is read over a shoulder.
    name = f"certificate-{record.pk.hex[:8]}.{ENDINGS.get(record.file_type, 'bin')}"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response
