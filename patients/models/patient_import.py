"""Patients from another system, on their way in: a file, and what became of each of its rows."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.models import Staff
from patients.models.patient import DETAILS, Patient


class PatientImportQuerySet(models.QuerySet["PatientImport"]):
    def visible_to(self, staff: Staff) -> "PatientImportQuerySet":
        return self.all() if staff.may("import-patients") else self.none()


class PatientImport(models.Model):
    """One file. Where it stands is kept here, not in a worker: any worker does the next step.

    The bytes are kept until the import is applied or thrown away, and no longer.
    """

    class Status(models.TextChoices):
        RECEIVED = "received", "Received"
        CHECKING = "checking", "Being checked"
        CHECKED = "checked", "Checked"
        APPLIED = "applied", "Imported"

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        FHIR = "fhir", "FHIR R4 (JSON)"

    class Encoding(models.TextChoices):
        UTF_8 = "utf-8", "UTF-8"
        UTF_16 = "utf-16", "UTF-16, with its mark"
        UTF_16_LE = "utf-16-le", "UTF-16, little-endian"
        UTF_16_BE = "utf-16-be", "UTF-16, big-endian"
        LATIN_1 = "latin-1", "Latin-1 (ISO 8859-1)"
        WINDOWS_1252 = "windows-1252", "Windows Western (1252)"

    class Delimiter(models.TextChoices):
        COMMA = "comma", "Comma"
        SEMICOLON = "semicolon", "Semicolon"
        TAB = "tab", "Tab"

    class Dates(models.TextChoices):
        DAY_FIRST = "day-first", "Day first, as 14/02/1988 or 14.2.1988"
        ISO = "iso", "Year first, as 1988-02-14"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.RECEIVED)
    format = models.CharField(max_length=4, choices=Format.choices)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField(null=True)
    # The other system's name: its numbers are kept under it, and a later import finds them again.
    system = models.CharField(max_length=60)
    encoding = models.CharField(max_length=12, choices=Encoding.choices, blank=True)
    delimiter = models.CharField(max_length=9, choices=Delimiter.choices, blank=True)
    dates = models.CharField(max_length=9, choices=Dates.choices, blank=True)
    # The first line, kept for lists of what was left out.
    header = models.JSONField(default=list)
    # Field → position of its column. Empty until somebody has confirmed it.
    columns = models.JSONField(default=dict)
    rows_total = models.PositiveIntegerField(default=0)
    # Of a Bundle: what is no Patient, and was skipped.
    other_entries = models.PositiveIntegerField(default=0)
    rows_done = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    first_number = models.PositiveIntegerField(null=True)
    taken_in = models.PositiveIntegerField(default=0)
    # What was left out when it was applied: outcome → how many.
    left_out = models.JSONField(default=dict)

    objects = PatientImportQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]

    def __str__(self) -> str:
        return f"Import from {self.system}"

    @property
    def place_word(self) -> str:
        """What a row's `line` counts: lines of a CSV file, entries of a Bundle."""
        return "line" if self.format == self.Format.CSV else "entry"

    @property
    def numbers(self) -> str:
        """The record numbers that it gave: “AC-00012”, or “AC-00012 to AC-00040”."""
        if self.first_number is None:
            return ""
        first, last = f"AC-{self.first_number:05d}", f"AC-{self.first_number + self.taken_in - 1:05d}"
        return first if first == last else f"{first} to {last}"

    @property
    def in_hundredths(self) -> int:
        """How far the check has come, 0 to 100."""
        return 100 * self.rows_done // self.rows_total if self.rows_total else 0


class PatientImportRow(models.Model):
    """One row of a file, checked. Its id is the id that the patient will have."""

    class Outcome(models.TextChoices):
        NEW = "new", "New"
        BAD = "bad", "Cannot be taken in"
        HERE = "here", "Already here"
        TWICE = "twice", "Twice in this file"
        LOOKS_LIKE = "looks-like", "Looks like somebody"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    patient_import = models.ForeignKey(PatientImport, on_delete=models.CASCADE, related_name="rows")
    line = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    # Sentences: what is wrong with the row, or what is worth knowing of it.
    remarks = models.TextField(blank=True)
    # Whom the row is the same as, or looks like: “AC-00012”, “line 7”.
    same_as = models.CharField(max_length=30, blank=True)
    has_identifier = models.BooleanField(default=False)
    # As it stands in the file, where the row is bad.
    cells = models.JSONField(default=list)

    # As they will stand in patients_patient; empty where the row is bad.
    given_name = models.CharField(max_length=100, blank=True)
    family_name = models.CharField(max_length=100, blank=True)
    pronouns = models.CharField(max_length=30, blank=True)
    date_of_birth = models.DateField(null=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.EmailField(blank=True)
    wants_messages = models.BooleanField(default=False)
    low_pain_threshold = models.BooleanField(default=False)
    allergies = models.CharField(max_length=500, blank=True)
    alerts = models.CharField(max_length=500, blank=True)
    # With a mark where the record number goes: it is given when the import is applied.
    search_text = models.CharField(max_length=400, blank=True)
    name_key = models.CharField(max_length=210, blank=True)
    phone_key = models.CharField(max_length=9, blank=True)

    class Meta:
        ordering = ["line"]
        constraints = [models.UniqueConstraint(fields=["patient_import", "line"], name="one_row_a_line")]
        indexes = [
            models.Index(fields=["patient_import", "outcome", "line"], name="import_row_by_outcome"),
            models.Index(fields=["patient_import", "name_key", "date_of_birth"], name="import_row_by_name"),
        ]

    def __str__(self) -> str:
        return f"line {self.line}"


class PatientImportIdentifier(models.Model):
    """What the other system calls the patient of a row; becomes a PatientIdentifier."""

    row = models.ForeignKey(PatientImportRow, on_delete=models.CASCADE, related_name="identifiers")
    # The same as the row's, so that a file's own doubles are found from one index.
    patient_import = models.ForeignKey(PatientImport, on_delete=models.CASCADE, related_name="+", db_index=False)
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=200)

    class Meta:
        indexes = [models.Index(fields=["patient_import", "value", "system"], name="import_identifier")]

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"


# What a row and a patient both have, in the words of both tables.
SHARED = (*DETAILS, "name_key", "phone_key")
# Stands in a row's search text for the record number. No field can hold it: control characters are refused.
NUMBER_MARK = "\x01"


def staged_patient(**fields: object) -> Patient:
    """A Patient, not saved, whose number is still to be given."""
    return Patient(number=NUMBER_MARK, **fields)
