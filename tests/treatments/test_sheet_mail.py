"""A sheet that goes by mail, through a real mail server: the PDF attached, nothing of the patient in what carries it."""

import datetime as dt
import sys
import threading
from email.message import EmailMessage

import pytest
from django.template.loader import render_to_string
from django.utils import timezone

from clinic.tasks import run_ready_jobs
from patients.registration import correct_patient_details
from tests.factories import NOW, make_patient, make_session
from tests.mail_sink import mail_sink
from treatments.addenda import enter_session_in_error
from treatments.messages.sending import send_message
from treatments.messages.wording import clinical_word
from treatments.models import Message, SheetGiven
from treatments.sheet_giving import give_sheet
from treatments.sheet_text import shown_as_given, text_of
from treatments.sheets import current_sheet, publish_sheet

pytestmark = pytest.mark.usefixtures("records")
AFTERCARE = "aftercare"


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
    return make_patient(reception, "Ada", "Byron", email="ada@patient.example", wants_messages=True)


@pytest.fixture
def session(ada, rosa, mesotherapy):
    return make_session(patient=ada, practitioner=rosa, treatment=mesotherapy)


class NoPango:
    """The machine without Pango: importing WeasyPrint fails as it does there."""

    @staticmethod
    def find_spec(name, *more):
        if name == "weasyprint":
            raise OSError("cannot load library 'libpango-1.0-0'")


@pytest.fixture
def no_pango(monkeypatch):
    monkeypatch.delitem(sys.modules, "weasyprint", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoPango, *sys.meta_path])


def sent_with(sink, message: Message) -> EmailMessage:
    """The one mail that was taken, which was for Ada."""
    [(to, mail)] = sink.taken
    assert (to, mail["Message-ID"]) == (["ada@patient.example"], f"<{message.pk}@clinic.example>")
    return mail


def read_pdf_page(given: SheetGiven) -> str:
    """What the PDF is laid out from."""
    return render_to_string("treatments/sheet_pdf.html", shown_as_given(given))


def send(session, by) -> tuple[SheetGiven, Message]:
    """What was given, and its message."""
    given = give_sheet(
        sheet=current_sheet(AFTERCARE), patient=session.patient, how="sent", session=session, by=by, now=NOW
    )
    return given, given.message


@pytest.mark.usefixtures("own_database")
def test_a_mail_server_takes_the_sheet_as_a_pdf_from_the_worker(sink, ada, rosa, mesotherapy):
    now = timezone.now()
    session = make_session(patient=ada, practitioner=rosa, treatment=mesotherapy, at=now - dt.timedelta(hours=1))
    give_sheet(sheet=current_sheet(AFTERCARE), patient=ada, how="sent", session=session, by=rosa)

    run_ready_jobs("a worker", threading.Event())

    message = Message.objects.get(kind="sheet")
    assert (message.status, message.tries, message.problem) == ("sent", 1, "")
    mail = sent_with(sink, message)
    [file] = mail.iter_attachments()
    assert (file.get_content_type(), file.get_filename()) == ("application/pdf", "sheet.pdf")
    assert file.get_content().startswith(b"%PDF")


def test_neither_subject_nor_text_nor_the_files_name_says_anything_clinical(sink, ada, session, rosa):
    _, message = send(session, rosa)

    send_message(message.pk, now=NOW)

    mail = sent_with(sink, message)
    text = mail.get_body().get_content()
    [file] = mail.iter_attachments()
    assert mail["Subject"] == "A sheet from High Street"
    assert "Ada Byron" in text
    for carried in (mail["Subject"], text, file.get_filename()):
        assert not clinical_word(carried)
        for word in ("mesotherapy", "bruis", "aftercare", "risk", "cream", "session"):
            assert word not in carried.lower()


def test_a_site_named_for_the_treatment_is_left_out_of_the_subject(sink, session, rosa):
    session.appointment.site.name = "Mesotherapy House"
    session.appointment.site.save()
    _, message = send(session, rosa)

    send_message(message.pk, now=NOW)

    assert sent_with(sink, message)["Subject"] == "A sheet from the clinic"


def test_what_is_sent_is_what_was_given_though_a_new_version_came_between(sink, session, rosa, manager):
    given, message = send(session, rosa)
    publish_sheet(kind=AFTERCARE, language="en", title="After", body="Only this.", by=manager)
    read = read_pdf_page(given)

    send_message(message.pk, now=NOW)

    assert "After your mesotherapy" in read
    assert "Only this." not in read
    [file] = sent_with(sink, message).iter_attachments()
    assert file.get_content().startswith(b"%PDF")


def test_after_a_session_entered_in_error_nothing_is_sent_and_it_says_why(sink, session, rosa):
    _, message = send(session, rosa)
    enter_session_in_error(session=session, reason="The wrong patient.", by=rosa)

    send_message(message.pk, now=NOW)

    message.refresh_from_db()
    assert (message.status, message.problem) == ("dropped", "What it was given after was entered in error.")
    assert sink.taken == []


def test_a_patient_who_wants_none_any_more_gets_none(sink, ada, session, rosa, reception):
    _, message = send(session, rosa)
    correct_patient_details(patient=ada, by=reception, wants_messages=False)

    send_message(message.pk, now=NOW)

    message.refresh_from_db()
    assert (message.status, message.problem) == ("dropped", "The patient does not want messages.")
    assert sink.taken == []


def test_where_no_pdf_can_be_made_the_sheets_general_text_stands_in_the_letter(sink, session, rosa, no_pango):
    given, message = send(session, rosa)

    send_message(message.pk, now=NOW)

    mail = sent_with(sink, message)
    assert list(mail.iter_attachments()) == []
    assert text_of(given.sheet, given.phone) in mail.get_body().get_content().replace("\r\n", "\n")
    assert mail["Subject"] == "A sheet from High Street"


def test_a_server_that_is_away_is_tried_again_though_the_appointment_is_over(sink, session, rosa):
    _, message = send(session, rosa)
    sink.answers["RCPT"] = "451 try again"

    send_message(message.pk, now=NOW)

    message.refresh_from_db()
    assert (message.status, message.tries) == ("queued", 1)
    sink.answers["RCPT"] = "250 OK"
    send_message(message.pk, now=message.next_try_at)
    message.refresh_from_db()
    assert message.status == "sent"
    assert len(sink.taken) == 1
