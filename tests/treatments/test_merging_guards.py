"""Two records become one, typed into the database: it moves along what the rule asks for, and only into a record that
stands; and un-merged only as it was.
"""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from clinic import database
from clinic.refusals import Refused
from patients.models import Consent, Patient
from patients.registration import record_consent, withdraw_consent
from tests import raw_sql
from tests.factories import (
    NOW,
    make_appointment,
    make_consent,
    make_gone,
    make_patient,
    make_practitioner,
    make_session,
    make_side_effect,
    make_treatment,
    on,
)
from tests.treatments.test_races import at_once
from treatments import guards
from treatments.models import (
    Appointment,
    Call,
    Closure,
    Course,
    FollowUp,
    Merge,
    Message,
    Treatment,
    WaitingListEntry,
)
from treatments.rule_check import rule_breaches
from treatments.side_effects import record_none_seen


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


def _un_merge(old: Patient) -> None:
    raw_sql.update(old, merged_into_id=None)


def test_undone_each_record_has_its_own_again_and_what_was_held_stays_held(amara, jonas, rosa, mesotherapy, book):
    bruise = make_side_effect(patient=amara, by=rosa)
    his, hers = (
        book(jonas, mesotherapy),
        make_session(patient=amara, practitioner=rosa, treatment=make_treatment("other")),
    )
    _merge(amara, into=jonas)

    _un_merge(amara)

    for row in (bruise, his, hers):
        row.refresh_from_db()
    assert [bruise.patient, his.patient, hers.patient] == [amara, jonas, amara]
    assert his.status == "on-hold"
    assert Merge.objects.get().undone_at is not None
    assert rule_breaches() == []


def test_without_the_merge_guard_an_undone_merge_would_leave_the_bruise_with_the_other(amara, jonas, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    _merge(amara, into=jonas)
    raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else "SELECT 1")
    with transaction.atomic():
        database.remove(connection, [one for one in guards.GUARDS if one.name == "guard_merge"])
        _un_merge(amara)
        bruise.refresh_from_db()
        assert bruise.patient == jonas
        assert (
            f"merge {Merge.objects.get().pk} is not undone, but record {amara.pk} is not merged so" in rule_breaches()
        )
        transaction.set_rollback(True)


def test_merged_a_second_time_it_is_another_merge(amara, jonas, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    for _ in range(2):
        _merge(amara, into=jonas)
        _un_merge(amara)

    bruise.refresh_from_db()
    assert bruise.patient == amara
    assert Merge.objects.exclude(undone_at=None).count() == 2


def test_a_record_that_took_one_in_goes_into_a_third_and_the_way_back_is_in_turn(amara, jonas, rosa, reception):
    third = make_patient(reception, "Third", "Person")
    bruise = make_side_effect(patient=amara, by=rosa)
    _merge(amara, into=jonas)
    _merge(jonas, into=third)
    bruise.refresh_from_db()
    assert bruise.patient == third

    with raw_sql.refused_as("merge-final"):
        _un_merge(amara)
    assert rule_breaches() == []
    _un_merge(jonas)
    _un_merge(amara)

    bruise.refresh_from_db()
    assert bruise.patient == amara


def test_a_merge_that_nobody_recorded_is_not_undone(amara, jonas):
    """One made before this was kept: nobody knows what was whose."""
    Consent.objects.all().delete()  # nothing hangs on either
    _merge(amara, into=jonas)
    with transaction.atomic():
        guard = [one for one in guards.GUARDS if one.name == "guard_kept_treatments_merge"]
        database.remove(connection, guard)
        Merge.objects.all().delete()
        database.install(connection, guard)

    with raw_sql.refused_as("merge-final"):
        _un_merge(amara)


@pytest.mark.parametrize("who", ["amara", "jonas"])
def test_neither_is_merged_nor_un_merged_in_session(who, request, amara, jonas, rosa, consultation, book):
    patient = request.getfixturevalue(who)
    booked = book(patient, consultation)
    raw_sql.update(booked, status="in-progress")

    with raw_sql.refused_as("in-session"):
        _merge(amara, into=jonas)
    raw_sql.update(booked, status="fulfilled")
    _merge(amara, into=jonas)


def test_a_session_begun_elsewhere_while_the_bruise_stood_under_the_other_number_breaks_no_rule(
    amara, jonas, rosa, mesotherapy
):
    """Nobody could know. One begun by the guards' fault is still found."""
    make_side_effect(patient=amara, by=rosa, now=on(2))
    make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=on(3))

    _merge(amara, into=jonas)

    assert rule_breaches() == []


def test_the_rest_of_the_chart_comes_along_and_goes_back(amara, jonas, rosa, reception, mesotherapy, book):
    booked = book(amara, mesotherapy)
    session = make_session(patient=amara, practitioner=rosa, treatment=make_treatment("other"))
    rows = [
        make_consent(amara, reception),
        record_none_seen(patient=amara, by=rosa),
        Call.objects.create(patient=amara, worklist="on-hold", by=reception, outcome="reached"),
        Closure.objects.create(patient=amara, worklist="clear-again", closed_at=NOW, by=reception, reason="called"),
        Course.objects.create(patient=amara, treatment=mesotherapy, planned=6, every_days=7, created_by=reception),
        FollowUp.objects.create(patient=amara, session=session, by=reception),
        WaitingListEntry.objects.create(patient=amara, treatment=mesotherapy, by=reception),
        Message.objects.create(
            patient=amara, appointment=booked, kind="confirmation", about_starts_at=booked.starts_at, to="a@b.example"
        ),
    ]

    for merging, whose in ((lambda: _merge(amara, into=jonas), jonas), (lambda: _un_merge(amara), amara)):
        merging()
        for row in rows:
            row.refresh_from_db()
            assert row.patient == whose


