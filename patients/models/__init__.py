from patients.models.consent import Consent
from patients.models.patient import Patient, RecordNumber

__all__ = ["Consent", "Patient", "RecordNumber"]
