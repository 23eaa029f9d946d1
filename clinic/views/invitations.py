"""The page that an invitation's link opens: a name, and a password of one's own. Open to who holds the link."""

import uuid
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from clinic.doors import retry_once
from clinic.invitations import accept_invitation, invited_by_link
from clinic.models import Staff
from clinic.pages import add_errors

# The link is taken out of the address at once: what stands in an address stands in logs and in the browser's history.
KEPT = "invitation"


class ChoosePasswordForm(forms.Form):
    name = forms.CharField(
        label="Your name, as others read it", max_length=150, error_messages={"required": "Write your name."}
    )
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )
    again = forms.CharField(
        label="The same again",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": "Type the password once more."},
    )

    def __init__(self, *args: Any, staff: Staff, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.staff = staff
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.rules = password_validators_help_texts()

    def clean(self) -> dict[str, Any]:
        typed = super().clean() or self.cleaned_data
        password, again = typed.get("password"), typed.get("again")
        if password:
            try:
                validate_password(password, Staff(email=self.staff.email, name=typed.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        if password and again and password != again:
            self.add_error("again", "The two are not the same.")
        return typed


@require_safe
def opened(request: HttpRequest, staff_id: uuid.UUID, signature: str) -> HttpResponse:
    """From the mail: goes on to the page itself. Nothing is used up by looking, so a mail scanner does no harm."""
    request.session[KEPT] = [str(staff_id), signature]
    return redirect("invitation-password")


@require_http_methods(["GET", "POST"])
def choose_password(request: HttpRequest) -> HttpResponse:
    found = _invited(request)
    if found is None:
        return _gone(request)
    staff, signature = found
    form = ChoosePasswordForm(request.POST or None, staff=staff, initial={"name": staff.name})
    if request.method == "POST" and form.is_valid():
        chosen = {"name": form.cleaned_data["name"], "password": form.cleaned_data["password"]}
        try:
            accepted = retry_once(
                lambda: accept_invitation(staff=staff, signature=signature, through=request, **chosen)
            )
        except ValidationError as error:
            add_errors(form, error)
        else:
            return _welcome(request, accepted) if accepted else _gone(request)
    context = {"form": form, "invited": staff, "days": settings.INVITATION_DAYS}
    return _private(render(request, "clinic/invitation.html", context, status=422 if request.method == "POST" else 200))


def _invited(request: HttpRequest) -> tuple[Staff, str] | None:
    try:
        staff_id, signature = request.session[KEPT]
        staff = invited_by_link(uuid.UUID(staff_id), signature)
    except (KeyError, ValueError):
        return None
    return (staff, signature) if staff else None


def _welcome(request: HttpRequest, staff: Staff) -> HttpResponse:
    # Whoever was signed in here was somebody else: the new colleague begins with a session of their own.
    logout(request)
    messages.success(
        request, f"Welcome, {staff.name}. Your password is set: sign in with {staff.email} and the password."
    )
    return redirect(settings.LOGIN_URL)


def _gone(request: HttpRequest) -> HttpResponse:
    request.session.pop(KEPT, None)
    return _private(render(request, "clinic/invitation_gone.html", {"days": settings.INVITATION_DAYS}, status=410))


def _private(response: HttpResponse) -> HttpResponse:
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response
