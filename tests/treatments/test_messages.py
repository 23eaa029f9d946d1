"""Which messages are written, and what is asked again at the moment of sending."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from clinic.refusals import Refused
from patients.models import Patient
from patients.registration import correct_patient_details
from tests.factories import (
    NOW,
    TOMORROW_10AM,
    make_appointment,
    make_gone,
    make_patient,
    make_practitioner,
    make_side_effect,
    on,
)
from treatments.booking import (
    cancel_appointment,
    check_in,
    confirm_appointment,
    move_appointment,
    review_instead,
)
from treatments.messages import queue_messages
from treatments.messages.sending import send_message
from treatments.models import Message
from treatments.models.message import MessageKind
from treatments.undo import undo_step

pytestmark = pytest.mark.usefixtures("records", "mail_server")
LATER = NOW + dt.timedelta(minutes=3)


@pytest.fixture
def mail_server(settings) -> None:
    """Django's own sink for tests: what is sent is in `mail.outbox`."""
    settings.MESSAGES_ARE_KEPT = False


@pytest.fixture
def ada(reception) -> Patient:
    """Wants messages."""
    return make_patient(reception, "Ada", "Byron", email="ada@patient.example", wants_messages=True)


@pytest.fixture
def booked(ada, rosa, mesotherapy, reception):
    return make_appointment(patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception)


@pytest.fixture
def pia():
    return make_practitioner("Pia Sand")


def kinds(*, status: str = "queued") -> list[str]:
    return list(Message.objects.filter(status=status).order_by("created_at", "kind").values_list("kind", flat=True))


def send_all(now: dt.datetime = LATER) -> list[str]:
    """Send what is due; returns the subjects that went out by it."""
    before = len(mail.outbox)
    for message in Message.objects.due(now).order_by("next_try_at"):
        send_message(message.pk, now=now)
    return [sent.subject for sent in mail.outbox[before:]]


def why_dropped(kind: str) -> str:
    return Message.objects.get(kind=kind, status="dropped").problem


def test_a_booking_is_confirmed_to_a_patient_who_wants_it(booked):
    message = Message.objects.get()
    assert (message.kind, message.status, message.about_starts_at) == ("confirmation", "queued", TOMORROW_10AM)
    assert message.next_try_at == NOW + dt.timedelta(minutes=2)

    assert send_all() == ["Your appointment on Tuesday 3 November 2026 at 10:00"]

    sent = mail.outbox[0]
    assert sent.to == ["ada@patient.example"]
    assert sent.body == (
        "Dear Ada Byron,\n\n"
        "Your appointment is booked:\n\n"
        "    Tuesday 3 November 2026, 10:00\n    with Rosa Lind\n    at High Street\n\n"
        "If you cannot come, please call us: our usual number.\n\n"
        "If you are worried about anything at all, contact your practitioner as soon as possible: our usual number.\n"
    )
    message.refresh_from_db()
    assert (message.status, message.subject, message.body) == ("sent", sent.subject, sent.body)
    assert message.next_try_at is None


@pytest.mark.parametrize("known", [{"wants_messages": False}, {}], ids=["said-no", "never-asked"])
def test_nobody_else_gets_one(known, rosa, mesotherapy, reception):
    patient = make_patient(reception, email="amara@patient.example", **known)

    make_appointment(patient=patient, practitioner=rosa, treatment=mesotherapy, by=reception)

    assert not Message.objects.exists()
    assert not DBTaskResult.objects.exists()


def test_somebody_standing_at_the_desk_gets_none(ada, rosa, mesotherapy, reception):
    make_appointment(patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=NOW)

    assert not Message.objects.exists()


def test_wanting_messages_needs_an_address(reception):
    with pytest.raises(ValidationError) as wrong:
        make_patient(reception, wants_messages=True)
    assert list(wrong.value.message_dict) == ["email"]

    ada = make_patient(reception, wants_messages=True, email="ada@patient.example")
    with pytest.raises(ValidationError) as wrong:
        correct_patient_details(patient=ada, by=reception, email="")
    assert list(wrong.value.message_dict) == ["email"]


