"""Clear again: who lost a mesotherapy to a blocker, or wishes for one, and is free to be called. DOMAIN.md section 4."""

import datetime as dt
import uuid
from collections import defaultdict
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from clinic.models import Refusal
from clinic.wording import midnight_before, short_day
from patients.models import Patient
from treatments.eligibility import BLOCKS, RULE_CODES, is_blocked
from treatments.models import Appointment, Closure, Hold, Session, SideEffect, Treatment, WaitingListEntry
from treatments.models.appointment import Status
from treatments.models.contact import PartOfDay
from treatments.models.treatment import Family
from treatments.waiting_list import BOOKED
from treatments.worklists.rows import CLEAR_AGAIN, Row

# How many records, one merged into the next, a refusal is followed through.
MERGED_IN_A_CHAIN = 3


def clear_again(now: dt.datetime) -> list[Row]:
    """No open blocker and no mesotherapy booked; and one was held, refused, turned into a review, or is wished for.

    Longest clear first. Two statements.
    """
    waiting = Q(held=True) | Q(refused=True) | Q(turned=True)
    lost = _once_blocked(now).filter(waiting, blocked=False, booked=False, treated=False, closed=False)
    wishes = _wishes(now)
    rows = [_lost_row(patient, wishes.pop(patient.pk, ()), now) for patient in lost]
    rows += [_wished_row(entries) for entries in wishes.values()]
    return sorted(rows, key=lambda row: row.since)


def wish_words(entry: WaitingListEntry) -> str:
    """“Wishes for Mesotherapy: mornings, with Rosa Lind. “Not Fridays””. Needs the treatment and the practitioner."""
    wanted = [
        entry.get_part_of_day_display().lower() if entry.part_of_day != PartOfDay.ANY else "",
        f"with {entry.practitioner}" if entry.practitioner else "",
    ]
    preferences = ", ".join(filter(None, wanted)) or "any time, anybody"
    note = f" “{entry.note}”" if entry.note else ""
    return f"Wishes for {entry.treatment}: {preferences}.{note}"


def _lost_row(patient: Patient, wishes: tuple[WaitingListEntry, ...], now: dt.datetime) -> Row:
    cleared_on = _cleared_on(patient, now)
    return Row(
        patient=patient,
        why=f"Clear again since {short_day(cleared_on)}; a mesotherapy was {_what_waits(patient)}.",
        since=cleared_on,
        next_step="Call to confirm the held appointment or book a new one."
        if patient.still_held  # type: ignore[attr-defined]
        else "Call to book a new one.",
        wishes=wishes,
    )


def _wished_row(wishes: tuple[WaitingListEntry, ...]) -> Row:
    first = wishes[0]
    joined_on = timezone.localdate(first.joined_at)
    booked_at = [entry.closed_at for entry in wishes if entry.closed_at is not None]
    ends = [end for end in (first.cleared_at, first.struck_at) if end is not None]  # type: ignore[attr-defined]
    cleared_on = timezone.localdate(max(ends)) if ends else None
    why = f"Wished for since {short_day(joined_on)}"
    if cleared_on is not None and cleared_on >= joined_on:
        why = f"Clear again since {short_day(cleared_on)}; a mesotherapy was wished for"
    return Row(
        patient=first.patient,
        why=f"{why}.{_came_to_nothing(max(booked_at)) if booked_at else ''}",
        since=max(joined_on, cleared_on or joined_on),
        next_step="Call to book one.",
        wishes=wishes,
    )


def _came_to_nothing(booked_at: dt.datetime) -> str:
    return f" What was booked on {short_day(timezone.localdate(booked_at))} did not take place."


def _cleared_on(patient: Patient, now: dt.datetime) -> dt.date:
    ends = [end for end in (patient.cleared_at, patient.struck_at) if end is not None]  # type: ignore[attr-defined]
    return timezone.localdate(max(ends, default=now))


def _what_waits(patient: Patient) -> str:
    if patient.held:  # type: ignore[attr-defined]
        return "put on hold"
    return "turned into a review" if patient.turned else "refused"  # type: ignore[attr-defined]


def _wishes(now: dt.datetime) -> dict[uuid.UUID, tuple[WaitingListEntry, ...]]:
    """Wishes for a mesotherapy of patients who may have one and have none booked, oldest first, by patient.

    Open ones: a session since is no answer to them, a booking of the wished treatment ends it, or somebody with a
    reason. And those that a booking ended which came to nothing.
    """
    own = {"patient": OuterRef("patient")}
    found = (
        WaitingListEntry.objects.filter(treatment__family=Family.MESOTHERAPY, patient__merged_into=None)
        .filter(Q(closed_at=None) | _booked_in_vain())
        .exclude(is_blocked())
        .exclude(Exists(_booked(now).filter(**own)))
        .select_related("patient", "treatment", "practitioner")
        .annotate(**_ends(SideEffect.objects.filter(kind__in=BLOCKS, **own)))
        .order_by("joined_at", "pk")
    )
    by_patient: dict[uuid.UUID, list[WaitingListEntry]] = defaultdict(list)
    for entry in found:
        by_patient[entry.patient_id].append(entry)
    return {patient: tuple(entries) for patient, entries in by_patient.items()}


def _booked_in_vain() -> Q:
    """A booking ended the wish, and was cancelled, missed, turned into a review or left: nothing was done since.

    Nobody closed the row since either, and no wish for the same came after it: that one stands for itself. An index
    answers each of these for a patient.
    """
    own, since = {"patient": OuterRef("patient")}, OuterRef("closed_at")
    treated = Session.objects.standing().filter(family=Family.MESOTHERAPY, started_at__gte=since, **own)
    closed = Closure.objects.filter(worklist=CLEAR_AGAIN, closed_at__gte=since, **own)
    again = WaitingListEntry.objects.filter(treatment=OuterRef("treatment"), joined_at__gt=OuterRef("joined_at"), **own)
    return Q(close_reason=BOOKED) & ~Q(Exists(treated)) & ~Q(Exists(closed)) & ~Q(Exists(again))


