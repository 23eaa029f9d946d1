"""A practitioner's private calendar addresses, and what a calendar reads under one."""

import datetime as dt
import uuid
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from clinic.audit import record_event
from clinic.calendar_addresses import (
    SUBJECT,
    address_for,
    digest_of,
    make_calendar_address,
    may_keep_addresses,
    new_token,
    revoke_calendar_address,
)
from clinic.errors import not_found
from clinic.models import AuditEvent, CalendarAddress, Staff
from clinic.pages import perform, perform_once
from treatments.calendar_feed import calendar_of

# A calendar asks every few minutes; the trail is told once an hour.
TOLD_EVERY = dt.timedelta(hours=1)


@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The diary, to whoever holds its address. Unknown, revoked and somebody who left are all one answer."""
    address = address_for(token)
    if address is None:
        response = not_found(request, Exception())
    else:
        now = timezone.now()
        _keep_reading(request, address, now)
        response = HttpResponse(calendar_of(address.staff, now=now), content_type="text/calendar; charset=utf-8")
        response["Content-Disposition"] = 'inline; filename="allclear.ics"'
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _keep_reading(request: HttpRequest, address: CalendarAddress, now: dt.datetime) -> None:
    read = AuditEvent.objects.filter(kind=AuditEvent.Kind.RECORD_READ, subject=SUBJECT, subject_id=address.pk)
    if not read.filter(at__gt=now - TOLD_EVERY).exists():
        record_event(
            AuditEvent.Kind.RECORD_READ, request=request, actor=address.staff, subject=SUBJECT, subject_id=address.pk
        )


@require_safe
def addresses(request: HttpRequest) -> HttpResponse:
    return _page(request)


@require_POST
def make(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """The address stands on this one answer and nowhere else."""
    staff = get_object_or_404(_kept_by(request), pk=staff_id)
    token = new_token()
    try:
        made = perform_once(request, partial(make_calendar_address, request=request), staff=staff, token=token)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("calendar-addresses")
    if not CalendarAddress.objects.filter(pk=made, digest=digest_of(token)).exists():
        messages.warning(request, "That address was made and shown a moment ago. If it is lost, make another.")
        return redirect("calendar-addresses")
    address = request.build_absolute_uri(reverse("calendar-feed", args=[token]))
    response = _page(request, new={"staff": staff, "address": address}, status=201)
    response["Referrer-Policy"] = "no-referrer"
    return response


@require_POST
def revoke(request: HttpRequest, address_id: uuid.UUID) -> HttpResponse:
    address = get_object_or_404(CalendarAddress.objects.filter(staff__in=_kept_by(request)), pk=address_id)
    perform(request, partial(revoke_calendar_address, request=request), address=address)
    messages.success(request, f"Revoked: {address.staff}'s calendar address is no longer answered.")
    return redirect("calendar-addresses")


def _kept_by(request: HttpRequest):  # type: ignore[no-untyped-def]
    """The practitioners whose addresses this person keeps: their own, or a manager everybody's."""
    by: Staff = request.user  # type: ignore[assignment]
    people = Staff.objects.practitioners()
    if by.may("manage-clinic"):
        return people
    if may_keep_addresses(by, by):
        return people.filter(pk=by.pk)
    raise PermissionDenied


def _page(request: HttpRequest, *, new: dict[str, object] | None = None, status: int = 200) -> HttpResponse:
    people = list(_kept_by(request))
    standing = CalendarAddress.objects.filter(staff__in=people, revoked_at=None).select_related("created_by")
    by_person: dict[uuid.UUID, list[CalendarAddress]] = {}
    for one in standing.order_by("created_at"):
        by_person.setdefault(one.staff_id, []).append(one)
    page = {"nav": "calendar", "people": [(one, by_person.get(one.pk, [])) for one in people], "new": new}
    return render(request, "treatments/calendar_addresses.html", page, status=status)
