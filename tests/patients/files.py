"""Files of other systems, and how they come in, for the tests of import and export."""

from collections.abc import Iterable

from patients.importing import applying, staging
from patients.importing.columns import proposed
from patients.models import PatientImport

HEADER = ("Client ID", "First name", "Surname", "DOB", "Mobile")
AMARA = ("C1", "Amara", "Okafor", "14/02/1988", "+44 7700 900123")
JONAS = ("C2", "Jonas", "Weber", "03/06/1979", "020 7946 0018")
ZOE = ("C3", "Zoë", "O'Brien", "1.12.1990", "")


def csv_file(*rows: Iterable[str], header: Iterable[str] = HEADER, between: str = ",") -> bytes:
    return "".join(between.join(row) + "\r\n" for row in [header, *rows]).encode()


def received(content: bytes, by, system: str = "Cliniko", **more) -> PatientImport:
    return staging.receive_file(content=content, file_name="clients.csv", system=system, by=by, **more)


def checked(
    content: bytes, by, *, encoding="utf-8", delimiter="comma", dates="day-first", system="Cliniko", columns=None
):
    """A CSV file, brought to where the preview stands."""
    made = received(content, by, system)
    staging.describe_file(patient_import=made, encoding=encoding, delimiter=delimiter, dates=dates, by=by)
    made.refresh_from_db()
    staging.begin_check(patient_import=made, columns=columns or proposed(made.header), by=by)
    return finished(made, by)


def checked_fhir(content: bytes, by, system: str = "Hospital") -> PatientImport:
    made = received(content, by, system)
    staging.begin_check(patient_import=made, columns={}, by=by)
    return finished(made, by)


def finished(made: PatientImport, by) -> PatientImport:
    while made.status != PatientImport.Status.CHECKED:
        made = staging.check_more(patient_import=made, by=by, seconds=60)
    return made


def imported(content: bytes, by, **reading) -> PatientImport:
    choice = {name: reading.pop(name) for name in ("without_bad", "lookalikes") if name in reading}
    return applying.apply_import(patient_import=checked(content, by, **reading), by=by, **choice)


def outcomes(made: PatientImport) -> list[tuple[int, str, str]]:
    return list(made.rows.order_by("line").values_list("line", "outcome", "same_as"))


def remarks(made: PatientImport) -> list[tuple[int, str]]:
    return list(made.rows.filter(outcome="bad").order_by("line").values_list("line", "remarks"))
