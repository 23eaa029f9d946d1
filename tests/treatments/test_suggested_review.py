"""The day suggested for a review: only from enough bruises of that very site, never after the look is due, never a promise."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.pages.desk import signed_in, words
from tests.treatments.figured_bruises import DAY_0, bruise
from treatments.models import ClearingFigure
from treatments.next_looks import next_looks

pytestmark = pytest.mark.django_db
TODAY = DAY_0 + dt.timedelta(days=3)


@pytest.fixture(autouse=True)
def recorded(db) -> None:
    """All sites: half of 900 by day 4. Thigh: half of 214 by day 6. Face: nineteen."""
    for site, bruises, half in (("", 900, 4), ("thigh", 214, 6), ("face", 19, 5)):
        ClearingFigure.objects.create(
            body_site=site, bruises=bruises, gone=bruises, half_by_day=half, curve=[[half - 1, half, 1.0]]
        )


def suggested(patient, staff, today=TODAY):
    (look,) = next_looks(patient, staff, today=today)
    return look.suggested_on, look.suggestion


def test_a_practitioner_reads_the_site(amara, rosa):
    bruise(amara, rosa)

    assert suggested(amara, rosa) == (
        dt.date(2026, 9, 7),
        "Half of 214 bruises at the thigh recorded here were gone by day 6; for this one day 6 is 7 Sep. "
        "A review could be booked for then; whether it is gone, only a look tells.",
    )


def test_reception_reads_no_site(amara, rosa, reception):
    bruise(amara, rosa)
    on, said = suggested(amara, reception)

    assert on == dt.date(2026, 9, 7)
    assert said.startswith("Half of 214 bruises like this one recorded here were gone by day 6;")
    assert "thigh" not in said


@pytest.mark.parametrize("site", ["face", "knee", ""], ids=["nineteen", "none", "site not known"])
def test_too_few_of_the_site_suggest_nothing_and_no_other_site_stands_in(site, amara, rosa):
    bruise(amara, rosa, site=site)

    assert suggested(amara, rosa) == (None, "")


def test_it_is_never_later_than_the_look_is_due(amara, rosa):
    """Seen on day 0, so due on day 7; half were gone by day 8 only."""
    ClearingFigure.objects.filter(body_site="thigh").update(half_by_day=8)
    bruise(amara, rosa)
    on, said = suggested(amara, rosa)

    assert on is None
    assert said.endswith("The look is due before that, and stays so.")
    assert next_looks(amara, rosa, today=TODAY)[0].due == dt.date(2026, 9, 8)


def test_on_the_day_it_is_due_it_may_be(amara, rosa):
    ClearingFigure.objects.filter(body_site="thigh").update(half_by_day=7)
    bruise(amara, rosa)

    assert suggested(amara, rosa)[0] == dt.date(2026, 9, 8)


def test_once_the_day_has_passed_nothing_is_said(amara, rosa):
    bruise(amara, rosa)

    assert suggested(amara, rosa, today=dt.date(2026, 9, 7))[0] == dt.date(2026, 9, 7)
    assert suggested(amara, rosa, today=dt.date(2026, 9, 8)) == (None, "")


def test_nothing_before_somebody_has_seen_it(amara, jonas, rosa, reception):
    bruise(amara, reception)
    bruise(jonas, rosa)

    assert suggested(amara, rosa) == (None, "")
    assert suggested(jonas, rosa)[0] is not None


def test_where_half_is_not_reached_nothing_is_said(amara, rosa):
    ClearingFigure.objects.filter(body_site="thigh").update(half_by_day=None)
    bruise(amara, rosa)

    assert suggested(amara, rosa) == (None, "")


def test_it_costs_no_statement(amara, rosa, django_assert_num_queries):
    bruise(amara, rosa)
    rosa.may("read-clinical")
    with django_assert_num_queries(1):
        next_looks(amara, rosa, today=TODAY)


def test_the_refusal_shows_it_to_reception_with_the_times_of_that_day(
    amara, rosa, reception, mesotherapy, bruise_review
):
    today = timezone.localdate()
    bruise(amara, rosa, onset_on=today, seen=(today - DAY_0).days)
    page = signed_in(reception).get(f"/patients/{amara.pk}/book/", {"treatment": mesotherapy.pk})

    on = today + dt.timedelta(days=6)
    assert "Half of 214 bruises like this one recorded here were gone by day 6" in words(page)
    assert f'href="?treatment={bruise_review.pk}&amp;date={on.isoformat()}"' in page.content.decode()
