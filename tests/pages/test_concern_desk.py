"""A worry by phone, as the desk takes it down: what is asked, and what holds afterwards."""

import pytest
from django.urls import reverse

from clinic.wording import short_day
from tests.factories import make_session, make_side_effect
from tests.pages.clinical import NOBODY, ago, booked, browser, errors, log, said, words
from tests.pages.desk import buttons, today_at
from treatments.models import Call, SideEffect


@pytest.fixture
def known(amara, rosa):
    """A bruise that a practitioner saw four days ago."""
    return make_side_effect(patient=amara, by=rosa, site="thigh", now=ago(4))


def test_the_same_bruise_is_asked_about_where_one_is_on_record(known, amara, reception):
    page = browser(reception).get(log(amara))

    assert "Bruising is on record already. Is it the same?" in words(page)
    assert f"The same: bruising since {short_day(known.recorded_at.date())}, seen" in words(page)
    assert "thigh" not in words(page)


def test_and_not_where_none_is(amara, reception):
    make_side_effect(patient=amara, kind="itching", by=reception)

    assert "same_as" not in browser(reception).get(log(amara)).context["form"].fields


def test_it_has_to_be_answered_where_there_is_bruising(known, amara, reception):
    answer = browser(reception).post(log(amara), {"bruising": "not-sure", "note": "Blue, she says"})

    assert (answer.status_code, errors(answer, "same_as")) == (
        422,
        ["Ask whether it is the bruise that is on record."],
    )
    assert "Blue, she says" in answer.content.decode()
    assert SideEffect.objects.count() == 1


def test_the_same_adds_the_words_and_no_second_entry(known, amara, reception):
    answer = browser(reception).post(log(amara), {"bruising": "yes", "same_as": str(known.pk), "note": "It grew"})

    assert answer.url == reverse("taken-down", args=[known.pk])
    assert said(answer) == ["Noted with the bruise on record: a practitioner will look again."]
    assert (SideEffect.objects.count(), Call.objects.get().note) == (1, "Rang: It grew")


@pytest.mark.parametrize("sent, count", [({"bruising": "yes", "same_as": "another"}, 2), ({"bruising": "no", "kind": "pain"}, 2)])  # fmt: skip
def test_another_or_none_is_taken_down_as_ever(sent, count, known, amara, reception):
    assert browser(reception).post(log(amara), sent).status_code == 302
    assert (SideEffect.objects.count(), Call.objects.count()) == (count, 0)


def test_a_painful_lump_is_said_to_be_seen_today(amara, reception):
    answer = browser(reception).post(log(amara), {"bruising": "no", "red_flags": ["painful-lump"]})

    assert said(answer)[1:] == ["A painful lump: to be seen today. Tell a practitioner now."]
    assert SideEffect.objects.get().painful_to_touch is True


def test_afterwards_the_page_says_what_holds_and_offers_what_comes_next(
    amara, rosa, mesotherapy, bruise_review, reception
):
    held = booked(amara, mesotherapy, rosa, 5)
    client = browser(reception)
    answer = client.post(log(amara), {"bruising": "yes", "note": "like a plum"})

    page = client.get(answer.url)

    read, links = words(page), buttons(page)
    assert "Not yet: bruising is reported and not yet seen" in read
    assert "On hold: please do not come before we have spoken." in read
    assert "plum" not in read
    assert f"/appointments/{held.pk}/" in links
    today = today_at().date().isoformat()
    assert f"/patients/{amara.pk}/book/?treatment={bruise_review.pk}&amp;date={today}" in links
    noted = client.post(
        f"/patients/{amara.pk}/calls/new/", {"worklist": "on-hold", "outcome": "reached", "back": "chart"}
    )
    assert noted.url == reverse("chart", args=[amara.pk])
    told = client.get("/worklists/").content.decode()
    assert "Told by phone" in told
    assert "Not told yet" not in told


def test_where_nothing_was_booked_it_says_so(amara, mesotherapy, reception):
    client = browser(reception)

    page = client.get(client.post(log(amara), {"bruising": "no", "kind": "itching"}).url)

    assert "No recorded hold" in words(page)
    assert "Nothing that is booked is on hold by this." in words(page)
    assert "Book a review today" not in words(page)  # the catalogue has none


def test_a_page_about_nothing_is_not_found_and_a_managers_is_not_theirs(known, reception, manager):
    assert browser(reception).get(reverse("taken-down", args=[NOBODY])).status_code == 404
    assert browser(manager).get(reverse("taken-down", args=[known.pk])).status_code == 403


def test_a_visit_that_is_no_visit_of_theirs_is_not_suggested(amara, jonas, rosa, mesotherapy, reception):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(3))
    other = make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=ago(4))
    client = browser(reception)

    page = client.get(f"{log(amara)}?session={other.pk}")
    answer = client.post(log(amara), {"bruising": "yes", "session": str(other.pk)})

    assert str(other.pk) not in page.content.decode().split("<main")[1].split("<select")[1]
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["session"])
