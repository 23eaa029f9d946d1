"""Signing in is allauth's; this closes sign-up, asks for the second step, and says where a request comes from."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse

from clinic.access_refused import note_slowed
from clinic.addresses import client_address
from clinic.browsers import note_sign_in
from clinic.models import Staff
from clinic.second_step import may_remove

# Limits are kept by address. Without one (a Unix socket that TRUSTED_PROXIES does not name) everybody shares one limit.
NO_ADDRESS = "0.0.0.0"  # noqa: S104  (not listened on)


class ClinicAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Staff are made by a manager or by `create_staff`, never by themselves."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request) or NO_ADDRESS

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        # By which a password and a code of the second step are both told that it was too often.
        if code in ("too_many_login_attempts", "rate_limited"):
            note_slowed(context.request)
        error: ValidationError = super().validation_error(code, *args)
        return error

    def login(self, request: HttpRequest, user: Staff) -> None:
        # Asked here: signing in writes the time of the last sign-in.
        request.is_first_sign_in = user.last_login is None  # type: ignore[attr-defined]
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Staff, **more: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **more)
        note_sign_in(request, response, user, is_first=request.is_first_sign_in)  # type: ignore[attr-defined]
        return response


class ClinicMFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": (
            "Your role signs in with a second step, and this is your only one. Add another first; then this can go."
        ),
        "passkey_not_taken": "The passkey was not taken. Try again, or sign in another way.",
    }

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return may_remove(authenticator)

    def generate_authenticator_name(self, user: Staff, type: Authenticator.Type) -> str:
        """Offered in the form, to be changed to what tells them apart: “Phone”, “Key on my ring”."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"
