"""A lot is put in quarantine, or signed for, on one connection while it is used on another."""

import threading
from collections.abc import Callable

import pytest
from django.db import IntegrityError, connections, transaction

from clinic.refusals import guard_code
from tests import raw_sql
from tests.factories import NOW
from tests.treatments.attacks import World
from tests.treatments.attacks_records import LATER, lot, running, use, used
from treatments.models import Lot, LotUse

pytestmark = [pytest.mark.usefixtures("own_database"), pytest.mark.only_on("postgresql")]
WAITS = 1.0


@pytest.fixture
def world(amara, jonas, rosa, reception, mesotherapy, consultation) -> World:
    return World(amara, jonas, rosa, reception, mesotherapy, consultation)


def meanwhile(act: Callable[[], object]) -> tuple[threading.Thread, list[object]]:
    """Begun on a connection of its own; what it ended with."""
    ended: list[object] = []

    def run() -> None:
        try:
            ended.append(act())
        except IntegrityError as error:
            ended.append(guard_code(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    return thread, ended


def test_a_use_waits_for_a_quarantine_that_is_being_written_and_is_refused(world):
    row = use(running(world), lot())

    with transaction.atomic():
        raw_sql.update(row.lot, quarantined_at=NOW, quarantine_reason="recalled")
        thread, ended = meanwhile(lambda: raw_sql.insert(row))
        thread.join(WAITS)
        assert ended == []
    thread.join(60)

    assert ended == ["lot-quarantined"]
    assert not LotUse.objects.exists()


def test_a_quarantine_waits_for_a_use_that_came_first(world):
    row = use(running(world), lot())

    with transaction.atomic():
        raw_sql.insert(row)
        thread, ended = meanwhile(
            lambda: Lot.objects.filter(pk=row.lot.pk).update(quarantined_at=NOW, quarantine_reason="recalled")
        )
        thread.join(WAITS)
        assert ended == []
    thread.join(60)

    assert ended == [1]
    assert LotUse.objects.get().lot.quarantined_at == NOW


def test_an_expiry_is_not_put_off_while_the_lot_is_being_used(world):
    row = use(running(world), lot())

    with transaction.atomic():
        raw_sql.insert(row)
        thread, ended = meanwhile(lambda: raw_sql.update(row.lot, expires_on=LATER.replace(year=LATER.year + 1)))
        thread.join(WAITS)
    thread.join(60)

    assert ended == ["lot-fixed"]


@pytest.mark.parametrize("act", ["add", "change", "take out"])
def test_what_was_used_waits_for_a_signature_that_is_being_written(act, world):
    session = running(world)
    there, other = used(session, lot()), use(session, lot("B2"))
    acts = {
        "add": lambda: raw_sql.insert(other),
        "change": lambda: raw_sql.update(there, volume_ml="15.00"),
        "take out": lambda: raw_sql.delete(there),
    }

    with transaction.atomic():
        raw_sql.update(session, finished_at=NOW, finished_by_id=world.rosa.pk)
        thread, ended = meanwhile(acts[act])
        thread.join(WAITS)
        assert ended == []
    thread.join(60)

    assert ended == ["session-signed"]


@pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
def test_at_another_isolation_level_no_lot_is_used(level, world):
    row = use(running(world), lot())

    with raw_sql.refused_as("isolation-not-read-committed"):
        raw_sql.execute(f"SET TRANSACTION ISOLATION LEVEL {level}")
        raw_sql.insert(row)
