"""Sending for real: SMTP on a port, the queue's own worker, mail servers that say no, and workers side by side."""

import datetime as dt
import threading

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from clinic.refusals import Refused
from clinic.tasks import forget_old_jobs, run_ready_jobs
from patients.registration import correct_patient_details
from tests.factories import NOW, make_appointment, make_patient
from tests.mail_sink import mail_sink
from tests.treatments.test_races import at_once
from treatments.booking import cancel_appointment
from treatments.messages import handle_failed_message, run_due, send_again
from treatments.messages.sending import BACKOFF, send_message
from treatments.models import Message

pytestmark = pytest.mark.usefixtures("records")
LATER = NOW + dt.timedelta(minutes=3)


@pytest.fixture
def sink(settings):
    with mail_sink() as server:
        settings.MESSAGES_ARE_KEPT = False
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", server.port, 5
        settings.DEFAULT_FROM_EMAIL = "High Street <desk@clinic.example>"
        yield server


@pytest.fixture
def ada(reception):
    return make_patient(reception, "Ádá", "Byron", email="ada@patient.example", wants_messages=True)


@pytest.fixture
def message(ada, rosa, consultation, reception) -> Message:
    """A confirmation, for a month ahead so that no retry comes too late."""
    make_appointment(
        patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=NOW + dt.timedelta(days=30)
    )
    return Message.objects.get()


def work() -> None:
    """The queue's worker, until nothing is ready."""
    run_ready_jobs("a worker", threading.Event())


@pytest.mark.usefixtures("own_database")
def test_a_mail_server_takes_it_from_the_worker(sink, ada, rosa, consultation, reception):
    starts_at = timezone.now().replace(microsecond=0) + dt.timedelta(days=2)
    made = {"practitioner": rosa, "treatment": consultation, "by": reception, "starts_at": starts_at}
    make_appointment(patient=ada, now=timezone.now() - dt.timedelta(minutes=3), **made)

    work()

    message = Message.objects.get()
    assert (message.status, message.tries, message.problem) == ("sent", 1, "")
    [(to, taken)] = sink.taken
    assert to == ["ada@patient.example"]
    assert taken["From"] == "High Street <desk@clinic.example>"
    assert (taken["Subject"], taken["Message-ID"]) == (message.subject, f"<{message.pk}@clinic.example>")
    assert taken["Auto-Submitted"] == "auto-generated"
    assert taken.get_content_type() == "text/plain"
    assert taken.get_content_charset() == "utf-8"
    assert taken.get_content().replace("\r\n", "\n") == message.body
    assert "Ádá Byron" in message.body
    assert DBTaskResult.objects.get().status == "SUCCESSFUL"


@pytest.mark.usefixtures("own_database")
def test_the_worker_leaves_what_is_not_due_yet(sink, ada, rosa, consultation, reception):
    starts_at = timezone.now() + dt.timedelta(days=2)
    make_appointment(
        patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=starts_at, now=timezone.now()
    )

    work()

    assert (Message.objects.get().status, sink.taken) == ("queued", [])


def test_a_server_that_is_away_is_tried_again_ever_later_and_then_it_is_a_call_back(sink, message):
    sink.answers["RCPT"] = "451 try again"
    now, waits = LATER, []

    while message.status == "queued":
        send_message(message.pk, now=now)
        message.refresh_from_db()
        if message.next_try_at:
            waits.append(message.next_try_at - now)
            assert not Message.objects.to_call_back().exists()
            send_message(message.pk, now=now)  # before its time nothing happens
            now = message.next_try_at

    assert waits == list(BACKOFF)
    assert (message.status, message.tries) == ("failed", 6)
    assert message.problem == "The mail server refused the address (451)."
    assert Message.objects.to_call_back().get() == message
    # Each wait had a job of its own.
    assert DBTaskResult.objects.count() == 1 + len(BACKOFF)


def test_a_second_try_that_is_taken_is_sent(sink, message):
    sink.answers["DATA"] = "452 full"
    send_message(message.pk, now=LATER)
    message.refresh_from_db()
    assert (message.status, message.problem) == ("queued", "The mail server refused the message (452).")

    sink.answers["DATA"] = "250 OK"
    send_message(message.pk, now=message.next_try_at)

    message.refresh_from_db()
    assert (message.status, message.tries, message.problem) == ("sent", 2, "")
    assert len(sink.taken) == 1


