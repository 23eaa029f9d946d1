"""One appointment: what it is, what happened to it, and the steps its status allows."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.pages import attempt, needs
from clinic.refusals import Refused
from treatments.booking import (
    cancel_appointment,
    check_in,
    confirm_appointment,
    mark_no_show,
    move_appointment,
    review_instead,
)
from treatments.eligibility import verdict
from treatments.forms.booking import CancelForm, LookForm, MoveForm
from treatments.models import Appointment, Hold
from treatments.models.appointment import Status
from treatments.models.treatment import Family
from treatments.views.booking import taken
from treatments.views.wording import day_and_time


@dataclass(frozen=True)
class Step:
    operation: Callable[..., Any]
    done: str


STEPS = {
    "confirm": Step(confirm_appointment, "Confirmed: it is booked again."),
    "check-in": Step(check_in, "Checked in."),
    "cancel": Step(cancel_appointment, "Cancelled."),
    "no-show": Step(mark_no_show, "Marked as a no-show."),
    "review-instead": Step(review_instead, "Turned into a review, at the same time."),
}
