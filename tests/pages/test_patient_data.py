"""A patient's own data: the archive, contact data erased from everywhere, and what is past its retention."""

import datetime as dt
import io
import json
import zipfile

import pytest
from django.apps import apps
from django.core.files.storage import storages
from django.db import connection
from django.utils import timezone

from clinic.models import AuditEvent, Export, KeptForm
from patients.importing.staging import receive_file, throw_away_import
from patients.models import Patient
from patients.registration import correct_patient_details
from tests.factories import (
    make_appointment,
    make_consent,
    make_gone,
    make_lot,
    make_patient,
    make_session,
    make_side_effect,
    make_staff,
)
from tests.pages.clinical import picture
from tests.pages.desk import booked, signed_in, statements, today_at, words
from tests.treatments.figured import treat
from treatments.developing import develop_due
from treatments.export_jobs import make_due
from treatments.merging import merge_patients
from treatments.models import Message, Photo, PhotoFile, WaitingListEntry
from treatments.patient_archive import write_archive
from treatments.photo_copies import mark_of
from treatments.photo_files import read_stored
from treatments.photo_mark import with_mark
from treatments.photos import add_photo
from treatments.recalls import end_recall, recall_lot, tell_patient

PHONE, EMAIL = "+44 7700 900999", "amara@only-hers.example"
AGO = timezone.now() - dt.timedelta(days=20)


@pytest.fixture
def amara(reception) -> Patient:
    return make_patient(reception, phone=PHONE, email=EMAIL, wants_messages=True)


def page(patient: Patient, then: str = "") -> str:
    return f"/patients/{patient.pk}/data/{then}"


def everywhere(words_: str) -> list[str]:
    """The tables in which these words stand, in any column."""
    found = []
    for model in apps.get_models():
        table = model._meta.db_table
        columns = [field.column for field in model._meta.concrete_fields]
        text = " || ' ' || ".join(f"COALESCE(CAST(\"{column}\" AS TEXT), '')" for column in columns)
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT COUNT(*) FROM "{table}" WHERE {text} LIKE %s', [f"%{words_}%"])  # noqa: S608
            if cursor.fetchone()[0]:
                found.append(table)
    return found


# --- The archive ------------------------------------------------------------------------------------------------------


@pytest.fixture
def treated(amara, rosa, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=AGO)
    bruise = make_side_effect(patient=amara, by=rosa, now=AGO + dt.timedelta(days=1))
    make_consent(amara, rosa)
    add_photo(side_effect=bruise, image=picture(), by=rosa)
    develop_due(timezone.now() + dt.timedelta(minutes=10))
    return session


def test_it_holds_the_record_as_pdf_and_json_and_the_photos(treated, amara, manager):
    written, told = io.BytesIO(), []
    assert Photo.objects.ready().count() == 1

    count = write_archive(amara, by=manager, file=written, note=told.append, now=timezone.now())

    with zipfile.ZipFile(written) as archive:
        names = archive.namelist()
        assert archive.testzip() is None
        assert json.loads(archive.read("chart.json"))["patient"]["number"] == amara.number
        assert archive.read("chart.pdf").startswith(b"%PDF-")
        photo = next(name for name in names if name.startswith("photos/"))
        marked = archive.read(photo)
        about = archive.read("README.txt").decode()
    assert (count, told) == (4, [1, 2, 3, 4])
    kept = Photo.objects.get()
    display = read_stored(PhotoFile.objects.get(photo=kept, size="display").name)
    assert marked == with_mark(display, mark_of(kept, "care"))
    assert amara.number in about
    assert "1 of them" in about


def test_a_photo_whose_file_is_lost_is_said_and_the_rest_is_there(treated, amara, manager, settings):
    for file in settings.PHOTOS_DIR.rglob("*.jpg"):
        file.unlink()
    written = io.BytesIO()

    write_archive(amara, by=manager, file=written, note=lambda done: None, now=timezone.now())

    with zipfile.ZipFile(written) as archive:
        assert sorted(archive.namelist()) == ["README.txt", "chart.json", "chart.pdf"]
        assert "Missing, because the file is not in the store" in archive.read("README.txt").decode()


def test_a_manager_asks_the_worker_makes_it_and_the_manager_takes_it(treated, amara, manager):
    client = signed_in(manager)
    asked = client.post(page(amara, "archive/"))
    export = Export.objects.get()
    assert asked.url == f"/exports/{export.pk}/"
    # A second click finds the first one's.
    assert client.post(page(amara, "archive/")).url == asked.url

    make_due(timezone.now() + dt.timedelta(minutes=1))
    response = client.get(f"/exports/{export.pk}/file/")

    assert zipfile.ZipFile(io.BytesIO(b"".join(response.streaming_content))).testzip() is None
    assert amara.family_name not in response["Content-Disposition"]
    kinds = AuditEvent.objects.filter(patient_id=amara.pk, kind__startswith="data-").values_list("kind", flat=True)
    assert sorted(kinds) == ["data-downloaded", "data-exported"]
    event = AuditEvent.objects.get(kind="data-exported")
    assert (event.door, event.address, event.request_id) == ("page", "127.0.0.1", asked["X-Request-Id"])


