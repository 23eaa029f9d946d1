"""What is offered, by whom, and where."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.api_lists import KeysetPagination
from clinic.models import Room, Staff
from clinic.roles import ROLES
from treatments.api.fields import the_treatment
from treatments.models import Treatment
from treatments.models.training import mesotherapy_trained_until, trained_on
from treatments.models.treatment import Family


class TreatmentSerializer(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    family = serializers.ChoiceField(Family.choices)
    duration_minutes = serializers.IntegerField()


class StaffSerializer(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    roles = serializers.ListField(child=serializers.ChoiceField(list(ROLES)))
    mesotherapy_trained_until = serializers.DateField(allow_null=True)


class StaffFilter(Shape):
    role = serializers.ChoiceField(list(ROLES), required=False)
    treatment = the_treatment(required=False, help_text="Leaves only who may give it today.")


class RoomSerializer(Shape):
    id = serializers.UUIDField()
    name = serializers.CharField()
    site = serializers.UUIDField(source="site_id")


class Treatments(ClinicView):
    pagination_class = KeysetPagination

    @extend_schema(responses=TreatmentSerializer(many=True))
    def get(self, request: Request) -> Response:
        """The catalogue: what can be booked."""
        return self.page(TreatmentSerializer, Treatment.objects.visible_to(self.staff).bookable().order_by("name"))


class StaffMembers(ClinicView):
    pagination_class = KeysetPagination

    @extend_schema(parameters=[StaffFilter], responses=StaffSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Members of staff who are active."""
        asked = self.asked(StaffFilter)
        staff = Staff.objects.visible_to(self.staff)
        if "role" in asked:
            staff = staff.filter(**{f"is_{asked['role']}": True})
        if "treatment" in asked:
            staff = _who_may_give(asked["treatment"], staff)
        staff = staff.annotate(mesotherapy_trained_until=mesotherapy_trained_until())
        return self.page(StaffSerializer, staff.order_by("name", "id"))


def _who_may_give(treatment: Treatment, staff: Any) -> Any:
    if treatment.family == Family.MESOTHERAPY:
        return staff.practitioners().filter(trained_on(timezone.localdate()))
    return staff.practitioners()


class Rooms(ClinicView):
    pagination_class = KeysetPagination

    @extend_schema(responses=RoomSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Rooms in use."""
        return self.page(RoomSerializer, Room.objects.filter(is_active=True).order_by("name", "id"))
