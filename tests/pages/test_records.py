import datetime as dt

import pytest

from patients.models import Patient
from tests.factories import make_patient, make_staff
from tests.pages.desk import buttons, signed_in, statements, words

NEW = {
    "given_name": "Zara",
    "family_name": "Moon",
    "date_of_birth": "1990-02-03",
    "phone": "+44 7700 900999",
    "email": "zara@example.org",
    "pronouns": "she/her",
    "allergies": "lidocaine",
    "alerts": "faints easily",
    "low_pain_threshold": "on",
}


def found(response) -> list[str]:
    return [str(patient) for patient in response.context["page"].rows]


# --- Finding ----------------------------------------------------------------------------------------------------------


def test_without_a_search_the_list_is_alphabetical_by_family_name(amara, jonas, reception):
    make_patient(reception, "Ines", "Adler")

    response = signed_in(reception).get("/patients/")

    assert response.status_code == 200
    assert found(response) == ["Ines Adler", "Amara Okafor", "Jonas Weber"]


@pytest.mark.parametrize("search", ["okaf", "AMARA okafor", "14.02.1988", "1988-02-14", "7700 900123", "AC-00001"])
def test_a_patient_is_found_by_name_number_birth_date_or_phone(search, amara, jonas, reception):
    response = signed_in(reception).get("/patients/", {"search": search})

    assert found(response) == ["Amara Okafor"]
    assert "AC-00001" in words(response)
    assert "Born 14 Feb 1988" in words(response)
    assert 'href="tel:+447700900123"' in response.content.decode()
    assert f"/patients/{amara.pk}/" in buttons(response)


def test_nobody_found_offers_to_register_with_what_was_searched_for(amara, reception):
    client = signed_in(reception)

    response = client.get("/patients/", {"search": "Zara van Moon"})
    form = client.get("/patients/new/", {"search": "Zara van Moon"}).context["form"]

    assert found(response) == []
    assert "Nobody is found for “Zara van Moon”." in words(response)
    assert "/patients/new/?search=Zara%20van%20Moon" in buttons(response)
    assert (form["given_name"].value(), form["family_name"].value()) == ("Zara", "van Moon")


@pytest.mark.parametrize(
    "search, field, value",
    [
        ("3.2.1990", "date_of_birth", "1990-02-03"),
        ("1990-02-03", "date_of_birth", "1990-02-03"),
        ("+44 7700 900999", "phone", "+44 7700 900999"),
    ],
)
def test_a_birth_date_or_phone_that_was_searched_for_is_filled_in_too(search, field, value, reception):
    form = signed_in(reception).get("/patients/new/", {"search": search}).context["form"]

    assert form.initial == {field: value}


@pytest.mark.parametrize("search", ["31.2.1990", "AC-00417", "\x00", "7", "1990-13-40"])
def test_a_search_that_says_nothing_of_a_person_fills_in_nothing(search, reception):
    response = signed_in(reception).get("/patients/new/", {"search": search})

    assert response.status_code == 200
    assert response.context["form"].initial == {}


def test_an_empty_clinic_says_so(reception):
    assert "No patients are registered yet." in words(signed_in(reception).get("/patients/"))


def test_the_list_goes_on_page_by_page_and_back_without_losing_anybody(reception):
    for number in range(60):
        make_patient(reception, "Same", f"Name{number:02}")
    client = signed_in(reception)

    pages, cursor = [], ""
    while cursor or not pages:
        response = client.get("/patients/", {"page": cursor, "search": "name"})
        pages.append(found(response))
        cursor = response.context["page"].next
    back = client.get("/patients/", {"page": response.context["page"].previous, "search": "name"})

    assert [len(page) for page in pages] == [25, 25, 10]
    assert sum(pages, []) == [f"Same Name{number:02}" for number in range(60)]
    assert found(back) == pages[1]


@pytest.mark.parametrize("mark", ["n", "x", "nonsense", "p00000000-0000-4000-8000-000000000000"])
def test_an_unknown_page_mark_shows_the_first_page_and_says_so(mark, amara, reception):
    response = signed_in(reception).get("/patients/", {"page": mark})

    assert found(response) == ["Amara Okafor"]
    assert "This page's mark is not known; start from the first page." in words(response)


def test_the_list_costs_the_same_for_three_patients_as_for_one(amara, reception):
    client = signed_in(reception)
    with statements() as for_one:
        client.get("/patients/")
    make_patient(reception, "Ines", "Adler")
    make_patient(reception, "Tom", "Byrne")

    with statements() as for_three:
        client.get("/patients/")

    assert len(for_three) == len(for_one) == 2  # the reader's site, and the patients


def test_a_managers_list_offers_no_registering(amara, manager):
    response = signed_in(manager).get("/patients/", {"search": "nobody at all"})

    assert response.status_code == 200
    assert "Register" not in words(response)


def test_without_a_role_there_is_no_list(amara, superuser):
    assert signed_in(superuser).get("/patients/").status_code == 403


# --- Registering ------------------------------------------------------------------------------------------------------