@pytest.mark.parametrize(
    ("command", "answer", "problem"),
    [
        ("RCPT", "550 no such user ada@patient.example", "The mail server refused the address (550)."),
        ("DATA", "554 no thanks", "The mail server refused the message (554)."),
    ],
)
def test_a_no_for_good_is_a_call_back_at_once(command, answer, problem, sink, message, caplog):
    sink.answers[command] = answer

    send_message(message.pk, now=LATER)

    message.refresh_from_db()
    assert (message.status, message.tries, message.problem) == ("failed", 1, problem)
    assert "ada@" not in caplog.text
    assert "Byron" not in caplog.text


def test_the_clinics_own_fault_is_tried_again(sink, message):
    sink.answers["MAIL"] = "550 not from you"

    send_message(message.pk, now=LATER)

    message.refresh_from_db()
    assert (message.status, message.problem) == ("queued", "The mail server refused the clinic's own address (550).")


def test_a_server_that_does_not_answer_at_all(sink, message, settings):
    settings.EMAIL_PORT = 1

    send_message(message.pk, now=LATER)

    message.refresh_from_db()
    assert (message.status, message.problem) == ("queued", "The mail server could not be reached.")


def test_no_try_comes_after_the_appointment_a_call_does(sink, ada, rosa, consultation, reception):
    in_an_hour = NOW + dt.timedelta(hours=1)
    make_appointment(patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=in_an_hour)
    message = Message.objects.get()
    sink.answers["RCPT"] = "451 try again"

    for now in (LATER, LATER + BACKOFF[0], in_an_hour - dt.timedelta(minutes=20)):
        send_message(message.pk, now=now)

    message.refresh_from_db()
    assert (message.status, message.tries) == ("failed", 3)


def test_one_that_cannot_be_written_holds_nobody_up(sink, message, ada, caplog):
    """A time zone that this machine's database of them has lost, say."""
    site = message.appointment.site
    site.time_zone = "Mars/Olympus"
    site.save()

    send_message(message.pk, now=LATER)

    message.refresh_from_db()
    assert (message.status, message.problem) == ("failed", "The message could not be written for this patient.")
    assert "Byron" not in caplog.text


def test_what_a_killed_worker_had_claimed_is_taken_up_later_under_the_same_message_id(sink, message):
    class Killed(BaseException):
        pass

    sent = []

    def killed(self, *args, **kwargs):
        sent.append(self)
        raise Killed

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", killed)
        with pytest.raises(Killed):
            send_message(message.pk, now=LATER)

    run_due(LATER + dt.timedelta(minutes=10))
    assert sink.taken == []
    run_due(LATER + dt.timedelta(minutes=20))
    run_due(LATER + dt.timedelta(minutes=21))

    [(_, taken)] = sink.taken
    assert taken["Message-ID"] == sent[0].extra_headers["Message-ID"]
    message.refresh_from_db()
    assert (message.status, message.tries) == ("sent", 2)


def test_a_message_whose_job_got_lost_is_taken_up_by_the_clock(sink, message):
    DBTaskResult.objects.all().delete()

    assert run_due(NOW + dt.timedelta(minutes=3)).taken_up == 0  # the queue's own job has its two minutes first
    assert run_due(NOW + dt.timedelta(minutes=5)).taken_up == 1
    assert run_due(NOW + dt.timedelta(minutes=5)).taken_up == 0
    assert len(sink.taken) == 1


# --- A failed one is a call-back --------------------------------------------------------------------------------------


@pytest.fixture
def failed(sink, message) -> Message:
    sink.answers["RCPT"] = "550 no such user"
    send_message(message.pk, now=LATER)
    message.refresh_from_db()
    assert message.status == "failed"
    return message


def test_told_by_phone_it_leaves_the_list(failed, reception):
    handle_failed_message(message=failed, reason=" told by phone ", by=reception, now=LATER)

    assert not Message.objects.to_call_back().exists()
    failed.refresh_from_db()
    assert (failed.status, failed.handled_by, failed.handled_reason) == ("failed", reception, "told by phone")
    with pytest.raises(Refused) as refusal:
        handle_failed_message(message=failed, reason="again", by=reception)
    assert refusal.value.codes == ["wrong-status"]


def test_it_leaves_with_a_reason_and_by_who_works_the_lists(failed, reception, manager):
    with pytest.raises(ValidationError) as wrong:
        handle_failed_message(message=failed, reason=" ", by=reception)
    assert list(wrong.value.message_dict) == ["reason"]
    for act in (send_again, lambda **given: handle_failed_message(reason="told", **given)):
        with pytest.raises(PermissionDenied):
            act(message=failed, by=manager)
    assert Message.objects.to_call_back().exists()


def test_sent_again_it_goes_to_the_corrected_address(failed, sink, ada, reception):
    correct_patient_details(patient=ada, by=reception, email="right@patient.example")
    sink.answers["RCPT"] = "250 OK"

    send_again(message=failed, by=reception, now=LATER)
    send_message(failed.pk, now=LATER)

    assert [to for to, _ in sink.taken] == [["right@patient.example"]]
    failed.refresh_from_db()
    assert (failed.status, failed.problem) == ("sent", "")


