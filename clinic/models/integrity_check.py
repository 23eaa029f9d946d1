from django.db import models
from django.utils import timezone


class IntegrityCheck(models.Model):
    """What one check of the whole found, and when; the newest of each name stands on the manager's page."""

    class Name(models.TextChoices):
        RULE = "rule", "The rule and its guards"
        PHOTOS = "photos", "Photos and their files"
        AUDIT = "audit", "The audit trail's chain"
        FIGURES = "figures", "Figures against the records"
        BACKUP = "backup", "Backup"

    name = models.CharField(max_length=10, choices=Name)
    at = models.DateTimeField(default=timezone.now)
    found = models.PositiveIntegerField(default=0, help_text="how many faults")
    words = models.CharField(max_length=1000, blank=True, help_text="the first of them; names nobody")

    class Meta:
        ordering = ["-at"]
        indexes = [models.Index(fields=["name", "-at"], name="integrity_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_name_display()} {self.at:%Y-%m-%d %H:%M}"
