"""What a manager ends for others: where they are signed in, and a second step that was lost."""

import uuid

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST

from clinic.models import Staff
from clinic.pages import needs
from clinic.second_step import reset_second_step
from clinic.sign_in_sessions import end_everything


@require_POST
@needs("manage-staff")
def sign_out(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff = get_object_or_404(Staff.objects.managed_by(request.user), pk=staff_id)  # type: ignore[arg-type]
    end_everything(staff, by=request.user, request=request)  # type: ignore[arg-type]
    messages.success(request, f"{staff.name} is signed out everywhere.")
    return redirect("person", staff_id)


@require_POST
@needs("manage-staff")
def reset(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff = get_object_or_404(Staff.objects.managed_by(request.user), pk=staff_id)  # type: ignore[arg-type]
    try:
        reset_second_step(staff=staff, by=request.user, request=request)  # type: ignore[arg-type]
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        messages.success(request, f"The second step of {staff.name} is reset; they are asked to set it up anew.")
    return redirect("person", staff_id)
