import hashlib
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models

if TYPE_CHECKING:
    from django.contrib.sessions.backends.base import SessionBase


class SignInSession(AbstractBaseSession):
    """A browser's session, with whose it is in columns: so that somebody's sessions can be listed, and ended.

    Written by clinic/session_store.py alone, in the same statement that keeps the session itself.
    """

    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="sign_in_sessions"
    )
    browser = models.CharField(max_length=100, blank=True, help_text="such as “Firefox on Windows”, as it says itself")
    address = models.GenericIPAddressField(null=True, help_text="where it was signed in from")
    began_at = models.DateTimeField(null=True)
    last_seen_at = models.DateTimeField(null=True, help_text="to the minute")

    class Meta:
        verbose_name = "session"

    def __str__(self) -> str:
        return self.browser or "session"

    @property
    def name(self) -> str:
        """What names it in a form or in the trail: the key itself would be the session."""
        return hashlib.sha256(self.session_key.encode()).hexdigest()[:16]

    @classmethod
    def get_session_store_class(cls) -> "type[SessionBase]":
        from clinic.session_store import SessionStore

        return SessionStore
