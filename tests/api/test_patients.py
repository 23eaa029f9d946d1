import pytest

from clinic.models import AuditEvent
from patients.models import Patient
from tests.api.calls import API, NO_ONE, ahead, errors, ids
from tests.factories import make_gone, make_patient, make_side_effect

KNOWN = {
    "given_name": "Ines",
    "family_name": "Moreau",
    "date_of_birth": "1991-07-30",
    "phone": "+44 7700 900789",
    "email": "ines@example.org",
    "low_pain_threshold": True,
    "allergies": "lidocaine",
}


def test_a_patient_is_registered_with_the_next_number(api, reception):
    response = api(reception).post(f"{API}patients/", KNOWN)

    patient = Patient.objects.get()
    assert response.status_code == 201
    assert response.json() == KNOWN | {
        "id": str(patient.pk),
        "number": "AC-00001",
        "pronouns": "",
        "alerts": "",
        "merged_into": None,
    }
    assert patient.history.get().history_user == reception


def test_the_record_number_is_read_only(api, reception, amara):
    client = api(reception)
    client.post(f"{API}patients/", KNOWN | {"number": "AC-77777"})
    client.patch(f"{API}patients/{amara.pk}/", {"number": "AC-88888"})

    assert sorted(Patient.objects.values_list("number", flat=True)) == ["AC-00001", "AC-00002"]


