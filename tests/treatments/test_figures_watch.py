"""The watch out of the records: what is counted when, the clinic's own rate, and which crossing raises an alert, once."""

import datetime as dt

import pytest

from tests.factories import make_appointment, make_practitioner, make_room, make_session, make_site, on
from tests.treatments.figured import logged, someone
from treatments.alerts import acknowledge_alert
from treatments.figures.cusum import expected_rate, watch
from treatments.follow_ups import record_asked_none
from treatments.models import Alert, WatchFigure
from treatments.side_effects import enter_in_error

pytestmark = pytest.mark.django_db
LATER = on(1, month=12)


@pytest.fixture(autouse=True)
def small(settings) -> None:
    """A clinic that begins to watch after four sessions, and would rather be called too often."""
    settings.WATCH_BASELINE = 4
    settings.WATCH_CALLED_BY_CHANCE = 20


@pytest.fixture
def treat(reception, rosa, mesotherapy):
    """treat("00110…") treats somebody new each hour; 1 is followed by bruising, which is told of at once."""
    done = []

    def run(outcomes: str, *, day: int = 2):
        made = []
        for number, outcome in enumerate(outcomes):
            patient = someone(reception, len(done))
            at = on(day + number // 6, 8 + 2 * (number % 6))
            made.append(make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=at))
            done.append(made[-1])
            if outcome == "1":
                logged(made[-1], "bruising", rosa, days=1)
        return made

    return run


def kept(kind: str = "bruising") -> WatchFigure:
    return WatchFigure.objects.get(kind=kind)


def sums(kind: str = "bruising") -> list[int]:
    return [total for _, _, total in kept(kind).line]


def test_without_sessions_there_is_no_sum(site):
    assert watch(LATER) == []
    assert [(one.baseline_sessions, one.limit, one.line) for one in WatchFigure.objects.all()] == [(0, None, [])] * 2


def test_under_the_baseline_there_is_no_sum_and_it_says_how_many(treat):
    treat("100")
    watch(LATER)

    assert (kept().baseline_sessions, kept().baseline_with, kept().limit) == (3, 1, None)


def test_the_baseline_is_not_summed_and_what_comes_after_is(treat):
    treat("1000" + "0100")
    watch(LATER)
    figure = kept()

    assert (figure.baseline_sessions, figure.baseline_with, figure.sessions) == (4, 1, 4)
    # By hand: one of four is taken as 1.5 of 5; at 0.3 one with it adds 5, one without takes 3.
    assert expected_rate(4, 1) == pytest.approx(0.3)
    assert (figure.adds, figure.takes) == (5, 3)
    assert sums() == [0, 5, 2, 0]
    assert sums("infection") == [0, 0, 0, 0]


def test_a_session_counts_after_a_fortnight_or_once_somebody_asked(treat, reception):
    *_, last = treat("10000")
    day = last.started_at

    watch(day + dt.timedelta(days=13))
    assert (kept().baseline_sessions, kept().limit) == (1, None)
    record_asked_none(session=last, by=reception, now=day + dt.timedelta(days=3))
    watch(day + dt.timedelta(days=13, hours=23))
    assert (kept().baseline_sessions, kept().sessions) == (4, 1)


def test_a_sum_waits_at_the_first_outcome_that_is_not_known(treat):
    """The second of the newer ones has told of bruising; the first has told of nothing yet."""
    treat("1000")
    first, second = treat("01", day=20)

    watch(second.started_at + dt.timedelta(days=3))
    assert (kept().sessions, kept().not_known) == (0, 2)
    watch(first.started_at + dt.timedelta(days=14))
    assert (kept().sessions, kept().not_known) == (2, 0)


def test_at_the_limit_it_is_called_once_and_begins_again(treat):
    sessions = treat("1000" + "11110")
    (alert,) = watch(LATER)
    figure = kept()

    assert [total >= figure.limit for total in sums()].count(True) == len(figure.crossings) >= 1
    crossing = figure.crossings[-1]
    crossed = sessions[4 + crossing["number"] - 1]
    assert (alert.kind, alert.site) == ("bruising-up", crossed.appointment.site)
    assert alert.key == f"bruising-up:{alert.site.pk}:{crossed.pk}"
    assert alert.facts["session"] == str(crossed.pk)
    assert alert.reason.startswith(
        f"Bruising after {crossing['with']} of {crossing['of']} mesotherapy sessions in a row at High Street; "
        "among the clinic's first 4 it was 1."
    )
    assert watch(LATER) == []
    assert Alert.objects.count() == 1


def test_below_the_limit_nothing_is_called(treat):
    treat("1000" + "0010")

    assert watch(LATER) == []
    assert kept().crossings == []


def test_one_question_at_a_time(treat, manager):
    treat("1000" + "1111")
    (alert,) = watch(on(20))
    treat("1111", day=21)
    assert watch(on(20, month=12)) == []

    acknowledge_alert(alert=alert, remark="A new needle; the old one is back.", by=manager, now=on(20, month=12))
    (second,) = watch(on(21, month=12))
    assert second.facts["started_at"] > alert.facts["started_at"]
    assert watch(on(22, month=12)) == []


def test_an_old_crossing_and_a_closed_site_raise_nothing(treat, site):
    treat("1000" + "1111")
    assert watch(on(2) + dt.timedelta(weeks=13)) == []
    assert kept().crossings != []
    site.is_active = False
    site.save()

    assert watch(on(20)) == []


def test_what_is_entered_in_error_later_leaves_the_sum_and_not_the_alert(treat, rosa):
    sessions = treat("1000" + "1111")
    watch(LATER)
    for session in sessions[4:]:
        enter_in_error(side_effect=session.side_effects.get(), reason="Shadows", by=rosa, now=LATER)

    assert watch(LATER) == []
    assert sums() == [0, 0, 0, 0]
    assert Alert.objects.count() == 1


def test_the_day_from_which_it_is_counted(treat, settings):
    treat("1111")
    treat("0000", day=10)
    settings.WATCH_SINCE = dt.date(2026, 11, 10)
    watch(LATER)

    assert (kept().baseline_sessions, kept().baseline_with) == (4, 0)


def test_each_site_has_its_own_sum_from_the_clinics_rate(treat, mesotherapy, reception):
    treat("1000")
    there = make_practitioner("Bo Hale", site=make_site("Riverside"))
    room = make_room("Room 9", site=there.site)
    patient = someone(reception, 99)
    make_appointment(
        patient=patient, practitioner=there, treatment=mesotherapy, by=there, room=room, starts_at=on(12), now=on(11)
    )
    watch(LATER)

    assert [(one.site.name, one.sessions) for one in WatchFigure.objects.filter(kind="bruising")] == [
        ("High Street", 0),
        ("Riverside", 0),
    ]
    assert len({one.limit for one in WatchFigure.objects.filter(kind="bruising")}) == 1


def test_its_statements_do_not_grow_with_the_sessions(treat, django_assert_max_num_queries):
    treat("1000" + "0")
    with django_assert_max_num_queries(8):
        watch(LATER)
    treat("000", day=10)
    with django_assert_max_num_queries(8):
        watch(LATER)
