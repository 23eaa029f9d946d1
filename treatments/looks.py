"""A look at a side effect: what makes one sound, and which may find it gone."""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.wording import moment, short_day
from treatments.models import Photo, Review, SideEffect
from treatments.models.review import OUTCOME_OF_FINDING, Finding, Mode, Outcome
from treatments.models.side_effect import Kind

NO_NEW_PHOTO = "Gone from a photo needs a photo of it taken after the last look. Add one first."
# What keeps a photo from being relied on, in words for who would close by it.
NOT_READY = {
    Photo.State.DEVELOPING: "The photo of it is still being made ready. Wait a moment, then save the review again.",
    Photo.State.UNREADABLE: "The photo of it could not be read, so nothing was seen on it. Add another.",
}


def save_look(review: Review) -> Review:
    review.clean_fields(exclude={"side_effect", "by"})
    review.save()
    return review


def require_look(side_effect: SideEffect, mode: str, finding: str, seen_at: dt.datetime, now: dt.datetime) -> None:
    """Raises ValidationError by field. Gone is found in person, or from a photo that is ready and newer than the last look."""
    if seen_at > now:
        raise ValidationError({"seen_at": "A look is never in the future."})
    began = side_effect.onset_on
    # A day that is only about right does not make a look impossible.
    if began is not None and not side_effect.onset_is_about and timezone.localdate(seen_at) < began:
        raise ValidationError({"seen_at": f"It began only on {short_day(began)}."})
    if finding != Finding.GONE:
        return
    if mode == Mode.PHONE:
        raise ValidationError({"mode": "Gone is never found by phone alone: look in person, or at a new photo."})
    if mode == Mode.PHOTO:
        _require_newer_photo(side_effect, seen_at)


def _require_newer_photo(side_effect: SideEffect, seen_at: dt.datetime) -> None:
    """A photo of this episode, newer than the last look at it before `seen_at`, or than the report of it."""
    looks = [
        side_effect.recorded_at,
        *side_effect.reviews.filter(seen_at__lt=seen_at).values_list("seen_at", flat=True),
    ]
    newer = Photo.objects.filter(side_effect=side_effect, taken_at__lte=seen_at, taken_at__gt=max(looks))
    if newer.ready().exists():
        return
    states = set(newer.values_list("state", flat=True))
    why = next((sentence for state, sentence in NOT_READY.items() if state in states), "")
    raise ValidationError({"mode": why or _too_old(side_effect, max(looks)) or NO_NEW_PHOTO})


def _too_old(side_effect: SideEffect, last_look: dt.datetime) -> str:
    """That there are photos, but by their clock none is newer than the last look; "" where there is none at all.

    Whoever has just sent one would not understand being told to send one first.
    """
    newest = Photo.objects.filter(side_effect=side_effect, taken_at__lte=last_look).order_by("-taken_at").first()
    if newest is None:
        return ""
    return (
        f"Gone from a photo needs one taken after {moment(last_look)}, when it was last looked at or reported. By its clock "
        f"the newest photo here was taken {moment(newest.taken_at)}. If that clock was wrong, add another photo and say "
        "when it was taken, or look in person."
    )


def require_measured(size_mm: int | None, size_method: str) -> None:
    """A size says how it was measured: sizes compare only where that is the same."""
    if size_mm is not None and not size_method:
        raise ValidationError({"size_method": "Say how the size was measured."})
    if size_mm is None and size_method:
        raise ValidationError({"size_mm": "Give the size, or leave out how it was measured."})


def require_no_flags_on_gone(side_effect: SideEffect, finding: str, red_flags: Collection[str]) -> None:
    if red_flags and side_effect.kind == Kind.INFECTION and finding == Finding.GONE:
        raise ValidationError({"red_flags": "With redness that spreads, fever or pus it is not gone."})


def outcome_of(finding: str, given: str) -> str:
    """The finding's own outcome, or staining that stays where it is gone. Raises ValidationError for any other."""
    if finding not in Finding.values:
        raise ValidationError({"finding": f"“{finding}” is not one of: {', '.join(Finding.values)}."})
    usual = OUTCOME_OF_FINDING[Finding(finding)]
    allowed = {usual, Outcome.SEQUELAE} if finding == Finding.GONE else {usual}
    if given and given not in allowed:
        raise ValidationError({"outcome": f"With this finding the outcome is {' or '.join(sorted(allowed))}."})
    return given or usual
