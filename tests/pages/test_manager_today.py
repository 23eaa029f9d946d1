"""What a manager finds on a Monday: each card counts its rows and leads to them."""

import datetime as dt

import pytest
from django.utils import timezone

from clinic.refusals import Refused, record_refusal
from tests.factories import make_patient, make_review, make_session, make_side_effect, make_treatment, train
from tests.pages.desk import booked, signed_in, statements, today_at, words
from treatments.alerts import raise_alert
from treatments.booking import book_appointment
from treatments.integrity import CHECKS, note_backup, run_check
from treatments.models.treatment import Family
from treatments.referrals import record_referral_step
from treatments.side_effects import enter_in_error

NOW = timezone.now()


def cards(client) -> dict[str, int]:
    return {card.code: card.count for card in client.get("/").context["board"]}


def test_in_a_clinic_where_nothing_is_wrong_every_card_says_so(manager):
    for name in CHECKS:
        run_check(name)
    note_backup()
    client = signed_in(manager)

    assert set(cards(client).values()) == {0}
    said = words(client.get("/"))
    for sentence in ("No review is overdue.", "Nothing is on hold.", "Nothing was refused.", "All are signed."):
        assert sentence in said


def test_before_any_check_ran_it_says_that(manager):
    assert cards(signed_in(manager))["sound"] == len(CHECKS) + 1
    assert "never checked" in words(signed_in(manager).get("/"))


@pytest.fixture
def monday(amara, jonas, rosa, omar, mesotherapy, reception, manager):
    """A bruise nobody has looked at for a month and what it holds, a refusal, an infection, an error, a lapse, an alert."""
    train(omar, until=timezone.localdate() + dt.timedelta(days=20))
    booked(amara, mesotherapy, rosa, reception, today_at(days=3))
    make_side_effect(patient=amara, by=rosa, now=NOW - dt.timedelta(days=30))
    with pytest.raises(Refused) as refused:
        book_appointment(
            patient=amara, treatment=mesotherapy, practitioner=rosa, starts_at=today_at(days=4), by=reception
        )
    record_refusal(refused.value, by=reception, door="page", operation="book_appointment")
    make_side_effect(patient=jonas, by=rosa, kind="infection", now=NOW - dt.timedelta(hours=2))
    wrong = make_side_effect(patient=jonas, by=rosa, now=NOW - dt.timedelta(days=2))
    enter_in_error(side_effect=wrong, reason="Another patient's.", by=rosa, now=NOW)
    make_session(
        patient=make_patient(reception, "Ines", "Prado"), practitioner=rosa, treatment=mesotherapy,
        at=NOW - dt.timedelta(days=2), finished=False,
    )  # fmt: skip
    raise_alert(kind="infections-together", key="one", reason="Two.", facts={})


def test_each_thing_stands_on_its_card(monday, manager):
    found = cards(signed_in(manager))

    assert {code: count for code, count in found.items() if code not in ("sound", "overdue")} == {
        "alerts": 1,
        "infections": 1,
        "holds": 1,
        "unusual": 1,
        "refused": 1,
        "unsigned": 1,
        "training": 1,
        "messages": 0,
    }
    assert found["overdue"] >= 1


def test_each_card_leads_to_a_list_that_holds_its_rows(monday, manager):
    client = signed_in(manager)
    of_cards = {}
    for card in client.get("/").context["board"]:
        response = client.get(card.link)
        assert response.status_code == 200, card.code
        for line in card.lines:
            assert not line.link or client.get(line.link).status_code == 200, (card.code, line)
        of_cards[card.code] = named(" ".join(f"{line.words} {line.detail}" for line in card.lines))
        assert of_cards[card.code] <= named(words(response)), card.code
    assert {code: names for code, names in of_cards.items() if names} == {
        "infections": {"Jonas Weber"},
        "overdue": {"Amara Okafor", "Jonas Weber"},
        "holds": {"Amara Okafor"},
        "unsigned": {"Ines Prado"},
        "training": {"Omar Aziz"},
    }


def named(said: str) -> set[str]:
    return {name for name in ("Amara Okafor", "Jonas Weber", "Ines Prado", "Omar Aziz") if name in said}


def test_an_infection_whose_next_look_is_booked_is_still_on_its_card_and_its_list(jonas, rosa, reception, manager):
    infection = make_side_effect(patient=jonas, by=rosa, kind="infection", now=NOW - dt.timedelta(hours=2))
    note = "The surgery has taken it over."
    record_referral_step(side_effect=infection, step="closed", note=note, by=rosa, now=NOW - dt.timedelta(hours=1))
    make_review(side_effect=infection, by=rosa, finding="unchanged", now=NOW - dt.timedelta(hours=1))
    booked(jonas, make_treatment(Family.REVIEW), rosa, reception, NOW)
    client = signed_in(manager)

    [card] = [one for one in client.get("/").context["board"] if one.code == "infections"]

    assert "Jonas Weber" not in words(client.get("/worklists/?list=review-due"))
    assert (card.count, [str(row.patient) for row in client.get(card.link).context["rows"]]) == (1, ["Jonas Weber"])


def test_unsigned_sessions_are_counted_to_the_last(amara, rosa, consultation, manager):
    for number in range(51):
        at = NOW - dt.timedelta(days=2, hours=2 * number)
        make_session(patient=amara, practitioner=rosa, treatment=consultation, at=at, finished=False)

    assert cards(signed_in(manager))["unsigned"] == 51


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_it_is_the_managers(who, request, monday):
    assert "board" not in signed_in(request.getfixturevalue(who)).get("/").context


def test_it_asks_the_same_however_much_there_is(monday, rosa, reception, manager):
    client = signed_in(manager)
    counts = []
    for _ in range(2):
        with statements() as asked:
            client.get("/")
        counts.append(len(asked))
        for number in range(3):
            patient = make_patient(reception, f"Given{number}", f"Name{number}")
            make_side_effect(patient=patient, by=rosa, kind="infection", now=NOW - dt.timedelta(hours=3))
            make_side_effect(patient=patient, by=rosa, now=NOW - dt.timedelta(days=20))
    assert counts[0] == counts[1]
