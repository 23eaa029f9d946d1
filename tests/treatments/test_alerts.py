"""An alert is looked into once, by whoever may, with what came of it."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import AuditEvent
from tests.factories import on
from treatments.alerts import acknowledge_alert, raise_alert
from treatments.models import Alert


@pytest.fixture
def alert(records) -> Alert:
    found = raise_alert(kind="bruising-up", key="bruising:one", reason="More than expected.", facts={}, now=on(3))
    assert found is not None
    return found


def test_the_same_is_raised_once(alert):
    assert raise_alert(kind="bruising-up", key="bruising:one", reason="Again.", facts={}) is None
    assert [one.reason for one in Alert.objects.all()] == ["More than expected."]


@pytest.mark.parametrize("who", ["rosa", "manager"])
def test_a_practitioner_or_a_manager_looks_into_it(alert, who, request):
    staff = request.getfixturevalue(who)

    done = acknowledge_alert(alert=alert, remark=" Gloves were changed. ", by=staff, now=on(4))

    assert (done.acknowledged_by, done.acknowledged_at, done.remark) == (staff, on(4), "Gloves were changed.")
    assert not Alert.objects.waiting().exists()
    event = AuditEvent.objects.get(kind="alert-acknowledged")
    assert (event.actor, event.subject_id, event.details) == (staff, alert.pk, {})


def test_reception_does_not(alert, reception):
    with pytest.raises(PermissionDenied):
        acknowledge_alert(alert=alert, remark="Fine.", by=reception)
    assert not Alert.objects.visible_to(reception).exists()


def test_nothing_is_acknowledged_without_words(alert, rosa):
    with pytest.raises(ValidationError) as wrong:
        acknowledge_alert(alert=alert, remark="  \n", by=rosa)
    assert wrong.value.message_dict == {"remark": ["Write what was looked at, and what came of it."]}


def test_whoever_comes_second_is_told_and_changes_nothing(alert, rosa, manager):
    acknowledge_alert(alert=alert, remark="Gloves were changed.", by=rosa, now=on(4))

    with pytest.raises(ValidationError) as wrong:
        acknowledge_alert(alert=alert, remark="Nothing found.", by=manager, now=on(5))

    assert wrong.value.message_dict == {"remark": ["Somebody has acknowledged this already."]}
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.remark) == (rosa, "Gloves were changed.")
