"""HL7 FHIR R4 Patient resources, alone or in a Bundle, read for an import. Other resources are counted and skipped."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from fhir.resources.R4B.patient import Patient as PatientResource
from pydantic import ValidationError

LARGEST = 10 * 1024 * 1024
# Which name, telephone or identifier is taken first; what is not named here comes after, what is "old" never.
NAME_USES = ("official", "usual", None, "nickname", "anonymous", "temp")
PHONE_USES = ("mobile", "home", None, "work", "temp")
NEVER = ("old", "maiden")
UNSHOWN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
LINKS = {"replaces": "replaces", "refer": "refers to", "seealso": "is linked with"}


class NotFhir(Exception):
    """The file is not a Patient and not a Bundle. Its message is a sentence."""


@dataclass
class FhirPatient:
    """`texts` maps our fields to texts; `problems` say why the resource is left out, `remarks` stop nothing."""

    place: int
    label: str
    texts: dict[str, str] = field(default_factory=dict)
    identifiers: list[tuple[str, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class FhirFile:
    """How many entries there are, of whatever kind, and each Patient with its place among them, the first being 1."""

    entries: int
    patients: list[tuple[int, dict[str, Any]]]


def read_file(content: bytes) -> FhirFile:
    """Raises NotFhir."""
    if len(content) > LARGEST:
        raise NotFhir(f"A FHIR file may have {LARGEST // 1024 // 1024} MB at most. Split the Bundle into several.")
    try:
        whole = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotFhir("This is not UTF-8, in which FHIR files are written.") from error
    except (ValueError, RecursionError) as error:
        raise NotFhir("This is not JSON: it ends early, or has a comma or bracket too many.") from error
    kind = whole.get("resourceType") if isinstance(whole, dict) else None
    if kind == "Patient":
        return FhirFile(1, [(1, whole)])
    if kind != "Bundle":
        named = f", but {_quoted(kind, 40)}" if kind and isinstance(kind, str) else ""
        raise NotFhir(f"This is neither a FHIR Patient nor a Bundle{named}.")
    found = whole.get("entry")
    entries = [_resource(entry) for entry in found] if isinstance(found, list) else []
    numbered = enumerate(entries, start=1)
    return FhirFile(len(entries), [(place, one) for place, one in numbered if one.get("resourceType") == "Patient"])


def read_patient(place: int, resource: dict[str, Any], *, system: str) -> FhirPatient:
    """One resource as our fields. `system` is the name under which identifiers without one are kept."""
    label = resource.get("id")
    patient = FhirPatient(place, f"Patient/{_quoted(label)}" if isinstance(label, str) else "Patient")
    try:
        read = PatientResource.model_validate(resource)
    except (ValidationError, ValueError, TypeError, RecursionError) as error:
        patient.problems.append(f"This is not a valid FHIR Patient: {_first_fault(error)}")
        return patient
    _name(read, patient)
    patient.texts["date_of_birth"] = str(resource.get("birthDate") or "")
    for kind in ("phone", "email"):
        patient.texts[kind] = _telecom(read, kind)
    patient.identifiers = [(one.system or system, one.value) for one in read.identifier or [] if one.value]
    _standing(read, patient)
    return patient


def _name(read: PatientResource, patient: FhirPatient) -> None:
    name = _first(read.name or [], NAME_USES)
    patient.texts |= {"given_name": "", "family_name": ""}
    if name is None:
        return
    patient.texts["given_name"] = " ".join(one for one in name.given or [] if one)
    patient.texts["family_name"] = name.family or ""
    if name.text and not (name.family or name.given):
        patient.problems.append(
            f"The name “{_quoted(name.text)}” is given as one text; given name and family name are needed apart."
        )


def _telecom(read: PatientResource, kind: str) -> str:
    found = _first([one for one in read.telecom or [] if one.system == kind and one.value], PHONE_USES)
    return found.value if found else ""


def _standing(read: PatientResource, patient: FhirPatient) -> None:
    """Whether the other system still treats this as a person's record."""
    if read.active is False:
        patient.problems.append("The record is marked as not active there.")
    if read.deceasedBoolean or read.deceasedDateTime:
        patient.problems.append("The patient is recorded as deceased there.")
    for link in read.link or []:
        other = _quoted((link.other and link.other.reference) or "another record")
        if link.type == "replaced-by":
            patient.problems.append(f"The record was replaced by {other} there.")
        else:
            patient.remarks.append(f"There it {LINKS.get(link.type or '', 'is linked with')} {other}.")


def _first(found: Sequence[Any], uses: Sequence[str | None]) -> Any:
    """The one whose use comes first; among equals, the one that stands first."""
    ranked = [one for one in found if one.use not in NEVER]
    return min(ranked, key=lambda one: uses.index(one.use) if one.use in uses else len(uses), default=None)


def _resource(entry: Any) -> dict[str, Any]:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    return resource if isinstance(resource, dict) else {}


def _quoted(text: str, longest: int = 60) -> str:
    """From the file, as a page can show it: JSON may hold half a character, or one that controls a terminal."""
    return UNSHOWN.sub("\ufffd", text[:longest])


def _first_fault(error: Exception) -> str:
    """Where the resource is wrong, without quoting what stands there."""
    if isinstance(error, ValidationError) and error.errors():
        where = _quoted(".".join(str(part) for part in error.errors()[0]["loc"]))
        return f"“{where}” cannot be read." if where else "it cannot be read."
    return "it cannot be read."
