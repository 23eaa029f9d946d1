"""Photos on the timeline: those of one side effect and one day stand together, as a strip."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from clinic.wording import midnight_before
from patients.models import Patient
from treatments.course import began
from treatments.models import Photo, PhotoFile, SideEffect

# More of one day are a click away, on the side effect's page.
MOST_SHOWN = 8


@dataclass
class PhotoDay:
    """The photos of a side effect taken on one day, oldest first; those not ready yet are counted only."""

    side_effect: SideEffect
    day: int
    ready: list[Photo] = field(default_factory=list)
    developing: int = 0
    unreadable: int = 0
    by: list[str] = field(default_factory=list)
    recorded: list[dt.date] = field(default_factory=list)

    @property
    def shown(self) -> list[Photo]:
        return self.ready[:MOST_SHOWN]

    @property
    def left(self) -> int:
        return max(0, len(self.ready) - MOST_SHOWN)

    @property
    def words(self) -> str:
        """What a picture of it shows, for who cannot see it."""
        kind = self.side_effect.get_kind_display().lower()
        return ", ".join(part for part in (f"Photo of {kind}", self.side_effect.where, f"day {self.day}") if part)


def photo_days(patient: Patient) -> QuerySet[Photo]:
    """The last photo of each day of each side effect: it stands for the others of that day."""
    of_day = Photo.objects.annotate(on=TruncDate("taken_at"))
    later = of_day.filter(side_effect=OuterRef("side_effect"), on=OuterRef("on")).filter(
        Q(taken_at__gt=OuterRef("taken_at")) | Q(taken_at=OuterRef("taken_at"), pk__gt=OuterRef("pk"))
    )
    return of_day.filter(~Exists(later), side_effect__patient=patient).select_related("side_effect")


def with_photos(entries: Sequence[Any]) -> list[Any]:
    """The entries of photos with all the photos of their days, fetched in one statement."""
    last = [entry.row for entry in entries if entry.what == "photos"]
    if not last:
        return list(entries)
    found = defaultdict(list)
    for photo in _of_days(last):
        found[photo.side_effect_id, timezone.localdate(photo.taken_at)].append(photo)
    return [
        replace(entry, row=_day_of(entry.row.side_effect, found[_key(entry.row)])) if entry.what == "photos" else entry
        for entry in entries
    ]


def _key(photo: Photo) -> tuple[Any, dt.date]:
    return photo.side_effect_id, timezone.localdate(photo.taken_at)


def _of_days(last: Sequence[Photo]) -> QuerySet[Photo]:
    of_any = Q()
    for photo in last:
        of_any |= Q(
            side_effect=photo.side_effect_id,
            taken_at__gte=midnight_before(photo.taken_at),
            taken_at__lte=photo.taken_at,
        )
    thumb = FilteredRelation("files", condition=Q(files__size=PhotoFile.Size.THUMB))
    return (
        Photo.objects.filter(of_any)
        .annotate(thumb=thumb, thumb_width=F("thumb__width"), thumb_height=F("thumb__height"))
        .select_related("uploaded_by")
        .order_by("taken_at", "pk")
    )


def _day_of(side_effect: SideEffect, photos: Sequence[Photo]) -> PhotoDay:
    day = timezone.localdate(photos[0].taken_at)
    states = [photo.state for photo in photos]
    return PhotoDay(
        side_effect=side_effect,
        day=(day - began(side_effect)).days,
        ready=[photo for photo in photos if photo.state == Photo.State.READY],
        developing=states.count(Photo.State.DEVELOPING),
        unreadable=states.count(Photo.State.UNREADABLE),
        by=sorted({photo.uploaded_by.name for photo in photos}),
        # Kept on another day than it was taken: both are said.
        recorded=sorted({timezone.localdate(photo.uploaded_at) for photo in photos} - {day}),
    )
