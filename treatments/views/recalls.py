"""A lot recalled: begun in one step, its call list worked through, its letters printed, ended."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import record_list_read
from clinic.pages import attempt, needs, perform_once
from clinic.refusals import Refused
from patients.models import Patient
from treatments.forms.recalls import EndForm, LetterForm, RecallForm, TellForm
from treatments.lot_trace import reach_of
from treatments.models import Lot, Recall, RecallCall
from treatments.recall_letters import example, letters_for
from treatments.recalled import concerned, to_be_told
from treatments.recalls import change_letter, end_recall, note_letters, recall_lot, tell_by_letter, tell_patient


def _recall(request: HttpRequest, recall_id: uuid.UUID) -> Recall:
    visible = Recall.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(visible.select_related("lot__product", "begun_by", "ended_by"), pk=recall_id)


@needs("recall-lots")
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest, lot_id: uuid.UUID) -> HttpResponse:
    """Whom it would concern is shown first; one click takes it out of use everywhere."""
    lot = get_object_or_404(Lot.objects.visible_to(request.user).select_related("product"), pk=lot_id)  # type: ignore[arg-type]
    if open_one := Recall.objects.open().filter(lot=lot).first():
        return redirect("recall", open_one.pk)
    form = RecallForm(request.POST if request.method == "POST" else None, initial={"reason": lot.quarantine_reason})
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, recall_lot, lot=lot, through=request, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            messages.success(request, "Recalled. Nobody can use this lot from now on.")
            return redirect("recall", done)
        refused = done if isinstance(done, Refused) else None
    context = {
        "lot": lot,
        "reach": reach_of(lot),
        "form": form,
        "blockers": refused.blockers if refused else [],
        "nav": "lots",
    }
    status = 409 if refused else 422 if form.is_bound else 200
    return render(request, "treatments/recall_begin.html", context, status=status)


@needs("receive-lots")
@require_safe
def recall(request: HttpRequest, recall_id: uuid.UUID) -> HttpResponse:
    return _recall_page(request, _recall(request, recall_id))


def _recall_page(request: HttpRequest, found: Recall, status: int = 200, **more: Any) -> HttpResponse:
    waiting = list(to_be_told(found)[:200])
    told = list(found.told.select_related("patient", "by").order_by("-at"))
    if waiting or told:  # each was treated with it
        patients = [one.pk for one in waiting] + [one.patient_id for one in told]
        record_list_read(request, patients, subject="recall", subject_id=found.pk)
    user: Any = request.user
    context = {
        "recall": found,
        "reach": reach_of(found.lot),
        "waiting": waiting,
        "waiting_count": to_be_told(found).count(),
        "concerned": concerned(found).count(),
        "told": told,
        "export_query": f"recall={found.pk}",
        "sent": any(one.how == RecallCall.How.LETTER for one in told),
        "tell": TellForm(),
        "letter_form": LetterForm(initial={"letter": found.letter}),
        "example": example(found.letter, found, user.site, timezone.now()),
        "end_form": EndForm(),
        "nav": "lots",
    }
    return render(request, "treatments/recall.html", context | more, status=status)


@needs("recall-lots")
@require_POST
def letter(request: HttpRequest, recall_id: uuid.UUID) -> HttpResponse:
    found, form = _recall(request, recall_id), LetterForm(request.POST)
    if form.is_valid():
        done = attempt(request, form, change_letter, recall=found, letter=form.cleaned_data["letter"], through=request)
        if isinstance(done, uuid.UUID):
            messages.success(request, "The letter is saved.")
            return redirect("recall", recall_id)
        if isinstance(done, Refused):
            return _recall_page(request, found, 409, letter_form=form, blockers=done.blockers)
    return _recall_page(request, found, 422, letter_form=form)


@needs("recall-lots")
@require_safe
def letters(request: HttpRequest, recall_id: uuid.UUID) -> HttpResponse:
    """All that wait for theirs, or one patient's, a page each, to be printed."""
    found = _recall(request, recall_id)
    patients = list(to_be_told(found).filter(**_one_of(request)))
    note_letters(found, patients, by=request.user, change="letters-opened", through=request)  # type: ignore[arg-type]
    context = {"recall": found, "letters": letters_for(found, patients), "today": timezone.localdate(), "nav": "lots"}
    return render(request, "treatments/recall_letters.html", context)


def _one_of(request: HttpRequest) -> dict[str, Any]:
    try:
        return {"pk": uuid.UUID(request.GET["patient"])} if request.GET.get("patient") else {}
    except ValueError:
        return {"pk": None}


@needs("recall-lots")
@require_POST
def posted(request: HttpRequest, recall_id: uuid.UUID) -> HttpResponse:
    """The printed letters were posted: they come off the call list."""
    found = _recall(request, recall_id)
    chosen = [uuid.UUID(one) for one in request.POST.getlist("patients") if _is_id(one)]
    try:
        perform_once(request, tell_by_letter, recall=found, patients=chosen, through=request)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, "Noted: told by letter.")
    return redirect("recall", recall_id)


def _is_id(said: str) -> bool:
    try:
        uuid.UUID(said)
    except ValueError:
        return False
    return True


@needs("tell-of-recalls")
@require_http_methods(["GET", "POST"])
def tell(request: HttpRequest, patient_id: uuid.UUID) -> HttpResponse:
    """From the worklist: told, or not reached, of every open recall that concerns this patient."""
    patient = get_object_or_404(Patient.objects.visible_to(request.user), pk=patient_id)  # type: ignore[arg-type]
    form = TellForm(request.POST if request.method == "POST" else None)
    refused: Refused | None = None
    if request.method == "POST" and form.is_valid():
        done = attempt(request, form, tell_patient, patient=patient, through=request, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            messages.success(request, f"Noted for {patient}.")
            return redirect("worklists")
        refused = done if isinstance(done, Refused) else None
    context = {"patient": patient, "form": form, "blockers": refused.blockers if refused else [], "nav": "worklists"}
    status = 409 if refused else 422 if form.is_bound else 200
    return render(request, "treatments/recall_tell.html", context, status=status)


@needs("recall-lots")
@require_POST
def end(request: HttpRequest, recall_id: uuid.UUID) -> HttpResponse:
    found, form = _recall(request, recall_id), EndForm(request.POST)
    if form.is_valid():
        done = attempt(request, form, end_recall, recall=found, through=request, **form.cleaned_data)
        if isinstance(done, uuid.UUID):
            messages.success(request, "The recall has ended. The lot stays in quarantine until it is released.")
            return redirect("recall", recall_id)
        if isinstance(done, Refused):
            return _recall_page(request, found, 409, end_form=form, blockers=done.blockers)
    return _recall_page(request, found, 422, end_form=form)
