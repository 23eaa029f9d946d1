"""The import, page by page: what is said at each step, and that a wrong or second click harms nothing."""

import codecs
import csv
import io
import json
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from patients.importing import reading, staging
from patients.models import Patient, PatientImport, PatientImportRow
from tests.pages.desk import signed_in, statements, words
from tests.patients.files import AMARA, HEADER, JONAS, ZOE, checked, csv_file, imported

READING = {"encoding": "utf-8", "delimiter": "comma", "dates": "day-first"}
COLUMNS = {"column_0": "identifier", "column_1": "given_name", "column_2": "family_name", "column_3": "date_of_birth", "column_4": "phone"}  # fmt: skip


def upload(client: Client, content: bytes, name: str = "clients.csv", **more):
    given = {"file": SimpleUploadedFile(name, content), "system": "Cliniko", "once": "abc"} | more
    return client.post("/patients/import/", given)


def begun(client: Client, content: bytes) -> str:
    """The import's address, where the columns have been chosen and the rows checked."""
    address = upload(client, content).url
    client.post(f"{address}reading/", READING)
    client.post(f"{address}columns/", COLUMNS)
    return address


def test_the_whole_way_without_scripts(manager):
    client = signed_in(manager)
    assert "Choose a file" not in words(client.get("/patients/import/"))

    address = upload(client, csv_file(AMARA, JONAS, ZOE)).url
    page = client.get(address)
    assert "How are its characters written?" in words(page)
    assert page.content.decode().count("checked") == 1  # the comma, which is the only one that fits

    assert client.post(f"{address}reading/", READING).url == address
    page = client.get(address)
    assert {name: field.initial for name, field in page.context["form"].fields.items()} == COLUMNS
    assert "Amara · Jonas · Zoë" in words(page).replace(" Jonas", " · Jonas").replace(" Zoë", " · Zoë")

    assert client.post(f"{address}columns/", COLUMNS).url == address
    page = client.get(address)
    assert "3 new 0 cannot be taken in 0 already here" in words(page)
    assert not Patient.objects.exists()

    assert client.post(f"{address}apply/", {"lookalikes": "leave-out"}).url == address
    assert "3 patients were taken in" in words(client.get(address))
    assert "AC-00001 to AC-00003" in words(client.get(address))
    assert not PatientImportRow.objects.exists()


def test_what_a_mark_proves_is_proposed_and_the_date_order_never_is(manager):
    client = signed_in(manager)
    address = upload(client, codecs.BOM_UTF8 + csv_file(AMARA, between=";")).url

    page = client.get(address).content.decode()

    assert 'value="utf-8" checked' in page
    assert 'value="semicolon" checked' in page
    assert page.count("checked") == 2


@pytest.mark.parametrize(
    "left_out, sentence",
    [
        ("encoding", "Choose how its characters are written."),
        ("delimiter", "Choose what stands between two fields."),
        ("dates", "Choose how dates are written."),
    ],
)
def test_nothing_is_read_before_all_three_are_said(left_out, sentence, manager):
    client = signed_in(manager)
    address = upload(client, csv_file(AMARA)).url

    response = client.post(f"{address}reading/", READING | {left_out: ""})

    assert response.status_code == 422
    assert sentence in words(response)
    assert PatientImport.objects.get().encoding == ""


def test_what_was_chosen_stays_when_it_will_not_do(manager):
    client = signed_in(manager)
    address = upload(client, csv_file(ZOE).decode().encode("latin-1")).url

    response = client.post(f"{address}reading/", READING)

    assert response.status_code == 422
    assert "there are bytes that UTF-8 does not know." in words(response)
    assert 'value="day-first" checked' in response.content.decode()


@pytest.mark.parametrize(
    "given, sentence",
    [
        ({"file": ""}, "Choose a file."),
        ({"system": " "}, "Say which system the patients come from."),
        ({"file": SimpleUploadedFile("x.csv", b"")}, "The file is empty."),
        ({"file": SimpleUploadedFile("x.csv", b"PK\x03\x04...")}, "This is a zip archive or an Excel workbook"),
    ],
)
def test_what_is_no_file_to_import_is_said_beside_the_field(given, sentence, manager):
    response = upload(signed_in(manager), csv_file(AMARA), **given)

    assert response.status_code == 422
    assert sentence in words(response)
    assert not PatientImport.objects.exists()


