"""“Clear again” is a promise to call: no second bruise and no early closing takes a patient off it unnoticed."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import make_appointment, make_gone, make_side_effect, on
from treatments.booking import cancel_appointment, review_instead
from treatments.models import Closure
from treatments.worklists import clear_again, close_clear_again


@pytest.fixture
def held(amara, rosa, mesotherapy, reception):
    """Booked for the 20th, on hold since the 2nd."""
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=on(20))
    make_side_effect(patient=amara, by=rosa, now=on(2))
    booked.refresh_from_db()
    return booked


def _all_gone(patient, by, now) -> None:
    for bruise in patient.side_effects.open():
        make_gone(bruise, by, now=now)


def _on_the_list(now) -> list:
    return [row.patient for row in clear_again(now)]


def test_a_hold_from_before_a_second_bruise_is_remembered(held, amara, rosa, reception):
    make_side_effect(patient=amara, by=rosa, now=on(3))
    cancel_appointment(appointment=held, by=reception, now=on(4))

    _all_gone(amara, rosa, now=on(10))

    assert _on_the_list(on(11)) == [amara]


def test_so_is_a_visit_that_became_a_review_before_it(held, amara, rosa, bruise_review, reception):
    review_instead(appointment=held, by=reception, now=on(2, 11))
    make_side_effect(patient=amara, by=rosa, now=on(5))

    _all_gone(amara, rosa, now=on(10))

    assert _on_the_list(on(11)) == [amara]


def test_what_was_lost_to_an_earlier_bruise_is_not_owed_for_a_later_one(held, amara, rosa, reception):
    _all_gone(amara, rosa, now=on(4))
    cancel_appointment(appointment=held, by=reception, now=on(5))
    make_side_effect(patient=amara, by=rosa, now=on(6))

    _all_gone(amara, rosa, now=on(10))

    assert _on_the_list(on(11)) == []


def test_nobody_is_taken_off_before_they_are_clear(held, amara, rosa, reception):
    with pytest.raises(ValidationError) as error:
        close_clear_again(patient=amara, reason="called", by=reception, now=on(3))
    assert error.value.message_dict == {"reason": ["The patient is not clear yet; there is nothing to close."]}
    assert not Closure.objects.exists()

    cancel_appointment(appointment=held, by=reception, now=on(4))
    _all_gone(amara, rosa, now=on(10))

    assert _on_the_list(on(11)) == [amara]
