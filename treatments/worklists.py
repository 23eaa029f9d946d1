"""Nobody is forgotten: four lists, each asked of the records every time, never kept as a status that can go stale.

On hold · clear again · review due · reported. DOMAIN.md sections 1 and 4.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from clinic.models import Refusal, Staff
from clinic.wording import days, short_day
from patients.models import Patient
from treatments.eligibility import BLOCKS, RULE_CODES, blocking_anything
from treatments.locks import lock_patient
from treatments.models import Appointment, Closure, Hold, Session, SideEffect, Treatment
from treatments.models.appointment import Status
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family
from treatments.operation import operation

CLEAR_AGAIN = "clear-again"

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
FROM_THE_SOURCE = {Kind.ITCHING, Kind.SWELLING, Kind.NUMBNESS}
# A row rests while a review is booked within these days; a cancelled or missed review brings it back.
SEE_TODAY = "See the patient today."
REVIEW_BOOKED_WITHIN = dt.timedelta(days=7)


@dataclass(frozen=True)
class Row:
    """One line of a worklist. `why` may be read by reception; `since` and `due` are days."""

    patient: Patient
    why: str
    since: dt.date
    next_step: str
    appointment: Appointment | None = None
    side_effect: SideEffect | None = None
    due: dt.date | None = None
    urgent: bool = False


def worklists(*, now: dt.datetime | None = None) -> dict[str, list[Row]]:
    """All four, whatever their length in five statements."""
    now = now or timezone.now()
    return {name: rows(now) for name, rows in LISTS.items()}


def on_hold(now: dt.datetime) -> list[Row]:
    """Held appointments, soonest first; one whose time has passed stays, and says so."""
    held = (
        Appointment.objects.filter(status=Status.ON_HOLD)
        .with_people()
        .annotate(
            held_from=Subquery(
                Hold.objects.filter(appointment=OuterRef("pk"), held_until=None)
                .order_by("held_from")
                .values("held_from")[:1]
            ),
            blocked=Exists(SideEffect.objects.open().filter(patient=OuterRef("patient"), kind__in=BLOCKS)),
        )
        .order_by("starts_at", "pk")
    )
    return [_held_row(appointment, now) for appointment in held]


def _held_row(appointment: Appointment, now: dt.datetime) -> Row:
    passed = appointment.starts_at < now
    start = timezone.localtime(appointment.starts_at)
    blocked = appointment.blocked  # type: ignore[attr-defined]
    if blocked:
        next_step = "Cancel it, or turn it into a review."
    elif passed:
        next_step = "Clear again: move it to a time ahead."
    else:
        next_step = "Clear again: confirm or move it."
    return Row(
        patient=appointment.patient,
        appointment=appointment,
        why=f"{appointment.treatment.name} on {short_day(start.date())}, {start:%H:%M}, is on hold"
        + (": time passed." if passed else "."),
        since=timezone.localdate(appointment.held_from or appointment.created_at),  # type: ignore[attr-defined]
        next_step=next_step,
        urgent=passed,
    )


def clear_again(now: dt.datetime) -> list[Row]:
    """No open blocker; and since the last one opened a mesotherapy was held, refused or turned, and none is booked."""
    waiting = Q(held=True) | Q(refused=True) | Q(turned=True)
    found = _once_blocked(now).filter(waiting, blocked=False, booked=False, treated=False, closed=False)
    return [
        Row(
            patient=patient,
            why=f"Clear again since {short_day(_cleared_on(patient, now))}; a mesotherapy was {_what_waits(patient)}.",
            since=_cleared_on(patient, now),
            next_step=_call_to(patient),
        )
        for patient in found
    ]


def _once_blocked(now: dt.datetime):  # type: ignore[no-untyped-def]
    """Patients who ever had a blocker, with what happened since the last one opened."""
    own = {"patient": OuterRef("pk")}
    since = OuterRef("opened_at")
    blocking = SideEffect.objects.filter(kind__in=BLOCKS, **own)
    mesotherapy = Appointment.objects.mesotherapy().filter(**own)
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return (
        Patient.objects.current()
        .annotate(
            last_opened_at=Subquery(blocking.order_by("-recorded_at").values("recorded_at")[:1]),
        )
        .annotate(
            # The stretch of being blocked that ended with the last one began with the first still open beside it.
            opened_at=Subquery(
                blocking.filter(
                    Q(closing_review=None, error_at=None)
                    | Q(closing_review__recorded_at__gte=OuterRef("last_opened_at"))
                    | Q(error_at__gte=OuterRef("last_opened_at"))
                )
                .order_by("recorded_at")
                .values("recorded_at")[:1]
            ),
        )
        .filter(opened_at__isnull=False)
        .annotate(
            blocked=Exists(blocking.open()),
            held=Exists(Hold.objects.filter(appointment__patient=OuterRef("pk"), held_from__gte=since)),
            refused=Exists(
                Refusal.objects.filter(
                    patient_id=OuterRef("pk"),
                    at__gte=since,
                    code__in=RULE_CODES,
                    treatment_id__in=Treatment.objects.filter(family=Family.MESOTHERAPY).values("pk"),
                )
            ),
            turned=Exists(
                Appointment.objects.filter(stood_for__family=Family.MESOTHERAPY, turned_at__gte=since, **own)
            ),
            booked=Exists(
                mesotherapy.filter(
                    Q(status=Status.BOOKED, starts_at__gte=midnight)
                    | Q(status__in=[Status.ARRIVED, Status.IN_PROGRESS])
                )
            ),
            still_held=Exists(mesotherapy.filter(status=Status.ON_HOLD)),
            treated=Exists(Session.objects.filter(family=Family.MESOTHERAPY, started_at__gte=since, **own)),
            closed=Exists(Closure.objects.filter(worklist=CLEAR_AGAIN, closed_at__gte=since, **own)),
            cleared_at=Subquery(
                blocking.order_by("-closing_review__seen_at")
                .filter(closing_review__isnull=False)
                .values("closing_review__seen_at")[:1]
            ),
            struck_at=Subquery(blocking.order_by("-error_at").filter(error_at__isnull=False).values("error_at")[:1]),
        )
        .order_by("opened_at", "pk")
    )


def _cleared_on(patient: Patient, now: dt.datetime) -> dt.date:
    ends = [end for end in (patient.cleared_at, patient.struck_at) if end is not None]  # type: ignore[attr-defined]
    return timezone.localdate(max(ends, default=now))


def _call_to(patient: Patient) -> str:
    held = patient.still_held  # type: ignore[attr-defined]
    return "Call to confirm the held appointment or book a new one." if held else "Call to book a new one."


def _what_waits(patient: Patient) -> str:
    if patient.held:  # type: ignore[attr-defined]
        return "put on hold"
    return "turned into a review" if patient.turned else "refused"  # type: ignore[attr-defined]


@operation("work-lists")
def close_clear_again(*, patient: Patient, reason: str, by: Staff, now: dt.datetime | None = None) -> Closure:
    """Take a patient off “clear again”, with a reason; a later blocker puts them on again. Raises ValidationError."""
    if not reason.strip():
        raise ValidationError({"reason": "Say why nobody needs to call."})
    patient = lock_patient(patient)
    if blocking_anything(patient):
        raise ValidationError({"reason": "The patient is not clear yet; there is nothing to close."})
    closure = Closure(
        patient=patient, worklist=CLEAR_AGAIN, closed_at=now or timezone.now(), by=by, reason=reason.strip()
    )
    closure.clean_fields(exclude={"patient", "by"})
    closure.save()
    return closure


def review_due(now: dt.datetime) -> list[Row]:
    """Open side effects whose next look is due, longest overdue first, infection before all."""
    reviews = Appointment.objects.filter(
        patient=OuterRef("patient"),
        treatment__family=Family.REVIEW,
        status__in=[Status.BOOKED, Status.ARRIVED, Status.IN_PROGRESS],
        starts_at__gte=now - dt.timedelta(hours=12),
        starts_at__lte=now + REVIEW_BOOKED_WITHIN,
    )
    found = (
        SideEffect.objects.open()
        .with_last_look()
        .select_related("patient")
        .annotate(review_booked=Exists(reviews))
        .filter(review_booked=False)
    )
    today = timezone.localdate(now)
    rows = [_due_row(side_effect, today) for side_effect in found if next_look_due(side_effect) <= today]
    return sorted(rows, key=lambda row: (not row.urgent, row.due))


def next_look_due(side_effect: SideEffect) -> dt.date:
    """The day a practitioner should look (again). Needs `with_last_look()`. A prompt to look, never a diagnosis."""
    reviewed_at = side_effect.last_reviewed_at  # type: ignore[attr-defined]
    recorded_on = timezone.localdate(side_effect.recorded_at)
    if side_effect.kind == Kind.BRUISING:
        if side_effect.seen_at is None:
            return recorded_on + dt.timedelta(days=BRUISING_REPORTED_DUE_AFTER)
        last_look = max(look for look in (reviewed_at, side_effect.seen_at) if look is not None)
        return timezone.localdate(last_look) + dt.timedelta(days=BRUISING_SEEN_DUE_AFTER)
    begins = timezone.localdate(reviewed_at) if reviewed_at else side_effect.onset_on or recorded_on
    at_once = side_effect.kind == Kind.SWELLING and side_effect.painful_to_touch
    return begins + dt.timedelta(days=0 if at_once else DUE_AFTER[Kind(side_effect.kind)])


def _due_row(side_effect: SideEffect, today: dt.date) -> Row:
    due = next_look_due(side_effect)
    kind = side_effect.get_kind_display()
    since = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    when = "today" if due == today else f"{days((today - due).days)} ago"
    return Row(
        patient=side_effect.patient,
        side_effect=side_effect,
        why=f"{kind} since {short_day(since)}; a look was due {when}."
        if due != today
        else f"{kind} since {short_day(since)}; a look is due today.",
        since=since,
        next_step=SEE_TODAY if side_effect.kind == Kind.INFECTION else "Book a review.",
        due=due,
        urgent=side_effect.kind == Kind.INFECTION,
    )


def reported(now: dt.datetime) -> list[Row]:
    """Reported, and not yet seen by a practitioner; suspected infection first."""
    found = SideEffect.objects.reported().select_related("patient").order_by("recorded_at")
    rows = [
        Row(
            patient=side_effect.patient,
            side_effect=side_effect,
            why=f"{side_effect.get_kind_display()} reported {_ago(side_effect.recorded_at, now)}, not yet seen.",
            since=timezone.localdate(side_effect.recorded_at),
            next_step=SEE_TODAY if side_effect.kind == Kind.INFECTION else "A practitioner looks at it.",
            urgent=side_effect.kind == Kind.INFECTION,
        )
        for side_effect in found
    ]
    return sorted(rows, key=lambda row: not row.urgent)


def _ago(at: dt.datetime, now: dt.datetime) -> str:
    count = (timezone.localdate(now) - timezone.localdate(at)).days
    return "today" if count <= 0 else f"{days(count)} ago"


LISTS: dict[str, Callable[[dt.datetime], list[Row]]] = {
    "on-hold": on_hold,
    CLEAR_AGAIN: clear_again,
    "review-due": review_due,
    "reported": reported,
}
