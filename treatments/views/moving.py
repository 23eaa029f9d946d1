"""Moving an appointment: to one of the free times, to an exact one, or by the diary's dragging; all the same operation."""

import datetime as dt
import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from clinic.pages import attempt, needs
from treatments.booking import move_appointment
from treatments.eligibility import verdict
from treatments.forms.booking import MoveForm
from treatments.forms.times import FIRST_FREE, ChosenTimeForm, TimesForm, day_of, typed_so_far
from treatments.models import Appointment
from treatments.models.appointment import STEPS_FROM
from treatments.models.treatment import Family
from treatments.times import FreeTime
from treatments.views.booking import warn_of_training
from treatments.views.booking_page import FILTERS, lapse_of, times_wished_for
from treatments.views.free_times import offered, practitioners_on, rooms_in_use
from treatments.views.slips import say_done
from treatments.views.steps import MOVE, offered_steps
from treatments.views.wording import day_and_time


@require_http_methods(["GET", "POST"])
@needs("book")
def move(request: HttpRequest, appointment_id: uuid.UUID) -> HttpResponse:
    """POST `chosen` (a free time's button), or date, time, practitioner and room. Refused, the page answers 409."""
    appointment = _fetch(request, appointment_id)
    if request.method == "GET" and appointment.status not in STEPS_FROM[MOVE]:
        messages.warning(request, f"It is {appointment.get_status_display().lower()}, so it cannot be moved.")
        return redirect("appointment", appointment.pk)
    form: MoveForm | ChosenTimeForm | None = None
    refused = None
    if request.method == "POST":
        by_button = "chosen" in request.POST
        form = ChosenTimeForm(request.POST) if by_button else MoveForm(request.POST, appointment=appointment)
        if form.is_valid():
            outcome = attempt(request, form, move_appointment, appointment=appointment, **form.given())
            if isinstance(outcome, uuid.UUID):
                return _moved(request, _fetch(request, appointment_id))
            refused = outcome
    page = _page(request, _fetch(request, appointment_id), form) | {"refused": refused}
    status = 409 if refused else 422 if form else 200
    return render(request, "treatments/appointment_move.html", page, status=status)


def _moved(request: HttpRequest, moved: Appointment) -> HttpResponse:
    say_done(request, moved, f"Moved: {moved.treatment}, {day_and_time(moved.starts_at)} with {moved.practitioner}.")
    warn_of_training(request, moved)
    return redirect("appointment", moved.pk)


def _fetch(request: HttpRequest, appointment_id: uuid.UUID) -> Appointment:
    seen = Appointment.objects.visible_to(request.user).with_people()  # type: ignore[arg-type]
    return get_object_or_404(seen.select_related("site", "created_by"), pk=appointment_id)


def _page(request: HttpRequest, appointment: Appointment, form: MoveForm | ChosenTimeForm | None) -> dict[str, Any]:
    treatment, now = appointment.treatment, timezone.now()
    answer = verdict(appointment.patient, treatment, now=now)
    page = {
        "nav": "day",
        "appointment": appointment,
        "patient": appointment.patient,
        "verdict": answer if treatment.family == Family.MESOTHERAPY else None,
        "shown": answer.allowed or isinstance(form, MoveForm),
        "steps": offered_steps(appointment, request.user, now=now, blocked=not answer.allowed),  # type: ignore[arg-type]
        "wrong": form.sentences() if isinstance(form, ChosenTimeForm) else [],
        "by_hand": isinstance(form, MoveForm),
    }
    return page | _times(request, appointment, form, now, allowed=answer.allowed)


def _times(
    request: HttpRequest,
    appointment: Appointment,
    form: MoveForm | ChosenTimeForm | None,
    now: dt.datetime,
    *,
    allowed: bool,
) -> dict[str, Any]:
    treatment, today = appointment.treatment, timezone.localdate(now)
    typed = typed_so_far(request.POST if form else request.GET)
    rooms = list(rooms_in_use())
    if not form and "practitioner" not in request.GET:
        typed |= {"practitioner": str(appointment.practitioner_id)}
    kept_room = appointment.room if appointment.room in rooms else None
    keeps_room = appointment.room is not None and appointment.room.is_active
    at = None
    if kept_room and "room" not in typed:
        typed |= {"room": str(kept_room.pk)}
    elif appointment.room and not kept_room and not form and "room" not in request.GET:
        # Taken out of use since: the same time in any room that is free there comes first.
        at = appointment.starts_at
        typed |= {"date": timezone.localdate(at).isoformat()} | ({"room": FIRST_FREE} if rooms else {})
    day = max(day_of(typed) or today, today)
    people = list(practitioners_on(day, today))
    wish = TimesForm(typed, people=people, rooms=rooms, treatment=treatment, keeps_room=keeps_room)
    hand = form if isinstance(form, MoveForm) else _by_hand(request, appointment)
    who = str(hand["practitioner"].value() or appointment.practitioner_id)
    chosen = next((one for one in [*people, appointment.practitioner] if str(one.pk) == who), None)
    hand.offer(people, rooms, treatment, chosen)
    shown = None
    if allowed:
        times = times_wished_for(
            wish,
            treatment,
            people=people,
            rooms=rooms,
            first=day,
            now=now,
            patient=appointment.patient,
            leave_out=appointment,
            room=kept_room,
        )
        own = (appointment.starts_at, appointment.practitioner_id, appointment.room_id)
        others = (time for time in times if (time.starts_at, time.practitioner.pk, _room_of(time)) != own)
        shown = offered(others, day, asked_at=at, asked_of=wish.chosen("practitioner"))
    return {
        "wish": wish,
        "form": hand,
        "offered": shown,
        "asked_at": at,
        "sends": {name: typed[name] for name in FILTERS if name in typed},
        "more": urlencode(typed | {"date": shown.more_from.isoformat(), "more": "yes"}) if shown else "",
        "nobody": not wish.people,
        "warning": lapse_of(chosen, treatment, people),
    }


def _room_of(time: FreeTime) -> uuid.UUID | None:
    return time.room.pk if time.room else None


def _by_hand(request: HttpRequest, appointment: Appointment) -> MoveForm:
    """Where it stands now, with what the address asks for instead."""
    form = MoveForm(None, appointment=appointment)
    kept = {name: text for name, text in typed_so_far(request.GET).items() if name in form.fields}
    form.initial = dict(form.initial) | kept
    return form
