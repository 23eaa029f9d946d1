"""The consent to treatment: the sheet of risks is given first, then it is written down that the patient agreed."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from clinic.refusals import Blocker, Refused
from clinic.roles import require
from patients.consent_uses import wordings_of
from patients.models import Consent, Patient
from treatments.forms.sheets import GiveForm, TreatmentConsentForm
from treatments.models import Appointment, Sheet
from treatments.sheet_giving import needs_sheet, record_treatment_consent, sheet_before_consent
from treatments.sheets import newest_sheets
from treatments.views.sheets_given import given_by_form, sent, treatment_consent_of


def _patient(request: HttpRequest, patient_id: uuid.UUID) -> Patient:
    return get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]


@require_http_methods(["GET", "POST"])
@needs("read-patients")
def treatment_consent(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    patient = _patient(request, patient_id)
    if request.method == "GET":
        return _page(request, patient)
    require(request.user, "edit-patients")  # type: ignore[arg-type]
    form = TreatmentConsentForm(request.POST)
    refused: list[Blocker] = []
    if form.is_valid():
        done = attempt(request, form, record_treatment_consent, patient=patient, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            messages.success(request, "Consent recorded: treatment.")
            visit = _visit(request, patient)
            return redirect("session-start", visit.pk) if visit else redirect("chart", patient.pk)
        refused = done.blockers if isinstance(done, Refused) else []
    return _page(request, patient, consent=form, refused=refused, status=409 if refused else 422)


@require_http_methods(["GET", "POST"])
@needs("read-patients")
def risks(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """The sheet of risks, given from the page of the consent."""
    if request.method == "GET":  # the address of a form that was not taken, opened again
        return redirect("treatment-consent", patient_id)
    patient = _patient(request, patient_id)
    form = _risks(request)
    if done := given_by_form(request, form, patient):
        return redirect(f"{done['Location']}{_on_the_way(_visit(request, patient))}")
    return _page(request, patient, give=form, status=422)


def _visit(request: HttpRequest, patient: Patient) -> Appointment | None:
    """The visit whose start gate asked for the consent, and waits for it."""
    if not request.user.may("treat"):  # type: ignore[union-attr]
        return None
    try:
        asked = uuid.UUID(request.GET.get("visit", ""))
    except ValueError:
        return None
    return Appointment.objects.filter(patient=patient, pk=asked).first()


def _on_the_way(visit: Appointment | None) -> str:
    return f"?visit={visit.pk}" if visit else ""


def _risks(request: HttpRequest) -> GiveForm:
    return GiveForm(sent(request), offered=newest_sheets([Sheet.Kind.PRE_TREATMENT]), may_decline=False)


def _page(
    request: HttpRequest,
    patient: Patient,
    *,
    consent: TreatmentConsentForm | None = None,
    give: GiveForm | None = None,
    refused: list[Blocker] | None = None,
    status: int = 200,
) -> HttpResponse:
    given = sheet_before_consent(patient, timezone.now())
    versions = wordings_of(Consent.Kind.TREATMENT)
    offered = newest_sheets([Sheet.Kind.PRE_TREATMENT])
    visit = _visit(request, patient)
    context: dict[str, Any] = {
        "visit": visit,
        "on_the_way": _on_the_way(visit),
        "patient": patient,
        "standing": treatment_consent_of(patient),
        "given": given,
        "is_newest": given is not None and given.sheet_id in {one.pk for one in offered},
        "give": give or GiveForm(offered=offered, may_decline=False),
        "consent": consent or TreatmentConsentForm(initial={"version": next(iter(versions), "")}),
        "versions": versions,
        "may_agree": given is not None or not needs_sheet(patient),
        "blockers": refused,
        "nav": "patients",
    }
    return render(request, "treatments/treatment_consent.html", context, status=status)
