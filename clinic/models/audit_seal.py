from django.db import models
from django.utils import timezone


class AuditSeal(models.Model):
    """One link of the chain over the audit trail: an event's place in it, and a hash over the event and the link before.

    Events are sealed a little after they are written, in an order of their own: sealing them at once would let every
    reading of a chart wait for every other. The database refuses to change or delete a link (guard g).
    """

    id = models.PositiveBigIntegerField("place", primary_key=True, help_text="1, 2, 3 … without a gap")
    # No foreign key: the link outlives the row it speaks of, so that a row that is gone is missed.
    event_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64, help_text="SHA-256, as hex")
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.pk}: {self.hash[:12]}"
