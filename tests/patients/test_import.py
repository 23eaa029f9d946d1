"""Rows checked, doubles found, and all taken in or none."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import AuditEvent
from patients.importing import applying, staging
from patients.models import Patient, PatientIdentifier, PatientImport, PatientImportIdentifier, PatientImportRow
from patients.registration import register_patient
from tests.factories import make_patient
from tests.patients.files import (
    AMARA,
    HEADER,
    JONAS,
    ZOE,
    checked,
    csv_file,
    finished,
    imported,
    outcomes,
    received,
    remarks,
)
from treatments.rule_check import rule_breaches

ALL_FIELDS = ("ID", "Given name", "Family name", "Date of birth", "Phone", "Email", "Pronouns", "Allergies", "Alerts", "Low pain threshold", "Wants messages")  # fmt: skip
WITHOUT_NUMBERS = HEADER[1:]


# --- Taken in ---------------------------------------------------------------------------------------------------------


def test_a_patient_comes_in_as_registration_would_have_made_them(manager, reception):
    row = (
        "7",
        " Zoë ",
        "van  Moon",
        "3.2.1990",
        "+44 7700 900999",
        "zoe@example.org",
        "she/her",
        "lidocaine",
        "faints",
        "Yes",
        "n",
    )
    imported(csv_file(row, header=ALL_FIELDS), manager)
    by_import = Patient.objects.get()

    by_hand = register_patient(
        by=reception, given_name="Zoë", family_name="van Moon", date_of_birth=dt.date(1990, 2, 3), phone="+44 7700 900999",
        email="zoe@example.org", pronouns="she/her", allergies="lidocaine", alerts="faints", low_pain_threshold=True,
    )  # fmt: skip

    own = {"id", "number", "search_text", "created_at", "created_by"}
    names = [field.name for field in Patient._meta.fields if field.name not in own]
    assert {name: getattr(by_import, name) for name in names} == {name: getattr(by_hand, name) for name in names}
    assert (by_import.number, by_hand.number) == ("AC-00001", "AC-00002")
    assert by_import.search_text == by_hand.search_text.replace("ac-00002", "ac-00001")
    assert by_import.created_by == manager


def test_the_history_says_who_imported_and_from_where(manager):
    made = imported(csv_file(AMARA), manager)

    [entry] = Patient.objects.get().history.all()
    assert (entry.history_type, entry.history_user, entry.history_change_reason, entry.history_date) == (
        "+", manager, "imported from Cliniko", made.applied_at,
    )  # fmt: skip
    assert (entry.given_name, entry.number, entry.date_of_birth) == ("Amara", "AC-00001", dt.date(1988, 2, 14))


def test_record_numbers_go_on_from_the_last_one_in_the_files_order(manager, reception):
    make_patient(reception, "Ines", "Adler", phone="")
    imported(csv_file(AMARA, JONAS, ZOE), manager)
    make_patient(reception, "Tom", "Byrne", phone="")

    assert list(Patient.objects.order_by("number").values_list("given_name", "number")) == [
        ("Ines", "AC-00001"), ("Amara", "AC-00002"), ("Jonas", "AC-00003"), ("Zoë", "AC-00004"), ("Tom", "AC-00005"),
    ]  # fmt: skip


def test_a_sixth_digit_comes_when_it_is_needed(manager, reception):
    from patients.models import RecordNumber

    RecordNumber.objects.update_or_create(pk=1, defaults={"last": 99_998})
    imported(csv_file(AMARA, JONAS), manager)

    assert list(Patient.objects.order_by("created_at", "search_text").values_list("number", flat=True)) == [
        "AC-99999",
        "AC-100000",
    ]
    assert Patient.objects.matching("ac-100000").get().given_name == "Jonas"


def test_the_trail_holds_codes_and_counts_only(manager):
    made = imported(csv_file(AMARA, AMARA), manager)

    event = AuditEvent.objects.get(kind="patients-imported")
    assert (event.actor, event.subject, event.subject_id) == (manager, "patient-import", made.pk)
    assert event.details == {
        "format": "csv", "taken_in": 1, "first_number": 1, "left_out": {"bad": 0, "here": 0, "twice": 1, "looks-like": 0}
    }  # fmt: skip


def test_the_rule_holds_after_an_import(manager, amara, rosa):
    imported(csv_file(JONAS, ZOE), manager)

    assert rule_breaches() == []
    assert applying.rule_holds()


def test_the_file_and_the_rows_that_came_in_are_not_kept(manager):
    made = imported(csv_file(AMARA, AMARA, JONAS), manager)
    applying.forget_taken_rows(made)

    made.refresh_from_db()
    assert made.content is None
    assert outcomes(made) == [(3, "twice", "line 2")]
    assert PatientImportIdentifier.objects.count() == 1


# --- Bad rows ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field, written, sentence",
    [
        ("First name", "", "The given name is missing."),
        ("Surname", "  ", "The family name is missing."),
        ("Surname", "x" * 101, "Family name: Ensure this value has at most 100 characters (it has 101)."),
        ("Surname", "Oka\x00for", "Family name: it holds a character that is not text. Was another encoding meant?"),
        ("DOB", "", "The date of birth is missing."),
        ("DOB", "1988-02-14", "Date of birth: “1988-02-14” is written year first (1988-02-14), but the file is read day first (14/02/1988)."),
        ("DOB", "31/02/1988", "Date of birth: “31/02/1988” is not a day of the calendar, read day first (14/02/1988)."),
        ("DOB", "02/14/1988", "Date of birth: “02/14/1988” is not a day of the calendar, read day first (14/02/1988)."),
        ("DOB", "14/02/88", "Date of birth: “14/02/88” has a year of two digits; four are needed."),
        ("DOB", "1988-02", "Date of birth: “1988-02” is not a whole date; day, month and year are needed."),
        ("DOB", "February", "Date of birth: “February” is not a date written day first (14/02/1988)."),
        ("DOB", "14/02/2199", "Date of birth: The birth date is in the future."),
        ("DOB", "14/02/1899", "Date of birth: The birth date is before 1900."),
        ("Mobile", "ask her", "Phone: Give at least five digits, with spaces and + only, for example +44 7700 900123."),
        ("Client ID", "9" * 201, "Number in the other system: it is longer than 200 characters, or is not text."),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_with_its_line_and_a_sentence(field, written, sentence, manager):
    row = [written if name == field else value for name, value in zip(HEADER, AMARA, strict=True)]

    made = checked(csv_file(JONAS, row, ZOE), manager)

    assert remarks(made) == [(3, sentence)]
    assert [one for _, one, _ in outcomes(made)] == ["new", "bad", "new"]


@pytest.mark.parametrize("written", ["maybe", "2"])
def test_neither_yes_nor_no(written, manager):
    header, row = (*HEADER, "Low pain threshold"), (*AMARA, written)

    assert remarks(checked(csv_file(row, header=header), manager)) == [
        (2, f"Low pain threshold: “{written}” is neither yes nor no.")
    ]


def test_several_problems_are_all_said(manager):
    made = checked(csv_file(("", "", "Okafor", "soon", "x")), manager)

    assert remarks(made) == [
        (2, "Date of birth: “soon” is not a date written day first (14/02/1988). The given name is missing. "
            "Phone: Give at least five digits, with spaces and + only, for example +44 7700 900123.")
    ]  # fmt: skip


def test_a_ragged_row_is_bad_and_lines_are_counted_as_an_editor_counts_them(manager):
    split = b'"C4","Ines\r\nMaria","Adler","1/1/1980",""\r\n'
    content = (
        csv_file(AMARA) + split + b"C5,Tom\r\n\r\n,,,,\r\nC6,Ava,Khan,2/2/1982,,,\r\nC7,Leo,Jones,3/3/1983,,,x\r\n"
    )

    made = checked(content, manager)

    assert remarks(made) == [
        (5, "The row has 2 fields; the first line has 5."),
        (9, "The row has 7 fields; the first line has 5."),
    ]
    assert list(made.rows.exclude(outcome="bad").values_list("line", "given_name")) == [
        (2, "Amara"), (3, "Ines Maria"), (8, "Ava"),
    ]  # fmt: skip


def test_iso_dates_are_read_where_they_are_said(manager):
    made = checked(csv_file(("C1", "Amara", "Okafor", "1988-02-14", ""), JONAS), manager, dates="iso")

    assert [one for _, one, _ in outcomes(made)] == ["new", "bad"]


def test_nothing_comes_in_while_a_bad_row_stands(manager):
    made = checked(csv_file(AMARA, ("C9", "", "Nobody", "1/1/1990", "")), manager)

    with pytest.raises(ValidationError) as error:
        applying.apply_import(patient_import=made, by=manager)

    assert error.value.messages == [applying.BAD_ROWS_STAND]
    assert not Patient.objects.exists()
    made.refresh_from_db()
    assert (made.status, bytes(made.content) != b"") == ("checked", True)


def test_by_choice_the_good_rows_come_in_without_the_bad_ones(manager):
    made = imported(csv_file(AMARA, ("C9", "", "Nobody", "1/1/1990", "")), manager, without_bad=True)

    assert (made.taken_in, made.left_out["bad"]) == (1, 1)
    assert Patient.objects.get().given_name == "Amara"


# --- No doubles -------------------------------------------------------------------------------------------------------


def test_the_same_file_again_makes_no_doubles(manager):
    imported(csv_file(AMARA, JONAS), manager)

    again = checked(csv_file(AMARA, JONAS, ZOE), manager)

    assert outcomes(again) == [(2, "here", "AC-00001"), (3, "here", "AC-00002"), (4, "new", "")]
    applying.apply_import(patient_import=again, by=manager)
    assert Patient.objects.count() == 3


def test_a_known_number_is_the_same_person_whatever_else_changed(manager):
    imported(csv_file(AMARA), manager)

    again = checked(csv_file(("C1", "Amara", "Eze", "15/02/1988", "020 1234 5678")), manager)

    assert outcomes(again) == [(2, "here", "AC-00001")]


def test_the_same_number_of_another_system_is_somebody_else(manager):
    imported(csv_file(AMARA), manager)

    other = checked(csv_file(("C1", "Jonas", "Weber", "3/6/1979", "")), manager, system="Zenoti")

    assert outcomes(other) == [(2, "new", "")]


@pytest.mark.parametrize(
    "row, outcome, same_as",
    [
        (("Amara", "Okafor", "14/02/1988", "+44 7700 900123"), "here", "AC-00001"),
        (("AMARA", "Okáfor", "14/02/1988", "07700 900123"), "here", "AC-00001"),
        (("Okafor", "Amara", "14/02/1988", ""), "here", "AC-00001"),
        (("Amara", "Okafor", "14/02/1988", "020 7946 0018"), "looks-like", "AC-00001"),
        (("Amara", "Okafor", "15/02/1988", "07700 900123"), "looks-like", "AC-00001"),
        (("Amara", "Eze", "14/02/1988", "07700 900123"), "looks-like", "AC-00001"),
        (("Amara", "Okafor", "15/02/1988", ""), "new", ""),
        (("Amara", "Eze", "14/02/1988", ""), "new", ""),
        (("Ama", "Okafor", "15/02/1988", "07700 900123"), "new", ""),
    ],
)
def test_without_numbers_name_birth_date_and_phone_say_who_is_here(row, outcome, same_as, amara, manager):
    made = checked(csv_file(row, header=WITHOUT_NUMBERS), manager)

    assert outcomes(made) == [(2, outcome, same_as)]


def test_with_a_number_that_is_not_known_a_namesake_is_not_certain(amara, manager):
    assert outcomes(checked(csv_file(AMARA), manager)) == [(2, "looks-like", "AC-00001")]


def test_doubles_within_a_file(manager):
    made = checked(csv_file(AMARA, ("C1", "Amy", "Okafor", "1/1/1980", ""), ("C8", *AMARA[1:])), manager)
    plain = checked(
        csv_file(AMARA[1:], AMARA[1:], (*AMARA[1:4], "020 7946 0018"), header=WITHOUT_NUMBERS), manager, system="B"
    )

    assert outcomes(made) == [(2, "new", ""), (3, "twice", "line 2"), (4, "looks-like", "line 2")]
    assert outcomes(plain) == [(2, "new", ""), (3, "twice", "line 2"), (4, "looks-like", "line 2")]


def test_whoever_looks_like_somebody_is_left_out_unless_chosen(amara, manager):
    left = imported(csv_file(AMARA, JONAS), manager)
    taken = imported(csv_file(AMARA), manager, lookalikes=True)

    assert (left.taken_in, left.left_out["looks-like"], taken.taken_in) == (1, 1, 1)
    assert sorted(str(patient) for patient in Patient.objects.all()) == ["Amara Okafor", "Amara Okafor", "Jonas Weber"]


def test_somebody_registered_since_the_check_is_here_when_it_counts(manager, reception):
    made = checked(csv_file(AMARA[1:], JONAS[1:], header=WITHOUT_NUMBERS), manager)
    make_patient(reception)

    applying.apply_import(patient_import=made, by=manager)

    assert sorted(str(patient) for patient in Patient.objects.all()) == ["Amara Okafor", "Jonas Weber"]


def test_two_imports_of_one_file_side_by_side_take_it_in_once(manager):
    first, second = checked(csv_file(AMARA, JONAS), manager), checked(csv_file(AMARA, JONAS), manager)
    applying.apply_import(patient_import=first, by=manager)

    with pytest.raises(ValidationError) as error:
        applying.apply_import(patient_import=second, by=manager)

    assert error.value.messages == [applying.NOBODY]
    assert Patient.objects.count() == PatientIdentifier.objects.count() == 2


# --- Step by step -----------------------------------------------------------------------------------------------------


def test_a_large_file_is_staged_in_batches_and_any_worker_does_the_next(manager, monkeypatch):
    monkeypatch.setattr(staging, "AT_A_TIME", 2)
    rows = [(f"C{n}", "Same", f"Name{n}", "1/1/1990", "") for n in range(5)]
    made = received(csv_file(*rows), manager)
    staging.describe_file(patient_import=made, encoding="utf-8", delimiter="comma", dates="day-first", by=manager)
    staging.begin_check(
        patient_import=made,
        columns={"identifier": 0, "given_name": 1, "family_name": 2, "date_of_birth": 3},
        by=manager,
    )

    seen = []
    for _ in range(4):
        now = staging.check_more(patient_import=made, by=manager, seconds=0)
        seen.append((now.rows_done, now.in_hundredths, now.status))

    assert seen == [(2, 40, "checking"), (4, 80, "checking"), (5, 100, "checked"), (5, 100, "checked")]
    assert PatientImportRow.objects.count() == 5


def test_a_step_that_somebody_else_did_meanwhile_is_not_done_twice(manager):
    made = received(csv_file(AMARA), manager)
    staging.describe_file(patient_import=made, encoding="utf-8", delimiter="comma", dates="day-first", by=manager)
    made.refresh_from_db()
    stale = staging.begin_check(
        patient_import=made, columns={"given_name": 1, "family_name": 2, "date_of_birth": 3}, by=manager
    )
    finished(stale, manager)

    assert staging._stage(stale, []) is False
    assert PatientImportRow.objects.count() == 1


def test_applied_twice_is_refused(manager):
    made = imported(csv_file(AMARA), manager)

    with pytest.raises(ValidationError) as error:
        applying.apply_import(patient_import=made, by=manager)

    assert error.value.messages == [staging.CHANGED]
    assert Patient.objects.count() == 1


def test_an_import_can_be_thrown_away_and_an_applied_one_keeps_its_counts(manager):
    begun, applied = checked(csv_file(AMARA), manager), imported(csv_file(JONAS, JONAS), manager, system="B")
    for one in (begun, applied):
        staging.throw_away_import(patient_import=one, by=manager)

    assert list(PatientImport.objects.values_list("system", "taken_in")) == [("B", 1)]
    assert not PatientImportRow.objects.exists()
    assert Patient.objects.count() == 1


def test_an_import_that_was_left_lying_for_a_month_goes_with_the_next_one(manager):
    now = dt.datetime(2026, 11, 2, tzinfo=dt.UTC)
    old = received(csv_file(AMARA), manager, now=now - dt.timedelta(days=31))
    young = received(csv_file(AMARA), manager, now=now - dt.timedelta(days=29))

    newest = received(csv_file(AMARA), manager, now=now)

    assert set(PatientImport.objects.values_list("pk", flat=True)) == {young.pk, newest.pk} != {old.pk}


@pytest.mark.parametrize("person", ["reception", "rosa", "superuser"])
def test_who_may_not_import(person, manager, request):
    by, made = request.getfixturevalue(person), checked(csv_file(AMARA), manager)

    for attempt in (
        lambda: received(csv_file(AMARA), by),
        lambda: staging.describe_file(patient_import=made, encoding="utf-8", delimiter="comma", dates="iso", by=by),
        lambda: staging.begin_check(patient_import=made, columns={}, by=by),
        lambda: staging.check_more(patient_import=made, by=by, seconds=1),
        lambda: applying.apply_import(patient_import=made, by=by),
        lambda: staging.throw_away_import(patient_import=made, by=by),
    ):
        with pytest.raises(PermissionDenied):
            attempt()
    assert not Patient.objects.exists()
    assert not PatientImport.objects.visible_to(by).exists()
