"""A file's way to being checked: received, described, then staged row by row in short transactions.

Nothing here touches a patient. Each step stands for itself and leaves the import where the next one finds it, so any
worker may do it, two at once do it once, and an interrupted one is simply done again.
"""

import datetime as dt
import itertools
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.utils import timezone

from clinic.models import Staff
from clinic.roles import require
from patients import fhir
from patients.importing import columns as columns_of
from patients.importing import reading
from patients.importing.checking import Checked, check
from patients.importing.doubles import mark_doubles
from patients.importing.reading import NO_TEXT, Unreadable
from patients.models import PatientImport, PatientImportIdentifier, PatientImportRow
from patients.models.patient_import import SHARED

Status, Format, Outcome = PatientImport.Status, PatientImport.Format, PatientImportRow.Outcome

# Rows in one transaction: short enough that nobody waits for it, long enough to be quick.
AT_A_TIME = 1_000
LONGEST_SHOWN = 200
ABANDONED_AFTER = dt.timedelta(days=30)
CHANGED = "This import has gone on meanwhile. Look at where it stands now."


def may_import(by: Staff | None) -> None:
    """Nobody is signed in at the command line. Raises PermissionDenied."""
    if by is not None:
        require(by, "import-patients")


@transaction.atomic
def receive_file(
    *, content: bytes, file_name: str, system: str, by: Staff | None, now: dt.datetime | None = None
) -> PatientImport:
    """Keep a file to be imported. What was left lying for a month goes. Raises ValidationError by field."""
    may_import(by)
    now = now or timezone.now()
    system = " ".join(system.split())
    if not system or NO_TEXT.search(system):
        raise ValidationError({"system": "Say which system the patients come from."})
    if len(system) > 60:
        raise ValidationError({"system": "Sixty characters at most, please."})
    try:
        reading.refuse_what_is_no_text(content)
        made = PatientImport(
            format=reading.format_of(content), system=system, content=content, created_by=by, created_at=now
        )
        if made.format == Format.FHIR:
            _describe_fhir(made, content)
    except (Unreadable, fhir.NotFhir) as error:
        raise ValidationError({"file": str(error)}) from error
    made.file_name = NO_TEXT.sub("", file_name)[-200:]
    for old in PatientImport.objects.filter(created_at__lt=now - ABANDONED_AFTER).exclude(status=Status.APPLIED):
        throw_away_import(patient_import=old, by=by)
    made.save(force_insert=True)
    return made


def describe_file(
    *, patient_import: PatientImport, encoding: str, delimiter: str, dates: str, by: Staff | None
) -> PatientImport:
    """Say how a CSV file is to be read; the whole of it is read once. Raises ValidationError by field."""
    may_import(by)
    content = _content(patient_import)
    try:
        reading.refuse_against_its_mark(content, encoding)
        names = reading.header(content, encoding, delimiter)
        total = sum(1 for _ in reading.rows(content, encoding, delimiter)) - 1
    except Unreadable as error:
        raise ValidationError({"encoding": str(error)}) from error
    if len(names) < 2:
        raise ValidationError(
            {"delimiter": f"Read so, there is one column only: “{names[0][:60] if names else ''}”. Choose another."}
        )
    if not total:
        raise ValidationError({"encoding": "Below the names of the columns there is no row."})
    with transaction.atomic():
        patient_import = _locked(patient_import, Status.RECEIVED)
        patient_import.encoding, patient_import.delimiter, patient_import.dates = encoding, delimiter, dates
        patient_import.header, patient_import.rows_total, patient_import.columns = names, total, {}
        described = {"encoding", "delimiter", "dates", "header", "rows_total", "columns"}
        said = {"encoding", "delimiter", "dates"}
        patient_import.clean_fields(exclude={one.name for one in PatientImport._meta.fields} - said)
        patient_import.save(update_fields=described)
    return patient_import


@transaction.atomic
def begin_check(*, patient_import: PatientImport, columns: Mapping[str, int], by: Staff | None) -> PatientImport:
    """The columns are chosen; from here on rows are staged. FHIR has none to choose. Raises ValidationError."""
    may_import(by)
    patient_import = _locked(patient_import, Status.RECEIVED)
    if patient_import.format == Format.CSV:
        if not patient_import.encoding:
            raise ValidationError("First say how the file is to be read.")
        wrong = columns_of.faults(dict(columns), len(patient_import.header))
        if wrong:
            raise ValidationError(wrong)
        patient_import.columns = dict(columns)
    patient_import.status = Status.CHECKING
    patient_import.save(update_fields=["columns", "status"])
    return patient_import


def check_more(*, patient_import: PatientImport, by: Staff | None, seconds: float) -> PatientImport:
    """Stage more rows for about so many seconds, at least one batch; the last one makes the import `checked`."""
    may_import(by)
    ends = time.monotonic() + seconds
    patient_import = PatientImport.objects.defer("content").get(pk=patient_import.pk)
    if patient_import.status != Status.CHECKING:
        return patient_import
    found = _checked_rows(patient_import, after=patient_import.rows_done)
    while patient_import.status == Status.CHECKING:
        batch = list(itertools.islice(found, AT_A_TIME))
        if not _stage(patient_import, batch) or time.monotonic() > ends:
            break
    return patient_import


def throw_away_import(*, patient_import: PatientImport, by: Staff | None) -> None:
    """Nothing of it stays, unless it was applied: then only what was left out goes, and its counts stay."""
    may_import(by)
    with transaction.atomic():
        standing = PatientImport.objects.select_for_update().defer("content").filter(pk=patient_import.pk).first()
        if standing is None:
            return
        clear_rows(standing, *Outcome.values)
        if standing.status != Status.APPLIED:
            standing.delete()


