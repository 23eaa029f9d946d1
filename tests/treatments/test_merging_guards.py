"""Two records become one, typed into the database: it moves along what the rule asks for, and only into a record that
stands. The operation for it belongs to another issue; the guards are there before it.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from clinic import database
from clinic.refusals import Refused
from patients.models import Patient
from tests import raw_sql
from tests.factories import (
    make_appointment,
    make_gone,
    make_patient,
    make_practitioner,
    make_session,
    make_side_effect,
    on,
)
from tests.treatments.test_races import at_once
from treatments import guards
from treatments.models import Appointment, Treatment
from treatments.rule_check import rule_breaches


@pytest.fixture
def book(rosa, reception) -> Callable[..., Appointment]:
    def act(patient: Patient, treatment: Treatment, **when: Any) -> Appointment:
        when.setdefault("starts_at", on(9))
        return make_appointment(patient=patient, treatment=treatment, practitioner=rosa, by=reception, **when)

    return act


def _merge(old: Patient, into: Patient) -> None:
    raw_sql.update(old, merged_into_id=into.pk)


def test_an_open_bruise_comes_along_and_holds(amara, jonas, rosa, mesotherapy, book):
    bruise = make_side_effect(patient=amara, by=rosa)
    booked = book(jonas, mesotherapy)

    _merge(amara, into=jonas)

    bruise.refresh_from_db()
    booked.refresh_from_db()
    assert (bruise.patient, booked.status) == (jonas, "on-hold")
    assert list(booked.holds.values_list("side_effect", "status_before")) == [(bruise.pk, "booked")]
    assert rule_breaches() == []


def test_without_the_merge_guard_it_would_be_left_behind(amara, jonas, rosa, mesotherapy, book):
    bruise = make_side_effect(patient=amara, by=rosa)
    booked = book(jonas, mesotherapy)
    with transaction.atomic():
        raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else "SELECT 1")
        database.remove(connection, [one for one in guards.GUARDS if one.name == "guard_merge"])
        _merge(amara, into=jonas)
        booked.refresh_from_db()
        assert booked.status == "booked"
        assert f"side effect {bruise.pk} is open under record {amara.pk}, which was merged into another" in (
            rule_breaches()
        )
        transaction.set_rollback(True)


def test_what_the_old_record_had_booked_comes_along_on_hold(amara, jonas, rosa, mesotherapy, book):
    booked = book(amara, mesotherapy)
    bruise = make_side_effect(patient=jonas, by=rosa)

    _merge(amara, into=jonas)

    booked.refresh_from_db()
    assert (booked.patient, booked.status) == (jonas, "on-hold")
    assert list(booked.holds.values_list("side_effect", "status_before")) == [(bruise.pk, "booked")]
    assert rule_breaches() == []


def test_what_the_rule_does_not_block_comes_along_as_it_was(
    amara, jonas, rosa, consultation, mesotherapy, reception, book
):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)
    closed = make_side_effect(patient=amara, by=rosa)
    make_gone(closed, rosa)
    swelling = make_side_effect(patient=jonas, by=rosa, kind="swelling")
    booked = [book(amara, consultation), book(amara, mesotherapy, starts_at=on(10))]

    _merge(amara, into=jonas)

    for row in (session, closed, swelling, *booked):
        row.refresh_from_db()
        assert row.patient == jonas
    assert [one.status for one in booked] == ["booked", "booked"]
    assert rule_breaches() == []


def test_one_held_before_stays_held(amara, jonas, rosa, mesotherapy, book):
    held = book(amara, mesotherapy)
    make_side_effect(patient=amara, by=rosa)

    _merge(amara, into=jonas)

    held.refresh_from_db()
    assert (held.patient, held.status, held.holds.count()) == (jonas, "on-hold", 1)
    assert rule_breaches() == []


def test_afterwards_the_bruise_refuses_a_booking_of_the_record_that_stands(amara, jonas, rosa, mesotherapy, book):
    make_side_effect(patient=amara, by=rosa)
    _merge(amara, into=jonas)

    with pytest.raises(Refused) as refusal:
        book(jonas, mesotherapy)

    assert refusal.value.codes == ["bruising-present"]


def test_a_merge_that_would_put_the_patient_in_two_places_at_once_is_refused(amara, jonas, consultation, reception):
    for patient in (amara, jonas):
        make_appointment(
            patient=patient, treatment=consultation, practitioner=make_practitioner(), by=reception, starts_at=on(9)
        )

    with raw_sql.refused_as("patient-busy"):
        _merge(amara, into=jonas)


@pytest.mark.parametrize("target", ["itself", "nobody", "one merged away", "one merged into it"])
def test_only_into_a_record_that_stands(target, amara, jonas, reception):
    third = make_patient(reception, "Third", "Person")
    if target.startswith("one merged"):
        _merge(third, into=jonas if target == "one merged away" else amara)
    into = {"itself": amara.pk, "nobody": uuid.uuid4()}.get(target, third.pk)

    with raw_sql.refused_as("merge-final"):
        raw_sql.update(amara, merged_into_id=into)


def test_a_merge_is_for_good_so_no_bruise_is_handed_over_by_one(amara, jonas, rosa):
    make_side_effect(patient=amara, by=rosa)
    _merge(amara, into=jonas)

    with raw_sql.refused_as("merge-final"):
        raw_sql.update(amara, merged_into_id=None)


@pytest.mark.parametrize("attempt", range(3))
def test_a_merge_against_a_booking_ends_on_hold_or_refused(
    attempt, own_database, amara, jonas, rosa, mesotherapy, book
):
    make_side_effect(patient=amara, by=rosa)

    merged, booking = at_once(lambda: _merge(amara, into=jonas), lambda: book(jonas, mesotherapy))

    assert merged is None
    if isinstance(booking, Appointment):
        booking.refresh_from_db()
        assert booking.status == "on-hold"
    else:
        assert isinstance(booking, Refused)
        assert booking.codes == ["bruising-present"]
    assert rule_breaches() == []
