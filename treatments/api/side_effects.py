"""Side effects: reported, looked at again, or struck through."""

import uuid

from django.http import Http404
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.api_lists import KeysetPagination
from clinic.models import AuditEvent, Staff
from treatments.api.fields import Code, Day, Moment, Words, the_patient, the_session, the_side_effect
from treatments.body_map import THOUSAND
from treatments.models import SideEffect
from treatments.models.side_effect import BodySite, Kind, Severity, Side
from treatments.opening import RED_FLAGS
from treatments.side_effects import (
    correct_patient,
    enter_in_error,
    report_side_effect,
    report_side_effects,
)


def red_flags() -> serializers.ListField:
    return serializers.ListField(
        child=serializers.ChoiceField(list(RED_FLAGS)),
        max_length=len(RED_FLAGS),
        required=False,
        help_text="Any of them opens a suspected infection beside it.",
    )


def on_the_map() -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, max_value=THOUSAND, required=False, allow_null=True)


class Told(Shape):
    """What is told of a side effect, whatever its kind."""

    patient = the_patient()
    session = the_session(required=False, allow_null=True)
    site = Code(BodySite.choices)
    side = Code(Side.choices)
    severity = serializers.ChoiceField(Severity.choices, required=False, allow_null=True)
    onset_on = Day(required=False, allow_null=True)
    onset_is_about = serializers.BooleanField(required=False, help_text="The day is about right, not exact.")
    painful_to_touch = serializers.BooleanField(required=False, allow_null=True, help_text="Asked of swelling.")
    cream = Words(max_length=100, help_text="After which cream the skin was irritated.")
    map_view = Words(max_length=10, help_text="The body map's view on which it was marked.")
    map_x, map_y = on_the_map(), on_the_map()
    note = Words(max_length=4000)
    seen = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="A practitioner sees it now. From anybody else it counts as reported.",
    )
    reopens = the_side_effect(required=False, allow_null=True)
    red_flags = red_flags()


class SideEffectInput(Told):
    kind = serializers.ChoiceField(Kind.choices)


class SeveralInput(Told):
    kinds = serializers.ListField(
        child=serializers.ChoiceField(Kind.choices),
        min_length=1,
        max_length=len(Kind),
        help_text="Each becomes a side effect of its own.",
    )
    not_the_same = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=50,
        required=False,
        help_text="Open side effects that were asked about (`likely-the-same`), and of which this is another.",
    )


