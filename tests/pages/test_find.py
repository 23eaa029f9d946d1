"""The type-ahead's answers, and the way from the list of patients to a booking or a worry."""

import pytest

from tests.factories import make_patient
from tests.pages.desk import signed_in, statements, words


def find(client, text: str) -> dict:
    response = client.get("/patients/find/", {"q": text})
    assert response.status_code == 200
    return response.json()


@pytest.mark.parametrize(
    "text", ["oka", "AMARA okafor", "AC-00001", "14.2.1988", "1988-02-14", "+44 7700 900123", "900123"]
)
def test_a_patient_is_found_by_name_number_birth_date_or_phone(text, amara, jonas, reception):
    if text.startswith("AC-"):
        text = amara.number

    assert [one["number"] for one in find(signed_in(reception), text)["patients"]] == [amara.number]


def test_a_match_says_who_it_is_and_nothing_clinical(amara, rosa, reception):
    amara.allergies = "lidocaine"
    amara.save()

    assert find(signed_in(reception), "okafor") == {
        "patients": [
            {
                "name": "Okafor, Amara",
                "born": "Born 14 Feb 1988",
                "number": amara.number,
                "phone": "+44 7700 900123",
                "chart": f"/patients/{amara.pk}/",
                "book": f"/patients/{amara.pk}/book/",
            }
        ],
        "more": False,
    }


@pytest.mark.parametrize("text", ["", "o", " o ", "\x00\x00\x00"])
def test_less_than_two_letters_ask_the_database_nothing(text, amara, reception):
    client = signed_in(reception)
    find(client, text)

    with statements() as asked:
        assert find(client, text) == {"patients": [], "more": False}

    assert [sql for sql in asked if "patients_patient" in sql] == []


def test_at_most_eight_are_shown_and_that_there_are_more_is_said(reception):
    for number in range(9):
        make_patient(reception, "Ann", f"Number{number}")
    client = signed_in(reception)

    with statements() as asked:
        found = find(client, "ann")

    assert (len(found["patients"]), found["more"]) == (8, True)
    assert len([sql for sql in asked if "patients_patient" in sql]) == 1
    assert find(client, "number3")["more"] is False


def test_a_long_text_is_cut_and_finds_nobody(amara, reception):
    assert find(signed_in(reception), "okafor" * 500)["patients"] == []


def test_a_merged_record_is_not_found(amara, jonas, reception):
    jonas.merged_into = amara
    jonas.save()

    assert find(signed_in(reception), "weber")["patients"] == []


def test_nobody_without_a_role_finds_anybody(amara, superuser, client):
    assert signed_in(superuser).get("/patients/find/?q=okafor").status_code == 403
    assert client.get("/patients/find/?q=okafor").status_code == 302
    assert signed_in(superuser).post("/patients/find/").status_code in (403, 405)


def test_the_answer_is_kept_by_no_cache(amara, reception):
    assert signed_in(reception).get("/patients/find/?q=okafor").headers["Cache-Control"] == "private, no-store"


def test_from_the_list_a_patient_is_booked_or_their_worry_taken_down_in_one_click(amara, reception, manager):
    page = signed_in(reception).get("/patients/?search=okafor").content.decode()

    assert f'href="/patients/{amara.pk}/book/"' in page
    assert f'href="/patients/{amara.pk}/side-effects/new/"' in page
    assert "Report a concern : Amara Okafor" in words(signed_in(reception).get("/patients/?search=okafor"))
    assert "Report a concern" not in words(signed_in(manager).get("/patients/?search=okafor"))
