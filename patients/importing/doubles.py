"""Which rows of a file are somebody who is here already. Set by set in SQL, so that it is asked again when it counts.

Certain: the other system's number is known; or, for a row without one, name and birth date are the same and no
telephone speaks against it. Two of name, birth date and telephone alike only look like the same person: a human decides.
"""

import uuid
from typing import cast

from django.db import connection

from patients.models import PatientImport

# Merged or not: whose record was merged away is here under the other one's number.
_NUMBER = "SELECT COALESCE(kept.number, p.number) FROM {} LEFT JOIN patients_patient kept ON kept.id = p.merged_into_id"
_KNOWN_BY_NUMBER = (
    _NUMBER.format(
        "patients_patientimportidentifier s JOIN patients_patientidentifier i ON i.system = s.system AND i.value = s.value "
        "JOIN patients_patient p ON p.id = i.patient_id"
    )
    + " WHERE s.row_id = patients_patientimportrow.id"
)
_SAME_NAME = "p.name_key = patients_patientimportrow.name_key"
# Inside COALESCE no index is used, so the one on names is: people share names less than they share stand-ins for a birth date nobody knew.
_SAME_BIRTH_DATE = "COALESCE(p.date_of_birth, p.date_of_birth) = patients_patientimportrow.date_of_birth"
_SAME_EARLIER_DATE = "p.date_of_birth = patients_patientimportrow.date_of_birth"
_SAME_PHONE = "p.phone_key = patients_patientimportrow.phone_key AND patients_patientimportrow.phone_key <> ''"
_SAME_PHONE_TOO = _SAME_PHONE.replace("p.phone_key =", "COALESCE(p.phone_key, '') =", 1)
_PHONES_AGREE = "(p.phone_key = patients_patientimportrow.phone_key OR p.phone_key = '' OR patients_patientimportrow.phone_key = '')"
_SOMEBODY = _NUMBER.format("patients_patient p") + " WHERE "
_EARLIER = (
    "SELECT '{word} ' || p.line FROM patients_patientimportrow p WHERE p.patient_import_id = "
    "patients_patientimportrow.patient_import_id AND COALESCE(p.line, 0) < patients_patientimportrow.line AND p.outcome <> 'bad' AND "
)
_EARLIER_BY_NUMBER = (
    "SELECT '{word} ' || p.line FROM patients_patientimportidentifier mine JOIN patients_patientimportidentifier s "
    "ON s.patient_import_id = mine.patient_import_id AND s.value = mine.value AND s.system = mine.system "
    "JOIN patients_patientimportrow p ON p.id = s.row_id WHERE mine.row_id = patients_patientimportrow.id "
    "AND p.line < patients_patientimportrow.line"
)
_NO_NUMBER = "NOT patients_patientimportrow.has_identifier AND "

# Outcome, and the question whose answer names the other one. The first that answers is the row's.
QUESTIONS = (
    ("here", _KNOWN_BY_NUMBER),
    ("twice", _EARLIER_BY_NUMBER),
    ("here", f"{_SOMEBODY}{_NO_NUMBER}{_SAME_NAME} AND {_SAME_BIRTH_DATE} AND {_PHONES_AGREE}"),
    ("twice", f"{_EARLIER}{_NO_NUMBER}{_SAME_NAME} AND {_SAME_EARLIER_DATE} AND {_PHONES_AGREE}"),
    ("looks-like", f"{_SOMEBODY}{_SAME_NAME} AND {_SAME_BIRTH_DATE}"),
    ("looks-like", f"{_SOMEBODY}{_SAME_NAME} AND {_SAME_PHONE_TOO}"),
    ("looks-like", f"{_SOMEBODY}{_SAME_PHONE} AND {_SAME_BIRTH_DATE}"),
    ("looks-like", f"{_EARLIER}{_SAME_NAME} AND {_SAME_EARLIER_DATE}"),
)


def mark_doubles(patient_import: PatientImport, first_line: int, last_line: int) -> None:
    """Set outcome and `same_as` of the rows between the two lines (both included) that seemed new so far."""
    word = patient_import.place_word
    with connection.cursor() as cursor:
        for outcome, question in QUESTIONS:
            answer = f"({question.format(word=word)} LIMIT 1)"
            before = ("new",) if outcome == "looks-like" else ("new", "looks-like")
            cursor.execute(
                f"UPDATE patients_patientimportrow SET outcome = %s, same_as = {answer} "
                f"WHERE patient_import_id = %s AND outcome IN ({', '.join(['%s'] * len(before))}) "
                f"AND line BETWEEN %s AND %s AND EXISTS {answer}",
                [outcome, _prepared(patient_import), *before, first_line, last_line],
            )


def _prepared(patient_import: PatientImport) -> str | uuid.UUID:
    return cast("str | uuid.UUID", PatientImport._meta.pk.get_db_prep_value(patient_import.pk, connection))
