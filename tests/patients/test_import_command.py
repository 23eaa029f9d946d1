"""`manage.py import_patients`: says what would happen, does it with --apply, and leaves nothing lying."""

import codecs
import io
import json

import pytest
from django.core.management import CommandError, call_command

from patients.models import Patient, PatientImport, PatientImportRow
from tests.patients.files import AMARA, HEADER, JONAS, ZOE, csv_file

READING = ("--encoding", "utf-8", "--dates", "day-first")


@pytest.fixture
def run(records, tmp_path):
    """run(content, *options) is what the command prints."""

    def call(content: bytes, *options: str, system: str = "Cliniko") -> str:
        path, out = tmp_path / "clients.csv", io.StringIO()
        path.write_bytes(content)
        call_command("import_patients", str(path), "--system", system, *options, stdout=out)
        return out.getvalue()

    return call


def nothing_lies_around() -> bool:
    return not PatientImportRow.objects.exists() and not PatientImport.objects.exclude(status="applied").exists()


def test_without_apply_it_only_says_what_would_happen(run):
    said = run(csv_file(AMARA, JONAS, JONAS), *READING)

    assert said.splitlines() == [
        "Columns: Number in the other system: “Client ID”, Given name: “First name”, Family name: “Surname”, "
        "Date of birth: “DOB”, Phone: “Mobile”.",
        "3 of 3 rows checked",
        "New: 2",
        "Cannot be taken in: 0",
        "Already here: 0",
        "Twice in this file: 1",
        "Looks like somebody: 0",
        "Nothing was imported; --apply does it.",
    ]
    assert not Patient.objects.exists()
    assert not PatientImport.objects.exists()


def test_with_apply_it_does_it_and_again_makes_no_doubles(run):
    said = run(csv_file(AMARA, JONAS), *READING, "--apply")

    assert "2 patients were taken in: AC-00001 to AC-00002." in said
    assert "check_rule: the rule holds, and every guard stands." in said
    assert {entry.history_change_reason for entry in Patient.history.all()} == {"imported from Cliniko"}
    with pytest.raises(CommandError, match="There is nobody to take in. Nothing was imported."):
        run(csv_file(AMARA, JONAS), *READING, "--apply")
    assert Patient.objects.count() == 2
    assert nothing_lies_around()


@pytest.mark.parametrize(
    "content, options, sentence",
    [
        (csv_file(AMARA), (), "The file has no mark that proves its encoding: say --encoding."),
        (codecs.BOM_UTF8 + csv_file(AMARA), (), "Dates are never guessed: say --dates day-first or --dates iso."),
        (csv_file(AMARA, header=(*HEADER, "a;b")), READING, "It is not certain what stands between the fields: say --delimiter."),
        (b"PK\x03\x04", READING, "This is a zip archive or an Excel workbook, not a CSV file."),
        (csv_file(AMARA), (*READING, "--map", "colour=DOB"), "There is no field “colour”"),
        (csv_file(AMARA), (*READING, "--map", "email=Mail"), "No column is called “mail”"),
        (csv_file(AMARA), (*READING, "--map", "date_of_birth="), "Choose the column with the date of birth."),
        (csv_file(AMARA), (*READING, "--by", "nobody@clinic.example"), "Nobody who works here has the address"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_not_guessed(content, options, sentence, run):
    with pytest.raises(CommandError) as error:
        run(content, *options, "--apply")

    assert sentence.casefold() in str(error.value).casefold()
    assert not Patient.objects.exists()
    assert nothing_lies_around()


def test_bad_rows_stop_it_until_they_are_left_out(run, tmp_path):
    content = csv_file(AMARA, ("C9", "", "Nobody", "soon", ""))

    with pytest.raises(CommandError, match="Some rows cannot be taken in."):
        run(content, *READING, "--apply")
    assert not Patient.objects.exists()

    said = run(content, *READING, "--apply", "--leave-out-bad", "--bad-rows", str(tmp_path / "bad.csv"))
    assert "  line 3: Date of birth: “soon” is not a date" in said
    assert Patient.objects.count() == 1
    assert "C9,,Nobody,soon" in (tmp_path / "bad.csv").read_text(encoding="utf-8-sig")


def test_columns_are_mapped_by_hand(run):
    run(csv_file(AMARA, header=("a", "b", "c", "d", "e")), *READING, "--map", "given_name=c", "--map", "family_name=b", "--map", "date_of_birth=d", "--apply")  # fmt: skip

    assert str(Patient.objects.get()) == "Okafor Amara"


def test_whoever_looks_like_somebody_comes_in_only_when_said(run, amara):
    run(csv_file(AMARA, ZOE), *READING, "--apply")
    assert Patient.objects.count() == 2
    run(csv_file(AMARA), *READING, "--apply", "--take-lookalikes")
    assert Patient.objects.count() == 3


def test_a_fhir_file_needs_nothing_said(run):
    patient = {"resourceType": "Patient", "name": [{"given": ["Amara"], "family": "Okafor"}], "birthDate": "1988-02-14"}

    run(json.dumps(patient).encode(), "--apply", system="Hospital")

    assert str(Patient.objects.get()) == "Amara Okafor"


def test_in_whose_name_it_is_done(run, manager, reception):
    run(csv_file(AMARA), *READING, "--apply", "--by", manager.email)
    assert Patient.objects.get().created_by == manager

    with pytest.raises(CommandError, match="Only a manager imports patients."):
        run(csv_file(JONAS), *READING, "--apply", "--by", reception.email)


def test_a_file_that_is_not_there(records):
    with pytest.raises(CommandError, match="The file cannot be read: No such file or directory."):
        call_command("import_patients", "nowhere.csv", "--system", "Cliniko")
