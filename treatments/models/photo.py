import datetime as dt
import uuid
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.utils import timezone

from clinic.models import Staff
from patients.models import Consent, PhotoUse
from treatments.models.side_effect import SideEffect


class PhotoQuerySet(models.QuerySet["Photo"]):
    def ready(self) -> "PhotoQuerySet":
        return self.filter(state=Photo.State.READY)

    def waiting(self, now: dt.datetime) -> "PhotoQuerySet":
        """To be developed, and nobody is at it."""
        return self.filter(state=Photo.State.DEVELOPING, next_try_at__lte=now)

    def visible_to(self, staff: Staff) -> "PhotoQuerySet":
        return self.all() if staff.may("read-clinical") else self.none()

    def also_of_somebody_else(self, photos: "Iterable[Photo]") -> bool:
        """Is the file of one of these, byte for byte, in another patient's record too? `photos` come with their side effects."""
        elsewhere = models.Q()
        for photo in photos:
            same = models.Q(original_sha256=photo.original_sha256)
            elsewhere |= same & ~models.Q(side_effect__patient=photo.side_effect.patient_id)
        return bool(elsewhere) and self.exclude(state=Photo.State.UNREADABLE).filter(elsewhere).exists()

    def usable_for(self, use: str) -> "PhotoQuerySet":
        """Ready ones of patients whose consent for this use (PhotoUse) is in force now, whenever they were taken.

        Not those of a side effect entered in error: they may show somebody else, who was never asked.
        """
        agreed = Consent.objects.in_force().filter(kind=PhotoUse(use).consent_kind)
        return self.ready().filter(side_effect__error_at=None, side_effect__patient__in=agreed.values("patient"))


class Photo(models.Model):
    """A photo of a side effect, kept as three files without metadata; the time taken is kept here.

    While it is being developed the file as it was sent waits in the private storage under `incoming`, and is shown to
    nobody; then it is deleted.
    """

    class State(models.TextChoices):
        DEVELOPING = "developing", "Being made ready"
        READY = "ready", "Ready"
        UNREADABLE = "unreadable", "Could not be read"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    side_effect = models.ForeignKey(SideEffect, on_delete=models.PROTECT, related_name="photos")
    taken_at = models.DateTimeField(help_text="said by who uploaded it, else by the camera, else the upload's")
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    original_sha256 = models.CharField(max_length=64, help_text="of the file as it was sent; that file is not kept")
    original_format = models.CharField(max_length=10)
    state = models.CharField(max_length=10, choices=State, default=State.READY)
    problem = models.CharField(max_length=300, blank=True, help_text="why it could not be read")
    incoming = models.CharField(max_length=120, blank=True, help_text="in the private storage, until it is developed")
    next_try_at = models.DateTimeField(
        null=True, blank=True, help_text="while it is being made ready: when somebody may begin"
    )
    tries = models.PositiveSmallIntegerField(default=0, help_text="how often somebody began to make it ready")

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["taken_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["side_effect", "original_sha256"], name="photo_once_per_side_effect")
        ]

    def __str__(self) -> str:
        return f"photo {self.taken_at:%Y-%m-%d}"

    @property
    def has_time_of_sending(self) -> bool:
        """Nobody said when it was taken, and its camera gave no time, or one that cannot be right."""
        return self.taken_at == self.uploaded_at


class PhotoFile(models.Model):
    class Size(models.TextChoices):
        FULL = "full", "Full"
        DISPLAY = "display", "Display"
        THUMB = "thumb", "Thumbnail"

    photo = models.ForeignKey(Photo, on_delete=models.PROTECT, related_name="files")
    size = models.CharField(max_length=10, choices=Size)
    name = models.CharField(max_length=120, unique=True, help_text="in the private storage; random")
    sha256 = models.CharField(max_length=64)
    bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["photo", "size"], name="one_file_of_each_size")]

    def __str__(self) -> str:
        return f"{self.size} {self.width}×{self.height}"