def test_a_registered_patient_has_the_next_number_and_the_chart_says_it(reception):
    response = signed_in(reception).post("/patients/new/", NEW)

    patient = Patient.objects.get()
    assert (response.status_code, response.url) == (302, f"/patients/{patient.pk}/")
    assert patient.number == "AC-00001"
    assert [str(m) for m in list(response.wsgi_request._messages)] == ["Registered as AC-00001."]
    kept = {name: getattr(patient, name) for name in NEW}
    assert kept == NEW | {"date_of_birth": dt.date(1990, 2, 3), "low_pain_threshold": True}
    assert patient.created_by == reception
    assert patient.history.get().history_user == reception


def test_a_form_sent_twice_registers_one_patient(reception):
    client = signed_in(reception)

    first = client.post("/patients/new/", NEW | {"once": "abc"})
    second = client.post("/patients/new/", NEW | {"once": "abc"})

    assert Patient.objects.count() == 1
    assert first.url == second.url


def test_a_form_gone_back_to_and_changed_registers_the_other_patient(reception):
    client = signed_in(reception)

    client.post("/patients/new/", NEW | {"once": "abc"})
    client.post("/patients/new/", NEW | {"once": "abc", "given_name": "Tom", "phone": "+44 7700 900111"})

    assert sorted(str(patient) for patient in Patient.objects.all()) == ["Tom Moon", "Zara Moon"]


@pytest.mark.parametrize(
    "field, typed, sentence",
    [
        ("given_name", "", "The given name is missing."),
        ("family_name", "   ", "The family name is missing."),
        ("date_of_birth", "", "The date of birth is missing."),
        ("date_of_birth", "2090-02-03", "The birth date is in the future."),
        ("date_of_birth", "1899-12-31", "The birth date is before 1900."),
        ("date_of_birth", "31.31.1990", "That is not a day of the calendar."),
        ("phone", "ask her mother", "Give at least five digits, with spaces and + only, for example +44 7700 900123."),
        ("email", "zara@", "That is not a whole email address."),
    ],
)
def test_a_wrong_field_has_a_sentence_beside_it_and_what_was_typed_stays(field, typed, sentence, reception):
    response = signed_in(reception).post("/patients/new/", NEW | {field: typed})

    assert response.status_code == 422
    assert response.context["form"].errors == {field: [sentence]}
    assert sentence in words(response)
    assert response.context["form"]["alerts"].value() == "faints easily"
    assert response.context["form"][field].value() == typed
    assert not Patient.objects.exists()


def test_a_practitioner_registers_too(rosa):
    assert signed_in(rosa).post("/patients/new/", NEW).status_code == 302


def test_a_manager_registers_and_edits_nobody(amara, manager):
    client = signed_in(manager)

    assert client.get("/patients/new/").status_code == 403
    assert client.post("/patients/new/", NEW).status_code == 403
    assert client.get(f"/patients/{amara.pk}/edit/").status_code == 403
    assert client.post(f"/patients/{amara.pk}/edit/", NEW).status_code == 403
    assert Patient.objects.get() == amara


# --- Editing ----------------------------------------------------------------------------------------------------------


def test_the_edit_form_shows_what_stands(amara, reception):
    form = signed_in(reception).get(f"/patients/{amara.pk}/edit/").context["form"]

    assert form["given_name"].value() == "Amara"
    assert str(form["date_of_birth"]).count('value="1988-02-14"') == 1


def test_a_correction_is_saved_with_who_made_it_and_found_by_the_new_name(amara, reception):
    client = signed_in(reception)

    response = client.post(f"/patients/{amara.pk}/edit/", NEW | {"family_name": "Müller"})

    amara.refresh_from_db()
    assert (response.status_code, response.url) == (302, f"/patients/{amara.pk}/")
    assert (str(amara), amara.number) == ("Zara Müller", "AC-00001")
    assert amara.history.first().history_user == reception
    assert found(client.get("/patients/", {"search": "muller"})) == ["Zara Müller"]


def test_a_wrong_correction_changes_nothing_and_keeps_what_was_typed(amara, reception):
    response = signed_in(reception).post(f"/patients/{amara.pk}/edit/", NEW | {"phone": "none"})

    amara.refresh_from_db()
    assert response.status_code == 422
    assert response.context["form"]["given_name"].value() == "Zara"
    assert str(amara) == "Amara Okafor"


def test_an_unknown_patient_is_not_found(reception):
    assert signed_in(reception).get("/patients/00000000-0000-4000-8000-000000000000/edit/").status_code == 404


def test_the_pages_title_names_the_patient_and_nothing_more(reception):
    patient = make_patient(reception, alerts="bleeds easily")

    response = signed_in(reception).get(f"/patients/{patient.pk}/edit/")

    assert "<title>Edit Amara Okafor · Allclear</title>" in response.content.decode()


def test_a_receptionist_who_was_deactivated_finds_nobody(amara):
    gone = make_staff("receptionist", name="Gone", is_active=True)
    client = signed_in(gone)
    gone.is_active = False
    gone.save()

    response = client.get("/patients/")

    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/patients/")
