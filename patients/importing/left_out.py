"""What an import leaves out, as a list a person can work through in a spreadsheet."""

from collections.abc import Iterator

from patients.models import PatientImport, PatientImportRow

Outcome = PatientImportRow.Outcome


def left_out_rows(patient_import: PatientImport) -> Iterator[list[str]]:
    """A line of names, then each row with its line and the reason; bad ones as they stand in the file. Not defused."""
    yield [patient_import.place_word.capitalize(), "Why", *patient_import.header]
    rows = PatientImportRow.objects.filter(patient_import=patient_import)
    if patient_import.status != PatientImport.Status.APPLIED:
        rows = rows.exclude(outcome=Outcome.NEW)
    for row in rows.order_by("line").iterator(chunk_size=1_000):
        yield [str(row.line), reason(row), *(row.cells or known_cells(row, patient_import))]


def reason(row: PatientImportRow) -> str:
    """A sentence or more."""
    if row.outcome == Outcome.BAD:
        return row.remarks
    if row.outcome == Outcome.HERE:
        return f"Already here as {row.same_as}."
    if row.outcome == Outcome.TWICE:
        return f"The same as {row.same_as}."
    return f"Looks like {row.same_as}."


def known_cells(row: PatientImportRow, patient_import: PatientImport) -> list[str]:
    """What the row's own columns hold, back in the file's order."""
    if patient_import.format == PatientImport.Format.FHIR:
        return [f"{row.given_name} {row.family_name}"]
    cells = [""] * len(patient_import.header)
    for field, place in patient_import.columns.items():
        cells[place] = _written(getattr(row, field, ""))
    return cells


def _written(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