def test_what_both_have_stays_with_each(amara, jonas, reception, mesotherapy):
    ours, theirs = (make_consent(patient, reception) for patient in (amara, jonas))
    wishes = [
        WaitingListEntry.objects.create(patient=patient, treatment=mesotherapy, by=reception)
        for patient in (amara, jonas)
    ]

    _merge(amara, into=jonas)

    for row in (ours, theirs, *wishes):
        row.refresh_from_db()
    assert [ours.patient, theirs.patient, *(wish.patient for wish in wishes)] == [amara, jonas, amara, jonas]
    assert list(WaitingListEntry.objects.waiting()) == [wishes[1]]


@pytest.mark.parametrize(("withdrawn_on", "whose"), [(5, "amara"), (3, "jonas")], ids=["after", "before"])
def test_a_consent_withdrawn_since_does_not_come_back_by_a_merge(withdrawn_on, whose, request, amara, jonas, reception):
    given = record_consent(patient=amara, kind="photo-care", by=reception, now=on(4))
    withdrawn = record_consent(patient=jonas, kind="photo-care", by=reception, now=on(2))
    withdraw_consent(consent=withdrawn, by=reception, now=on(withdrawn_on))

    _merge(amara, into=jonas)

    given.refresh_from_db()
    assert given.patient == request.getfixturevalue(whose)
    assert Consent.objects.in_force().filter(patient=jonas, kind="photo-care").exists() == (whose == "jonas")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("verb", [f"UPDATE OR {word}" for word in ("IGNORE", "REPLACE", "FAIL", "ROLLBACK", "ABORT")])
def test_every_verb_merges_and_un_merges_alike(verb, amara, jonas, rosa, mesotherapy, reception, book):
    ours, theirs = (make_consent(patient, reception) for patient in (amara, jonas))
    bruise = make_side_effect(patient=amara, by=rosa)
    booked = book(jonas, mesotherapy)

    def set_to(patient: Patient | None) -> None:
        value = patient.pk.hex if patient else None
        raw_sql.execute(f"{verb} patients_patient SET merged_into_id = %s WHERE id = %s", [value, amara.pk.hex])

    set_to(jonas)
    for row in (bruise, booked, ours, theirs):
        row.refresh_from_db()
    assert (bruise.patient, booked.status, ours.patient, theirs.patient) == (jonas, "on-hold", amara, jonas)
    set_to(None)
    bruise.refresh_from_db()
    assert bruise.patient == amara


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize(
    "beside",
    [
        "UPDATE treatments_merge SET undone_at = now() RETURNING 1",
        "UPDATE treatments_sideeffect SET patient_id = '{jonas}' RETURNING 1",
        "UPDATE treatments_mergedrow SET moved = false RETURNING 1",
    ],
    ids=["said to be undone", "kept back", "said to have stayed"],
)
def test_a_bruise_is_not_left_behind_by_what_else_the_statement_does(beside, amara, jonas, rosa, mesotherapy, book):
    """The triggers after the statement run when all its parts have; those before each row see what came before it."""
    bruise = make_side_effect(patient=amara, by=rosa)
    _merge(amara, into=jonas)
    un_merge = f"UPDATE patients_patient SET merged_into_id = NULL WHERE id = '{amara.pk}'"

    try:
        with transaction.atomic():
            raw_sql.execute(f"WITH beside AS ({beside.format(jonas=jonas.pk)}) {un_merge}")
    except IntegrityError:
        assert rule_breaches() == []

    amara.refresh_from_db()
    bruise.refresh_from_db()
    assert bruise.patient == (jonas if amara.merged_into_id else amara)


@pytest.mark.only_on("postgresql")
def test_nor_taken_along_unrecorded_by_the_statement_that_merges(amara, jonas, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)

    with raw_sql.refused_as("side-effect-fixed"):
        raw_sql.execute(
            f"WITH beside AS (UPDATE treatments_sideeffect SET patient_id = '{jonas.pk}' RETURNING 1) "
            f"UPDATE patients_patient SET merged_into_id = '{jonas.pk}' WHERE id = '{amara.pk}'"
        )

    bruise.refresh_from_db()
    assert bruise.patient == amara


def test_two_do_not_go_into_each_other_in_one_statement(amara, jonas):
    with raw_sql.refused_as("merge-final"):
        raw_sql.execute(
            "UPDATE patients_patient SET merged_into_id = "
            "(SELECT o.id FROM patients_patient o WHERE o.id <> patients_patient.id)"
        )


def test_both_go_into_a_third_in_one_statement(amara, jonas, rosa, reception, mesotherapy, book):
    third = make_patient(reception, "Third", "Person")
    make_side_effect(patient=amara, by=rosa)
    booked = book(jonas, mesotherapy)

    raw_sql.execute("UPDATE patients_patient SET merged_into_id = %s WHERE id <> %s", [raw_sql.in_sql(third.pk)] * 2)

    booked.refresh_from_db()
    assert (booked.patient, booked.status) == (third, "on-hold")
    assert rule_breaches() == []


def test_a_merged_record_is_not_deleted_to_stand_again_under_its_id(amara, jonas, rosa):
    make_side_effect(patient=amara, by=rosa)
    _merge(amara, into=jonas)

    with raw_sql.refused_as("patient-fixed"):
        raw_sql.delete(amara)


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