def _booked(now: dt.datetime) -> QuerySet[Appointment]:
    """Mesotherapies that a patient has; one of a day that is over is none, however it was left."""
    statuses = [Status.BOOKED, Status.ARRIVED, Status.IN_PROGRESS]
    return Appointment.objects.mesotherapy().filter(status__in=statuses, starts_at__gte=midnight_before(now))


def _ends(blocking: QuerySet[SideEffect]) -> dict[str, Subquery]:
    """When the last one was found gone, and when the last was struck through."""
    closed = blocking.filter(closing_review__isnull=False).order_by("-closing_review__seen_at")
    struck = blocking.filter(error_at__isnull=False).order_by("-error_at")
    return {
        "cleared_at": Subquery(closed.values("closing_review__seen_at")[:1]),
        "struck_at": Subquery(struck.values("error_at")[:1]),
    }


def _once_blocked(now: dt.datetime):  # type: ignore[no-untyped-def]
    """Of those concerned who ever had a blocker, with what happened since the last one opened."""
    own = {"patient": OuterRef("pk")}
    since = OuterRef("opened_at")
    blocking = SideEffect.objects.filter(kind__in=BLOCKS, **own)
    treated = Session.objects.standing().filter(family=Family.MESOTHERAPY, started_at__gte=since, **own)
    closed = Closure.objects.filter(worklist=CLEAR_AGAIN, closed_at__gte=since, **own)
    return (
        _concerned()
        .annotate(last_opened_at=Subquery(blocking.order_by("-recorded_at").values("recorded_at")[:1]))
        .annotate(opened_at=_first_beside_the_last(blocking))
        .filter(opened_at__isnull=False)
        .annotate(
            blocked=Exists(blocking.open()),
            held=Exists(Hold.objects.filter(appointment__patient=OuterRef("pk"), held_from__gte=since)),
            refused=_refused(since),
            turned=Exists(
                Appointment.objects.filter(stood_for__family=Family.MESOTHERAPY, turned_at__gte=since, **own)
            ),
            booked=Exists(_booked(now).filter(**own)),
            still_held=Exists(Appointment.objects.mesotherapy().filter(status=Status.ON_HOLD, **own)),
            # What happened while something was open answers nothing: it came by a merge, or past the rule.
            treated=Exists(treated.exclude(_blocked_at("started_at"))),
            closed=Exists(closed.exclude(_blocked_at("closed_at"))),
            **_ends(blocking),
        )
        .order_by("opened_at", "pk")
    )


def _concerned() -> QuerySet[Patient]:
    """Those who ever lost a mesotherapy. Asked before anything else of them: what follows looks at each by itself."""
    refusals = Refusal.objects.filter(**_by_the_rule()).values("patient_id")
    turned = Appointment.objects.filter(stood_for__family=Family.MESOTHERAPY, turned_at__isnull=False)
    found = Q(pk__in=Hold.objects.order_by().values("appointment__patient"))
    found |= Q(pk__in=turned.order_by().values("patient")) | Q(pk__in=refusals)
    for steps in range(1, MERGED_IN_A_CHAIN + 1):
        into = "__".join(["merged_into"] * steps)
        merged = Patient.objects.filter(**{"pk__in": refusals, f"{into}__isnull": False})
        found |= Q(pk__in=merged.order_by().values(into))
    return Patient.objects.current().filter(found)


def _first_beside_the_last(blocking: QuerySet[SideEffect]) -> Subquery:
    """The stretch of being blocked that ended with the last one began with the first still open beside it."""
    beside = blocking.filter(
        Q(closing_review=None, error_at=None)
        | Q(closing_review__recorded_at__gte=OuterRef("last_opened_at"))
        | Q(error_at__gte=OuterRef("last_opened_at"))
    )
    return Subquery(beside.order_by("recorded_at").values("recorded_at")[:1])


def _blocked_at(at: str) -> Exists:
    """Was something open at that time? By when it was written down, as the rule goes."""
    return Exists(
        SideEffect.objects.filter(
            Q(closing_review=None) | Q(closing_review__recorded_at__gt=OuterRef(at)),
            Q(error_at=None) | Q(error_at__gt=OuterRef(at)),
            patient=OuterRef("patient"),
            kind__in=BLOCKS,
            recorded_at__lte=OuterRef(at),
        )
    )


def _refused(since: OuterRef) -> Q:
    """By the rule, and for a mesotherapy. A refusal keeps the record it was made on, so those merged are asked as well.

    One by one, for an index answers each: the record itself, those merged into it, and those merged into them.
    """
    refusals = Refusal.objects.filter(at__gte=since, **_by_the_rule())
    found = Q(Exists(refusals.filter(patient_id=OuterRef("pk"))))
    for steps in range(1, MERGED_IN_A_CHAIN + 1):
        merged = Patient.objects.filter(**{"__".join(["merged_into"] * steps): OuterRef(OuterRef("pk"))})
        found |= Q(Exists(refusals.filter(patient_id__in=merged.values("pk"))))
    return found


def _by_the_rule() -> dict[str, Any]:
    mesotherapies = Treatment.objects.filter(family=Family.MESOTHERAPY).order_by().values("pk")
    return {"code__in": RULE_CODES, "treatment_id__in": mesotherapies}
