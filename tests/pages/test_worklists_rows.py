"""What is done from a worklist's row: a call noted, asked and none, closed with a reason, and how many wait."""

import datetime as dt
import re

import pytest
from django.utils import timezone

from clinic.models import Absence
from clinic.wording import short_day
from tests.factories import LONDON, make_patient, make_session, make_side_effect
from tests.pages.clinical import said
from tests.pages.desk import booked, buttons, signed_in, statements, today_at, words
from treatments.calls import record_call
from treatments.models import Call, Closure, FollowUp, Message, WaitingListEntry
from treatments.sessions import finish_session, write_session
from treatments.waiting_list import join_waiting_list

NOBODY = "7a3f1c9e-0000-4000-8000-000000000000"


def ago(days: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(days=days)


def section(response, code: str) -> str:
    """The words of one list."""
    body = response.content.decode().split(f'<section class="card" id="{code}"')[1].split("</section>")[0]
    response._container = [f"<main>{body}".encode()]
    return words(response)


def listed(client, code: str) -> list[str]:
    response = client.get("/worklists/")
    [found] = [one for one in response.context["lists"] if one.code == code]
    return [str(entry.row.patient) for entry in found.entries]


@pytest.fixture
def held(amara, mesotherapy, rosa, reception):
    appointment = booked(amara, mesotherapy, rosa, reception, today_at(10, days=5))
    make_side_effect(patient=amara, by=rosa, now=ago(3))
    return appointment


@pytest.fixture
def session(amara, rosa, mesotherapy):
    """Finished three days ago."""
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=today_at(10, days=-3))


@pytest.fixture
def failed(amara, consultation, rosa, reception):
    appointment = booked(amara, consultation, rosa, reception, today_at(10, days=2))
    return Message.objects.create(
        patient=amara, appointment=appointment, kind="confirmation", about_starts_at=appointment.starts_at,
        to="amara@patient.example", status="failed", problem="The mailbox is full.",
    )  # fmt: skip


# --- A call -----------------------------------------------------------------------------------------------------------


def test_a_call_is_noted_in_two_clicks_and_leads_back_to_its_row(held, amara, reception):
    client = signed_in(reception)
    page = client.get("/worklists/").content.decode()
    sent = {"worklist": "on-hold", "row": str(held.pk), "outcome": "no-answer", "note": "", "next_try_on": ""}

    answer = client.post(f"/patients/{amara.pk}/calls/new/", sent)

    assert f'id="on-hold-{held.pk}"' in page
    assert answer.url == f"/worklists/#on-hold-{held.pk}"
    assert said(answer) == ["Amara Okafor: call noted, no answer."]
    call = Call.objects.get()
    assert (call.patient, call.worklist, call.by, call.outcome) == (amara, "on-hold", reception, "no-answer")
    at = call.at.astimezone(LONDON)
    line = f"no answer on {short_day(at.date())}, {at:%H:%M}, Ida Berg."
    assert line in section(client.get("/worklists/"), "on-hold")


def test_several_calls_are_counted_and_the_newest_is_read(held, amara, reception):
    client = signed_in(reception)
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    for outcome, note, again in (("no-answer", "", ""), ("left-message", "with her son", tomorrow.isoformat())):
        sent = {"worklist": "on-hold", "outcome": outcome, "note": note, "next_try_on": again}
        client.post(f"/patients/{amara.pk}/calls/new/", sent)

    read = section(client.get("/worklists/"), "on-hold")

    assert "2 calls, the last: left a message on" in read
    assert f"“with her son” Next try {short_day(tomorrow)}." in read
    assert "On hold 0 Nobody has to be called today. Later" in read


