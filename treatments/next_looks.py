"""When a review is best booked: by the day on which the next look is due, in words that each reader may read."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import OuterRef, Subquery
from django.utils import timezone

from clinic.models import Staff
from clinic.wording import days, short_day
from patients.models import Patient
from treatments.course import EXPECTED
from treatments.models import Review, SideEffect
from treatments.models.side_effect import Kind
from treatments.worklists import BRUISING_REPORTED_DUE_AFTER, BRUISING_SEEN_DUE_AFTER, DUE_AFTER, next_look_due


@dataclass(frozen=True)
class NextLook:
    """One open side effect's next look: the day, a sentence with the last look in it, and where the days come from."""

    due: dt.date
    words: str
    why: str


def next_looks(patient: Patient, staff: Staff, *, today: dt.date) -> list[NextLook]:
    """Of each open side effect, the soonest due first. One statement; findings only for who may read them."""
    found = SideEffect.objects.open().filter(patient=patient).with_last_look()
    if staff.may("read-clinical"):
        newest = Review.objects.filter(side_effect=OuterRef("pk")).order_by("-seen_at", "-recorded_at")
        found = found.annotate(last_finding=Subquery(newest.values("finding")[:1]))
    columns = ("kind", "onset_on", "seen_at", "recorded_at", "painful_to_touch", "patient_id")
    looks = [_look(side_effect, today) for side_effect in found.only(*columns).order_by("recorded_at", "pk")]
    return sorted(looks, key=lambda look: look.due)


def review_from(looks: list[NextLook], today: dt.date) -> dt.date:
    """The day from which to look for a review's time: when the soonest look is due, or today where that has passed."""
    return max(today, looks[0].due) if looks else today


def _look(side_effect: SideEffect, today: dt.date) -> NextLook:
    due = next_look_due(side_effect)
    if due < today:
        when = f"the next look was due on {short_day(due)}"
    else:
        when = "the next look is due today" if due == today else f"the next look is due by {short_day(due)}"
    return NextLook(due, f"{side_effect.get_kind_display()}: {_so_far(side_effect)}; {when}.", _why(side_effect))


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
