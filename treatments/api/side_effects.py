"""Side effects: reported, looked at again, or struck through."""

import uuid
from typing import Any

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
from treatments.models import Review, SideEffect
from treatments.models.review import Finding, Mode, Outcome
from treatments.models.side_effect import BodySite, Kind, Severity, Side
from treatments.opening import RED_FLAGS
from treatments.side_effects import (
    correct_patient,
    enter_in_error,
    report_side_effect,
    review_side_effect,
)


class SideEffectInput(Shape):
    patient = the_patient()
    session = the_session(required=False, allow_null=True)
    kind = serializers.ChoiceField(Kind.choices)
    site = Code(BodySite.choices)
    side = Code(Side.choices)
    severity = serializers.ChoiceField(Severity.choices, required=False, allow_null=True)
    onset_on = Day(required=False, allow_null=True)
    painful_to_touch = serializers.BooleanField(required=False, allow_null=True)
    note = Words(max_length=4000)
    seen = serializers.BooleanField(
        required=False,
        allow_null=True,
        help_text="A practitioner sees it now. From anybody else it counts as reported.",
    )
    reopens = the_side_effect(required=False, allow_null=True)
    red_flags = serializers.ListField(
        child=serializers.ChoiceField(list(RED_FLAGS)),
        max_length=len(RED_FLAGS),
        required=False,
        help_text="Any of them opens a suspected infection beside it.",
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
    painful_to_touch = serializers.BooleanField(allow_null=True, required=False)
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


class ReviewInput(Shape):
    mode = serializers.ChoiceField(Mode.choices)
    finding = serializers.ChoiceField(Finding.choices)
    seen_at = Moment(required=False, allow_null=True)
    size_mm = serializers.IntegerField(min_value=1, max_value=2000, required=False, allow_null=True)
    colour = Words(max_length=100)
    note = Words(max_length=4000)
    outcome = Code(Outcome.choices, help_text="Follows the finding; gone may leave `resolved-with-sequelae`.")


class ReviewSerializer(Shape):
    id = serializers.UUIDField()
    side_effect = serializers.UUIDField(source="side_effect_id")
    mode = serializers.ChoiceField(Mode.choices)
    finding = serializers.ChoiceField(Finding.choices)
    outcome = serializers.ChoiceField(Outcome.choices)
    seen_at = Moment()
    size_mm = serializers.IntegerField(allow_null=True)
    colour = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    by = serializers.UUIDField(source="by_id")
    recorded_at = Moment()


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


class Reviews(Judgement):
    pagination_class = KeysetPagination

    @extend_schema(responses=ReviewSerializer(many=True))
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """The looks at it, the newest first. Not there for a receptionist."""
        side_effect = clinical_side_effect(self.staff, id)
        reviews = Review.objects.visible_to(self.staff).filter(side_effect=side_effect)
        page = self.page(ReviewSerializer, reviews.order_by("-seen_at", "-recorded_at", "id"))
        self.keep_reading(
            AuditEvent.Kind.RECORD_READ, patient_id=side_effect.patient_id, subject="reviews", subject_id=id
        )
        return page

    @extend_schema(request=ReviewInput, responses={201: ReviewSerializer})
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Add a dated look. Gone, in person or from a new photo, closes the side effect."""
        side_effect = self.judged(id)
        given: dict[str, Any] = {name: value for name, value in self.sent(ReviewInput).items() if value is not None}
        review = self.perform(review_side_effect, side_effect=side_effect, **given)
        return self.answer(ReviewSerializer, review, status=201)


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
