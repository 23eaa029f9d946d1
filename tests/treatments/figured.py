"""What the tests of the figures share: sessions with sites and lots, and a month's counts as they are read."""

import datetime as dt
from collections.abc import Collection
from typing import Any

from clinic.models import Staff
from patients.models import Patient
from tests.factories import make_patient, make_session, on
from treatments.figures.counting import count_month
from treatments.figures.months import zones
from treatments.models import Lot, Session, SideEffect, Treatment
from treatments.models.figure import Divided
from treatments.sessions import finish_session, write_session
from treatments.side_effects import report_side_effect

NOVEMBER = dt.date(2026, 11, 1)


def treat(
    patient: Patient,
    practitioner: Staff,
    treatment: Treatment,
    at: dt.datetime,
    *,
    sites: Collection[str] = (),
    lots: Collection[Lot] = (),
) -> Session:
    """A finished mesotherapy; what was injected where, out of which lots."""
    session = make_session(patient=patient, practitioner=practitioner, treatment=treatment, at=at, finished=False)
    rows = [{"site": site, "side": "left"} for site in sites]
    used = [{"lot": lot, "volume_ml": 1} for lot in lots]
    write_session(session=session, by=practitioner, now=at, sites=rows, lots=used)
    return finish_session(
        session=session, by=practitioner, now=at + dt.timedelta(minutes=30), answered=_whatever_is_asked(session, at)
    )


def _whatever_is_asked(session: Session, at: dt.datetime) -> list[str]:
    from treatments.before_finishing import questions
    from treatments.models.lot import WITH_LOTS

    uses = Session.objects.prefetch_related(WITH_LOTS).get(pk=session.pk).lot_uses.all()
    return [one.key for one in questions(session, uses, at + dt.timedelta(minutes=30))]


def logged(session: Session, kind: str, by: Staff, *, days: float = 2, **more: Any) -> SideEffect:
    """A side effect of that session, taken down so many days after it."""
    at = session.started_at + dt.timedelta(days=days)
    return report_side_effect(patient=session.patient, session=session, kind=kind, by=by, now=at, **more)


def someone(reception: Staff, number: int) -> Patient:
    return make_patient(reception, "Patient", f"Number {number}", phone=f"+44 7700 9{number:05d}")


def treated_on(days: Collection[int], reception: Staff, practitioner: Staff, treatment: Treatment) -> list[Session]:
    """One session of somebody new on each of these days of November."""
    return [
        make_session(patient=someone(reception, number), practitioner=practitioner, treatment=treatment, at=on(day))
        for number, day in enumerate(days)
    ]


def counted(month: dt.date = NOVEMBER, divided: str = Divided.ALL) -> dict[str, dict[str, int]]:
    """By value; only what is not 0."""
    return {
        value: {name: number for name, number in of.items() if number}
        for (by, value), of in count_month(month, zones()).items()
        if by == divided
    }
