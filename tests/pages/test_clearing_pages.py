"""Time to clear and the watch as pages: what each says with nothing, a few, all open, and enough; and who may read them."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from tests.pages.desk import signed_in, statements, words
from tests.treatments.figured_bruises import at, bruise
from treatments.figures.clearing import rebuild_clearing
from treatments.figures.clearing_pages import TIME_TO_CLEAR
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


def test_the_table_of_the_watch_gives_the_whole_line(manager, site):
    line = [[f"2026-11-{1 + number // 10:02}", number % 2, number] for number in range(30)]
    WatchFigure.objects.create(
        site=site, kind="bruising", baseline_sessions=200, baseline_with=20, adds=6, takes=1, limit=37,
        called_by_chance=2140, called_if_doubled=102, sessions=30, line=line,
    )  # fmt: skip

    [watched] = signed_in(manager).get(WATCH).context["watched"]

    assert [total for _, _, total in watched.newest] == list(range(29, -1, -1))


def test_the_file_holds_the_site_and_severity_that_are_chosen(manager):
    for site in ("", "thigh"):
        for severity in (0, 2):
            figure(site, severity)

    def rows(asked: str) -> list[tuple[str, str]]:
        query = QueryDict(asked)
        found = [(row[0], row[1]) for row in TIME_TO_CLEAR.rows(manager, query)]
        assert TIME_TO_CLEAR.count(manager, query) == len(found)
        return found

    every = [("All sites", "All"), ("All sites", "Moderate"), ("Thigh", "All"), ("Thigh", "Moderate")]
    assert rows("") == every
    assert rows("site=thigh&severity=") == every[2:]
    assert rows("site=thigh&severity=2") == every[3:]
    assert rows("site=face") == []
    assert TIME_TO_CLEAR.filter_words(manager, QueryDict("site=thigh&severity=2")) == "Thigh, moderate"


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
