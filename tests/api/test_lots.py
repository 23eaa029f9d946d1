"""Lots by the API: listed, received, in quarantine; and what went into a session."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.models import AuditEvent
from tests.api.calls import API, NO_ONE, codes, errors, ids, statements
from tests.factories import make_anaesthetic, make_lot
from treatments.lots import quarantine_lot
from treatments.models import Lot, LotUse, Product
from treatments.recalls import recall_lot

LATER = timezone.localdate() + dt.timedelta(days=300)
OVER = "7.50"


def _session(running) -> str:
    return f"{API}sessions/{running.pk}/"


def test_lots_are_listed_and_the_usable_ones_alone(api, rosa):
    good, held = make_lot(rosa, "A1"), make_lot(rosa, "B2")
    old = Lot.objects.create(product=good.product, number="C3", expires_on=dt.date(2020, 1, 1))
    quarantine_lot(lot=held, reason="recalled", by=rosa)

    assert ids(api(rosa).get(f"{API}lots/")) == [str(one.pk) for one in (good, held, old)]
    assert ids(api(rosa).get(f"{API}lots/?usable=true")) == [str(good.pk)]
    assert ids(api(rosa).get(f"{API}lots/?number=B2")) == [str(held.pk)]


def test_a_lot_is_received_once_under_its_key(api, rosa):
    product = Product.objects.create(name="Lipostab")
    body = {"product": str(product.pk), "number": "L7", "expires_on": LATER.isoformat(), "dose": "multi"}

    answers = [api(rosa).post(f"{API}lots/", body, HTTP_IDEMPOTENCY_KEY="one") for _ in range(2)]

    lot = Lot.objects.get()
    assert [(answer.status_code, answer.json()["id"]) for answer in answers] == [(201, str(lot.pk))] * 2
    assert (lot.number, lot.expires_on, lot.dose, lot.received_by) == ("L7", LATER, "multi", rosa)


def test_the_same_lot_received_again_is_said_beside_its_number(api, rosa):
    lot = make_lot(rosa, "L7")

    answer = api(rosa).post(
        f"{API}lots/", {"product": str(lot.product_id), "number": "L7", "expires_on": LATER.isoformat()}
    )

    assert errors(answer) == {"number": ["Lipostab has a lot of this number already."]}


def test_quarantine_and_release_are_in_the_trail(api, rosa, manager):
    lot = make_lot(rosa)

    held = api(rosa).post(f"{API}lots/{lot.pk}/quarantine/", {"reason": "recalled"})
    again = api(rosa).post(f"{API}lots/{lot.pk}/quarantine/", {"reason": "recalled"})
    released = api(manager).post(f"{API}lots/{lot.pk}/release/", {"reason": "the maker withdrew the recall"})

    assert (held.status_code, held.json()["quarantine_reason"]) == (200, "recalled")
    assert codes(again) == ["lot-quarantined"]
    assert (released.status_code, released.json()["quarantined_at"]) == (200, None)
    found = AuditEvent.objects.filter(kind="lots-changed").order_by("at")
    assert [(event.actor, event.subject_id, event.details["change"]) for event in found] == [
        (rosa, lot.pk, "quarantined"),
        (manager, lot.pk, "released"),
    ]


def test_no_unknown_lot_is_put_in_quarantine(api, rosa):
    assert api(rosa).post(f"{API}lots/{NO_ONE}/quarantine/", {"reason": "recalled"}).status_code == 404


# --- What went into a session ------------------------------------------------------------------------------------------


def test_lots_are_written_down_with_their_volumes(api, rosa, running):
    lot, agent = make_lot(rosa), make_anaesthetic(rosa)
    written = {
        "lots": [{"lot": str(lot.pk), "volume_ml": "2.50"}],
        "anaesthetic": "given",
        "anaesthetic_lot": str(agent.pk),
        "anaesthetic_ml": "1.00",
    }

    answer = api(rosa).patch(_session(running), written)

    assert [(one["number"], one["product_name"], one["use"], one["volume_ml"]) for one in answer.json()["lots"]] == [
        ("L2209-B", "Lipostab", "injected", "2.50"),
        ("A-1", "Lidocaine 2 %", "anaesthetic", "1.00"),
    ]


def test_what_is_not_sent_of_the_lots_stays_and_an_empty_list_takes_them_out(api, rosa, running):
    lot = make_lot(rosa)
    client = api(rosa)
    client.patch(_session(running), {"lots": [{"lot": str(lot.pk)}]})

    assert [one["lot"] for one in client.patch(_session(running), {"pain": 2}).json()["lots"]] == [str(lot.pk)]
    assert client.patch(_session(running), {"lots": []}).json()["lots"] == []


def test_a_quarantined_lot_is_refused_and_a_clean_one_beside_it_is_not(api, rosa, running):
    held, good = make_lot(rosa, "A1"), make_lot(rosa, "B2")
    quarantine_lot(lot=held, reason="recalled", by=rosa)

    assert codes(api(rosa).patch(_session(running), {"lots": [{"lot": str(held.pk)}]})) == ["lot-quarantined"]
    assert api(rosa).patch(_session(running), {"lots": [{"lot": str(good.pk)}]}).status_code == 200


def test_a_recalled_lot_goes_into_no_session_and_is_not_released(api, rosa, manager, running):
    lot = make_lot(rosa, "A1")
    recall_lot(lot=lot, reason="The maker took it back.", by=manager)

    assert codes(api(rosa).patch(_session(running), {"lots": [{"lot": str(lot.pk)}]})) == ["lot-quarantined"]
    assert codes(api(manager).post(f"{API}lots/{lot.pk}/release/", {"reason": "Looked at."})) == ["recall-open"]
    assert ids(api(rosa).get(f"{API}lots/?usable=true")) == []
    assert not LotUse.objects.exists()


def test_finishing_past_a_limit_asks_first_and_takes_the_answer(api, rosa, running):
    lot = make_lot(rosa, most_ml=1)
    client = api(rosa)
    client.patch(_session(running), {"lots": [{"lot": str(lot.pk), "volume_ml": OVER}]})

    asked = client.post(f"{_session(running)}finish/", {})
    keys = [question["key"] for question in asked.json()["questions"]]
    done = client.post(f"{_session(running)}finish/", {"answered": keys})

    assert (asked.status_code, asked.json()["title"], asked.json()["code"]) == (409, "Confirm first", "look-again")
    assert [question["words"] for question in asked.json()["questions"]] == [
        "7.5 ml of Lipostab: the clinic's limit for one session is 1 ml. Is the figure right?"
    ]
    assert (done.status_code, done.json()["finished_at"] is not None) == (200, True)


@pytest.mark.parametrize("rows", [1, 3])
def test_a_session_asks_the_same_however_many_lots(api, rosa, running, rows):
    client = api(rosa)
    lots = [{"lot": str(make_lot(rosa, f"L{number}").pk), "volume_ml": "1.00"} for number in range(rows)]
    client.patch(_session(running), {"lots": lots})
    assert LotUse.objects.count() == rows

    with statements() as found:
        assert client.get(_session(running)).status_code == 200

    # The session with its skin check, its lots with their products, the audit row.
    assert len(found) == 3