def test_what_would_only_be_dropped_is_not_sent_again_and_stays_a_call_back(failed, ada, reception):
    correct_patient_details(patient=ada, by=reception, email="", wants_messages=False)

    with pytest.raises(Refused) as refusal:
        send_again(message=failed, by=reception, now=LATER)

    [reason] = refusal.value.blockers
    assert (reason.code, reason.message) == ("not-sent", "It would not be sent. The patient does not want messages.")
    assert Message.objects.to_call_back().get() == failed
    handle_failed_message(message=failed, reason="told by phone", by=reception)
    assert not Message.objects.to_call_back().exists()


def test_what_is_no_longer_true_is_not_sent_again(failed, reception):
    cancel_appointment(appointment=failed.appointment, by=reception, now=LATER)

    with pytest.raises(Refused) as refusal:
        send_again(message=failed, by=reception, now=LATER)

    assert refusal.value.codes == ["not-sent"]
    assert Message.objects.to_call_back().get() == failed


def test_what_was_sent_is_not_sent_again(sink, message, reception):
    send_message(message.pk, now=LATER)

    with pytest.raises(Refused) as refusal:
        send_again(message=message, by=reception)

    assert refusal.value.codes == ["wrong-status"]
    assert len(sink.taken) == 1


# --- Side by side -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("own_database")
def test_workers_side_by_side_never_send_one_twice(sink, reception, rosa, consultation):
    count, begin = 24, timezone.now() - dt.timedelta(minutes=10)
    for number in range(count):
        patient = make_patient(reception, f"Given{number}", email=f"p{number}@patient.example", wants_messages=True)
        make_appointment(
            patient=patient, practitioner=rosa, treatment=consultation, by=reception, now=begin,
            starts_at=timezone.now() + dt.timedelta(days=1, hours=number),
        )  # fmt: skip

    # Four workers of the queue, and four that come by the clock and find the same messages.
    at_once(*[work] * 4, *[lambda: run_due(timezone.now())] * 4)

    assert sorted(to for [to], _ in sink.taken) == sorted(f"p{number}@patient.example" for number in range(count))
    assert set(Message.objects.values_list("status", "tries")) == {("sent", 1)}


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("attempt", range(5))
def test_eight_that_want_to_send_the_same_message_send_it_once(attempt, sink, message):
    results = at_once(*[lambda: send_message(message.pk, now=LATER)] * 8)

    assert results == [None] * 8
    assert len(sink.taken) == 1
    message.refresh_from_db()
    assert (message.status, message.tries) == ("sent", 1)


@pytest.mark.usefixtures("own_database")
@pytest.mark.parametrize("attempt", range(3))
def test_a_booking_and_its_cancellation_against_the_worker_tell_what_is_true(
    attempt, sink, ada, rosa, consultation, reception
):
    starts_at = timezone.now() + dt.timedelta(days=1)
    booked = make_appointment(
        patient=ada, practitioner=rosa, treatment=consultation, by=reception, starts_at=starts_at,
        now=timezone.now() - dt.timedelta(minutes=5),
    )  # fmt: skip
    three_minutes_ago = timezone.now() - dt.timedelta(minutes=3)

    at_once(work, lambda: cancel_appointment(appointment=booked, by=reception, now=three_minutes_ago))
    work()

    told = [taken["Subject"].partition(" is ")[2] for _, taken in sink.taken]
    assert told in ([], ["", "cancelled"])  # never the booking alone, never the cancellation of what nobody knew of
    assert not Message.objects.filter(status="queued").exists()


def test_a_slow_mail_server_holds_no_lock_that_the_desk_waits_for(sink, message):
    """What is asked and written stands in transactions of its own; the talk with the server is between them."""
    before, during = len(connection.savepoint_ids), []

    def slow(self, *args, **kwargs):
        during.append(len(connection.savepoint_ids))
        return 1

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mail.EmailMessage, "send", slow)
        send_message(message.pk, now=LATER)

    assert during == [before]


@pytest.mark.usefixtures("own_database")
def test_old_jobs_are_forgotten_and_waiting_ones_are_not(sink, message):
    work()
    now = timezone.now()
    DBTaskResult.objects.update(status="SUCCESSFUL", finished_at=now - dt.timedelta(days=8))
    waiting = DBTaskResult.objects.create(
        args_kwargs={"args": [], "kwargs": {}}, task_path="x", backend_name="default", run_after=now
    )

    assert forget_old_jobs(now) == 1
    assert DBTaskResult.objects.get() == waiting
