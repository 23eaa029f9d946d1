"""FHIR R4 Patients and Bundles: read or refused in a sentence; the official examples among them."""

import json
import shutil
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from patients import fhir
from patients.importing import applying, staging
from patients.models import Patient, PatientIdentifier
from scripts.fhir_examples import fetched_into
from tests.patients.files import checked_fhir, outcomes, remarks

AMARA = {
    "resourceType": "Patient",
    "id": "amara",
    "name": [{"use": "usual", "given": ["Amy"], "family": "O."}, {"use": "official", "given": ["Amara", "Ngozi"], "family": "Okafor"}],
    "birthDate": "1988-02-14",
    "telecom": [
        {"system": "phone", "use": "work", "value": "020 7946 0018"},
        {"system": "phone", "use": "mobile", "value": "+44 7700 900123"},
        {"system": "phone", "use": "old", "value": "00000"},
        {"system": "email", "value": "amara@example.org"},
    ],
    "identifier": [{"system": "urn:mrn", "value": "1"}, {"value": "22"}, {"system": "urn:empty"}],
}  # fmt: skip


def one(**changed) -> bytes:
    return json.dumps(AMARA | changed).encode()


def bundle(*entries: dict) -> bytes:
    return json.dumps(
        {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": e} for e in entries]}
    ).encode()


def test_a_patient_resource_comes_in(manager):
    applying.apply_import(patient_import=checked_fhir(one(), manager), by=manager)

    amara = Patient.objects.get()
    assert (str(amara), amara.date_of_birth.isoformat(), amara.phone, amara.email) == (
        "Amara Ngozi Okafor", "1988-02-14", "+44 7700 900123", "amara@example.org",
    )  # fmt: skip
    assert set(PatientIdentifier.objects.values_list("system", "value")) == {("urn:mrn", "1"), ("Hospital", "22")}


def test_a_bundle_comes_in_without_its_other_entries(manager):
    made = checked_fhir(
        bundle({"resourceType": "Observation"}, AMARA, AMARA | {"identifier": [], "birthDate": "1990-01-01"}), manager
    )

    assert (made.rows_total, made.other_entries) == (2, 1)
    assert outcomes(made) == [(2, "new", ""), (3, "new", "")]


def test_any_of_several_identifiers_finds_the_same_patient_again(manager):
    applying.apply_import(patient_import=checked_fhir(one(), manager), by=manager)

    again = checked_fhir(
        bundle(AMARA | {"identifier": [{"system": "urn:new", "value": "9"}, {"system": "urn:mrn", "value": "1"}]}),
        manager,
    )

    assert outcomes(again) == [(1, "here", "AC-00001")]


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"birthDate": "1974-12"}, "Date of birth: “1974-12” is not a whole date; day, month and year are needed."),
        ({"birthDate": "1974"}, "Date of birth: “1974” is not a whole date; day, month and year are needed."),
        ({"birthDate": None}, "The date of birth is missing."),
        ({"birthDate": "soon"}, "This is not a valid FHIR Patient: “birthDate” cannot be read."),
        ({"active": False}, "The record is marked as not active there."),
        ({"deceasedBoolean": True}, "The patient is recorded as deceased there."),
        ({"deceasedDateTime": "2015-02-14"}, "The patient is recorded as deceased there."),
        ({"link": [{"type": "replaced-by", "other": {"reference": "Patient/b"}}]}, "The record was replaced by Patient/b there."),
        ({"name": [{"text": "Amara Okafor"}]}, "The name “Amara Okafor” is given as one text; given name and family name are needed apart. The given name is missing. The family name is missing."),
        ({"name": [{"use": "old", "given": ["Amara"], "family": "O"}]}, "The given name is missing. The family name is missing."),
        ({"name": "Amara"}, "This is not a valid FHIR Patient: “name” cannot be read."),
        ({"telecom": [{"system": "phone", "value": "(+1) 734-677-7777"}]}, "Phone: Give at least five digits, with spaces and + only, for example +44 7700 900123."),
        ({"name": [{"given": ["A\x00"], "family": "\ud800"}]}, None),
    ],
)  # fmt: skip
def test_what_is_left_out_is_said(changed, sentence, manager):
    made = checked_fhir(one(**changed), manager)

    [(place, said)] = remarks(made)
    assert place == 1
    assert sentence is None or said == sentence


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        ("Observation", "This is neither a FHIR Patient nor a Bundle, but Observation."),
        ("\ud800Obs", "This is neither a FHIR Patient nor a Bundle, but \ufffdObs."),
        ("x" * 500, f"This is neither a FHIR Patient nor a Bundle, but {'x' * 40}."),
        (["\ud800"], "This is neither a FHIR Patient nor a Bundle."),
    ],
)
def test_what_is_quoted_from_the_file_can_be_shown(kind, sentence, manager):
    with pytest.raises(ValidationError) as error:
        checked_fhir(json.dumps({"resourceType": kind}).encode(), manager)

    assert error.value.messages == [sentence]


