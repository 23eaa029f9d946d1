"""Appointments, and every step they can take."""

import uuid
from collections.abc import Callable
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from clinic.api import ClinicView, Shape
from clinic.api_lists import KeysetPagination
from treatments.api.fields import Code, Day, Moment, Words, the_patient, the_practitioner, the_room, the_treatment
from treatments.api.sessions import SessionSerializer
from treatments.booking import (
    book_appointment,
    cancel_appointment,
    check_in,
    confirm_appointment,
    mark_no_show,
    move_appointment,
    review_instead,
)
from treatments.models import Appointment, SkinCheck
from treatments.models.appointment import Status
from treatments.sessions import start_session
from treatments.times import training_warnings
from treatments.undo import undo_step


class AppointmentInput(Shape):
    patient = the_patient()
    treatment = the_treatment()
    practitioner = the_practitioner()
    room = the_room(required=False, allow_null=True)
    starts_at = Moment()


class AppointmentSerializer(Shape):
    id = serializers.UUIDField()
    patient = serializers.UUIDField(source="patient_id")
    treatment = serializers.UUIDField(source="treatment_id")
    practitioner = serializers.UUIDField(source="practitioner_id")
    room = serializers.UUIDField(source="room_id", allow_null=True)
    site = serializers.UUIDField(source="site_id")
    starts_at = Moment()
    ends_at = Moment()
    status = serializers.ChoiceField(Status.choices)
    stood_for = serializers.UUIDField(
        source="stood_for_id", allow_null=True, help_text="The treatment this review took the place of."
    )
    cancel_reason = serializers.CharField(allow_blank=True)


class ShownAppointment(AppointmentSerializer):
    session = serializers.SerializerMethodField(help_text="What was done in it, once it has been started.")

    def get_session(self, appointment: Appointment) -> uuid.UUID | None:
        return appointment.session.pk if hasattr(appointment, "session") else None


class BookedAppointment(AppointmentSerializer):
    warnings = serializers.SerializerMethodField(
        help_text="Booked all the same: a training that ends before that day, so that the session could not start."
    )

    def get_warnings(self, appointment: Appointment) -> list[str]:
        who, day = appointment.practitioner, timezone.localdate(appointment.starts_at)
        # The operation has asked this already, under the practitioner's lock; the words cost a statement.
        if who.is_trained:  # type: ignore[attr-defined]
            return []
        return training_warnings(who, appointment.treatment, day, today=timezone.localdate())


class AppointmentFilter(Shape):
    date = Day(required=False, help_text="Starting on this day, in the time zone of your site.")
    practitioner = serializers.UUIDField(required=False)
    patient = serializers.UUIDField(required=False)
    status = serializers.ChoiceField(Status.choices, required=False)


class MoveInput(Shape):
    starts_at = Moment()
    practitioner = the_practitioner(required=False, allow_null=True)
    room = the_room(required=False, allow_null=True)


class CancelInput(Shape):
    reason = Words(max_length=300)


class StartInput(Shape):
    skin_check = Code([SkinCheck.Finding.NO_BRUISING_SEEN.value], help_text="What mesotherapy starts only after.")


class Nothing(Shape):
    """No fields."""


class Appointments(ClinicView):
    needs = {"POST": "book"}
    pagination_class = KeysetPagination

    @extend_schema(parameters=[AppointmentFilter], responses=ShownAppointment(many=True))
    def get(self, request: Request) -> Response:
        """Appointments by time."""
        asked = self.asked(AppointmentFilter)
        appointments = Appointment.objects.visible_to(self.staff).select_related("session")
        if day := asked.pop("date", None):
            appointments = appointments.on_day(day)
        return self.page(ShownAppointment, appointments.filter(**asked))

    @extend_schema(request=AppointmentInput, responses={201: BookedAppointment})
    def post(self, request: Request) -> Response:
        """Book. Refused while the rule forbids it, while somebody is busy, or without training on that day."""
        appointment = self.perform(book_appointment, **self.sent(AppointmentInput))
        return self.answer(BookedAppointment, appointment, status=201)


class OneAppointment(ClinicView):
    @extend_schema(responses=ShownAppointment)
    def get(self, request: Request, id: uuid.UUID) -> Response:
        """One appointment."""
        appointments = Appointment.objects.visible_to(self.staff).select_related("session")
        return self.answer(ShownAppointment, get_object_or_404(appointments, pk=id))


class Step(ClinicView):
    """A step along DOMAIN.md's table of statuses: answers the appointment as it is then."""

    needs = {"POST": "book"}
    form: type[Shape] = Nothing
    shape: type[Shape] = AppointmentSerializer
    operation: Callable[..., Any]

    def post(self, request: Request, id: uuid.UUID) -> Response:
        appointment = get_object_or_404(Appointment.objects.visible_to(self.staff), pk=id)
        given = {name: value for name, value in self.sent(self.form).items() if value is not None}
        return self.answered(self.perform(type(self).operation, appointment=appointment, **given))

    def answered(self, appointment: Appointment) -> Response:
        return self.answer(self.shape, appointment)


@extend_schema(request=MoveInput, responses=BookedAppointment)
class Move(Step):
    """Give it another time, practitioner or room; a held one is booked again by it. The rule is asked."""

    form, shape, operation = MoveInput, BookedAppointment, move_appointment


@extend_schema(request=CancelInput, responses=AppointmentSerializer)
class Cancel(Step):
    """Give the time back."""

    form, operation = CancelInput, cancel_appointment


@extend_schema(request=None, responses=BookedAppointment)
class Confirm(Step):
    """Book a held one again at its own time. The rule is asked."""

    shape, operation = BookedAppointment, confirm_appointment


@extend_schema(request=None, responses=AppointmentSerializer)
class CheckIn(Step):
    """The patient has arrived. The rule is asked."""

    operation = check_in


@extend_schema(request=None, responses=AppointmentSerializer)
class NoShow(Step):
    """The patient did not come, and the time has passed."""

    operation = mark_no_show


@extend_schema(request=None, responses=AppointmentSerializer)
class ReviewInstead(Step):
    """Turn it into a review at the same time with the same people."""

    operation = review_instead


@extend_schema(request=None, responses=AppointmentSerializer)
class Undo(Step):
    """Take the last step back (check-in, cancellation, no-show, move, turn into a review), within five minutes and
    while it is the last one. The rule is asked."""

    operation = undo_step


@extend_schema(request=StartInput, responses=SessionSerializer)
class Start(Step):
    """Begin the session, and answer it. The rule is asked; mesotherapy needs a skin check made now."""

    needs = {"POST": "treat"}
    form, operation = StartInput, start_session

    def answered(self, session: Any) -> Response:
        return self.answer(SessionSerializer, session)
