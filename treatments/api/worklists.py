"""The four lists that nobody is forgotten by."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from treatments.worklists import LISTS, Row, worklists


class RowSerializer(Shape):
    """Who waits, why, since when, and what somebody does next."""

    patient = serializers.UUIDField(source="patient.pk")
    patient_name = serializers.CharField(source="patient")
    appointment = serializers.SerializerMethodField()
    side_effect = serializers.SerializerMethodField()
    why = serializers.CharField()
    since = serializers.DateField()
    next_step = serializers.CharField()
    due = serializers.DateField(allow_null=True)
    urgent = serializers.BooleanField()

    def get_appointment(self, row: Row) -> str | None:
        return str(row.appointment.pk) if row.appointment else None

    def get_side_effect(self, row: Row) -> str | None:
        return str(row.side_effect.pk) if row.side_effect else None


class WorklistsSerializer(Shape):
    def get_fields(self) -> dict[str, Any]:
        # Names with hyphens are no attributes.
        return {name: RowSerializer(many=True) for name in LISTS}


class Worklists(ClinicView):
    @extend_schema(responses=WorklistsSerializer)
    def get(self, request: Request) -> Response:
        """On hold, clear again, review due, reported: each as it is now."""
        return self.answer(WorklistsSerializer, worklists())
