import pytest
from django.utils import timezone

from clinic.refusals import Refused
from tests.factories import make_gone, make_side_effect
from tests.pages.desk import booked, signed_in, today_at
from treatments.booking import cancel_appointment, check_in, mark_no_show, move_appointment
from treatments.models import Appointment, SideEffect
from treatments.sessions import finish_session, start_session
from treatments.views.steps import STEPS

SOON = today_at(10, days=2)
LATER = today_at(15, days=3)


@pytest.fixture
def ahead(amara, mesotherapy, rosa, reception, bruise_review) -> Appointment:
    return booked(amara, mesotherapy, rosa, reception, SOON)


@pytest.fixture
def held(ahead, amara, rosa) -> Appointment:
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=today_at(0))
    ahead.refresh_from_db()
    return ahead


# --- Which steps are offered: those, and only those, that the operations do ---------------------------------------------


def as_booked(appointment, by):
    return appointment


def as_arrived(appointment, by):
    return check_in(appointment=appointment, by=by)


def as_in_progress(appointment, by):
    start_session(appointment=appointment, by=by)
    return appointment


def as_fulfilled(appointment, by):
    finish_session(session=start_session(appointment=appointment, by=by), by=by)
    return appointment


def as_cancelled(appointment, by):
    return cancel_appointment(appointment=appointment, by=by)


def as_noshow(appointment, by):
    return mark_no_show(appointment=appointment, by=by)


@pytest.mark.parametrize("reach", [as_booked, as_arrived, as_in_progress, as_fulfilled, as_cancelled, as_noshow])
@pytest.mark.parametrize("name", [*STEPS, "move", "start"])
def test_a_step_is_offered_exactly_where_its_operation_is_not_refused(
    reach, name, amara, consultation, bruise_review, rosa
):
    appointment = reach(booked(amara, consultation, rosa, rosa, today_at(0)), rosa)
    offered = signed_in(rosa).get(f"/appointments/{appointment.pk}/").context["steps"]
    operation = {
        "move": lambda **given: move_appointment(starts_at=LATER, **given),
        "start": start_session,
    }.get(name) or STEPS[name].operation

    try:
        operation(appointment=Appointment.objects.get(pk=appointment.pk), by=rosa)
        done = True
    except Refused:
        done = False

    # The rule lets it be done at any time; a review of a time that is over, of somebody who is not here, helps nobody.
    too_late = (reach, name) == (as_booked, "review-instead") and appointment.ends_at <= timezone.now()
    assert (name in offered) == (done and not too_late)


def test_nobody_is_checked_in_before_the_day(ahead, reception):
    assert "check-in" not in signed_in(reception).get(f"/appointments/{ahead.pk}/").context["steps"]


@pytest.mark.parametrize("name", [*STEPS, "move", "start"])
@pytest.mark.parametrize("clear", [True, False])
def test_for_a_held_one_too(name, clear, held, amara, rosa):
    if clear:
        make_gone(SideEffect.objects.get(), rosa, now=timezone.now())
    offered = signed_in(rosa).get(f"/appointments/{held.pk}/").context["steps"]
    operation = {
        "move": lambda **given: move_appointment(starts_at=LATER, **given),
        "start": start_session,
    }.get(name) or STEPS[name].operation

    try:
        operation(appointment=held, by=rosa)
        done = True
    except Refused:
        done = False

    assert (name in offered) == done
