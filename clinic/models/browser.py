import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone


class KnownBrowser(models.Model):
    """A browser in which somebody has signed in; a sign-in from another one is told to them by mail."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_browsers")
    token_hash = models.CharField(max_length=64, help_text="SHA-256 of the cookie that it keeps")
    named = models.CharField(max_length=100, blank=True, help_text="such as “Firefox on Windows”, as it says itself")
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-last_seen_at"]
        constraints = [models.UniqueConstraint(fields=["staff", "token_hash"], name="browser_known_once")]

    def __str__(self) -> str:
        return self.named or "browser"


class KeptForm(models.Model):
    """What was typed into a form that was sent after its session had ended: given back to the same person once."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    path = models.CharField(max_length=500, help_text="where it is sent to")
    page = models.CharField(max_length=500, blank=True, help_text="where it was typed; shows whose record it is about")
    fields = models.JSONField(
        help_text="pairs of a field’s name and what was typed, in the form’s order; no files, no passwords"
    )
    kept_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        ordering = ["-kept_at"]

    def __str__(self) -> str:
        return f"kept {self.kept_at:%Y-%m-%d %H:%M}"
