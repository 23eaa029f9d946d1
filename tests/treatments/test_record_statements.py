"""The clinical record against odd statements: what is replaced, spelt otherwise, or done several at once."""

import pytest

from tests import raw_sql
from tests.factories import NOW
from tests.treatments.attacks import World
from tests.treatments.attacks_records import (
    LATER,
    TODAY,
    YESTERDAY,
    deviated,
    deviating,
    lot,
    quarantined,
    running,
    signed,
    signed_with_a_lot,
    use,
    used,
)
from tests.treatments.typed_rows import insert_of
from treatments.models import Addendum, Lot, LotUse


@pytest.fixture
def world(amara, jonas, rosa, reception, mesotherapy, consultation) -> World:
    return World(amara, jonas, rosa, reception, mesotherapy, consultation)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("verb", ["REPLACE", "INSERT OR REPLACE"])
def test_nothing_of_the_record_is_replaced(verb, world):
    of_a_signed_one = signed_with_a_lot(world)
    addendum = Addendum.objects.create(session=of_a_signed_one.session, text="All well.", by=world.rosa)
    addendum.text, of_a_signed_one.volume_ml = "Not at all well.", "15.00"
    of_a_signed_one.lot.expires_on = YESTERDAY
    deviation = deviated(world)
    deviation.reason = "None."

    for row in (addendum, of_a_signed_one, of_a_signed_one.lot, deviation):
        with raw_sql.refused_as("never-deleted"):
            raw_sql.insert(row, verb)


@pytest.mark.only_on("sqlite")
def test_a_lot_is_not_replaced_by_its_number_either(world):
    quarantined_one, other = quarantined(), lot("B2")

    with raw_sql.refused_as("never-deleted"):
        raw_sql.insert(Lot(product=quarantined_one.product, number="A1", expires_on=LATER), "REPLACE")
    with raw_sql.refused_as("never-deleted"):
        raw_sql.execute("UPDATE OR REPLACE treatments_lot SET number = 'A1' WHERE id = %s", [other.pk.hex])
    raw_sql.update(other, number="C3")


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("day", ["2026-11-2", "20261102", "2026-11-02 09:00:00", "2026-11-31"])
def test_a_day_is_spelt_one_way(day, world):
    row = use(running(world), lot())

    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute(*insert_of(row, {"used_on": day}))
    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute("UPDATE treatments_lot SET expires_on = %s", [day])
    raw_sql.insert(row)


@pytest.mark.only_on("sqlite")
@pytest.mark.parametrize("column", ["id", "session_id", "lot_id"])
def test_a_use_has_no_id_in_another_spelling(column, world):
    row = use(running(world), quarantined())

    with raw_sql.refused_as("spelt-oddly"):
        raw_sql.execute(*insert_of(row, {column: str(getattr(row, column))}))


def test_a_use_comes_by_no_conflict(world):
    """Nor by the update that an insert's conflict asks for."""
    session = running(world)
    row, recalled = used(session, lot()), quarantined("B2")
    statement, values = insert_of(use(session, row.lot, id=row.pk))

    with raw_sql.refused_as("never-deleted" if raw_sql.connection.vendor == "sqlite" else "lot-quarantined"):
        raw_sql.execute(
            f"{statement} ON CONFLICT (id) DO UPDATE SET lot_id = %s", [*values, raw_sql.in_sql(recalled.pk)]
        )


def test_what_a_running_session_used_may_still_be_put_right(world):
    session = running(world)
    row = used(session, lot())
    raw_sql.update(row.lot, quarantined_at=NOW, quarantine_reason="recalled")

    # Nothing more is taken from the lot by this.
    raw_sql.update(row, volume_ml="2.00")
    raw_sql.delete(row)


def test_a_lot_is_used_on_its_last_day_and_one_never_used_may_be_put_right(world):
    of = lot(expires_on=TODAY)
    raw_sql.update(of, number="A2", expires_on=LATER)
    raw_sql.update(of, expires_on=TODAY)

    raw_sql.insert(use(running(world), of))

    raw_sql.update(of, expires_on=YESTERDAY, quarantined_at=NOW, quarantine_reason="wrong label")
    assert LotUse.objects.count() == 1


def test_a_signed_session_is_still_found_to_be_an_error(world):
    session = signed(world)

    raw_sql.update(session, error_at=NOW, error_by_id=world.rosa.pk, error_reason="wrong person")

    session.refresh_from_db()
    assert (session.error_reason, session.note) == ("wrong person", "")


@pytest.mark.only_on("postgresql")
def test_one_statement_makes_no_deviation_of_a_time_ahead(world):
    """The deviation and its appointment typed as one: the guard sees only what was there before."""
    deviation, appointment = deviating(world)
    first, values = insert_of(deviation)
    second, more = insert_of(appointment)

    with raw_sql.refused_as("wrong-status"):
        raw_sql.execute(f"WITH deviation AS ({first} RETURNING id) {second}", values + more)
