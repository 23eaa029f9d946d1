from django.urls import path

from patients.views import consents, records

urlpatterns = [
    path("patients/", records.patient_list, name="patient-list"),
    path("patients/new/", records.register, name="patient-register"),
    path("patients/<uuid:patient_id>/edit/", records.edit, name="patient-edit"),
    path("patients/<uuid:patient_id>/consents/", consents.record, name="consent-record"),
    path("consents/<uuid:consent_id>/withdraw/", consents.withdraw, name="consent-withdraw"),
]
