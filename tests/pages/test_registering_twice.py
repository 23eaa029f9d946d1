import pytest

from clinic.models import Refusal
from patients.models import Patient
from tests.api.calls import API, errors
from tests.factories import make_patient
from tests.pages.desk import buttons, signed_in, words

TWIN = {
    "given_name": "Chidi",
    "family_name": "Okafor",
    "date_of_birth": "1988-02-14",
    "phone": "07700 900123",
    "alerts": "faints easily",
}


@pytest.fixture
def client(reception):
    return signed_in(reception)


def hidden(response) -> list[str]:
    return [str(one.patient.pk) for one in response.context["likely"]]


# --- The page --------------------------------------------------------------------------------------------------------


def test_before_a_likely_duplicate_is_made_the_page_shows_who_is_there(client, amara):
    response = client.post("/patients/new/", TWIN | {"given_name": "Amarah"})

    assert response.status_code == 409
    said = words(response)
    assert "Somebody like them is registered already" in said
    assert "Open Amara Okafor, AC-00001 Same birth date, name nearly the same, same phone. Born 14 Feb 1988" in said
    assert f"/patients/{amara.pk}/" in buttons(response)
    assert "Register anyway: it is another person" in said
    assert response.context["form"]["alerts"].value() == "faints easily"
    assert Patient.objects.get() == amara
    assert not Refusal.objects.exists()


def test_a_twin_is_registered_by_the_second_button(client, amara):
    asked = client.post("/patients/new/", TWIN | {"once": "a"})

    response = client.post("/patients/new/", TWIN | {"once": "a", "confirm_new": "yes", "not_these": hidden(asked)})

    assert response.status_code == 302
    assert sorted(str(one) for one in Patient.objects.all()) == ["Amara Okafor", "Chidi Okafor"]


def test_sent_twice_the_twin_is_registered_once(client, amara):
    typed = TWIN | {"once": "a", "confirm_new": "yes", "not_these": [str(amara.pk)]}

    first, second = (client.post("/patients/new/", typed) for _ in range(2))

    assert (first.url, Patient.objects.count()) == (second.url, 2)


def test_the_first_button_looks_again(client, amara):
    asked = client.post("/patients/new/", TWIN)

    response = client.post("/patients/new/", TWIN | {"not_these": hidden(asked)})

    assert (response.status_code, Patient.objects.count()) == (409, 1)


def test_somebody_else_who_is_like_what_was_changed_meanwhile_is_shown_first(client, amara, reception):
    asked = client.post("/patients/new/", TWIN)
    make_patient(reception, "Chidi", "Okafor", phone="")

    response = client.post("/patients/new/", TWIN | {"confirm_new": "yes", "not_these": hidden(asked)})

    assert response.status_code == 409
    assert [str(one.patient) for one in response.context["likely"]] == ["Chidi Okafor"]


def test_nobody_like_them_is_registered_at_once(client, amara):
    assert client.post("/patients/new/", TWIN | {"phone": "07700 900999"}).status_code == 302


@pytest.mark.parametrize("nonsense", ["x", "", "\x00", "00000000-0000-4000-8000-000000000000"])
def test_nonsense_tells_nobody_apart(nonsense, client, amara):
    response = client.post("/patients/new/", TWIN | {"confirm_new": "yes", "not_these": nonsense})

    assert response.status_code == 409


def test_a_wrong_field_comes_before_the_question(client, amara):
    response = client.post("/patients/new/", TWIN | {"phone": "her mother's"})

    assert response.status_code == 422
    assert "registered already" not in words(response)


# --- The API ---------------------------------------------------------------------------------------------------------


def test_the_api_asks_with_409_and_the_candidates(api, reception, amara):
    response = api(reception).post(f"{API}patients/", TWIN)

    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    problem = response.json()
    assert (problem["code"], problem["title"]) == ("likely-duplicate", "Confirm first")
    assert problem["candidates"] == [
        {"id": str(amara.pk), "number": "AC-00001", "why": "same birth date, same family name, same phone"}
    ]
    assert Patient.objects.count() == 1


def test_the_api_registers_once_it_is_confirmed_under_the_same_key_or_another(api, reception, amara):
    client = api(reception)
    asked = client.post(f"{API}patients/", TWIN, headers={"Idempotency-Key": "k"})

    made = client.post(f"{API}patients/", TWIN | {"confirm_new": True}, headers={"Idempotency-Key": "k"})

    assert (asked.status_code, made.status_code, made.json()["number"]) == (409, 201, "AC-00002")


def test_a_correction_takes_no_confirmation(api, reception, amara):
    response = api(reception).patch(f"{API}patients/{amara.pk}/", {"pronouns": "she/her", "confirm_new": True})

    assert response.status_code == 200
    assert errors(api(reception).post(f"{API}patients/", TWIN | {"confirm_new": "perhaps"})) == {
        "confirm_new": ["Must be a valid boolean."]
    }
