"""What the booking page shows, step by step: what can be chosen, the verdict, and then times or what to do instead."""

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from clinic.models import Room, Staff
from patients.models import Patient
from treatments.eligibility import verdict
from treatments.forms.booking import BookingForm, may_give, moment
from treatments.forms.times import ChosenBookingForm, TimesForm, day_of, typed_so_far
from treatments.forms.waiting_list import JoinForm
from treatments.models import Appointment, Treatment, WaitingListEntry
from treatments.models.appointment import Status
from treatments.models.treatment import Family
from treatments.next_looks import next_looks, review_from
from treatments.times import free_times, lapse_words
from treatments.views.free_times import DAYS_SHOWN, LOOK_AHEAD, Offered, offered, practitioners_on, rooms_in_use

FILTERS = ("practitioner", "part_of_day", "date", "room")


@dataclass(frozen=True)
class _Asked:
    """Who asks, for whom, what was typed so far, and what can be chosen."""

    staff: Staff
    patient: Patient
    typed: dict[str, str]
    now: dt.datetime
    today: dt.date
    day: dt.date
    people: list[Staff]
    rooms: list[Room]
    catalogue: list[Treatment]
    treatment: Treatment | None
    wish: TimesForm


def booking_page(
    request: HttpRequest, patient: Patient, form: BookingForm | ChosenBookingForm | None
) -> dict[str, Any]:
    """`form` is the one that was sent and not booked."""
    asked = _asked(request, patient, form)
    page = {
        "nav": "book",
        "patient": patient,
        "wish": asked.wish,
        "treatment": asked.treatment,
        "wrong": form.sentences() if isinstance(form, ChosenBookingForm) else [],
        "form": form,
    }
    if asked.treatment is None:
        return page
    answer = verdict(patient, asked.treatment, now=asked.now)
    if not answer.allowed:
        return page | {"verdict": answer} | _instead(asked, asked.treatment)
    shown = answer if asked.treatment.family == Family.MESOTHERAPY else None
    return page | {"verdict": shown, "bookable": True} | _times(asked, asked.treatment, form)


def _asked(request: HttpRequest, patient: Patient, form: object) -> _Asked:
    typed = typed_so_far(request.POST if form else request.GET)
    now = timezone.now()
    today = timezone.localdate(now)
    day = max(day_of(typed) or today, today)
    people, rooms, catalogue = list(practitioners_on(day, today)), list(rooms_in_use()), list(_catalogue())
    treatment = next((one for one in catalogue if str(one.pk) == typed.get("treatment")), None)
    staff: Staff = request.user  # type: ignore[assignment]
    themselves = treatment and any(one == staff and may_give(one, treatment) for one in people)
    if themselves and not form and "practitioner" not in request.GET:
        # Who treats books with themselves unless they say otherwise.
        typed["practitioner"] = str(staff.pk)
    wish = TimesForm(typed, catalogue=catalogue, people=people, rooms=rooms, treatment=treatment)
    return _Asked(staff, patient, typed, now, today, day, people, rooms, catalogue, treatment, wish)


def _catalogue() -> Any:
    return Treatment.objects.bookable().order_by("name")


def _times(asked: _Asked, treatment: Treatment, form: BookingForm | ChosenBookingForm | None) -> dict[str, Any]:
    looks = []
    if treatment.family == Family.REVIEW:
        looks = next_looks(asked.patient, asked.staff, today=asked.today)
    first = asked.day if "date" in asked.typed else review_from(looks, asked.today)
    at = _time_asked_for(asked)
    shown = _offered(asked, treatment, first, at)
    hand = form if isinstance(form, BookingForm) else _by_hand(asked, first)
    chosen = next((one for one in asked.people if str(one.pk) == str(hand["practitioner"].value())), None)
    hand.offer(asked.people, asked.rooms, treatment, chosen)
    return {
        "form": hand,
        "by_hand": isinstance(form, BookingForm) or (at is not None and shown.asked is None),
        "asked_at": at,
        "offered": shown,
        "sends": {name: asked.typed[name] for name in FILTERS if name in asked.typed},
        "more": urlencode(asked.typed | {"date": shown.more_from.isoformat(), "more": "yes"}),
        "soonest": urlencode(
            {name: text for name, text in asked.typed.items() if name not in ("date", "time", "second")}
        ),
        "looks": looks,
        "nobody": not asked.wish.people,
        "warning": lapse_of(chosen, treatment, asked.people),
        "waiting": _waits(asked.patient, treatment) if treatment.family == Family.MESOTHERAPY else None,
    }


