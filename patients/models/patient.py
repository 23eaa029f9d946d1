import datetime as dt
import uuid

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from simple_history.models import HistoricalRecords

from clinic.database import SQLiteIndex, TrigramIndex
from clinic.models import Staff
from clinic.models.site import PHONE
from patients.search import folded, name_key, phone_digits, phone_key


def validate_birth_date(born: dt.date) -> None:
    if born > timezone.localdate():
        raise ValidationError("The birth date is in the future.")
    if born.year < 1900:
        raise ValidationError("The birth date is before 1900.")


# What is known of a patient, as it is registered, corrected and imported.
DETAILS = (
    "given_name",
    "family_name",
    "pronouns",
    "date_of_birth",
    "phone",
    "email",
    "wants_messages",
    "low_pain_threshold",
    "allergies",
    "alerts",
)


class RecordNumber(models.Model):
    """One row: the last record number given. Counting under its lock leaves neither gaps by race nor doubles."""

    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.last)


class PatientQuerySet(models.QuerySet["Patient"]):
    def visible_to(self, staff: Staff) -> "PatientQuerySet":
        """Every member of staff with a role sees every patient of the clinic (DOMAIN.md section 3)."""
        return self.all() if staff.may("read-patients") else self.none()

    def current(self) -> "PatientQuerySet":
        """Not merged into another record."""
        return self.filter(merged_into=None)

    def matching(self, text: str) -> "PatientQuerySet":
        """Whose name, number, birth date or phone holds every word of `text`, in any order."""
        from patients.search import matching

        return self.filter(matching(text))


class Patient(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField("record number", max_length=20, unique=True, editable=False)
    given_name = models.CharField(max_length=100)
    family_name = models.CharField(max_length=100)
    pronouns = models.CharField(max_length=30, blank=True)
    date_of_birth = models.DateField(validators=[validate_birth_date])
    phone = models.CharField(max_length=30, blank=True, validators=[PHONE])
    email = models.EmailField(blank=True)
    wants_messages = models.BooleanField(
        "wants messages by email", default=False, help_text="confirmations, reminders and changes of appointments"
    )
    low_pain_threshold = models.BooleanField(default=False)
    allergies = models.CharField(max_length=500, blank=True)
    alerts = models.CharField(max_length=500, blank=True)
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, editable=False, on_delete=models.PROTECT, related_name="merged_from"
    )
    # What the search looks in: folded names, number, birth date and phone digits; written by registration.
    search_text = models.CharField(max_length=400, editable=False, default="")
    # What likely duplicates share: the name's words in alphabetical order, folded; the last nine digits of the phone.
    name_key = models.CharField(max_length=210, editable=False, default="", db_index=True)
    phone_key = models.CharField(max_length=9, editable=False, default="", db_index=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    contact_erased_at = models.DateTimeField("contact data erased at", null=True, editable=False)
    contact_erased_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, editable=False, on_delete=models.PROTECT, related_name="+"
    )
    contact_erased_reason = models.CharField(max_length=500, blank=True, editable=False)
    history = HistoricalRecords(excluded_fields=["search_text", "name_key", "phone_key"])

    objects = PatientQuerySet.as_manager()

    class Meta:
        ordering = ["family_name", "given_name", "number"]
        indexes = [
            models.Index(fields=["family_name", "given_name", "number"], name="patient_in_name_order"),
            models.Index(fields=["date_of_birth"], name="patient_by_birth_date"),
            # Part of a name, number or phone: PostgreSQL looks its trigrams up. SQLite reads this one index through, in
            # the order of names and without the rows; merged_into stands first or it sorts all patients instead.
            TrigramIndex(fields=["search_text"], opclasses=["gin_trgm_ops"], name="patient_by_trigrams"),
            SQLiteIndex(
                fields=["merged_into", "family_name", "given_name", "number", "search_text"], name="patient_search"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"

    def age_on(self, day: dt.date) -> int:
        """Whole years lived by `day`."""
        born = self.date_of_birth
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def index_for_search(self) -> None:
        """Set what search and the look for duplicates ask; registration calls it before each save."""
        self.search_text = " ".join([self.searchable(), *self._searchable_of_merged()])[:400]
        self.name_key = name_key(self.given_name, self.family_name)
        self.phone_key = phone_key(self.phone)

    def _searchable_of_merged(self) -> list[str]:
        """What finds this record by those merged into it: their old numbers and names. One statement where there are none."""
        found, into = [], [] if self._state.adding else [self.pk]
        while into:
            merged = list(Patient.objects.filter(merged_into__in=into).order_by("number"))
            found += [f"{one.number.lower()} {folded(f'{one.given_name} {one.family_name}')}" for one in merged]
            into = [one.pk for one in merged]
        return found

    def searchable(self) -> str:
        """The text that `search_text` holds."""
        return " ".join(
            [
                folded(f"{self.given_name} {self.family_name}"),
                self.number.lower(),
                self.date_of_birth.isoformat(),
                phone_digits(self.phone),
            ]
        ).strip()


class PatientIdentifier(models.Model):
    """What another system calls this patient (FHIR: Patient.identifier); an import run again finds them by it."""

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="identifiers")
    system = models.CharField(max_length=200)
    value = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["system", "value"], name="identifier_names_one_patient")]

    def __str__(self) -> str:
        return f"{self.system}: {self.value}"