def test_every_call_of_a_row_can_be_read_there_the_newest_first(held, amara, rosa, reception):
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    at = timezone.now() - dt.timedelta(minutes=20)
    for minutes, by, outcome, note, again in (
        (0, reception, "no-answer", "", None),
        (5, rosa, "left-message", "with her son", tomorrow),
        (10, reception, "reached", "rings back", None),
    ):
        record_call(
            patient=amara, worklist="on-hold", outcome=outcome, note=note, next_try_on=again, by=by,
            now=at + dt.timedelta(minutes=minutes),
        )  # fmt: skip

    page = signed_in(reception).get("/worklists/").content.decode()

    made = page.split('<details class="calls-made">')[1].split("</details>")[0]
    times = [f"{timezone.localtime(at + dt.timedelta(minutes=more), LONDON):%H:%M}" for more in (10, 5, 0)]
    on = short_day(timezone.localdate(at, LONDON))
    assert [
        " ".join(re.sub(r"<[^>]*>", "", one).split())
        for one in re.findall(r"(?s)<summary.*?</summary>|<li>.*?</li>", made)
    ] == [
        "All 3 calls: Amara Okafor",
        f"reached on {on}, {times[0]}, Ida Berg. “rings back”",
        f"left a message on {on}, {times[1]}, Rosa Lind. “with her son” Next try {short_day(tomorrow)}.",
        f"no answer on {on}, {times[2]}, Ida Berg.",
    ]


def test_of_a_single_call_nothing_more_is_to_be_opened(held, amara, reception):
    record_call(patient=amara, worklist="on-hold", outcome="no-answer", by=reception)

    assert "calls-made" not in signed_in(reception).get("/worklists/").content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_reading_all_calls_takes_no_more_statements(count, held, amara, reception):
    for _ in range(count):
        record_call(patient=amara, worklist="on-hold", outcome="no-answer", by=reception)
    client = signed_in(reception)

    with statements() as asked:
        client.get("/worklists/")

    assert len([sql for sql in asked if sql.startswith('SELECT "treatments_call"')]) == 1


@pytest.mark.parametrize(
    "wrong, sentence",
    [
        ({"outcome": ""}, "Say how the call went."),
        ({"next_try_on": "2020-01-01"}, "The next try is in the past."),
        ({"next_try_on": "soon"}, "That is not a day of the calendar."),
        ({"note": "x" * 301}, "Ensure this value has at most 300 characters (it has 301)."),
        ({"worklist": "birthdays"}, "“birthdays” is not one of:"),
    ],
)
def test_a_call_that_makes_no_sense_keeps_what_was_typed(wrong, sentence, amara, reception):
    sent = {"worklist": "on-hold", "outcome": "reached", "note": "after five", "next_try_on": ""} | wrong

    answer = signed_in(reception).post(f"/patients/{amara.pk}/calls/new/", sent)

    assert answer.status_code == 422
    assert sentence in words(answer)
    assert sent["note"] in answer.content.decode()
    assert not Call.objects.exists()


def test_a_call_sent_twice_is_noted_once(amara, reception):
    client = signed_in(reception)
    for _ in range(2):
        client.post(
            f"/patients/{amara.pk}/calls/new/", {"worklist": "on-hold", "outcome": "reached", "once": "one-page"}
        )

    assert Call.objects.count() == 1


def test_declined_takes_nobody_off_and_says_what_does(session, amara, reception):
    client = signed_in(reception)
    answer = client.post(f"/patients/{amara.pk}/calls/new/", {"worklist": "follow-up", "outcome": "declined"})

    assert said(answer) == [
        "Amara Okafor: call noted, declined. Close the row with a reason if nobody needs to call again."
    ]
    assert listed(client, "follow-up") == ["Amara Okafor"]


def test_the_calls_page_by_itself_changes_nothing_when_opened(amara, reception):
    response = signed_in(reception).get(f"/patients/{amara.pk}/calls/new/?worklist=on-hold")

    assert (response.status_code, Call.objects.count()) == (200, 0)
    assert "tel:+447700900123" in buttons(response)


def test_a_call_to_nobody_is_not_found(reception):
    assert signed_in(reception).post(f"/patients/{NOBODY}/calls/new/", {}).status_code == 404


# --- Follow-up --------------------------------------------------------------------------------------------------------


def test_asked_none_is_one_click(session, amara, reception):
    client = signed_in(reception)
    links = buttons(client.get("/worklists/"))

    answer = client.post(f"/sessions/{session.pk}/asked-none/", {"once": "x"})
    again = client.post(f"/sessions/{session.pk}/asked-none/", {"once": "x"})

    assert f"/sessions/{session.pk}/asked-none/" in links
    assert (answer.url, again.status_code) == ("/worklists/#follow-up", 302)
    assert FollowUp.objects.get().by == reception
    assert listed(client, "follow-up") == []


