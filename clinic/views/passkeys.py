"""A passkey is removed as allauth does it, but for the last one of somebody who needs a second step; allauth asks that
of an authenticator app only."""

from allauth.mfa.adapter import get_adapter
from allauth.mfa.webauthn.views import RemoveWebAuthnView
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpResponse


class RemovePasskey(RemoveWebAuthnView):  # type: ignore[misc]
    def form_valid(self, form: Form) -> HttpResponse:
        adapter = get_adapter()
        if not adapter.can_delete_authenticator(self.get_object()):
            error: ValidationError = adapter.validation_error("cannot_delete_authenticator")
            form.add_error(None, error)
            refused: HttpResponse = self.render_to_response(self.get_context_data(form=form), status=422)
            return refused
        removed: HttpResponse = super().form_valid(form)
        return removed
