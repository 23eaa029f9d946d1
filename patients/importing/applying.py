"""The checked rows become patients: all that are to come in, in one transaction of a few set-based statements.

While it runs, registering waits for its record number; everything else at other desks goes on. Rows are asked again
whether they are somebody who is here, because somebody may have been registered since the check.
"""

import datetime as dt
import io

from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Staff
from patients.importing.doubles import mark_doubles
from patients.importing.staging import CHANGED, may_import
from patients.models import Patient, PatientImport, PatientImportIdentifier, PatientImportRow, RecordNumber
from patients.models.patient import DETAILS
from patients.models.patient_import import NUMBER_MARK, SHARED

Status, Outcome = PatientImport.Status, PatientImportRow.Outcome
# Rows that go in one transaction, after the import.
FORGOTTEN_AT_A_TIME = 5_000
BAD_ROWS_STAND = "Some rows cannot be taken in. Mend the file, or choose to import the others without them."
NOBODY = "There is nobody to take in."
# AC-00001 and on, as registration writes them; a sixth digit comes when it is needed.
_NUMBER = "i.first_number - 1 + ROW_NUMBER() OVER (ORDER BY r.line)"
_NUMBERS = {
    "postgresql": f"'AC-' || LPAD(({_NUMBER})::text, GREATEST(5, LENGTH(({_NUMBER})::text)), '0')",
    "sqlite": f"PRINTF('AC-%%05d', {_NUMBER})",
}


@transaction.atomic
def apply_import(
    *,
    patient_import: PatientImport,
    by: Staff | None,
    without_bad: bool = False,
    lookalikes: bool = False,
    request: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> PatientImport:
    """Take in the new rows, and those that look like somebody where `lookalikes` says so. All of them, or none.

    Raises ValidationError where bad rows stand and were not left out by choice, and where there is nobody to take in.
    """
    may_import(by)
    patient_import = PatientImport.objects.select_for_update().defer("content").get(pk=patient_import.pk)
    if patient_import.status != Status.CHECKED:
        raise ValidationError(CHANGED)
    # The lock that registration takes for its number: from here to the end nobody else is registered.
    RecordNumber.objects.get_or_create(pk=1)
    last = RecordNumber.objects.select_for_update().get(pk=1).last
    mark_doubles(patient_import, 0, 2_000_000_000)
    counts = outcomes(patient_import)
    if counts[Outcome.BAD] and not without_bad:
        raise ValidationError(BAD_ROWS_STAND)
    taken = (Outcome.NEW, Outcome.LOOKS_LIKE) if lookalikes else (Outcome.NEW,)
    count = sum(counts[outcome] for outcome in taken)
    if not count:
        raise ValidationError(NOBODY)
    patient_import.status, patient_import.content = Status.APPLIED, None
    patient_import.applied_at, patient_import.applied_by = now or timezone.now(), by
    patient_import.first_number, patient_import.taken_in = last + 1, count
    patient_import.left_out = {outcome: counts[outcome] for outcome in counts if outcome not in taken}
    patient_import.save()
    RecordNumber.objects.filter(pk=1).update(last=F("last") + count)
    _insert(patient_import, taken)
    record_event(
        AuditEvent.Kind.PATIENTS_IMPORTED,
        request=request,
        actor=by,
        subject="patient-import",
        subject_id=patient_import.pk,
        format=patient_import.format,
        taken_in=count,
        first_number=last + 1,
        left_out=patient_import.left_out,
    )
    return patient_import


def forget_taken_rows(patient_import: PatientImport) -> None:
    """After the import: its patients stand where they belong, and need not stand twice. In short transactions."""
    applied = PatientImportRow.objects.filter(patient_import=patient_import, id__in=Patient.objects.values("pk"))
    while True:
        some = list(applied.values_list("pk", flat=True).order_by()[:FORGOTTEN_AT_A_TIME])
        if not some:
            return
        with transaction.atomic():
            for staged in (
                PatientImportIdentifier.objects.filter(row__in=some),
                PatientImportRow.objects.filter(pk__in=some),
            ):
                staged._raw_delete(staged.db)


def outcomes(patient_import: PatientImport) -> dict[str, int]:
    """How many rows there are of each outcome, none left out."""
    rows = PatientImportRow.objects.filter(patient_import=patient_import).order_by()
    found = dict(rows.values_list("outcome").annotate(count=Count("pk")))
    return {outcome: found.get(outcome, 0) for outcome in Outcome.values}


def rule_holds() -> bool:
    """`check_rule`, as after every import. An import cannot break it; this says so of the clinic as it now stands."""
    try:
        call_command("check_rule", stdout=io.StringIO())
    except CommandError:
        return False
    return True


# --- The statements ---------------------------------------------------------------------------------------------------


def _insert(patient_import: PatientImport, taken: tuple[str, ...]) -> None:
    """Patients, their history, and what the other system calls them. Parameters: the import, and the outcomes."""
    shared = ", ".join(SHARED)
    kept_of_history = ", ".join(DETAILS)
    rows = (
        "FROM patients_patientimportrow r JOIN patients_patientimport i ON i.id = r.patient_import_id "
        f"WHERE i.id = %s AND r.outcome IN ({', '.join(['%s'] * len(taken))})"
    )
    numbered = f"SELECT r.*, i.applied_at, i.applied_by_id, i.system, {_NUMBERS[connection.vendor]} AS number {rows}"
    statements = (
        f"INSERT INTO patients_patient (id, number, search_text, {shared}, created_at, created_by_id, contact_erased_reason) "
        f"SELECT id, number, REPLACE(search_text, '{NUMBER_MARK}', LOWER(number)), {shared}, applied_at, applied_by_id, '' "
        f"FROM ({numbered}) staged ORDER BY line",
        f"INSERT INTO patients_historicalpatient (id, number, {kept_of_history}, created_at, created_by_id, contact_erased_reason, "
        "history_date, history_type, history_change_reason, history_user_id) "
        f"SELECT p.id, p.number, {', '.join('p.' + name for name in kept_of_history.split(', '))}, p.created_at, "
        "p.created_by_id, p.contact_erased_reason, i.applied_at, '+', 'imported from ' || i.system, i.applied_by_id "
        f"{rows.replace(' WHERE ', ' JOIN patients_patient p ON p.id = r.id WHERE ')} ORDER BY r.line",
        "INSERT INTO patients_patientidentifier (patient_id, system, value) SELECT s.row_id, s.system, s.value "
        f"{rows.replace(' WHERE ', ' JOIN patients_patientimportidentifier s ON s.row_id = r.id WHERE ')}",
    )
    given = [PatientImport._meta.pk.get_db_prep_value(patient_import.pk, connection), *taken]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, given)
