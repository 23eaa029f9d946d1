"""What stands on today, by role; and any day's appointments."""

import datetime as dt
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Exists, F, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.models import Refusal, Staff
from clinic.pages import needs
from treatments.eligibility import BLOCKS
from treatments.forms.booking import LookForm
from treatments.models import Appointment, SideEffect
from treatments.models.appointment import Status
from treatments.views.steps import offered_steps
from treatments.views.worklists import Worklist, a_review, lists_for
from treatments.worklists import worklists

REFUSALS_OF = dt.timedelta(days=7)
FOR_PRACTITIONERS = ("review-due", "reported")


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    if not staff.may("read-patients"):
        return render(request, "treatments/today_no_role.html", {"nav": "today"})
    now = timezone.now()
    lists = lists_for(staff, worklists(now=now))
    page: dict[str, Any] = {"nav": "today", "today": timezone.localdate(now)}
    if staff.may("read-audit"):
        page["figures"] = _figures(lists, now)
    if staff.is_receptionist or staff.is_practitioner:
        everybody = staff.is_receptionist
        page["slots"] = _slots(staff, page["today"], now, own=not everybody)
        page["own"] = not everybody
        page["review"] = a_review(staff)
        page["lists"] = lists if everybody else [one for one in lists if one.code in FOR_PRACTITIONERS]
    return render(request, "treatments/today.html", page)


@require_safe
@needs("read-patients")
def day_list(request: HttpRequest) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    look = LookForm(request.GET)
    day = look.chosen("date")
    if "date" in look.errors:
        messages.warning(request, "That is not a day of the calendar; this is today.")
        return redirect("day-list")
    today = timezone.localdate()
    day, asked_for = day or today, request.GET.get("practitioner", "")
    slots = _day(staff, day, timezone.now())
    practitioner = next((slot.practitioner for slot in slots if str(slot.practitioner_id) == asked_for), None)
    practitioner = practitioner or look.chosen("practitioner")
    here = sorted({slot.practitioner for slot in slots} | ({practitioner} if practitioner else set()), key=str)
    shown = [slot for slot in slots if practitioner in (None, slot.practitioner)]
    by_practitioner = sorted(shown, key=lambda slot: (slot.practitioner.name, str(slot.practitioner_id)))
    page = {
        "nav": "day",
        "day": day,
        "today": today,
        "before": day - dt.timedelta(days=1),
        "after": day + dt.timedelta(days=1),
        "practitioner": practitioner,
        "practitioners": here,
        "groups": [(who, list(rows)) for who, rows in groupby(by_practitioner, key=lambda slot: slot.practitioner)],
        "count": len([slot for slot in shown if slot.status != Status.CANCELLED]),
    }
    return render(request, "treatments/day_list.html", page)


def _day(staff: Staff, day: dt.date, now: dt.datetime) -> list[Appointment]:
    """That day's appointments in time order, each with the steps to offer. One statement."""
    blocking = SideEffect.objects.open().filter(patient=OuterRef("patient"), kind__in=BLOCKS)
    found = (
        Appointment.objects.visible_to(staff)
        .on_day(day)
        .with_people()
        .annotate(blocked=Exists(blocking), session_pk=F("session__pk"))
        .order_by("starts_at", "practitioner__name", "pk")
    )
    slots = list(found)
    for slot in slots:
        blocked = slot.status == Status.ON_HOLD and slot.blocked  # type: ignore[attr-defined]
        slot.steps = offered_steps(slot, staff, now=now, blocked=blocked)  # type: ignore[attr-defined]
        slot.is_near = day == timezone.localdate(now)  # type: ignore[attr-defined]
        slot.is_own = slot.practitioner_id == staff.pk  # type: ignore[attr-defined]
    return slots


def _slots(staff: Staff, day: dt.date, now: dt.datetime, *, own: bool) -> list[Appointment]:
    """What is still to be dealt with or was, today: cancelled ones are left to the day list."""
    return [
        slot
        for slot in _day(staff, day, now)
        if slot.status != Status.CANCELLED and (slot.is_own or not own)  # type: ignore[attr-defined]
    ]


def _figures(lists: list[Worklist], now: dt.datetime) -> dict[str, Any]:
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight - REFUSALS_OF
    on_today = Appointment.objects.on_day(timezone.localdate(now)).exclude(status=Status.CANCELLED)
    return {
        "appointments": on_today.count(),
        "lists": lists,
        "refusals": Refusal.objects.filter(at__gte=since).count(),
        "refusals_since": since.isoformat(),
    }
