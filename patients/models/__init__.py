from patients.models.consent import Consent, PhotoUse
from patients.models.patient import Patient, PatientIdentifier, RecordNumber
from patients.models.patient_import import PatientImport, PatientImportIdentifier, PatientImportRow

__all__ = [
    "Consent",
    "Patient",
    "PatientIdentifier",
    "PatientImport",
    "PatientImportIdentifier",
    "PatientImportRow",
    "PhotoUse",
    "RecordNumber",
]