@pytest.mark.parametrize("limit", [10, 100_000])
def test_a_file_that_is_too_large_is_refused_by_what_arrives_or_was_announced(limit, manager, monkeypatch):
    monkeypatch.setattr("patients.views.uploads.AtMost.__init__", _at_most(limit))

    response = upload(signed_in(manager), csv_file(AMARA) + b" " * (limit + 70_000))

    assert response.status_code == 422
    assert reading.TOO_LARGE in words(response)
    assert not PatientImport.objects.exists()


def _at_most(limit: int):
    from django.core.files.uploadhandler import FileUploadHandler

    def init(self, largest: int) -> None:
        FileUploadHandler.__init__(self)
        self.largest, self.refused, self.announced = limit, False, 0

    return init


def test_an_upload_needs_its_forms_token(manager):
    client = Client(enforce_csrf_checks=True)
    client.force_login(manager)

    assert upload(client, csv_file(AMARA)).status_code == 403
    assert not PatientImport.objects.exists()


def test_a_form_sent_twice_makes_one_import(manager):
    client = signed_in(manager)

    assert upload(client, csv_file(AMARA)).url == upload(client, csv_file(AMARA)).url
    assert PatientImport.objects.count() == 1


@pytest.mark.parametrize(
    "changed, sentence",
    [
        ({"column_3": ""}, "Choose the column with the date of birth."),
        ({"column_4": "given_name"}, "Two columns are chosen as given name; choose one."),
    ],
)
def test_columns_that_will_not_do_are_said_and_what_was_chosen_stays(changed, sentence, manager):
    client = signed_in(manager)
    address = upload(client, csv_file(AMARA)).url
    client.post(f"{address}reading/", READING)

    response = client.post(f"{address}columns/", COLUMNS | changed)

    assert response.status_code == 422
    assert sentence in words(response)
    assert response.context["form"]["column_0"].value() == "identifier"


def test_columns_of_one_name_are_pointed_out(manager):
    client = signed_in(manager)
    address = upload(client, csv_file((*AMARA, "020 7946 0018"), header=(*HEADER, "Mobile"))).url
    client.post(f"{address}reading/", READING)

    assert "Several columns are called “Mobile”. Look which one is meant." in words(client.get(address))


def test_bad_rows_stop_everything_until_they_are_left_out_by_choice(manager):
    client = signed_in(manager)
    address = begun(client, csv_file(AMARA, ("C9", "=HYPERLINK(1)", "", "soon", "")))
    assert "Line 3 Date of birth: “soon” is not a date" in words(client.get(address))

    refused = client.post(f"{address}apply/", {"lookalikes": "leave-out"})
    assert refused.status_code == 422
    assert "Some rows cannot be taken in." in words(refused)
    assert not Patient.objects.exists()

    client.post(f"{address}apply/", {"lookalikes": "leave-out", "without_bad": "on"})
    assert Patient.objects.count() == 1
    assert "Cannot be taken in, left out 1" in words(client.get(address))


def test_what_is_left_out_can_be_worked_through_in_a_spreadsheet(amara, manager):
    client = signed_in(manager)
    address = begun(client, csv_file(JONAS, JONAS, AMARA, ("C9", "=HYPERLINK(1)", "", "soon", "")))

    answer = b"".join(client.get(f"{address}left-out/").streaming_content).decode("utf-8-sig")

    assert list(csv.reader(io.StringIO(answer, newline=""))) == [
        ["Line", "Why", *HEADER],
        ["3", "The same as line 2.", "", "Jonas", "Weber", "1979-06-03", "020 7946 0018"],
        ["4", "Looks like AC-00001.", "", "Amara", "Okafor", "1988-02-14", "'+44 7700 900123"],
        ["5", "Date of birth: “soon” is not a date written day first (14/02/1988). The family name is missing.", "C9", "'=HYPERLINK(1)", "", "soon", ""],
    ]  # fmt: skip


def test_whoever_looks_like_somebody_comes_in_only_when_chosen(amara, manager):
    client = signed_in(manager)
    address = begun(client, csv_file(AMARA))
    assert "1 row looks like somebody, but it is not certain" in words(client.get(address))

    client.post(f"{address}apply/", {"lookalikes": "leave-out"})
    assert Patient.objects.count() == 1
    client.post(f"{address}apply/", {"lookalikes": "take-in"})
    assert Patient.objects.count() == 2


def test_a_second_click_on_import_takes_nobody_in_twice(manager):
    client = signed_in(manager)
    address = begun(client, csv_file(AMARA))

    first, second = client.post(f"{address}apply/"), client.post(f"{address}apply/")

    assert (first.url, second.url) == (address, address)
    assert Patient.objects.count() == 1