def _offered(
    asked: _Asked, treatment: Treatment, first: dt.date, at: dt.datetime | None = None, most_days: int = DAYS_SHOWN
) -> Offered:
    who = asked.wish.chosen("practitioner")
    times = times_wished_for(
        asked.wish, treatment, people=asked.people, rooms=asked.rooms, first=first, now=asked.now, patient=asked.patient
    )
    return offered(times, first, most_days=most_days, asked_at=at, asked_of=who)


def times_wished_for(
    wish: TimesForm,
    treatment: Treatment,
    *,
    people: list[Staff],
    rooms: list[Room],
    first: dt.date,
    now: dt.datetime,
    patient: Patient,
    leave_out: Appointment | None = None,
    room: Room | None = None,
) -> Any:
    """The free times that a page's filters ask for. `room` is the one kept where no other is chosen."""
    who = wish.chosen("practitioner")
    any_room = wish.wishes_any_room()
    return free_times(
        treatment=treatment,
        practitioners=[who] if who else people,
        first=first,
        last=first + LOOK_AHEAD,
        now=now,
        part_of_day=wish.cleaned_data.get("part_of_day") or "any",
        patient=patient,
        room=None if any_room else wish.chosen("room") or room,
        rooms=rooms if any_room else (),
        leave_out=leave_out,
        length=leave_out.ends_at - leave_out.starts_at if leave_out else None,
    )


def _time_asked_for(asked: _Asked) -> dt.datetime | None:
    """A time pointed at in the diary, in UTC: in an hour that comes twice no time of a zone equals one of another.

    None where none was, or the clocks leave it out.
    """
    time = asked.wish.chosen("time")
    try:
        return moment(asked.day, time, second=bool(asked.wish.chosen("second"))).astimezone(dt.UTC) if time else None
    except ValidationError:
        return None


def _by_hand(asked: _Asked, first: dt.date) -> BookingForm:
    # What is typed by hand is taken for the first time of two.
    names = ("room",) if asked.wish.chosen("second") else ("time", "room")
    kept = {name: text for name, text in asked.typed.items() if name in names}
    return BookingForm(initial=kept | {"date": first, "practitioner": _likely(asked)})


def _likely(asked: _Asked) -> str:
    """Who is probably meant: the one asked for, or the only one there is."""
    people = asked.wish.people
    return asked.typed.get("practitioner", "") or (str(people[0].pk) if len(people) == 1 else "")


def lapse_of(practitioner: Staff | None, treatment: Treatment, people: list[Staff]) -> str:
    """Before an exact time is taken: the training of who is chosen, one of `people`, ends before that day."""
    for one in people:
        if one == practitioner and not may_give(one, treatment) and one.is_trained_today:  # type: ignore[attr-defined]
            return lapse_words(one, one.trained_until)  # type: ignore[attr-defined]
    return ""


def _instead(asked: _Asked, treatment: Treatment) -> dict[str, Any]:
    """While the rule says no: a review's free times, a consultation, what is held, and the waiting list."""
    first_of: dict[str, Treatment] = {}
    for one in asked.catalogue:
        first_of.setdefault(one.family, one)
    others = [first_of[family] for family in (Family.REVIEW, Family.CONSULTATION) if family in first_of]
    looks = next_looks(asked.patient, asked.staff, today=asked.today)
    first = (
        min(asked.day, review_from(looks, asked.today)) if "date" in asked.typed else review_from(looks, asked.today)
    )
    review = first_of.get(Family.REVIEW)
    shown = _offered(asked, review, first, most_days=1) if review else None
    sends = {name: asked.typed[name] for name in FILTERS if name in asked.typed and name != "date"}
    more = {"treatment": review.pk, "date": shown.more_from.isoformat(), "more": "yes"} if review and shown else {}
    waiting = _waits(asked.patient, treatment)
    joining = {name: asked.typed[name] for name in ("practitioner", "part_of_day") if name in asked.typed}
    join = JoinForm(initial=joining | {"treatment": treatment.pk})
    join.offer(asked.people)
    return {
        "instead": [{"treatment": one, "query": urlencode(asked.typed | {"treatment": one.pk})} for one in others],
        "held": Appointment.objects.visible_to(asked.staff)
        .filter(patient=asked.patient, status=Status.ON_HOLD)
        .with_people(),
        "looks": looks,
        "review": review,
        "offered": shown,
        "sends": sends,
        "more": urlencode(sends | more),
        "waiting": waiting,
        "join": None if waiting else join,
    }


def _waits(patient: Patient, treatment: Treatment) -> WaitingListEntry | None:
    found = WaitingListEntry.objects.waiting().filter(patient=patient, treatment=treatment)
    return found.select_related("practitioner", "treatment").first()
