"""Sheets given to a patient, from the chart and after a session; and what was given, to read and to print."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_event
from clinic.models import AuditEvent
from clinic.pages import attempt, needs
from clinic.roles import require
from patients.models import Consent, Patient
from treatments.forms.sheets import GiveForm
from treatments.models import Session, Sheet, SheetGiven
from treatments.models.treatment import Family
from treatments.sheet_giving import give_sheet
from treatments.sheet_text import creams_sentence, shown_as_given
from treatments.sheets import current_sheets, newest_sheets
from treatments.views.sheets import pdf_answer

SHOWN = 50


def _patient(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
@needs("read-patients")
def patient_sheets(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """What was given, and giving any of the clinic's sheets."""
    patient = _patient(request, patient_id)
    form = GiveForm(sent(request), offered=newest_sheets())
    if done := given_by_form(request, form, patient):
        return done
    rows = SheetGiven.objects.filter(patient=patient).select_related("sheet", "session", "message", "by")
    context = {"patient": patient, "form": form, "rows": rows[:SHOWN], "nav": "patients"}
    return render(request, "treatments/sheets_patient.html", context, status=status_of(form))


@require_http_methods(["GET", "POST"])
@needs("treat")
def session_sheet(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The aftercare sheet of a session's treatment; it says which creams were recommended."""
    found = Session.objects.visible_to(request.user).select_related("patient", "appointment__treatment")  # type: ignore[arg-type]
    session = get_object_or_404(found, pk=session_id)
    if session.family != Family.MESOTHERAPY:
        raise Http404("the aftercare sheet is for mesotherapy")
    form = GiveForm(sent(request), offered=_aftercare(session))
    if done := given_by_form(request, form, session.patient, session):
        return done
    context: dict[str, Any] = {
        "patient": session.patient,
        "session": session,
        "form": form,
        "creams": creams_sentence(session.creams),
        "rows": session.sheets_given.select_related("sheet", "message", "by"),
        "nav": "day",
    }
    return render(request, "treatments/sheet_session.html", context, status=status_of(form))


def _aftercare(session: Session) -> Sequence[Sheet]:
    found = current_sheets(Sheet.Kind.AFTERCARE, session.appointment.treatment)
    return sorted(found.values(), key=lambda one: (one.language != "en", one.language))


def sent(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def status_of(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def given_by_form(
    request: HttpRequest, form: GiveForm, patient: Patient, session: Session | None = None
) -> HttpResponse | None:
    """Where to go once it is written down; None to show the page, with the form's errors."""
    if request.method != "POST":
        return None
    require(request.user, "edit-patients")  # type: ignore[arg-type]
    if not form.is_valid():
        return None
    done = attempt(request, form, give_sheet, patient=patient, session=session, **form.cleaned_data)
    if not isinstance(done, uuid.UUID):
        return None
    sheet, how = form.cleaned_data["sheet"], form.cleaned_data["how"]
    if how in (SheetGiven.How.PRINTED, SheetGiven.How.PDF):
        messages.success(request, f"Written down as given: {sheet.title}, version {sheet.version}.")
        return redirect("sheet-given", done)
    said = "It goes out by email now" if how == SheetGiven.How.SENT else "Written down as offered and not taken"
    messages.success(request, f"{said}: {sheet.title}, version {sheet.version}.")
    if session is not None:
        return redirect("session", session.pk)
    if sheet.kind == Sheet.Kind.PRE_TREATMENT and not treatment_consent_of(patient):
        return redirect("treatment-consent", patient.pk)
    return redirect("patient-sheets", patient.pk)


def treatment_consent_of(patient: Patient) -> Consent | None:
    in_force = Consent.objects.in_force().filter(patient=patient, kind=Consent.Kind.TREATMENT)
    return in_force.select_related("recorded_by").first()


@require_safe
def given(request: HttpRequest, given_id: uuid.UUID) -> HttpResponse:
    """As it was given, to read and to print. That it was read is in the audit trail."""
    found = _given_to(request, given_id)
    context = shown_as_given(found) | {"patient": found.patient, "nav": "patients"}
    context["consent_next"] = (
        found.sheet.kind == Sheet.Kind.PRE_TREATMENT
        and request.user.may("edit-patients")  # type: ignore[union-attr]
        and not treatment_consent_of(found.patient)
    )
    return render(request, "treatments/sheet_given.html", context)


@require_safe
def given_file(request: HttpRequest, given_id: uuid.UUID) -> HttpResponse:
    return pdf_answer(request, shown_as_given(_given_to(request, given_id)))


def _given_to(request: HttpRequest, given_id: uuid.UUID) -> SheetGiven:
    visible = SheetGiven.objects.visible_to(request.user)  # type: ignore[arg-type]
    related = visible.select_related("sheet__treatment", "patient", "session", "by", "message")
    found = get_object_or_404(related, pk=given_id)
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        patient_id=found.patient_id,
        subject="sheet-given",
        subject_id=found.pk,
    )
    return found
