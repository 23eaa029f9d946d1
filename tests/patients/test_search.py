import datetime as dt

import pytest

from patients.models import Patient
from tests.factories import make_patient


@pytest.fixture
def people(reception):
    make_patient(reception, "Amara", "Okafor", phone="+44 7700 900123")
    make_patient(reception, "Jürgen", "Müller-Lüdenscheidt", phone="020 7946 0018", date_of_birth=dt.date(1970, 12, 1))
    make_patient(reception, "Zoë", "O'Brien", phone="")


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("amara", ["Amara"]),
        ("okafor amara", ["Amara"]),
        ("OKA", ["Amara"]),
        ("muller", ["Jürgen"]),
        ("Müller", ["Jürgen"]),
        ("zoe o'brien", ["Zoë"]),
        ("AC-00002", ["Jürgen"]),
        ("ac-00001", ["Amara"]),
        ("1970-12-01", ["Jürgen"]),
        ("1.12.1970", ["Jürgen"]),
        ("01/12/1970", ["Jürgen"]),
        ("14/02/1988", ["Amara", "Zoë"]),
        ("+44 7700 900123", ["Amara"]),
        ("07700 900123", ["Amara"]),
        ("7946 0018", ["Jürgen"]),
        ("amara muller", []),
        ("31/02/1988", []),
        ("%", []),
        ("_", []),
        ("\x00", ["Amara", "Jürgen", "Zoë"]),
        ("", ["Amara", "Jürgen", "Zoë"]),
    ],
)
def test_found_by_name_number_birth_date_or_phone(typed, found, people):
    assert sorted(patient.given_name for patient in Patient.objects.matching(typed)) == found


def test_found_under_the_new_name_after_a_correction(people, reception):
    from patients.registration import correct_patient_details

    correct_patient_details(patient=Patient.objects.get(given_name="Amara"), by=reception, family_name="Eze")

    assert [p.given_name for p in Patient.objects.matching("eze")] == ["Amara"]
    assert not Patient.objects.matching("okafor").exists()


def test_who_sees_patients(people, reception, rosa, manager, superuser):
    seen = [Patient.objects.visible_to(staff).count() for staff in (reception, rosa, manager, superuser)]

    assert seen == [3, 3, 3, 0]


@pytest.mark.parametrize("typed", ["14 Feb 1988", "14 february 1988", "okafor 14 Feb 1988"])
def test_a_birth_date_is_found_as_pages_print_it(people, typed):
    assert "Amara" in Patient.objects.matching(typed).values_list("given_name", flat=True)


def test_a_day_that_no_calendar_has_is_nobodys_birth_date(people):
    assert not Patient.objects.matching("31 Feb 1988").exists()
