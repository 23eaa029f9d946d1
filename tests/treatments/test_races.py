"""Real connections against each other: two desks and one slot, a booking against a bruise, eight writers at once."""

import datetime as dt
import random
import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from clinic import database
from clinic.doors import retry_once
from clinic.refusals import Refused, guard_code
from tests import raw_sql
from tests.factories import NOW, make_appointment, make_patient, make_practitioner, make_side_effect, on
from treatments import guards
from treatments.booking import book_appointment, move_appointment
from treatments.eligibility import blockers
from treatments.models import Appointment, Review, SideEffect
from treatments.rule_check import rule_breaches

pytestmark = pytest.mark.usefixtures("own_database")


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run each in a thread with a connection of its own, started together; what each returned or raised."""
    start = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int, act: Callable[[], Any]) -> None:
        start.wait()
        try:
            results[number] = retry_once(act)
        except Exception as error:  # noqa: BLE001  (the result is what the test asks about)
            results[number] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=120)
    return results


@pytest.mark.parametrize("attempt", range(5))
def test_two_receptionists_and_one_slot_make_one_appointment(attempt, amara, jonas, rosa, consultation, reception):
    def book(patient: object) -> Callable[[], Appointment]:
        return lambda: book_appointment(
            patient=patient, treatment=consultation, practitioner=rosa, starts_at=on(3), by=reception, now=NOW
        )

    results = at_once(book(amara), book(jonas))

    assert Appointment.objects.count() == 1
    loser = next(result for result in results if isinstance(result, Exception))
    assert isinstance(loser, Refused)
    assert loser.codes == ["practitioner-busy"]


@pytest.mark.parametrize("attempt", range(5))
def test_a_booking_against_a_bruise_ends_on_hold_or_refused(attempt, amara, rosa, mesotherapy, reception):
    booking, bruise = at_once(
        lambda: make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception),
        lambda: make_side_effect(patient=amara, by=rosa),
    )

    assert isinstance(bruise, SideEffect)
    if isinstance(booking, Appointment):
        booking.refresh_from_db()
        assert booking.status == "on-hold"
    else:
        assert isinstance(booking, Refused)
        assert booking.codes == ["bruising-present"]
    assert rule_breaches() == []


@pytest.mark.parametrize("attempt", range(5))
def test_a_move_against_a_bruise_ends_on_hold_whichever_came_first(attempt, amara, rosa, mesotherapy, reception):
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    moved, _ = at_once(
        lambda: move_appointment(appointment=booked, starts_at=on(12), by=reception, now=NOW),
        lambda: make_side_effect(patient=amara, by=rosa),
    )

    booked.refresh_from_db()
    assert booked.status == "on-hold"
    assert isinstance(moved, Appointment | Refused)


WRITERS, STEPS = 8, 800


@pytest.mark.slow
def test_eight_writers_never_get_a_mesotherapy_past_a_bruise(rosa, mesotherapy, reception):
    """By raw SQL, so that it is the guards that are raced. On SQLite fewer steps: its one writer is the point there."""
    patients = [make_patient(reception, f"Given{number}") for number in range(4)]
    hands = [make_practitioner(f"Hand {number}") for number in range(WRITERS)]
    steps = STEPS if connection.vendor == "postgresql" else 40
    counts = {"booked": 0, "refused": 0, "bruised": 0, "cleared": 0, "violations": 0}
    counting = threading.Lock()

    def write(number: int) -> Callable[[], None]:
        chance = random.Random(number)

        def act() -> None:
            for step in range(steps):
                slot = dt.timedelta(hours=number * steps + step)
                outcome = _one_step(chance, chance.choice(patients), hands[number], mesotherapy, slot)
                with counting:
                    for name in outcome:
                        counts[name] += 1

        return act

    results = at_once(*(write(number) for number in range(WRITERS)))

    assert [result for result in results if result is not None] == []
    assert counts["violations"] == 0
    assert rule_breaches() == []
    assert min(counts["booked"], counts["refused"], counts["bruised"], counts["cleared"]) > steps / 10


def _one_step(chance: random.Random, patient: Any, hand: Any, mesotherapy: Any, slot: dt.timedelta) -> list[str]:
    choice = chance.random()
    try:
        if choice < 0.6:
            return retry_once(lambda: _book(patient, hand, mesotherapy, slot))
        if choice < 0.75:
            bruise = SideEffect(patient=patient, kind="bruising", recorded_at=NOW, recorded_by=hand, seen_at=NOW)
            retry_once(lambda: raw_sql.insert(bruise))
            return ["bruised"]
        return retry_once(lambda: _clear(patient, hand))
    except IntegrityError as error:
        if guard_code(error) not in ("bruising-present", "side-effect-closed"):
            raise
        return ["refused"]


@transaction.atomic
def _book(patient: Any, hand: Any, mesotherapy: Any, slot: dt.timedelta) -> list[str]:
    begins = on(9) + slot
    raw_sql.insert(
        Appointment(
            patient=patient,
            treatment=mesotherapy,
            practitioner=hand,
            site=hand.site,
            created_by=hand,
            starts_at=begins,
            ends_at=begins + dt.timedelta(minutes=30),
        )
    )
    # The patient's lock is held until the end: whatever is open now was open when the guard asked.
    past = SideEffect.objects.open().filter(patient=patient).exists()
    return ["booked", "violations"] if past else ["booked"]


@transaction.atomic
def _clear(patient: Any, hand: Any) -> list[str]:
    for bruise in SideEffect.objects.open().filter(patient=patient):
        look = Review(
            side_effect=bruise,
            mode="in-person",
            finding="gone",
            outcome="resolved",
            seen_at=NOW,
            by=hand,
            recorded_at=NOW,
        )
        raw_sql.insert(look)
        raw_sql.update(bruise, closing_review_id=look.pk)
    return ["cleared"]


# --- The lock, and its control (PostgreSQL) ------------------------------------------------------------------------------


@pytest.fixture
def desks(own_database):
    """Two connections of their own."""
    pair = [connections["default"].copy() for _ in range(2)]
    for one in pair:
        one.ensure_connection()
        with one.cursor() as cursor:
            cursor.execute("SET lock_timeout = '300ms'")
    yield pair
    for one in pair:
        one.rollback()
        one.close()


def _insert(desk: Any, row: Any) -> None:
    fields = [field for field in row._meta.concrete_fields if field.name != "id" or row.pk is not None]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    values = [field.get_db_prep_save(getattr(row, field.attname), desk) for field in fields]
    with desk.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {row._meta.db_table} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})", values
        )


def _rows(patient: Any, practitioner: Any, treatment: Any) -> tuple[SideEffect, Appointment]:
    return (
        SideEffect(patient=patient, kind="bruising", recorded_at=NOW, recorded_by=practitioner, seen_at=NOW),
        Appointment(
            patient=patient,
            treatment=treatment,
            practitioner=practitioner,
            site=practitioner.site,
            created_by=practitioner,
            starts_at=on(9),
            ends_at=on(9, 10),
        ),
    )


@pytest.mark.only_on("postgresql")
def test_with_the_lock_a_booking_waits_for_an_uncommitted_bruise_and_is_refused(desks, amara, rosa, mesotherapy):
    bruise, booking = _rows(amara, rosa, mesotherapy)
    first, second = desks
    first.set_autocommit(False)
    _insert(first, bruise)

    with pytest.raises(OperationalError, match="lock timeout"):
        _insert(second, booking)
    first.commit()
    with pytest.raises(IntegrityError) as refused:
        _insert(second, booking)

    assert guard_code(refused.value) == "bruising-present"
    assert rule_breaches() == []


@pytest.mark.only_on("postgresql")
def test_control_without_the_lock_the_same_order_lets_one_through(desks, amara, rosa, mesotherapy):
    for guard in guards.GUARDS:
        if isinstance(guard, database.Guard) and "FOR NO KEY UPDATE" in guard.postgresql:
            lockless = guard.postgresql.replace(" FOR NO KEY UPDATE", "")
            raw_sql.execute(
                f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql VOLATILE "
                f"SET search_path TO 'public', 'pg_temp' AS $guard${lockless}$guard$"
            )
    bruise, booking = _rows(amara, rosa, mesotherapy)
    first, second = desks
    first.set_autocommit(False)
    _insert(first, bruise)

    _insert(second, booking)
    first.commit()

    assert f"appointment {booking.pk} is booked while side effect {bruise.pk} is open" in rule_breaches()


@pytest.mark.only_on("postgresql")
@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
@pytest.mark.parametrize("which", ["bruise", "booking"])
def test_another_isolation_level_is_refused_in_both_directions(level, which, desks, amara, rosa, mesotherapy):
    bruise, booking = _rows(amara, rosa, mesotherapy)
    desk = desks[0]
    desk.set_autocommit(False)
    with desk.cursor() as cursor:
        cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")

    with pytest.raises(IntegrityError) as refused:
        _insert(desk, bruise if which == "bruise" else booking)

    assert guard_code(refused.value) == "isolation-not-read-committed"


@pytest.mark.only_on("postgresql")
def test_a_change_of_family_waits_for_an_uncommitted_booking_and_is_refused(desks, amara, rosa, consultation):
    _, booking = _rows(amara, rosa, consultation)
    first, second = desks
    first.set_autocommit(False)
    _insert(first, booking)
    change = "UPDATE treatments_treatment SET family = 'mesotherapy' WHERE id = %s"

    with pytest.raises(OperationalError, match="lock timeout"), second.cursor() as cursor:
        cursor.execute(change, [consultation.pk])
    first.commit()
    with pytest.raises(IntegrityError) as refused, second.cursor() as cursor:
        cursor.execute(change, [consultation.pk])

    assert guard_code(refused.value) == "family-fixed"


@pytest.mark.only_on("postgresql")
def test_the_existence_question_of_the_rule_is_answered_from_its_index_alone(rosa, reception, mesotherapy):
    for number in range(200):
        patient = make_patient(reception, f"Given{number}")
        if number % 20 == 0:
            make_side_effect(patient=patient, by=rosa)
    raw_sql.execute("VACUUM ANALYZE treatments_sideeffect")
    with CaptureQueriesContext(connection) as asked:
        blockers(patient, mesotherapy)
    [question] = [query["sql"] for query in asked.captured_queries]

    with connection.cursor() as cursor:
        # The table of a test is smaller than a page; a clinic's is not.
        cursor.execute("SET enable_seqscan = off")
        cursor.execute(f"EXPLAIN {question}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Only Scan using open_side_effect_by_patient" in plan
