"""Alerts: what waits to be looked into, what it rests on, and what came of it."""

import uuid

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.factories import make_lot
from tests.pages.clinical import ago, browser, errors, said, statements, words
from tests.treatments.figured import treat
from treatments.alerts import acknowledge_alert, raise_alert
from treatments.models import Alert, Lot
from treatments.side_effects import report_side_effect

ALERTS = reverse("alerts")


@pytest.fixture
def lot(rosa) -> Lot:
    return make_lot(rosa, "A1", now=ago(60))


@pytest.fixture
def alert(lot, amara, jonas, rosa, mesotherapy) -> Alert:
    """Amara and Jonas, out of one lot, by one hand."""
    for days, patient in ((20, amara), (10, jonas)):
        session = treat(patient, rosa, mesotherapy, ago(days), lots=[lot])
        report_side_effect(patient=patient, session=session, kind="infection", by=rosa, now=ago(days - 3))
    return Alert.objects.get()


def at(alert: Alert) -> str:
    return reverse("alert", args=[alert.pk])


def test_what_they_share_stands_there_with_how_often_it_was_used(alert, lot, rosa):
    client = browser(rosa)
    assert "Suspected infections with something in common" in words(client.get(ALERTS))

    read = words(client.get(at(alert)))

    assert "Lipostab, lot A1" in read
    assert "Rosa Lind" in read
    assert "2 after 2 sessions" in read
    assert "Amara Okafor" in read
    assert "A few cases can come together by chance." in read
    assert f"/lots/{lot.pk}/" in client.get(at(alert)).content.decode()


def test_its_reading_is_in_the_trail(alert, manager):
    browser(manager).get(at(alert))

    event = AuditEvent.objects.get(kind="record-read", subject="alert", patient_id=None)
    assert (event.actor, event.subject_id) == (manager, alert.pk)


def test_it_is_looked_into_with_a_remark(alert, manager):
    client = browser(manager)

    assert client.post(at(alert), {"remark": "The room was cleaned; the lot is looked at."}).url == ALERTS

    page = client.get(ALERTS)
    assert said(page) == ["Noted: looked into."]
    assert "The room was cleaned; the lot is looked at." in words(page)
    assert not Alert.objects.waiting().exists()


def test_without_a_remark_it_waits(alert, manager):
    page = browser(manager).post(at(alert), {"remark": "  "})

    assert page.status_code == 422
    assert errors(page, "remark") == ["Write what was looked at, and what came of it."]
    assert Alert.objects.waiting().exists()


def test_whoever_comes_second_is_told_and_keeps_their_words(alert, rosa, manager):
    acknowledge_alert(alert=alert, remark="Gloves were changed.", by=rosa)

    page = browser(manager).post(at(alert), {"remark": "Nothing was found."})

    assert page.status_code == 422
    alert.refresh_from_db()
    assert alert.remark == "Gloves were changed."


def test_reception_reads_none(alert, reception):
    client = browser(reception)

    assert (client.get(ALERTS).status_code, client.get(at(alert)).status_code) == (403, 403)


def test_an_unknown_one_is_not_found(rosa):
    assert browser(rosa).get(reverse("alert", args=[uuid.uuid4()])).status_code == 404


def test_with_none_it_says_so(manager):
    assert "Nothing waits" in words(browser(manager).get(ALERTS))


def test_the_list_costs_the_same_for_three_as_for_one(alert, manager):
    client = browser(manager)
    few = statements(client, ALERTS)
    for number in range(3):
        more = raise_alert(kind="bruising-up", key=f"more:{number}", reason="More than expected.", facts={})
        if number:
            acknowledge_alert(alert=more, remark="Looked into.", by=manager)

    assert statements(client, ALERTS) == few
    assert client.get(ALERTS, {"page": "rubbish"}).status_code == 200
