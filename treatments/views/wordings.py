"""How messages read: the clinic's own wording, tried on a made-up appointment before it is kept."""

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from clinic.models import Staff
from clinic.pages import add_errors, needs, perform
from treatments.forms.messages import WordingForm
from treatments.messages import reset_wording, save_wording
from treatments.messages.wording import (
    DELIVERED,
    PLACEHOLDERS,
    Wording,
    known_in_body,
    known_in_subject,
    made_up_values,
    wording_of,
    written,
)
from treatments.models import MessageTemplate
from treatments.models.message import MessageKind

EARLIER = 10


@require_safe
@needs("manage-clinic")
def wordings(request: HttpRequest) -> HttpResponse:
    own = {one.kind: one for one in MessageTemplate.objects.all()}
    rows = [
        {"kind": kind, "subject": (own.get(kind) or DELIVERED[kind]).subject, "is_own": kind in own}
        for kind in MessageKind
    ]
    return render(request, "treatments/messages_wordings.html", {"nav": "messages", "rows": rows})


@require_http_methods(["GET", "POST"])
@needs("manage-clinic")
def wording(request: HttpRequest, kind: str) -> HttpResponse:
    if kind not in DELIVERED:
        raise Http404
    if request.method == "GET":
        return _page(request, kind, WordingForm(initial=asdict(wording_of(kind)), kind=kind), wording_of(kind))
    if "reset" in request.POST:
        perform(request, reset_wording, kind=kind)
        messages.success(request, "It reads as it was delivered again.")
        return redirect("wording", kind)
    form = WordingForm(request.POST, kind=kind)
    if not form.is_valid():
        return _page(request, kind, form, None, status=422)
    if "preview" in request.POST:
        return _page(request, kind, form, Wording(**form.cleaned_data))
    try:
        perform(request, save_wording, kind=kind, **form.cleaned_data)
    except ValidationError as error:
        add_errors(form, error)
        return _page(request, kind, form, None, status=422)
    messages.success(request, "Saved. Messages sent from now on read so.")
    return redirect("wording", kind)


def _page(
    request: HttpRequest, kind: str, form: WordingForm, shown: Wording | None, *, status: int = 200
) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    page: dict[str, Any] = {
        "nav": "messages",
        "kind": MessageKind(kind),
        "form": form,
        "is_own": MessageTemplate.objects.filter(kind=kind).exists(),
        "preview": written(shown, made_up_values(staff.site, timezone.now())) if shown else None,
        "is_typed": form.is_bound,
        "in_subject": known_in_subject(kind),
        "placeholders": [(name, PLACEHOLDERS[name]) for name in known_in_body(kind)],
        "earlier": MessageTemplate.history.filter(kind=kind).select_related("history_user")[:EARLIER],
    }
    return render(request, "treatments/messages_wording.html", page, status=status)
