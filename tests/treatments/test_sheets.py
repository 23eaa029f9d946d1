"""Sheets: published in versions that never change, one a treatment and language."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clinic.models import AuditEvent
from tests.factories import NOW, make_treatment
from tests.treatments.sheet_cast import AFTERCARE, RISKS, publish, wrong
from treatments.models import Sheet
from treatments.sheets import (
    current_sheet,
    current_sheets,
    tag_of,
)

pytestmark = pytest.mark.usefixtures("records")


# --- Publishing -------------------------------------------------------------------------------------------------------
def test_a_new_version_is_the_next_and_the_old_one_stays(manager):
    first = current_sheet(AFTERCARE)
    words = first.body

    second = publish(manager, "Rest for a day.", now=NOW)

    first.refresh_from_db()
    assert (second.version, second.published_by, second.published_at) == (2, manager, NOW)
    assert (first.version, first.body) == (1, words)
    assert current_sheet(AFTERCARE) == second


def test_publishing_is_in_the_audit_trail_by_its_codes_only(manager):
    sheet = publish(manager)

    event = AuditEvent.objects.get(kind="sheets-changed")
    assert (event.actor, event.subject, event.subject_id) == (manager, "sheet", sheet.pk)
    assert event.details == {"sheet": "aftercare", "language": "en", "version": 2}


def test_published_unchanged_there_is_no_new_version(manager):
    first = publish(manager, "Rest.\r\n")

    assert publish(manager, " Rest.\n") == first
    assert publish(manager, "Rest.", title="Afterwards").version == 3
    assert AuditEvent.objects.filter(kind="sheets-changed").count() == 2


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_only_a_manager_publishes(who, request):
    with pytest.raises(PermissionDenied):
        publish(request.getfixturevalue(who))


def test_of_two_managers_at_one_form_the_second_is_told(manager):
    publish(manager, "Rest.", after=1)

    assert wrong(publish, by=manager, body="Run.", after=1) == {
        "": ["Version 2 was published meanwhile. Look at it first; nothing was published by you."]
    }
    assert publish(manager, "Run.", after=2).version == 3
    assert publish(manager, "Ruhe.", language="de", after=0).version == 1


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"kind": "advert"}, "kind", "“advert” is no sheet: pre-treatment, aftercare."),
        ({"language": "english please"}, "language", "This is no language tag. “en”, “de” and “pt-BR” are some."),
        ({"language": ""}, "language", "This is no language tag. “en”, “de” and “pt-BR” are some."),
        ({"title": "  "}, "title", "It is empty."),
        ({"title": "t" * 151}, "title", "It has 151 characters; 150 is the most."),
        ({"body": " \n "}, "body", "It is empty."),
        ({"body": "b" * 12001}, "body", "It has 12001 characters; 12000 is the most."),
        ({"body": "# Only this"}, "body", "It has headings only."),
        (
            {"body": "Dear {name}"},
            "body",
            "Only {phone}, the clinic’s number, can be filled in here; no other curly brackets.",
        ),
    ],
)
def test_what_cannot_be_published_is_said_beside_its_field(typed, field, sentence, manager):
    before = Sheet.objects.count()

    assert wrong(publish, by=manager, **typed) == {field: [sentence]}
    assert Sheet.objects.count() == before


@pytest.mark.parametrize(
    ("typed", "tag"),
    [
        ("EN", "en"),
        ("en_gb", "en-GB"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"),
        ("sl-rozaj-biske", "sl-rozaj-biske"),
        ("de-CH-1996", "de-CH-1996"),
        ("en-x-clinic", "en-x-clinic"),
        ("e", ""),
        ("english, british", ""),
        ("en-", ""),
    ],
)
def test_any_tag_of_bcp_47_is_a_language(typed, tag):
    assert tag_of(typed) == tag


def test_the_database_changes_and_deletes_none(manager):
    sheet = publish(manager)

    for act in (lambda: Sheet.objects.update(body="Run."), lambda: sheet.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            act()
    sheet.refresh_from_db()
    assert sheet.body == "Rest."


# --- Which one is current ---------------------------------------------------------------------------------------------
def test_a_treatments_own_sheet_comes_before_the_general_one_whatever_their_versions(manager, mesotherapy):
    other = make_treatment(name="Another")
    own = publish(manager, "Own.", treatment=mesotherapy)
    general = publish(manager, "General.")

    assert (own.version, general.version) == (1, 2)
    assert current_sheet(AFTERCARE, mesotherapy) == own
    assert current_sheet(AFTERCARE, other) == general
    assert current_sheet(AFTERCARE) == general
    assert current_sheet(RISKS, mesotherapy).treatment is None


def test_each_language_has_its_own_and_another_never_stands_in(manager, mesotherapy):
    german = publish(manager, "Ruhe.", language="de")
    own = publish(manager, "Own.", treatment=mesotherapy)

    assert current_sheets(AFTERCARE, mesotherapy) == {"de": german, "en": own}
    assert current_sheet(AFTERCARE, mesotherapy, "fr") is None
