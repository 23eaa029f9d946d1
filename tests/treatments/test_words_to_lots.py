"""The migration by which words of old sessions became uses of lots: run on a database as it was before."""

import json

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from tests import raw_sql
from tests.factories import make_session, on
from treatments import guards
from treatments.lots import receive_lot
from treatments.models import Lot, LotUse, Product, Session
from treatments.sessions import write_session

pytestmark = pytest.mark.no_cover  # migrations are not counted
BEFORE, AFTER = "0005_asepsis_items", "0006_lots_instead_of_words"
LIPOSTAB = [{"name": "Lipostab", "lot": "L2209-B"}]


def migrate(name: str) -> None:
    executor = MigrationExecutor(connection)
    executor.loader.build_graph()
    executor.migrate([("treatments", name)])


def newest() -> None:
    executor = MigrationExecutor(connection)
    executor.migrate([leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] == "treatments"])


def say(table: str, where: str, products: list[dict[str, str]], agent: str = "", lot: str = "") -> None:
    """What stood in a session, or in a row of its history, in words."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE treatments_{table} SET products = %s, anaesthetic_agent = %s, anaesthetic_lot = %s WHERE {where}",
            [json.dumps(products), agent, lot],
        )


def used(session: Session) -> set[tuple[str, str, str, object]]:
    uses = LotUse.objects.filter(session=session).select_related("lot__product")
    return {(use.lot.product.use, use.lot.product.name, use.lot.number, use.volume_ml) for use in uses}


@pytest.fixture
def old(own_database, amara, jonas, rosa, mesotherapy):
    """Three sessions of before: a signed one, one whose product was taken out again, one that says nothing."""
    sessions = [
        make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=at, finished=finished)
        for patient, at, finished in ((amara, on(2), True), (jonas, on(2, 12), False), (amara, on(3), True))
    ]
    write_session(session=sessions[1], by=rosa, note="calm")
    migrate(BEFORE)
    return sessions  # the copy of the database goes as it is


def _key(session: Session) -> str:
    plain = str(session.pk)
    return plain if connection.vendor == "postgresql" else plain.replace("-", "")


def test_the_same_name_and_number_are_one_lot_and_nothing_is_made_of_nothing(old):
    signed, taken_out, silent = old
    say("session", f"id = '{_key(signed)}'", [*LIPOSTAB, {"name": "lipostab", "lot": "L2209-B"}, {"name": "Saline"}],
        "Lidocaine", "A-1")  # fmt: skip

    migrate(AFTER)

    assert used(signed) == {
        ("injected", "Lipostab", "L2209-B", None),
        ("injected", "Saline", "not recorded", None),
        ("anaesthetic", "Lidocaine", "A-1", None),
    }
    assert (used(taken_out), used(silent)) == (set(), set())
    assert Product.objects.count() == 3
    newest()
    assert guards.faults() == []


def test_what_was_taken_out_again_stays_in_the_history_with_who_did_it(old, rosa):
    _, session, _ = old
    first, second = session.history.order_by("history_date", "history_id").values_list("history_id", flat=True)
    say("historicalsession", f"history_id = {first}", LIPOSTAB)
    say("historicalsession", f"history_id = {second}", [])

    migrate(AFTER)

    rows = LotUse.history.filter(session=session).order_by("history_date", "history_type")
    assert used(session) == set()
    assert [(row.history_type, row.history_user, row.lot.number) for row in rows] == [
        ("+", rosa, "L2209-B"),
        ("-", rosa, "L2209-B"),
    ]


def test_a_lot_out_of_words_cannot_be_used_until_it_is_received_with_its_expiry(old, rosa):
    signed, running, _ = old
    say("session", f"id = '{_key(signed)}'", LIPOSTAB)
    newest()
    lot = Lot.objects.get()

    with raw_sql.refused_as("lot-expired"):
        raw_sql.insert(LotUse(session=running, lot=lot, used_on=on(2).date(), recorded_at=on(2)))
    received = receive_lot(product=lot.product, number="L2209-B", expires_on=on(30).date(), by=rosa, now=on(2))
    write_session(session=running, by=rosa, lots=[{"lot": received}])

    assert (received, used(running)) == (lot, {("injected", "Lipostab", "L2209-B", None)})
