"""The photos of a side effect's whole course, oldest first, to be compared: with those of the patient's other episodes at
the same site, and what the look nearest to each photo found."""

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from clinic.wording import short_day
from treatments.course import Picture, picture_of
from treatments.models import Photo, PhotoFile, Review, SideEffect


@dataclass(frozen=True)
class ShownPhoto:
    """A photo with its thumbnail and its display file; `found` is what a practitioner saw nearest to it, never what the
    photo proves."""

    side_effect: SideEffect
    thumb: Picture
    display: Picture
    found: str
    is_other_episode: bool

    @property
    def name(self) -> str:
        """“Bruising, left thigh, day 3, 5 Nov 2026”: tells it from every other in a list."""
        taken = timezone.localtime(self.thumb.photo.taken_at)
        kind = self.side_effect.get_kind_display()
        parts = (kind, self.side_effect.where, f"day {self.thumb.day}", f"{taken.day} {taken:%b %Y, %H:%M}")
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True)
class Strip:
    """`developing` and `unreadable` are how many of the same episodes cannot be shown."""

    photos: list[ShownPhoto] = field(default_factory=list)
    developing: int = 0
    unreadable: int = 0


def strip_of(side_effect: SideEffect) -> Strip:
    """Four statements, however many photos there are."""
    episodes = {one.pk: one for one in _at_the_same_site(side_effect)}
    files: dict[object, dict[str, PhotoFile]] = defaultdict(dict)
    sizes = [PhotoFile.Size.THUMB, PhotoFile.Size.DISPLAY]
    shown = Photo.objects.ready().filter(side_effect__in=episodes)
    for file in PhotoFile.objects.filter(photo__in=shown, size__in=sizes).select_related("photo"):
        files[file.photo_id][file.size] = file
    looks: dict[object, list[Review]] = defaultdict(list)
    for look in Review.objects.filter(side_effect__in=episodes).order_by("seen_at", "pk"):
        looks[look.side_effect_id].append(look)
    photos = [
        _shown(episodes[both[PhotoFile.Size.THUMB].photo.side_effect_id], both, looks, side_effect)
        for both in files.values()
        if len(both) == len(sizes)
    ]
    photos.sort(key=lambda one: (one.thumb.photo.taken_at, one.thumb.photo.pk))
    waiting = _not_ready(episodes)
    return Strip(photos, waiting[Photo.State.DEVELOPING], waiting[Photo.State.UNREADABLE])


def _at_the_same_site(side_effect: SideEffect) -> QuerySet[SideEffect]:
    same = Q(pk=side_effect.pk)
    # What was entered in error may show another person, and is compared with nobody's.
    if side_effect.site and side_effect.error_at is None:
        same |= Q(patient=side_effect.patient_id, site=side_effect.site, error_at=None)
    return SideEffect.objects.filter(same)


def _shown(
    episode: SideEffect, both: dict[str, PhotoFile], looks: dict[object, list[Review]], asked: SideEffect
) -> ShownPhoto:
    thumb = picture_of(episode, both[PhotoFile.Size.THUMB])
    display = picture_of(episode, both[PhotoFile.Size.DISPLAY])
    found = _found_near(thumb.photo.taken_at, looks[episode.pk])
    return ShownPhoto(episode, thumb, display, found, episode.pk != asked.pk)


def _found_near(taken_at: dt.datetime, looks: list[Review]) -> str:
    """“fading, look of 5 Nov”"""
    if not looks:
        return "not looked at yet"
    nearest = min(looks, key=lambda look: abs(look.seen_at - taken_at))
    return f"{nearest.get_finding_display().lower()}, look of {short_day(timezone.localdate(nearest.seen_at))}"


def _not_ready(episodes: Iterable[object]) -> Counter[str]:
    waiting = Photo.objects.filter(side_effect__in=list(episodes)).exclude(state=Photo.State.READY)
    return Counter(dict(waiting.values_list("state").annotate(count=Count("pk")).order_by()))
