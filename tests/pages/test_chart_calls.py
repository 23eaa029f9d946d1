"""What the desk has done by phone stands on the chart: calls, “asked, none”, and what the patient waits for."""

from django.urls import reverse

from tests.factories import make_session, make_side_effect
from tests.pages.clinical import ago, browser, words
from treatments.calls import record_call
from treatments.concerns import report_concern
from treatments.follow_ups import record_asked_none
from treatments.waiting_list import join_waiting_list


def chart(staff, patient) -> str:
    return words(browser(staff).get(reverse("chart", args=[patient.pk])))


def test_a_wish_of_somebody_blocked_is_read_on_the_chart(amara, mesotherapy, rosa, reception):
    make_side_effect(patient=amara, by=rosa, now=ago(3))
    join_waiting_list(patient=amara, treatment=mesotherapy, practitioner=rosa, part_of_day="mornings", by=reception)

    for reader in (reception, rosa):
        read = chart(reader, amara)
        assert "On the waiting list Wishes for Mesotherapy: mornings, with Rosa Lind." in read
        assert "called as soon as nothing is open" in read


def test_without_a_wish_there_is_no_such_section(amara, reception):
    assert "On the waiting list" not in chart(reception, amara)


def test_calls_and_what_was_told_stand_in_the_timeline(amara, mesotherapy, rosa, reception):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(4))
    record_call(patient=amara, worklist="follow-up", outcome="no-answer", by=reception, now=ago(2))
    record_asked_none(session=session, by=reception, now=ago(1))
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(hours=9))
    report_concern(patient=amara, bruising="yes", same_as=bruise, note="It has grown", by=reception, now=ago(hours=1))

    for reader in (reception, rosa):
        read = chart(reader, amara)
        assert "Called: no answer Ida Berg" in read
        assert "Asked by phone: no side effects told of Ida Berg; told, not seen" in read
        assert "Rang about a bruise on record Ida Berg Rang: It has grown" in read
