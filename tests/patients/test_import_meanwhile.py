"""While an import is applied, other desks go on: real connections, and a real second process."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.db import connection, connections, transaction

from patients.importing import applying
from patients.models import Patient
from patients.registration import register_patient
from tests.databases import database_url
from tests.factories import NOW, make_patient, on
from tests.patients.files import checked, csv_file
from treatments.booking import book_appointment
from treatments.models import Appointment
from treatments.rule_check import rule_breaches

pytestmark = pytest.mark.usefixtures("own_database")
ROOT = Path(__file__).parents[2]


def people(count: int) -> list[tuple[str, ...]]:
    return [(f"C{number}", f"Given{number}", f"Family{number}", "14/02/1988", "") for number in range(count)]


class Desk(threading.Thread):
    """Another desk, with a connection of its own: does one thing, and keeps what came of it."""

    def __init__(self, act) -> None:
        super().__init__(daemon=True)
        self.act, self.began, self.result = act, threading.Event(), None

    def run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            self.began.set()
            self.result = self.act()
        except Exception as error:  # noqa: BLE001  (the result is what the test asks about)
            self.result = error
        finally:
            connections.close_all()


def test_another_desk_books_while_the_transaction_stands_open(amara, rosa, consultation, reception, manager):
    made = checked(csv_file(*people(1_200)), manager)
    desk = Desk(
        lambda: book_appointment(
            patient=amara, treatment=consultation, practitioner=rosa, starts_at=on(3), by=reception, now=NOW
        )
    )

    with transaction.atomic():
        applying.apply_import(patient_import=made, by=manager)
        desk.start()
        assert desk.began.wait(30)
        # PostgreSQL: the booking is through before the import is. SQLite has one writer: it waits its turn, for seconds.
        desk.join(30 if connection.vendor == "postgresql" else 0.5)
        assert desk.is_alive() == (connection.vendor == "sqlite")
    desk.join(30)

    assert isinstance(desk.result, Appointment)
    assert Patient.objects.count() == 1_201
    assert rule_breaches() == []


def test_somebody_registered_meanwhile_has_the_number_after_the_imports(amara, reception, manager):
    made = checked(csv_file(*people(300)), manager)
    desk = Desk(lambda: make_patient(reception, "Tom", "Byrne"))

    with transaction.atomic():
        applying.apply_import(patient_import=made, by=manager)
        desk.start()
        assert desk.began.wait(30)
        desk.join(0.5)
    desk.join(30)

    assert desk.result.number == "AC-00302"
    assert Patient.objects.values("number").distinct().count() == 302


def test_two_who_press_import_at_once_take_it_in_once(manager):
    made = checked(csv_file(*people(300)), manager)
    desks = [Desk(lambda: applying.apply_import(patient_import=made, by=manager)) for _ in range(2)]
    for desk in desks:
        desk.start()
    for desk in desks:
        desk.join(60)

    assert sorted(type(desk.result).__name__ for desk in desks) == ["PatientImport", "ValidationError"]
    assert Patient.objects.count() == 300


def test_a_person_in_the_file_and_at_the_desk_at_once_is_one_patient(reception, manager):
    """The desk holds the record number first; the import asks again once it has it."""
    made = checked(b"Given name,Family name,Date of birth\nTom,Byrne,14/02/1988\nInes,Adler,1/1/1990\n", manager)
    desk = Desk(lambda: applying.apply_import(patient_import=made, by=manager))

    with transaction.atomic():
        register_patient(
            by=reception, given_name="Tom", family_name="Byrne", date_of_birth=made.rows.first().date_of_birth
        )
        desk.start()
        assert desk.began.wait(30)
        desk.join(0.5)
    desk.join(60)

    assert desk.result.taken_in == 1
    assert sorted(str(patient) for patient in Patient.objects.all()) == ["Ines Adler", "Tom Byrne"]


def test_a_desk_books_all_along_while_another_process_imports(rosa, consultation, reception, manager, tmp_path):
    file, patients = tmp_path / "people.csv", [make_patient(reception, "Desk", f"Patient{n}") for n in range(60)]
    file.write_bytes(csv_file(*people(3_000)))
    command = [sys.executable, "manage.py", "import_patients", str(file), "--system", "Cliniko"]
    command += ["--encoding", "utf-8", "--dates", "day-first", "--apply"]
    environment = os.environ | {"DATABASE_URL": database_url(), "DJANGO_SETTINGS_MODULE": "clinic.settings"}

    booked = 0
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            # Something is being staged or applied at each of these moments.
            if booked < len(patients):
                book_appointment(
                    patient=patients[booked], treatment=consultation, practitioner=rosa,
                    starts_at=on(3 + booked // 8, 9 + booked % 8), by=reception, now=NOW,
                )  # fmt: skip
                booked += 1
            last = line
    assert process.returncode == 0

    assert last == "check_rule: the rule holds, and every guard stands.\n"
    assert (Patient.objects.count(), Appointment.objects.count()) == (3_060, booked)
    assert booked > 5
