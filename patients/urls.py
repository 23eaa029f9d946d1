from django.urls import path

from patients.views import consents, find, imports, records

urlpatterns = [
    path("patients/", records.patient_list, name="patient-list"),
    path("patients/find/", find.find, name="patient-find"),
    path("patients/new/", records.register, name="patient-register"),
    path("patients/import/", imports.start, name="import-start"),
    path("patients/import/<uuid:import_id>/", imports.show, name="import"),
    path("patients/import/<uuid:import_id>/reading/", imports.describe, name="import-describe"),
    path("patients/import/<uuid:import_id>/columns/", imports.begin, name="import-begin"),
    path("patients/import/<uuid:import_id>/check/", imports.check, name="import-check"),
    path("patients/import/<uuid:import_id>/apply/", imports.apply, name="import-apply"),
    path("patients/import/<uuid:import_id>/left-out/", imports.left_out, name="import-left-out"),
    path("patients/import/<uuid:import_id>/throw-away/", imports.throw_away, name="import-throw-away"),
    path("patients/<uuid:patient_id>/edit/", records.edit, name="patient-edit"),
    path("patients/<uuid:patient_id>/consents/", consents.record, name="consent-record"),
    path("consents/<uuid:consent_id>/withdraw/", consents.withdraw, name="consent-withdraw"),
]
