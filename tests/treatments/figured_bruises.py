"""Bruises with their looks, for the tests of time to clear: days counted from the one on which it began."""

import datetime as dt

from clinic.models import Staff
from patients.models import Patient
from tests.factories import LONDON, make_gone, make_review, make_side_effect
from treatments.models import SideEffect

DAY_0 = dt.date(2026, 9, 1)


def at(day: int, hour: int = 12) -> dt.datetime:
    return dt.datetime.combine(DAY_0 + dt.timedelta(days=day), dt.time(hour), tzinfo=LONDON)


def bruise(
    patient: Patient,
    by: Staff,
    *,
    seen: int = 0,
    there: tuple[int, ...] = (),
    gone: int | None = None,
    site: str = "thigh",
    severity: int = 1,
    **more: object,
) -> SideEffect:
    """Began on day 0, first seen on day `seen`, still there on the days `there`, found gone on the day `gone`."""
    known = {"onset_on": DAY_0} | more
    made = make_side_effect(
        patient=patient, by=by, kind="bruising", site=site, severity=severity, now=at(seen, 10), **known
    )
    for day in there:
        make_review(side_effect=made, by=by, finding="fading", now=at(day))
    if gone is not None:
        make_gone(made, by, at(gone, 18))
    made.refresh_from_db()
    return made
