"""Writing down a treatment that was given in spite of what stood against it."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from clinic.refusals import Refused
from patients.models import Patient
from treatments.deviations import record_deviation, stood_against
from treatments.forms.deviations import DeviationForm
from treatments.models import Appointment, Session, Treatment
from treatments.models.treatment import Family


@needs("treat")
@require_http_methods(["GET", "POST"])
def record(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """Afterwards, and leads to the session's record. `?visit=` is the appointment that was held or refused."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    visit = _visit(request, patient)
    form = DeviationForm(request.POST if request.method == "POST" else None, initial=_guessed(request, visit))
    blockers = []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, record_deviation, patient=patient, **form.given())
        if isinstance(done, uuid.UUID):
            messages.success(request, "Written down as a deviation. Now the record of what was done.")
            return redirect("session", Session.objects.get(appointment__deviation=done).pk)
        blockers = done.blockers if isinstance(done, Refused) else []
    context = {
        "patient": patient,
        "form": form,
        "blockers": blockers,
        "visit": visit,
        "against": _against_now(request, patient),
        "nav": "patients",
    }
    status = 409 if blockers else 422 if form.is_bound else 200
    return render(request, "treatments/deviation_record.html", context, status=status)


def _visit(request: HttpRequest, patient: Patient) -> Appointment | None:
    try:
        wanted = uuid.UUID(request.GET.get("visit", ""))
    except ValueError:
        return None
    return Appointment.objects.with_people().filter(patient=patient, pk=wanted).first()


def _guessed(request: HttpRequest, visit: Appointment | None) -> dict[str, Any]:
    """The visit's time where it has passed; else the hour until now. The reader's own name."""
    now = timezone.localtime().replace(second=0, microsecond=0)
    begun, over = now - dt.timedelta(hours=1), now
    if visit is not None and visit.ends_at <= now:
        begun, over = timezone.localtime(visit.starts_at), timezone.localtime(visit.ends_at)
    known: dict[str, Any] = {
        "date": begun.date(),
        "time": begun.time(),
        "until": over.time(),
        "practitioner": request.user.pk,
        "decided_by": request.user.pk,
    }
    if visit is not None:
        known |= {"room": visit.room_id}
        if visit.treatment.family == Family.MESOTHERAPY:
            known["treatment"] = visit.treatment_id
    return known


def _against_now(request: HttpRequest, patient: Patient) -> list[str]:
    """What would be written down as having stood against it, had it begun just now."""
    mesotherapy = Treatment.objects.filter(family=Family.MESOTHERAPY).order_by("-is_active", "name").first()
    if mesotherapy is None:
        return []
    found = stood_against(patient, mesotherapy, request.user, timezone.now())  # type: ignore[arg-type]
    return [blocker.message for blocker in found]
