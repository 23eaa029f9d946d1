"""The list as a file: defused for spreadsheets, and the same again when it is imported."""

import csv
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from clinic.formulas import defused, undefused
from clinic.models import AuditEvent, Export
from patients.models import Patient
from tests.factories import make_patient
from tests.pages.desk import signed_in, statements, words
from tests.patients.files import imported
from treatments.export_asking import ask_for_list

HEADER = ["Record number", "Given name", "Family name", "Date of birth", "Phone", "Email", "Pronouns", "Allergies", "Alerts", "Low pain threshold", "Wants messages"]  # fmt: skip


def export(client, query: str = ""):
    return client.post("/exports/start/patients/", {"format": "csv", "query": query})


def exported(response) -> list[list[str]]:
    """The rows below the lines about the file."""
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    assert [row[0].split(":")[0] for row in rows[:4]] == ["# List", "# Filter", "# Made", "# By"]
    return rows[4:]


@pytest.mark.parametrize(
    "value, safe",
    [
        ("=1+1", "'=1+1"),
        ("+44 7700 900123", "'+44 7700 900123"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1+1", "'  =1+1"),
        ("\t=1", "'\t=1"),
        ("\rx", "'\rx"),
        ("\uff1d1+1", "'\uff1d1+1"),
        ("'=1", "''=1"),
        ("' =1", "'' =1"),
        ("Okafor", "Okafor"),
        ("'t Hooft", "'t Hooft"),
        ("''", "''"),
        ("020 7946 0018", "020 7946 0018"),
        ("O'Brien-Khan", "O'Brien-Khan"),
        ("", ""),
    ],
)
def test_formulas_are_defused_and_come_back_as_they_were(value, safe):
    assert defused(value) == safe
    assert undefused(safe) == value


def test_the_list_as_it_is_searched(amara, jonas, manager):
    client = signed_in(manager)

    assert exported(export(client, "search=oka")) == [
        HEADER, ["AC-00001", "Amara", "Okafor", "1988-02-14", "'+44 7700 900123", "", "", "", "", "no", "no"]
    ]  # fmt: skip
    assert [row[0] for row in exported(export(client))] == ["Record number", "AC-00001", "AC-00002"]
    assert exported(export(client, "search=nobody")) == [HEADER]


def test_the_file_says_what_it_is(amara, manager):
    response = export(signed_in(manager))

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="patients-{timezone.localdate()}.csv"'
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content).startswith("\ufeff".encode())


def test_the_trail_says_who_had_how_many_and_no_name(amara, jonas, manager):
    export(signed_in(manager), "search=oka&page=abc")

    event = AuditEvent.objects.get(kind="list-exported")
    assert (event.actor, event.door) == (manager, "page")
    assert event.details == {"list": "patients", "format": "csv", "filter": {"search": "…"}, "rows": 1}


@pytest.mark.parametrize("person", ["reception", "rosa", "superuser"])
def test_who_may_not_export(person, amara, request):
    by = request.getfixturevalue(person)

    assert export(signed_in(by)).status_code == 403
    with pytest.raises(PermissionDenied):
        ask_for_list(code="patients", format="csv", query="", total=None, by=by)
    assert not AuditEvent.objects.filter(kind="list-exported").exists()
    assert not Export.objects.exists()


def test_only_who_may_is_offered_it(amara, manager, reception):
    offered = [words(signed_in(person).get("/patients/")) for person in (manager, reception)]

    assert ["Save as CSV" in one for one in offered] == [True, False]
    assert ["Import patients" in one for one in offered] == [True, False]


def test_the_export_costs_the_same_for_three_patients_as_for_one(amara, manager):
    client = signed_in(manager)
    with statements() as for_one:
        exported(export(client))
    make_patient_names(manager)

    with statements() as for_three:
        exported(export(client))

    assert len(for_three) == len(for_one)


def make_patient_names(manager) -> None:
    imported(b"Given name,Family name,Date of birth\nTom,Byrne,1/1/1990\nInes,Adler,2/2/1990\n", manager)


def test_what_is_exported_and_imported_elsewhere_is_the_same(reception, manager):
    made = make_patient(
        reception, "=Zoë", "'-van Moon", phone="+44 7700 900999", email="zoe@example.org", pronouns="she/her",
        consents=(), allergies="@lidocaine, latex", alerts='says "no"', low_pain_threshold=True, wants_messages=True,
    )  # fmt: skip
    content = b"".join(export(signed_in(manager)).streaming_content)
    known = {name: getattr(made, name) for name in ("given_name", "family_name", "phone", "email", "allergies", "alerts", "wants_messages", "low_pain_threshold", "pronouns", "date_of_birth", "name_key")}  # fmt: skip
    Patient.history.all().delete()
    made.delete()

    imported(content, manager, dates="iso", system="Ourselves")

    copy = Patient.objects.get()
    assert {name: getattr(copy, name) for name in known} == known
