"""What is done in an appointment."""

import uuid
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.models import AuditEvent
from treatments.api.fields import Code, Moment, Words
from treatments.models import Session, SkinCheck
from treatments.models.session import Anaesthetic, Asepsis
from treatments.models.side_effect import BodySite, Side
from treatments.sessions import finish_session, write_session

LONGEST_LIST = 50


class InjectedSite(Shape):
    site = serializers.ChoiceField(BodySite.choices)
    side = Code(Side.choices)


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": BodySite.values},
            {
                "type": "object",
                "required": ["site"],
                "properties": {
                    "site": {"type": "string", "enum": BodySite.values},
                    "side": {"type": "string", "enum": ["", *Side.values], "nullable": True},
                },
            },
        ]
    }
)
class InjectedSiteOrCode(serializers.Field[Any, Any, Any, Any]):
    """A bare code is a site whose side nobody wrote down."""

    def to_internal_value(self, data: Any) -> dict[str, str]:
        place = InjectedSite(data={"site": data} if isinstance(data, str) else data)
        place.is_valid(raise_exception=True)
        return {"side": "", **place.validated_data}


class Product(Shape):
    name = serializers.CharField(max_length=100)
    lot = Words(max_length=60)


class SessionInput(Shape):
    anaesthetic = Code(Anaesthetic.choices)
    anaesthetic_agent = Words(max_length=100)
    anaesthetic_lot = Words(max_length=60)
    asepsis = serializers.ListField(
        child=serializers.ChoiceField(Asepsis.choices), max_length=LONGEST_LIST, required=False
    )
    sites = serializers.ListField(child=InjectedSiteOrCode(), max_length=LONGEST_LIST, required=False)
    products = serializers.ListField(child=Product(), max_length=LONGEST_LIST, required=False)
    creams = serializers.ListField(
        child=serializers.CharField(max_length=100),
        max_length=LONGEST_LIST,
        required=False,
        allow_null=True,
        help_text="Names of those recommended; [] is none, null is not recorded.",
    )
    burning = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    pain = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    note = Words(max_length=8000)


class SessionSerializer(Shape):
    id = serializers.UUIDField()
    appointment = serializers.UUIDField(source="appointment_id")
    patient = serializers.UUIDField(source="patient_id")
    practitioner = serializers.UUIDField(source="practitioner_id")
    started_at = Moment()
    finished_at = Moment(allow_null=True)
    skin_check = serializers.SerializerMethodField()
    anaesthetic = serializers.ChoiceField(Anaesthetic.choices, allow_blank=True)
    anaesthetic_agent = serializers.CharField(allow_blank=True)
    anaesthetic_lot = serializers.CharField(allow_blank=True)
    asepsis = serializers.ListField(child=serializers.ChoiceField(Asepsis.choices))
    sites = InjectedSite(many=True)
    products = Product(many=True)
    creams = serializers.ListField(child=serializers.CharField(), allow_null=True)
    burning = serializers.IntegerField(allow_null=True)
    pain = serializers.IntegerField(allow_null=True)
    note = serializers.CharField(allow_blank=True)

    @extend_schema_field({"type": "string", "enum": SkinCheck.Finding.values, "nullable": True})
    def get_skin_check(self, session: Session) -> str | None:
        try:
            return session.skin_check.finding
        except ObjectDoesNotExist:
            return None


class OneSession(ClinicView):
    needs = {"PATCH": "treat"}

    @extend_schema(responses=SessionSerializer)
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """One session. That it was read is kept in the audit trail."""
        session = get_object_or_404(Session.objects.visible_to(self.staff).select_related("skin_check"), pk=id)
        self.keep_reading(
            AuditEvent.Kind.RECORD_READ, patient_id=session.patient_id, subject="session", subject_id=session.pk
        )
        return self.answer(SessionSerializer, session)

    @extend_schema(request=SessionInput, responses=SessionSerializer)
    def patch(self, request: Request, id: uuid.UUID) -> Response:
        """Write down what is done. Refused once the session is finished."""
        session = get_object_or_404(Session.objects.visible_to(self.staff), pk=id)
        written = self.perform(write_session, session=session, **self.sent(SessionInput))
        return self.answer(SessionSerializer, written)


class Finish(ClinicView):
    needs = {"POST": "treat"}

    @extend_schema(request=None, responses=SessionSerializer)
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Close the record; its appointment is fulfilled."""
        session = get_object_or_404(Session.objects.visible_to(self.staff), pk=id)
        return self.answer(SessionSerializer, self.perform(finish_session, session=session))
