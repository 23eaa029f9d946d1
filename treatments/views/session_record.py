"""A session's record: written while it runs, read a code at a time, copied from the last one, and finished."""

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from clinic.pages import attempt
from clinic.refusals import Blocker
from treatments.before_finishing import LookAgain, Question, volume_questions
from treatments.drafts import SESSION, draft_of, saved_since, typed
from treatments.forms.scanned import Reading, read_into
from treatments.forms.session_differences import meanwhile
from treatments.forms.sessions import SessionForm
from treatments.models import Draft, Session, SideEffect
from treatments.models.lot import WITH_LOTS
from treatments.models.treatment import Family
from treatments.session_copies import copy_last_session, last_time
from treatments.sessions import finish_session, write_session
from treatments.stock import stock_for

USUALLY_WRITTEN = {
    "anaesthetic": "anaesthetic",
    "asepsis": "asepsis",
    "sites": "sites",
    "lots": "products and lots",
}


def _session(request: HttpRequest, session_id: uuid.UUID) -> Session:
    visible = Session.objects.visible_to(request.user).prefetch_related(WITH_LOTS)  # type: ignore[arg-type]
    related = visible.select_related(
        "patient", "practitioner", "finished_by", "error_by", "skin_check", "appointment__treatment"
    )
    return get_object_or_404(related, pk=session_id)


@require_http_methods(["GET", "POST"])
def session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    found = _session(request, session_id)
    if request.method == "POST":
        return _write(request, found, write_session, "Saved.")
    record_event(
        AuditEvent.Kind.RECORD_READ,
        request=request,
        patient_id=found.patient_id,
        subject="session",
        subject_id=found.pk,
    )
    draft = draft_of(SESSION, found.pk, request.user) if found.finished_at is None else None  # type: ignore[arg-type]
    # Typed here or on another device, and not saved: shown as it was typed, with what is wrong with it.
    return _page(request, found, _form(request, found, typed(draft)) if draft else None, draft=draft)


@require_http_methods(["GET", "POST"])
def finish(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Saves what stands in the form, then finishes; what cannot be saved is shown again, and nothing is finished."""
    if request.method == "GET":  # the address of a refused attempt, opened again
        return redirect("session", session_id)
    answered = request.POST.getlist("answered")

    @transaction.atomic
    def write_and_finish(*, session: Session, by: Staff, **written: Any) -> Session:
        """One button, one transaction: refused or wrong, neither is done."""
        write_session(session=session, by=by, **written)
        return finish_session(session=session, by=by, answered=answered)

    return _write(request, _session(request, session_id), write_and_finish, "Finished.", is_last=True)


@require_http_methods(["GET", "POST"])
def same_as_last(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Saves what stands in the form, then fills what is still empty."""
    if request.method == "GET":
        return redirect("session", session_id)
    said: list[str] = []

    @transaction.atomic
    def write_and_copy(*, session: Session, by: Staff, **written: Any) -> Session:
        write_session(session=session, by=by, **written)
        copied = copy_last_session(session=session, by=by)
        said.append(copied.words)
        return copied.session

    return _write(request, _session(request, session_id), write_and_copy, said)


def _write(
    request: HttpRequest,
    found: Session,
    operation: Callable[..., Session],
    done: str | list[str],
    *,
    is_last: bool = False,
) -> HttpResponse:
    """`done` is said afterwards. A code in the scan field is read first, and then nothing is finished."""
    if not request.user.may("treat"):  # type: ignore[union-attr]
        raise PermissionDenied
    reading = read_into(request.POST, found, request.user) if found.finished_at is None else None  # type: ignore[arg-type]
    if reading:
        operation, done, is_last = write_session, reading.words, False
    form = _form(request, found, reading.data if reading else request.POST)
    is_valid = form.is_valid()
    if found.finished_at is None:
        if not is_valid:
            return _page(request, found, form, status=422, reading=reading)
        if is_last and (missing := _not_written(found, form)) and "finish_anyway" not in request.POST:
            return _page(request, found, form, status=422, missing=missing)
    try:
        made = attempt(request, form, operation, session=found, **(form.written() if is_valid else {}))
    except LookAgain as look:
        return _page(request, found, form, status=422, asked=look.questions)
    if not isinstance(made, uuid.UUID):
        # Refused when somebody finished it meanwhile: what was typed here is shown once more, to be copied.
        blockers = made.blockers if made else []
        return _page(request, _session(request, found.pk), form, status=422, blockers=blockers, reading=reading)
    if reading and not reading.lot:
        # The rest is saved, so that looking for the lot, or receiving it, loses nothing.
        return _page(request, _session(request, found.pk), status=422, reading=reading)
    if done:
        messages.success(request, " ".join(done) if isinstance(done, list) else done)
    if reading:
        return redirect(f"{reverse('session', args=[found.pk])}?scanned={reading.lot}")
    return redirect("session", found.pk)


def _form(request: HttpRequest, found: Session, data: QueryDict | None = None) -> SessionForm:
    """With the lots that can be used today, and those that the record or what was sent names."""
    names = [use.lot_id for use in found.lot_uses.all()]
    sent = [value for name, value in (data or {}).items() if name.endswith("lot")]
    stock = stock_for(request.user, timezone.localdate(found.started_at), also=[*names, *sent])  # type: ignore[arg-type]
    return SessionForm(data, session=found, stock=stock)


def _not_written(found: Session, form: SessionForm) -> list[str]:
    """What a mesotherapy's record usually holds and this one does not: finishing is for good, so it is asked once."""
    if found.family != Family.MESOTHERAPY:
        return []
    written = form.written()
    return [words for name, words in USUALLY_WRITTEN.items() if not written.get(name)]


def _page(
    request: HttpRequest,
    found: Session,
    form: SessionForm | None = None,
    *,
    status: int = 200,
    blockers: list[Blocker] | None = None,
    missing: list[str] | None = None,
    asked: list[Question] | None = None,
    reading: Reading | None = None,
    draft: Draft | None = None,
) -> HttpResponse:
    writable = found.finished_at is None and request.user.may("treat")  # type: ignore[union-attr]
    is_typed = form is not None
    form = form or (_form(request, found) if writable else None)
    if form and "scanned" in request.GET:
        form.begin_at(request.GET["scanned"])
    uses = list(found.lot_uses.all())
    return render(
        request,
        "treatments/session.html",
        {
            "missing": missing or [],
            "asked": asked or [],
            "session": found,
            "patient": found.patient,
            "injects": found.family == Family.MESOTHERAPY,
            "writable": writable,
            "form": form,
            "warnings": volume_questions(found, uses) if writable and not is_typed else [],
            "last": last_time(found) if writable else None,
            "reading": reading,
            "meanwhile": meanwhile(form, found) if writable and form else None,
            "draft": draft,
            "draft_since": saved_since(draft, found) if draft else "",
            "blockers": blockers or [],
            # “No side effects seen” is not offered while some are open: it would be refused.
            "open_now": SideEffect.objects.open().filter(patient=found.patient_id).exists(),
            "nav": "patients",
        },
        status=409 if blockers else status,
    )
