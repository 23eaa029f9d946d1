"""The manager's list: deviations, errors, gone on the day of a mesotherapy, merges. Newest first, and for managers only."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.factories import (
    LONDON,
    make_appointment,
    make_gone,
    make_patient,
    make_review,
    make_session,
    make_side_effect,
)
from tests.pages.clinical import browser, links, statements, words
from treatments.addenda import enter_session_in_error
from treatments.deviations import record_deviation
from treatments.merging import merge_patients, undo_merge
from treatments.sessions import finish_session, start_session
from treatments.side_effects import enter_in_error
from treatments.unusual import KINDS, shown, unusual

LIST = "/unusual/"
# Those of the page, who was shown them, and one of every page.
LIST_STATEMENTS = 3


def at(day: int, hour: int = 9) -> dt.datetime:
    """So many days ago, at this hour in London."""
    that = timezone.localdate(timezone=LONDON) - dt.timedelta(days=day)
    return dt.datetime.combine(that, dt.time(hour), LONDON)


def deviation(patient, treatment, by, day=1, reason="Flown in for the day."):
    return record_deviation(
        patient=patient, treatment=treatment, starts_at=at(day, 10), ends_at=at(day, 11), reason=reason,
        decided_by=by, practitioner=by, by=by, now=at(day, 12),
    )  # fmt: skip


def bruise_in_error(patient, by, day=1, kind="bruising"):
    found = make_side_effect(patient=patient, by=by, kind=kind, now=at(day + 1))
    return enter_in_error(side_effect=found, reason="Entered under the wrong name", by=by, now=at(day))


def session_in_error(patient, treatment, by, day=1):
    session = make_session(patient=patient, practitioner=by, treatment=treatment, at=at(day, 8))
    return enter_session_in_error(session=session, reason="It was Jonas", by=by, now=at(day, 9))


def gone_then_treated(patient, treatment, by, day=1, *, booked_for=0):
    """A look in the morning finds it gone, and a mesotherapy is booked for that day or another."""
    bruise = make_side_effect(patient=patient, by=by, now=at(day + 5))
    look = make_review(side_effect=bruise, finding="gone", by=by, note="Nothing left to see", now=at(day, 9))
    visit = make_appointment(
        patient=patient,
        treatment=treatment,
        practitioner=by,
        by=by,
        starts_at=at(day - booked_for, 14),
        now=at(day, 10),
    )
    return look, visit


def merged(kept, by, number=""):
    other = make_patient(by, f"Amara{number}", "Okafor-Bell")
    return merge_patients(kept=kept, merged=other, by=by, now=at(1, 7))


def rows(staff):
    return shown(unusual(staff))


def kinds(staff) -> list[str]:
    return [row.kind for row in rows(staff)]


@pytest.fixture
def one_of_each(amara, jonas, mesotherapy, rosa, reception):
    ada, ben = (make_patient(reception, name, "Moss") for name in ("Ada", "Ben"))
    merge = merged(amara, reception)
    bruise_in_error(amara, rosa, 5)
    session_in_error(ben, mesotherapy, rosa, 3)
    gone_then_treated(jonas, mesotherapy, rosa, 2)
    deviation(ada, mesotherapy, rosa, 1)
    return merge


# --- What is on it ------------------------------------------------------------------------------------------------------------


def test_every_kind_is_there_newest_first_with_who_and_why(one_of_each, manager):
    page = browser(manager).get(LIST)

    assert [row.kind for row in page.context["rows"]] == [
        "deviation", "merge", "gone-same-day", "session-error", "bruise-error",
    ]  # fmt: skip
    read = words(page)
    for sentence in (
        "decided by Rosa Lind; written down by Rosa Lind.",
        "Flown in for the day.",
        "What stood against it: No skin check was attested before it.",
        "Bruising entered in error",
        "Entered under the wrong name",
        "Found gone by Rosa Lind; mesotherapy the same day at 14:00 with Rosa Lind.",
        "Nothing left to see",
        "entered in error by Rosa Lind. It was Jonas",
        f"Record {one_of_each.merged.number} was merged into this one by Ida Berg.",
    ):
        assert sentence in read


def test_each_row_leads_to_what_it_speaks_of(amara, jonas, mesotherapy, rosa, manager):
    found, entered = deviation(jonas, mesotherapy, rosa), bruise_in_error(amara, rosa)

    page = browser(manager).get(LIST)

    assert links(page, "session", found.appointment.session.pk)
    assert links(page, "side-effect", entered.pk)
    assert links(page, "chart", amara.pk)


def test_nothing_unusual_is_said_so(manager, amara):
    page = browser(manager).get(LIST)

    assert page.status_code == 200
    assert "Nothing unusual in the last 90 days." in words(page)


def test_what_is_usual_is_not_on_it(amara, jonas, mesotherapy, rosa, manager):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=at(9))
    make_gone(make_side_effect(patient=amara, by=rosa, now=at(8)), rosa, now=at(1))
    gone_then_treated(jonas, mesotherapy, rosa, 1, booked_for=1)

    assert rows(manager) == []


@pytest.mark.parametrize(("kind", "listed"), [("bruising", True), ("infection", True), ("swelling", False)])
def test_what_blocks_and_was_entered_in_error_is_on_it_and_no_other_kind(kind, listed, amara, rosa, manager):
    bruise_in_error(amara, rosa, kind=kind)

    assert kinds(manager) == (["bruise-error"] if listed else [])


def test_gone_by_a_look_after_the_mesotherapy_made_nothing_possible(amara, mesotherapy, rosa, manager):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=at(1, 10))
    bruise = make_side_effect(patient=amara, by=rosa, session=session, now=at(1, 11))
    make_gone(bruise, rosa, now=at(1, 12))

    assert rows(manager) == []


def test_gone_and_started_on_one_day_stays_on_it(amara, mesotherapy, rosa, manager):
    _, visit = gone_then_treated(amara, mesotherapy, rosa)
    session = start_session(appointment=visit, skin_check="no-bruising-seen", by=rosa, now=at(1, 14))
    finish_session(session=session, by=rosa, now=at(1, 15))

    assert kinds(manager) == ["gone-same-day"]


def test_gone_on_the_day_of_a_review_only_is_usual(amara, bruise_review, rosa, manager):
    gone_then_treated(amara, bruise_review, rosa)

    assert rows(manager) == []


def test_an_undone_merge_says_by_whom(amara, manager, rosa, reception):
    undo_merge(merge=merged(amara, reception), by=rosa, now=at(0, 0))

    assert "undone" in words(browser(manager).get(LIST))
    assert "by Rosa Lind." in words(browser(manager).get(LIST))


# --- Which of them --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_alone(kind, one_of_each, manager):
    page = browser(manager).get(LIST, {"kind": kind})

    assert [row.kind for row in page.context["rows"]] == [kind]


@pytest.mark.parametrize(
    ("since", "until", "listed"),
    [
        (2, 2, ["gone-same-day"]),
        (3, 2, ["gone-same-day", "session-error"]),
        (2, None, ["deviation", "merge", "gone-same-day"]),
        (None, 3, ["session-error", "bruise-error"]),
        (4, 4, []),
    ],
)
def test_from_a_day_until_a_day_both_included(since, until, listed, one_of_each, manager):
    asked = {name: f"{at(day):%Y-%m-%d}" for name, day in (("since", since), ("until", until)) if day is not None}

    page = browser(manager).get(LIST, asked)

    assert [row.kind for row in page.context["rows"]] == listed
    assert ("Nothing of this kind on those days." in words(page)) == (not listed)


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"kind": "odd"}, "Choose one of the kinds."),
        ({"since": "yesterday"}, "That is not a day of the calendar."),
        ({"since": "2026-11-03", "until": "2026-11-02"}, "The last day comes before the first."),
    ],
)
def test_what_cannot_be_asked_is_said(asked, sentence, one_of_each, manager):
    answer = browser(manager).get(LIST, asked)

    assert answer.status_code == 422
    assert sentence in words(answer)


def test_a_second_page_holds_the_rest(amara, rosa, manager):
    for minute in range(51):
        found = make_side_effect(patient=amara, by=rosa, now=at(3))
        enter_in_error(side_effect=found, reason=f"slip {minute}", by=rosa, now=at(2) + dt.timedelta(minutes=minute))

    first, second = (browser(manager).get(LIST, {"kind": "bruise-error", "page": page}) for page in (1, 2))

    assert ("Newer" in words(first), "Older" in words(first)) == (False, True)
    assert [row.reason for row in first.context["rows"]][:1] == ["slip 50"]
    assert [row.reason for row in second.context["rows"]] == ["slip 0"]
    assert "?kind=bruise-error&amp;page=2" in first.content.decode()
    assert ("Newer" in words(second), "Older" in words(second)) == (True, False)
    assert browser(manager).get(LIST, {"page": "99"}).status_code == 200
    assert browser(manager).get(LIST, {"page": "x"}).status_code == 200


def test_who_names_no_days_is_shown_the_last_90_and_can_ask_for_any(amara, jonas, rosa, manager):
    bruise_in_error(amara, rosa, 89)
    bruise_in_error(jonas, rosa, 91)
    client = browser(manager)

    lately, ever = client.get(LIST, {"kind": "bruise-error"}), client.get(LIST, {"kind": "bruise-error", "period": ""})

    assert [row.given_name for row in lately.context["rows"]] == ["Amara"]
    assert 'href="?kind=bruise-error&amp;period="' in lately.content.decode()
    assert [row.given_name for row in ever.context["rows"]] == ["Amara", "Jonas"]


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
@pytest.mark.parametrize(("hours", "listed"), [((0, 23), ["gone-same-day"]), ((0, 24), [])])
def test_the_day_is_the_calendars_also_when_the_clocks_change(day, hours, listed, amara, mesotherapy, rosa, manager):
    """From midnight to eleven at night there are 22 hours on one of them and 24 on the other."""
    looked, treated = (
        dt.datetime.combine(day + dt.timedelta(days=hour // 24), dt.time(hour % 24), LONDON) for hour in hours
    )
    bruise = make_side_effect(patient=amara, by=rosa, now=looked - dt.timedelta(days=3))
    make_review(side_effect=bruise, finding="gone", by=rosa, now=looked)
    make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa, starts_at=treated, now=looked)

    assert kinds(manager) == listed


# --- For whom ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["rosa", "reception", "superuser"])
def test_only_managers_read_it(person, one_of_each, request):
    staff = request.getfixturevalue(person)

    assert browser(staff).get(LIST).status_code == 403
    assert rows(staff) == []
    assert not links(browser(staff).get("/"), "unusual")


def test_a_manager_is_led_to_it_and_nothing_is_changed_by_it(manager):
    assert links(browser(manager).get("/"), "unusual")
    assert browser(manager).post(LIST).status_code == 405


@pytest.mark.parametrize("times", [1, 3])
def test_it_asks_the_same_at_one_row_and_at_three_of_each(times, mesotherapy, rosa, manager, reception):
    for number in range(times):
        people = [make_patient(reception, f"Given{number}{one}", "Moss") for one in range(4)]
        bruise_in_error(people[0], rosa, 5 + number)
        session_in_error(people[1], mesotherapy, rosa, 3 + 10 * number)
        deviation(people[3], mesotherapy, rosa, 2 + 10 * number)
        gone_then_treated(people[2], mesotherapy, rosa, 1 + 10 * number)
        merged(people[0], reception, str(number))

    client = browser(manager)
    assert len(rows(manager)) == 5 * times
    assert statements(client, LIST) == LIST_STATEMENTS
