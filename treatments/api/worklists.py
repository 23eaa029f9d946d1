"""The lists that nobody is forgotten by."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from treatments.models import Call
from treatments.worklists import LISTS, Row, worklists


class CallSerializer(Shape):
    """A call made for a row: when, who called, how it went."""

    at = serializers.DateTimeField()
    by = serializers.CharField(source="by.name")
    outcome = serializers.ChoiceField(Call.Outcome.choices)
    note = serializers.CharField()
    next_try_on = serializers.DateField(allow_null=True)


class RowSerializer(Shape):
    """Who waits, why, since when, and what somebody does next."""

    patient = serializers.UUIDField(source="patient.pk")
    patient_name = serializers.CharField(source="patient")
    phone = serializers.CharField(source="patient.phone")
    appointment = serializers.SerializerMethodField()
    side_effect = serializers.SerializerMethodField()
    session = serializers.SerializerMethodField()
    message = serializers.SerializerMethodField()
    why = serializers.CharField()
    since = serializers.DateField()
    next_step = serializers.CharField()
    due = serializers.DateField(allow_null=True)
    urgent = serializers.BooleanField()
    overdue = serializers.BooleanField(help_text="The week in which to ask has passed.")
    told = serializers.CharField(help_text="Of a held appointment: whether the patient knows.")
    calls = CallSerializer(many=True, help_text="Made for this row, newest first.")
    next_try_on = serializers.DateField(allow_null=True)
    later = serializers.BooleanField(help_text="The next try is on a day ahead: such rows stand last.")

    def get_appointment(self, row: Row) -> str | None:
        return str(row.appointment.pk) if row.appointment else None

    def get_side_effect(self, row: Row) -> str | None:
        return str(row.side_effect.pk) if row.side_effect else None

    def get_session(self, row: Row) -> str | None:
        return str(row.session.pk) if row.session else None

    def get_message(self, row: Row) -> str | None:
        return str(row.message.pk) if row.message else None


class WorklistsSerializer(Shape):
    def get_fields(self) -> dict[str, Any]:
        # Names with hyphens are no attributes.
        return {name: RowSerializer(many=True) for name in LISTS}


class Worklists(ClinicView):
    @extend_schema(responses=WorklistsSerializer)
    def get(self, request: Request) -> Response:
        """On hold, clear again, review due, reported, follow-up, call back, to move, training lapses, recall: each as it is now."""
        return self.answer(WorklistsSerializer, worklists())
