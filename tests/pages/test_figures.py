"""Figures: rates with their n, their interval and how many were followed up; the funnel; and nobody ranked."""

import csv
import datetime as dt
import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.leaving import deactivate_staff
from clinic.models import Site, Staff
from tests.factories import make_lot, make_practitioner, make_staff
from tests.pages.desk import signed_in, statements, words
from tests.treatments.figured import logged, someone, treat
from treatments.figures.keeping import rebuild
from treatments.figures.statistics import funnel_limits
from treatments.models import MonthFigure

NOW = timezone.now()


def counted() -> None:
    rebuild(NOW)


def sessions(count: int, bruised: int, reception, practitioner, treatment, *, start: int = 0, **more) -> None:
    """So many sessions of somebody new each, of which the first ones bruise."""
    for number in range(count):
        at = NOW - dt.timedelta(days=30 + number // 20, hours=number % 20)
        session = treat(someone(reception, start + number), practitioner, treatment, at, **more)
        if number < bruised:
            logged(session, "bruising", practitioner)


def rates(response) -> dict[str, tuple[int, int, bool]]:
    return {
        one.row.name: (one.row.rate.having, one.row.rate.sessions, one.bar is not None)
        for one in response.context["rows"]
    }


def test_a_clinic_without_a_session_says_so(manager):
    response = signed_in(manager).get("/figures/")

    assert response.status_code == 200
    assert "No mesotherapy session of these months is on record." in words(response)
    assert "Nothing has been counted yet" in words(response)


def test_one_session_is_a_number_and_no_rate(reception, rosa, mesotherapy, manager):
    sessions(1, 1, reception, rosa, mesotherapy)
    counted()

    said = words(signed_in(manager).get("/figures/?by=treatment"))

    assert "of 1: too few for a rate" in said
    assert "1 of 1 – under 20 sessions 1" in said
    # Of so few no part of a hundred at all: not of those who were followed up either.
    assert "Followed up 1 1 of 1 sessions" in said
    assert "100 %" not in said


def test_from_twenty_on_there_is_a_rate_with_its_interval(reception, rosa, mesotherapy, manager):
    sessions(20, 3, reception, rosa, mesotherapy)
    counted()

    response = signed_in(manager).get("/figures/?by=treatment")

    assert rates(response) == {"Mesotherapy": (3, 20, True)}
    said = words(response)
    assert "15.0 of 100" in said
    assert "5.2–36.0, 95 % interval; 3 of 20" in said  # by hand: Wilson, 3 of 20
    # Beside every rate how many were followed up: those with a bruise were.
    assert "3 of 20 sessions: somebody looked or asked" in said


@pytest.mark.parametrize(
    ("by", "names"),
    [
        ("month", None),
        ("treatment", {"Mesotherapy"}),
        ("product", {"Lipostab"}),
        ("lot", {"Lipostab, lot L2209-B"}),
        ("body-site", {"Thigh"}),
        ("site", {"High Street"}),
    ],
)
def test_they_are_divided_by_what_is_chosen(by, names, reception, rosa, mesotherapy, manager):
    lot = make_lot(reception if reception.may("receive-lots") else rosa, number="L2209-B")
    sessions(2, 1, reception, rosa, mesotherapy, sites=["thigh"], lots=[lot])
    counted()

    response = signed_in(manager).get(f"/figures/?by={by}")

    assert response.status_code == 200
    if names:
        assert set(rates(response)) == names
        assert sum(count for _, count, _ in rates(response).values()) == 2


def test_another_kind_is_another_rate(reception, rosa, mesotherapy, manager):
    sessions(2, 1, reception, rosa, mesotherapy)
    counted()

    assert rates(signed_in(manager).get("/figures/?by=treatment&kind=swelling")) == {"Mesotherapy": (0, 2, False)}


def test_ten_years_are_no_longer_than_the_records(reception, rosa, mesotherapy, manager):
    sessions(1, 0, reception, rosa, mesotherapy)
    counted()

    response = signed_in(manager).get("/figures/?since=2016-01")

    assert response.status_code == 200
    assert len(response.context["rows"]) <= 3


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [("since=soon", "Write a month as 2026-11."), ("since=2026-05&until=2026-04", "This is before the first month.")],
)
def test_what_is_no_month_is_said(asked, sentence, manager):
    response = signed_in(manager).get(f"/figures/?{asked}")

    assert response.status_code == 422
    assert sentence in words(response)


# --- Practitioners ----------------------------------------------------------------------------------------------------


@pytest.fixture
def three(reception, rosa, mesotherapy):
    """Zoe has most bruising and stands last; Ann least; Noor too few to be placed."""
    zoe, ann, noor = (make_practitioner(name) for name in ("Zoe Voss", "Ann Adler", "Noor Haddad"))
    sessions(40, 16, reception, zoe, mesotherapy)
    sessions(40, 2, reception, ann, mesotherapy, start=100)
    sessions(5, 3, reception, noor, mesotherapy, start=200)
    counted()
    return zoe, ann, noor


def test_they_stand_by_name_and_never_by_rate(three, manager):
    response = signed_in(manager).get("/figures/practitioners/")

    assert [one.row.name for one in response.context["placed"]] == ["Ann Adler", "Noor Haddad", "Zoe Voss"]
    said = words(response)
    assert "It is a question, not a verdict." in said
    assert "3 of 5 – – – under 20 sessions" in said


