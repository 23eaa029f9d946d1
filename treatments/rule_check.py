"""Every row that breaks the rule, and every guard that is missing or altered. Runs after a restore, migration or import."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from treatments import guards
from treatments.eligibility import BLOCKS
from treatments.models import Appointment, Deviation, Hold, LotUse, Merge, MergedRow, Review, Session, SideEffect
from treatments.models.appointment import LIVE, Status
from treatments.models.review import SEEN_BY_EYE, Finding

# What the guards on deviations and looks allow between two clocks.
SLACK = dt.timedelta(minutes=10)


def rule_breaches() -> list[str]:
    """A sentence for each, naming rows by id; [] when the rule holds."""
    return [
        *guards.faults(),
        *_booked_while_blocked(),
        *_started_while_blocked(),
        *_closed_without_a_look(),
        *_looks_ahead(),
        *_gone_but_open(),
        *_holds_out_of_step(),
        *_sessions_out_of_step(),
        *_deviations_out_of_step(),
        *_lots_used_wrongly(),
        *_overlaps(),
        *_left_behind(),
        *_merges_out_of_step(),
    ]


def _blocking() -> Q:
    condition = Q()
    for kind, families in BLOCKS.items():
        condition |= Q(kind=kind, patient__appointments__treatment__family__in=families)
    return condition


def _pairs(rows: object, sentence: str) -> list[str]:
    return [sentence.format(*row) for row in rows]  # type: ignore[attr-defined]


def _booked_while_blocked() -> list[str]:
    rows = (
        SideEffect.objects.open()
        .filter(_blocking(), patient__appointments__status__in=[Status.BOOKED, Status.ARRIVED])
        .values_list("patient__appointments__pk", "patient__appointments__status", "pk")
    )
    return _pairs(rows, "appointment {0} is {1} while side effect {2} is open")


def _started_while_blocked() -> list[str]:
    """Bruising that appears while treating does not undo a session; bruising recorded before it should have."""
    still_open = (
        Q(closing_review=None, error_at=None)
        | Q(closing_review__recorded_at__gt=F("patient__appointments__session__started_at"))
        | Q(error_at__gt=F("patient__appointments__session__started_at"), closing_review=None)
    )
    rows = SideEffect.objects.filter(
        _blocking(),
        still_open,
        patient__appointments__status__in=[Status.IN_PROGRESS, Status.FULFILLED],
        patient__appointments__session__started_at__gt=F("recorded_at"),
        # Written down as what it was, with the reason.
        patient__appointments__deviation=None,
    ).values_list("patient__appointments__pk", "pk")
    known_then = _not_brought_together_later(list(rows))
    return _pairs(known_then, "appointment {0} was started while side effect {1} was open")


def _not_brought_together_later(pairs: list[tuple[uuid.UUID, uuid.UUID]]) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Without those that stood under two records when the appointment was started: nobody could know, nothing was broken."""
    found: dict[uuid.UUID, dict[uuid.UUID, tuple[bool, str]]] = defaultdict(dict)
    rows = MergedRow.objects.filter(row_id__in={row for pair in pairs for row in pair})
    for merge, row, moved, was in rows.values_list("merge", "row_id", "moved", "was"):
        found[row][merge] = moved, was

    def came_later(appointment: uuid.UUID, side_effect: uuid.UUID) -> bool:
        both = found[appointment].keys() & found[side_effect].keys()
        return any(
            found[appointment][merge][1] == Status.FULFILLED
            and found[appointment][merge][0] != found[side_effect][merge][0]
            for merge in both
        )

    return [pair for pair in pairs if not came_later(*pair)]


def _closed_without_a_look() -> list[str]:
    later = Review.objects.filter(side_effect=OuterRef("pk"), seen_at__gt=OuterRef("closing_review__seen_at"))
    rows = (
        SideEffect.objects.exclude(closing_review=None)
        .annotate(looked_at_later=Exists(later))
        .filter(
            ~Q(closing_review__side_effect=F("pk"))
            | ~Q(closing_review__finding=Finding.GONE)
            | ~Q(closing_review__mode__in=SEEN_BY_EYE)
            | Q(looked_at_later=True)
        )
        .values_list("pk", "closing_review")
    )
    return _pairs(rows, "side effect {0} is closed by review {1}, which does not close it")


def _looks_ahead() -> list[str]:
    ahead = Q(recorded_at__gt=timezone.now() + SLACK) | Q(seen_at__gt=F("recorded_at"))
    rows = Review.objects.filter(ahead).values_list("pk", "side_effect")
    return _pairs(rows, "review {0} of side effect {1} is dated in the future")


def _gone_but_open() -> list[str]:
    newest = Review.objects.filter(side_effect=OuterRef("side_effect"), seen_at__gt=OuterRef("seen_at"))
    rows = (
        Review.objects.filter(side_effect__in=SideEffect.objects.open(), finding=Finding.GONE, mode__in=SEEN_BY_EYE)
        .annotate(looked_at_later=Exists(newest))
        .filter(looked_at_later=False)
        .values_list("side_effect", "pk")
    )
    return _pairs(rows, "side effect {0} is open though its newest look, review {1}, found it gone")