@pytest.mark.parametrize(
    "changed",
    [
        {"name": [{"text": "\ud800"}]},
        {"id": "\ud800", "birthDate": None},
        {"link": [{"type": "replaced-by", "other": {"reference": "Patient/\ud800"}}]},
        {"link": [{"type": "refer", "other": {"reference": "Patient/\ud800"}}]},
        {"\ud800": 1},
    ],
)
def test_no_sentence_about_a_patient_holds_half_a_character(changed):
    read = fhir.read_patient(1, AMARA | changed, system="H")

    said = " ".join([read.label, *read.problems, *read.remarks])
    assert said.encode().decode() == said


@pytest.mark.parametrize("changed", [{"active": True}, {"deceasedBoolean": False}])
def test_what_is_no_reason_to_leave_anybody_out(changed, manager):
    assert outcomes(checked_fhir(one(**changed), manager)) == [(1, "new", "")]


def test_other_links_are_mentioned(manager):
    made = checked_fhir(one(link=[{"type": "replaces", "other": {"reference": "Patient/a"}}]), manager)

    assert made.rows.get().remarks == "There it replaces Patient/a."


def test_too_large_for_json(manager):
    with pytest.raises(ValidationError) as error:
        staging.receive_file(content=b"{" + b" " * fhir.LARGEST, file_name="x.json", system="H", by=manager)

    assert error.value.message_dict == {"file": ["A FHIR file may have 10 MB at most. Split the Bundle into several."]}


# --- HL7's own examples -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def official() -> Path:
    if shutil.which("npm") is None:
        pytest.skip("npm is not here to fetch HL7's examples with")
    return fetched_into(Path(__file__).parents[2] / "var" / "fhir-examples")


def test_every_official_example_is_read_or_refused_in_a_sentence(official, manager):
    read, refused, no_patient, too_large = 0, 0, 0, 0
    for path in sorted([*official.glob("Patient-*.json"), *official.glob("Bundle-*.json")]):
        try:
            made = checked_fhir(path.read_bytes(), manager, system=path.stem[:60])
        except ValidationError as error:
            [sentence] = error.messages
            no_patient += sentence == "There is no Patient in this Bundle."
            too_large += sentence.startswith("A FHIR file may have")
            continue
        rows = list(made.rows.values_list("outcome", "remarks"))
        assert len(rows) == made.rows_total
        assert all(said.endswith(".") for outcome, said in rows if outcome == "bad")
        read += sum(outcome != "bad" for outcome, _ in rows)
        refused += sum(outcome == "bad" for outcome, _ in rows)

    assert (read, refused, no_patient, too_large) == (22, 30, 31, 2)


def test_the_official_examples_come_in_once_and_once_only(official, manager):
    names = (
        "Patient-example",
        "Patient-f001",
        "Patient-glossy",
        "Bundle-father",
        "Bundle-bundle-response-medsallergies",
    )
    for _ in range(2):
        for name in names:
            made = checked_fhir((official / f"{name}.json").read_bytes(), manager)
            if made.rows.filter(outcome="new").exists():
                applying.apply_import(patient_import=made, by=manager, without_bad=True)

    assert sorted(str(patient) for patient in Patient.objects.all()) == [
        "Eve Everywoman1", "Henry Levin", "Peter James Chalmers", "Pieter van de Heuvel",
    ]  # fmt: skip
