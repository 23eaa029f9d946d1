"""The people of the clinic: listed, invited, changed, deactivated, and brought back. For managers."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clinic.invitations import FAILED, KEPT, invite_again, invite_staff, last_invitation
from clinic.leaving import deactivate_staff, reactivate_staff
from clinic.models import Staff
from clinic.pages import attempt, needs, perform_once
from clinic.sign_in_sessions import sessions_of, tokens_of
from clinic.staff_changes import Change, ChangedMeanwhile, changes_of
from clinic.staffing import change_staff, seen_now
from treatments.forms.people import PeopleFilter, PersonForm, ReasonForm
from treatments.people import as_people, booked_ahead, has_second_step, people
from treatments.training import trained_until

ROWS_A_PAGE = 50
CHANGES_SHOWN = 50
MAIL_FAILED = (
    "The invitation could not be mailed. {name} is on the list as invited: look at the address, and invite again."
)
MAIL_KEPT = "Nothing was mailed, as no mail server is set up here. {name} is on the list as invited."


@require_safe
@needs("manage-staff")
def people_list(request: HttpRequest) -> HttpResponse:
    asked = {name: value for name, value in request.GET.items() if value and name != "page"}
    form = PeopleFilter(asked)
    wanted = form.cleaned_data if form.is_valid() else {}
    now = timezone.now()
    found = people(request.user, now=now, **wanted)  # type: ignore[arg-type]
    page = Paginator(found, ROWS_A_PAGE).get_page(request.GET.get("page"))
    rows = as_people(page.object_list, now=now)
    context = {"form": form, "page": page, "rows": rows, "asked": asked, "nav": "people"}
    return render(request, "treatments/people.html", context, status=200 if form.is_valid() else 422)


@require_http_methods(["GET", "POST"])
@needs("manage-staff")
def invite(request: HttpRequest) -> HttpResponse:
    own: Staff = request.user  # type: ignore[assignment]
    form = PersonForm(request.POST if request.method == "POST" else None, by=own, initial={"site": own.site_id})
    if request.method == "POST" and form.is_valid():
        about = {name: form.cleaned_data[name] for name in ("name", "email", "site", "roles")}
        made = attempt(request, form, invite_staff, through=request, **about)
        if isinstance(made, uuid.UUID):
            _say_invited(request, Staff.objects.get(pk=made))
            return redirect("person", made)
    context = {"form": form, "nav": "people"}
    return render(request, "treatments/person_invite.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("manage-staff")
def again(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff = _person(request, staff_id)
    try:
        perform_once(request, invite_again, staff=staff, through=request)
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    else:
        _say_invited(request, Staff.objects.get(pk=staff.pk))
    return redirect("person", staff_id)


def _say_invited(request: HttpRequest, staff: Staff) -> None:
    became = last_invitation(staff)
    if became == FAILED:
        messages.error(request, MAIL_FAILED.format(name=staff.name))
    elif became == KEPT:
        messages.warning(request, MAIL_KEPT.format(name=staff.name))
    else:
        messages.success(request, f"Invited: a link went to {staff.email}.")


def _person(request: HttpRequest, staff_id: uuid.UUID) -> Staff:
    visible = Staff.objects.managed_by(request.user).select_related("site")  # type: ignore[arg-type]
    return get_object_or_404(visible, pk=staff_id)


@require_safe
@needs("manage-staff")
def person(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff, now = _person(request, staff_id), timezone.now()
    today = timezone.localdate(now)
    records = list(staff.training_records.all())
    context = {
        "person": staff,
        "is_own": staff == request.user,
        "mail": last_invitation(staff) if staff.state == Staff.State.INVITED else "",
        "second_step": has_second_step(staff),
        "records": records,
        "trained_until": trained_until([staff.pk], today)[staff.pk],
        "today": today,
        "booked": booked_ahead(staff, now=now).count(),
        "sessions": sessions_of(staff, now=now),
        "tokens": tokens_of(staff),
        "changes": changes_of(staff, at_most=CHANGES_SHOWN),
        "export_query": f"person={staff.pk}",
        "nav": "people",
    }
    return render(request, "treatments/person.html", context)


@require_http_methods(["GET", "POST"])
@needs("manage-staff")
def change(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff = _person(request, staff_id)
    if request.method == "GET":
        now = {"name": staff.name, "email": staff.email, "site": staff.site_id, "roles": staff.roles}
        form = PersonForm(staff=staff, by=request.user, initial=now | {"seen": seen_now(staff)})  # type: ignore[arg-type]
        return _change_page(request, staff, form, 200)
    form = PersonForm(request.POST, staff=staff, by=request.user)  # type: ignore[arg-type]
    if form.is_valid():
        try:
            done = attempt(request, form, change_staff, staff=staff, through=request, **form.cleaned_data)
        except ChangedMeanwhile as meanwhile:
            return _changed_meanwhile(request, staff, form, meanwhile.changes)
        if done is not None:
            messages.success(request, "Saved.")
            return redirect("person", staff_id)
    return _change_page(request, staff, form, 422)


def _changed_meanwhile(request: HttpRequest, staff: Staff, form: PersonForm, changes: list[Change]) -> HttpResponse:
    """What was typed stays; sent once more, it is saved over what is shown now."""
    form.data = form.data.copy()  # type: ignore[attr-defined]
    form.data["seen"] = str(seen_now(staff))  # type: ignore[index]
    return _change_page(request, staff, form, 409, changes)


def _change_page(
    request: HttpRequest, staff: Staff, form: PersonForm, status: int, changes: list[Change] | None = None
) -> HttpResponse:
    context: dict[str, Any] = {"person": staff, "form": form, "changes": changes or [], "nav": "people"}
    return render(request, "treatments/person_change.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs("manage-staff")
def deactivate(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """What is booked with them is shown first."""
    staff = _person(request, staff_id)
    if not staff.is_active:
        return redirect("person", staff_id)
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        done = attempt(
            request, form, deactivate_staff, staff=staff, reason=form.cleaned_data["reason"], through=request
        )
        if isinstance(done, uuid.UUID):
            messages.success(request, f"{staff.name} is deactivated, and signed out everywhere.")
            return redirect("person", staff_id)
    booked = booked_ahead(staff, now=timezone.now()).select_related("patient", "treatment").order_by("starts_at", "pk")
    context = {
        "person": staff,
        "form": form,
        "is_own": staff == request.user,
        "booked": booked.count(),
        "soonest": booked[:5],
        "nav": "people",
    }
    return render(request, "treatments/person_deactivate.html", context, status=422 if form.is_bound else 200)


@require_POST
@needs("manage-staff")
def reactivate(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    staff = _person(request, staff_id)
    perform_once(request, reactivate_staff, staff=staff, through=request)
    _say_invited(request, Staff.objects.get(pk=staff.pk))
    return redirect("person", staff_id)
