"""How messages read: only what is known is filled in, and nothing clinical stands where anybody can read it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import Site
from tests.factories import NOW, make_treatment
from treatments.messages import reset_wording, save_wording
from treatments.messages.wording import (
    DELIVERED,
    Wording,
    clinical_word,
    made_up_values,
    require_sense,
    wording_of,
    written,
)
from treatments.models import MessageTemplate
from treatments.models.message import MessageKind

pytestmark = pytest.mark.usefixtures("records")
KINDS = pytest.mark.parametrize("kind", MessageKind.values)


def wrong(kind: str, subject: str = "Your appointment", body: str = "Dear {patient}") -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as error:
        require_sense(kind, subject, body)
    return error.value.message_dict


@KINDS
def test_the_delivered_wording_of_each_kind_keeps_every_rule(kind, mesotherapy, consultation, bruise_review):
    wording = DELIVERED[kind]

    assert require_sense(kind, wording.subject, wording.body) == wording
    assert clinical_word(wording.subject) == ""


def test_the_delivered_text_of_a_hold_has_no_clinical_word(mesotherapy, consultation, bruise_review):
    assert clinical_word(DELIVERED["hold"].body) == ""


@KINDS
def test_the_sources_advice_stands_under_each(kind):
    letter = written(Wording("Hello", "Text."), made_up_values(Site(name="Here", phone="020"), NOW))

    assert letter.body == (
        "Text.\n\nIf you are worried about anything at all, contact your practitioner as soon as possible: 020.\n"
    )


@pytest.mark.parametrize(
    "subject",
    [
        "Your bruise on {day}",
        "About the BRUISING",
        "your mesotherapy on {day}",
        "Side effects",
        "side-effect",
        "A suspected infection",
        "Swelling?",
        "injections at {time}",
        "Your Consultation on {day}",
        "Bruise  review",
        "Peeling at {time}",
        "Brúising",
    ],
)
def test_a_subject_with_a_clinical_word_or_a_treatments_name_is_refused(
    subject, mesotherapy, consultation, bruise_review
):
    make_treatment("other", "Peeling")

    errors = wrong("confirmation", subject)

    assert list(errors) == ["subject"]
    assert errors["subject"][0].endswith(
        "is a clinical word. It does not belong in a subject line, which anybody who sees the phone can read."
    )


@pytest.mark.parametrize(
    "subject", ["Your number on {day}", "A reminder from Painter Street", "Dr {practitioner}, {time}", "On hold"]
)
def test_near_misses_are_not(subject):
    assert require_sense("confirmation", subject, "Text").subject == subject


@pytest.mark.parametrize("name", ["treatment", "place", "patient", "phone"])
def test_only_day_time_and_practitioner_are_filled_into_a_subject(name):
    assert wrong("confirmation", f"See {{{name}}}")["subject"] == [
        f"“{{{name}}}” cannot be filled in here. These can: {{day}}, {{time}}, {{practitioner}}."
    ]


def test_an_unknown_placeholder_is_named_with_the_known_ones():
    assert wrong("confirmation", body="Dear {name}")["body"] == [
        "“{name}” cannot be filled in here. "
        "These can: {patient}, {day}, {time}, {practitioner}, {place}, {phone}, {treatment}."
    ]


@pytest.mark.parametrize("body", ["{patient.number}", "{patient!r}", "{0}", "{}", "{patient:>9}", "{{ patient }}"])
def test_nothing_is_evaluated(body):
    assert list(wrong("confirmation", body=body)) == ["body"]


@pytest.mark.parametrize("body", ["Dear {patient", "Dear patient}"])
def test_a_bracket_alone_is_said(body):
    assert wrong("confirmation", body=body)["body"][0].startswith("A curly bracket stands alone.")


def test_a_hold_names_neither_the_treatment_nor_why():
    assert wrong("hold", body="Your {treatment}")["body"][0].startswith("“{treatment}” cannot be filled in here.")
    assert wrong("hold", body="Because of the bruising")["body"] == [
        "“bruising” is a clinical word. It does not belong in this message, which says that it is on hold and not why."
    ]
    assert (
        require_sense("confirmation", "Hello", "Your {treatment}, no bruising").body == "Your {treatment}, no bruising"
    )


def test_what_is_filled_in_is_not_looked_into_again():
    values = made_up_values(None, NOW) | {"patient": "{phone} {day}"}

    assert written(Wording("Hello", "Dear {patient},"), values).body.startswith("Dear {phone} {day},")


def test_empty_and_too_long_are_said():
    assert wrong("confirmation", " ", "\n") == {"subject": ["It is empty."], "body": ["It is empty."]}
    assert wrong("confirmation", "x" * 121, "x" * 4001) == {
        "subject": ["It has 121 characters; 120 is the most."],
        "body": ["It has 4001 characters; 4000 is the most."],
    }


def test_a_managers_wording_is_used_until_it_is_reset_and_the_history_keeps_it(manager):
    save_wording(kind="hold", subject="On hold: {day}", body="Please wait.\r\nThank you.", by=manager)
    assert wording_of("hold") == Wording("On hold: {day}", "Please wait.\nThank you.")
    assert wording_of("confirmation") == DELIVERED["confirmation"]

    save_wording(kind="hold", subject="On hold: {day}", body="Please wait.\nThank you.", by=manager)
    reset_wording(kind="hold", by=manager)
    reset_wording(kind="hold", by=manager)

    assert wording_of("hold") == DELIVERED["hold"]
    rows = MessageTemplate.history.filter(kind="hold").order_by("history_id")
    assert [(row.history_type, row.body, row.history_user) for row in rows] == [
        ("+", "Please wait.\nThank you.", manager),
        ("-", "Please wait.\nThank you.", manager),
    ]


@pytest.mark.parametrize("role", ["reception", "rosa"])
def test_only_a_manager_words_them(role, request):
    by = request.getfixturevalue(role)

    with pytest.raises(PermissionDenied):
        save_wording(kind="hold", subject="Hello", body="Text", by=by)
    with pytest.raises(PermissionDenied):
        reset_wording(kind="hold", by=by)
