"""Signing in is allauth's; this closes sign-up and keeps the rest as it comes."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClinicAccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Staff are made by a manager or by `create_staff`, never by themselves."""
        return False
