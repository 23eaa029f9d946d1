"""What the source expects of a side effect stands beside how long it has lasted here, and is never dressed up."""

import datetime as dt

import pytest

from tests.factories import NOW, make_gone, make_review, make_side_effect, on
from treatments.course import course_of
from treatments.episode import episode_of
from treatments.side_effects import enter_in_error, report_side_effect
from treatments.worklists import review_due


def course(side_effect, now):
    return episode_of(side_effect, now=now).course


def days_after(days):
    return NOW + dt.timedelta(days=days)


@pytest.fixture
def of(amara, rosa):
    """of(kind) began, was seen and was logged at NOW."""
    return lambda kind, **more: make_side_effect(patient=amara, by=rosa, kind=kind, onset_on=NOW.date(), **more)


# --- Expected, and here ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "last_day", "expected"),
    [
        ("itching", 1, "Source: itching should last less than a day."),
        (
            "swelling",
            2,
            "Source: small, raised bumps, not painful to touch, that should subside within a couple of days.",
        ),
        ("numbness", 14, "Source: numbness should ease within the two weeks after the procedure."),
    ],
)
def test_longer_than_the_source_expects_is_said_only_once_it_is(kind, last_day, expected, of):
    side_effect = of(kind)

    within, beyond = (course(side_effect, days_after(days)) for days in (last_day, last_day + 1))

    assert (within.expected, within.actual, within.is_longer) == (expected, f"Open on day {last_day}.", False)
    assert (beyond.actual, beyond.is_longer) == (f"Open on day {last_day + 1}.", True)
    assert f"expected by the source until day {last_day}" in beyond.words


def test_a_bruise_has_no_number_of_days(of):
    bruise = of("bruising")

    for days in (0, 1, 40, 400):
        found = course(bruise, days_after(days))
        assert found.expected == "The source gives bruising no number of days: it is reviewed until it is gone."
        assert (found.is_longer, "expected" in found.words, "expected" in found.marks) == (False, False, False)


@pytest.mark.parametrize("kind", ["pain", "irritation", "infection", "other"])
def test_where_the_source_is_silent_the_page_says_so(kind, of):
    found = course(of(kind), days_after(90))

    assert (found.expected, found.is_longer) == ("The source says nothing of how long this lasts.", False)


def test_burning_is_short_term_in_the_sources_words_without_a_number(of):
    found = course(of("burning"), days_after(3))

    assert found.expected.startswith("Source: a relatively common, short-term side effect during the treatment")
    assert not found.is_longer


def test_found_gone_it_lasted_until_that_look_and_no_longer(of, rosa):
    swelling = of("swelling")
    make_gone(swelling, rosa, now=days_after(2))

    found = course(swelling, days_after(60))

    assert (found.actual, found.is_longer, found.is_due) == ("Found gone after 2 days.", False, False)
    assert len(found.marks) == 2


def test_gone_too_late_is_still_longer_than_expected_and_the_same_day_is_not(of, amara, rosa):
    late, soon = of("swelling", site="thigh"), of("swelling", site="calf")
    make_gone(late, rosa, now=days_after(3))
    make_gone(soon, rosa, now=on(2, 17))

    assert (course(late, days_after(9)).actual, course(late, days_after(9)).is_longer) == (
        "Found gone after 3 days.",
        True,
    )
    assert course(soon, days_after(9)).actual == "Found gone the same day."


@pytest.mark.parametrize(
    ("told", "actual"),
    [
        ({"onset_on": NOW.date(), "onset_is_about": True}, "Open on about day 5."),
        ({"onset_on": None}, "Open on day 5 since it was entered."),
    ],
)
def test_how_surely_the_days_are_known_is_said(told, actual, amara, rosa):
    side_effect = make_side_effect(patient=amara, by=rosa, kind="numbness", **told)

    assert course(side_effect, days_after(5)).actual == actual


def test_an_entry_in_error_lasted_no_days(of, rosa):
    wrong = of("swelling")
    enter_in_error(side_effect=wrong, reason="Wrong chart", by=rosa, now=NOW)

    assert course(wrong, days_after(9)).actual == ""


# --- Marks ----------------------------------------------------------------------------------------------------------------


def test_a_mark_a_day_with_its_looks_what_is_due_and_what_the_source_still_expects(of, rosa):
    numb = of("numbness")
    make_review(side_effect=numb, by=rosa, now=days_after(2))

    found = course(numb, days_after(4))

    # Looked at on day 2, the next look is due two weeks after that.
    assert found.marks == ["on", "look", "on", "on", *["expected"] * 10, "", "due"]
    assert found.due == days_after(16).date()


def test_sizes_compare_only_where_they_were_measured_in_the_same_way(of, rosa):
    bruise = of("bruising")
    for day, size, method in ((1, 30, "ruler"), (2, 25, "estimate"), (3, 20, "ruler"), (4, None, "")):
        make_review(side_effect=bruise, by=rosa, size_mm=size, size_method=method, now=days_after(day))

    looks = episode_of(bruise, now=days_after(5)).looks

    assert [(look.day, look.change, look.widest) for look in looks] == [
        (4, "", 0),
        (3, "10 mm less than on 3 Nov", 30),
        (2, "measured in another way than before, so not compared", 0),
        (1, "", 30),
    ]


# --- Overdue --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "more", "due_after"),
    [
        ("itching", {}, 1),
        ("swelling", {}, 2),
        ("swelling", {"painful_to_touch": True}, 0),
        ("numbness", {}, 14),
        ("bruising", {}, 7),
        ("bruising", {"seen": False}, 2),
        ("infection", {}, 0),
    ],
)
def test_what_the_course_calls_due_is_on_review_due_that_day_and_not_before(kind, more, due_after, of):
    side_effect = of(kind, **more)

    for days in range(due_after + 2):
        now = days_after(days)
        asked = [row.side_effect for row in review_due(now)]
        assert course(side_effect, now).is_due == (side_effect in asked) == (days >= due_after)
    assert course(side_effect, days_after(due_after)).is_due_today
    assert not course(side_effect, days_after(due_after + 1)).is_due_today


# --- Seen again -----------------------------------------------------------------------------------------------------------


def test_seen_again_old_and_new_name_each_other_and_the_days_begin_anew(of, amara, rosa):
    old = of("bruising")
    make_gone(old, rosa, now=days_after(10))
    old.refresh_from_db()

    new = report_side_effect(
        patient=amara, kind="bruising", reopens=old, onset_on=days_after(12).date(), by=rosa, now=days_after(12)
    )

    assert episode_of(old).reopened_as == [new]
    assert episode_of(new).side_effect.reopens == old
    assert course(old, days_after(20)).actual == "Found gone after 10 days."
    assert course(new, days_after(20)).actual == "Open on day 8."


def test_a_course_without_a_look_or_a_photo_is_a_course(of):
    bare = type(of("pain")).objects.with_last_look().get()

    found = course_of(bare, [], [], today=NOW.date())

    assert (found.day, found.reviews, found.pictures) == (0, [], [])
    assert found.words == "Day 0; next look due 4 Nov"