def _holds_out_of_step() -> list[str]:
    standing = Hold.objects.filter(appointment=OuterRef("pk"), held_until=None)
    unexplained = Appointment.objects.filter(status=Status.ON_HOLD).filter(~Exists(standing)).values_list("pk")
    left_over = (
        Hold.objects.filter(held_until=None)
        .exclude(appointment__status=Status.ON_HOLD)
        .values_list("appointment", "side_effect")
    )
    return [
        *_pairs(unexplained, "appointment {0} is on hold and nothing says why"),
        *_pairs(left_over, "appointment {0} is no longer on hold, but its hold for side effect {1} was never ended"),
    ]


def _sessions_out_of_step() -> list[str]:
    rows = Session.objects.exclude(appointment__status__in=[Status.IN_PROGRESS, Status.FULFILLED]).values_list(
        "pk", "appointment", "appointment__status"
    )
    # A deviation's appointment is fulfilled from its birth; any other becomes so when its session is finished.
    early = Session.objects.filter(finished_at=None, appointment__status=Status.FULFILLED, appointment__deviation=None)
    late = Session.objects.exclude(finished_at=None).filter(appointment__status=Status.IN_PROGRESS)
    struck = Session.objects.exclude(error_at=None).filter(Q(error_reason="") | Q(error_by=None) | Q(finished_at=None))
    return [
        *_pairs(rows, "session {0} belongs to appointment {1}, which is {2}"),
        *_pairs(early.values_list("pk", "appointment"), "session {0} runs, but appointment {1} is over"),
        *_pairs(late.values_list("pk", "appointment"), "session {0} is finished, but appointment {1} still runs"),
        *_pairs(struck.values_list("pk"), "session {0} was entered in error without a signature, a reason or a name"),
    ]


def _deviations_out_of_step() -> list[str]:
    ahead = Deviation.objects.filter(
        Q(appointment__ends_at__gt=F("recorded_at")) | Q(recorded_at__gt=timezone.now() + SLACK)
    )
    booked = Deviation.objects.exclude(appointment__status=Status.FULFILLED)
    return [
        *_pairs(ahead.values_list("pk", "appointment"), "deviation {0} was recorded before appointment {1} was over"),
        *_pairs(
            booked.values_list("pk", "appointment", "appointment__status"),
            "deviation {0} belongs to appointment {1}, which is {2}",
        ),
    ]


def _lots_used_wrongly() -> list[str]:
    """What was used before it was put in quarantine was used rightly; lots of unknown expiry are from before lots were kept."""
    expired = LotUse.objects.filter(lot__expires_on__lt=F("used_on")).values_list("lot", "session")
    quarantined = LotUse.objects.filter(lot__quarantined_at__lt=F("recorded_at")).values_list("lot", "session")
    return [
        *_pairs(expired, "lot {0} was used in session {1} after it had expired"),
        *_pairs(quarantined, "lot {0} was used in session {1} after it was put in quarantine"),
    ]


def _left_behind() -> list[str]:
    open_there = SideEffect.objects.open().exclude(patient__merged_into=None).values_list("pk", "patient")
    live_there = Appointment.objects.live().exclude(patient__merged_into=None).values_list("pk", "patient")
    return [
        *_pairs(open_there, "side effect {0} is open under record {1}, which was merged into another"),
        *_pairs(live_there, "appointment {0} stands under record {1}, which was merged into another"),
    ]


def _merges_out_of_step() -> list[str]:
    """What a merge recorded, and where the record stands now. Rows moved on by a later merge are that one's to answer for."""
    standing = Merge.objects.filter(undone_at=None)
    astray = standing.exclude(merged__merged_into=F("kept"), sealed=True).values_list("pk", "merged")
    return [
        *_pairs(astray, "merge {0} is not undone, but record {1} is not merged so"),
        *_pairs(_moved_elsewhere(standing), "merge {0} moved row {1}, which is not with the record that stands"),
    ]


def _moved_elsewhere(standing: QuerySet[Merge]) -> Iterable[tuple[uuid.UUID, uuid.UUID]]:
    moved = MergedRow.objects.filter(merge__in=standing.filter(kept__merged_into=None), moved=True)
    for model in (SideEffect, Appointment, Session):
        there = model.objects.filter(pk=OuterRef("row_id"), patient=OuterRef("merge__kept"))
        rows = moved.filter(~Exists(there), table_name=model._meta.db_table)
        yield from rows.values_list("merge", "row_id")


def _overlaps() -> list[str]:
    found = []
    for who in ("practitioner", "room", "patient"):
        # What the catalogue lets overlap is looked past for practitioner and room, never for the patient.
        walled = {} if who == "patient" else {"overlap_allowed": False}
        other = Appointment.objects.filter(
            status__in=LIVE,
            starts_at__lt=OuterRef("ends_at"),
            ends_at__gt=OuterRef("starts_at"),
            pk__gt=OuterRef("pk"),
            **{who: OuterRef(who)},
            **walled,
        )
        rows = Appointment.objects.live().filter(Exists(other), **walled).values_list("pk")
        found += _pairs(rows, f"appointment {{0}} overlaps another of the same {who}")
    return found
