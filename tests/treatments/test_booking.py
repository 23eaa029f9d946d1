import datetime as dt

import pytest

from clinic.refusals import Refused
from tests.factories import (
    NOW,
    TOMORROW_10AM,
    make_appointment,
    make_gone,
    make_side_effect,
    on,
)
from treatments.booking import book_appointment
from treatments.models import Appointment


def test_book_appointment_refuses_mesotherapy_while_bruising_is_present(amara, mesotherapy, rosa, reception):
    bruise = make_side_effect(patient=amara, kind="bruising", by=rosa)

    with pytest.raises(Refused) as refusal:
        book_appointment(
            patient=amara, treatment=mesotherapy, practitioner=rosa, starts_at=TOMORROW_10AM, by=reception, now=NOW
        )

    assert [b.code for b in refusal.value.blockers] == ["bruising-present"]
    assert refusal.value.blockers[0].side_effect == bruise.pk
    assert not Appointment.objects.exists()


def test_a_consultation_is_booked_while_bruised(amara, consultation, rosa, reception):
    make_side_effect(patient=amara, by=rosa)

    appointment = make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=reception)

    assert appointment.status == "booked"


def test_mesotherapy_is_booked_once_the_bruise_is_gone(amara, mesotherapy, rosa, reception):
    make_gone(make_side_effect(patient=amara, by=rosa), by=rosa, now=NOW + dt.timedelta(hours=1))

    appointment = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(4)
    )

    assert appointment.status == "booked"


def test_logging_bruising_puts_booked_mesotherapy_on_hold_with_the_actor_in_its_history(
    amara, mesotherapy, consultation, rosa, reception
):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    kept = make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=reception, starts_at=on(5))

    bruise = make_side_effect(patient=amara, by=rosa)

    held.refresh_from_db()
    kept.refresh_from_db()
    assert (held.status, kept.status) == ("on-hold", "booked")
    hold = held.holds.get()
    assert (hold.side_effect, hold.status_before, hold.held_from, hold.held_until) == (bruise, "booked", NOW, None)
    assert held.history.first().history_user == rosa
    assert held.history.first().status == "on-hold"
