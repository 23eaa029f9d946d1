"""Any two photos of a course beside each other, without a script; the slider and the overlay are in tests/browser."""

import re

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from tests.factories import make_consent, make_review, make_side_effect
from tests.pages.clinical import NOBODY, ago, browser, links, picture, statements, words
from treatments.models import Photo, SideEffect
from treatments.photos import add_photo
from treatments.side_effects import enter_in_error


def compare(side_effect) -> str:
    return reverse("photo-compare", args=[side_effect.pk])


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(9))


@pytest.fixture
def photos(bruise, rosa) -> list[Photo]:
    return [taken(bruise, rosa, days) for days in (8, 5, 2)]


def taken(side_effect, by, days) -> Photo:
    at = ago(days)
    return add_photo(
        side_effect=side_effect, image=picture(width=600 + int(days)), by=by, taken_at=at, now=ago(days - 0.01)
    )


def two(answer) -> list[str]:
    """Which photos stand left and right."""
    return re.findall(r'/photos/([0-9a-f-]+)/display\.jpg"', answer.content.decode())


def test_at_first_the_oldest_and_the_newest_stand_side_by_side(rosa, bruise, photos):
    answer = browser(rosa).get(compare(bruise))

    assert two(answer) == [str(photos[0].pk), str(photos[2].pk)]
    assert "Left: day 1" in words(answer)
    assert "Right: day 7" in words(answer)


def test_any_two_are_chosen_by_a_form_that_needs_no_script(rosa, bruise, photos):
    answer = browser(rosa).get(compare(bruise), {"left": photos[2].pk, "right": photos[1].pk})

    page = answer.content.decode()
    assert two(answer) == [str(photos[2].pk), str(photos[1].pk)]
    assert '<form class="card" method="get">' in page
    for side, chosen in (("left", photos[2]), ("right", photos[1])):
        radios = re.findall(rf'name="{side}" value="([0-9a-f-]+)"( checked)?', page)
        assert radios == [(str(one.pk), " checked" if one == chosen else "") for one in photos]


def test_what_needs_the_script_is_hidden_until_it_runs_and_no_style_stands_in_the_page(rosa, bruise, photos):
    page = browser(rosa).get(compare(bruise)).content.decode()

    assert 'class="ways" hidden' in page
    assert page.count('class="dials" hidden') == 3
    assert re.findall(r"\sstyle=|\son\w+=", page.split("<main", 1)[1]) == []
    ids = re.findall(r'type="range" id="(\w+)"', page)
    assert ids == ["divide", "opacity", "across", "down", "turn", "scale"]
    assert re.findall(r'<label for="(\w+)">', page) == ids


def test_the_strip_says_day_date_and_what_was_found_nearest(rosa, bruise, photos):
    make_review(side_effect=bruise, by=rosa, finding="fading", now=ago(2))

    answer = browser(rosa).get(compare(bruise))

    assert [(one.thumb.day, one.found.split(",")[0]) for one in answer.context["strip"].photos] == [
        (1, "fading"),
        (4, "fading"),
        (7, "fading"),
    ]
    assert words(answer).count("Fading, look of") == 5


def test_before_any_look_the_strip_says_that_nobody_looked(rosa, bruise, photos):
    assert words(browser(rosa).get(compare(bruise))).count("Not looked at yet") == 5


def test_another_episode_at_the_same_site_belongs_to_the_course(rosa, bruise, photos, amara, jonas, reception):
    make_consent(jonas, reception)
    again = make_side_effect(patient=amara, by=rosa, kind="swelling", site="thigh", now=ago(1))
    elsewhere = make_side_effect(patient=amara, by=rosa, site="arm", now=ago(1))
    somebody = make_side_effect(patient=jonas, by=rosa, site="thigh", now=ago(1))
    newest, *_ = [taken(one, rosa, 0.5) for one in (again, elsewhere, somebody)]

    answer = browser(rosa).get(compare(bruise))

    shown = [one.thumb.photo for one in answer.context["strip"].photos]
    assert shown == [*photos, newest]
    assert words(answer).count("Another episode") == 1
    # The two it opens with are of the episode that was asked for.
    assert two(answer) == [str(photos[0].pk), str(photos[2].pk)]
    chosen = browser(rosa).get(compare(bruise), {"right": newest.pk})
    assert two(chosen)[1] == str(newest.pk)
    # In the strip, and under the picture that stands beside one of the bruise.
    assert "Another episode: swelling, thigh" in words(answer)
    assert " of another episode, swelling, thigh " in words(chosen)
    assert "of another episode" not in words(answer)


