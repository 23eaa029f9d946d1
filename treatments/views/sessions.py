"""A session: started after a skin check, written down, finished."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.pages import attempt, needs
from clinic.refusals import Blocker, Refused
from treatments.eligibility import RULE_CODES, training_blockers, verdict
from treatments.forms.sessions import BruisingFoundForm, SessionForm, StartForm
from treatments.models import Appointment, Session, SideEffect
from treatments.models.appointment import STEPS_FROM
from treatments.models.treatment import Family
from treatments.sessions import finish_session, log_bruising_instead, start_session, write_session

USUALLY_WRITTEN = {
    "anaesthetic": "anaesthetic",
    "asepsis": "asepsis",
    "sites": "sites",
    "products": "products and lots",
}


def _appointment(request: HttpRequest, appointment_id: uuid.UUID) -> Appointment:
    visible = Appointment.objects.visible_to(request.user).with_people()  # type: ignore[arg-type]
    return get_object_or_404(
        visible.select_related("patient", "treatment", "practitioner", "room", "session"), pk=appointment_id
    )


@needs("treat")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    appointment = _appointment(request, appointment_id)
    form = StartForm(request.POST if request.method == "POST" else None)
    refused: list[Blocker] = []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, start_session, appointment=appointment, skin_check=form.attested())
        if isinstance(done, uuid.UUID):
            return redirect("session", done)
        refused = done.blockers if isinstance(done, Refused) else []
    elif hasattr(appointment, "session"):
        return redirect("session", appointment.session.pk)
    return render(
        request,
        "treatments/session_start.html",
        _start_context(request, appointment, form, refused),
        status=_status(form, refused),
    )


def _start_context(
    request: HttpRequest, appointment: Appointment, form: StartForm, refused: list[Blocker]
) -> dict[str, Any]:
    injects = appointment.treatment.family == Family.MESOTHERAPY
    found = verdict(appointment.patient, appointment.treatment) if injects else None
    training = training_blockers(request.user, appointment.treatment, timezone.localdate())  # type: ignore[arg-type]
    return {
        "appointment": appointment,
        "patient": appointment.patient,
        "injects": injects,
        "verdict": found,
        "training": training,
        "can_start": appointment.status in STEPS_FROM["start"] and not training and (found is None or found.allowed),
        "can_turn": appointment.status in STEPS_FROM["review-instead"]
        and appointment.treatment.family != Family.REVIEW,
        "startable": appointment.status in STEPS_FROM["start"],
        "blocked": bool(found and not found.allowed) or any(one.code in RULE_CODES for one in refused),
        "form": form,
        "blockers": refused,
        "nav": "day",
    }


def _status(form: Any, refused: list[Blocker]) -> int:
    return 409 if refused else 422 if form.is_bound and form.errors else 200


@needs("treat")
@require_http_methods(["GET", "POST"])
def bruising_found(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    appointment = _appointment(request, appointment_id)
    form = BruisingFoundForm(request.POST if request.method == "POST" else None)
    refused: list[Blocker] = []
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, log_bruising_instead, appointment=appointment, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            _say_what_became_of(request, _appointment(request, appointment_id))
            return redirect("side-effect", done)
        refused = done.blockers if isinstance(done, Refused) else []
    return render(
        request,
        "treatments/session_bruising_found.html",
        {
            "appointment": appointment,
            "patient": appointment.patient,
            "form": form,
            "blockers": refused,
            "is_open": appointment.status in STEPS_FROM["review-instead"]
            and appointment.treatment.family != Family.REVIEW,
            "nav": "day",
        },
        status=_status(form, refused),
    )


def _say_what_became_of(request: HttpRequest, visit: Appointment) -> None:
    if visit.treatment.family == Family.REVIEW:
        messages.success(request, "Logged, and this visit is now a review.")
    else:
        status = visit.get_status_display().lower()
        words = f"The catalogue has no review, so this visit is {status}; a manager can add one."
        messages.warning(request, f"Logged. {words}")


def _session(request: HttpRequest, session_id: uuid.UUID) -> Session:
    visible = Session.objects.visible_to(request.user)  # type: ignore[arg-type]
    related = visible.select_related("patient", "practitioner", "finished_by", "skin_check", "appointment__treatment")
    return get_object_or_404(related, pk=session_id)


@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    found = _session(request, session_id)
    if request.method == "POST":
        return _write(request, found, then_finish=False)
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        patient_id=found.patient_id,
        subject="session",
        subject_id=found.pk,
    )
    return _page(request, found, SessionForm(session=found))


@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Saves what stands in the form, then finishes; what cannot be saved is shown again, and nothing is finished."""
    if request.method == "GET":  # the address of a refused attempt, opened again
        return redirect("session", session_id)
    return _write(request, _session(request, session_id), then_finish=True)


def _write(request: HttpRequest, found: Session, *, then_finish: bool) -> HttpResponse:
    if not request.user.may("treat"):  # type: ignore[union-attr]
        raise PermissionDenied
    form = SessionForm(request.POST, session=found)
    is_valid = form.is_valid()
    if found.finished_at is None and not is_valid:
        return _page(request, found, form, status=422)
    missing = _not_written(found, form) if then_finish and is_valid and found.finished_at is None else []
    if missing and "finish_anyway" not in request.POST:
        return _page(request, found, form, status=422, missing=missing)
    operation = write_and_finish if then_finish else write_session
    done = attempt(request, form, operation, session=found, **(form.written() if is_valid else {}))
    if not isinstance(done, uuid.UUID):
        # Refused when somebody finished it meanwhile: what was typed here is shown once more, to be copied.
        blockers = done.blockers if done else []
        typed = request.POST.get("note", "")
        return _page(request, _session(request, found.pk), form, status=422, blockers=blockers, typed=typed)
    messages.success(request, "Finished." if then_finish else "Saved.")
    return redirect("session", found.pk)


def _not_written(found: Session, form: SessionForm) -> list[str]:
    """What a mesotherapy's record usually holds and this one does not: finishing is for good, so it is asked once."""
    if found.family != Family.MESOTHERAPY:
        return []
    written = form.written()
    return [words for name, words in USUALLY_WRITTEN.items() if not written.get(name)]


@transaction.atomic
def write_and_finish(*, session: Session, by: Staff, **written: Any) -> Session:
    """One button, one transaction: refused or wrong, neither is done."""
    write_session(session=session, by=by, **written)
    return finish_session(session=session, by=by)


def _page(
    request: HttpRequest,
    found: Session,
    form: SessionForm,
    *,
    status: int = 200,
    blockers: list[Blocker] | None = None,
    typed: str = "",
    missing: list[str] | None = None,
) -> HttpResponse:
    return render(
        request,
        "treatments/session.html",
        {
            "missing": missing or [],
            "session": found,
            "patient": found.patient,
            "injects": found.family == Family.MESOTHERAPY,
            "writable": found.finished_at is None and request.user.may("treat"),  # type: ignore[union-attr]
            "form": form,
            "blockers": blockers or [],
            # “No side effects seen” is not offered while some are open: it would be refused.
            "open_now": SideEffect.objects.open().filter(patient=found.patient_id).exists(),
            "typed": typed,
            "nav": "patients",
        },
        status=409 if blockers else status,
    )
