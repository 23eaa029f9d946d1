"""Every guard by raw SQL, on whichever database the tests run; and each shown to be needed.

`ATTACKS` is one table used twice: with all guards up each attack is refused under the code beside it; with just the one
guard off that it names, the same attack goes through.
"""

import pytest
from django.db import connection, transaction

from clinic import database
from clinic.audit import record_event
from clinic.models import AuditEvent
from tests import raw_sql
from tests.factories import (
    NOW,
    TOMORROW_10AM,
    make_gone,
    make_session,
    make_side_effect,
    make_treatment,
)
from tests.treatments.attacks import ATTACKS as RULE_ATTACKS
from tests.treatments.attacks import World
from tests.treatments.attacks_desk import DESK_ATTACKS
from tests.treatments.attacks_management import MANAGEMENT_ATTACKS
from tests.treatments.attacks_merge import MERGE_ATTACKS
from tests.treatments.attacks_records import RECORD_ATTACKS
from treatments import guards
from treatments.models import Hold, SideEffect
from treatments.models.treatment import Family

ATTACKS = [*RULE_ATTACKS, *DESK_ATTACKS, *MERGE_ATTACKS, *RECORD_ATTACKS, *MANAGEMENT_ATTACKS]


@pytest.fixture
def world(amara, jonas, rosa, reception, mesotherapy, consultation) -> World:
    return World(amara, jonas, rosa, reception, mesotherapy, consultation)


NAMES = [attack.__name__ for _, attack, _ in ATTACKS]


@pytest.mark.parametrize(("guard", "attack", "code"), ATTACKS, ids=NAMES)
def test_the_database_refuses(world, guard, attack, code):
    act = attack(world)

    with raw_sql.refused_as(code):
        act()


@pytest.mark.parametrize(("guard", "attack", "code"), ATTACKS, ids=NAMES)
def test_without_its_guard_the_same_goes_through(world, guard, attack, code):
    act = attack(world)
    # Foreign keys are asked at the end of a transaction; here only the guard is the question.
    raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE" if connection.vendor == "postgresql" else "SELECT 1")
    with transaction.atomic():
        database.remove(connection, [one for one in guards.GUARDS if one.name == guard])

        act()

        transaction.set_rollback(True)


def test_every_guard_has_an_attack_that_needs_it():
    attacked = {guard for guard, _, _ in ATTACKS}
    shown_elsewhere = {
        "guard_hold",  # refuses nothing: it holds; test_without_the_hold_guard_… below
        "guard_merge",  # it moves along; test_merging_guards.py
        "guard_lot_uses",  # PostgreSQL's TRUNCATE only; test_truncate_is_refused
        "room-busy",  # test_walls.py
        "patient-busy",
    }

    assert {guard.name for guard in guards.GUARDS} == attacked | shown_elsewhere


def test_a_bruise_inserted_by_hand_puts_booked_mesotherapy_on_hold(world):
    booked = world.booked()
    bruise = SideEffect(patient=world.amara, kind="bruising", recorded_at=NOW, recorded_by=world.rosa, seen_at=NOW)

    raw_sql.insert(bruise)

    booked.refresh_from_db()
    assert booked.status == "on-hold"
    assert list(booked.holds.values_list("side_effect", "status_before", "held_from")) == [(bruise.pk, "booked", NOW)]


def test_without_the_hold_guard_a_bruise_would_leave_it_booked(world):
    booked = world.booked()
    bruise = SideEffect(patient=world.amara, kind="bruising", recorded_at=NOW, recorded_by=world.rosa, seen_at=NOW)
    with transaction.atomic():
        database.remove(connection, [one for one in guards.GUARDS if one.name == "guard_hold"])
        raw_sql.insert(bruise)
        booked.refresh_from_db()
        assert booked.status == "booked"
        transaction.set_rollback(True)


def test_a_bruise_reopened_by_hand_holds_again(world):
    bruise = world.bruised()
    make_gone(bruise, world.rosa)
    booked = world.booked()

    raw_sql.update(bruise, closing_review_id=None)

    booked.refresh_from_db()
    assert booked.status == "on-hold"
    assert booked.holds.count() == 1


def test_a_held_visit_arrives_only_as_a_review(world):
    held = world.booked()
    raw_sql.update(held, status="arrived")
    world.bruised()
    review = make_treatment(Family.REVIEW)

    with raw_sql.refused_as("wrong-status"):
        raw_sql.update(held, status="arrived")
    raw_sql.update(held, status="arrived", treatment_id=review.pk)


