"""One side effect with all that was seen of it: looks and photos in one order, where it came from and went to."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from treatments.course import Course, Picture, course_of, pictures_of
from treatments.eligibility import BLOCKS, blocking_anything
from treatments.models import Appointment, PhotoFile, Review, SideEffect
from treatments.models.appointment import Status


@dataclass(frozen=True)
class Episode:
    """`held` are the appointments that can be confirmed now that nothing blocks any more."""

    side_effect: SideEffect
    course: Course
    reviews: list[Review]
    pictures: list[Picture]
    moved_to: SideEffect | None
    reopened_as: SideEffect | None
    lifted: bool
    held: list[Appointment]


def episode_of(side_effect: SideEffect, *, now: dt.datetime | None = None) -> Episode:
    """Everything its page shows, in at most nine statements."""
    whole = (
        SideEffect.objects.with_last_look()
        .select_related(
            "patient", "session__practitioner", "recorded_by", "seen_by", "error_by",
            "closing_review__by", "moved_from__patient", "reopens",
        )
        .get(pk=side_effect.pk)
    )  # fmt: skip
    reviews = list(whole.reviews.select_related("by").order_by("-seen_at", "-recorded_at"))
    files = PhotoFile.objects.filter(photo__side_effect=whole, size=PhotoFile.Size.THUMB).select_related("photo")
    pictures = pictures_of(whole, files)
    lifted = whole.kind in BLOCKS and not whole.is_open and not blocking_anything(whole.patient)
    return Episode(
        side_effect=whole,
        course=course_of(whole, reviews, [], today=timezone.localdate(now)),
        reviews=reviews,
        pictures=pictures,
        moved_to=whole.moved_to.select_related("patient").first(),
        reopened_as=whole.reopened_as.first(),
        lifted=lifted,
        held=_held(whole) if lifted else [],
    )


def _held(side_effect: SideEffect) -> list[Appointment]:
    held = Appointment.objects.filter(patient=side_effect.patient_id, status=Status.ON_HOLD)
    return list(held.select_related("treatment", "practitioner").order_by("starts_at", "pk"))
