"""The courses of what is open on the chart: day, last look, expected course, newest photos."""

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_consent, make_review, make_side_effect
from tests.pages.clinical import ago, browser, links, picture, words
from treatments.photos import add_photo


def chart(patient) -> str:
    return reverse("chart", args=[patient.pk])


def test_an_open_bruise_stands_with_its_course_its_last_look_and_its_photos(rosa, reception, amara, mesotherapy):
    make_consent(amara, reception)
    began = timezone.localdate(ago(8))
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", severity=2, onset_on=began, now=ago(8))
    make_review(
        side_effect=bruise, by=rosa, finding="fading", colour="green", size_mm=40, size_method="ruler", now=ago(3)
    )
    photo = add_photo(side_effect=bruise, image=picture(), by=rosa, taken_at=ago(3))

    page = browser(rosa).get(chart(amara))

    (course,) = page.context["chart"].courses
    assert (course.day, course.is_due) == (8, False)
    # A mark a day: eight lived through, the fifth looked at, and four more until the next look is due.
    assert course.marks == ["on"] * 4 + ["look"] + ["on"] * 3 + [""] * 3 + ["due"]
    assert course.words.startswith("Day 8; looked at on ")
    assert [(one.day, one.alt) for one in course.pictures] == [(5, "Photo of bruising, left thigh, day 5")]
    content = page.content.decode()
    assert reverse("photo-file", args=[photo.pk, "thumb"]) in content
    assert 'width="320" height="240"' in content
    assert ": fading, green, 40 mm." in words(page)
    for name in ("review", "photo-add", "enter-in-error", "wrong-patient"):
        assert links(page, name, bruise.pk)


@pytest.mark.parametrize(
    "kind, says",
    [
        ("itching", "Source: itching should last less than a day."),
        ("numbness", "Source: numbness should ease within the two weeks after the procedure."),
        ("swelling", "should subside within a couple of days."),
        ("bruising", ""),
    ],
)
def test_what_the_source_expects_is_said_as_the_sources_and_nothing_is_made_up(kind, says, rosa, amara, mesotherapy):
    make_side_effect(patient=amara, kind=kind, by=rosa, now=ago(1))

    read = words(browser(rosa).get(chart(amara)))

    assert says in read
    assert ("Source:" in read) is bool(says)


def test_a_course_of_months_is_drawn_in_weeks(rosa, amara, mesotherapy):
    make_side_effect(patient=amara, kind="numbness", by=rosa, now=ago(200))

    (course,) = browser(rosa).get(chart(amara)).context["chart"].courses

    assert course.day == 200
    assert len(course.marks) == 29
    assert course.is_due is True


def test_only_the_newest_photos_stand_on_the_chart(rosa, reception, amara, mesotherapy):
    make_consent(amara, reception)
    bruise = make_side_effect(patient=amara, by=rosa, now=ago(12))
    for day in range(10):
        add_photo(side_effect=bruise, image=picture(width=640 + day), by=rosa, taken_at=ago(11 - day))

    page = browser(rosa).get(chart(amara))

    (course,) = page.context["chart"].courses
    assert [one.day for one in course.pictures] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert "2 earlier photos" in words(page)
