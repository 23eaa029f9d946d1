"""Merging two records of one person: find the other, see both sides, make them one; and undo it."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import attempt, keep_refusal, needs, perform_once
from clinic.refusals import Refused
from patients.duplicates import Likely, likely_duplicates
from patients.models import Patient
from treatments.forms.merging import MergeForm
from treatments.merge_preview import preview_merge
from treatments.merging import merge_patients, undo_merge, undo_reasons
from treatments.models import Appointment, Merge
from treatments.models.appointment import Status

FOUND, LONGEST = 20, 100


@require_safe
@needs("merge-patients")
def find(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The other record: one that looks like the same person, or whichever a search finds."""
    patient = _standing(request, patient_id)
    search = request.GET.get("find", "")[:LONGEST].strip()
    others = Patient.objects.visible_to(request.user).current().exclude(pk=patient.pk)  # type: ignore[arg-type]
    context = {
        "patient": patient,
        "find": search,
        "found": list(others.matching(search)[:FOUND]) if search else [],
        "likely": [] if search else _likely(patient),
        "nav": "patients",
    }
    return render(request, "treatments/merge_find.html", context)


@require_http_methods(["GET", "POST"])
@needs("merge-patients")
def merge(request: HttpRequest, patient_id: uuid.UUID, other_id: uuid.UUID) -> HttpResponse:
    kept, other = _standing(request, patient_id), _standing(request, other_id)
    if (gone := next((one for one in (kept, other) if one.merged_into_id), None)) is not None:
        return redirect("chart", gone.pk)
    if kept == other:
        return redirect("merge-find", kept.pk)
    preview = preview_merge(kept, other)
    form = MergeForm(request.POST if request.method == "POST" else None, preview=preview)
    done: uuid.UUID | Refused | None = None
    if request.method == "POST" and form.is_valid():
        done = attempt(
            request, form, merge_patients, kept=kept, merged=other, details=form.cleaned_data, through=request
        )
        if isinstance(done, uuid.UUID):
            messages.success(request, f"Merged: {other.number} is part of this record now.{_held(done)}")
            return redirect("chart", kept.pk)
    elif request.method == "GET":
        _note_reading(request, kept, other)
    context: dict[str, Any] = {
        "patient": kept,
        "preview": preview,
        "form": form,
        "blockers": done.blockers if isinstance(done, Refused) else [],
        "nav": "patients",
    }
    status = 409 if context["blockers"] else 422 if form.is_bound else 200
    return render(request, "treatments/merge.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs("merge-patients")
def undo(request: HttpRequest, merge_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Merge.objects.select_related("kept__merged_into", "merged", "by"), pk=merge_id)
    if request.method == "GET":
        page = {"merge": found, "reasons": undo_reasons(found), "nav": "patients"}
        return render(request, "treatments/merge_undo.html", page)
    try:
        perform_once(request, undo_merge, merge=found, through=request)
    except Refused as refused:
        keep_refusal(request, refused, undo_merge.__name__)
        context = {"blockers": refused.blockers, "patient_id": found.kept_id}
        return render(request, "refused.html", context, status=409)
    messages.success(request, f"Undone: {found.merged.number} stands on its own again.")
    return redirect("chart", found.kept_id)


def _standing(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]


def _likely(patient: Patient) -> list[Likely]:
    return likely_duplicates(
        given_name=patient.given_name,
        family_name=patient.family_name,
        date_of_birth=patient.date_of_birth,
        phone=patient.phone,
        leave_out=[patient.pk],
    )


def _note_reading(request: HttpRequest, *patients: Patient) -> None:
    """Allergies and alerts of both are read here."""
    for patient in patients:
        record_event(AuditEvent.Kind.CHART_READ, request=request, patient_id=patient.pk)


def _held(merge_id: uuid.UUID) -> str:
    """“ 2 appointments are on hold by it.”"""
    merge = Merge.objects.get(pk=merge_id)
    held = merge.rows.filter(table_name=Appointment._meta.db_table, was=Status.ON_HOLD).values("row_id")
    count = Appointment.objects.filter(pk__in=held, status=Status.ON_HOLD).count()
    return f" {count} appointment{' is' if count == 1 else 's are'} on hold." if count else ""
