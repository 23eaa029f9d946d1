"""The chart's timeline by kind: what is left out is said, reception is offered nothing clinical, and the mark keeps the filter."""

import pytest
from django.urls import reverse

from patients.registration import record_consent, withdraw_consent
from tests.factories import make_gone, make_review, make_session, make_side_effect
from tests.pages.clinical import ago, browser, statements, words
from treatments.addenda import enter_session_in_error, write_addendum
from treatments.side_effects import enter_in_error, record_none_seen

HTMX = {"HTTP_HX_REQUEST": "true"}


def chart(patient) -> str:
    return reverse("chart", args=[patient.pk])


def told(page) -> list[str]:
    return [entry.what for entry in page.context["timeline"].entries]


@pytest.fixture
def filled(amara, rosa, mesotherapy):
    """A session with an addendum, a bruise with two looks, a check and a consent."""
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(20))
    write_addendum(session=session, text="The left side was treated first.", by=rosa, now=ago(19))
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(18))
    make_review(side_effect=bruise, by=rosa, now=ago(15))
    make_gone(bruise, rosa, now=ago(10))
    record_none_seen(patient=amara, by=rosa, now=ago(5))
    return amara


@pytest.mark.parametrize(
    "show, what",
    [
        ("reviews", ["review", "review"]),
        ("sessions", ["addendum", "session"]),
        ("side-effects", ["skin-check", "side-effect"]),
        ("reviews,sessions", ["review", "review", "addendum", "session"]),
        ("photos", []),
        ("consents", ["consent"]),
    ],
)
def test_a_kind_is_shown_alone(show, what, filled, rosa):
    assert told(browser(rosa).get(chart(filled), {"show": show})) == what


def test_what_is_left_out_is_said_and_how_many(filled, rosa):
    page = browser(rosa).get(chart(filled), {"show": "reviews"})

    assert "Showing only reviews, 2 of 7 entries; the rest is left out." in words(page)
    assert "Show everything" in words(page)
    assert 'id="kind-reviews" href="?#so-far" aria-current="true"' in page.content.decode()


def test_everything_says_nothing_of_a_filter(filled, rosa):
    page = browser(rosa).get(chart(filled))

    assert len(told(page)) == 7
    assert "Showing only" not in words(page)
    assert "Show everything" not in words(page)


def test_a_kind_with_nothing_says_so(filled, rosa):
    read = words(browser(rosa).get(chart(filled), {"show": "photos"}))

    assert "Nothing of this kind is on record." in read
    assert "0 of 7 entries" in read


@pytest.mark.parametrize("show", ["nonsense", "", ",", "nonsense,"])
def test_an_unknown_kind_shows_everything(show, filled, rosa):
    assert len(told(browser(rosa).get(chart(filled), {"show": show}))) == 7


def test_reception_asks_for_nothing_clinical(filled, rosa, reception):
    page = browser(reception).get(chart(filled), {"show": "sessions,side-effects,reviews"})

    assert set(told(page)) == {"appointment", "consent"}
    for clinical in ("sessions", "side-effects", "reviews", "photos", "refusals", "errors", "deviations"):
        assert f'id="kind-{clinical}"' not in page.content.decode()
    assert told(browser(reception).get(chart(filled), {"show": "visits"})) == ["appointment"]


def test_the_link_to_earlier_entries_keeps_the_filter(filled, rosa):
    for _ in range(52):
        withdraw_consent(consent=record_consent(patient=filled, kind="photo-care", by=rosa), by=rosa)

    first = browser(rosa).get(chart(filled), {"show": "consents"})
    mark = first.context["timeline"].before

    assert f'href="?before={mark}&amp;show=consents#so-far"' in first.content.decode()
    second = browser(rosa).get(chart(filled), {"before": mark, "show": "consents"})
    assert set(told(first)) | set(told(second)) == {"consent", "consent-withdrawn"}
    assert "Back to the newest" in words(second)


def test_as_it_is_scrolled_only_the_list_is_asked_for(filled, rosa):
    client = browser(rosa)

    page = client.get(chart(filled), {"show": "reviews"}, **HTMX)

    assert "chart" not in page.context
    assert "Coming up" not in words(page)
    assert told(page) == ["review", "review"]


def test_what_was_entered_in_error_is_struck_through_with_its_reason(filled, rosa, mesotherapy):
    session = make_session(patient=filled, practitioner=rosa, treatment=mesotherapy, at=ago(4))
    enter_session_in_error(session=session, reason="Written on the wrong chart", by=rosa, now=ago(3))
    pain = make_side_effect(patient=filled, kind="pain", by=rosa, now=ago(3))
    enter_in_error(side_effect=pain, reason="Clicked the wrong line", by=rosa)

    page = browser(rosa).get(chart(filled), {"show": "errors"})

    assert told(page) == ["side-effect-error", "session-error"]
    read = words(page)
    assert "Written on the wrong chart" in read
    assert "Clicked the wrong line" in read
    assert browser(rosa).get(chart(filled)).content.decode().count('<s class="struck">') == 2


def test_a_filtered_chart_asks_no_more_than_the_whole(filled, rosa):
    client = browser(rosa)
    whole = statements(client, chart(filled))

    for kind in ("sessions", "side-effects", "reviews", "photos", "consents", "errors"):
        assert statements(client, f"{chart(filled)}?show={kind}") <= whole
