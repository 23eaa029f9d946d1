"""A photo that is being made ready beside the pages: its wait is seen, and ends in a picture or in a sentence."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_consent, make_side_effect
from tests.pages.clinical import ago, browser, links, picture, said, statements, words
from tests.pictures import BROKEN_INSIDE, phone_jpeg
from treatments.developing import PATIENCE, develop_photo
from treatments.models import Photo, SideEffect

HTMX = {"HTTP_HX_REQUEST": "true"}
DAMAGED = "The photo is damaged or incomplete. Send it again, or take another one."


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(5))


def send(staff, bruise, content: bytes | None = None, **more) -> Photo:
    sent = SimpleUploadedFile("a.jpg", content or phone_jpeg(), "image/jpeg")
    answer = browser(staff).post(reverse("photo-add", args=[bruise.pk]), {"photos": [sent]} | more)
    assert answer.status_code == 302
    return Photo.objects.latest("uploaded_at")


def shown(staff, bruise):
    return browser(staff).get(reverse("side-effect", args=[bruise.pk]))


def ask(staff, photo, **headers):
    return browser(staff).post(reverse("photo-ready", args=[photo.pk]), **headers)


def lose_its_worker(photo: Photo) -> None:
    """Nobody has begun for longer than a page waits."""
    Photo.objects.filter(pk=photo.pk).update(next_try_at=timezone.now() - PATIENCE - dt.timedelta(seconds=1))


def test_it_is_taken_in_without_being_made_ready_and_the_wait_is_seen(rosa, bruise):
    photo = send(rosa, bruise)

    page = shown(rosa, bruise)
    assert (photo.state, photo.files.count()) == ("developing", 0)
    assert "Being made ready" in words(page)
    assert f'hx-post="{reverse("photo-ready", args=[photo.pk])}" hx-trigger="every 2s"' in page.content.decode()


def test_asked_about_too_early_nothing_is_swapped(rosa, bruise):
    photo = send(rosa, bruise)

    assert ask(rosa, photo, **HTMX).status_code == 204
    photo.refresh_from_db()
    assert photo.state == "developing"


def test_once_a_worker_made_it_ready_the_picture_takes_its_place(rosa, bruise):
    photo = develop_photo(send(rosa, bruise))

    answer = ask(rosa, photo, **HTMX)

    content = answer.content.decode()
    assert answer.status_code == 200
    assert f'src="{reverse("photo-file", args=[photo.pk, "thumb"])}"' in content
    assert "hx-post" not in content
    assert "<html" not in content


def test_where_no_worker_is_at_it_the_page_that_asks_makes_it_ready(rosa, bruise):
    photo = send(rosa, bruise)
    lose_its_worker(photo)

    assert links(ask(rosa, photo, **HTMX), "photo-file", photo.pk, "thumb")
    photo.refresh_from_db()
    assert (photo.state, photo.files.count(), photo.incoming) == ("ready", 3, "")


def test_without_a_script_a_button_looks_again(rosa, bruise):
    photo = send(rosa, bruise)
    lose_its_worker(photo)

    answer = ask(rosa, photo)

    assert answer.url == reverse("side-effect", args=[bruise.pk])
    assert "Being made ready" not in words(shown(rosa, bruise))


def test_one_that_could_not_be_read_says_why_and_what_to_do(rosa, bruise):
    photo = develop_photo(send(rosa, bruise, BROKEN_INSIDE))

    for page in (shown(rosa, bruise), ask(rosa, photo, **HTMX)):
        assert f"{DAMAGED} Try again Remove" in words(page)
        assert links(page, "photo-add", bruise.pk)
        assert links(page, "photo-remove", photo.pk)


def test_a_manager_sees_that_it_could_not_be_read_and_takes_nothing_away(rosa, manager, bruise):
    photo = develop_photo(send(rosa, bruise, BROKEN_INSIDE))

    assert DAMAGED in words(shown(manager, bruise))
    assert not links(shown(manager, bruise), "photo-remove", photo.pk)
    assert browser(manager).post(reverse("photo-remove", args=[photo.pk])).status_code == 403
    assert Photo.objects.exists()


def test_it_is_taken_away(rosa, bruise):
    photo = develop_photo(send(rosa, bruise, BROKEN_INSIDE))

    answer = browser(rosa).post(reverse("photo-remove", args=[photo.pk]))

    assert (answer.url, said(answer)) == (
        reverse("side-effect", args=[bruise.pk]), ["Taken away: the photo that could not be read."],
    )  # fmt: skip
    assert not Photo.objects.exists()


@pytest.mark.parametrize("is_ready", [True, False])
def test_no_other_photo_is_taken_away(is_ready, rosa, bruise):
    photo = send(rosa, bruise)
    if is_ready:
        develop_photo(photo)

    assert browser(rosa).post(reverse("photo-remove", args=[photo.pk])).status_code == 409
    assert Photo.objects.get() == photo


@pytest.mark.parametrize("name", ["photo-ready", "photo-remove"])
def test_a_receptionist_finds_it_nowhere(name, rosa, reception, bruise):
    address = reverse(name, args=[send(rosa, bruise).pk])

    assert browser(reception).post(address).status_code in (403, 404)
    assert browser(rosa).get(address).status_code == 405


def test_one_that_waits_is_no_neighbour_of_one_that_is_ready(rosa, bruise):
    ready = develop_photo(send(rosa, bruise))
    send(rosa, bruise, phone_jpeg(width=700))

    page = browser(rosa).get(reverse("photo", args=[ready.pk]))

    assert "Photo 1 of 1" in words(page)
    assert 'rel="next"' not in page.content.decode()


def test_the_wait_of_three_costs_no_more_statements_than_that_of_one(rosa, bruise):
    address, client = reverse("side-effect", args=[bruise.pk]), browser(rosa)
    send(rosa, bruise)
    one = statements(client, address)
    for width in (700, 710):
        send(rosa, bruise, phone_jpeg(width=width))

    assert statements(client, address) == one


# --- When it was taken ---------------------------------------------------------------------------------------------------


def test_a_phones_wrong_clock_is_said_when_it_is_sent_and_where_it_is_shown(rosa, bruise):
    sent = picture(taken="2031:01:01 00:00:00")
    by_script = browser(rosa).post(
        reverse("photo-add", args=[bruise.pk]), {"photos": [sent]}, HTTP_ACCEPT="application/json"
    )
    photo = develop_photo(Photo.objects.get())

    assert by_script.json()["notes"] == [
        "Its camera gave no time, or one that cannot be right, so the time of sending counts."
    ]
    at = timezone.localtime(photo.uploaded_at)
    page = words(browser(rosa).get(reverse("photo", args=[photo.pk])))
    assert f"Sent {at.day} {at:%b %Y, %H:%M}, day 5, by Rosa Lind. Nobody said when it was taken" in page


def test_the_pages_own_camera_says_how_long_ago_whatever_the_phones_clock_says(rosa, bruise):
    before = timezone.now()
    photo = send(rosa, bruise, seconds_ago="600")

    assert before <= photo.taken_at + dt.timedelta(seconds=600) <= timezone.now()


@pytest.mark.parametrize("seconds", ["-1", "soon", "90000"])
def test_how_long_ago_makes_sense(seconds, rosa, bruise):
    answer = browser(rosa).post(reverse("photo-add", args=[bruise.pk]), {"photos": [picture()], "seconds_ago": seconds})

    assert answer.status_code == 422
    assert not Photo.objects.exists()
