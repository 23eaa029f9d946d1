"""When a treatment could be given: the same free times that the pages show."""

import datetime as dt
import itertools
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.models import Staff
from treatments.api.fields import Day, Moment, the_patient, the_practitioner, the_room, the_treatment
from treatments.models.contact import PartOfDay
from treatments.times import MOST_DAYS, free_times

USUAL_DAYS = 14
MOST = 200


class FreeTimesFilter(Shape):
    treatment = the_treatment()
    practitioner = the_practitioner(required=False, help_text="Leave it out for everybody who may give it.")
    room = the_room(required=False, help_text="Only while this room is free, and where it is.")
    patient = the_patient(required=False, help_text="Only while this patient has no other appointment.")
    part_of_day = serializers.ChoiceField(PartOfDay.choices, required=False)
    limit = serializers.IntegerField(required=False, default=50, min_value=1, max_value=MOST)

    def get_fields(self) -> dict[str, Any]:
        # `from` is no name in Python.
        days = {
            "from": Day(required=False, help_text="The first day, in the time zone of your site; today if left out."),
            "to": Day(required=False, help_text=f"The last day: at most {MOST_DAYS} with the first; else 14 with it."),
        }
        return {**super().get_fields(), **days}

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        # A misspelt filter would silently widen the answer, and somebody would book from it.
        unknown = sorted(set(data) - set(self.fields))
        if unknown:
            raise serializers.ValidationError({name: ["There is no such filter here."] for name in unknown})
        checked: dict[str, Any] = super().to_internal_value(data)
        return checked

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        first = attrs.setdefault("from", timezone.localdate())
        last = attrs.setdefault("to", first + dt.timedelta(days=USUAL_DAYS - 1))
        if last < first:
            raise serializers.ValidationError({"to": ["The last day is before the first."]})
        if last - first >= dt.timedelta(days=MOST_DAYS):
            raise serializers.ValidationError({"to": [f"At most {MOST_DAYS} days at a time."]})
        return attrs


class FreeTimeSerializer(Shape):
    starts_at = Moment()
    ends_at = Moment()
    practitioner = serializers.UUIDField(source="practitioner.pk")
    site = serializers.UUIDField()


class FreeTimes(ClinicView):
    @extend_schema(parameters=[FreeTimesFilter], responses=FreeTimeSerializer(many=True))
    def get(self, request: Request) -> Response:
        """Free times, soonest first, a quarter of an hour apart.

        Hours, absences, training on that day and other appointments are asked, as by a booking. Whether the rule
        allows it is asked at `patients/{id}/eligibility/`, and again when it is booked.
        """
        asked = self.asked(FreeTimesFilter)
        who = asked.get("practitioner")
        times = free_times(
            treatment=asked["treatment"],
            practitioners=[who] if who else list(Staff.objects.visible_to(self.staff).practitioners()),
            first=asked["from"],
            last=asked["to"],
            now=timezone.now(),
            part_of_day=asked.get("part_of_day", PartOfDay.ANY),
            patient=asked.get("patient"),
            room=asked.get("room"),
        )
        found = list(itertools.islice(times, asked["limit"]))
        return Response(FreeTimeSerializer(found, many=True, context={"staff": self.staff}).data)