def clear_rows(patient_import: PatientImport, *outcomes: str) -> None:
    """Forget staged rows."""
    rows = PatientImportRow.objects.filter(patient_import=patient_import, outcome__in=outcomes)
    identifiers = PatientImportIdentifier.objects.filter(row__in=rows)
    # By the database at once: nothing else hangs on them, and reading 50,000 to delete them would be slow.
    identifiers._raw_delete(identifiers.db)
    rows._raw_delete(rows.db)


def _locked(patient_import: PatientImport, status: str) -> PatientImport:
    """Raises ValidationError where the import stands elsewhere by now."""
    standing = PatientImport.objects.select_for_update().defer("content").filter(pk=patient_import.pk).first()
    if standing is None or standing.status != status:
        raise ValidationError(CHANGED)
    return standing


def _stage(patient_import: PatientImport, batch: Sequence[tuple[int, Checked, list[str]]]) -> bool:
    """One transaction. False where somebody else has done these rows meanwhile, or thrown the import away."""
    rows = [_staged(patient_import, *one) for one in batch]
    identifiers = [
        PatientImportIdentifier(row=row, patient_import=patient_import, system=system, value=value)
        for row, (_, checked, _) in zip(rows, batch, strict=True)
        for system, value in checked.identifiers
    ]
    with transaction.atomic():
        standing = PatientImport.objects.select_for_update().defer("content").filter(pk=patient_import.pk).first()
        if standing is None or (standing.status, standing.rows_done) != (Status.CHECKING, patient_import.rows_done):
            return False
        _insert_many(PatientImportRow, rows)
        _insert_many(PatientImportIdentifier, identifiers)
        if not patient_import.rows_done:
            _tell_the_planner()
        if rows:
            mark_doubles(patient_import, rows[0].line, rows[-1].line)
        patient_import.rows_done += len(rows)
        if len(rows) < AT_A_TIME:
            patient_import.status = Status.CHECKED
        patient_import.save(update_fields=["rows_done", "status"])
    return True


def _insert_many(model: type[models.Model], rows: Sequence[models.Model]) -> None:
    """One statement prepared once: `bulk_create` writes the SQL of every row anew, which is a fifth of an import's time."""
    fields = [one for one in model._meta.concrete_fields if not isinstance(one, models.AutoField)]
    columns = ", ".join(f'"{one.column}"' for one in fields)
    values = ", ".join(["%s"] * len(fields))
    prepared = [[one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields] for row in rows]
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {model._meta.db_table} ({columns}) VALUES ({values})", prepared)


def _tell_the_planner() -> None:
    """PostgreSQL knows nothing of tables just filled, takes any index for as good, and looks at the whole file for each row."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE patients_patientimportrow, patients_patientimportidentifier")


def _staged(patient_import: PatientImport, line: int, checked: Checked, cells: list[str]) -> PatientImportRow:
    row = PatientImportRow(patient_import=patient_import, line=line, has_identifier=bool(checked.identifiers))
    if checked.patient is None:
        row.outcome, row.remarks = Outcome.BAD, _shown(" ".join(checked.problems), 1_000)
        row.cells = [_shown(cell, LONGEST_SHOWN) for cell in cells]
        return row
    row.outcome, row.remarks = Outcome.NEW, _shown(" ".join(checked.remarks), 1_000)
    row.search_text = checked.patient.search_text
    for name in SHARED:
        setattr(row, name, getattr(checked.patient, name))
    return row


def _shown(text: str, longest: int) -> str:
    """As a database can keep it and a page show it."""
    return NO_TEXT.sub("\ufffd", text)[:longest]


def _content(patient_import: PatientImport) -> bytes:
    found = PatientImport.objects.filter(pk=patient_import.pk).values_list("content", flat=True).first()
    if found is None:
        raise ValidationError(CHANGED)
    return bytes(found)


def _describe_fhir(made: PatientImport, content: bytes) -> None:
    found = fhir.read_file(content)
    if not found.patients:
        raise fhir.NotFhir("There is no Patient in this Bundle.")
    made.rows_total, made.header = len(found.patients), ["Resource"]
    made.other_entries = found.entries - len(found.patients)


def _checked_rows(patient_import: PatientImport, *, after: int) -> Iterator[tuple[int, Checked, list[str]]]:
    """Line, what the check says, and the cells as they stand in the file; lazily, in the file's order."""
    content = _content(patient_import)
    if patient_import.format == Format.FHIR:
        for place, resource in fhir.read_file(content).patients[after:]:
            yield _checked_resource(patient_import, place, resource)
        return
    width = len(patient_import.header)
    found = reading.rows(content, patient_import.encoding, patient_import.delimiter)
    # Rows done before are read again, which is quick, but not checked again, which is not.
    for row in itertools.islice(found, 1 + after, None):
        yield row.line, _checked_line(patient_import, row.cells, width), row.cells


def _checked_line(patient_import: PatientImport, cells: list[str], width: int) -> Checked:
    if not reading.fits(cells, width):
        return Checked(None, [], [f"The row has {len(cells)} fields; the first line has {width}."])
    texts = {name: cells[position] for name, position in patient_import.columns.items()}
    return check(texts, dates=patient_import.dates, system=patient_import.system)


def _checked_resource(
    patient_import: PatientImport, place: int, resource: dict[str, Any]
) -> tuple[int, Checked, list[str]]:
    read = fhir.read_patient(place, resource, system=patient_import.system)
    if read.texts:
        checked = check(
            read.texts, dates=PatientImport.Dates.ISO, system=patient_import.system, identifiers=read.identifiers
        )
    else:
        checked = Checked(None)
    problems = read.problems + checked.problems
    if problems:
        checked = Checked(None, [], problems)
    checked.remarks = read.remarks
    return place, checked, [read.label]
