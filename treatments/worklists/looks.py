"""Review due, and reported but not yet seen: what a practitioner has to look at. DOMAIN.md section 1."""

import datetime as dt
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from clinic.wording import days, short_day
from treatments.models import Appointment, SideEffect
from treatments.models.appointment import Status
from treatments.models.referral import referral_unfinished
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family
from treatments.worklists.rows import Row, ago

# Days after which a look is due. [S] itching less than a day, swelling a couple of days, numbness two weeks; the rest
# is the clinic's (DOMAIN.md section 1). 0 is the same day.
DUE_AFTER = {
    Kind.ITCHING: 1,
    Kind.SWELLING: 2,
    Kind.NUMBNESS: 14,
    Kind.BURNING: 0,
    Kind.INFECTION: 0,
    Kind.PAIN: 2,
    Kind.IRRITATION: 2,
    Kind.OTHER: 2,
}
BRUISING_REPORTED_DUE_AFTER = 2
BRUISING_SEEN_DUE_AFTER = 7
# A row rests while a review is booked within these days; a cancelled or missed review brings it back.
REVIEW_BOOKED_WITHIN = dt.timedelta(days=7)
MISSED_AFTER = dt.timedelta(hours=1)
OVER_AFTER = dt.timedelta(hours=12)
SEE_TODAY = "See the patient today."
# Reception reads it too: that there is something to tick, not what was found.
FINISH_REFERRAL = "A practitioner finishes its referral checklist, or closes it with a reason."


def review_due(now: dt.datetime) -> list[Row]:
    """Open side effects whose next look is due, longest overdue first, infection before all; and, once found gone, those
    suspected infections whose referral checklist is not finished."""
    reviews = _reviews_booked(now).filter(starts_at__lte=now + REVIEW_BOOKED_WITHIN).order_by("starts_at")
    # Either by an index of its own: by their ids, PostgreSQL reads every side effect there ever was.
    found: Any = (
        (SideEffect.objects.open() | referral_unfinished())
        .with_last_look()
        .select_related("patient")
        .annotate(
            review_at=Subquery(reviews.values("starts_at")[:1]),
            unfinished=Exists(referral_unfinished().filter(pk=OuterRef("pk"))),
        )
    )
    today = timezone.localdate(now)
    rows = [
        _due_row(one, today, unfinished=one.unfinished) if one.is_open else _referral_row(one)
        for one in found
        if not one.is_open or (next_look_due(one) <= today and (one.unfinished or not _rests(one, today)))
    ]
    return sorted(rows, key=lambda row: (not row.urgent, row.due))


def _rests(side_effect: SideEffect, today: dt.date) -> bool:
    """Is a review booked that is soon enough? What is to be seen at once is not hidden by one next week."""
    review_at = side_effect.review_at  # type: ignore[attr-defined]
    return review_at is not None and (not _at_once(side_effect) or timezone.localdate(review_at) <= today)


def _reviews_booked(now: dt.datetime) -> QuerySet[Appointment]:
    """The patient's reviews ahead. One that nobody came to is none an hour after it began; one going on, half a day."""
    return Appointment.objects.filter(
        Q(status=Status.BOOKED, starts_at__gte=now - MISSED_AFTER)
        | Q(status__in=[Status.ARRIVED, Status.IN_PROGRESS], starts_at__gte=now - OVER_AFTER),
        patient=OuterRef("patient"),
        treatment__family=Family.REVIEW,
    )


def next_look_due(side_effect: SideEffect) -> dt.date:
    """The day a practitioner should look (again). Needs `with_last_look()`. A prompt to look, never a diagnosis."""
    reviewed_at = side_effect.last_reviewed_at  # type: ignore[attr-defined]
    recorded_on = timezone.localdate(side_effect.recorded_at)
    if side_effect.kind == Kind.BRUISING:
        if side_effect.seen_at is None:
            return recorded_on + dt.timedelta(days=BRUISING_REPORTED_DUE_AFTER)
        usual = timezone.localdate(_last_look(side_effect)) + dt.timedelta(days=BRUISING_SEEN_DUE_AFTER)
        if not told_again(side_effect):
            return usual
        told_on = timezone.localdate(side_effect.told_again_at)  # type: ignore[attr-defined]
        return min(usual, told_on + dt.timedelta(days=BRUISING_REPORTED_DUE_AFTER))
    begins = timezone.localdate(reviewed_at) if reviewed_at else side_effect.onset_on or recorded_on
    return begins + dt.timedelta(days=0 if _at_once(side_effect) else DUE_AFTER[Kind(side_effect.kind)])