def test_asked_by_two_desks_is_refused_in_words(session, amara, reception, rosa):
    signed_in(rosa).post(f"/sessions/{session.pk}/asked-none/", {"once": "a"})

    answer = signed_in(reception).post(f"/sessions/{session.pk}/asked-none/", {"once": "b"})

    assert answer.status_code == 409
    assert "Nobody needs to ask after this session" in words(answer)


def test_asked_something_opens_the_concern_with_that_session_chosen(session, amara, reception):
    client = signed_in(reception)
    address = f"/patients/{amara.pk}/side-effects/new/?session={session.pk}"
    assert address in buttons(client.get("/worklists/"))

    page = client.get(address)

    assert f'<option value="{session.pk}" selected>' in page.content.decode()
    answer = client.post(address, {"bruising": "yes", "session": str(session.pk), "note": "blue"})
    assert answer.status_code == 302
    assert amara.side_effects.get().session == session
    assert listed(client, "follow-up") == []


def test_a_follow_up_is_closed_with_a_reason(session, amara, reception):
    client = signed_in(reception)
    here = f"/sessions/{session.pk}/follow-up/close/"

    opened, empty = client.get(here), client.post(here, {"reason": " "})
    closed = client.post(here, {"reason": "Asked for no calls."})

    assert (opened.status_code, empty.status_code, closed.url) == (200, 422, "/worklists/#follow-up")
    assert "Take Amara Okafor off “follow-up”" in words(opened)
    assert Closure.objects.get().reason == "Asked for no calls."
    assert listed(client, "follow-up") == []


def test_nothing_written_in_the_session_is_read_out(amara, rosa, mesotherapy, reception):
    at = today_at(10, days=-3)
    running = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=at, finished=False)
    write_session(session=running, by=rosa, note="Needs watching", pain=7)
    finish_session(session=running, by=rosa, now=at)
    with statements() as asked:
        page = signed_in(reception).get("/worklists/").content.decode()

    assert "Needs watching" not in page
    assert [sql for sql in asked if '"treatments_session"."note"' in sql] == []


# --- Messages ---------------------------------------------------------------------------------------------------------


def test_a_failed_message_is_called_back_and_closed_with_what_was_done(failed, amara, reception):
    client = signed_in(reception)
    read = section(client.get("/worklists/"), "call-back")

    answer = client.post(f"/worklists/call-back/{failed.pk}/close/", {"reason": "Told by phone."})
    again = client.post(f"/worklists/call-back/{failed.pk}/close/", {"reason": "Me too."})

    assert "could not be sent: The mailbox is full. Call instead, and check the email address. +44 7700" in read
    assert answer.url == "/worklists/#call-back"
    failed.refresh_from_db()
    assert (failed.handled_by, failed.handled_reason) == (reception, "Told by phone.")
    assert again.status_code == 409
    assert listed(client, "call-back") == []


# --- Waiting, moving --------------------------------------------------------------------------------------------------


def test_a_wish_is_read_with_its_preferences_and_booked_from_the_row(amara, mesotherapy, rosa, reception):
    join_waiting_list(
        patient=amara, treatment=mesotherapy, practitioner=rosa, part_of_day="mornings", by=reception, note="by bus"
    )
    client = signed_in(reception)
    response = client.get("/worklists/")

    assert f"/patients/{amara.pk}/book/?treatment={mesotherapy.pk}" in buttons(response)
    assert "Wishes for Mesotherapy: mornings, with Rosa Lind. “by bus”" in section(response, "clear-again")
    client.post(f"/patients/{amara.pk}/clear-again/close/", {"reason": "Went elsewhere."})
    assert WaitingListEntry.objects.get().close_reason == "Went elsewhere."
    assert listed(client, "clear-again") == []


