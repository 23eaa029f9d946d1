"""allauth's forms for passkeys, with our words; what a browser sends wrongly is a sentence and a line in the trail."""

from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from django import forms
from django.core.exceptions import ValidationError

from clinic.second_step import record_failed_step

LONGEST_NAME = 60
# What the libraries raise for an answer that is no passkey's; anything else would be a fault of ours.
UNREADABLE = (AttributeError, IndexError, KeyError, TypeError, ValueError)


def _name() -> forms.CharField:
    return forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        required=False,
        help_text="What you know it by, such as “Phone” or “Key on my ring”.",
    )


class AddPasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = _name()
    passwordless = forms.BooleanField(
        label="Sign in with it alone",
        required=False,
        initial=True,
        help_text="It then asks for your fingerprint, face or PIN each time, and no password is needed.",
    )

    def clean(self) -> dict[str, Any]:
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValidationError, *UNREADABLE) as error:
            raise get_adapter().validation_error("passkey_not_taken") from error
        return cleaned


class RenamePasskeyForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label="Name", max_length=LONGEST_NAME)


class _WithTrail:
    """A passkey that is not right leaves a line in the trail, as a wrong code does; allauth has no signal for it."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (ValidationError, *UNREADABLE) as error:
            record_failed_step(context.request, self.user, "passkey")
            if getattr(error, "code", "") == "too_many_login_attempts":
                raise
            raise get_adapter().validation_error("passkey_not_taken") from error


class SecondStepPasskeyForm(_WithTrail, AuthenticateWebAuthnForm):  # type: ignore[misc]
    pass


class SignInPasskeyForm(_WithTrail, LoginWebAuthnForm):  # type: ignore[misc]
    pass


class ConfirmPasskeyForm(_WithTrail, ReauthenticateWebAuthnForm):  # type: ignore[misc]
    pass
