"""Patients from another system's file. Without --apply it only says what would happen."""

import csv
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from clinic.formulas import defused
from clinic.models import Staff
from patients.importing import applying, reading, staging
from patients.importing.columns import FIELDS, proposed
from patients.importing.left_out import left_out_rows
from patients.importing.proposing import delimiters_that_divide
from patients.models import PatientImport, PatientImportRow

SHOWN = 20
STEP = 3.0  # seconds between two lines of progress


class Command(BaseCommand):
    help = (
        "Imports patients from a CSV file or a FHIR R4 Patient or Bundle: all of them, or none. "
        "Without --apply nothing is kept. How a CSV file is to be read is never guessed; what its marks prove need not be said."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--system", required=True, metavar="NAME", help="which system the file comes from")
        parser.add_argument("--encoding", choices=PatientImport.Encoding.values)
        parser.add_argument("--delimiter", choices=PatientImport.Delimiter.values)
        parser.add_argument("--dates", choices=PatientImport.Dates.values, help="how the file writes dates")
        parser.add_argument(
            "--map",
            action="append",
            default=[],
            metavar="FIELD=COLUMN",
            help=f"which column is which field, over what its name proposes; fields: {', '.join(FIELDS)}",
        )
        parser.add_argument("--by", metavar="EMAIL", help="the manager in whose name it is done")
        parser.add_argument("--apply", action="store_true", help="take the patients in")
        parser.add_argument("--leave-out-bad", action="store_true", help="take the good rows in without the bad ones")
        parser.add_argument("--take-lookalikes", action="store_true", help="take in who only looks like somebody here")
        parser.add_argument("--bad-rows", type=Path, metavar="FILE", help="write what is left out, with the reasons")

    def handle(self, *args: Any, **options: Any) -> None:
        by = _manager(options["by"])
        patient_import = self._received(options, by)
        try:
            self._check(patient_import, options, by)
            self._say(patient_import, options)
            if options["apply"]:
                self._apply(patient_import, options, by)
                return
            self.stdout.write("Nothing was imported; --apply does it.")
        except ValidationError as error:
            raise CommandError(f"{' '.join(error.messages)} Nothing was imported.") from error
        finally:
            # Whatever happened, nothing is left lying; an import that was applied keeps its counts.
            staging.throw_away_import(patient_import=patient_import, by=by)

    def _received(self, options: dict[str, Any], by: Staff | None) -> PatientImport:
        path: Path = options["file"]
        try:
            if path.stat().st_size > reading.LARGEST:
                raise CommandError(reading.TOO_LARGE)
            content = path.read_bytes()
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from error
        try:
            return staging.receive_file(content=content, file_name=path.name, system=options["system"], by=by)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except PermissionDenied as error:
            raise CommandError("Only a manager imports patients.") from error

    def _check(self, patient_import: PatientImport, options: dict[str, Any], by: Staff | None) -> None:
        columns: dict[str, int] = {}
        if patient_import.format == PatientImport.Format.CSV:
            described = staging.describe_file(patient_import=patient_import, **_reading(patient_import, options), by=by)
            columns = _columns(described.header, options["map"])
            names = ", ".join(f"{FIELDS[field]}: “{described.header[place]}”" for field, place in columns.items())
            self.stdout.write(f"Columns: {names}.")
        staging.begin_check(patient_import=patient_import, columns=columns, by=by)
        status = PatientImport.Status.CHECKING
        while status == PatientImport.Status.CHECKING:
            now = staging.check_more(patient_import=patient_import, by=by, seconds=STEP)
            status = PatientImport.Status(now.status)
            self.stdout.write(f"{now.rows_done:,} of {now.rows_total:,} rows checked")

    def _say(self, patient_import: PatientImport, options: dict[str, Any]) -> None:
        for outcome, count in applying.outcomes(patient_import).items():
            self.stdout.write(f"{PatientImportRow.Outcome(outcome).label}: {count:,}")
        word = patient_import.place_word
        bad = PatientImportRow.objects.filter(patient_import=patient_import, outcome="bad").values_list(
            "line", "remarks"
        )
        for line, remarks in bad[:SHOWN]:
            self.stdout.write(f"  {word} {line}: {remarks}")
        if bad.count() > SHOWN:
            self.stdout.write(f"  and {bad.count() - SHOWN:,} more; --bad-rows FILE writes them all")
        if options["bad_rows"]:
            with options["bad_rows"].open("w", encoding="utf-8-sig", newline="") as out:
                csv.writer(out).writerows([defused(str(cell)) for cell in row] for row in left_out_rows(patient_import))

    def _apply(self, patient_import: PatientImport, options: dict[str, Any], by: Staff | None) -> None:
        applied = applying.apply_import(
            patient_import=patient_import,
            by=by,
            without_bad=options["leave_out_bad"],
            lookalikes=options["take_lookalikes"],
        )
        applying.forget_taken_rows(applied)
        self.stdout.write(f"{applied.taken_in:,} patients were taken in: {applied.numbers}.")
        if not applying.rule_holds():
            raise CommandError("The patients are in, but check_rule found something; run it to see what.")
        self.stdout.write("check_rule: the rule holds, and every guard stands.")


def _manager(email: str | None) -> Staff | None:
    if email is None:
        return None
    staff = Staff.objects.active().filter(email__iexact=email.strip()).first()
    if staff is None:
        raise CommandError(f"Nobody who works here has the address {email}.")
    return staff


def _reading(patient_import: PatientImport, options: dict[str, Any]) -> dict[str, str]:
    """As said, or as the file's own marks prove; otherwise it must be said."""
    content = bytes(patient_import.content or b"")
    encoding = options["encoding"] or reading.proven_encoding(content)
    if not encoding:
        raise ValidationError("The file has no mark that proves its encoding: say --encoding.")
    delimiter = options["delimiter"]
    if not delimiter:
        dividing = delimiters_that_divide(content, encoding)
        if len(dividing) != 1:
            raise ValidationError("It is not certain what stands between the fields: say --delimiter.")
        [delimiter] = dividing
    if not options["dates"]:
        raise ValidationError("Dates are never guessed: say --dates day-first or --dates iso.")
    return {"encoding": encoding, "delimiter": delimiter, "dates": options["dates"]}


def _columns(header: list[str], said: list[str]) -> dict[str, int]:
    columns = proposed(header)
    for one in said:
        field, _, name = one.partition("=")
        if field not in FIELDS:
            raise ValidationError(f"There is no field “{field}”; there are {', '.join(FIELDS)}.")
        if not name:
            columns.pop(field, None)
            continue
        if header.count(name) != 1:
            found = "no column is" if name not in header else "several columns are"
            raise ValidationError(f"{found} called “{name}”; there are: {', '.join(header)}.".capitalize())
        columns = {known: place for known, place in columns.items() if place != header.index(name)}
        columns[field] = header.index(name)
    return columns
