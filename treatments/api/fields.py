"""Fields the API's nouns share."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from rest_framework import serializers

from clinic.models import Room, Staff
from patients.models import Patient
from treatments.models import Session, SideEffect, Treatment

EARLIEST, LATEST = 1900, 2200


class Moment(serializers.DateTimeField):
    """ISO 8601 with its zone; without one nobody knows when it is meant."""

    default_error_messages = {
        "naive": "Say the zone too: end it in Z or an offset, for example 2026-11-03T10:00:00+00:00.",
        "absurd": f"The year must be from {EARLIEST} to {LATEST}.",
    }

    def enforce_timezone(self, value: dt.datetime) -> dt.datetime:
        if value.tzinfo is None:
            self.fail("naive")
        return super().enforce_timezone(value)

    def to_internal_value(self, value: Any) -> dt.datetime:
        moment = super().to_internal_value(value)
        if not EARLIEST <= moment.year <= LATEST:
            self.fail("absurd")
        return moment


class Day(serializers.DateField):
    """A day, YYYY-MM-DD."""

    default_error_messages = {"absurd": f"The year must be from {EARLIEST} to {LATEST}."}

    def to_internal_value(self, value: Any) -> dt.date:
        day = super().to_internal_value(value)
        if not EARLIEST <= day.year <= LATEST:
            self.fail("absurd")
        return day


class Words(serializers.CharField):
    """Text that may be left out; null is no text."""

    def __init__(self, *, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, required=False, allow_blank=True, allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return "" if value is None else value


class Code(serializers.ChoiceField):
    """One of a list of codes that may be left out; null and "" are none."""

    def __init__(self, choices: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(choices, required=False, allow_blank=True, allow_null=True, **kwargs)

    def run_validation(self, data: Any = serializers.empty) -> Any:
        value = super().run_validation(data)
        return "" if value is None else value


class Hundredths(serializers.DecimalField):
    """Millilitres or millimetres, as text with two decimals at most."""

    def __init__(self, *, max_digits: int, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=2, min_value=Decimal("0.01"), **kwargs)


class Related(serializers.UUIDField):
    """The id of something this person may see. Gives the thing itself."""

    default_error_messages = {"unknown": "There is no such {noun}."}

    def __init__(self, visible_to: Callable[[Staff], QuerySet[Any]], noun: str, **kwargs: Any) -> None:
        self.visible_to, self.noun = visible_to, noun
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Any:
        found = self.visible_to(self.context["staff"]).filter(pk=super().to_internal_value(data)).first()
        if found is None:
            self.fail("unknown", noun=self.noun)
        return found


def the_patient(**kwargs: Any) -> Related:
    return Related(lambda staff: Patient.objects.visible_to(staff), "patient", **kwargs)


def the_treatment(**kwargs: Any) -> Related:
    return Related(lambda staff: Treatment.objects.visible_to(staff), "treatment", **kwargs)


def the_practitioner(**kwargs: Any) -> Related:
    return Related(lambda staff: Staff.objects.visible_to(staff).practitioners(), "practitioner", **kwargs)


def the_room(**kwargs: Any) -> Related:
    return Related(lambda staff: Room.objects.filter(is_active=True), "room", **kwargs)


def the_session(**kwargs: Any) -> Related:
    return Related(lambda staff: Session.objects.visible_to(staff), "session", **kwargs)


def the_side_effect(**kwargs: Any) -> Related:
    return Related(lambda staff: SideEffect.objects.visible_to(staff), "side effect", **kwargs)