def _at_once(side_effect: SideEffect) -> bool:
    return _painful_lump(side_effect) or DUE_AFTER.get(Kind(side_effect.kind)) == 0


def told_again(side_effect: SideEffect) -> bool:
    """Has the patient called about this bruise since somebody last looked? Needs `with_last_look()`."""
    told_at = side_effect.told_again_at  # type: ignore[attr-defined]
    seen = side_effect.kind == Kind.BRUISING and side_effect.seen_at is not None
    return seen and told_at is not None and told_at > _last_look(side_effect)


def _last_look(side_effect: SideEffect) -> dt.datetime:
    looks = (side_effect.last_reviewed_at, side_effect.seen_at)  # type: ignore[attr-defined]
    return max(look for look in looks if look is not None)


def _painful_lump(side_effect: SideEffect) -> bool:
    return side_effect.kind == Kind.SWELLING and bool(side_effect.painful_to_touch)


def _due_row(side_effect: SideEffect, today: dt.date, *, unfinished: bool) -> Row:
    due = next_look_due(side_effect)
    kind = side_effect.get_kind_display()
    since = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    when = "is due today" if due == today else f"was due {days((today - due).days)} ago"
    return Row(
        patient=side_effect.patient,
        side_effect=side_effect,
        why=f"{kind} since {short_day(since)}; a look {when}.",
        since=since,
        next_step=_next_step(side_effect, "Book a review.") + (f" {FINISH_REFERRAL}" if unfinished else ""),
        due=due,
        urgent=side_effect.kind == Kind.INFECTION,
    )


def _referral_row(side_effect: SideEffect) -> Row:
    """Found gone, and its checklist forgotten. Not urgent any more; it stays until a person ends it."""
    since = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    return Row(
        patient=side_effect.patient,
        side_effect=side_effect,
        why=f"{side_effect.get_kind_display()} since {short_day(since)}; its referral checklist is not finished.",
        since=since,
        next_step=FINISH_REFERRAL,
        due=timezone.localdate(side_effect.recorded_at),
    )


def reported(now: dt.datetime) -> list[Row]:
    """Told of, and not looked at since, with the review that is booked; suspected infection first. One statement."""
    review_at = _reviews_booked(now).order_by("starts_at").values("starts_at")[:1]
    found = (
        SideEffect.objects.open()
        .with_last_look()
        .filter(Q(seen_at=None) | Q(told_again_at__gt=F("seen_at")))
        .select_related("patient")
        .annotate(review_at=Subquery(review_at))
        .order_by("recorded_at")
    )
    rows = [_reported_row(one, now) for one in found if one.seen_at is None or told_again(one)]
    return sorted(rows, key=lambda row: not row.urgent)


def _reported_row(side_effect: SideEffect, now: dt.datetime) -> Row:
    kind, told_at = side_effect.get_kind_display(), side_effect.recorded_at
    why = f"{kind} reported {ago(told_at, now)}, not yet seen."
    if side_effect.seen_at is not None:
        told_at = side_effect.told_again_at  # type: ignore[attr-defined]
        why = f"{kind}: told of again {ago(told_at, now)}, not looked at since."
    review_at = side_effect.review_at  # type: ignore[attr-defined]
    if review_at is not None:
        start = timezone.localtime(review_at)
        why = f"{why} Review booked {start:%a} {short_day(start.date())}, {start:%H:%M}."
    return Row(
        patient=side_effect.patient,
        side_effect=side_effect,
        why=why,
        since=timezone.localdate(told_at),
        next_step=_next_step(side_effect, "A practitioner looks at it."),
        review_at=review_at,
        urgent=side_effect.kind == Kind.INFECTION,
    )


def _next_step(side_effect: SideEffect, usual: str) -> str:
    return SEE_TODAY if side_effect.kind == Kind.INFECTION or _painful_lump(side_effect) else usual
