"""Any day's appointments as a list, by practitioner: to work from, and to print."""

import contextlib
import datetime as dt
from itertools import groupby

from django.contrib import messages
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.models import Site, Staff
from clinic.pages import needs
from treatments.diary import zone_of
from treatments.eligibility import is_blocked
from treatments.forms.booking import LookForm
from treatments.forms.diary import DiaryForm
from treatments.models import Appointment
from treatments.models.appointment import Status
from treatments.views.steps import offered_steps


@require_safe
@needs("read-patients")
def day_list(request: HttpRequest) -> HttpResponse:
    """Of the whole clinic; `?site=` is one site's, on its clock."""
    form = DiaryForm(request.GET)
    form.is_valid()
    if "site" in form.errors:
        raise Http404
    if "date" in form.errors:
        messages.warning(request, "That is not a day of the calendar; this is today.")
        return redirect("day-list")
    site = form.cleaned_data["site"]
    with timezone.override(zone_of(site)) if site else contextlib.nullcontext():
        return _list(request, form.chosen_day(timezone.localdate()), site)


def _list(request: HttpRequest, day: dt.date, site: Site | None) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    asked_for = request.GET.get("practitioner", "")
    slots = [slot for slot in slots_on(staff, day, timezone.now()) if site is None or slot.site_id == site.pk]
    practitioner = next((slot.practitioner for slot in slots if str(slot.practitioner_id) == asked_for), None)
    practitioner = practitioner or LookForm(request.GET).chosen("practitioner")
    here = sorted({slot.practitioner for slot in slots} | ({practitioner} if practitioner else set()), key=str)
    shown = [slot for slot in slots if practitioner in (None, slot.practitioner)]
    by_practitioner = sorted(shown, key=lambda slot: (slot.practitioner.name, str(slot.practitioner_id)))
    page = {
        "nav": "diary",
        "day": day,
        "today": timezone.localdate(),
        "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1),
        "site": site,
        "practitioner": practitioner,
        "practitioners": here,
        "groups": [(who, list(rows)) for who, rows in groupby(by_practitioner, key=lambda slot: slot.practitioner)],
        "count": len([slot for slot in shown if slot.status != Status.CANCELLED]),
    }
    return render(request, "treatments/day_list.html", page)


def slots_on(staff: Staff, day: dt.date, now: dt.datetime) -> list[Appointment]:
    """That day's appointments in time order, each with the steps to offer. One statement."""
    found = (
        Appointment.objects.visible_to(staff)
        .on_day(day)
        .with_people()
        .annotate(blocked=is_blocked(), session_pk=F("session__pk"))
        .order_by("starts_at", "practitioner__name", "pk")
    )
    slots = list(found)
    for slot in slots:
        blocked = slot.status == Status.ON_HOLD and slot.blocked  # type: ignore[attr-defined]
        slot.steps = offered_steps(slot, staff, now=now, blocked=blocked)  # type: ignore[attr-defined]
        slot.is_near = day == timezone.localdate(now)  # type: ignore[attr-defined]
        slot.is_own = slot.practitioner_id == staff.pk  # type: ignore[attr-defined]
    return slots
