from typing import Any

from django.contrib import admin
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
from treatments.training import save_training


@admin.register(Treatment)
class TreatmentAdmin(ManagerEdits):
    list_display = ["name", "family", "duration_minutes", "overlap_allowed", "is_active"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """The family is fixed once an appointment names the treatment (guard e); show it as such."""
        return ["family"] if obj is not None and obj.appointments.exists() else []


@admin.register(TrainingRecord)
class TrainingRecordAdmin(ManagerEdits):
    list_display = ["staff", "family", "certificate", "valid_from", "valid_until", "withdrawn_on"]
    list_select_related = ["staff"]

    def save_model(self, request: HttpRequest, obj: TrainingRecord, form: Any, change: bool) -> None:
        save_training(obj, by=request.user, request=request)  # type: ignore[arg-type]


admin.site.register([Appointment, Closure, Hold, Photo, Review, Session, SideEffect, SkinCheck], ReadOnly)