class SideEffectSerializer(Shape):
    """A receptionist is answered id, patient, kind, onset_on and seen; the rest is left out for them."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    kind = serializers.ChoiceField(Kind.choices)
    onset_on = serializers.DateField(allow_null=True)
    seen = serializers.SerializerMethodField()
    session = serializers.UUIDField(source="session_id", allow_null=True, required=False)
    site = serializers.ChoiceField(BodySite.choices, allow_blank=True, required=False)
    side = serializers.ChoiceField(Side.choices, allow_blank=True, required=False)
    severity = serializers.ChoiceField(Severity.choices, allow_null=True, required=False)
    onset_is_about = serializers.BooleanField(required=False)
    painful_to_touch = serializers.BooleanField(allow_null=True, required=False)
    cream = serializers.CharField(allow_blank=True, required=False)
    red_flags = serializers.ListField(child=serializers.CharField(), required=False)
    map_view = serializers.CharField(allow_blank=True, required=False)
    map_x = serializers.IntegerField(allow_null=True, required=False)
    map_y = serializers.IntegerField(allow_null=True, required=False)
    note = serializers.CharField(allow_blank=True, required=False)
    open = serializers.BooleanField(source="is_open", required=False)
    seen_at = Moment(allow_null=True, required=False)
    recorded_at = Moment(required=False)
    recorded_by = serializers.UUIDField(source="recorded_by_id", required=False)
    reopens = serializers.UUIDField(source="reopens_id", allow_null=True, required=False)
    moved_from = serializers.UUIDField(source="moved_from_id", allow_null=True, required=False)
    closing_review = serializers.UUIDField(source="closing_review_id", allow_null=True, required=False)
    error_at = Moment(allow_null=True, required=False)
    error_reason = serializers.CharField(allow_blank=True, required=False)

    def get_seen(self, side_effect: SideEffect) -> bool:
        return side_effect.seen_at is not None


class SideEffectForReception(Shape):
    """All that reception is told (DOMAIN.md section 3)."""

    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    kind = serializers.ChoiceField(Kind.choices)
    onset_on = serializers.DateField(allow_null=True)
    seen = serializers.SerializerMethodField()

    def get_seen(self, side_effect: SideEffect) -> bool:
        return side_effect.seen_at is not None


def _as_told_to(staff: Staff) -> type[Shape]:
    return SideEffectSerializer if staff.may("read-clinical") else SideEffectForReception


def clinical_side_effect(staff: Staff, id: uuid.UUID) -> SideEffect:
    """For reading what hangs on it: not there for who may not read clinical notes."""
    if not staff.may("read-clinical"):
        raise Http404
    return get_object_or_404(SideEffect.objects.visible_to(staff), pk=id)


class SideEffectFilter(Shape):
    patient = serializers.UUIDField(required=False)
    open = serializers.BooleanField(required=False, help_text="Neither found gone nor entered in error.")


class ErrorInput(Shape):
    reason = serializers.CharField(max_length=500)


class WrongPatientInput(ErrorInput):
    patient = the_patient(help_text="The patient it belongs to.")


class SideEffects(ClinicView):
    needs = {"POST": "report-concern"}
    pagination_class = KeysetPagination

    @extend_schema(parameters=[SideEffectFilter], responses=SideEffectSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Side effects, the newest first."""
        asked = self.asked(SideEffectFilter)
        found = SideEffect.objects.visible_to(self.staff)
        if "patient" in asked:
            found = found.filter(patient=asked["patient"])
        if "open" in asked:
            still_open = SideEffect.objects.open().values("pk")
            found = found.open() if asked["open"] else found.exclude(pk__in=still_open)
        page = self.page(_as_told_to(self.staff), found)
        if self.staff.may("read-clinical"):
            self.keep_reading(AuditEvent.Kind.RECORD_READ, patient_id=asked.get("patient"), subject="side-effects")
        return page

    @extend_schema(request=SideEffectInput, responses={201: SideEffectSerializer})
    def post(self, request: Request) -> Response:
        """Report one. Bruising puts the patient's booked mesotherapy on hold at once."""
        given = {name: value for name, value in self.sent(SideEffectInput).items() if value is not None}
        return self.answer(_as_told_to(self.staff), self.perform(report_side_effect, **given), status=201)


class SeveralSideEffects(ClinicView):
    needs = {"POST": "report-concern"}

    @extend_schema(request=SeveralInput, responses={201: SideEffectSerializer(many=True)})
    def post(self, request: Request) -> Response:
        """Report several kinds at once, in one transaction. An open one of a kind at the place is asked about first: 409,
        `likely-the-same`, with its id in `side_effects`."""
        given = {name: value for name, value in self.sent(SeveralInput).items() if value is not None}
        made = self.perform(report_side_effects, **given)
        return Response(_as_told_to(self.staff)(made, many=True, context={"staff": self.staff}).data, status=201)


class OneSideEffect(ClinicView):
    @extend_schema(responses=SideEffectSerializer)
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """One side effect. That its clinical part was read is kept in the audit trail."""
        found = get_object_or_404(SideEffect.objects.visible_to(self.staff), pk=id)
        if self.staff.may("read-clinical"):
            self.keep_reading(
                AuditEvent.Kind.RECORD_READ, patient_id=found.patient_id, subject="side-effect", subject_id=found.pk
            )
        return self.answer(_as_told_to(self.staff), found)


class Judgement(ClinicView):
    """Something only a practitioner does to a side effect."""

    needs = {"POST": "judge-side-effects"}

    def judged(self, id: uuid.UUID) -> SideEffect:
        return get_object_or_404(SideEffect.objects.visible_to(self.staff).select_related("patient"), pk=id)


class EnterInError(Judgement):
    @extend_schema(request=ErrorInput, responses=SideEffectSerializer)
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Strike the entry through, with a reason, for good. What was held stays held."""
        struck = self.perform(enter_in_error, side_effect=self.judged(id), **self.sent(ErrorInput))
        return self.answer(SideEffectSerializer, struck)


class WrongPatient(Judgement):
    @extend_schema(request=WrongPatientInput, responses={201: SideEffectSerializer})
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Struck through here and opened for the right patient, at once. Answers the new side effect."""
        moved = self.perform(correct_patient, side_effect=self.judged(id), **self.sent(WrongPatientInput))
        return self.answer(SideEffectSerializer, moved, status=201)
