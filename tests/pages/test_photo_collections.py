"""Photos for teaching and publicity: only with a consent that stands at that moment, and without who it is."""

import pytest
from django.urls import reverse

from clinic.models import AuditEvent
from patients.registration import withdraw_consent
from tests.factories import make_consent, make_side_effect
from tests.pages.clinical import NOBODY, ago, browser, links, picture, statements, words
from treatments.models import Photo, PhotoFile
from treatments.photos import add_photo
from treatments.side_effects import enter_in_error

BOTH = pytest.mark.parametrize("use", ["teaching", "publicity"])


def collection(use) -> str:
    return reverse("photo-collection", args=[use])


def one(use, photo) -> str:
    return reverse("photo-collection-one", args=[use, photo.pk])


def file(use, photo, size="display") -> str:
    return reverse("photo-collection-file", args=[use, photo.pk, size])


def photo_of(patient, by, width=640) -> Photo:
    make_consent(patient, by)
    bruise = make_side_effect(patient=patient, by=by, site="thigh", side="left", now=ago(5))
    at = ago(3)
    return add_photo(side_effect=bruise, image=picture(width=width), by=by, taken_at=at, now=at)


@pytest.fixture
def photo(amara, rosa) -> Photo:
    return photo_of(amara, rosa)


def shown(answer) -> list[Photo]:
    return [one.photo for one in answer.context["pictures"]]


@BOTH
def test_only_photos_with_a_standing_consent_for_that_use_are_shown(use, photo, rosa, amara, jonas):
    photo_of(jonas, rosa)
    other = {"teaching": "publicity", "publicity": "teaching"}[use]
    make_consent(jonas, rosa, f"photo-{other}")
    client = browser(rosa)
    assert shown(client.get(collection(use))) == []
    assert "No patient agrees to this use of their photos now." in words(client.get(collection(use)))

    make_consent(amara, rosa, f"photo-{use}")

    assert shown(client.get(collection(use))) == [photo]
    assert client.get(file(use, photo)).status_code == 200


@BOTH
def test_a_second_after_the_withdrawal_page_list_and_file_are_gone(use, photo, rosa, amara, reception):
    consent = make_consent(amara, reception, f"photo-{use}")
    client = browser(rosa)
    addresses = [one(use, photo), file(use, photo), file(use, photo, "thumb")]
    assert [client.get(address).status_code for address in addresses] == [200, 200, 200]

    withdraw_consent(consent=consent, by=reception)

    assert [client.get(address).status_code for address in addresses] == [404, 404, 404]
    assert shown(client.get(collection(use))) == []
    # What stays: the record of what was seen.
    assert client.get(f"/photos/{photo.pk}/display.jpg").status_code == 200


@BOTH
def test_neither_name_nor_record_number_stands_there_nor_a_way_to_the_chart(use, photo, rosa, amara):
    make_consent(amara, rosa, f"photo-{use}")
    client = browser(rosa)

    for address in (collection(use), one(use, photo)):
        page = client.get(address).content.decode()
        for telling in (amara.given_name, amara.family_name, amara.number, str(amara.pk), str(photo.side_effect_id)):
            assert telling not in page
        assert "Bruising" in page


def test_the_picture_is_marked_and_the_photo_stays_as_it_is(photo, rosa, amara, settings):
    make_consent(amara, rosa, "photo-teaching")
    kept = PhotoFile.objects.get(photo=photo, size="display")
    before = (settings.PHOTOS_DIR / kept.name).read_bytes()

    answer = browser(rosa).get(file("teaching", photo))

    assert answer.content != before
    assert (settings.PHOTOS_DIR / kept.name).read_bytes() == before
    assert (answer["Cache-Control"], answer["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    event = AuditEvent.objects.get(kind="photo-read")
    assert (event.actor, event.patient_id, event.subject_id) == (rosa, amara.pk, photo.pk)
    assert event.details == {"size": "display", "use": "teaching"}


def test_one_entered_in_error_or_not_ready_is_not_shown(photo, rosa, amara):
    make_consent(amara, rosa, "photo-teaching")
    client = browser(rosa)
    Photo.objects.update(state=Photo.State.DEVELOPING)
    assert (shown(client.get(collection("teaching"))), client.get(file("teaching", photo)).status_code) == ([], 404)

    Photo.objects.update(state=Photo.State.READY)
    assert shown(client.get(collection("teaching"))) == [photo]

    enter_in_error(side_effect=photo.side_effect, reason="Ink", by=rosa)
    assert (shown(client.get(collection("teaching"))), client.get(file("teaching", photo)).status_code) == ([], 404)


def test_there_is_no_collection_for_care_nor_the_full_size(photo, rosa, amara):
    make_consent(amara, rosa, "photo-teaching")
    client = browser(rosa)
    for address in (
        collection("care"),
        collection("sale"),
        one("care", photo),
        file("care", photo),
        file("teaching", photo, "full"),
        f"/photos/teaching/{NOBODY}/",
        f"{collection('teaching')}?cursor=x",
    ):
        assert client.get(address).status_code == 404


def test_reception_sees_none_and_has_no_way_there_and_a_manager_does(photo, reception, manager, amara):
    make_consent(amara, reception, "photo-teaching")
    for address in (collection("teaching"), one("teaching", photo), file("teaching", photo)):
        assert browser(reception).get(address).status_code == 403
        assert browser(manager).get(address).status_code == 200
    assert not links(browser(reception).get("/"), "photo-collection", "teaching")
    assert links(browser(manager).get("/"), "photo-collection", "teaching")


def test_the_list_goes_on_page_by_page(rosa, amara, monkeypatch):
    monkeypatch.setattr("treatments.views.photo_collections.ON_A_PAGE", 2)
    make_consent(amara, rosa, "photo-teaching")
    photos = [photo_of(amara, rosa, 600 + number) for number in range(3)]
    client = browser(rosa)

    first = client.get(collection("teaching"))
    second = client.get(f"{collection('teaching')}?cursor={first.context['page'].next}")

    assert sorted([*shown(first), *shown(second)], key=lambda each: each.pk) == sorted(photos, key=lambda each: each.pk)
    assert (len(shown(first)), len(shown(second))) == (2, 1)


def test_the_statements_stay_the_same_with_three_photos(rosa, amara):
    make_consent(amara, rosa, "photo-teaching")
    counted = []
    for number in range(3):
        photo_of(amara, rosa, 600 + number)
        counted.append(statements(browser(rosa), collection("teaching")))

    assert counted == [counted[0]] * 3