def test_a_long_check_goes_on_by_a_button(manager, monkeypatch):
    monkeypatch.setattr(staging, "AT_A_TIME", 2)
    monkeypatch.setattr("patients.views.imports.BY_ITSELF", 0)
    monkeypatch.setattr("patients.views.imports.BY_HAND", 0)
    client = signed_in(manager)
    rows = [(f"C{n}", "Same", f"Name{n}", "1/1/1990", "") for n in range(5)]
    address = begun(client, csv_file(*rows))

    seen = []
    for _ in range(2):
        page = client.get(address)
        seen.append("2 of 5 rows checked" in words(page) or "4 of 5 rows checked" in words(page))
        assert "Go on" in words(page)
        client.post(f"{address}check/")

    assert seen == [True, True]
    assert "5 new" in words(client.get(address))


def test_reading_a_page_stages_nothing(manager, monkeypatch):
    client = signed_in(manager)
    address = upload(client, csv_file(AMARA)).url
    client.post(f"{address}reading/", READING)
    made = PatientImport.objects.get()
    staging.begin_check(
        patient_import=made, columns={"given_name": 1, "family_name": 2, "date_of_birth": 3}, by=manager
    )

    assert "0 of 1 rows checked" in words(client.get(address))
    assert not PatientImportRow.objects.exists()


def test_thrown_away(manager):
    client = signed_in(manager)
    address = begun(client, csv_file(AMARA))

    assert client.post(f"{address}throw-away/").url == "/patients/import/"
    assert client.get(address).status_code == 404
    assert not PatientImport.objects.exists()


def test_begun_and_done_imports_are_found_again(manager):
    checked(csv_file(JONAS), manager, system="Zenoti")
    imported(csv_file(AMARA), manager)

    page = words(signed_in(manager).get("/patients/import/"))

    assert "Zenoti: clients.csv Checked" in page
    assert "1 patient" in page


def test_a_bundle(manager):
    client = signed_in(manager)
    patient = {"resourceType": "Patient", "name": [{"given": ["Amara"], "family": "Okafor"}], "birthDate": "1988-02-14"}
    entries = [{"resource": patient}, {"resource": {"resourceType": "Observation"}}]
    address = upload(client, json.dumps({"resourceType": "Bundle", "entry": entries}).encode(), "bundle.json").url
    assert "1 other entry skipped" in words(client.get(address))

    client.post(f"{address}columns/")
    assert "1 new" in words(client.get(address))
    client.post(f"{address}apply/")
    assert str(Patient.objects.get()) == "Amara Okafor"


@pytest.mark.parametrize("step", ["reading/", "columns/", "check/", "apply/"])
def test_a_step_out_of_turn_harms_nothing(step, manager):
    client = signed_in(manager)
    done = begun(client, csv_file(AMARA))
    client.post(f"{done}apply/")
    fresh = upload(client, csv_file(JONAS), once="other").url

    for address in (done, fresh):
        assert client.post(f"{address}{step}", COLUMNS).status_code in (302, 422)
    assert Patient.objects.count() == 1
    assert PatientImport.objects.get(pk=fresh.split("/")[-2]).status == "received"


@pytest.mark.parametrize("person", ["reception", "rosa", "superuser"])
def test_only_a_manager_imports(person, manager, request):
    address = begun(signed_in(manager), csv_file(AMARA))
    client = signed_in(request.getfixturevalue(person))

    assert [client.get(one).status_code for one in ("/patients/import/", address, f"{address}left-out/")] == [403] * 3
    steps = ("reading/", "columns/", "check/", "apply/", "throw-away/")
    assert [client.post(address + one).status_code for one in steps] == [403] * 5
    assert upload(client, csv_file(AMARA)).status_code == 403
    assert not Patient.objects.exists()


def test_an_unknown_import(manager):
    client = signed_in(manager)

    assert client.get(f"/patients/import/{uuid.uuid4()}/").status_code == 404
    assert client.post(f"/patients/import/{uuid.uuid4()}/apply/").status_code == 404


def test_the_preview_costs_the_same_for_three_rows_as_for_one(manager):
    client = signed_in(manager)
    one, three = checked(csv_file(AMARA), manager), checked(csv_file(AMARA, JONAS, ZOE), manager)
    with statements() as for_one:
        client.get(f"/patients/import/{one.pk}/")
    with statements() as for_three:
        client.get(f"/patients/import/{three.pk}/")

    assert len(for_three) == len(for_one)
