"""Addresses of the manager's side; urls.py has the rest."""

from django.urls import path

from clinic.views import saved_filters
from treatments.views import (
    alerts,
    audit,
    exports,
    figures,
    integrity,
    patient_data,
    people,
    people_access,
    recalls,
    records,
    refusals,
    sign_off,
    training,
)

urlpatterns = [
    # The trail, and whether all is sound
    path("audit/", audit.audit, name="audit"),
    path("integrity/", integrity.integrity, name="integrity"),
    # Records to review, saved filters, refusals
    path("records/", records.records, name="records"),
    path("refusals/", refusals.refusals, name="refusals"),
    path("sessions/<uuid:session_id>/reviewed/", sign_off.session, name="session-sign-off"),
    path("side-effects/<uuid:side_effect_id>/reviewed/", sign_off.side_effect, name="side-effect-sign-off"),
    path("filters/of/<slug:page>/", saved_filters.save, name="filter-save"),
    path("filters/<uuid:filter_id>/", saved_filters.change, name="filter-change"),
    path("filters/<uuid:filter_id>/remove/", saved_filters.remove, name="filter-remove"),
    # Recalls and alerts
    path("lots/<uuid:lot_id>/recall/", recalls.begin, name="recall-begin"),
    path("recalls/<uuid:recall_id>/", recalls.recall, name="recall"),
    path("recalls/<uuid:recall_id>/letter/", recalls.letter, name="recall-letter"),
    path("recalls/<uuid:recall_id>/letters/", recalls.letters, name="recall-letters"),
    path("recalls/<uuid:recall_id>/posted/", recalls.posted, name="recall-posted"),
    path("recalls/<uuid:recall_id>/end/", recalls.end, name="recall-end"),
    path("patients/<uuid:patient_id>/recall-told/", recalls.tell, name="recall-tell"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    # Figures
    path("figures/", figures.figures, name="figures"),
    path("figures/practitioners/", figures.of_practitioners, name="figures-practitioners"),
    path("figures/time-to-clear/", figures.time_to_clear, name="time-to-clear"),
    path("figures/watch/", figures.watch, name="figures-watch"),
    # People
    path("people/", people.people_list, name="people"),
    path("people/invite/", people.invite, name="person-invite"),
    path("people/<uuid:staff_id>/", people.person, name="person"),
    path("people/<uuid:staff_id>/change/", people.change, name="person-change"),
    path("people/<uuid:staff_id>/invite-again/", people.again, name="person-invite-again"),
    path("people/<uuid:staff_id>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<uuid:staff_id>/bring-back/", people.reactivate, name="person-reactivate"),
    path("people/<uuid:staff_id>/sign-out/", people_access.sign_out, name="person-sign-out"),
    path("people/<uuid:staff_id>/second-step/reset/", people_access.reset, name="person-reset-second-step"),
    path("people/<uuid:staff_id>/training/", training.add, name="training-add"),
    path("training/<uuid:record_id>/certificate/", training.attach, name="training-attach"),
    path("training/<uuid:record_id>/file/", training.file, name="training-file"),
    path("training/<uuid:record_id>/withdraw/", training.withdraw, name="training-withdraw"),
    # A patient's own data
    path("patients/<uuid:patient_id>/data/", patient_data.patient_data, name="patient-data"),
    path("patients/<uuid:patient_id>/data/archive/", patient_data.ask, name="patient-data-ask"),
    path("patients/<uuid:patient_id>/data/erase/", patient_data.erase, name="patient-erase"),
    path("retention/", patient_data.retention, name="retention"),
    # Exports
    path("exports/", exports.own, name="exports"),
    path("exports/start/<slug:code>/", exports.start, name="export-start"),
    path("exports/<uuid:export_id>/", exports.shown, name="export"),
    path("exports/<uuid:export_id>/file/", exports.file, name="export-file"),
    path("exports/<uuid:export_id>/cancel/", exports.cancel, name="export-cancel"),
    path("exports/<uuid:export_id>/again/", exports.again, name="export-again"),
]
