"""check_rule sees what a missing guard let into the clinical record: deviations, signatures, lots."""

import datetime as dt

import pytest
from django.utils import timezone

from tests import raw_sql
from tests.factories import NOW, make_session
from tests.pages.clinical import ago
from tests.treatments.attacks_records import deviating, lot, use
from tests.treatments.test_standing_guards import _breaches, _unsaved, _without
from treatments.deviations import record_deviation
from treatments.models import Session
from treatments.rule_check import rule_breaches


@pytest.fixture
def running(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)


@pytest.fixture
def signed(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)


class _World:
    """What the attacks ask for."""

    def __init__(self, patient, treatment, practitioner) -> None:
        self.given = patient, treatment, practitioner
        self.rosa = practitioner

    def unsaved(self, **columns):
        return _unsaved(*self.given, **columns)


@pytest.fixture
def world(amara, mesotherapy, rosa) -> _World:
    return _World(amara, mesotherapy, rosa)


def test_what_was_done_and_signed_is_no_breach(signed, running, amara, rosa, mesotherapy):
    record_deviation(
        patient=amara, treatment=mesotherapy, starts_at=ago(hours=2), ends_at=ago(hours=1), reason="Flown in",
        decided_by=rosa, practitioner=rosa, by=rosa,
    )  # fmt: skip

    assert rule_breaches() == []


def test_a_session_that_runs_in_an_appointment_that_is_over(running):
    _without("guard_appointment")
    raw_sql.update(running.appointment, status="fulfilled")

    assert f"session {running.pk} runs, but appointment {running.appointment_id} is over" in _breaches()


def test_a_signed_session_whose_appointment_still_runs(signed):
    _without("guard_appointment")
    raw_sql.update(signed.appointment, status="in-progress")

    assert f"session {signed.pk} is finished, but appointment {signed.appointment_id} still runs" in _breaches()


def test_a_session_entered_in_error_without_a_reason(signed, rosa):
    _without("guard_session")
    raw_sql.update(signed, error_at=NOW, error_by_id=rosa.pk, error_reason="")

    assert f"session {signed.pk} was entered in error without a signature, a reason or a name" in _breaches()


def test_a_running_session_entered_in_error(running, rosa):
    _without("guard_session")
    raw_sql.update(running, error_at=NOW, error_by_id=rosa.pk, error_reason="wrong person")

    assert f"session {running.pk} was entered in error without a signature, a reason or a name" in _breaches()


def _insert(*rows) -> None:
    for row in rows:
        raw_sql.insert(row)


def test_a_deviation_recorded_before_it_was_over(world):
    _without("guard_deviation", "guard_appointment")
    deviation, visit = deviating(world, ended_at=timezone.now() + dt.timedelta(hours=2))
    _insert(visit, deviation)

    assert f"deviation {deviation.pk} was recorded before appointment {visit.pk} was over" in _breaches()


def test_a_deviation_recorded_in_the_future(world):
    _without("guard_deviation", "guard_appointment")
    deviation, visit = deviating(world, recorded_at=timezone.now() + dt.timedelta(days=1))
    _insert(visit, deviation)

    assert f"deviation {deviation.pk} was recorded before appointment {visit.pk} was over" in _breaches()


def test_a_deviation_that_is_booked(world):
    _without("guard_deviation", "guard_appointment")
    deviation, visit = deviating(world)
    visit.status = "booked"
    _insert(visit, deviation)

    assert f"deviation {deviation.pk} belongs to appointment {visit.pk}, which is booked" in _breaches()


def test_a_lot_used_after_it_had_expired(running):
    _without("guard_lot_use")
    row = use(running, lot(expires_on=NOW.date() - dt.timedelta(days=1)))
    raw_sql.insert(row)

    assert f"lot {row.lot_id} was used in session {running.pk} after it had expired" in _breaches()


def test_a_lot_used_on_its_last_day_and_put_in_quarantine_later_is_no_breach(running, rosa):
    row = use(running, lot(expires_on=NOW.date()))
    raw_sql.insert(row)
    later = {"quarantined_at": NOW + dt.timedelta(hours=1), "quarantine_reason": "recalled"}
    raw_sql.update(row.lot, **later)

    assert rule_breaches() == []


def test_a_lot_used_after_it_was_put_in_quarantine(running):
    _without("guard_lot_use")
    row = use(running, lot(quarantined_at=NOW - dt.timedelta(hours=1), quarantine_reason="recalled"))
    raw_sql.insert(row)

    assert f"lot {row.lot_id} was used in session {running.pk} after it was put in quarantine" in _breaches()