def test_a_rollback_sends_nothing(ada, rosa, mesotherapy, reception):
    with transaction.atomic():
        make_appointment(patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception)
        assert (Message.objects.count(), DBTaskResult.objects.count()) == (1, 1)
        transaction.set_rollback(True)

    assert (Message.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_a_refused_booking_sends_nothing(ada, rosa, mesotherapy, reception):
    make_side_effect(patient=ada, by=rosa)

    with pytest.raises(Refused):
        make_appointment(patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception)

    assert (Message.objects.count(), DBTaskResult.objects.count()) == (0, 0)


def test_a_hold_is_told_at_once_and_says_not_why(booked, rosa, reception):
    send_all()

    make_side_effect(patient=booked.patient, by=reception, now=LATER)

    assert send_all(LATER) == ["Your appointment on Tuesday 3 November 2026 is on hold"]
    body = mail.outbox[-1].body
    assert "is on hold. Please do not come before we have spoken." in body
    assert not any(word in body.lower() for word in ("bruis", "mesotherapy", "infection", "side effect", "skin"))


def test_a_bruise_within_the_two_minutes_leaves_only_the_hold_to_tell(booked, rosa):
    make_side_effect(patient=booked.patient, by=rosa)

    assert send_all() == ["Your appointment on Tuesday 3 November 2026 is on hold"]
    assert why_dropped("confirmation") == "The rule does not allow this appointment now."


def test_every_held_appointment_is_told_of_and_a_consultation_is_not(
    booked, ada, rosa, consultation, mesotherapy, reception
):
    make_appointment(patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(9))
    make_appointment(patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(10))

    make_side_effect(patient=ada, by=rosa)

    held = Message.objects.filter(kind="hold").order_by("about_starts_at")
    assert [message.about_starts_at for message in held] == [TOMORROW_10AM, on(9)]


def test_a_hold_that_was_released_again_is_not_told(booked, rosa, reception):
    bruise = make_side_effect(patient=booked.patient, by=rosa)
    make_gone(bruise, by=rosa)
    confirm_appointment(appointment=booked, by=reception, now=NOW)

    assert send_all() == ["Your appointment on Tuesday 3 November 2026 at 10:00"]
    assert why_dropped("hold") == "It is no longer on hold."


def test_whoever_is_here_already_is_not_told_to_stay_away(booked, rosa, reception):
    send_all()
    check_in(appointment=booked, by=reception, now=LATER)
    make_side_effect(patient=booked.patient, by=rosa, now=LATER)

    assert send_all() == []
    assert why_dropped("hold") == "The patient was here when it was held."


def test_a_move_is_confirmed_with_its_new_time_only(booked, reception):
    move_appointment(appointment=booked, starts_at=on(4, 15), by=reception, now=NOW)

    assert send_all() == ["Your appointment on Wednesday 4 November 2026 at 15:00"]
    assert why_dropped("confirmation") == "A newer one takes its place."


def test_moved_there_and_back_within_the_two_minutes_is_one_confirmation(booked, reception):
    for starts_at in (on(4, 15), TOMORROW_10AM):
        move_appointment(appointment=booked, starts_at=starts_at, by=reception, now=NOW)

    assert send_all() == ["Your appointment on Tuesday 3 November 2026 at 10:00"]


def test_given_to_another_practitioner_at_once_only_the_newest_is_told(booked, pia, reception):
    move_appointment(appointment=booked, starts_at=TOMORROW_10AM, practitioner=pia, by=reception, now=NOW)

    assert len(send_all()) == 1
    assert f"with {pia.name}" in mail.outbox[-1].body


@pytest.mark.parametrize(("to_another", "told"), [(False, 0), (True, 1)], ids=["as-it-was", "to-another"])
def test_moved_there_and_back_after_it_was_told_tells_only_what_differs(to_another, told, booked, pia, reception):
    send_all()
    practitioner = pia if to_another else booked.practitioner
    move_appointment(appointment=booked, starts_at=on(4, 15), by=reception, now=LATER)
    move_appointment(appointment=booked, starts_at=TOMORROW_10AM, practitioner=practitioner, by=reception, now=LATER)

    assert len(send_all(LATER + dt.timedelta(minutes=3))) == told


@pytest.mark.parametrize("move_told", [False, True], ids=["move-not-told", "move-told"])
@pytest.mark.parametrize("what", ["cancelled", "on hold"])
def test_a_cancellation_or_hold_names_the_time_that_was_told_last(what, move_told, booked, rosa, reception):
    send_all()
    move_appointment(appointment=booked, starts_at=on(4, 15), by=reception, now=LATER)
    then = LATER + dt.timedelta(minutes=3 if move_told else 1)
    if move_told:
        send_all(then)
    if what == "cancelled":
        cancel_appointment(appointment=booked, by=reception, now=then)
    else:
        make_side_effect(patient=booked.patient, by=rosa, now=then)

    day, time = ("Wednesday 4 November 2026", "15:00") if move_told else ("Tuesday 3 November 2026", "10:00")
    assert send_all(then + dt.timedelta(minutes=3)) == [f"Your appointment on {day} is {what}"]
    assert f"on {day} at {time} with" in mail.outbox[-1].body


def test_a_held_one_turned_into_a_review_is_confirmed(booked, rosa, bruise_review, reception):
    make_side_effect(patient=booked.patient, by=rosa)
    send_all()

    review_instead(appointment=booked, by=reception, now=LATER)

    assert send_all(LATER + dt.timedelta(minutes=3)) == ["Your appointment on Tuesday 3 November 2026 at 10:00"]


def test_a_booked_one_turned_into_a_review_is_what_was_told(booked, bruise_review, reception):
    send_all()

    review_instead(appointment=booked, by=reception, now=LATER)

    assert kinds() == []


def test_a_cancellation_is_told(booked, reception):
    send_all()

    cancel_appointment(appointment=booked, by=reception, now=LATER)

    assert send_all(LATER + dt.timedelta(minutes=3)) == ["Your appointment on Tuesday 3 November 2026 is cancelled"]


def test_booked_and_cancelled_by_a_slip_sends_nothing(booked, reception):
    cancel_appointment(appointment=booked, by=reception, now=NOW)

    assert send_all() == []
    assert why_dropped("cancellation") == "The patient had not been told of the appointment yet."


def test_cancelling_what_has_passed_tells_nobody(booked, reception):
    cancel_appointment(appointment=booked, by=reception, now=on(5))

    assert Message.objects.filter(kind="cancellation").count() == 0


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"wants_messages": False}, "The patient does not want messages."),
        ({"wants_messages": False, "email": ""}, "The patient does not want messages."),
    ],
)
def test_who_changes_their_mind_gets_none(change, reason, booked, reception):
    correct_patient_details(patient=booked.patient, by=reception, **change)

    assert send_all() == []
    assert why_dropped("confirmation") == reason


