"""When a review is best booked: by the day on which the next look is due, in words that each reader may read."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import days, short_day
from patients.models import Patient
from treatments.course import EXPECTED, began
from treatments.figures.clearing import FEWEST
from treatments.models import ClearingFigure, Review, SideEffect
from treatments.models.side_effect import Kind
from treatments.worklists import BRUISING_REPORTED_DUE_AFTER, BRUISING_SEEN_DUE_AFTER, DUE_AFTER, next_look_due


@dataclass(frozen=True)
class NextLook:
    """One open side effect's next look: the day, a sentence with the last look in it, and where the days come from.

    `suggested_on` and `suggestion`: the day by which half of the bruises of that site recorded here were gone, as a day for
    the review; never later than the day on which the look is due, which stays as it is.
    """

    due: dt.date
    words: str
    why: str
    suggested_on: dt.date | None = None
    suggestion: str = ""


def next_looks(patient: Patient, staff: Staff, *, today: dt.date) -> list[NextLook]:
    """Of each open side effect, the soonest due first. One statement; findings only for who may read them."""
    found = SideEffect.objects.open().filter(patient=patient).with_last_look()
    if staff.may("read-clinical"):
        newest = Review.objects.filter(side_effect=OuterRef("pk")).order_by("-seen_at", "-recorded_at")
        found = found.annotate(last_finding=Subquery(newest.values("finding")[:1]))
    found = found.annotate(**_half_of_its_site())
    columns = ["kind", "onset_on", "onset_is_about", "seen_at", "recorded_at", "painful_to_touch", "patient_id"]
    if staff.may("read-clinical"):
        columns.append("site")
    looks = [_look(side_effect, today, staff) for side_effect in found.only(*columns).order_by("recorded_at", "pk")]
    return sorted(looks, key=lambda look: look.due)


def review_from(looks: list[NextLook], today: dt.date) -> dt.date:
    """The day from which to look for a review's time: when the soonest look is due, or today where that has passed."""
    return max(today, looks[0].due) if looks else today


def _half_of_its_site() -> dict[str, Subquery]:
    """Where enough bruises of the same site are on record, and of no other: where the site is not known, none is taken."""
    known = ClearingFigure.objects.filter(body_site=OuterRef("site"), severity=0, bruises__gte=FEWEST)
    known = known.exclude(body_site="").exclude(half_by_day=None)
    return {"half_by_day": Subquery(known.values("half_by_day")[:1]), "half_of": Subquery(known.values("bruises")[:1])}


def _suggestion(side_effect: SideEffect, due: dt.date, today: dt.date, staff: Staff) -> tuple[dt.date | None, str]:
    """A day for the review, and why. None for a bruise that nobody has seen yet, and once the day has passed.

    Reception is not told the site, so the sentence says it to who may read it only (DOMAIN.md section 3).
    """
    by_day, of = side_effect.half_by_day, side_effect.half_of  # type: ignore[attr-defined]
    if side_effect.kind != Kind.BRUISING or side_effect.seen_at is None or by_day is None:
        return None, ""
    on = began(side_effect) + dt.timedelta(days=by_day)
    if on < today:
        return None, ""
    like = f"at the {side_effect.get_site_display().lower()}" if staff.may("read-clinical") else "like this one"
    about = "about " if side_effect.onset_is_about else ""
    here = f"Half of {of} bruises {like} recorded here were gone by day {by_day}"
    half = f"{here}; for this one day {by_day} is {about}{short_day(on)}."
    if on > due:
        return None, f"{half} The look is due before that, and stays so."
    return on, f"{half} A review could be booked for then; whether it is gone, only a look tells."


def _look(side_effect: SideEffect, today: dt.date, staff: Staff) -> NextLook:
    due = next_look_due(side_effect)
    if due < today:
        when = f"the next look was due on {short_day(due)}"
    else:
        when = "the next look is due today" if due == today else f"the next look is due by {short_day(due)}"
    said = f"{side_effect.get_kind_display()}: {_so_far(side_effect)}; {when}."
    return NextLook(due, said, _why(side_effect), *_suggestion(side_effect, due, today, staff))


def _so_far(side_effect: SideEffect) -> str:
    looked_at = side_effect.last_reviewed_at  # type: ignore[attr-defined]
    if looked_at is not None:
        finding = getattr(side_effect, "last_finding", None)
        return f"last looked at {_day(looked_at)}{f' ({finding})' if finding else ''}"
    if side_effect.seen_at is not None:
        return f"seen {_day(side_effect.seen_at)}"
    return f"reported {_day(side_effect.recorded_at)}, not yet seen"


def _why(side_effect: SideEffect) -> str:
    """[S] for what the source expects; everything else is the clinic's and says so (DOMAIN.md section 1)."""
    kind = Kind(side_effect.kind)
    if kind == Kind.BRUISING and side_effect.seen_at is not None:
        return f"The clinic looks again within {days(BRUISING_SEEN_DUE_AFTER)}; the source gives bruising no number."
    if kind == Kind.BRUISING:
        return f"The clinic looks at reported bruising within {days(BRUISING_REPORTED_DUE_AFTER)}."
    if kind in EXPECTED:
        return EXPECTED[kind]
    within = DUE_AFTER[kind]
    return f"The clinic looks at it within {days(within)}." if within else "The clinic looks at it the same day."


def _day(moment: dt.datetime) -> str:
    return short_day(timezone.localdate(moment))
