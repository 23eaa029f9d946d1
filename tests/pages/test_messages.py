"""The pages of messages: the list, one as it was sent, call-backs, and how they read."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import AuditEvent
from patients.registration import correct_patient_details
from tests.factories import make_appointment, make_patient, make_side_effect
from tests.pages.desk import buttons, signed_in, statements, words
from treatments.messages.sending import send_message
from treatments.messages.wording import DELIVERED, wording_of
from treatments.models import Message, MessageTemplate

pytestmark = pytest.mark.usefixtures("records")
ALL, WORDINGS, HOLD = "/messages/", "/messages/wording/", "/messages/wording/hold/"


@pytest.fixture
def ada(reception):
    return make_patient(
        reception, "Ada", "Byron", email="ada@patient.example", wants_messages=True, phone="+44 7700 900555"
    )


@pytest.fixture
def message(ada, rosa, mesotherapy, reception) -> Message:
    """A confirmation that waits."""
    return tell(ada, rosa, mesotherapy, reception)


def tell(patient, practitioner, treatment, by, days: int = 3) -> Message:
    starts_at = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=days)
    booked = make_appointment(
        patient=patient, practitioner=practitioner, treatment=treatment, by=by, starts_at=starts_at, now=timezone.now()
    )
    return Message.objects.get(appointment=booked)


def keep(message: Message) -> Message:
    """Written, as it is where no mail server is set."""
    send_message(message.pk, now=timezone.now() + dt.timedelta(minutes=3))
    message.refresh_from_db()
    return message


@pytest.fixture
def failed(message, settings) -> Message:
    """No mail server answers, and the time for another try is over."""
    settings.MESSAGES_ARE_KEPT = False
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    send_message(message.pk, now=message.about_starts_at - dt.timedelta(seconds=30))
    message.refresh_from_db()
    assert message.status == "failed"
    return message


# --- The list ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["reception", "rosa", "manager"])
def test_everybody_who_sees_patients_sees_the_list(role, message, request):
    page = signed_in(request.getfixturevalue(role)).get(ALL)

    assert page.status_code == 200
    assert "Confirmation to Ada Byron" in words(page)
    assert "Waiting to be sent" in words(page)


def test_a_superuser_without_a_role_does_not(message, superuser):
    client = signed_in(superuser)

    assert [client.get(path).status_code for path in (ALL, f"{ALL}{message.pk}/")] == [403, 403]


def test_it_says_that_nothing_is_sent_without_a_mail_server(message, reception, settings):
    assert "No mail server is set (EMAIL_URL), so messages are kept here" in words(signed_in(reception).get(ALL))

    settings.MESSAGES_ARE_KEPT = False

    assert "No mail server" not in words(signed_in(reception).get(ALL))


def test_it_shows_one_status_or_one_patient(message, reception, rosa, consultation):
    other = make_patient(reception, "Jo", "Roe", email="jo@patient.example", wants_messages=True)
    keep(tell(other, rosa, consultation, reception, days=4))
    client = signed_in(reception)

    assert "Ada Byron" not in words(client.get(f"{ALL}?status=kept"))
    assert "to Jo Roe" in words(client.get(f"{ALL}?status=kept"))
    assert "Messages to Ada Byron" in words(client.get(f"{ALL}?patient={message.patient_id}"))
    assert "None of these." in words(client.get(f"{ALL}?status=failed"))


@pytest.mark.parametrize("query", ["status=nonsense", "patient=nonsense", "patient=%00", "page=nonsense", "page=n%00"])
def test_an_odd_address_shows_the_list(query, message, reception):
    page = signed_in(reception).get(f"{ALL}?{query}")

    assert page.status_code == 200
    assert "Ada Byron" in words(page)


def test_it_goes_on_after_a_page(ada, rosa, consultation, reception, settings):
    for days in range(1, 28):
        tell(ada, rosa, consultation, reception, days=days)
    client = signed_in(reception)

    first = client.get(ALL)
    older = next(link for link in buttons(first) if link.startswith("?page=n"))
    second = client.get(ALL + older)

    assert [words(page).count("Confirmation to Ada Byron") for page in (first, second)] == [25, 2]
    assert any(link.startswith("?page=p") for link in buttons(second))


@pytest.mark.parametrize("rows", [1, 3])
def test_it_takes_one_statement_and_no_more_with_more_rows(rows, ada, rosa, consultation, reception):
    for days in range(1, rows + 1):
        tell(ada, rosa, consultation, reception, days=days)
    client = signed_in(reception)
    client.get(ALL)

    with statements() as found:
        client.get(ALL)

    own = [sql for sql in found if "treatments_message" in sql and "COUNT(" not in sql]
    assert len(own) == 1
    assert " OFFSET " not in own[0]


# --- One --------------------------------------------------------------------------------------------------------------


def test_one_is_shown_as_it_would_have_been_sent(message, reception):
    page = signed_in(reception).get(f"{ALL}{keep(message).pk}/")

    assert "As it would have been sent" in words(page)
    assert f"Subject {message.subject}" in words(page)
    assert "Dear Ada Byron, Your appointment is booked:" in words(page)
    assert "was not sent: no mail server is set" in words(page)


def test_one_that_waits_is_shown_as_it_would_be_sent_now(message, rosa, reception):
    client = signed_in(reception)
    assert "As it would be sent now" in words(client.get(f"{ALL}{message.pk}/"))
    assert "To ada@patient.example" in words(client.get(f"{ALL}{message.pk}/"))

    make_side_effect(patient=message.patient, by=rosa)

    assert "will not be: The rule does not allow this appointment now." in words(client.get(f"{ALL}{message.pk}/"))


def test_reading_one_is_in_the_audit_trail(message, reception):
    signed_in(reception).get(f"{ALL}{message.pk}/")

    event = AuditEvent.objects.get(kind="record-read")
    assert (event.actor, event.patient_id, event.subject) == (reception, message.patient_id, "message")


def test_an_unknown_one_is_not_found(reception):
    assert signed_in(reception).get(f"{ALL}00000000-0000-4000-8000-000000000000/").status_code == 404


def test_a_failed_one_shows_why_and_whom_to_call(failed, reception):
    page = signed_in(reception).get(f"{ALL}{failed.pk}/")

    assert "The mail server could not be reached." in words(page)
    assert "tel:+447700900555" in buttons(page)


def test_a_call_back_is_closed_with_what_was_done(failed, reception):
    client = signed_in(reception)

    empty = client.post(f"{ALL}{failed.pk}/handle/", {"reason": " "})
    assert (empty.status_code, "Say what was done instead" in words(empty)) == (422, True)

    done = client.post(f"{ALL}{failed.pk}/handle/", {"reason": "told by phone"}, follow=True)
    assert "Ada Byron is off the list of messages to call back." in words(done)
    assert "Ida Berg: told by phone" in words(done)

    late = client.post(f"{ALL}{failed.pk}/handle/", {"reason": "told twice"})
    assert (late.status_code, "somebody has dealt with it" in words(late)) == (409, True)
    failed.refresh_from_db()
    assert failed.handled_reason == "told by phone"


def test_a_failed_one_is_sent_again(failed, reception):
    client = signed_in(reception)

    client.post(f"{ALL}{failed.pk}/again/", {"once": "a"})

    failed.refresh_from_db()
    assert (failed.status, failed.tries) == ("queued", 0)
    assert client.post(f"{ALL}{failed.pk}/again/", {"once": "b"}).status_code == 409
    assert client.get(f"{ALL}{failed.pk}/again/").status_code == 302


def test_one_that_would_only_be_dropped_is_refused_in_words(failed, ada, reception):
    correct_patient_details(patient=ada, by=reception, email="", wants_messages=False)

    page = signed_in(reception).post(f"{ALL}{failed.pk}/again/", {"once": "a"})

    assert page.status_code == 409
    assert "It would not be sent. The patient does not want messages." in words(page)
    assert "It is sent again" not in words(page)
    assert "Call back" in words(page)


def test_a_manager_reads_and_does_not_work_the_list(failed, manager):
    client = signed_in(manager)

    assert "handle/" not in " ".join(buttons(client.get(f"{ALL}{failed.pk}/")))
    assert client.post(f"{ALL}{failed.pk}/handle/", {"reason": "told"}).status_code == 403
    assert client.post(f"{ALL}{failed.pk}/again/").status_code == 403


# --- How they read ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", ["reception", "rosa", "superuser"])
def test_only_a_manager_opens_the_wording(role, request):
    client = signed_in(request.getfixturevalue(role))

    answers = [
        client.get(WORDINGS),
        client.get(HOLD),
        client.post(HOLD, {"subject": "Hello", "body": "Text", "save": 1}),
    ]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not MessageTemplate.objects.exists()


def test_the_kinds_are_listed_and_an_unknown_one_is_not_found(manager):
    client = signed_in(manager)

    assert [kind for kind in DELIVERED if f"{WORDINGS}{kind}/" in buttons(client.get(WORDINGS))] == list(DELIVERED)
    assert client.get(f"{WORDINGS}nonsense/").status_code == 404


def test_a_wording_is_tried_before_it_is_kept(manager):
    client = signed_in(manager)
    typed = {"subject": "On hold: {day}", "body": "Dear {patient}, please wait. {phone}"}

    page = client.post(HOLD, typed | {"preview": "1"})

    assert page.status_code == 200
    assert "Preview, not saved" in words(page)
    assert "Dear Alex Example, please wait. our usual number" in words(page)
    assert "Dear {patient}, please wait. {phone}" in words(page)  # what was typed stays
    assert wording_of("hold") == DELIVERED["hold"]


def test_a_wording_is_saved_and_goes_back_to_the_delivered_one(manager):
    client = signed_in(manager)

    saved = client.post(HOLD, {"subject": "On hold: {day}", "body": "Please wait.", "save": "1"}, follow=True)
    assert "Saved. Messages sent from now on read so." in words(saved)
    assert "The clinic’s own wording" in words(saved)
    assert wording_of("hold").body == "Please wait."

    back = client.post(HOLD, {"reset": "1"}, follow=True)
    assert "It reads as it was delivered again." in words(back)
    assert wording_of("hold") == DELIVERED["hold"]
    assert "back to the delivered wording" in words(back)
    assert "On hold: {day}" in words(back)


@pytest.mark.parametrize("button", ["preview", "save"])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"subject": "Your bruise"}, "“bruise” is a clinical word."),
        ({"subject": "Your Mesotherapy"}, "“mesotherapy” is a clinical word."),
        ({"subject": ""}, "A subject line is missing."),
        ({"body": "Dear {name}"}, "“{name}” cannot be filled in here. These can: {patient}, {day}"),
        ({"body": ""}, "The text is missing."),
        ({"body": "  "}, "It is empty."),
        ({"body": "x" * 4001}, "at most 4000 characters"),
        ({"body": "a\x00b"}, "Null characters are not allowed."),
    ],
)
def test_a_wrong_wording_is_said_beside_its_field_and_stays(typed, sentence, button, manager, mesotherapy):
    page = signed_in(manager).post(HOLD, {"subject": "Hello {day}", "body": "Please wait."} | typed | {button: "1"})

    assert (page.status_code, sentence in words(page)) == (422, True)
    assert not MessageTemplate.objects.exists()


# --- Registration and chart --------------------------------------------------------------------------------------------


def is_ticked(page) -> bool:
    return "checked" in page.content.decode().partition('name="wants_messages"')[2].partition(">")[0]


PERSON = {"given_name": "Mina", "family_name": "Roth", "date_of_birth": "1990-05-01"}


def test_a_new_registration_is_not_ticked_and_ticked_it_needs_an_address(reception):
    client = signed_in(reception)
    assert not is_ticked(client.get("/patients/new/"))

    page = client.post("/patients/new/", PERSON | {"wants_messages": "on"})

    assert page.status_code == 422
    assert "Messages need an email address. Give one, or untick “Wants messages by email”." in words(page)


@pytest.mark.parametrize(
    ("typed", "wants"),
    [
        ({"wants_messages": "on", "email": "mina@patient.example"}, True),
        ({"email": "mina@patient.example"}, False),
        ({}, False),
    ],
)
def test_the_choice_is_kept(typed, wants, reception):
    made = signed_in(reception).post("/patients/new/", PERSON | typed)

    assert made.status_code == 302
    client = signed_in(reception)
    assert is_ticked(client.get(f"{made['Location']}edit/")) == wants


def test_the_chart_lists_the_newest_and_where_each_stands(message, ada, reception):
    client = signed_in(reception)
    assert "Messages Confirmation" in words(client.get(f"/patients/{ada.pk}/"))

    keep(message)

    page = client.get(f"/patients/{ada.pk}/")
    assert "Kept, not sent" in words(page)
    assert f"{ALL}{message.pk}/" in buttons(page)


def test_the_chart_says_who_wants_none(amara, reception):
    assert "Messages Wants none by email." in words(signed_in(reception).get(f"/patients/{amara.pk}/"))
