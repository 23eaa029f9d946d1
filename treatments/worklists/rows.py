"""One line of a worklist, the lists' names, and the calls made for each line."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.utils import timezone

from clinic.wording import days, short_day
from patients.models import Patient
from treatments.models import Appointment, Call, Message, Session, SideEffect, WaitingListEntry
from treatments.models.contact import CONCERN

ON_HOLD, CLEAR_AGAIN, REVIEW_DUE, REPORTED = "on-hold", "clear-again", "review-due", "reported"
FOLLOW_UP, CALL_BACK, TO_MOVE, TRAINING_LAPSES = "follow-up", "call-back", "to-move", "training-lapses"
RECALL = "recall"
# One side effect may stand on both: a call made for the one is said on the other, and so is what a patient told by phone
# about a known bruise.
OF_SIDE_EFFECTS = (REVIEW_DUE, REPORTED)


@dataclass(frozen=True)
class Row:
    """One line of a worklist. `why` may be read by reception; `since` and `due` are days.

    `calls` are those made for it since `since`, newest first. `later`: the next try is on a day ahead, so the line
    sinks to the end of its list; it is never hidden, and an urgent one never sinks. `review_at`: when the review begins
    that is booked for the patient already.
    """

    patient: Patient
    why: str
    since: dt.date
    next_step: str
    appointment: Appointment | None = None
    side_effect: SideEffect | None = None
    session: Session | None = None
    message: Message | None = None
    wishes: tuple[WaitingListEntry, ...] = ()
    due: dt.date | None = None
    review_at: dt.datetime | None = None
    urgent: bool = False
    overdue: bool = False
    told: str = ""
    untold: bool = False
    calls: tuple[Call, ...] = ()
    later: bool = False

    @property
    def subject(self) -> uuid.UUID:
        """What the line is about: there is one line of it in its list."""
        about = self.appointment or self.side_effect or self.session or self.message or self.patient
        return about.pk

    @property
    def last_call(self) -> Call | None:
        return self.calls[0] if self.calls else None

    @property
    def next_try_on(self) -> dt.date | None:
        return self.calls[0].next_try_on if self.calls else None

    @property
    def declined(self) -> bool:
        return bool(self.calls) and self.calls[0].outcome == Call.Outcome.DECLINED


def with_calls(lists: dict[str, list[Row]], now: dt.datetime) -> dict[str, list[Row]]:
    """Each row with the calls made for it, those to be tried later last. One statement, none where nobody waits."""
    patients = {row.patient.pk for rows in lists.values() for row in rows}
    if not patients:
        return lists
    made: dict[tuple[uuid.UUID, str], list[Call]] = defaultdict(list)
    for call in _calls_of(patients, lists):
        made[call.patient_id, call.worklist].append(call)
    today = timezone.localdate(now)
    return {code: _in_order([_called(row, code, made, today) for row in rows]) for code, rows in lists.items()}


def _calls_of(patients: Iterable[uuid.UUID], codes: Iterable[str]) -> Iterable[Call]:
    found = Call.objects.filter(patient__in=patients, worklist__in=[*codes, CONCERN])
    return found.select_related("by").only("patient", "worklist", "at", "outcome", "note", "next_try_on", "by__name")


def _called(row: Row, code: str, made: dict[tuple[uuid.UUID, str], list[Call]], today: dt.date) -> Row:
    calls = made[row.patient.pk, code]
    if code in OF_SIDE_EFFECTS:
        of_all = [call for one in (*OF_SIDE_EFFECTS, CONCERN) for call in made[row.patient.pk, one]]
        calls = sorted(of_all, key=lambda call: call.at, reverse=True)
    calls = [call for call in calls if timezone.localdate(call.at) >= row.since]
    if not calls:
        return row
    row = replace(row, calls=tuple(calls), later=_is_later(row, calls[0].next_try_on, today))
    reached = next((call for call in calls if call.outcome in (Call.Outcome.REACHED, Call.Outcome.DECLINED)), None)
    if row.untold and reached is not None:
        row = replace(row, told=f"Told by phone {short_day(timezone.localdate(reached.at))}.", untold=False)
    return row


def _is_later(row: Row, next_try_on: dt.date | None, today: dt.date) -> bool:
    if next_try_on is None or next_try_on <= today or row.urgent:
        return False
    # A try that comes after the appointment comes too late to let it rest.
    return row.appointment is None or next_try_on <= timezone.localdate(row.appointment.starts_at)


def _in_order(rows: list[Row]) -> list[Row]:
    later = sorted((row for row in rows if row.later), key=lambda row: row.next_try_on or dt.date.max)
    return [row for row in rows if not row.later] + later


def ago(at: dt.datetime, now: dt.datetime) -> str:
    count = (timezone.localdate(now) - timezone.localdate(at)).days
    return "today" if count <= 0 else f"{days(count)} ago"
