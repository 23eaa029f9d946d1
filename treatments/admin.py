from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from clinic.admin import ManagerEdits, ReadOnly
from treatments.models import (
    Appointment,
    Closure,
    Hold,
    Photo,
    Review,
    Session,
    SideEffect,
    SkinCheck,
    TrainingRecord,
    Treatment,
)


@admin.register(Treatment)
class TreatmentAdmin(ManagerEdits):
    list_display = ["name", "family", "duration_minutes", "overlap_allowed", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The family is fixed once an appointment names the treatment, as its own or as what it stood for (guard e)."""
        named = obj is not None and Appointment.objects.filter(Q(treatment=obj) | Q(stood_for=obj)).exists()
        return ["family"] if named else []


# Training records are kept on the people's pages, with their certificates; here they are shown.
admin.site.register(
    [Appointment, Closure, Hold, Photo, Review, Session, SideEffect, SkinCheck, TrainingRecord], ReadOnly
)