SAID_ONCE = {
    "site": "face",
    "side": "left",
    "severity": 4,
    "onset_on": NOW.date(),
    "onset_is_about": True,
    "painful_to_touch": True,
    "cream": "Arnica",
    "map_view": "back",
    "map_x": 1,
    "map_y": 1,
    "note": "Nothing.",
    "recorded_at": TOMORROW_10AM,
}


@pytest.mark.parametrize("column", SAID_ONCE)
def test_what_a_side_effect_says_is_never_overwritten(column, world):
    bruise = world.bruised()

    with raw_sql.refused_as("side-effect-fixed"):
        raw_sql.update(bruise, **{column: SAID_ONCE[column]})


@pytest.mark.parametrize("column", ["recorded_by_id", "reopens_id", "moved_from_id", "session_id"])
def test_nor_by_whom_it_was_recorded_and_where_it_came_from(column, world):
    bruise, other = world.bruised(), world.bruised(world.jonas)
    named = {
        "recorded_by_id": world.reception.pk,
        "session_id": make_session(patient=world.jonas, practitioner=world.rosa, treatment=world.consultation).pk,
    }

    with raw_sql.refused_as("side-effect-fixed"):
        raw_sql.update(bruise, **{column: named.get(column, other.pk)})


def test_a_look_adds_who_saw_it_first_and_red_flags(world):
    bruise = make_side_effect(patient=world.amara, by=world.reception)

    raw_sql.update(bruise, seen_at=NOW, seen_by_id=world.rosa.pk, red_flags=["fever"])
    raw_sql.update(bruise, red_flags=["fever", "pus"])

    bruise.refresh_from_db()
    assert (bruise.seen_by, bruise.red_flags) == (world.rosa, ["fever", "pus"])


def test_a_hold_by_hand_says_why_and_what_the_last_one_said(world):
    held, bruise = world.booked(), world.bruised()
    held.holds.update(held_until=NOW, released_by=world.rosa)

    raw_sql.insert(Hold(appointment=held, side_effect=bruise, status_before="booked", held_from=TOMORROW_10AM))

    assert held.holds.count() == 2


@pytest.mark.parametrize("kind", ["swelling", "itching", "burning", "numbness", "pain", "irritation", "other"])
def test_other_side_effects_hold_and_refuse_nothing(world, kind):
    booked = world.booked()

    make_side_effect(patient=world.amara, kind=kind, by=world.rosa)
    raw_sql.insert(world.unsaved())

    booked.refresh_from_db()
    assert booked.status == "booked"


def test_another_patients_bruise_refuses_nothing(world):
    world.bruised(world.jonas)

    raw_sql.insert(world.unsaved())


def test_a_consultation_and_a_note_on_a_held_appointment_pass(world):
    held = world.booked()
    world.bruised()

    raw_sql.insert(world.unsaved(world.consultation))
    raw_sql.update(held, cancel_reason="asked to be called")
    raw_sql.update(held, status="cancelled")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
def test_replace_does_not_get_past_the_guards(world, verb):
    bruise = world.bruised()
    booked = world.booked(world.consultation)
    event = record_event(AuditEvent.Kind.CHART_READ, actor=world.rosa)
    for row, column, value in (
        (bruise, "kind", "itching"),
        (event, "kind", "signed-out"),
        (booked, "cancel_reason", "none"),
    ):
        setattr(row, column, value)
        with raw_sql.refused_as("never-deleted"):
            raw_sql.insert(row, verb)
    world.consultation.family = Family.MESOTHERAPY
    with raw_sql.refused_as("family-fixed"):
        raw_sql.insert(world.consultation, verb)


@pytest.mark.only_on("sqlite")
def test_a_row_is_not_replaced_by_its_row_id_either(world):
    bruise, other = world.bruised(), make_side_effect(patient=world.jonas, kind="itching", by=world.rosa)

    with raw_sql.refused_as("never-deleted"):
        raw_sql.execute(
            "UPDATE OR REPLACE treatments_sideeffect SET rowid = "
            "(SELECT rowid FROM treatments_sideeffect WHERE id = %s) WHERE id = %s",
            [bruise.pk.hex, other.pk.hex],
        )


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("table", [*guards.NEVER_DELETED, "treatments_lotuse"])
def test_truncate_is_refused(world, table):
    raw_sql.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with raw_sql.refused_as("never-deleted"):
        raw_sql.execute(f"TRUNCATE {table} CASCADE")
