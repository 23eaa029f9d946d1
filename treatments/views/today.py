"""What stands on today, by role."""

import datetime as dt
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from clinic.models import Refusal, Staff
from clinic.wording import midnight_before
from treatments.models import Appointment
from treatments.models.appointment import Status
from treatments.views.day_list import slots_on
from treatments.views.manager_board import board
from treatments.views.worklists import Worklist, a_review, badge_of, lists_for, of_practitioner
from treatments.worklists import worklists

REFUSALS_OF = dt.timedelta(days=7)


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    staff: Staff = request.user  # type: ignore[assignment]
    if not staff.may("read-patients"):
        return render(request, "treatments/today_no_role.html", {"nav": "today"})
    now = timezone.now()
    rows = worklists(now=now)
    lists = lists_for(staff, rows)
    page: dict[str, Any] = {"nav": "today", "today": timezone.localdate(now), "badge": badge_of(rows)}
    if staff.may("read-audit"):
        page["figures"] = _figures(lists, now)
        page["board"] = board(staff, lists, now)
    if staff.is_receptionist or staff.is_practitioner:
        everybody = staff.is_receptionist
        page["slots"] = _slots(staff, page["today"], now, own=not everybody)
        page["own"] = not everybody
        page["review"] = a_review(staff)
        page["lists"] = lists if everybody else of_practitioner(lists, staff)
        page["nothing"] = [one for one in page["lists"] if not one.entries]
    return render(request, "treatments/today.html", page)


def _slots(staff: Staff, day: dt.date, now: dt.datetime, *, own: bool) -> list[Appointment]:
    """What is still to be dealt with or was, today: cancelled ones are left to the day list."""
    return [
        slot
        for slot in slots_on(staff, day, now)
        if slot.status != Status.CANCELLED and (slot.is_own or not own)  # type: ignore[attr-defined]
    ]


def _figures(lists: list[Worklist], now: dt.datetime) -> dict[str, Any]:
    since = midnight_before(now) - REFUSALS_OF
    on_today = Appointment.objects.on_day(timezone.localdate(now)).exclude(status=Status.CANCELLED)
    return {
        "appointments": on_today.count(),
        "lists": lists,
        "refusals": Refusal.objects.filter(at__gte=since).count(),
        "refusals_since": timezone.localdate(since),
    }