def test_who_lies_outside_the_limits_is_marked_and_the_drawing_says_the_same(three, manager):
    response = signed_in(manager).get("/figures/practitioners/")

    where = {one.row.name: one.where for one in response.context["placed"]}
    assert where["Zoe Voss"] == "outside the 95 % limits"
    assert where["Noor Haddad"] == ""
    drawn = response.context["plot"]
    assert {point.label for point in drawn.points} == {"Ann Adler", "Zoe Voss"}
    assert 'role="img"' in response.content.decode()


def test_both_pairs_of_limits_stand_in_the_table_and_in_the_file(three, manager):
    client = signed_in(manager)
    ann = next(one for one in client.get("/figures/practitioners/").context["placed"] if one.row.name == "Ann Adler")
    limits = funnel_limits(21 / 85, 40)

    response = client.post("/exports/start/figures-practitioners/", {"format": "csv", "query": ""})

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    columns, clinic, *rows = [row for row in csv.reader(io.StringIO(text)) if not row[0].startswith("#")]
    at = columns.index("95 % limits from")
    assert columns[at : at + 4] == ["95 % limits from", "95 % limits to", "99.8 % limits from", "99.8 % limits to"]
    of = limits.lower, limits.upper, limits.lower_outer, limits.upper_outer
    assert [float(cell) for cell in rows[0][at : at + 4]] == [round(100 * one, 2) for one in of]
    assert clinic[at : at + 4] == rows[1][at : at + 4] == [""] * 4  # nobody's, and of too few
    outer = f"{ann.lower_outer_per_100:.1f}–{ann.upper_outer_per_100:.1f}"
    assert f"{ann.lower_per_100:.1f}–{ann.upper_per_100:.1f} {outer}" in words(client.get("/figures/practitioners/"))


def test_a_closed_site_stands_there_with_its_past_sessions_and_says_so(reception, rosa, mesotherapy, site, manager):
    sessions(2, 1, reception, rosa, mesotherapy)
    counted()
    Site.objects.filter(pk=site.pk).update(is_active=False)
    client = signed_in(manager)

    figures = client.get("/figures/?by=site")
    records = client.get(f"/records/?site={site.pk}")

    assert rates(figures) == {"High Street": (1, 2, False)}
    assert "High Street closed 1 of 2" in words(figures)
    assert "High Street (closed)" in words(records)
    assert len(records.context["rows"]) == 2


def test_somebody_who_left_is_there_and_says_so(three, manager):
    zoe = three[0]
    deactivate_staff(staff=zoe, reason="Left.", by=make_staff("manager", name="Una"))

    assert "Zoe Voss no longer here" in words(signed_in(manager).get("/figures/practitioners/"))


@pytest.mark.parametrize("who", ["reception", "rosa"])
@pytest.mark.parametrize(
    "address", ["/figures/", "/figures/practitioners/", "/figures/time-to-clear/", "/figures/watch/"]
)
def test_they_are_the_managers(who, address, request):
    assert signed_in(request.getfixturevalue(who)).get(address).status_code == 403


def test_the_file_holds_what_the_page_shows(reception, rosa, mesotherapy, manager):
    sessions(20, 3, reception, rosa, mesotherapy)
    counted()

    response = signed_in(manager).post("/exports/start/figures/", {"format": "csv", "query": "by=treatment"})

    text = b"".join(response.streaming_content).decode("utf-8-sig")
    rows = [row for row in csv.reader(io.StringIO(text)) if not row[0].startswith("#")]
    assert rows[-1] == ["Mesotherapy", "", "20", "3", "15.0", "5.24", "36.04", "3", "15.0"]
    assert "Bruising by treatment" in text


def test_the_pages_ask_the_same_however_many_sessions_there_are(reception, rosa, mesotherapy, manager):
    client = signed_in(manager)
    counts = []
    for start in (0, 50):
        sessions(3, 1, reception, rosa, mesotherapy, start=start)
        counted()
        asked_of = []
        for address in ("/figures/?by=lot", "/figures/", "/figures/practitioners/"):
            with statements() as asked:
                client.get(address)
            asked_of.append(len(asked))
        counts.append(asked_of)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 14


# --- Kept up with the records -----------------------------------------------------------------------------------------


def test_the_command_says_when_a_figure_does_not_agree_with_the_records(reception, rosa, mesotherapy, capsys):
    sessions(2, 1, reception, rosa, mesotherapy)
    call_command("rebuild_figures")
    call_command("check_figures")

    MonthFigure.objects.filter(divided="all", sessions__gt=0).update(bruising=7)

    with pytest.raises(CommandError, match="differ from the records"):
        call_command("check_figures")
    assert "bruising 7" in capsys.readouterr().out
    call_command("rebuild_figures")
    call_command("check_figures")


def test_nobody_is_counted_whose_staff_row_is_unknown(reception, rosa, mesotherapy, manager):
    sessions(1, 0, reception, rosa, mesotherapy)
    counted()
    MonthFigure.objects.filter(divided="practitioner").update(value="00000000-0000-4000-8000-000000000000")

    assert Staff.objects.filter(name="Not known any more").count() == 0
    assert "Not known any more" in words(signed_in(manager).get("/figures/practitioners/"))
