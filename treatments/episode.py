"""One side effect with all that was seen of it: looks and photos in one order, where it came from and went to."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from clinic.wording import midnight_before
from treatments.course import Course, Look, Picture, course_of, looks_of, pictures_of
from treatments.eligibility import BLOCKS, blocking_anything
from treatments.models import Appointment, Photo, PhotoFile, ReferralStep, Review, SideEffect
from treatments.models.appointment import Status
from treatments.models.side_effect import Kind
from treatments.referrals import Step, checklist


@dataclass(frozen=True)
class Episode:
    """`held` are the appointments that can be confirmed now that nothing blocks any more."""

    side_effect: SideEffect
    course: Course
    reviews: list[Review]
    looks: list[Look]
    checklist: list[Step]
    referral_closed: ReferralStep | None
    pictures: list[Picture]
    not_ready: list[Photo]
    moved_to: SideEffect | None
    reopened_as: list[SideEffect]
    lifted: bool
    held: list[Appointment]

    @property
    def steps_ticked(self) -> int:
        return sum(step.done is not None for step in self.checklist)

    @property
    def referral_over(self) -> bool:
        """All done, or closed with a reason, or nothing to refer: no worklist asks for it any more."""
        ended = self.referral_closed is not None or self.side_effect.error_at is not None
        return ended or self.steps_ticked == len(self.checklist)

    @property
    def on_the_map(self) -> list[SideEffect]:
        return [self.side_effect]


def episode_of(side_effect: SideEffect, *, now: dt.datetime | None = None) -> Episode:
    """Everything its page shows, in at most eleven statements."""
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
    steps = _steps_done(whole)
    lifted = whole.kind in BLOCKS and not whole.is_open and not blocking_anything(whole.patient)
    return Episode(
        side_effect=whole,
        course=course_of(whole, reviews, [], today=timezone.localdate(now)),
        reviews=reviews,
        looks=looks_of(whole, reviews, pictures),
        checklist=checklist(whole, steps),
        referral_closed=next((one for one in steps if one.step == ReferralStep.Step.CLOSED), None),
        pictures=pictures,
        not_ready=list(Photo.objects.filter(side_effect=whole).exclude(state=Photo.State.READY)),
        moved_to=whole.moved_to.select_related("patient").first(),
        reopened_as=list(whole.reopened_as.order_by("recorded_at", "pk")),
        lifted=lifted,
        held=_held(whole) if lifted else [],
    )


def _steps_done(side_effect: SideEffect) -> list[ReferralStep]:
    if side_effect.kind != Kind.INFECTION:
        return []
    return list(side_effect.referral_steps.select_related("by"))


def mesotherapies_today(side_effect: SideEffect, *, now: dt.datetime | None = None) -> list[Appointment]:
    """Today's, on the site's clock, that this one stands in the way of: found gone today, it makes them possible.

    That is allowed, and listed for the manager. [] for kinds that block nothing.
    """
    if side_effect.kind not in BLOCKS:
        return []
    begins = midnight_before(now or timezone.now())
    found = Appointment.objects.live().filter(
        patient=side_effect.patient_id,
        treatment__family__in=BLOCKS[side_effect.kind],
        starts_at__gte=begins,
        starts_at__lt=begins + dt.timedelta(days=1),
    )
    return list(found.select_related("treatment").order_by("starts_at", "pk"))


def _held(side_effect: SideEffect) -> list[Appointment]:
    held = Appointment.objects.filter(patient=side_effect.patient_id, status=Status.ON_HOLD)
    return list(held.select_related("treatment", "practitioner").order_by("starts_at", "pk"))
