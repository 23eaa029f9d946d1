"""Time to clear and the watch as pages: what each says with nothing, a few, all open, and enough; and who may read them."""

import pytest
from django.urls import reverse

from tests.pages.desk import signed_in, statements, words
from tests.treatments.figured_bruises import at, bruise
from treatments.figures.clearing import rebuild_clearing
from treatments.figures.cusum import watch
from treatments.models import ClearingFigure, WatchFigure

pytestmark = pytest.mark.django_db
PAGE, WATCH = "/figures/time-to-clear/", "/figures/watch/"


def figure(site: str = "", severity: int = 0, **more: object) -> ClearingFigure:
    """Half of 214 were gone between day 7 and day 9."""
    known = {"bruises": 214, "gone": 200, "half_by_day": 9, "left_out": 3, "counted_at": at(1)} | more
    known.setdefault("curve", [[2, 5, 0.2], [7, 9, 0.6], [10, 14, 0.95], [14, None, 1.0]])
    return ClearingFigure.objects.create(body_site=site, severity=severity, **known)


def test_with_nothing_on_record_it_says_so(manager):
    rebuild_clearing()

    assert "No bruise of this kind that somebody saw while it was there is on record." in words(
        signed_in(manager).get(PAGE)
    )


def test_one_bruise_is_a_number_and_no_curve(manager, amara, rosa):
    bruise(amara, rosa, there=(2,), gone=5)
    rebuild_clearing()
    page = signed_in(manager).get(PAGE)

    assert "under 20 bruises, only the numbers are shown" in words(page)
    assert page.context["plot"] is None


def test_with_all_open_there_is_no_curve_and_it_says_so(manager):
    figure(bruises=25, gone=0, half_by_day=None, curve=[[3, None, 1.0]])
    page = signed_in(manager).get(PAGE)

    assert "All of them are still open, so there is no curve" in words(page)
    assert page.context["plot"] is None


def test_half_lies_between_two_looks(manager):
    figure("thigh", 1)
    page = signed_in(manager).get(PAGE, {"site": "thigh", "severity": "1"})

    assert "Half of them were gone between day 7 and day 9 of those recorded here" in words(page)
    assert "Turnbull’s estimate" in words(page)
    assert [(row.day, round(row.low), round(row.high)) for row in page.context["found"].by_day] == [
        (1, 0, 0), (2, 0, 0), (3, 0, 20), (5, 20, 20), (7, 20, 20), (9, 60, 60), (11, 60, 95), (14, 95, 95),
    ]  # fmt: skip


def test_a_site_that_does_not_exist_is_said_beside_its_field(manager):
    page = signed_in(manager).get(PAGE, {"site": "tail"})

    assert page.status_code == 422
    assert "tail is not one of the available choices." in words(page)


@pytest.mark.parametrize("address", [PAGE, WATCH])
def test_only_who_reads_figures_may(address, manager, rosa, reception):
    assert [signed_in(one).get(address).status_code for one in (manager, rosa, reception)] == [200, 403, 403]
    assert {reverse("time-to-clear"), reverse("figures-watch")} == {PAGE, WATCH}


def test_the_watch_says_how_far_it_is_from_its_beginning(manager, site):
    watch(at(1))

    assert "No sum yet: it begins once the clinic’s own rate is known from its first sessions. 0 of them" in words(
        signed_in(manager).get(WATCH)
    )


def test_the_watch_says_how_often_it_would_be_called_by_chance(manager, site):
    WatchFigure.objects.create(
        site=site, kind="bruising", baseline_sessions=200, baseline_with=20, adds=6, takes=1, limit=37,
        called_by_chance=2140, called_if_doubled=102, sessions=2, line=[["2026-11-02", 1, 6], ["2026-11-03", 0, 5]],
    )  # fmt: skip
    page = signed_in(manager).get(WATCH)

    assert "the limit is reached by chance about once in 2140 sessions" in words(page)
    assert page.context["watched"][0].plot is not None


def test_their_statements_do_not_grow(manager, site):
    client = signed_in(manager)
    figure()
    client.get(PAGE)
    with statements() as one:
        client.get(PAGE)
    figure("thigh")
    figure("face")
    with statements() as three:
        client.get(PAGE)
    assert len(three) == len(one)