def test_it_goes_to_the_address_of_the_moment(booked, reception):
    correct_patient_details(patient=booked.patient, by=reception, email="new@patient.example")

    send_all()

    assert mail.outbox[0].to == ["new@patient.example"]
    assert Message.objects.get().to == "new@patient.example"


def test_after_its_time_nothing_is_sent(booked):
    assert send_all(on(3, 10)) == []
    assert why_dropped("confirmation") == "Its time has passed."


def test_times_are_those_of_the_site(booked):
    booked.site.time_zone, booked.site.phone = "Asia/Tokyo", "+81 3 0000 0000"
    booked.site.save()

    assert send_all() == ["Your appointment on Tuesday 3 November 2026 at 19:00"]
    assert "call us: +81 3 0000 0000." in mail.outbox[0].body


def test_without_a_mail_server_it_is_kept_and_not_called_sent(booked, settings):
    settings.MESSAGES_ARE_KEPT = True

    assert send_all() == []

    message = Message.objects.get()
    assert (message.status, message.sent_at, message.tries) == ("kept", None, 0)
    assert message.subject == "Your appointment on Tuesday 3 November 2026 at 10:00"


def test_other_operations_may_queue_what_they_held(booked):
    """What a merge calls."""
    made = queue_messages([booked], MessageKind.HOLD, NOW)

    assert [(message.kind, message.next_try_at) for message in made] == [("hold", NOW)]
    assert send_all(NOW) == []  # it is not on hold
    assert why_dropped("hold") == "It is no longer on hold."


