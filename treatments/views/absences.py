"""Absences at the desk: listed, recorded, changed, removed; what is booked in one is shown before it is laid."""

import datetime as dt
import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.absences import change_absence, record_absence, remove_absence, span
from clinic.doors import digest
from clinic.models import Absence, Staff
from clinic.pages import add_errors, attempt, needs, perform
from treatments.forms.hours import AbsenceForm
from treatments.models import Appointment
from treatments.models.appointment import AppointmentQuerySet, Status

# What stays booked in an absence and has to be moved.
TO_MOVE = (Status.BOOKED, Status.ON_HOLD, Status.ARRIVED)
AT_MOST = 200


@require_safe
@needs("record-absence")
def absence_list(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    inside = (
        _to_move(now)
        .filter(practitioner=OuterRef("staff"), starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
        .order_by()
        .annotate(one=Value(1))
        .values("one")
        .annotate(number=Count("pk"))
        .values("number")
    )
    found = _seen_by(request).filter(ends_at__gt=now).order_by("starts_at", "staff__name", "pk")
    absences = list(found.annotate(booked=Coalesce(Subquery(inside, output_field=IntegerField()), 0))[:AT_MOST])
    for absence in absences:
        absence.span = span(absence)  # type: ignore[attr-defined]
    return render(request, "treatments/absence_list.html", {"nav": "absences", "absences": absences, "now": now})


@require_http_methods(["GET", "POST"])
@needs("record-absence")
def new(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        asked = {"staff": request.GET.get("practitioner", ""), "first": request.GET.get("date", "")}
        return _form_page(request, AbsenceForm(initial=asked))
    return _keep(request, AbsenceForm(request.POST), record_absence)


@require_http_methods(["GET", "POST"])
@needs("record-absence")
def edit(request: HttpRequest, absence_id: uuid.UUID) -> HttpResponse:
    absence = get_object_or_404(_seen_by(request), pk=absence_id)
    if request.method == "GET":
        return _form_page(request, AbsenceForm(absence=absence))
    return _keep(request, AbsenceForm(request.POST, absence=absence), change_absence)


@require_POST
@needs("record-absence")
def remove(request: HttpRequest, absence_id: uuid.UUID) -> HttpResponse:
    absence = Absence.objects.filter(pk=absence_id).select_related("staff").first()
    if absence is not None:  # removed a moment ago: what was wanted is so
        perform(request, remove_absence, absence=absence)
        messages.success(request, f"Removed: {absence.staff} is not absent {span(absence)}.")
    return redirect("absence-list")


def _seen_by(request: HttpRequest) -> QuerySet[Absence]:
    staff = Staff.objects.visible_to(request.user)  # type: ignore[arg-type]
    return Absence.objects.filter(staff__in=staff).select_related("staff__site")


def _to_move(now: dt.datetime) -> AppointmentQuerySet:
    return Appointment.objects.filter(status__in=TO_MOVE, ends_at__gt=now)


def _keep(request: HttpRequest, form: AbsenceForm, operation: Any) -> HttpResponse:
    """Record or change it; where appointments lie in it, only once they have been shown."""
    if not form.is_valid():
        return _form_page(request, form, status=422)
    given = form.given()
    staff = form.absence.staff if form.absence else given["staff"]
    inside = list(
        _to_move(timezone.now())
        .filter(practitioner=staff, starts_at__lt=given["ends_at"], ends_at__gt=given["starts_at"])
        .with_people()
    )
    shown = digest(*(one.pk.bytes for one in inside)) if inside else ""
    if request.POST.get("shown", "") != shown and _is_possible(request, form, operation, given):
        return _form_page(request, form, inside=inside, shown=shown, status=422)
    made = attempt(request, form, operation, **given) if not form.errors else None
    if not isinstance(made, uuid.UUID):
        return _form_page(request, form, status=422)
    messages.success(
        request, f"Recorded: {staff} is absent {span(Absence.objects.get(pk=made))}.{_listed(len(inside))}"
    )
    return redirect("absence-list")


def _is_possible(request: HttpRequest, form: AbsenceForm, operation: Any, given: dict[str, Any]) -> bool:
    """Whether it would be taken at all, before anybody is asked to look at what lies in it. Nothing is kept."""
    try:
        with transaction.atomic():
            operation(by=request.user, **given)
            transaction.set_rollback(True)
    except ValidationError as error:
        add_errors(form, error)
        return False
    return True


def _listed(count: int) -> str:
    if not count:
        return ""
    return f" {count} {'appointment stays' if count == 1 else 'appointments stay'} booked, listed to be moved."


def _form_page(
    request: HttpRequest,
    form: AbsenceForm,
    *,
    inside: list[Appointment] | None = None,
    shown: str = "",
    status: int = 200,
) -> HttpResponse:
    page = {"nav": "absences", "form": form, "absence": form.absence, "inside": inside, "shown": shown}
    return render(request, "treatments/absence_form.html", page, status=status)
