"""Which column of a file is which field: proposed from the column's name, chosen by a person."""

import re
from collections.abc import Sequence

from patients.search import folded

IDENTIFIER = "identifier"
# Field → how people read it. The order is that of the page.
FIELDS = {
    "given_name": "Given name",
    "family_name": "Family name",
    "date_of_birth": "Date of birth",
    "phone": "Phone",
    "email": "Email",
    "pronouns": "Pronouns",
    "allergies": "Allergies",
    "alerts": "Alerts",
    "low_pain_threshold": "Low pain threshold",
    "wants_messages": "Wants messages",
    IDENTIFIER: "Number in the other system",
}
REQUIRED = ("given_name", "family_name", "date_of_birth")
# Other names that columns go by, as `_plain` writes them; a field's own label and code count as well.
NAMES = {
    "given_name": "firstname forename forenames vorname prenom nombre first",
    "family_name": "lastname surname secondname nachname nom apellido apellidos last familienname",
    "date_of_birth": "dob born birthdate birthday dateofbirth geburtsdatum geburtstag datedenaissance fechadenacimiento",
    "phone": "telephone phonenumber mobile mobilephone mobilenumber cell tel telefon handy telephonenumber",
    "email": "emailaddress mail courriel",
    "pronouns": "pronoun",
    "allergies": "allergy allergien",
    "alerts": "alert warning warnings medicalalert medicalalerts",
    "low_pain_threshold": "lowpain painthreshold",
    "wants_messages": "messages reminders marketingconsent emailreminders wantsmessagesbyemail",
    IDENTIFIER: "id patientid patientno patientnumber clientid clientnumber clientno recordnumber mrn nhsnumber reference ref number kundennr "
    "kundennummer patientennummer patientennr numero",
}


def proposed(names: Sequence[str]) -> dict[str, int]:
    """Field → position of the first column whose name says so."""
    found: dict[str, int] = {}
    known = {word: field for field, words in NAMES.items() for word in words.split()}
    known |= {_plain(text): field for field, label in FIELDS.items() for text in (field, label)}
    for position, name in enumerate(names):
        field = known.get(_plain(name))
        if field is not None:
            found.setdefault(field, position)
    return found


def faults(columns: dict[str, int], width: int) -> list[str]:
    """A sentence for each thing that is wrong with a choice of columns; [] when it will do."""
    wrong = [f"Choose the column with the {FIELDS[field].lower()}." for field in REQUIRED if field not in columns]
    taken: dict[int, str] = {}
    for field, position in columns.items():
        if field not in FIELDS or not 0 <= position < width:
            wrong.append("There is no such column.")
        elif position in taken:
            wrong.append(f"One column cannot be both {taken[position].lower()} and {FIELDS[field].lower()}.")
        else:
            taken[position] = FIELDS[field]
    return wrong


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", folded(name))
