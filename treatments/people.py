"""Members of staff as a manager sees them: who may sign in, how, and until when they are trained."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Q
from django.http import QueryDict
from django.utils import timezone

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from clinic.models.staff import StaffQuerySet
from clinic.roles import ROLES
from treatments.displaced import TO_COME
from treatments.models import Appointment
from treatments.models.appointment import AppointmentQuerySet
from treatments.training import LAPSE_WITHIN, trained_until

LONGEST_SEARCH = 100
LAPSING = "lapsing"
TRAININGS = {LAPSING: f"Lapsed, or lapses within {LAPSE_WITHIN} days"}


@dataclass(frozen=True)
class Person:
    """A row of the list. `trained_until` is of a practitioner's mesotherapy training; None: none on record."""

    staff: Staff
    has_second_step: bool
    trained_until: dt.date | None
    today: dt.date

    @property
    def has_lapsed(self) -> bool:
        return self.trained_until is not None and self.trained_until < self.today

    @property
    def lapses_soon(self) -> bool:
        soon = self.today + dt.timedelta(days=LAPSE_WITHIN)
        return self.trained_until is not None and self.today <= self.trained_until <= soon


def people(
    by: Staff, *, now: dt.datetime, search: str = "", state: str = "", role: str = "", training: str = ""
) -> StaffQuerySet:
    """Everybody of the filter, by name. One statement, and one more for the filter of training."""
    found = Staff.objects.managed_by(by).select_related("site").order_by("name", "pk")
    if search := search.strip()[:LONGEST_SEARCH]:
        found = found.filter(Q(name__icontains=search) | Q(email__icontains=search))
    if state in Staff.State.values:
        found = found.in_state(state)
    if role in ROLES:
        found = found.filter(**{f"is_{role}": True})
    if training == LAPSING:
        found = found.filter(pk__in=_lapsing(now))
    return found.annotate(has_second_step=Exists(_second_steps()))


def _second_steps() -> Any:
    # Recovery codes alone are no second step: they are for when it is lost.
    return Authenticator.objects.filter(user=OuterRef("pk")).exclude(type=Authenticator.Type.RECOVERY_CODES)


def has_second_step(staff: Staff) -> bool:
    return bool(Authenticator.objects.filter(user=staff).exclude(type=Authenticator.Type.RECOVERY_CODES).exists())


def _lapsing(now: dt.datetime) -> list[uuid.UUID]:
    today = timezone.localdate(now)
    limit = today + dt.timedelta(days=LAPSE_WITHIN)
    practitioners = Staff.objects.practitioners().values_list("pk", flat=True)
    return [pk for pk, until in trained_until(list(practitioners), today).items() if until and until <= limit]


def as_people(staff: Iterable[Staff], *, now: dt.datetime) -> list[Person]:
    """With their training. One statement however many there are."""
    staff, today = list(staff), timezone.localdate(now)
    until = trained_until([one.pk for one in staff if one.is_practitioner], today)
    return [
        Person(one, one.has_second_step, until.get(one.pk), today)  # type: ignore[attr-defined]
        for one in staff
    ]


def booked_ahead(staff: Staff, *, now: dt.datetime) -> AppointmentQuerySet:
    """What is still to come with them, and has to be moved once they leave."""
    return Appointment.objects.filter(status__in=TO_COME, practitioner=staff, starts_at__gte=now)


# --- The list as a file --------------------------------------------------------------------------------------------------

AT_ONCE = 500


def _asked(by: Staff, query: QueryDict) -> StaffQuerySet:
    wanted = {name: query.get(name, "") for name in ("search", "state", "role", "training")}
    return people(by, now=timezone.now(), **wanted)


def _rows(by: Staff, query: QueryDict) -> Iterator[Row]:
    batch: list[Staff] = []
    for one in _asked(by, query).iterator(chunk_size=AT_ONCE):
        batch.append(one)
        if len(batch) == AT_ONCE:
            yield from _cells(batch)
            batch = []
    yield from _cells(batch)


def _cells(staff: list[Staff]) -> Iterator[Row]:
    for person in as_people(staff, now=timezone.now()):
        one = person.staff
        yield (
            one.name,
            one.email,
            ", ".join(ROLES[role] for role in one.roles),
            one.site.name if one.site else "",
            Staff.State(one.state).label,
            person.has_second_step,
            person.trained_until,
            one.last_login,
        )


def _count(by: Staff, query: QueryDict) -> int:
    return _asked(by, query).count()


def filter_words(by: Staff, query: QueryDict) -> str:
    said = [f"named “{search}”" for search in [query.get("search", "").strip()[:LONGEST_SEARCH]] if search]
    for name, words in (("state", dict(Staff.State.choices)), ("role", ROLES), ("training", TRAININGS)):
        if (value := str(query.get(name, ""))) in words:
            said.append(f"{name}: {words[value].lower()}")
    return "; ".join(said) or "Everybody"


PEOPLE = ListExport(
    code="people",
    title="People",
    permission="manage-staff",
    columns=[
        "Name",
        "Email",
        "Roles",
        "Site",
        "State",
        "Second step at sign-in",
        "Mesotherapy training until",
        "Last signed in",
    ],
    rows=_rows,
    count=_count,
    filter_words=filter_words,
)