def test_nobody_else_takes_it(treated, amara, manager, rosa):
    signed_in(manager).post(page(amara, "archive/"))
    export = Export.objects.get()
    make_due(timezone.now() + dt.timedelta(minutes=1))

    assert signed_in(make_staff("manager", name="Una")).get(f"/exports/{export.pk}/file/").status_code == 404
    assert signed_in(rosa).get(page(amara)).status_code == 403


# --- Erasing ----------------------------------------------------------------------------------------------------------


def erase(client, patient: Patient, **more):
    return client.post(page(patient, "erase/"), {"reason": "By letter of 3 Nov.", "number": patient.number} | more)


def test_phone_and_address_are_nowhere_afterwards(amara, rosa, consultation, reception, manager):
    correct_patient_details(patient=amara, phone="+44 7700 900998", by=reception)
    correct_patient_details(patient=amara, phone=PHONE, by=reception)
    make_appointment(
        patient=amara,
        practitioner=rosa,
        treatment=consultation,
        by=reception,
        starts_at=AGO,
        now=AGO - dt.timedelta(days=2),
    )
    assert Message.objects.filter(to=EMAIL).exists()
    assert everywhere("7700 900999")
    client = signed_in(manager)
    assert f"The phone number {PHONE}" in words(client.get(page(amara, "erase/")))

    response = erase(client, amara)

    assert response.status_code == 302
    assert (everywhere("7700 90099"), everywhere("770090099"), everywhere("only-hers")) == ([], [], [])
    amara.refresh_from_db()
    assert (amara.contact_erased_by, amara.contact_erased_reason) == (manager, "By letter of 3 Nov.")
    assert (str(amara), amara.phone, amara.wants_messages) == ("Amara Okafor", "", False)
    assert not Message.objects.filter(status="queued").exists()
    assert AuditEvent.objects.get(kind="contact-erased").patient_id == amara.pk


def test_records_merged_into_it_lose_theirs_too(amara, jonas, reception, manager):
    merge_patients(kept=jonas, merged=amara, by=reception)

    assert erase(signed_in(manager), jonas).status_code == 302

    assert (everywhere("900999"), everywhere("900456")) == ([], [])


def test_the_clinical_record_stands_as_it_was(treated, amara, rosa, manager):
    bruise = amara.side_effects.get()
    make_gone(bruise, rosa, now=timezone.now())
    before = (amara.sessions.count(), bruise.reviews.count(), amara.consents.count())

    erase(signed_in(manager), amara)

    assert (amara.sessions.count(), bruise.reviews.count(), amara.consents.count()) == before
    assert "contact data erased" in words(signed_in(rosa).get(f"/patients/{amara.pk}/"))


def test_while_a_side_effect_is_open_the_patient_stays_within_reach(treated, amara, manager):
    response = erase(signed_in(manager), amara)

    assert response.status_code == 409
    assert "A side effect is still open" in words(response)
    assert Patient.objects.get(pk=amara.pk).phone == PHONE


def test_while_something_is_booked_ahead_too(amara, rosa, consultation, reception, manager):
    booked(amara, consultation, rosa, reception, today_at(days=3))

    assert erase(signed_in(manager), amara).status_code == 409


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [({"reason": " "}, "Say why."), ({"number": "AC-99999"}, "This is not the number of this record.")],
)
def test_what_is_wrong_erases_nothing_and_is_said(typed, sentence, amara, manager):
    response = erase(signed_in(manager), amara, **typed)

    assert response.status_code == 422
    assert sentence in words(response)
    assert Patient.objects.get(pk=amara.pk).phone == PHONE


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_only_a_manager_erases(who, request, amara):
    client = signed_in(request.getfixturevalue(who))
    assert client.get(page(amara, "erase/")).status_code == 403
    assert erase(client, amara).status_code == 403


# --- Retention --------------------------------------------------------------------------------------------------------


@pytest.fixture
def years_ago(reception, rosa, consultation):
    """Somebody last seen nine years ago, and somebody seen then and again last year."""
    now = timezone.now()
    then, lately = now - dt.timedelta(days=9 * 366), now - dt.timedelta(days=300)
    found = []
    for name, visits in (("Olga", [then]), ("Nora", [then - dt.timedelta(days=3), lately])):
        patient = make_patient(reception, name, "Past")
        Patient.objects.filter(pk=patient.pk).update(created_at=then - dt.timedelta(days=9))
        for at in visits:
            make_appointment(
                patient=patient, practitioner=rosa, treatment=consultation, by=reception, starts_at=at, now=at
            )
        found.append(patient)
    return found


