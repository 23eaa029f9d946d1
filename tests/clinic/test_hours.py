"""Who is there when: weekly hours, breaks, absences, closed days, and days of 23 and 25 hours."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.hours import Hours
from clinic.models import Absence, ClosedDay, Site, Staff, WorkingHours
from tests.factories import LONDON, make_practitioner, on

MONDAY, TUESDAY, SUNDAY = dt.date(2026, 11, 2), dt.date(2026, 11, 3), dt.date(2026, 11, 8)


@pytest.fixture
def high_street(records) -> Site:
    return Site.objects.create(name="High Street", opens_at=dt.time(8), closes_at=dt.time(20))


@pytest.fixture
def harbour(records) -> Site:
    return Site.objects.create(name="Harbour", opens_at=dt.time(8), closes_at=dt.time(20))


@pytest.fixture
def rosa(high_street) -> Staff:
    return make_practitioner("Rosa Lind", site=high_street)


def works(staff: Staff, site: Site, day: dt.date, begins: str, ends: str, **valid: dt.date) -> WorkingHours:
    times = {"starts_at": dt.time.fromisoformat(begins), "ends_at": dt.time.fromisoformat(ends)}
    return WorkingHours.objects.create(staff=staff, site=site, weekday=day.weekday(), **times, **valid)


def absent(staff: Staff, begins: dt.datetime, ends: dt.datetime) -> Absence:
    return Absence.objects.create(staff=staff, starts_at=begins, ends_at=ends, created_by=staff)


def there(staff: Staff, day: dt.date, site: Site | None = None, zone: ZoneInfo = LONDON) -> list[str]:
    """“09:00–13:00” for each stretch in which they can be booked, on the site's clock."""
    openings = Hours.load([staff], day, day).openings(staff, day, site.pk if site else None)
    return [f"{one.starts_at.astimezone(zone):%H:%M}–{one.ends_at.astimezone(zone):%H:%M}" for one in openings]


def why_not(staff: Staff, begins: dt.datetime, minutes: int = 60, site: Site | None = None) -> str:
    """“code: sentence”, "" when they can be booked."""
    hours = Hours.load([staff], begins.date(), begins.date())
    found = hours.blockers(staff, begins, begins + dt.timedelta(minutes=minutes), site=site.pk if site else None)
    return "; ".join(f"{one.code}: {one.message}" for one in found)


# --- When ------------------------------------------------------------------------------------------------------------


def test_hours_hold_on_their_weekday_only(rosa, high_street):
    works(rosa, high_street, MONDAY, "09:00", "17:00")

    assert there(rosa, MONDAY) == ["09:00–17:00"]
    assert there(rosa, MONDAY + dt.timedelta(days=7)) == ["09:00–17:00"]
    assert there(rosa, TUESDAY) == []


def test_a_break_is_the_gap_between_two_stretches(rosa, high_street):
    works(rosa, high_street, MONDAY, "13:45", "17:00")
    works(rosa, high_street, MONDAY, "09:00", "13:00")

    assert there(rosa, MONDAY) == ["09:00–13:00", "13:45–17:00"]


def test_hours_hold_from_their_first_day_to_their_last(rosa, high_street):
    week = dt.timedelta(days=7)
    works(rosa, high_street, MONDAY, "09:00", "12:00", valid_until=MONDAY)
    works(rosa, high_street, MONDAY, "10:00", "15:00", valid_from=MONDAY + week, valid_until=MONDAY + 2 * week)

    found = [there(rosa, MONDAY + count * week) for count in range(-1, 4)]

    assert found == [["09:00–12:00"], ["09:00–12:00"], ["10:00–15:00"], ["10:00–15:00"], []]


@pytest.mark.parametrize(
    "begins, ends, left",
    [
        (on(2, 11), on(2, 12), ["09:00–11:00", "12:00–17:00"]),
        (on(2, 8), on(2, 10), ["10:00–17:00"]),
        (on(2, 16), on(3, 9), ["09:00–16:00"]),
        (on(1, 0), on(4, 0), []),
        (on(2, 17), on(2, 18), ["09:00–17:00"]),
        (on(2, 8), on(2, 9), ["09:00–17:00"]),
    ],
)
def test_an_absence_cuts_a_day_in_pieces(begins, ends, left, rosa, high_street):
    works(rosa, high_street, MONDAY, "09:00", "17:00")
    absent(rosa, begins, ends)

    assert there(rosa, MONDAY) == left


def test_two_absences_that_overlap_cut_it_once(rosa, high_street):
    works(rosa, high_street, MONDAY, "09:00", "17:00")
    absent(rosa, on(2, 10), on(2, 13))
    absent(rosa, on(2, 12), on(2, 14))

    assert there(rosa, MONDAY) == ["09:00–10:00", "14:00–17:00"]


def test_another_persons_absence_and_hours_are_theirs(rosa, high_street):
    nia = make_practitioner("Nia Cole", site=high_street)
    works(nia, high_street, TUESDAY, "09:00", "10:00")
    works(rosa, high_street, MONDAY, "09:00", "17:00")
    absent(nia, on(2, 0), on(3, 0))

    assert there(rosa, MONDAY) == ["09:00–17:00"]


def test_a_closed_day_closes_one_site_and_not_the_other(rosa, high_street, harbour):
    works(rosa, high_street, MONDAY, "09:00", "12:00")
    works(rosa, harbour, MONDAY, "13:00", "17:00")
    ClosedDay.objects.create(site=high_street, day=MONDAY)

    assert there(rosa, MONDAY) == ["13:00–17:00"]
    assert there(rosa, MONDAY, high_street) == []
    assert there(rosa, MONDAY + dt.timedelta(days=7)) == ["09:00–12:00", "13:00–17:00"]