def test_what_lies_in_an_absence_is_moved_from_its_row(amara, consultation, rosa, reception):
    there = booked(amara, consultation, rosa, reception, today_at(10, days=2))
    Absence.objects.create(staff=rosa, starts_at=today_at(0, days=2), ends_at=today_at(0, days=3), created_by=reception)

    response = signed_in(reception).get("/worklists/")

    steps = {link.removeprefix(f"/appointments/{there.pk}/") for link in buttons(response) if str(there.pk) in link}
    assert {"move/", "cancel/"} <= steps
    assert "Rosa Lind is absent then. Booked on" in section(response, "to-move")


def test_a_practitioner_has_their_own_to_move_on_today(amara, jonas, consultation, rosa, omar, reception):
    for patient, who in ((amara, rosa), (jonas, omar)):
        booked(patient, consultation, who, reception, today_at(10, days=2))
        Absence.objects.create(
            staff=who, starts_at=today_at(0, days=2), ends_at=today_at(0, days=3), created_by=reception
        )

    lists = signed_in(rosa).get("/").context["lists"]

    assert {one.code: [str(entry.row.patient) for entry in one.entries] for one in lists} == {
        "review-due": [],
        "reported": [],
        "to-move": ["Amara Okafor"],
        "recall": [],
    }


# --- How many wait ----------------------------------------------------------------------------------------------------


def test_the_navigation_counts_what_waits_now(held, amara, reception):
    client = signed_in(reception)
    asked = client.get("/worklists/count/")
    page = client.get("/worklists/").content.decode()
    elsewhere = client.get("/patients/").content.decode()

    assert asked.json() == {"waiting": 1, "urgent": 0, "words": "1 to do"}
    assert (asked["Cache-Control"], asked["Vary"]) == ("private, max-age=7", "Cookie")
    assert '<span class="hidden-words">: 1 to do</span>' in page
    assert 'data-count="/worklists/count/"' in elsewhere
    assert "data-count" not in page


def test_what_is_for_later_is_not_counted_and_what_is_urgent_is_said(held, amara, jonas, reception):
    client = signed_in(reception)
    tomorrow = (timezone.localdate() + dt.timedelta(days=1)).isoformat()
    client.post(
        f"/patients/{amara.pk}/calls/new/", {"worklist": "on-hold", "outcome": "reached", "next_try_on": tomorrow}
    )
    make_side_effect(patient=jonas, kind="infection", by=reception)

    assert client.get("/worklists/count/").json() == {"waiting": 2, "urgent": 2, "words": "2 to do, 2 urgent"}


def test_no_other_page_pays_for_the_counts(amara, reception):
    with statements() as asked:
        signed_in(reception).get("/patients/")

    assert [sql for sql in asked if "treatments_" in sql] == []


def test_without_a_role_nothing_is_counted(superuser):
    assert signed_in(superuser).get("/worklists/count/").status_code == 403


# --- Long lists, and who may ------------------------------------------------------------------------------------------


def test_a_long_list_shows_its_first_rows_and_opens_whole(rosa, reception):
    for number in range(27):
        make_side_effect(patient=make_patient(reception, f"Given{number}"), by=reception, now=ago(0))
    client = signed_in(reception)

    first, whole = client.get("/worklists/"), client.get("/worklists/?list=reported")

    assert first.content.decode().count('<li id="reported-') == 25
    assert "/worklists/?list=reported" in buttons(first)
    assert whole.content.decode().count('<li id="reported-') == 27
    assert client.get("/worklists/?list=nonsense").status_code == 200


def test_a_manager_reads_every_list_and_changes_none(session, failed, amara, jonas, reception, manager):
    make_side_effect(patient=jonas, by=reception, now=ago(3))
    client = signed_in(manager)
    main = client.get("/worklists/").content.decode().split("<main")[1]

    assert re.findall(r'<form[^>]* action="([^"]*)"', main) == ["/exports/start/worklists/"]
    for address in (
        f"/patients/{amara.pk}/calls/new/",
        f"/sessions/{session.pk}/asked-none/",
        f"/sessions/{session.pk}/follow-up/close/",
        f"/worklists/call-back/{failed.pk}/close/",
    ):
        assert client.post(address, {"reason": "no"}).status_code == 403
    assert not Closure.objects.exists()