def test_one_entered_in_error_is_compared_with_no_other(rosa, bruise, photos, amara):
    again = make_side_effect(patient=amara, by=rosa, site="thigh", now=ago(1))
    own = taken(again, rosa, 0.5)
    enter_in_error(side_effect=again, reason="Ink", by=rosa)

    of_error = browser(rosa).get(compare(again)).context["strip"].photos
    of_bruise = browser(rosa).get(compare(bruise)).context["strip"].photos

    assert [one.thumb.photo for one in of_error] == [own]
    assert [one.thumb.photo for one in of_bruise] == photos


@pytest.mark.parametrize(
    "state, sentence",
    [
        ("developing", "1 more photo is being made ready. Open this page again in a moment."),
        ("unreadable", "1 photo could not be read and is left out here."),
    ],
)
def test_one_that_is_not_ready_is_left_out_and_said_to_be(state, sentence, rosa, bruise, photos):
    Photo.objects.filter(pk=photos[2].pk).update(state=state)

    answer = browser(rosa).get(compare(bruise))

    assert two(answer) == [str(photos[0].pk), str(photos[1].pk)]
    assert sentence in words(answer)
    assert browser(rosa).get(compare(bruise), {"left": photos[2].pk}).status_code == 404


def test_one_photo_alone_stands_twice_and_the_page_says_so(rosa, bruise):
    only = taken(bruise, rosa, 3)

    answer = browser(rosa).get(compare(bruise))

    assert two(answer) == [str(only.pk)] * 2
    assert "Both are the same photo. Choose another one below." in words(answer)


def test_without_photos_it_says_so(rosa, bruise):
    assert "There is no photo to compare yet." in words(browser(rosa).get(compare(bruise)))


@pytest.mark.parametrize("named", ["x", "0", NOBODY])
def test_what_names_no_photo_of_the_course_is_not_found(named, rosa, bruise, photos):
    assert browser(rosa).get(compare(bruise), {"left": named}).status_code == 404


def test_another_patients_photo_is_not_found(rosa, bruise, photos, jonas, reception):
    make_consent(jonas, reception)
    other = taken(make_side_effect(patient=jonas, by=rosa, site="thigh", now=ago(5)), rosa, 4)

    assert browser(rosa).get(compare(bruise), {"right": other.pk}).status_code == 404


def test_a_manager_compares_and_reception_does_not(manager, reception, bruise, photos):
    assert browser(manager).get(compare(bruise)).status_code == 200
    assert browser(reception).get(compare(bruise)).status_code == 403
    assert browser(manager).get(reverse("photo-compare", args=[NOBODY])).status_code == 404


def test_the_reading_is_in_the_trail(rosa, bruise, photos, amara):
    browser(rosa).get(compare(bruise))

    event = AuditEvent.objects.filter(kind="record-read").get()
    assert (event.actor, event.patient_id, event.subject, event.subject_id) == (rosa, amara.pk, "photos", bruise.pk)


def test_chart_side_effect_and_photo_lead_there(rosa, bruise, photos):
    client = browser(rosa)

    for page in (reverse("chart", args=[bruise.patient_id]), reverse("side-effect", args=[bruise.pk])):
        assert links(client.get(page), "photo-compare", bruise.pk)
    assert f"{compare(bruise)}?right={photos[1].pk}" in client.get(f"/photos/{photos[1].pk}/").content.decode()


def test_the_statements_stay_the_same_with_three_photos_and_looks(rosa, bruise):
    client = browser(rosa)
    counted = []
    for days in (7, 5, 3):
        taken(bruise, rosa, days)
        make_review(side_effect=bruise, by=rosa, now=ago(days))
        counted.append(statements(client, compare(bruise)))

    assert counted == [counted[0]] * 3
