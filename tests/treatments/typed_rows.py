"""Rows as somebody at a database shell would type them, for the tests that try to get past the rule."""

from typing import Any

from django.db import connection, models

from clinic.models import Staff
from patients.models import Patient
from tests.factories import NOW, make_appointment, on
from treatments.models import Appointment, Review, SideEffect, Treatment


def book(patient: Patient, treatment: Treatment, practitioner: Staff) -> Appointment:
    """On the 9th at nine, by the operation."""
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=practitioner, by=practitioner, starts_at=on(9)
    )


def a_booking(patient: Patient, treatment: Treatment, practitioner: Staff, **columns: object) -> Appointment:
    given = {"starts_at": on(12), "ends_at": on(12, 10)} | columns
    return Appointment(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner,
        site=practitioner.site,
        created_by=practitioner,
        **given,
    )


def a_bruise(patient: Patient, by: Staff) -> SideEffect:
    return SideEffect(patient=patient, kind="bruising", recorded_at=NOW, recorded_by=by, seen_at=NOW)


def a_look(side_effect: SideEffect, by: Staff, finding: str = "gone", **columns: object) -> Review:
    given = {"seen_at": on(5), "recorded_at": on(5)} | columns
    return Review(
        side_effect=side_effect, mode="in-person", finding=finding, outcome="not-yet-resolved", by=by, **given
    )


def a_patient(by: Staff, **columns: object) -> Patient:
    given = {"given_name": "New", "family_name": "Here", "date_of_birth": "1990-01-01", "number": "AC-99999"} | columns
    return Patient(created_by=by, created_at=NOW, **given)


def insert_of(row: models.Model, spelt: dict[str, object] | None = None) -> tuple[str, list[Any]]:
    """The statement that inserts a row, and its values; `spelt` gives columns in words of its own."""
    fields = [field for field in row._meta.concrete_fields if field.name != "id" or row.pk is not None]
    columns = [field.column for field in fields]
    values = [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
    known = dict(zip(columns, values, strict=True)) | (spelt or {})
    places = ", ".join(["%s"] * len(known))
    return f"INSERT INTO {row._meta.db_table} ({', '.join(known)}) VALUES ({places})", list(known.values())
