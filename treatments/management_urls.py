"""Addresses of the manager's side; urls.py has the rest."""

from django.urls import path

from clinic.views import saved_filters
from treatments.views import audit, exports, integrity, records, sign_off

urlpatterns = [
    # The trail, and whether all is sound
    path("audit/", audit.audit, name="audit"),
    path("integrity/", integrity.integrity, name="integrity"),
    # Records to review, saved filters, refusals
    path("records/", records.records, name="records"),
    path("sessions/<uuid:session_id>/reviewed/", sign_off.session, name="session-sign-off"),
    path("side-effects/<uuid:side_effect_id>/reviewed/", sign_off.side_effect, name="side-effect-sign-off"),
    path("filters/of/<slug:page>/", saved_filters.save, name="filter-save"),
    path("filters/<uuid:filter_id>/", saved_filters.change, name="filter-change"),
    path("filters/<uuid:filter_id>/remove/", saved_filters.remove, name="filter-remove"),
    # Exports
    path("exports/", exports.own, name="exports"),
    path("exports/start/<slug:code>/", exports.start, name="export-start"),
    path("exports/<uuid:export_id>/", exports.shown, name="export"),
    path("exports/<uuid:export_id>/file/", exports.file, name="export-file"),
    path("exports/<uuid:export_id>/cancel/", exports.cancel, name="export-cancel"),
    path("exports/<uuid:export_id>/again/", exports.again, name="export-again"),
]
