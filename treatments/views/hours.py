"""When the clinic is open: weekly hours of each practitioner, a site's opening times and closed days."""

import datetime as dt
import uuid
import zoneinfo
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.models import ClosedDay, Site, Staff, Weekday, WorkingHours
from clinic.opening import (
    add_working_hours,
    change_opening_times,
    change_working_hours,
    close_site,
    remove_working_hours,
    reopen_site,
)
from clinic.pages import attempt, needs, perform
from clinic.wording import short_day
from treatments.forms.hours import ClosedDayForm, HoursForm, OpeningForm
from treatments.models import Appointment
from treatments.views.absences import TO_MOVE


@require_safe
@needs("manage-clinic")
def hours(request: HttpRequest) -> HttpResponse:
    """Everybody's week at a glance, and the sites. Three statements however many there are."""
    today = timezone.localdate()
    kept = WorkingHours.objects.filter(_holds_from(today)).select_related("site").order_by("weekday", "starts_at")
    by_person: dict[uuid.UUID, list[WorkingHours]] = {}
    for row in kept:
        by_person.setdefault(row.staff_id, []).append(row)
    people = [(one, by_person.get(one.pk, [])) for one in Staff.objects.practitioners()]
    sites = list(Site.objects.filter(is_active=True).prefetch_related("closed_days"))
    for site in sites:
        ahead = [one for one in site.closed_days.all() if one.day >= today]
        site.next_closed = ahead[:3]  # type: ignore[attr-defined]
    return render(request, "treatments/hours.html", {"nav": "hours", "people": people, "sites": sites})


@require_http_methods(["GET", "POST"])
@needs("manage-clinic")
def person(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """One practitioner's week, and a form that adds to it."""
    staff = get_object_or_404(Staff.objects.practitioners(), pk=staff_id)
    form = HoursForm(request.POST if request.method == "POST" else None, initial={"site": staff.site_id})
    if form.is_valid():
        made = attempt(request, form, add_working_hours, staff=staff, **form.cleaned_data)
        if isinstance(made, uuid.UUID):
            messages.success(request, f"Added to {staff}'s hours.")
            return redirect("hours-person", staff.pk)
    rows = list(WorkingHours.objects.filter(staff=staff).select_related("site").order_by("weekday", "starts_at"))
    today = timezone.localdate()
    for row in rows:
        row.holds = _says_when(row)  # type: ignore[attr-defined]
        row.is_over = row.valid_until is not None and row.valid_until < today  # type: ignore[attr-defined]
    week = [(label, [row for row in rows if row.weekday == number]) for number, label in Weekday.choices]
    page = {"nav": "hours", "staff": staff, "form": form, "week": week, "has_rows": bool(rows)}
    return render(request, "treatments/hours_person.html", page, status=_status(form))


@require_http_methods(["GET", "POST"])
@needs("manage-clinic")
def stretch(request: HttpRequest, hours_id: uuid.UUID) -> HttpResponse:
    """One stretch of somebody's week: other times, or until when it holds."""
    row = get_object_or_404(WorkingHours.objects.select_related("staff", "site"), pk=hours_id)
    form = HoursForm(request.POST if request.method == "POST" else None, hours=row)
    if form.is_valid():
        made = attempt(request, form, change_working_hours, hours=row, **form.cleaned_data)
        if isinstance(made, uuid.UUID):
            messages.success(request, f"{row.staff}'s hours are changed.")
            return redirect("hours-person", row.staff_id)
    return render(
        request, "treatments/hours_stretch.html", {"nav": "hours", "row": row, "form": form}, status=_status(form)
    )


@require_POST
@needs("manage-clinic")
def remove_stretch(request: HttpRequest, staff_id: uuid.UUID, hours_id: uuid.UUID) -> HttpResponse:
    row = WorkingHours.objects.filter(pk=hours_id, staff=staff_id).select_related("staff").first()
    if row is not None:  # removed a moment ago: what was wanted is so
        perform(request, remove_working_hours, hours=row)
        messages.success(request, f"Removed from {row.staff}'s hours: {row}.")
    return redirect("hours-person", staff_id)


@require_http_methods(["GET", "POST"])
@needs("manage-clinic")
def site(request: HttpRequest, site_id: uuid.UUID) -> HttpResponse:
    """A site's opening times and closed days."""
    here = get_object_or_404(Site.objects.filter(is_active=True), pk=site_id)
    closing = "first" in request.POST
    known = {"opens_at": here.opens_at, "closes_at": here.closes_at}
    opening_form = OpeningForm(request.POST if request.POST and not closing else None, initial=known)
    closed_form = ClosedDayForm(request.POST if closing else None)
    if opening_form.is_valid():
        made = attempt(request, opening_form, change_opening_times, site=here, **opening_form.cleaned_data)
        if isinstance(made, uuid.UUID):
            messages.success(request, "The opening times are saved.")
            return redirect("hours-site", here.pk)
    if closed_form.is_valid():
        made = attempt(request, closed_form, close_site, site=here, **closed_form.cleaned_data)
        if isinstance(made, uuid.UUID):
            messages.success(request, f"{here} is closed then.{_booked_then(here, closed_form.cleaned_data)}")
            return redirect("hours-site", here.pk)
    closed = ClosedDay.objects.filter(site=here, day__gte=timezone.localdate()).order_by("day")
    page = {"nav": "hours", "site": here, "opening_form": opening_form, "closed_form": closed_form, "closed": closed}
    return render(request, "treatments/hours_site.html", page, status=_status(opening_form, closed_form))


@require_POST
@needs("manage-clinic")
def reopen(request: HttpRequest, site_id: uuid.UUID, closed_day_id: uuid.UUID) -> HttpResponse:
    closed_day = ClosedDay.objects.filter(pk=closed_day_id, site=site_id).select_related("site").first()
    if closed_day is not None:
        perform(request, reopen_site, closed_day=closed_day)
        messages.success(request, f"{closed_day.site} is open on {short_day(closed_day.day)} after all.")
    return redirect("hours-site", site_id)


def _status(*forms: Any) -> int:
    return 422 if any(form.is_bound for form in forms) else 200


def _holds_from(today: dt.date) -> Q:
    return Q(valid_until=None) | Q(valid_until__gte=today)


def _says_when(row: WorkingHours) -> str:
    begins = f"from {short_day(row.valid_from)}" if row.valid_from else ""
    ends = f"until {short_day(row.valid_until)}" if row.valid_until else ""
    return " ".join(one for one in (begins, ends) if one)


def _booked_then(here: Site, typed: dict[str, Any]) -> str:
    """How many appointments lie in the days just closed; they stay booked."""
    zone, first, last = zoneinfo.ZoneInfo(here.time_zone), typed["first"], typed["last"] or typed["first"]
    begins, ends = (dt.datetime.combine(day, dt.time(), tzinfo=zone) for day in (first, last + dt.timedelta(days=1)))
    inside = Appointment.objects.filter(
        site=here, status__in=TO_MOVE, starts_at__gte=max(begins, timezone.now()), starts_at__lt=ends
    ).count()
    if not inside:
        return ""
    return f" {inside} {'appointment stays' if inside == 1 else 'appointments stay'} booked, to be moved."
