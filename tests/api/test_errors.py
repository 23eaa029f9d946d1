"""Errors are problem+json, whatever went wrong."""

import json

import pytest
from django.conf import settings
from django.db import IntegrityError

from patients.models import Patient
from tests.api.calls import API, NO_ONE, codes, errors
from tests.factories import make_patient
from treatments.api import patients


def _problem(response) -> dict:
    assert response.headers["Content-Type"] == "application/problem+json"
    found = response.json()
    assert found["status"] == response.status_code
    assert {"type", "title", "status", "detail"} <= set(found)
    return found


@pytest.mark.parametrize(
    "body, sentence",
    [
        (b"{", "JSON parse error - Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"\xff", "JSON parse error - 'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (b'{"given_name": NaN}', "JSON parse error - Out of range float values are not JSON compliant: 'NaN'"),
        (b'{"given_name": "\\ud800"}', "This is no JSON that can be read."),
        (b"[" * 200_000, "This is no JSON that can be read."),
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_is_not_valid(api, reception, body, sentence):
    response = api(reception).post(f"{API}patients/", body, content_type="application/json")

    assert errors(response) == {"non_field_errors": [sentence]}
    _problem(response)


@pytest.mark.parametrize("body", ["null", '"words"', "7", "[]", "true", "[[]]"])
def test_a_body_that_is_no_object_is_not_valid(api, reception, body):
    response = api(reception).post(f"{API}patients/", body, content_type="application/json")

    assert list(errors(response)) == ["non_field_errors"] or body == "null"


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", "x" * 300])
def test_a_body_of_another_kind_is_not_taken(api, reception, kind):
    response = api(reception).post(f"{API}patients/", b"--x--", content_type=kind)

    assert response.status_code == 415
    assert _problem(response)["title"] == "Unsupported Media Type"


def test_a_body_that_is_too_large_is_not_taken(api, reception):
    body = json.dumps({"given_name": "x" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE})

    response = api(reception).post(f"{API}patients/", body, content_type="application/json")

    assert response.status_code == 413
    assert _problem(response)["detail"] == "The request is larger than 2 MB."


def test_a_form_with_too_large_a_field_is_not_taken(api, rosa, bruise):
    response = api(rosa).post(
        f"{API}side-effects/{bruise.pk}/photos/", {"taken_at": "x" * 3 * 2**20}, format="multipart"
    )

    assert response.status_code == 413
    _problem(response)


def test_a_form_with_too_many_fields_is_not_valid(api, rosa, bruise):
    response = api(rosa).post(
        f"{API}side-effects/{bruise.pk}/photos/", {f"field{n}": "x" for n in range(1001)}, format="multipart"
    )

    assert errors(response) == {"non_field_errors": ["The request could not be understood."]}


def test_a_form_without_its_boundary_is_not_valid(api, rosa, bruise):
    address = f"{API}side-effects/{bruise.pk}/photos/"

    assert api(rosa).post(address, b"x", content_type="multipart/form-data").status_code == 400


@pytest.mark.parametrize(
    "path", [f"patients/{NO_ONE}/", "patients/amara/", "nowhere/", f"appointments/{NO_ONE}/", f"side-effects/{NO_ONE}/"]
)
def test_what_is_not_there_is_not_found(api, reception, path):
    response = api(reception).get(f"{API}{path}")

    assert response.status_code == 404
    assert _problem(response)["detail"] == "There is nothing here, or not for you."


def test_another_method_is_not_allowed(api, reception, amara):
    response = api(reception).delete(f"{API}patients/{amara.pk}/")

    assert (response.status_code, response.headers["Allow"]) == (405, "GET, PATCH, HEAD, OPTIONS")
    _problem(response)
    assert Patient.objects.exists()


@pytest.mark.parametrize("accepted", ["text/html", "application/problem+json", "image/png", "*/*;q=0", "nonsense"])
def test_an_answer_comes_whatever_is_accepted(api, reception, accepted):
    client = api(reception)

    assert client.get(f"{API}patients/", HTTP_ACCEPT=accepted).headers["Content-Type"] == "application/json"
    _problem(client.get(f"{API}patients/{NO_ONE}/", HTTP_ACCEPT=accepted))
    assert client.get(f"{API}patients/?format=xml").status_code == 200


def test_the_description_answers_problems_as_json_too(api):
    assert _problem(api(None).get(f"{API}schema/"))["status"] == 401
    assert _problem(api(None).get(f"{API}schema/?format=json"))["status"] == 401


def test_a_record_merged_into_another_takes_nothing_new(api, reception, rosa, amara, jonas, booking, mesotherapy):
    Patient.objects.filter(pk=amara.pk).update(merged_into=jonas)
    client, merged = api(rosa), "This record was merged into another. Use the other one."

    assert errors(client.post(f"{API}appointments/", booking)) == {"patient": [merged]}
    body = {"patient": str(amara.pk), "kind": "bruising"}
    assert errors(client.post(f"{API}side-effects/", body)) == {"patient": [merged]}
    assert errors(client.patch(f"{API}patients/{amara.pk}/", {"phone": ""})) == {"non_field_errors": [merged]}
    consents = f"{API}patients/{amara.pk}/consents/"
    assert errors(client.post(consents, {"kind": "photo-care"})) == {"non_field_errors": [merged]}
    assert errors(client.post(consents, {"kind": "treatment"})) == {"patient": [merged]}
    assert client.get(f"{API}patients/{amara.pk}/").json()["merged_into"] == str(jonas.pk)
    assert [row["id"] for row in client.get(f"{API}patients/").json()["results"]] == [str(jonas.pk)]


def test_a_guards_refusal_that_no_operation_foresaw_is_a_refusal(api, reception, amara, monkeypatch):
    def as_if_unforeseen(*, by, **_):
        raise IntegrityError("never-changed")

    monkeypatch.setattr(patients, "register_patient", as_if_unforeseen)
    body = {"given_name": "A", "family_name": "B", "date_of_birth": "1990-01-01"}

    assert codes(api(reception).post(f"{API}patients/", body)) == ["never-changed"]


def test_an_answer_is_private(api, reception):
    make_patient(reception)

    response = api(reception).get(f"{API}patients/")

    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
