"""Two or more suspected infections that share a lot, a room or a practitioner within twelve weeks: an urgent question.

The source names a severe skin infection as the main risk, likelier in an unclean environment. Few cases can come together
by chance, so each shared thing is raised with how many sessions there were with it, and in the whole clinic.

What is compared, all of it the clinic's own decision:
- The day of an infection is its onset, or the day on which it was recorded where nobody knows.
- Its session is the mesotherapy that it names; else the patient's last mesotherapy that began on or before that day, and
  at most twelve weeks before it. Sessions and infections entered in error count nowhere.
- Two infections after one and the same session are one occasion and raise nothing by themselves.
- An infection is held against those recorded before it. It raises once for what it shares; so a third one raises anew,
  and one whose lot is written down later raises then, for that lot.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import DateField, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from clinic.models import Room, Site, Staff
from treatments.alerts import raise_alert
from treatments.lot_trace import day_of_onset
from treatments.models import Alert, Lot, LotUse, Session, SideEffect
from treatments.models.side_effect import Kind
from treatments.models.treatment import Family

WITHIN = dt.timedelta(days=84)
LOT, ROOM, PRACTITIONER = "lot", "room", "practitioner"
BY_CHANCE = "A few cases can come together by chance."
LONGEST_REASON = 500
Thing = tuple[str, uuid.UUID]


@dataclass(frozen=True)
class Case:
    """A suspected infection with the session that it is held to follow."""

    infection: uuid.UUID
    recorded_at: dt.datetime
    day: dt.date
    session: uuid.UUID
    session_on: dt.date
    site: uuid.UUID | None
    things: frozenset[Thing] = field(default_factory=frozenset)

    @property
    def place(self) -> tuple[dt.datetime, uuid.UUID]:
        return self.recorded_at, self.infection

    def shares_with(self, other: "Case") -> frozenset[Thing]:
        if self.session == other.session or abs(self.day - other.day) > WITHIN:
            return frozenset()
        return self.things & other.things


def raise_signals_of(infection: SideEffect, *, now: dt.datetime) -> list[Alert]:
    """What this infection, just recorded, has in common with earlier ones. In the transaction that records it."""
    day = infection.onset_on or timezone.localdate(infection.recorded_at)
    cases = _cases(day - WITHIN, day + WITHIN)
    return _raise([case for case in cases if case.infection == infection.pk], cases, now)


def raise_signals(now: dt.datetime) -> int:
    """By the clock: of what was recorded in the last twelve weeks, what nobody could see at the time (two recorded in one
    moment, a lot written down later). Returns how many were raised; run again, none."""
    newest = _infections().filter(recorded_at__gte=now - WITHIN).values_list("day", flat=True)
    days = list(newest)
    if not days:
        return 0
    cases = _cases(min(days) - WITHIN, max(days) + WITHIN)
    recent = [case for case in cases if case.recorded_at >= now - WITHIN]
    with transaction.atomic():
        return len(_raise(recent, cases, now))


def _infections() -> QuerySet[Any, Any]:
    """With `day`, on which each began."""
    return SideEffect.objects.filter(kind=Kind.INFECTION, error_at=None).annotate(day=day_of_onset()).order_by()


def _cases(since: dt.date, until: dt.date) -> list[Case]:
    """Three statements. Those without a session to look at are left out."""
    mesotherapy = Session.objects.standing().filter(family=Family.MESOTHERAPY)
    named = mesotherapy.filter(pk=OuterRef("session"))
    earliest = ExpressionWrapper(OuterRef("day") - WITHIN, output_field=DateField())
    last = (
        mesotherapy.filter(patient=OuterRef("patient"))
        .annotate(on=TruncDate("started_at"))
        .filter(on__lte=OuterRef("day"), on__gte=earliest)
        .order_by("-started_at", "-pk")
    )
    found = (
        _infections()
        .filter(day__gte=since, day__lte=until)
        .annotate(of=Coalesce(Subquery(named.values("pk")[:1]), Subquery(last.values("pk")[:1])))
        .exclude(of=None)
        .values_list("pk", "recorded_at", "day", "of")
    )
    rows = list(found)
    sessions = {one.pk: one for one in mesotherapy.filter(pk__in={of for *_, of in rows}).select_related("appointment")}
    lots: dict[uuid.UUID, set[Thing]] = defaultdict(set)
    for session_id, lot_id in LotUse.objects.filter(session__in=sessions).values_list("session", "lot"):
        lots[session_id].add((LOT, lot_id))
    return [_case(pk, at, day, sessions[of], lots[of]) for pk, at, day, of in sorted(rows, key=lambda row: row[1:3])]


def _case(pk: uuid.UUID, recorded_at: dt.datetime, day: dt.date, session: Session, lots: set[Thing]) -> Case:
    things = lots | {(PRACTITIONER, session.practitioner_id)}
    if session.appointment.room_id:
        things.add((ROOM, session.appointment.room_id))
    begun = timezone.localdate(session.started_at)
    return Case(pk, recorded_at, day, session.pk, begun, session.appointment.site_id, frozenset(things))


# --- Raised ------------------------------------------------------------------------------------------------------------


def _raise(new: Sequence[Case], all_of_them: Sequence[Case], now: dt.datetime) -> list[Alert]:
    raised = []
    known = _raised_before(new) if new else {}
    for case in new:
        shared = _shared(case, all_of_them)
        fresh = sorted(set(shared) - known.get(case.infection, set()), key=_in_order)
        if fresh and (alert := _raise_one(case, {thing: shared[thing] for thing in fresh}, all_of_them, now)):
            raised.append(alert)
    return raised


def _shared(case: Case, others: Iterable[Case]) -> dict[Thing, list[Case]]:
    found: dict[Thing, list[Case]] = defaultdict(list)
    for other in others:
        if other.place < case.place:
            for thing in case.shares_with(other):
                found[thing].append(other)
    return {thing: [*earlier, case] for thing, earlier in found.items()}


def _raised_before(cases: Sequence[Case]) -> dict[uuid.UUID, set[Thing]]:
    """What each has raised already."""
    found: dict[uuid.UUID, set[Thing]] = defaultdict(set)
    names = Q()
    for case in cases:
        names |= Q(key__startswith=_key(case))
    for alert in Alert.objects.filter(names, kind=Alert.Kind.INFECTIONS_TOGETHER):
        of = uuid.UUID(alert.facts["infections"][-1])
        found[of] |= {(one["what"], uuid.UUID(one["id"])) for one in alert.facts["shared"]}
    return found


def _key(case: Case, *first: object) -> str:
    return ":".join(["infections-together", str(case.infection), *map(str, first)])


def _in_order(thing: Thing) -> tuple[int, str]:
    return (LOT, ROOM, PRACTITIONER).index(thing[0]), str(thing[1])


def _raise_one(
    case: Case, shared: dict[Thing, list[Case]], all_of_them: Sequence[Case], now: dt.datetime
) -> Alert | None:
    members = sorted({one for cases in shared.values() for one in cases}, key=lambda one: one.place)
    until = max(one.day for one in members)
    since = min(until - WITHIN, *(one.session_on for one in members))
    weeks = _sessions_between(since, until)
    names = _names(shared)
    things: list[dict[str, Any]] = [
        {
            "what": what,
            "id": str(pk),
            "infections": [str(one.infection) for one in cases],
            "sessions": _with(weeks, what, pk).count(),
        }
        for (what, pk), cases in shared.items()
    ]
    clinic = {
        "infections": sum(since <= one.day <= until for one in all_of_them),
        "sessions": weeks.count(),
    }
    facts: dict[str, Any] = {
        "infections": [str(one.infection) for one in members],
        "shared": things,
        "since": since.isoformat(),
        "until": until.isoformat(),
        "clinic": clinic,
    }
    sites = {one.site for one in members if one.site}
    return raise_alert(
        kind=Alert.Kind.INFECTIONS_TOGETHER,
        key=_key(case, *next(iter(shared))),
        reason=_reason(len(members), [(names[one["what"], uuid.UUID(one["id"])], one) for one in things], clinic),
        facts=facts,
        site=Site.objects.filter(pk__in=sites).first() if len(sites) == 1 else None,
        now=now,
    )


def _sessions_between(since: dt.date, until: dt.date) -> QuerySet[Session]:
    begins, ends = (
        timezone.make_aware(dt.datetime.combine(day, dt.time())) for day in (since, until + dt.timedelta(days=1))
    )
    standing = Session.objects.standing().filter(family=Family.MESOTHERAPY)
    return standing.filter(started_at__gte=begins, started_at__lt=ends)


def _with(sessions: QuerySet[Session], what: str, pk: uuid.UUID) -> QuerySet[Session]:
    column = {LOT: "lot_uses__lot", ROOM: "appointment__room", PRACTITIONER: "practitioner"}[what]
    return sessions.filter(**{column: pk})


def _names(shared: Iterable[Thing]) -> dict[Thing, str]:
    ids = {what: [pk for one, pk in shared if one == what] for what in (LOT, ROOM, PRACTITIONER)}
    found = {(LOT, lot.pk): str(lot) for lot in Lot.objects.filter(pk__in=ids[LOT]).select_related("product")}
    found |= {(ROOM, room.pk): room.name for room in Room.objects.filter(pk__in=ids[ROOM])}
    return found | {(PRACTITIONER, one.pk): one.name for one in Staff.objects.filter(pk__in=ids[PRACTITIONER])}


def _reason(count: int, things: list[tuple[str, dict[str, Any]]], clinic: dict[str, int]) -> str:
    """Names what is shared and how often it was used, and no patient."""
    said = [f"{name} ({len(one['infections'])} after {_sessions(one['sessions'])} with it)" for name, one in things]
    begins = f"{count} suspected infections within 12 weeks have something in common: "
    ends = f". In the whole clinic: {clinic['infections']} after {_sessions(clinic['sessions'])}. {BY_CHANCE}"
    while len(begins + "; ".join(said) + ends) > LONGEST_REASON and len(said) > 1:
        said = [*said[:-2], "and more"] if said[-1] == "and more" else [*said[:-1], "and more"]
    return (begins + "; ".join(said) + ends)[:LONGEST_REASON]


def _sessions(count: int) -> str:
    return f"{count} session" if count == 1 else f"{count} sessions"
