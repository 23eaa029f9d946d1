"""How the verdict explains itself."""

import datetime as dt

import pytest

from tests.factories import make_gone, make_review, make_session, make_side_effect, on
from treatments.eligibility import blockers, state_of, verdict
from treatments.side_effects import record_none_seen


def test_reception_reads_what_it_needs_and_a_practitioner_reads_more(amara, rosa, reception, mesotherapy):
    bruise = make_side_effect(
        patient=amara, by=rosa, site="thigh", side="left", onset_on=dt.date(2026, 11, 1), now=on(3)
    )
    make_review(side_effect=bruise, finding="fading", by=rosa, now=on(18))

    [blocker] = blockers(amara, mesotherapy, now=on(22))

    year = "" if dt.date.today().year == 2026 else " 2026"
    assert blocker.words_for(reception) == f"Bruising since 1 Nov{year}, practitioner review needed."
    assert blocker.words_for(rosa) == (
        f"Left thigh: bruising since 1 Nov{year} (21 days). Last looked at 18 Nov{year} by Rosa Lind: fading."
    )
    assert blocker.since == dt.date(2026, 11, 1)
    assert blocker.lifts_when == "A practitioner records the bruise as gone, in person or from a new photo."


def test_without_an_onset_it_is_since_it_was_recorded(amara, rosa, mesotherapy):
    make_side_effect(patient=amara, by=rosa, now=on(3, 23, 30))

    assert blockers(amara, mesotherapy)[0].since == dt.date(2026, 11, 3)


def test_the_rules_reasons_come_in_their_order(amara, rosa, reception, mesotherapy):
    make_side_effect(patient=amara, kind="infection", by=rosa)
    make_side_effect(patient=amara, by=reception)
    make_side_effect(patient=amara, by=rosa)

    assert [b.code for b in blockers(amara, mesotherapy)] == [
        "bruising-present",
        "bruising-reported",
        "infection-suspected",
    ]


def test_a_closing_look_before_the_last_session_is_no_look_since(amara, rosa, mesotherapy):
    make_gone(make_side_effect(patient=amara, by=rosa, now=on(1)), rosa, now=on(2))
    before = state_of(amara)
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(3))

    assert (before, state_of(amara)) == ("clear", "not-checked")


def test_a_consultation_since_does_not_make_it_not_checked(amara, rosa, mesotherapy, consultation):
    record_none_seen(patient=amara, by=rosa, now=on(1))
    make_session(patient=amara, practitioner=rosa, treatment=consultation, at=on(2))

    assert state_of(amara) == "clear"


def test_swelling_found_gone_says_nothing_about_bruising(amara, rosa, mesotherapy):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(1))
    make_gone(make_side_effect(patient=amara, kind="swelling", by=rosa, now=on(2)), rosa, now=on(3))

    assert state_of(amara) == "not-checked"


def test_suspected_infection_refuses_though_the_state_speaks_of_bruising_only(amara, rosa, mesotherapy):
    record_none_seen(patient=amara, by=rosa, now=on(1))
    make_side_effect(patient=amara, kind="infection", by=rosa, now=on(2))

    found = verdict(amara, mesotherapy)

    assert (found.allowed, found.state) == (False, "clear")


@pytest.mark.parametrize("past_sessions", [0, 3])
@pytest.mark.parametrize(("bruises", "statements"), [(0, 1), (1, 2), (3, 2)])
def test_the_verdict_takes_one_statement_and_a_second_for_its_reasons(
    past_sessions, bruises, statements, amara, rosa, mesotherapy, django_assert_num_queries
):
    for number in range(past_sessions):
        make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2 + number))
        make_gone(make_side_effect(patient=amara, by=rosa, now=on(2 + number, 11)), rosa, now=on(2 + number, 12))
    for _ in range(bruises):
        make_side_effect(patient=amara, by=rosa, now=on(20))

    with django_assert_num_queries(statements):
        found = verdict(amara, mesotherapy)
    assert len(found.blockers) == bruises
    with django_assert_num_queries(statements):
        assert len(blockers(amara, mesotherapy)) == bruises
