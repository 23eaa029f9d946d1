"""What a patient agreed to: shown with its history, recorded, and withdrawn."""

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs, perform
from clinic.roles import require
from patients.consent_uses import WITHDRAWAL, KindOfConsent, consents_of, copies_given_out
from patients.forms import ConsentForm
from patients.models import Consent, Patient
from patients.registration import record_consent, withdraw_consent


@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """All kinds on one page, and each recorded singly."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    sent = None
    if request.method == "POST":
        require(request.user, "edit-patients")  # type: ignore[arg-type]
        if request.POST.get("kind") == Consent.Kind.TREATMENT:  # the sheet of risks comes first: a page of its own
            messages.info(request, "The consent to treatment is recorded here, after the sheet of risks.")
            return redirect("treatment-consent", patient.pk)
        sent = ConsentForm(request.POST, kind=_kind(request.POST.get("kind", "")))
        if sent.is_valid() and attempt(request, sent, record_consent, patient=patient, **sent.cleaned_data):
            kind = Consent.Kind(sent.cleaned_data["kind"]).label
            messages.success(request, f"Consent recorded: {kind.lower()}.")
            return redirect("chart", patient.pk)
    kinds = consents_of(patient)
    context = {
        "patient": patient,
        "kinds": [(one, _form(one, sent)) for one in kinds],
        "wrong": _unplaced(sent, kinds),
        "nav": "patients",
    }
    return render(request, "patients/consents.html", context, status=422 if sent is not None else 200)


def _kind(text: str) -> str:
    return text if text in Consent.Kind.values else ""


def _form(one: KindOfConsent, sent: ConsentForm | None) -> ConsentForm | None:
    """The form that was sent stands, with its errors, where it was typed."""
    if one.standing is not None:
        return None
    if sent is not None and sent.data.get("kind") == one.kind:
        sent.offer(one.versions)
        return sent
    return ConsentForm(kind=one.kind, versions=one.versions)


def _unplaced(sent: ConsentForm | None, kinds: list[KindOfConsent]) -> list[str]:
    """Sentences that stand beside no field on the page: a kind that is none, a record that was merged."""
    if sent is None:
        return []
    beside = any(sent.data.get("kind") == one.kind and one.standing is None for one in kinds)
    placed = {"version"} if beside else set()
    return [str(error) for name, errors in sent.errors.items() if name not in placed for error in errors]


@require_http_methods(["GET", "POST"])
@needs("edit-patients")
def withdraw(request: HttpRequest, consent_id: uuid.UUID) -> HttpResponse:
    consent = get_object_or_404(
        Consent.objects.visible_to(request.user).select_related(  # type: ignore[arg-type]
            "patient", "recorded_by", "withdrawn_by"
        ),
        pk=consent_id,
    )
    if request.method == "GET":
        context = {
            "nav": "patients",
            "consent": consent,
            "withdrawal": WITHDRAWAL[consent.kind],
            "copies": copies_given_out(consent),
        }
        return render(request, "patients/consent_withdraw.html", context)
    perform(request, withdraw_consent, consent=consent)
    messages.success(request, f"Consent withdrawn: {consent.get_kind_display().lower()}.")
    return redirect("chart", consent.patient_id)
