"""The catalogue's products and lots: what is in use, received, opened, in quarantine."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.audit import record_list_read
from clinic.pages import attempt, needs
from clinic.paging import keyset_page
from clinic.refusals import Refused
from treatments.forms.lots import LotForm, ReasonForm
from treatments.forms.scanned import read_into
from treatments.lot_list import in_groups
from treatments.lot_trace import ONLY, only_asked, reach_of, traced, uses_of
from treatments.lots import open_lot, quarantine_lot, receive_lot, release_lot
from treatments.models import Lot, Product, Session
from treatments.stock import lot_words

SHOWN_USES = 50


@needs("receive-lots")
@require_safe
def lots(request: HttpRequest) -> HttpResponse:
    visible = Lot.objects.visible_to(request.user).select_related("product", "quarantined_by")  # type: ignore[arg-type]
    groups = in_groups(visible, timezone.localdate())
    products = Product.objects.visible_to(request.user).filter(is_active=True)  # type: ignore[arg-type]
    return render(request, "treatments/lots.html", {"groups": groups, "has_products": products.exists(), "nav": "lots"})


@needs("receive-lots")
@require_http_methods(["GET", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """`?product=…&number=…&expires_on=…&session=…`: begun by a scan in a session, and back to it afterwards."""
    products = Product.objects.visible_to(request.user).filter(is_active=True)  # type: ignore[arg-type]
    known = {name: request.GET[name] for name in ("product", "number", "expires_on") if request.GET.get(name)}
    form = LotForm(request.POST if request.method == "POST" else None, products=products, initial=known)
    back = _session_to_go_back_to(request)
    if request.method == "POST" and form.is_valid():
        lot = {name: value for name, value in form.cleaned_data.items() if name != "code"}
        made = attempt(request, form, receive_lot, **lot)
        if isinstance(made, uuid.UUID):
            messages.success(request, f"Received: {Lot.objects.select_related('product').get(pk=made)}.")
            return redirect("session", back.pk) if back else redirect("lot", made)
    return render(
        request,
        "treatments/lot_receive.html",
        {"form": form, "back": back, "has_products": products.exists(), "nav": "lots"},
        status=422 if form.is_bound else 200,
    )


def _session_to_go_back_to(request: HttpRequest) -> Session | None:
    try:
        wanted = uuid.UUID(request.GET.get("session", ""))
    except ValueError:
        return None
    return Session.objects.visible_to(request.user).filter(pk=wanted).first()  # type: ignore[arg-type]


def _lot(request: HttpRequest, lot_id: uuid.UUID) -> Lot:
    visible = Lot.objects.visible_to(request.user)  # type: ignore[arg-type]
    return get_object_or_404(
        visible.select_related("product", "received_by", "quarantined_by").annotate(used=Count("uses")), pk=lot_id
    )


@needs("receive-lots")
@require_safe
def lot(request: HttpRequest, lot_id: uuid.UUID) -> HttpResponse:
    return _lot_page(request, _lot(request, lot_id))


@needs("receive-lots")
@require_http_methods(["GET", "POST"])
def step(request: HttpRequest, lot_id: uuid.UUID, step: str) -> HttpResponse:
    """open, quarantine, release: by POST."""
    if request.method == "GET":
        return redirect("lot", lot_id)
    found = _lot(request, lot_id)
    form = ReasonForm(request.POST)
    if step == "open":
        done: Any = attempt(request, form, open_lot, lot=found)
    elif form.is_valid():
        operation = quarantine_lot if step == "quarantine" else release_lot
        done = attempt(request, form, operation, lot=found, reason=form.cleaned_data["reason"], through=request)
    else:
        done = None
    if isinstance(done, uuid.UUID):
        messages.success(request, SAID[step])
        return redirect("lot", lot_id)
    return _lot_page(request, _lot(request, lot_id), form, step, done)


SAID = {
    "open": "Opened now.",
    "quarantine": "In quarantine: from now no session takes it.",
    "release": "Released: it can be used again.",
}


def _lot_page(
    request: HttpRequest, found: Lot, form: ReasonForm | None = None, step: str = "", refused: Refused | None = None
) -> HttpResponse:
    """Where it was used, newest first: a recall begins with whom it was given to."""
    only = only_asked(request.GET)
    uses = uses_of(found, only=only)
    try:
        page = keyset_page(uses, request.GET.get("page", ""), SHOWN_USES)
    except ValidationError:
        page = keyset_page(uses, "", SHOWN_USES)
    if page.rows:  # whose they were, and what followed
        patients = [use.session.patient_id for use in page.rows]
        record_list_read(request, patients, subject="lot", subject_id=found.pk)
    today = timezone.localdate()
    return render(
        request,
        "treatments/lot.html",
        {
            "lot": found,
            "uses": traced(page.rows),
            "page": page,
            "only": only,
            "only_choices": list(ONLY.items()),
            "reach": reach_of(found),
            "export_query": urlencode({"lot": found.pk} | ({"only": only} if only else {})),
            "recall": found.recalls.open().first(),
            "history": found.history.select_related("history_user").order_by("-history_date", "-history_id")[
                :SHOWN_USES
            ],
            "expired": found.expires_on is not None and found.expires_on < today,
            "form": form if form is not None else ReasonForm(),
            "step": step,
            "blockers": refused.blockers if refused else [],
            "nav": "lots",
        },
        status=409 if refused else 422 if form is not None else 200,
    )


@needs("treat")
@require_POST
def scan(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """What the scan field of a running session names, for session.js; it changes nothing."""
    visible = Session.objects.visible_to(request.user).filter(finished_at=None)  # type: ignore[arg-type]
    session = get_object_or_404(visible, pk=session_id)
    reading = read_into(request.POST, session, request.user)  # type: ignore[arg-type]
    if reading is None or reading.lot is None:
        return JsonResponse({"words": reading.words if reading else "", "lot": None})
    found = Lot.objects.select_related("product").get(pk=reading.lot)
    return JsonResponse(
        {"words": reading.words, "lot": {"id": str(found.pk), "words": lot_words(found), "use": found.product.use}}
    )
