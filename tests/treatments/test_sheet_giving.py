"""Sheets given: what was given stays as given, sent or on paper; and the sheet of risks stands on the consent."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from clinic.refusals import Refused
from patients.models import Consent
from patients.registration import withdraw_consent
from tests.factories import NOW, make_patient, make_session, make_treatment, on
from tests.treatments.sheet_cast import AFTERCARE, RISKS, publish, wrong
from treatments.merging import merge_patients, undo_merge, undo_reasons
from treatments.models import Message, SheetGiven
from treatments.sessions import finish_session, write_session
from treatments.sheet_giving import give_sheet, record_treatment_consent
from treatments.sheet_text import name_of, text_of
from treatments.sheets import current_sheet

pytestmark = pytest.mark.usefixtures("records")


# --- Giving -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("how", ["printed", "pdf"])
def test_what_was_given_names_version_session_how_when_and_by_whom(how, session, amara, rosa, site):
    site.phone = "+44 20 7946 0123"
    site.save()

    given = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how=how, session=session, by=rosa, now=NOW)

    assert (given.sheet.version, given.session, given.how, given.by, given.given_at) == (1, session, how, rosa, NOW)
    assert (given.phone, given.message) == ("+44 20 7946 0123", None)


def test_it_stays_as_it_was_given_after_a_new_version_and_another_phone(session, amara, rosa, manager, site):
    site.phone = "+44 20 7946 0123"
    site.save()
    given = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="printed", session=session, by=rosa)
    read = text_of(given.sheet, given.phone)

    publish(manager, "Rest.")
    site.phone = "+44 20 7946 0999"
    site.save()

    given = SheetGiven.objects.select_related("sheet").get()
    assert given.sheet.version == 1
    assert text_of(given.sheet, given.phone) == read
    assert "+44 20 7946 0123" in read


def test_only_the_newest_version_is_given(amara, rosa, manager):
    first = current_sheet(AFTERCARE)
    second = publish(manager)

    assert wrong(give_sheet, sheet=first, patient=amara, how="printed", by=rosa) == {
        "sheet": ["Version 2 of it was published since. Give that one."]
    }
    assert give_sheet(sheet=second, patient=amara, how="printed", by=rosa).sheet == second


def test_a_sheet_is_given_for_its_own_treatment_and_session(amara, jonas, session, rosa, manager):
    other = publish(manager, treatment=make_treatment(name="Another"))
    sheet = current_sheet(AFTERCARE)
    by = {"how": "printed", "by": rosa, "session": session}

    assert wrong(give_sheet, sheet=sheet, patient=jonas, **by) == {"session": ["This session is another patient’s."]}
    assert wrong(give_sheet, sheet=other, patient=amara, **by) == {"sheet": ["This sheet is for another treatment."]}
    assert wrong(give_sheet, sheet=current_sheet(RISKS), patient=amara, **by) == {
        "session": ["The sheet of risks is given before treatment, not after a session."]
    }
    assert wrong(give_sheet, sheet=sheet, patient=amara, **by | {"how": "shouted"}) == {
        "how": ["“shouted” is no way of giving a sheet: printed, pdf, sent, declined."]
    }
    assert not SheetGiven.objects.exists()
    assert give_sheet(sheet=sheet, patient=amara, **by).session == session


def test_a_manager_gives_none(amara, manager):
    with pytest.raises(PermissionDenied):
        give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="printed", by=manager)


@pytest.mark.parametrize(
    ("creams", "sentence"),
    [
        (["Arnica cream", "Zinc"], "Creams recommended to you: Arnica cream; Zinc."),
        ([], "No creams were recommended to you."),
        (None, ""),
    ],
)
def test_the_creams_that_the_session_names_stand_on_the_sheet(creams, sentence, amara, rosa, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)
    session = write_session(session=session, creams=creams, by=rosa)
    given = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="printed", session=session, by=rosa)

    assert SheetGiven.objects.get().creams == sentence
    assert given.creams == sentence


def test_creams_named_after_it_was_given_do_not_change_what_was_given(amara, rosa, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)
    session = write_session(session=session, creams=[], by=rosa)
    by = {"sheet": current_sheet(AFTERCARE), "patient": amara, "how": "printed", "by": rosa}
    first = give_sheet(session=session, now=on(2), **by)

    session = write_session(session=session, creams=["Arnica cream"], by=rosa)
    session = finish_session(session=session, by=rosa)
    second = give_sheet(session=session, now=on(3), **by)

    first.refresh_from_db()
    assert first.creams == "No creams were recommended to you."
    assert second.creams == "Creams recommended to you: Arnica cream."


@pytest.mark.parametrize(
    "change", [{"creams": "Use any cream."}, {"phone": "1"}, {"how": "sent"}, {"given_at": on(1)}, {"session": None}]
)
def test_the_database_changes_nothing_of_what_was_given(change, session, amara, rosa):
    kept = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="printed", session=session, by=rosa)
    [before] = SheetGiven.objects.values()

    with pytest.raises(IntegrityError, match="never.changed"), transaction.atomic():
        SheetGiven.objects.filter(pk=kept.pk).update(**change)
    assert list(SheetGiven.objects.values()) == [before]


def test_an_aftercare_sheet_may_be_declined_and_then_was_not_taken(session, amara, rosa):
    declined = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="declined", session=session, by=rosa)

    assert (declined.get_how_display(), declined.message) == ("Offered, not taken", None)
    assert list(SheetGiven.objects.taken()) == []
    taken = give_sheet(sheet=current_sheet(AFTERCARE), patient=amara, how="pdf", session=session, by=rosa)
    assert list(SheetGiven.objects.taken()) == [taken]


def test_the_sheet_of_risks_is_never_declined_for_the_consent_stands_on_it(ada, reception):
    assert wrong(give_sheet, sheet=current_sheet(RISKS), patient=ada, how="declined", by=reception) == {
        "how": ["The sheet of risks comes before the consent: it is given, on paper if need be."]
    }
    assert not SheetGiven.objects.exists()


@pytest.mark.parametrize(
    ("patient", "sentence"),
    [
        ({}, "The patient does not want messages by email. Give it on paper or as a PDF."),
        (
            {"wants_messages": True, "email": "ada@patient.example"},
            "The patient has no appointment to send it with. Give it on paper or as a PDF, or book first.",
        ),
    ],
)
def test_what_cannot_be_sent_is_not_written_down_as_sent(patient, sentence, reception):
    ada = make_patient(reception, "Ada", "Byron", **patient)

    assert wrong(give_sheet, sheet=current_sheet(RISKS), patient=ada, how="sent", by=reception) == {"how": [sentence]}
    assert not SheetGiven.objects.exists()
    assert not Message.objects.exists()


# --- The consent ------------------------------------------------------------------------------------------------------
def test_the_sheets_version_and_date_stand_on_the_consent(ada, reception):
    give_sheet(sheet=current_sheet(RISKS), patient=ada, how="printed", by=reception, now=on(2))

    consent = record_treatment_consent(patient=ada, version="2026-10", by=reception, now=on(3))

    assert (consent.kind, consent.version, consent.given_at) == ("treatment", "2026-10", on(3))
    assert (consent.sheet_version, consent.sheet_given_at) == ("Risks of mesotherapy, version 1, en", on(2))


def test_a_first_consent_without_the_sheet_is_refused_in_words(ada, jonas, reception):
    give_sheet(sheet=current_sheet(AFTERCARE), patient=ada, how="printed", by=reception, now=on(2))
    give_sheet(sheet=current_sheet(RISKS), patient=jonas, how="printed", by=reception, now=on(2))
    give_sheet(sheet=current_sheet(RISKS), patient=ada, how="printed", by=reception, now=on(4))

    with pytest.raises(Refused) as refusal:
        record_treatment_consent(patient=ada, by=reception, now=on(3))

    [blocker] = refusal.value.blockers
    assert (blocker.code, blocker.message) == (
        "sheet-not-given",
        "The sheet of risks has not been given to this patient.",
    )
    assert not Consent.objects.filter(patient=ada).exists()
    assert record_treatment_consent(patient=ada, by=reception, now=on(5)).sheet_given_at == on(4)


def test_after_a_consent_that_was_withdrawn_the_next_needs_no_other_sheet(amara, reception):
    first = Consent.objects.get(patient=amara)
    assert record_treatment_consent(patient=amara, by=reception, now=on(2)) == first

    withdraw_consent(consent=first, by=reception, now=on(3))
    again = record_treatment_consent(patient=amara, by=reception, now=on(4))

    assert (again.sheet_version, again.sheet_given_at) == ("", None)


def test_a_long_title_leaves_the_version_on_the_consent(manager):
    sheet = publish(manager, kind=RISKS, title="Risks " * 25, language="zh-Hant-TW")

    assert len(name_of(sheet)) <= 60
    assert name_of(sheet).endswith(", version 1, zh-Hant-TW")


# --- Merging ----------------------------------------------------------------------------------------------------------
def test_what_was_given_goes_along_when_records_are_merged_and_comes_back(jonas, ada, reception):
    sheet = current_sheet(RISKS)
    given = give_sheet(sheet=sheet, patient=ada, how="printed", by=reception)
    stays = give_sheet(sheet=sheet, patient=jonas, how="printed", by=reception)

    merge = merge_patients(kept=jonas, merged=ada, by=reception)
    assert list(jonas.sheets_given.order_by("given_at")) == [given, stays]
    assert record_treatment_consent(patient=jonas, by=reception).patient == jonas
    assert wrong(give_sheet, sheet=sheet, patient=ada, how="printed", by=reception) == {
        "patient": ["This record was merged into another. Use the other one."]
    }

    undo_merge(merge=merge, by=reception)
    assert [list(one.sheets_given.all()) for one in (ada, jonas)] == [[given], [stays]]


def test_a_sheet_given_since_keeps_a_merge_from_being_undone(jonas, ada, reception):
    merge = merge_patients(kept=jonas, merged=ada, by=reception)
    give_sheet(sheet=current_sheet(RISKS), patient=jonas, how="printed", by=reception)

    merge.refresh_from_db()
    assert [reason.message for reason in undo_reasons(merge)] == ["Since the merge a sheet was given."]
