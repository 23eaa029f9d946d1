"""Alerts: what the records ask somebody to look into, and what came of it."""

import uuid
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from clinic.audit import record_list_read
from clinic.models import Room, Staff
from clinic.pages import attempt, needs
from clinic.paging import keyset_page
from treatments.alerts import acknowledge_alert
from treatments.forms.recalls import RemarkForm
from treatments.models import Alert, Lot, SideEffect

PAGE_SIZE = 25


@dataclass(frozen=True)
class Shared:
    """What infections have in common, how often it was used in these weeks, and where to look at it."""

    what: str
    name: str
    infections: int
    sessions: int
    link: str = ""
    lot_id: str = ""


@needs("acknowledge-alerts")
@require_safe
def alerts(request: HttpRequest) -> HttpResponse:
    """Those that wait, then those that somebody has looked into."""
    visible = Alert.objects.visible_to(request.user).select_related("site", "acknowledged_by")  # type: ignore[arg-type]
    looked_into = visible.exclude(acknowledged_at=None).order_by("-raised_at", "-id")
    try:
        page = keyset_page(looked_into, request.GET.get("page", ""), PAGE_SIZE)
    except ValidationError:
        page = keyset_page(looked_into, "", PAGE_SIZE)
    context = {"waiting": list(visible.waiting().order_by("-raised_at")), "page": page, "nav": "alerts"}
    return render(request, "treatments/alerts.html", context)


@needs("acknowledge-alerts")
@require_http_methods(["GET", "POST"])
def alert(request: HttpRequest, alert_id: uuid.UUID) -> HttpResponse:
    visible = Alert.objects.visible_to(request.user).select_related("site", "acknowledged_by")  # type: ignore[arg-type]
    found = get_object_or_404(visible, pk=alert_id)
    form = RemarkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            request, form, acknowledge_alert, alert=found, remark=form.cleaned_data["remark"], through=request
        )
        if done is not None:
            messages.success(request, "Noted: looked into.")
            return redirect("alerts")
    infections = _infections(request, found)
    record_list_read(request, [one.patient_id for one in infections], subject="alert", subject_id=found.pk)
    context = {
        "alert": found,
        "shared": _shared(found),
        "infections": infections,
        "form": form,
        "nav": "alerts",
    }
    return render(request, "treatments/alert.html", context, status=422 if form.is_bound else 200)


def _infections(request: HttpRequest, found: Alert) -> list[SideEffect]:
    ids = found.facts.get("infections", [])
    visible = SideEffect.objects.visible_to(request.user).filter(pk__in=ids)  # type: ignore[arg-type]
    return list(visible.select_related("patient", "session").order_by("recorded_at"))


def _shared(found: Alert) -> list[Shared]:
    things: list[dict[str, Any]] = found.facts.get("shared", [])
    of = {what: [one["id"] for one in things if one["what"] == what] for what in ("lot", "room", "practitioner")}
    names = {str(lot.pk): str(lot) for lot in Lot.objects.filter(pk__in=of["lot"]).select_related("product")}
    names |= {str(room.pk): str(room) for room in Room.objects.filter(pk__in=of["room"])}
    names |= {str(one.pk): one.name for one in Staff.objects.filter(pk__in=of["practitioner"])}
    return [
        Shared(
            one["what"],
            names.get(one["id"], ""),
            len(one["infections"]),
            one["sessions"],
            reverse("lot", args=[one["id"]]) if one["what"] == "lot" else "",
            one["id"] if one["what"] == "lot" else "",
        )
        for one in things
    ]