@pytest.mark.parametrize(
    "field, value, sentence",
    [
        ("given_name", "", "This field may not be blank."),
        ("given_name", None, "This field may not be null."),
        ("given_name", ["Ines"], "Not a valid string."),
        ("given_name", "I\0nes", "Null characters are not allowed."),
        ("family_name", "M" * 101, "Ensure this field has no more than 100 characters."),
        ("date_of_birth", "30.07.1991", "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
        ("date_of_birth", "2999-01-01", "The year must be from 1900 to 2200."),
        ("date_of_birth", "2199-01-01", "The birth date is in the future."),
        ("date_of_birth", 19910730, "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."),
        ("phone", "call me", "Give at least five digits, with spaces and + only, for example +44 7700 900123."),
        ("email", "nobody", "Enter a valid email address."),
        ("low_pain_threshold", "perhaps", "Must be a valid boolean."),
    ],
)
def test_what_is_not_valid_is_said_beside_its_field(api, reception, field, value, sentence):
    response = api(reception).post(f"{API}patients/", KNOWN | {field: value})

    assert errors(response) == {field: [sentence]}
    assert not Patient.objects.exists()


def test_what_is_missing_is_said_beside_its_field(api, reception):
    required = ["This field is required."]

    assert errors(api(reception).post(f"{API}patients/", {})) == {
        "given_name": required,
        "family_name": required,
        "date_of_birth": required,
    }


def test_one_field_is_corrected_and_the_others_stay(api, reception, amara):
    response = api(reception).patch(f"{API}patients/{amara.pk}/", {"phone": "+44 7700 900999", "allergies": None})

    assert response.status_code == 200
    assert response.json()["phone"] == "+44 7700 900999"
    assert (response.json()["given_name"], response.json()["allergies"]) == ("Amara", "")


def test_reading_a_patient_is_in_the_audit_trail(api, manager, amara):
    api(manager).get(f"{API}patients/{amara.pk}/")

    event = AuditEvent.objects.filter(kind="chart-read").get()
    assert (event.actor, event.patient_id, event.door) == (manager, amara.pk, "api")


def test_there_is_nothing_under_an_unknown_id(api, reception, amara):
    assert api(reception).get(f"{API}patients/{NO_ONE}/").status_code == 404
    assert not AuditEvent.objects.filter(kind="chart-read").exists()


@pytest.mark.parametrize("words", ["okafor", "AMARA ok", "AC-00001", "14.02.1988", "1988-02-14", "07700 900123"])
def test_a_patient_is_found_by_name_number_birth_date_and_phone(api, reception, amara, jonas, words):
    assert ids(api(reception).get(f"{API}patients/", {"search": words})) == [str(amara.pk)]


@pytest.mark.parametrize("words", ["smith", "%", "_", "amara smith", "1999-02-14"])
def test_what_fits_nobody_finds_nobody(api, reception, amara, words):
    assert ids(api(reception).get(f"{API}patients/", {"search": words})) == []


@pytest.mark.parametrize(
    "words, sentence",
    [
        ("a " * 400, "Ensure this field has no more than 100 characters."),
        ("ama\0ra", "Null characters are not allowed."),
    ],
)
def test_a_search_is_a_few_words(api, reception, words, sentence):
    assert errors(api(reception).get(f"{API}patients/", {"search": words})) == {"search": [sentence]}


def test_patients_come_by_name_a_page_at_a_time(api, reception):
    for name in ("Ash", "Birch", "Cedar"):
        make_patient(reception, "A", name)
    client = api(reception)

    first = client.get(f"{API}patients/?page_size=2").json()
    second = client.get(first["next"]).json()

    assert [row["family_name"] for row in first["results"]] == ["Ash", "Birch"]
    assert [row["family_name"] for row in second["results"]] == ["Cedar"]
    assert (first["previous"], second["next"]) == (None, None)
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("size", ["0", "101", "-1", "ten", "9" * 500, "²"])
def test_a_page_holds_at_most_a_hundred(api, reception, size):
    response = api(reception).get(f"{API}patients/", {"page_size": size})

    assert errors(response) == {"page_size": ["A whole number from 1 to 100."]}


@pytest.mark.parametrize("cursor", ["x", "n", "nonsense", f"n{NO_ONE}", "n\0"])
def test_a_cursor_that_names_no_row_is_not_valid(api, reception, cursor):
    response = api(reception).get(f"{API}patients/", {"cursor": cursor})

    assert errors(response) == {"cursor": ["This page's mark is not known; start from the first page."]}


def test_a_consent_is_recorded_once(api, reception, amara):
    client, address = api(reception), f"{API}patients/{amara.pk}/consents/"
    agreed_to_treatment = ids(client.get(address))

    first = client.post(address, {"kind": "photo-care", "version": "2026-01"})
    again = client.post(address, {"kind": "photo-care"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert (first.json()["kind"], first.json()["version"]) == ("photo-care", "2026-01")
    assert ids(client.get(address)) == [first.json()["id"], *agreed_to_treatment]


def test_a_consent_is_of_a_known_kind(api, reception, amara):
    response = api(reception).post(f"{API}patients/{amara.pk}/consents/", {"kind": "everything"})

    assert errors(response) == {"kind": ['"everything" is not a valid choice.']}


# --- Eligibility -----------------------------------------------------------------------------------------------------


def _eligibility(client, patient, treatment):
    response = client.get(f"{API}patients/{patient.pk}/eligibility/", {"treatment": str(treatment.pk)})
    assert response.status_code == 200, response.content
    found = response.json()
    return found["allowed"], found["state"], [blocker["code"] for blocker in found["blockers"]]


def test_never_treated_here_is_allowed_and_says_not_checked(api, reception, amara, mesotherapy):
    assert _eligibility(api(reception), amara, mesotherapy) == (True, "not-checked", [])


def test_bruising_that_a_practitioner_has_seen_forbids_mesotherapy(api, reception, amara, mesotherapy, bruise):
    response = api(reception).get(f"{API}patients/{amara.pk}/eligibility/?treatment={mesotherapy.pk}")

    found = response.json()
    since = ahead(-2).date()
    assert found["blockers"] == [
        {
            "code": "bruising-present",
            "message": f"Bruising since {since.day} {since:%b}, practitioner review needed.",
            "since": since.isoformat(),
            "lifts_when": "A practitioner records the bruise as gone, in person or from a new photo.",
            "side_effect": str(bruise.pk),
        }
    ]
    assert (found["allowed"], found["state"]) == (False, "bruised")


def test_a_practitioner_is_told_where_and_a_receptionist_is_not(api, reception, rosa, amara, mesotherapy, bruise):
    address = f"{API}patients/{amara.pk}/eligibility/?treatment={mesotherapy.pk}"

    told = [api(staff).get(address).json()["blockers"][0]["message"] for staff in (reception, rosa)]

    assert ["thigh" in message for message in told] == [False, True]


def test_bruising_reported_forbids_mesotherapy(api, reception, amara, mesotherapy):
    make_side_effect(patient=amara, by=reception)

    assert _eligibility(api(reception), amara, mesotherapy) == (False, "bruised", ["bruising-reported"])


def test_a_suspected_infection_forbids_mesotherapy_and_is_no_bruise(api, reception, amara, mesotherapy, rosa):
    make_side_effect(patient=amara, by=rosa, kind="infection")

    assert _eligibility(api(reception), amara, mesotherapy) == (False, "not-checked", ["infection-suspected"])


def test_bruising_forbids_no_consultation(api, reception, amara, consultation, bruise):
    assert _eligibility(api(reception), amara, consultation) == (True, "bruised", [])


def test_another_patients_bruise_forbids_nothing(api, reception, jonas, mesotherapy, bruise):
    assert _eligibility(api(reception), jonas, mesotherapy) == (True, "not-checked", [])


def test_swelling_forbids_nothing(api, reception, amara, mesotherapy, rosa):
    make_side_effect(patient=amara, by=rosa, kind="swelling")

    assert _eligibility(api(reception), amara, mesotherapy) == (True, "not-checked", [])


def test_a_bruise_that_is_gone_leaves_the_patient_clear(api, reception, amara, mesotherapy, rosa, bruise):
    make_gone(bruise, by=rosa, now=ahead(-1))

    assert _eligibility(api(reception), amara, mesotherapy) == (True, "clear", [])


@pytest.mark.parametrize(
    "asked, sentence",
    [
        ({}, "This field is required."),
        ({"treatment": ""}, "This field is required."),
        ({"treatment": "mesotherapy"}, "Must be a valid UUID."),
        ({"treatment": NO_ONE}, "There is no such treatment."),
    ],
)
def test_eligibility_is_asked_of_a_treatment(api, reception, amara, asked, sentence):
    response = api(reception).get(f"{API}patients/{amara.pk}/eligibility/", asked)

    assert errors(response) == {"treatment": [sentence]}
