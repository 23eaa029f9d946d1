"""What is done in an appointment."""

import uuid
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import prefetch_related_objects
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.models import AuditEvent
from treatments.api.fields import Code, Hundredths, Moment, Words
from treatments.body_map import VIEWS
from treatments.models import Product, Session, SkinCheck
from treatments.models.lot import WITH_LOTS
from treatments.models.session import Anaesthetic, Technique
from treatments.models.side_effect import BodySite, Side
from treatments.record_version import version_of
from treatments.sessions import finish_session, write_session

LONGEST_LIST = 50
AS_OF = "The session's `as_of` as it was read. Given, it is refused (changed-meanwhile) where another version stands by now."


class InjectedSite(Shape):
    site = serializers.ChoiceField(BodySite.choices)
    side = Code(Side.choices)
    view = Code([(code, code) for code in VIEWS], help_text="The body map's view that the point lies in.")
    x = serializers.IntegerField(min_value=0, max_value=1000, required=False, help_text="In thousandths of the view.")
    y = serializers.IntegerField(min_value=0, max_value=1000, required=False)
    technique = Code(Technique.choices)
    depth_mm = Hundredths(max_digits=4, required=False)
    needle = Words(max_length=30)
    volume_ml = Hundredths(max_digits=6, required=False)

    def to_representation(self, instance: Any) -> dict[str, Any]:
        """As it is kept: what was not written down is left out, but for the side."""
        return {"side": "", **instance}


@extend_schema_field(
    {
        "oneOf": [
            {"type": "string", "enum": BodySite.values},
            {"$ref": "#/components/schemas/InjectedSite"},
        ]
    }
)
class InjectedSiteOrCode(serializers.Field[Any, Any, Any, Any]):
    """A bare code is a site of which nobody wrote down more."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        place = InjectedSite(data={"site": data} if isinstance(data, str) else data)
        place.is_valid(raise_exception=True)
        return {"side": "", **place.validated_data}


class UsedLot(Shape):
    """How much of a lot went in."""

    lot = serializers.UUIDField()
    volume_ml = Hundredths(max_digits=6, required=False, allow_null=True)


class SessionInput(Shape):
    anaesthetic = Code(Anaesthetic.choices)
    anaesthetic_lot = serializers.UUIDField(required=False, allow_null=True)
    anaesthetic_ml = Hundredths(max_digits=6, required=False, allow_null=True)
    asepsis = serializers.ListField(
        child=serializers.SlugField(max_length=40),
        max_length=LONGEST_LIST,
        required=False,
        help_text="Codes of the clinic's own list against infection.",
    )
    sites = serializers.ListField(child=InjectedSiteOrCode(), max_length=LONGEST_LIST, required=False)
    lots = serializers.ListField(
        child=UsedLot(), max_length=LONGEST_LIST, required=False, help_text="What was injected: all of it, or left out."
    )
    creams = serializers.ListField(
        child=serializers.CharField(max_length=100),
        max_length=LONGEST_LIST,
        required=False,
        allow_null=True,
        help_text="Names of those recommended; [] is none, null is not recorded.",
    )
    burning = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    pain = serializers.IntegerField(min_value=0, max_value=10, required=False, allow_null=True)
    swelling = serializers.BooleanField(required=False, allow_null=True)
    itching = serializers.BooleanField(required=False, allow_null=True)
    note = Words(max_length=8000)
    next_step = Words(max_length=500)
    as_of = serializers.CharField(max_length=64, required=False, help_text=AS_OF)


class FinishInput(Shape):
    as_of = serializers.CharField(max_length=64, required=False, help_text=AS_OF)
    answered = serializers.ListField(
        child=serializers.CharField(max_length=60),
        max_length=LONGEST_LIST,
        required=False,
        help_text="Keys of the questions of a 409 “Confirm first”, each looked at and found right.",
    )


class UsedLotSerializer(Shape):
    lot = serializers.UUIDField(source="lot_id")
    number = serializers.CharField(source="lot.number")
    product = serializers.UUIDField(source="lot.product_id")
    product_name = serializers.CharField(source="lot.product.name")
    use = serializers.ChoiceField(Product.Use.choices, source="lot.product.use")
    volume_ml = serializers.DecimalField(max_digits=6, decimal_places=2, allow_null=True)


class SessionSerializer(Shape):
    id = serializers.UUIDField()
    appointment = serializers.UUIDField(source="appointment_id")
    patient = serializers.UUIDField(source="patient_id")
    practitioner = serializers.UUIDField(source="practitioner_id")
    started_at = Moment()
    finished_at = Moment(allow_null=True)
    error_at = Moment(allow_null=True, help_text="Entered in error since then, with `error_reason`.")
    error_reason = serializers.CharField(allow_blank=True)
    skin_check = serializers.SerializerMethodField()
    anaesthetic = serializers.ChoiceField(Anaesthetic.choices, allow_blank=True)
    asepsis = serializers.ListField(child=serializers.CharField())
    sites = InjectedSite(many=True)
    lots = UsedLotSerializer(many=True, source="lot_uses", help_text="Injected, and given as the anaesthetic.")
    creams = serializers.ListField(child=serializers.CharField(), allow_null=True)
    burning = serializers.IntegerField(allow_null=True)
    pain = serializers.IntegerField(allow_null=True)
    swelling = serializers.BooleanField(allow_null=True)
    itching = serializers.BooleanField(allow_null=True)
    note = serializers.CharField(allow_blank=True)
    next_step = serializers.CharField(allow_blank=True)
    as_of = serializers.SerializerMethodField(
        help_text="The version of what is recorded; sent back, nothing newer is lost."
    )

    def get_as_of(self, session: Session) -> str:
        return version_of(session, session.lot_uses.all())

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
        visible = Session.objects.visible_to(self.staff).select_related("skin_check").prefetch_related(WITH_LOTS)
        session = get_object_or_404(visible, pk=id)
        self.keep_reading(
            AuditEvent.Kind.RECORD_READ, patient_id=session.patient_id, subject="session", subject_id=session.pk
        )
        return self.answer(SessionSerializer, session)

    @extend_schema(request=SessionInput, responses=SessionSerializer)
    def patch(self, request: Request, id: uuid.UUID) -> Response:
        """Write down what is done. Refused once the session is finished, for a lot that cannot be used, and where `as_of` is no longer so."""
        session = get_object_or_404(Session.objects.visible_to(self.staff), pk=id)
        written = self.perform(write_session, session=session, **self.sent(SessionInput))
        return self.answer(SessionSerializer, _with_lots(written))


class Finish(ClinicView):
    needs = {"POST": "treat"}

    @extend_schema(request=FinishInput, responses=SessionSerializer)
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Sign the record; its appointment is fulfilled.

        Where a lot became unusable meanwhile, or a volume is past the clinic's limit, the answer is 409 “Confirm first”
        with `questions`; their keys in `answered` say that each was looked at.
        """
        session = get_object_or_404(Session.objects.visible_to(self.staff), pk=id)
        finished = self.perform(finish_session, session=session, **self.sent(FinishInput))
        return self.answer(SessionSerializer, _with_lots(finished))


def _with_lots(session: Session) -> Session:
    prefetch_related_objects([session], WITH_LOTS)
    return session
