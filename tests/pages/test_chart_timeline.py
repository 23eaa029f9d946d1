"""The chart's timeline: what it tells, in which order, a page at a time, in how many statements."""

import datetime as dt

import pytest
from django.urls import reverse

from patients.registration import record_consent, withdraw_consent
from tests.factories import (
    make_appointment,
    make_consent,
    make_gone,
    make_review,
    make_session,
    make_side_effect,
)
from tests.pages.clinical import ago, ahead, browser, links, picture, statements, words
from treatments.booking import cancel_appointment
from treatments.models import Photo
from treatments.photos import add_photo
from treatments.side_effects import enter_in_error, record_none_seen
from treatments.timeline import timeline


def chart(patient) -> str:
    return reverse("chart", args=[patient.pk])


def test_the_timeline_tells_everything_newest_first(rosa, reception, amara, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(20))
    make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa, starts_at=ahead(9), now=ago(10))
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", note="As big as a coin", now=ago(9))
    make_gone(bruise, rosa, now=ago(4))
    wrong = make_side_effect(patient=amara, kind="pain", by=rosa, note="Somebody else's", now=ago(3))
    enter_in_error(side_effect=wrong, reason="Clicked the wrong line", by=rosa)
    record_none_seen(patient=amara, by=rosa, now=ago(2))
    consent = make_consent(amara, reception)
    withdraw_consent(consent=consent, by=reception)

    page = browser(rosa).get(chart(amara))

    told = [entry.what for entry in page.context["chart"].timeline.entries]
    assert told == [
        "consent-withdrawn",
        "consent",
        "side-effect-error",
        "skin-check",
        "side-effect",
        "review",
        "hold",
        "side-effect",
        "session",
        "consent",
    ]
    read = words(page)
    for sentence in (
        "Entered in error",
        "Rosa Lind: Clicked the wrong line",
        "after 5 days",
        "Bruising reviewed: gone",
        "Skin checked: no bruising seen.",
        "Appointment put on hold",
        "Consent: photos for care",
        "No side effects seen",
    ):
        assert sentence in read
    assert links(page, "session", session.pk)
    assert '<s class="struck">' in page.content.decode()
    # What was entered in error is struck through; its words are on its own page.
    assert "Somebody else's" not in read


def test_a_visit_that_was_missed_or_cancelled_stands_in_the_timeline(rosa, reception, amara, consultation, mesotherapy):
    visit = make_appointment(
        patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=ago(2), now=ago(3)
    )
    cancel_appointment(appointment=visit, by=reception, reason="Has a cold")

    for staff in (rosa, reception):
        read = words(browser(staff).get(chart(amara)))
        assert "Cancelled" in read
        assert "Has a cold" in read


def test_the_pages_of_a_long_timeline_miss_nothing_and_repeat_nothing(rosa, amara, mesotherapy):
    same_moment = ago(1)
    for count in range(7):
        make_side_effect(patient=amara, kind="pain", by=rosa, note=f"number {count}", now=same_moment)
        record_none_seen_for(amara, rosa, count)
    everything = timeline(amara, rosa, size=100).entries

    pages, before = [], ""
    while True:
        page = timeline(amara, rosa, before=before, size=3)
        pages.append(page.entries)
        before = page.before
        if not before:
            break

    assert [entry.row for page in pages for entry in page] == [entry.row for entry in everything]
    # Seven side effects, seven consents with their seven withdrawals, and the consent to treatment of long ago.
    assert [len(page) for page in pages] == [3] * 7 + [1]


def record_none_seen_for(patient, practitioner, count):
    """A consent given and withdrawn: what else can happen often while side effects are open."""
    consent = record_consent(patient=patient, kind="photo-care", by=practitioner, now=ago(1))
    withdraw_consent(consent=consent, by=practitioner, now=ago(0.5))


