import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.refusals import Refused
from tests.factories import (
    NOW,
    TOMORROW_10AM,
    make_appointment,
    make_gone,
    make_practitioner,
    make_room,
    make_side_effect,
    make_site,
    on,
)
from treatments.booking import (
    book_appointment,
    cancel_appointment,
    check_in,
    confirm_appointment,
    move_appointment,
    review_instead,
)
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


def test_an_appointment_lasts_as_long_as_its_treatment(amara, mesotherapy, rosa, room, reception):
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, room=room, by=reception)

    assert (booked.ends_at - booked.starts_at, booked.room, booked.site) == (dt.timedelta(minutes=60), room, room.site)
    assert (booked.created_by, booked.history.get().history_user) == (reception, reception)


def test_a_manager_books_nothing(amara, mesotherapy, rosa, manager):
    with pytest.raises(PermissionDenied):
        make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=manager)


@pytest.mark.parametrize(
    ("starts_at", "sentence"),
    [
        (on(2, 8, 44), "That time has passed."),
        (on(1, month=12) + dt.timedelta(days=1200), "That is more than three years ahead."),
    ],
)
def test_a_time_out_of_reach_is_refused(starts_at, sentence, amara, consultation, rosa, reception):
    with pytest.raises(ValidationError) as error:
        make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=reception, starts_at=starts_at)

    assert error.value.message_dict == {"starts_at": [sentence]}


def test_somebody_at_the_desk_is_booked_for_the_quarter_that_has_begun(amara, consultation, rosa, reception):
    booked = make_appointment(
        patient=amara, treatment=consultation, practitioner=rosa, by=reception, starts_at=on(2, 8, 45)
    )

    assert booked.status == "booked"


@pytest.mark.parametrize("field", ["practitioner", "room", "treatment"])
def test_what_is_not_in_use_is_not_booked(field, amara, consultation, rosa, room, reception):
    given = {"practitioner": rosa, "room": room, "treatment": consultation}
    given[field].is_active = False
    given[field].save()

    with pytest.raises(ValidationError) as error:
        make_appointment(patient=amara, by=reception, **given)

    assert list(error.value.message_dict) == [field]


def test_a_receptionist_is_nobodys_practitioner(amara, consultation, reception):
    with pytest.raises(ValidationError) as error:
        make_appointment(patient=amara, treatment=consultation, practitioner=reception, by=reception)

    assert error.value.message_dict == {"practitioner": ["Ida Berg is not a practitioner here."]}


def test_a_move_takes_practitioner_and_room_along(amara, consultation, rosa, room, reception):
    booked = make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=reception)
    freya, site = make_practitioner("Freya Holm"), make_site("Harbour")
    other = make_room("Room 9", site)

    moved = move_appointment(appointment=booked, starts_at=on(6), practitioner=freya, room=other, by=reception, now=NOW)

    assert (moved.starts_at, moved.ends_at, moved.practitioner, moved.room, moved.site) == (
        on(6),
        on(6, 9, 30),
        freya,
        other,
        site,
    )


def test_a_move_does_not_skip_training(amara, mesotherapy, rosa, omar, reception):
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    with pytest.raises(Refused) as refusal:
        move_appointment(appointment=booked, starts_at=on(6), practitioner=omar, by=reception, now=NOW)

    assert refusal.value.codes == ["practitioner-not-trained"]
    booked.refresh_from_db()
    assert booked.practitioner == rosa


def test_review_instead_keeps_time_and_people_and_remembers_what_it_stood_for(
    amara, mesotherapy, bruise_review, rosa, room, reception
):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, room=room, by=reception)
    make_side_effect(patient=amara, by=rosa)

    review = review_instead(appointment=held, by=reception, now=NOW)

    assert (review.status, review.treatment, review.stood_for) == ("booked", bruise_review, mesotherapy)
    assert (review.starts_at, review.practitioner, review.room, review.turned_at) == (TOMORROW_10AM, rosa, room, NOW)
    assert review.holds.get().held_until == NOW


def test_a_patient_who_had_arrived_has_arrived_for_the_review(amara, mesotherapy, bruise_review, rosa, reception):
    arrived = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    check_in(appointment=arrived, by=reception, now=NOW)
    make_side_effect(patient=amara, by=rosa)

    assert review_instead(appointment=arrived, by=reception, now=NOW).status == "arrived"


def test_a_review_is_not_turned_into_a_review(amara, bruise_review, rosa, reception):
    review = make_appointment(patient=amara, treatment=bruise_review, practitioner=rosa, by=reception)

    with pytest.raises(Refused) as refusal:
        review_instead(appointment=review, by=reception, now=NOW)

    assert refusal.value.codes == ["wrong-status"]


def test_a_held_one_can_be_cancelled_with_its_reason_while_bruised(amara, mesotherapy, rosa, reception):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    make_side_effect(patient=amara, by=rosa)

    cancelled = cancel_appointment(appointment=held, reason=" moves away ", by=reception, now=NOW)

    assert (cancelled.status, cancelled.cancel_reason) == ("cancelled", "moves away")
    assert cancelled.holds.get().released_by == reception


def test_a_second_bruise_holds_on_after_the_first_is_gone(amara, mesotherapy, rosa, reception):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    first, second = (make_side_effect(patient=amara, by=rosa) for _ in range(2))
    make_gone(first, rosa)

    with pytest.raises(Refused) as refusal:
        confirm_appointment(appointment=held, by=reception, now=NOW)

    assert [b.side_effect for b in refusal.value.blockers] == [second.pk]


def test_an_appointment_booked_after_the_bruise_is_gone_is_held_by_the_next(amara, mesotherapy, rosa, reception):
    make_gone(make_side_effect(patient=amara, by=rosa), rosa)
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    make_side_effect(patient=amara, by=rosa)

    booked.refresh_from_db()
    assert booked.status == "on-hold"