# --- Undo: by the real clock, which the history is written by ------------------------------------------------------------


@pytest.fixture
def in_two_days(ada, rosa, mesotherapy, reception):
    return make_appointment(
        patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception, now=timezone.now(),
        starts_at=(timezone.now() + dt.timedelta(days=2)).replace(microsecond=0),
    )  # fmt: skip


def _in(minutes: int) -> dt.datetime:
    return timezone.now() + dt.timedelta(minutes=minutes)


def _first_words(subjects: list[str]) -> list[str]:
    return ["cancelled" if subject.endswith("cancelled") else "booked" for subject in subjects]


def test_a_cancellation_undone_in_time_is_not_told(in_two_days, reception):
    assert _first_words(send_all(_in(3))) == ["booked"]
    cancel_appointment(appointment=in_two_days, by=reception)

    undo_step(appointment=in_two_days, by=reception)

    assert send_all(_in(3)) == []
    assert why_dropped("cancellation") == "It is no longer cancelled."


def test_one_that_was_told_already_is_confirmed_again(in_two_days, reception):
    send_all(_in(3))
    cancel_appointment(appointment=in_two_days, by=reception)
    assert _first_words(send_all(_in(3))) == ["cancelled"]

    undo_step(appointment=in_two_days, by=reception)

    assert _first_words(send_all(_in(3))) == ["booked"]


def test_a_confirmation_that_waits_is_true_again_after_an_undo(in_two_days, reception):
    cancel_appointment(appointment=in_two_days, by=reception)
    undo_step(appointment=in_two_days, by=reception)

    assert _first_words(send_all(_in(3))) == ["booked"]


def test_a_confirmation_dropped_before_the_undo_is_written_anew(in_two_days, reception):
    cancel_appointment(appointment=in_two_days, by=reception)
    assert send_all(_in(3)) == []

    undo_step(appointment=in_two_days, by=reception)

    assert _first_words(send_all(_in(3))) == ["booked"]


def test_a_move_undone_after_it_was_told_is_told(in_two_days, reception):
    first = in_two_days.starts_at
    send_all(_in(3))
    move_appointment(appointment=in_two_days, starts_at=first + dt.timedelta(hours=2), by=reception)
    send_all(_in(3))

    undo_step(appointment=in_two_days, by=reception)

    assert len(send_all(_in(3))) == 1
    assert Message.objects.filter(status="sent").order_by("-created_at").first().about_starts_at == first


def test_a_move_undone_in_time_is_not(in_two_days, reception):
    send_all(_in(3))
    move_appointment(appointment=in_two_days, starts_at=in_two_days.starts_at + dt.timedelta(hours=2), by=reception)

    undo_step(appointment=in_two_days, by=reception)

    assert send_all(_in(3)) == []


def test_a_held_one_cancelled_and_undone_is_on_hold_again_to_the_patient(in_two_days, rosa, reception):
    make_side_effect(patient=in_two_days.patient, by=rosa, now=timezone.now())
    send_all(_in(3))
    in_two_days.refresh_from_db()
    cancel_appointment(appointment=in_two_days, by=reception)
    send_all(_in(3))

    undo_step(appointment=in_two_days, by=reception)

    assert [subject.rpartition(" ")[2] for subject in send_all(_in(3))] == ["hold"]


# --- What it costs --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("wants", "more"), [(False, 0), (True, 3)], ids=["wants-none", "wants-messages"])
def test_booking_costs_three_statements_more_for_who_wants_messages(wants, more, rosa, mesotherapy, reception):
    def cost(patient: Patient, hour: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            make_appointment(
                patient=patient, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(3, hour)
            )
        return len(captured)

    make_appointment(
        patient=make_patient(reception), practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(3, 8)
    )
    plain = cost(make_patient(reception), 10)

    assert cost(make_patient(reception, email="a@patient.example", wants_messages=wants), 12) == plain + more