def test_earlier_history_is_one_link_away(rosa, amara, mesotherapy):
    for count in range(55):
        make_side_effect(patient=amara, kind="pain", by=rosa, note=f"number {count}.", now=ago(60 - count))

    first = browser(rosa).get(chart(amara))
    mark = first.context["chart"].timeline.before
    second = browser(rosa).get(chart(amara), {"before": mark})

    assert "Show earlier" in words(first)
    assert f'href="?before={mark}#so-far"' in first.content.decode()
    assert len(first.context["chart"].timeline.entries) == 50
    *side_effects, consent = second.context["chart"].timeline.entries
    assert [entry.row.note for entry in side_effects] == [f"number {count}." for count in (4, 3, 2, 1, 0)]
    assert consent.what == "consent"
    assert "Show earlier" not in words(second)


@pytest.mark.parametrize(
    "mark", ["nonsense", "20261103T100000.000000Z_9_" + "0" * 32, "20261103T100000.000000Z_0_x", "_ _", "a_0_b_c"]
)
def test_an_unknown_mark_is_not_found(mark, rosa, amara, mesotherapy):
    assert browser(rosa).get(chart(amara), {"before": mark}).status_code == 404


# --- Statements ----------------------------------------------------------------------------------------------------------------


def fill(patient, times, *, rosa, mesotherapy, consultation, start=0):
    """Everything a chart shows, `times` over."""
    for count in range(start, start + times):
        at = ago(300 - 3 * count)
        make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, at=at)
        record_none_seen(patient=patient, by=rosa, now=at + dt.timedelta(hours=2))
        consent = record_consent(patient=patient, kind="photo-teaching", by=rosa, now=at)
        withdraw_consent(consent=consent, by=rosa)
        visit = make_appointment(
            patient=patient, treatment=consultation, practitioner=rosa, by=rosa,
            starts_at=at + dt.timedelta(hours=5), now=at,
        )  # fmt: skip
        cancel_appointment(appointment=visit, by=rosa)
        bruise = make_side_effect(patient=patient, by=rosa, now=at + dt.timedelta(hours=3))
        make_gone(bruise, rosa, now=at + dt.timedelta(hours=4))


def fill_open(patient, times, *, from_day, rosa, mesotherapy, consultation):
    for count in range(times):
        make_appointment(
            patient=patient,
            treatment=mesotherapy,
            practitioner=rosa,
            by=rosa,
            starts_at=ahead(from_day + count),
            now=ago(1),
        )
        make_appointment(
            patient=patient,
            treatment=consultation,
            practitioner=rosa,
            by=rosa,
            starts_at=ahead(from_day + count, 14),
            now=ago(1),
        )
    for count in range(times):
        bruise = make_side_effect(patient=patient, by=rosa, now=ago(hours=5))
        for look in range(times):
            make_review(side_effect=bruise, by=rosa, now=ago(hours=4 - look * 0.1))
            add_photo(side_effect=bruise, image=picture(width=400 + count * 10 + look), by=rosa)


@pytest.mark.parametrize("reader, most", [("rosa", 20), ("manager", 20), ("reception", 14)])
def test_the_chart_asks_the_same_whatever_there_is_to_show(
    request, reader, most, rosa, reception, amara, jonas, mesotherapy, consultation, bruise_review
):
    everything = {"rosa": rosa, "mesotherapy": mesotherapy, "consultation": consultation}
    for patient, times, from_day in ((amara, 1, 5), (jonas, 3, 10)):
        make_consent(patient, reception)
        fill(patient, times, **everything)
        fill_open(patient, times, from_day=from_day, **everything)
    client = browser(request.getfixturevalue(reader))

    few, many = statements(client, chart(amara)), statements(client, chart(jonas))

    assert few == many
    assert many <= most
    assert Photo.objects.filter(side_effect__patient=jonas).count() == 9


@pytest.mark.slow
def test_the_chart_asks_the_same_after_years(rosa, reception, amara, jonas, mesotherapy, consultation):
    everything = {"rosa": rosa, "mesotherapy": mesotherapy, "consultation": consultation}
    fill(amara, 1, **everything)
    fill(jonas, 30, **everything)
    client = browser(rosa)

    page = client.get(chart(jonas))
    mark = page.context["chart"].timeline.before

    assert mark
    assert statements(client, chart(amara)) == statements(client, chart(jonas))
    assert statements(client, f"{chart(jonas)}?before={mark}") == statements(client, chart(jonas))
