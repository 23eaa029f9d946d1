"""Addresses of the manager's side; urls.py has the rest."""

from django.urls import path

from treatments.views import exports

urlpatterns = [
    # Exports
    path("exports/start/<slug:code>/", exports.start, name="export-start"),
]