def test_records_without_an_entry_for_so_long_are_listed_and_left_alone(years_ago, amara, manager):
    response = signed_in(manager).get("/retention/")

    assert [str(one) for one in response.context["page"].rows] == ["Olga Past"]
    assert "Allclear deletes none of them by itself" in words(response)
    assert Patient.objects.count() == 3


def test_the_years_are_the_clinics_own(years_ago, amara, manager, settings):
    settings.RETENTION_YEARS = 10

    assert signed_in(manager).get("/retention/").context["page"].rows == []


def test_archives_made_before_go_with_it(amara, manager):
    client = signed_in(manager)
    client.post(page(amara, "archive/"))
    make_due(timezone.now() + dt.timedelta(minutes=1))
    export = Export.objects.get()
    assert client.get(f"/exports/{export.pk}/file/").status_code == 200

    erase(client, amara)

    export.refresh_from_db()
    assert export.state == Export.State.GONE
    assert client.get(f"/exports/{export.pk}/file/").status_code != 200


def test_so_do_all_lists_that_may_hold_it_whoever_asked(amara, manager, settings):
    settings.EXPORT_AT_ONCE = -1  # not even an empty one
    una = make_staff("manager", name="Una")
    for code in ("patients", "worklists", "people"):
        signed_in(una).post(f"/exports/start/{code}/", {"format": "csv", "query": ""})
    make_due(timezone.now() + dt.timedelta(minutes=1))
    signed_in(una).post("/exports/start/patients/", {"format": "csv", "query": "search=900999"})
    files = dict(Export.objects.filter(state="ready").values_list("list_code", "file"))
    assert PHONE in storages["files"].open(files["patients"]).read().decode()

    erase(signed_in(manager), amara)

    assert sorted(Export.objects.values_list("list_code", "state")) == [
        ("patients", "gone"),
        ("patients", "gone"),
        ("people", "ready"),
        ("worklists", "gone"),
    ]
    assert {code for code, file in files.items() if storages["files"].exists(file)} == {"people"}
    assert not Export.objects.filter(query__contains="900999").exists()


@pytest.mark.parametrize("how", [None, "not-reached"])
def test_while_a_recall_is_untold_the_patient_stays_within_reach(how, amara, rosa, mesotherapy, reception, manager):
    lot = make_lot(rosa, now=AGO)
    treat(amara, rosa, mesotherapy, AGO, lots=[lot])
    recall = recall_lot(lot=lot, reason="The maker took it back.", by=manager)
    if how:
        tell_patient(patient=amara, how=how, by=reception)

    answer = erase(signed_in(manager), amara)

    assert answer.status_code == 409
    assert "has not been told yet of a product that was recalled" in words(answer)
    amara.refresh_from_db()
    assert amara.phone == PHONE
    end_recall(recall=recall, outcome="Over.", untold_because="Not found.", by=manager)
    assert erase(signed_in(manager), amara).status_code == 302


def test_while_they_wait_for_a_call_too(amara, mesotherapy, reception, manager):
    WaitingListEntry.objects.create(patient=amara, treatment=mesotherapy, by=reception, joined_at=AGO)

    answer = erase(signed_in(manager), amara)

    assert answer.status_code == 409
    assert "The patient is on the waiting list, and is to be called." in words(answer)


def test_while_an_import_is_open_it_waits_for_that(amara, manager):
    file = f"given,family,born,phone,email\nAmara,Okafor,1988-02-14,{PHONE},{EMAIL}\n".encode()
    lying = receive_file(content=file, file_name="old.csv", system="Old", by=manager)

    answer = erase(signed_in(manager), amara)

    assert answer.status_code == 409
    assert "An import is open" in words(answer)
    throw_away_import(patient_import=lying, by=manager)
    assert erase(signed_in(manager), amara).status_code == 302


def test_a_kept_form_that_registers_somebody_goes_and_another_stays(amara, reception, manager):
    for path in ("/patients/new/", "/patients/new/?from=call", "/lots/new/"):
        KeptForm.objects.create(staff=reception, path=path, fields=[["phone", [PHONE]]], kept_at=timezone.now())

    erase(signed_in(manager), amara)

    assert [kept.path for kept in KeptForm.objects.all()] == ["/lots/new/"]


# --- Statements -------------------------------------------------------------------------------------------------------


def test_the_pages_ask_the_same_for_three_as_for_one(amara, reception, manager):
    client, long_ago = signed_in(manager), timezone.now() - dt.timedelta(days=9 * 366)
    counts = []
    for number in range(3):
        past = make_patient(reception, f"Given{number}", "Past")
        Patient.objects.filter(pk=past.pk).update(created_at=long_ago)
        Export.objects.create(kind="patient", format="zip", patient_id=amara.pk, asked_by=manager, state="failed")
        with statements() as listing:
            assert len(client.get("/retention/").context["page"].rows) == number + 1
        with statements() as of_one:
            assert len(client.get(page(amara)).context["exports"]) == number + 1
        counts.append((len(listing), len(of_one)))
    assert counts[0] == counts[2]
