"""Reminders: written by the clock, once, for who has known of the appointment for longer than that."""

import datetime as dt

import pytest
from django.core import mail
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.registration import correct_patient_details
from tests.factories import make_appointment, make_gone, make_patient, make_practitioner, make_side_effect, on
from tests.treatments.test_races import at_once
from treatments.booking import cancel_appointment, check_in, confirm_appointment, move_appointment
from treatments.messages import run_due
from treatments.messages.due import due_for
from treatments.messages.sending import send_message
from treatments.models import Message

pytestmark = pytest.mark.usefixtures("records")
BOOKED_ON, STARTS = on(2), on(10, 15)
HOUR = dt.timedelta(hours=1)
REMINDERS = ("reminder-48h", "reminder-3h")


@pytest.fixture(autouse=True)
def mail_server(settings) -> None:
    settings.MESSAGES_ARE_KEPT = False


@pytest.fixture
def ada(reception):
    return make_patient(reception, "Ada", "Byron", email="ada@patient.example", wants_messages=True)


@pytest.fixture
def booked(ada, rosa, mesotherapy, reception):
    return make_appointment(
        patient=ada, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=STARTS, now=BOOKED_ON
    )


def reminders() -> list[tuple[str, str]]:
    found = Message.objects.filter(kind__in=REMINDERS).order_by("created_at")
    return list(found.values_list("kind", "status"))


def send_due(now: dt.datetime) -> None:
    for message in Message.objects.due(now).order_by("next_try_at"):
        send_message(message.pk, now=now)


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        (dt.timedelta(hours=48, minutes=1), []),
        (dt.timedelta(hours=48), ["reminder-48h"]),
        (dt.timedelta(hours=3, minutes=1), ["reminder-48h"]),
        (dt.timedelta(hours=3), ["reminder-3h"]),
        (dt.timedelta(minutes=1), ["reminder-3h"]),
        (dt.timedelta(), []),
    ],
)
def test_each_has_its_time(before, expected, booked):
    run_due(STARTS - before)

    assert [kind for kind, _ in reminders()] == expected


def test_both_are_sent_and_neither_twice(booked):
    for minutes in range(0, 49 * 60, 30):
        now = STARTS - 49 * HOUR + dt.timedelta(minutes=minutes)
        run_due(now)
        run_due(now)
        send_due(now)

    assert reminders() == [("reminder-48h", "sent"), ("reminder-3h", "sent")]
    assert [sent.subject for sent in mail.outbox][1:] == [
        "Reminder: your appointment on Tuesday 10 November 2026 at 15:00",
        "Reminder: your appointment at 15:00",
    ]


@pytest.mark.parametrize(
    ("ahead", "expected"), [(49, list(REMINDERS)), (10, ["reminder-3h"]), (1, [])], ids=["49h", "10h", "1h"]
)
def test_booked_late_has_none_for_what_was_known_a_moment_ago(ahead, expected, ada, rosa, consultation, reception):
    make_appointment(
        patient=ada,
        practitioner=rosa,
        treatment=consultation,
        by=reception,
        starts_at=STARTS,
        now=STARTS - ahead * HOUR,
    )

    for hours in range(ahead * 2):
        run_due(STARTS - ahead * HOUR + hours * HOUR / 2)

    assert [kind for kind, _ in reminders()] == expected


def test_moved_late_has_none_for_what_was_told_a_moment_ago(booked, reception):
    moved_to = on(6, 15)
    move_appointment(appointment=booked, starts_at=moved_to, by=reception, now=moved_to - 10 * HOUR)

    run_due(moved_to - 9 * HOUR)
    assert reminders() == []
    run_due(moved_to - 2 * HOUR)
    assert reminders() == [("reminder-3h", "queued")]


def test_a_moved_appointment_is_reminded_of_at_its_new_time(booked, reception):
    run_due(STARTS - 40 * HOUR)
    send_due(STARTS - 40 * HOUR)
    later = STARTS + 7 * 24 * HOUR
    move_appointment(appointment=booked, starts_at=later, by=reception, now=STARTS - 39 * HOUR)

    run_due(later - 40 * HOUR)

    found = Message.objects.filter(kind="reminder-48h").order_by("created_at")
    assert [message.about_starts_at for message in found] == [STARTS, later]


def test_no_reminder_for_what_is_on_hold_cancelled_or_not_wanted(booked, ada, rosa, consultation, reception):
    cancelled = make_appointment(
        patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(10, 17), now=BOOKED_ON
    )
    cancel_appointment(appointment=cancelled, by=reception, now=BOOKED_ON)
    make_side_effect(patient=ada, by=rosa, now=BOOKED_ON)
    amara = make_patient(reception, email="amara@patient.example")
    make_appointment(
        patient=amara, practitioner=rosa, treatment=consultation, by=reception, starts_at=on(10, 12), now=BOOKED_ON
    )

    run_due(STARTS - 40 * HOUR)

    assert reminders() == []


def test_bruising_logged_between_writing_and_sending_drops_it(booked, rosa):
    send_due(BOOKED_ON + HOUR)
    now = STARTS - 40 * HOUR
    run_due(now)
    make_side_effect(patient=booked.patient, by=rosa, now=now)

    send_due(now)

    dropped = Message.objects.get(kind="reminder-48h")
    assert (dropped.status, dropped.problem) == ("dropped", "The rule does not allow this appointment now.")
    assert [sent.subject for sent in mail.outbox][1:] == ["Your appointment on Tuesday 10 November 2026 is on hold"]


def test_who_has_arrived_is_not_reminded(booked, reception):
    now = STARTS - 2 * HOUR
    run_due(now)
    check_in(appointment=booked, by=reception, now=now)

    send_due(now)

    assert reminders() == [("reminder-3h", "dropped")]


def test_confirmed_again_in_the_last_two_days_has_the_three_hour_reminder(booked, rosa, reception):
    make_gone(make_side_effect(patient=booked.patient, by=rosa, now=STARTS - 60 * HOUR), rosa, now=STARTS - 30 * HOUR)
    confirm_appointment(appointment=booked, by=reception, now=STARTS - 30 * HOUR)

    run_due(STARTS - 29 * HOUR)
    run_due(STARTS - 2 * HOUR)

    assert reminders() == [("reminder-3h", "queued")]


def test_who_says_no_in_time_is_not_reminded(booked, reception):
    now = STARTS - 40 * HOUR
    run_due(now)
    correct_patient_details(patient=booked.patient, by=reception, wants_messages=False)

    send_due(now)
    run_due(STARTS - 2 * HOUR)

    assert reminders() == [("reminder-48h", "dropped")]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_question_is_one_statement_however_many_are_due(rows, mesotherapy, reception):
    for number in range(rows):
        patient = make_patient(reception, f"Given{number}", email="one@patient.example", wants_messages=True)
        make_appointment(
            patient=patient, practitioner=make_practitioner(), treatment=mesotherapy, by=reception,
            starts_at=STARTS, now=BOOKED_ON,
        )  # fmt: skip

    with CaptureQueriesContext(connection) as captured:
        found = [appointment.patient.email for appointment in due_for("reminder-48h", STARTS - 40 * HOUR)]

    assert (len(found), len(captured)) == (rows, 1)


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("attempt", range(3))
def test_eight_clocks_at_once_write_one(attempt, booked):
    results = at_once(*[lambda: run_due(STARTS - 40 * HOUR)] * 8)

    assert reminders() == [("reminder-48h", "queued")]
    assert sum(done.reminders for done in results) == 1
