from patients.models.consent import Consent
from patients.models.patient import Patient, PatientIdentifier, RecordNumber

__all__ = ["Consent", "Patient", "PatientIdentifier", "RecordNumber"]
