"""The chain over the audit trail: whole while nobody touched it; whatever was changed or taken out shows."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from clinic import audit_chain, database
from clinic.audit import record_event
from clinic.audit_chain import Head, faults, head, note_head, seal_events, sealed_text
from clinic.models import AuditEvent, AuditSeal
from tests import raw_sql
from tests.treatments.test_races import at_once
from treatments import guards

pytestmark = pytest.mark.usefixtures("own_database")


def read(times: int, by) -> list[AuditEvent]:
    return [
        record_event(AuditEvent.Kind.CHART_READ, actor=by, rows=number, words="Æ “quoted”") for number in range(times)
    ]


@pytest.fixture
def trail(rosa):
    """Five events, sealed, and nobody left to guard them: what somebody with the whole database could do."""
    AuditEvent.objects.all()
    seal_events()
    events = read(5, rosa)
    seal_events()
    database.remove(
        connection, [one for one in guards.GUARDS if one.table in ("clinic_auditevent", "clinic_auditseal")]
    )
    return events


def place(event: AuditEvent) -> int:
    return AuditSeal.objects.get(event_id=event.pk).pk


def test_a_trail_that_nobody_touched_is_whole(rosa):
    read(5, rosa)

    assert seal_events() == AuditEvent.objects.count()
    assert seal_events() == 0
    assert list(faults()) == []
    assert head() == Head(AuditEvent.objects.count(), AuditSeal.objects.latest("pk").hash)


def test_an_empty_trail_is_whole_and_has_no_head(records):
    AuditEvent.objects.exists()
    assert [said for said in faults() if "Seals" in said or "place" in said] == []
    assert AuditSeal.objects.exists() or head() is None


def test_one_event_is_hashed_the_same_whichever_way_it_is_read(rosa):
    [event] = read(1, rosa)

    again = AuditEvent.objects.get(pk=event.pk)

    assert sealed_text(again) == sealed_text(event)


@pytest.mark.parametrize(
    "column",
    ["kind", "door", "request_id", "subject", "details", "actor_id", "patient_id", "subject_id", "address", "at"],
)
def test_a_changed_column_shows_whichever_it_is(column, trail, reception):
    value = {
        "details": '{"rows": 7}',
        "actor_id": reception.pk,
        "patient_id": reception.pk,
        "subject_id": reception.pk,
        "address": "192.0.2.7",
        "at": timezone.now() - dt.timedelta(days=3),
    }.get(column, "signed-out")
    if column == "details":
        raw_sql.execute("UPDATE clinic_auditevent SET details = %s WHERE id = %s", [value, trail[2].pk])
    else:
        raw_sql.update(trail[2], **{column: value})

    number = place(trail[2])
    assert list(faults()) == [f"The event at place {number} (number {trail[2].pk}), or its seal, was changed."]


def test_an_event_that_is_gone_shows(trail):
    number = place(trail[1])
    raw_sql.delete(trail[1])

    assert list(faults()) == [f"The event at place {number} (number {trail[1].pk}) is gone."]


def test_seals_that_are_gone_show_and_their_events_are_open_again(trail):
    first = place(trail[1])
    raw_sql.execute("DELETE FROM clinic_auditseal WHERE id IN (%s, %s)", [first, first + 1])

    assert list(faults(now=timezone.now() + dt.timedelta(minutes=11))) == [
        f"Seals are missing: places {first} to {first + 1}.",
        "2 events are not sealed yet after ten minutes; does the worker run?",
    ]


def test_a_seal_with_another_hash_shows_and_so_does_the_next(trail):
    number = place(trail[1])
    raw_sql.execute("UPDATE clinic_auditseal SET hash = %s WHERE id = %s", ["a" * 64, number])

    assert [said.split(" (")[0] for said in faults()] == [
        f"The event at place {number}",
        f"The event at place {number + 1}",
    ]


def test_two_events_that_changed_places_show(trail):
    one, two = place(trail[1]), place(trail[2])
    raw_sql.execute("UPDATE clinic_auditseal SET event_id = -1 WHERE id = %s", [one])
    raw_sql.execute("UPDATE clinic_auditseal SET event_id = %s WHERE id = %s", [trail[1].pk, two])
    raw_sql.execute("UPDATE clinic_auditseal SET event_id = %s WHERE id = %s", [trail[2].pk, one])

    assert len(list(faults())) == 2


def test_an_end_that_was_cut_off_shows_by_a_head_that_was_noted(trail):
    noted = head()
    last = place(trail[4])
    raw_sql.execute("DELETE FROM clinic_auditseal WHERE id = %s", [last])
    raw_sql.delete(trail[4])

    assert list(faults()) == []
    assert list(faults(noted=noted)) == [f"The chain ends before place {last}, which was noted: its end was cut off."]


def test_a_chain_written_anew_shows_by_a_head_that_was_noted(trail):
    noted = head()
    raw_sql.execute("UPDATE clinic_auditevent SET kind = 'signed-out' WHERE id = %s", [trail[2].pk])
    raw_sql.execute("DELETE FROM clinic_auditseal")
    seal_events()

    assert list(faults()) == []
    assert list(faults(noted=noted)) == [
        f"The seal at place {noted.place} is not the one that was noted: the chain was written anew."
    ]


def test_what_was_written_first_and_committed_last_is_sealed_later(rosa, monkeypatch):
    monkeypatch.setattr(audit_chain, "LOOK_BACK", 3)
    seal_events()
    late = AuditEvent(kind="chart-read", actor=rosa, door="page")
    early = read(3, rosa)
    late.pk = early[0].pk + 1_000_000
    seal_events()
    late.save(force_insert=True)
    read(2, rosa)

    seal_events()

    assert AuditSeal.objects.filter(event_id=late.pk).exists()
    assert list(faults()) == []


def test_many_are_sealed_in_several_goes(rosa, monkeypatch):
    monkeypatch.setattr(audit_chain, "AT_ONCE", 2)
    read(5, rosa)

    seal_events()

    assert list(faults()) == []
    assert AuditSeal.objects.count() == AuditEvent.objects.count()


def test_workers_that_seal_at_once_make_one_chain(rosa):
    read(40, rosa)

    results = at_once(*[seal_events] * 4)

    assert not [one for one in results if isinstance(one, Exception)]
    assert sum(results) == AuditSeal.objects.count() == AuditEvent.objects.count()
    assert list(faults()) == []


def test_an_event_that_nobody_seals_is_said_after_ten_minutes(rosa):
    seal_events()
    read(1, rosa)

    assert list(faults()) == []
    assert list(faults(now=timezone.now() + dt.timedelta(minutes=11))) == [
        "1 event is not sealed yet after ten minutes; does the worker run?"
    ]


def test_the_head_goes_into_the_log(rosa, caplog):
    read(1, rosa)
    seal_events()

    with caplog.at_level("INFO", logger="clinic.audit"):
        note_head()

    assert str(head()) in caplog.text


def test_the_command_prints_the_head_and_ends_well(rosa, capsys):
    read(1, rosa)
    seal_events()

    call_command("check_audit", head=str(head()))

    assert capsys.readouterr().out.splitlines() == [f"head {head()}", "The chain is whole."]


def test_the_command_ends_with_one_when_something_is_wrong(trail, capsys):
    raw_sql.delete(trail[1])

    with pytest.raises(SystemExit) as ended:
        call_command("check_audit")

    assert ended.value.code == 1
    assert "is gone" in capsys.readouterr().out


@pytest.mark.parametrize("said", ["7", "7:abc", "x:" + "a" * 64])
def test_a_head_that_is_none_is_said(said, records):
    with pytest.raises(CommandError, match="PLACE:HASH"):
        call_command("check_audit", head=said)
