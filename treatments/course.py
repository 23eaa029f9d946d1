"""One side effect's course, as the chart draws it: a mark a day, its looks and photos, what the source expects of it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils import timezone

from clinic.wording import days, short_day
from treatments.models import Photo, Review, SideEffect
from treatments.models.photo import PhotoFile
from treatments.models.side_effect import Kind
from treatments.worklists import next_look_due

# [S] in the source's words; it says nothing on how long the other kinds last.
EXPECTED = {
    Kind.ITCHING: "Source: itching should last less than a day.",
    Kind.SWELLING: "Source: small, raised bumps, not painful to touch, that should subside within a couple of days.",
    Kind.NUMBNESS: "Source: numbness should ease within the two weeks after the procedure.",
}
# Where it speaks of a kind, and gives no number.
NO_EXPECTATION = {
    Kind.BRUISING: "The source gives bruising no number of days: it is reviewed until it is gone.",
    Kind.BURNING: "Source: a relatively common, short-term side effect during the treatment; it gives no number of hours.",
}
SILENT = "The source says nothing of how long this lasts."
# Days until which the source expects them to have gone: “less than a day”, “a couple of days”, “two weeks” [S].
EXPECTED_DAYS = {Kind.ITCHING: 1, Kind.SWELLING: 2, Kind.NUMBNESS: 14}
# Beyond this a mark is a week: more marks than these cannot be told apart on a phone.
MOST_MARKS = 42
PHOTOS_SHOWN = 8


@dataclass(frozen=True)
class Picture:
    """A photo with the file to show and the day of the episode it was taken on."""

    photo: Photo
    file: PhotoFile
    day: int
    alt: str


@dataclass(frozen=True)
class Look:
    """One look with the day of the episode, the photos of that day, and the size beside the last one measured so.

    `widest` is the largest size of the course that was measured in the same way, for the bar; 0 where it stands alone.
    """

    review: Review
    day: int
    change: str
    widest: int
    pictures: Sequence[Picture]


@dataclass(frozen=True)
class Course:
    """A side effect with its looks, oldest first, and its newest photos, oldest of these first.

    `actual` stands beside what the source expects: how long it has lasted here. Of one that is gone `marks` end on the day
    of the look that found it so.
    """

    side_effect: SideEffect
    since: dt.date
    day: int
    due: dt.date
    is_due: bool
    is_due_today: bool
    expected: str
    actual: str
    is_longer: bool
    marks: list[str]
    words: str
    reviews: Sequence[Review] = field(default_factory=list)
    pictures: Sequence[Picture] = field(default_factory=list)
    earlier_photos: int = 0


def began(side_effect: SideEffect) -> dt.date:
    """The day it is counted from: its onset, or the day it was recorded where nobody knows that."""
    return side_effect.onset_on or timezone.localdate(side_effect.recorded_at)


def course_of(
    side_effect: SideEffect, reviews: Iterable[Review], files: Iterable[PhotoFile], *, today: dt.date
) -> Course:
    """`side_effect` needs `with_last_look()`; `files` are one of each photo, with the photo."""
    since, due = began(side_effect), next_look_due(side_effect)
    looks = sorted(reviews, key=lambda review: review.seen_at)
    pictures = pictures_of(side_effect, files)
    kind = Kind(side_effect.kind)
    until = _until(side_effect, looks, today)
    lasted = (until - since).days
    still_open = side_effect.is_open
    return Course(
        side_effect=side_effect,
        since=since,
        day=lasted,
        due=due,
        is_due=still_open and due <= today,
        is_due_today=still_open and due == today,
        expected=EXPECTED.get(kind) or NO_EXPECTATION.get(kind, SILENT),
        actual=_actual(side_effect, lasted),
        is_longer=kind in EXPECTED_DAYS and lasted > EXPECTED_DAYS[kind],
        marks=_marks(
            since,
            until,
            due if still_open else until,
            {timezone.localdate(look.seen_at) for look in looks},
            since + dt.timedelta(days=EXPECTED_DAYS.get(kind, 0)),
        ),
        words=_words(lasted, due if still_open else None, looks, EXPECTED_DAYS.get(kind)),
        reviews=looks,
        pictures=pictures[-PHOTOS_SHOWN:],
        earlier_photos=max(0, len(pictures) - PHOTOS_SHOWN),
    )


def _until(side_effect: SideEffect, looks: Sequence[Review], today: dt.date) -> dt.date:
    """Today, or the day of the look that found it gone."""
    closing = next((look for look in looks if look.pk == side_effect.closing_review_id), None)
    return timezone.localdate(closing.seen_at) if closing else today


def _actual(side_effect: SideEffect, lasted: int) -> str:
    if side_effect.error_at is not None:
        return ""
    about = "about " if side_effect.onset_is_about else ""
    unknown = " since it was entered" if side_effect.onset_on is None else ""
    if side_effect.is_open:
        return f"Open on {about}day {lasted}{unknown}."
    return f"Found gone after {about}{days(lasted)}{unknown}." if lasted > 0 else "Found gone the same day."


def looks_of(side_effect: SideEffect, reviews: Iterable[Review], pictures: Sequence[Picture]) -> list[Look]:
    """The newest first."""
    in_turn = sorted(reviews, key=lambda review: (review.seen_at, review.recorded_at))
    since = began(side_effect)
    looks = []
    for number, review in enumerate(in_turn):
        seen_on = timezone.localdate(review.seen_at)
        same = [one.size_mm for one in in_turn if one.size_mm and one.size_method == review.size_method]
        looks.append(
            Look(
                review=review,
                day=(seen_on - since).days,
                change=_change(review, in_turn[:number]),
                widest=max(same) if review.size_mm and len(same) > 1 else 0,
                pictures=[one for one in pictures if timezone.localdate(one.photo.taken_at) == seen_on],
            )
        )
    return looks[::-1]


def _change(review: Review, before: Sequence[Review]) -> str:
    """“10 mm less than on 3 Nov”, beside the last one measured in the same way; sizes compare only so."""
    if review.size_mm is None:
        return ""
    last = next((one for one in reversed(before) if one.size_mm and one.size_method == review.size_method), None)
    if last is None or last.size_mm is None:
        measured = any(one.size_mm for one in before)
        return "measured in another way than before, so not compared" if measured else ""
    on = short_day(timezone.localdate(last.seen_at))
    difference = review.size_mm - last.size_mm
    if difference == 0:
        return f"the same as on {on}"
    return f"{abs(difference)} mm {'more' if difference > 0 else 'less'} than on {on}"


def pictures_of(side_effect: SideEffect, files: Iterable[PhotoFile]) -> list[Picture]:
    return [
        picture_of(side_effect, file) for file in sorted(files, key=lambda file: (file.photo.taken_at, file.photo.pk))
    ]


def picture_of(side_effect: SideEffect, file: PhotoFile) -> Picture:
    day = (timezone.localdate(file.photo.taken_at) - began(side_effect)).days
    kind = side_effect.get_kind_display().lower()
    alt = ", ".join(part for part in (f"Photo of {kind}", side_effect.where, f"day {day}") if part)
    return Picture(file.photo, file, day, alt)


def _marks(since: dt.date, today: dt.date, due: dt.date, looked: set[dt.date], expected_until: dt.date) -> list[str]:
    """A class for each mark: on (it has lasted this long), look, due, expected (by the source), or nothing (to come)."""
    last = max((max(today, due, expected_until) - since).days, 1)
    step = 1 if last <= MOST_MARKS else 7
    marks = []
    for first in range(1, last + 1, step):
        covered = {since + dt.timedelta(days=first + ahead) for ahead in range(step)}
        if covered & looked:
            marks.append("look")
        elif due in covered and due >= today:
            marks.append("due")
        else:
            lasted = min(covered) <= max(today, since + dt.timedelta(days=1))
            marks.append("on" if lasted else "expected" if min(covered) <= expected_until else "")
    return marks


def _words(day: int, due: dt.date | None, looks: Sequence[Review], expected: int | None) -> str:
    looked = ", ".join(short_day(timezone.localdate(look.seen_at)) for look in looks)
    said = [
        f"Day {day}",
        f"looked at on {looked}" if looked else "",
        f"next look due {short_day(due)}" if due else "gone",
        f"expected by the source until day {expected}" if expected else "",
    ]
    return "; ".join(part for part in said if part)
