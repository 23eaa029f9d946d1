"""Patients, their consents, and the question of the rule."""

import uuid

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import PROBLEM, ClinicView, Shape, blocker_json
from clinic.api_lists import KeysetPagination
from clinic.models import AuditEvent
from clinic.openapi import BlockerSerializer, ProblemSerializer
from patients.models import Consent, Patient
from patients.registration import correct_patient_details, record_consent, register_patient
from treatments.api.fields import Day, Moment, Words, the_treatment
from treatments.eligibility import verdict
from treatments.sheet_giving import record_treatment_consent

STATES = ("bruised", "clear", "not-checked")


class PatientInput(Shape):
    given_name = serializers.CharField(max_length=100)
    family_name = serializers.CharField(max_length=100)
    pronouns = Words(max_length=30)
    date_of_birth = Day()
    phone = Words(max_length=30, help_text="Digits, spaces and + only, for example +44 7700 900123.")
    email = Words(max_length=254)
    low_pain_threshold = serializers.BooleanField(required=False)
    allergies = Words(max_length=500)
    alerts = Words(max_length=500)


class NewPatientInput(PatientInput):
    confirm_new = serializers.BooleanField(
        required=False, help_text="Register them although somebody like them is there: it is another person."
    )


class CandidateSerializer(Shape):
    """Somebody who is registered already."""

    id = serializers.UUIDField()
    number = serializers.CharField()
    why = serializers.CharField(help_text="What is alike, in words.")


class LikelyDuplicateSerializer(ProblemSerializer):
    """Nothing was registered: somebody like them is there already. Send it again with `confirm_new` if that is another."""

    code = serializers.ChoiceField(["likely-duplicate"])
    candidates = CandidateSerializer(many=True)


class PatientSerializer(Shape):
    id = serializers.UUIDField()
    number = serializers.CharField()
    given_name = serializers.CharField()
    family_name = serializers.CharField()
    pronouns = serializers.CharField(allow_blank=True)
    date_of_birth = serializers.DateField()
    phone = serializers.CharField(allow_blank=True)
    email = serializers.CharField(allow_blank=True)
    low_pain_threshold = serializers.BooleanField()
    allergies = serializers.CharField(allow_blank=True)
    alerts = serializers.CharField(allow_blank=True)
    merged_into = serializers.UUIDField(source="merged_into_id", allow_null=True)


class PatientFilter(Shape):
    search = serializers.CharField(
        required=False, max_length=100, help_text="Every word of it is in the name, number, birth date or phone."
    )


class ConsentInput(Shape):
    kind = serializers.ChoiceField(Consent.Kind.choices)
    version = Words(max_length=40, help_text="Which version of the wording.")


class ConsentSerializer(Shape):
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    kind = serializers.ChoiceField(Consent.Kind.choices)
    version = serializers.CharField(allow_blank=True)
    given_at = Moment()
    recorded_by = serializers.UUIDField(source="recorded_by_id")
    withdrawn_at = Moment(allow_null=True)


class EligibilityFilter(Shape):
    treatment = the_treatment()


class EligibilitySerializer(Shape):
    allowed = serializers.BooleanField()
    state = serializers.ChoiceField(STATES, help_text="Speaks of bruising only.")
    blockers = BlockerSerializer(many=True)
    checked_at = Moment()


class Patients(ClinicView):
    needs = {"POST": "edit-patients"}
    pagination_class = KeysetPagination

    @extend_schema(parameters=[PatientFilter], responses=PatientSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Patients by name, or those a search finds. A record merged into another is not among them."""
        patients = Patient.objects.visible_to(self.staff).current()
        if search := self.asked(PatientFilter).get("search"):
            patients = patients.matching(search)
        return self.page(PatientSerializer, patients)

    @extend_schema(
        request=NewPatientInput,
        responses={
            201: PatientSerializer,
            (409, PROBLEM): OpenApiResponse(
                LikelyDuplicateSerializer,
                "Somebody like them is registered already: `candidates`. Nothing was changed.",
            ),
        },
    )
    def post(self, request: Request) -> Response:
        """Register a patient; the record number is given here. Somebody likely registered already is asked about first."""
        sent = self.sent(NewPatientInput)
        is_new = sent.pop("confirm_new", False)
        return self.answer(PatientSerializer, self.perform(register_patient, ask=not is_new, **sent), status=201)


class OnePatient(ClinicView):
    needs = {"PATCH": "edit-patients"}

    @extend_schema(responses=PatientSerializer)
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """One patient. That it was read is kept in the audit trail."""
        patient = get_object_or_404(Patient.objects.visible_to(self.staff), pk=id)
        self.keep_reading(AuditEvent.Kind.CHART_READ, patient_id=id, subject="patient", subject_id=id)
        return self.answer(PatientSerializer, patient)

    @extend_schema(request=PatientInput, responses=PatientSerializer)
    def patch(self, request: Request, id: uuid.UUID) -> Response:
        """Correct what is known of a patient; what stood before stays in the history."""
        patient = get_object_or_404(Patient.objects.visible_to(self.staff), pk=id)
        changed = self.perform(correct_patient_details, patient=patient, **self.sent(PatientInput, partial=True))
        return self.answer(PatientSerializer, changed)


class Consents(ClinicView):
    needs = {"POST": "edit-patients"}
    pagination_class = KeysetPagination

    @extend_schema(responses=ConsentSerializer(many=True))
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """The patient's consents, the newest first."""
        patient = get_object_or_404(Patient.objects.visible_to(self.staff), pk=id)
        consents = Consent.objects.visible_to(self.staff).filter(patient=patient)
        return self.page(ConsentSerializer, consents.order_by("-given_at", "id"))

    @extend_schema(request=ConsentInput, responses={201: ConsentSerializer})
    def post(self, request: Request, id: uuid.UUID) -> Response:
        """The patient agreed. One of a kind is in force at a time; recorded again, the first one is answered."""
        patient = get_object_or_404(Patient.objects.visible_to(self.staff), pk=id)
        sent = self.sent(ConsentInput)
        if sent["kind"] == Consent.Kind.TREATMENT:  # the sheet of risks comes before the first one
            del sent["kind"]
            consent = self.perform(record_treatment_consent, patient=patient, **sent)
        else:
            consent = self.perform(record_consent, patient=patient, **sent)
        return self.answer(ConsentSerializer, consent, status=201)


class Eligibility(ClinicView):
    @extend_schema(parameters=[EligibilityFilter], responses=EligibilitySerializer)
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """May this patient have this treatment now, and if not: why, since when, and what lifts it."""
        patient = get_object_or_404(Patient.objects.visible_to(self.staff), pk=id)
        found = verdict(patient, self.asked(EligibilityFilter)["treatment"])
        said = {
            "allowed": found.allowed,
            "state": found.state,
            "blockers": [blocker_json(blocker, self.staff) for blocker in found.blockers],
            "checked_at": found.checked_at,
        }
        return self.answer(EligibilitySerializer, said)