def test_without_hours_of_their_own_somebody_works_while_the_site_is_open(rosa, high_street, harbour):
    assert there(rosa, SUNDAY) == ["08:00–20:00"]
    assert there(rosa, SUNDAY, harbour) == ["08:00–20:00"]


def test_one_row_of_their_own_ends_that(rosa, high_street, harbour):
    works(rosa, high_street, MONDAY, "09:00", "17:00")

    assert there(rosa, SUNDAY) == []
    assert there(rosa, MONDAY, harbour) == []


def test_a_site_out_of_use_opens_for_nobody(rosa, high_street, harbour):
    works(rosa, harbour, MONDAY, "09:00", "17:00")
    harbour.is_active = False
    harbour.save()

    assert there(rosa, MONDAY, harbour) == []
    assert there(rosa, MONDAY) == []


@pytest.mark.parametrize("day, hours", [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25), (SUNDAY, 24)])
def test_a_day_on_which_the_clocks_change_is_as_long_as_it_is(day, hours, rosa, high_street):
    works(rosa, high_street, day, "00:00", "00:00")

    opening = Hours.load([rosa], day, day).openings(rosa, day)[0]

    assert opening.ends_at - opening.starts_at == dt.timedelta(hours=hours)


@pytest.mark.parametrize("day", [dt.date(2026, 3, 29), dt.date(2026, 10, 25)])
def test_nine_in_the_morning_is_nine_on_the_sites_clock_that_day_too(day, rosa, high_street):
    works(rosa, high_street, day, "09:00", "17:00")

    assert there(rosa, day) == ["09:00–17:00"]


def test_hours_are_on_the_clock_of_their_site(rosa):
    auckland = Site.objects.create(name="Auckland", time_zone="Pacific/Auckland")
    works(rosa, auckland, MONDAY, "09:00", "17:00")

    assert there(rosa, MONDAY, zone=ZoneInfo("Pacific/Auckland")) == ["09:00–17:00"]
    opening = Hours.load([rosa], MONDAY, MONDAY).openings(rosa, MONDAY)[0]
    assert opening.starts_at == dt.datetime(2026, 11, 1, 20, tzinfo=dt.UTC)


def test_an_evening_until_midnight_and_a_night_from_it_are_one_opening(rosa, high_street):
    works(rosa, high_street, MONDAY, "18:00", "00:00")
    works(rosa, high_street, TUESDAY, "00:00", "02:00")

    assert there(rosa, MONDAY) == ["18:00–00:00"]
    assert why_not(rosa, on(2, 23, 30)) == ""
    assert why_not(rosa, on(3, 1, 30)).startswith("outside-hours")


# --- Why not ---------------------------------------------------------------------------------------------------------


def test_within_the_hours_nothing_is_said_to_the_minute(rosa, high_street):
    works(rosa, high_street, MONDAY, "09:00", "17:00")

    assert why_not(rosa, on(2, 9)) == ""
    assert why_not(rosa, on(2, 16)) == ""


@pytest.mark.parametrize("begins", [on(2, 8, 59), on(2, 16, 1), on(2, 12, 30), on(2, 13), on(2, 20)])
def test_outside_them_the_hours_are_said(begins, rosa, high_street):
    works(rosa, high_street, MONDAY, "09:00", "13:00")
    works(rosa, high_street, MONDAY, "13:45", "17:00")

    assert why_not(rosa, begins) == "outside-hours: Rosa Lind works 09:00–13:00 and 13:45–17:00 on 2 Nov."


def test_on_a_day_without_hours_that_is_said(rosa, high_street, harbour):
    works(rosa, high_street, MONDAY, "09:00", "17:00")

    assert why_not(rosa, on(3, 10)) == "outside-hours: Rosa Lind does not work on 3 Nov."
    assert why_not(rosa, on(2, 10), site=harbour) == "outside-hours: Rosa Lind does not work at Harbour on 2 Nov."


def test_an_absence_is_said_where_it_matters(rosa, high_street):
    works(rosa, high_street, MONDAY, "09:00", "17:00")
    absent(rosa, on(2, 11), on(2, 12))

    assert why_not(rosa, on(2, 10, 30)) == "practitioner-absent: Rosa Lind is absent then."
    assert why_not(rosa, on(2, 10)) == ""
    assert why_not(rosa, on(2, 12)) == ""


def test_a_closed_day_is_said_with_its_reason(rosa, high_street):
    ClosedDay.objects.create(site=high_street, day=MONDAY, reason="burst pipe")
    ClosedDay.objects.create(site=high_street, day=TUESDAY)

    assert why_not(rosa, on(2, 10)) == "closed-day: High Street is closed on 2 Nov (burst pipe)."
    assert why_not(rosa, on(3, 10)) == "closed-day: High Street is closed on 3 Nov."
    assert why_not(rosa, on(4, 10)) == ""


def test_why_says_nothing_of_the_reason_of_an_absence(rosa, high_street):
    absence = absent(rosa, on(2, 11), on(2, 12))
    absence.reason = "dentist"
    absence.save()

    assert "dentist" not in why_not(rosa, on(2, 11))


# --- One statement ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("people", [1, 10])
def test_one_statement_however_many_people_and_days(people, rosa, high_street):
    staff = [rosa, *(make_practitioner(f"Hand {number}", site=high_street) for number in range(people - 1))]
    for one in staff:
        works(one, high_street, MONDAY, "09:00", "17:00")
        absent(one, on(2, 11), on(2, 12))
    ClosedDay.objects.create(site=high_street, day=TUESDAY)

    with CaptureQueriesContext(connection) as statements:
        hours = Hours.load(staff, MONDAY, MONDAY + dt.timedelta(days=60))
        found = [len(hours.openings(one, MONDAY)) for one in staff]

    assert (len(statements), found) == (1, [2] * people)
