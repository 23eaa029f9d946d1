"""The migration by which words of old sessions became uses of lots: run on a database as it was before."""

import json
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from tests import databases, raw_sql
from tests.factories import make_patient, make_practitioner, make_session, make_staff, make_treatment, on
from treatments import guards
from treatments.lots import receive_lot
from treatments.models import Lot, LotUse, Product, Session
from treatments.models.treatment import Family
from treatments.sessions import write_session

BEFORE = "0005_asepsis_items"
LIPOSTAB = [{"name": "Lipostab", "lot": "L2209-B"}]


def migrate(name: str = "") -> None:
    """To the state of that name, or the newest."""
    executor = MigrationExecutor(connection)
    newest = [leaf for leaf in executor.loader.graph.leaf_nodes() if leaf[0] == "treatments"]
    executor.migrate([("treatments", name)] if name else newest)


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


def _key(session: Session) -> str:
    plain = str(session.pk)
    return plain if connection.vendor == "postgresql" else plain.replace("-", "")


def _key(session: Session) -> str:
    plain = str(session.pk)
    return plain if connection.vendor == "postgresql" else plain.replace("-", "")


@pytest.fixture(scope="module")
def migrated(django_db_setup, django_db_blocker) -> Iterator[None]:
    """A database with sessions of before, as the migrations leave it; there and back takes half a minute, so once for all.

    A signed one, one whose product was taken out again, one that says nothing.
    """
    with django_db_blocker.unblock(), databases.own_copy("words"):
        reception, rosa = make_staff("receptionist", name="Ida Berg"), make_practitioner("Rosa Lind")
        treatment = make_treatment(Family.MESOTHERAPY, "Mesotherapy")
        amara, jonas = make_patient(reception), make_patient(reception, "Jonas", "Weber")
        signed, taken_out, _ = (
            make_session(patient=patient, practitioner=rosa, treatment=treatment, at=at, finished=finished)
            for patient, at, finished in ((amara, on(2), True), (jonas, on(2, 12), False), (amara, on(3), True))
        )
        write_session(session=taken_out, by=rosa, note="calm")
        migrate(BEFORE)
        say("session", f"id = '{_key(signed)}'", [*LIPOSTAB, {"name": "lipostab", "lot": "L2209-B"}, {"name": "Saline"}],
            "Lidocaine", "A-1")  # fmt: skip
        first, second = taken_out.history.order_by("history_date", "history_id").values_list("history_id", flat=True)
        say("historicalsession", f"history_id = {first}", LIPOSTAB)
        say("historicalsession", f"history_id = {second}", [])
        migrate()
        yield


@pytest.fixture
def sessions(migrated) -> Iterator[list[Session]]:
    """The three in that order; what a test does to them is taken back."""
    with transaction.atomic():
        yield list(Session.objects.order_by("started_at"))
        transaction.set_rollback(True)


def test_the_same_name_and_number_are_one_lot_and_nothing_is_made_of_nothing(sessions):
    signed, taken_out, silent = sessions

    assert used(signed) == {
        ("injected", "Lipostab", "L2209-B", None),
        ("injected", "Saline", "not recorded", None),
        ("anaesthetic", "Lidocaine", "A-1", None),
    }
    assert (used(taken_out), used(silent)) == (set(), set())
    assert Product.objects.count() == 3
    assert guards.faults() == []


def test_what_was_taken_out_again_stays_in_the_history_with_who_did_it(sessions):
    _, taken_out, _ = sessions

    rows = LotUse.history.filter(session=taken_out).order_by("history_date", "history_type")
    assert [(row.history_type, row.history_user, row.lot.number) for row in rows] == [
        ("+", taken_out.practitioner, "L2209-B"),
        ("-", taken_out.practitioner, "L2209-B"),
    ]


def test_a_lot_out_of_words_cannot_be_used_until_it_is_received_with_its_expiry(sessions):
    signed, running, _ = sessions
    lot, rosa = Lot.objects.get(number="L2209-B"), signed.practitioner

    with raw_sql.refused_as("lot-expired"):
        raw_sql.insert(LotUse(session=running, lot=lot, used_on=on(2).date(), recorded_at=on(2)))
    received = receive_lot(product=lot.product, number="L2209-B", expires_on=on(30).date(), by=rosa, now=on(2))
    write_session(session=running, by=rosa, lots=[{"lot": received}])

    assert (received, used(running)) == (lot, {("injected", "Lipostab", "L2209-B", None)})
