"""Looks at a side effect, and the medical-referral checklist of a suspected infection."""

import uuid
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import Shape
from clinic.api_lists import KeysetPagination
from clinic.models import AuditEvent
from treatments.api.fields import Code, Moment, Words
from treatments.api.side_effects import Judgement, clinical_side_effect, red_flags
from treatments.models import ReferralStep, Review
from treatments.models.review import Causality, Finding, Mode, Outcome, SizeMethod
from treatments.referrals import record_referral_step
from treatments.side_effects import review_side_effect


class ReviewInput(Shape):
    mode = serializers.ChoiceField(Mode.choices)
    finding = serializers.ChoiceField(Finding.choices)
    seen_at = Moment(required=False, allow_null=True)
    size_mm = serializers.IntegerField(min_value=1, max_value=2000, required=False, allow_null=True)
    size_method = Code(SizeMethod.choices, help_text="How the size was measured; needed with one.")
    colour = Words(max_length=100)
    action_taken = Words(max_length=500, help_text="What was done about it.")
    causality = Code(Causality.choices, help_text="Whether the treatment caused it, in the WHO-UMC system's words.")
    note = Words(max_length=3900)
    outcome = Code(Outcome.choices, help_text="Follows the finding; gone may leave `resolved-with-sequelae`.")
    red_flags = red_flags()


class ReviewSerializer(Shape):
    id = serializers.UUIDField()
    side_effect = serializers.UUIDField(source="side_effect_id")
    mode = serializers.ChoiceField(Mode.choices)
    finding = serializers.ChoiceField(Finding.choices)
    outcome = serializers.ChoiceField(Outcome.choices)
    seen_at = Moment()
    size_mm = serializers.IntegerField(allow_null=True)
    size_method = serializers.ChoiceField(SizeMethod.choices, allow_blank=True)
    colour = serializers.CharField(allow_blank=True)
    action_taken = serializers.CharField(allow_blank=True)
    causality = serializers.ChoiceField(Causality.choices, allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    by = serializers.UUIDField(source="by_id")
    recorded_at = Moment()


class ReferralStepInput(Shape):
    step = serializers.ChoiceField(
        ReferralStep.Step.choices, help_text="`closed` ends the list before all is done; its note says why."
    )
    note = Words(max_length=300)
    done_at = Moment(required=False, allow_null=True)


class ReferralStepSerializer(Shape):
    id = serializers.UUIDField()
    side_effect = serializers.UUIDField(source="side_effect_id")
    step = serializers.ChoiceField(ReferralStep.Step.choices)
    note = serializers.CharField(allow_blank=True)
    done_at = Moment()
    by = serializers.UUIDField(source="by_id")


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


class ReferralSteps(Judgement):
    pagination_class = KeysetPagination

    @extend_schema(responses=ReferralStepSerializer(many=True))
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """What is ticked of its medical-referral checklist, the first done first. Not there for a receptionist."""
        side_effect = clinical_side_effect(self.staff, id)
        steps = ReferralStep.objects.visible_to(self.staff).filter(side_effect=side_effect)
        page = self.page(ReferralStepSerializer, steps.order_by("done_at", "id"))
        self.keep_reading(
            AuditEvent.Kind.RECORD_READ, patient_id=side_effect.patient_id, subject="referral-steps", subject_id=id
        )
        return page

    @extend_schema(request=ReferralStepInput, responses={201: ReferralStepSerializer})
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """Tick one step of a suspected infection's checklist, for good."""
        step = self.perform(record_referral_step, side_effect=self.judged(id), **self.sent(ReferralStepInput))
        return self.answer(ReferralStepSerializer, step, status=201)
