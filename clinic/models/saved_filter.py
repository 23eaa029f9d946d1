import uuid
from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    from clinic.models.staff import Staff


class SavedFilterQuerySet(models.QuerySet["SavedFilter"]):
    def visible_to(self, staff: "Staff") -> "SavedFilterQuerySet":
        return self.filter(staff=staff)


class SavedFilter(models.Model):
    """A filter of a list that somebody uses often, under a name of theirs."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_filters")
    page = models.SlugField(max_length=40, help_text="the list's address name")
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=1000, help_text="as in the page's address, without the page number")
    saved_at = models.DateTimeField(default=timezone.now)

    objects = SavedFilterQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["staff", "page", "name"], name="filter_name_once_a_page")]

    def __str__(self) -> str:
        return self.name
