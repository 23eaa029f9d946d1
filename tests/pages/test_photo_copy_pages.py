"""A copy is asked for, confirmed by a POST, noted once, and fetched by who made it."""

import io
import re
import uuid

import pytest
from django.urls import reverse
from PIL import Image

from clinic.models import AuditEvent, Refusal
from patients.registration import withdraw_consent
from tests.factories import make_consent, make_side_effect
from tests.pages.clinical import NOBODY, ago, browser, links, picture, statements, words
from treatments.models import Photo, SideEffect
from treatments.photos import add_photo


@pytest.fixture
def bruise(amara, rosa, reception) -> SideEffect:
    make_consent(amara, reception)
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(9))


@pytest.fixture
def photo(bruise, rosa) -> Photo:
    return taken(bruise, rosa, 5)


def taken(side_effect, by, days) -> Photo:
    at = ago(days)
    return add_photo(side_effect=side_effect, image=picture(width=600 + days), by=by, taken_at=at, now=ago(days - 0.01))


def ask(photo) -> str:
    return reverse("photo-copy", args=[photo.pk])


def ask_all(side_effect) -> str:
    return reverse("photo-copy-all", args=[side_effect.pk])


def noted() -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(kind__in=["photo-saved", "photo-printed"]).order_by("pk"))


def files(page) -> list[str]:
    return re.findall(r'(?:src|href)="(/photo-copies/[^"]+\.jpg)"', page.content.decode())


def test_opening_the_question_notes_nothing(rosa, photo, bruise):
    for address in (ask(photo), ask_all(bruise)):
        assert browser(rosa).get(address).status_code == 200
        assert browser(rosa).get(address, {"use": "care", "how": "save"}).status_code == 200
    assert noted() == []


def test_the_question_says_which_uses_the_patient_agreed_to(rosa, photo, amara):
    consent = make_consent(amara, rosa, "photo-publicity")
    withdraw_consent(consent=consent, by=rosa)

    page = browser(rosa).get(ask(photo))

    text = words(page)
    assert "The mark says the record number and the day it was taken." in text
    assert "The patient's consent to photos for teaching is not on record. Ask the patient" in text
    assert "The patient withdrew the consent to photos for publicity on" in text
    assert re.findall(r'value="(\w+)" required( disabled)?', page.content.decode()) == [
        ("care", ""),
        ("teaching", " disabled"),
        ("publicity", " disabled"),
    ]


@pytest.mark.parametrize("how, kind", [("save", "photo-saved"), ("print", "photo-printed")])
def test_a_copy_is_made_by_a_post_and_noted(how, kind, rosa, photo, amara):
    client = browser(rosa)

    answer = client.post(ask(photo), {"use": "care", "how": how, "once": "a"})
    page = client.get(answer.url)

    [event] = noted()
    assert (answer.status_code, event.kind, event.actor, event.patient_id) == (302, kind, rosa, amara.pk)
    assert (event.subject_id, event.details["use"], event.door) == (photo.pk, "care", "page")
    assert answer.url == reverse("photo-copy-made", args=[event.details["copy"]])
    assert [client.get(each).status_code for each in files(page)] == [200] * len(files(page))
    assert len(files(page)) == (2 if how == "save" else 1)


def test_sent_twice_it_is_one_copy_and_asked_again_another(rosa, photo):
    client = browser(rosa)

    first, second = (client.post(ask(photo), {"use": "care", "how": "save", "once": "a"}).url for _ in range(2))
    third = client.post(ask(photo), {"use": "care", "how": "save", "once": "b"}).url

    assert (first == second, first == third, len(noted())) == (True, False, 2)


def test_fetching_and_looking_again_note_no_further_copy(rosa, photo):
    client = browser(rosa)
    made = client.post(ask(photo), {"use": "care", "how": "save"}).url

    for _ in range(2):
        for address in files(client.get(made)):
            client.get(address)

    assert len(noted()) == 1
    assert {event.details["size"] for event in AuditEvent.objects.filter(kind="photo-read")} == {"full", "display"}


def test_the_file_is_marked_at_full_size_and_its_name_says_nothing(rosa, photo, amara):
    client = browser(rosa)
    made = client.post(ask(photo), {"use": "care", "how": "save"}).url

    answer = client.get(next(each for each in files(client.get(made)) if each.endswith("full.jpg")))

    copy, full = Image.open(io.BytesIO(answer.content)), photo.files.get(size="full")
    assert (copy.width, copy.height > full.height) == (full.width, True)
    assert answer["Content-Disposition"] == f'attachment; filename="copy-{photo.pk.hex[:8]}.jpg"'
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize("sent", [{}, {"how": "save"}, {"use": "sale", "how": "save"}, {"use": "care", "how": "sell"}])
def test_without_what_it_is_for_it_asks_again(sent, rosa, photo):
    answer = browser(rosa).post(ask(photo), sent)

    assert (answer.status_code, noted()) == (422, [])
    assert "Choose what the copy is for." in words(answer)


def test_a_use_the_patient_did_not_agree_to_is_refused_in_words(rosa, photo, amara):
    answer = browser(rosa).post(ask(photo), {"use": "publicity", "how": "save", "once": "a"})

    refusal = Refusal.objects.get()
    assert (answer.status_code, noted()) == (409, [])
    assert "The patient's consent to photos for publicity is not on record." in words(answer)
    assert (refusal.code, refusal.patient_id, refusal.by) == ("photo-consent-missing", amara.pk, rosa)


@pytest.mark.parametrize("use", ["care", "publicity"])
def test_withdrawn_after_it_was_made_the_file_is_not_there_any_more(use, rosa, photo, amara, reception):
    consent = make_consent(amara, reception, f"photo-{use}")
    client = browser(rosa)
    made = client.post(ask(photo), {"use": use, "how": "save"}).url
    addresses = files(client.get(made))
    assert [client.get(each).status_code for each in addresses] == [200, 200]

    withdraw_consent(consent=consent, by=reception)

    assert [client.get(each).status_code for each in addresses] == [404, 404]
    page = client.get(made)
    assert files(page) == []
    assert "The photo may not be used for this any more" in words(page)


def test_a_copy_for_teaching_is_shown_without_who_it_is(rosa, photo, amara, reception):
    make_consent(amara, reception, "photo-teaching")
    client = browser(rosa)

    page = client.get(client.post(ask(photo), {"use": "teaching", "how": "print"}).url).content.decode()

    for telling in (amara.given_name, amara.family_name, amara.number, str(amara.pk)):
        assert telling not in page


def test_another_persons_copy_is_not_found(rosa, manager, photo):
    made = browser(rosa).post(ask(photo), {"use": "care", "how": "save"}).url
    address = files(browser(rosa).get(made))[0]

    assert [browser(manager).get(each).status_code for each in (made, address)] == [404, 404]


def test_all_ready_photos_of_a_side_effect_are_printed_as_one_copy(rosa, photo, bruise):
    second, waiting = taken(bruise, rosa, 3), taken(bruise, rosa, 2)
    Photo.objects.filter(pk=waiting.pk).update(state=Photo.State.DEVELOPING)
    client = browser(rosa)

    page = client.get(client.post(ask_all(bruise), {"use": "care", "how": "print"}).url)

    assert "2 photos to print, for care" in words(page)
    assert [each.split("/")[3] for each in files(page)] == [str(photo.pk), str(second.pk)]
    assert noted()[0].details["photos"] == [str(photo.pk), str(second.pk)]


def test_without_a_photo_there_is_nothing_to_print(rosa, bruise):
    assert "There is no photo that is ready." in words(browser(rosa).get(ask_all(bruise)))
    assert browser(rosa).post(ask_all(bruise), {"use": "care", "how": "print"}).status_code == 409
    assert noted() == []


def test_one_that_is_not_ready_has_no_copy(rosa, photo):
    Photo.objects.update(state=Photo.State.DEVELOPING)

    assert browser(rosa).get(ask(photo)).status_code == 404
    assert browser(rosa).post(ask(photo), {"use": "care", "how": "save"}).status_code == 404


def test_reception_makes_no_copy_and_a_manager_does(reception, manager, photo, bruise):
    for address in (ask(photo), ask_all(bruise), reverse("photo-copy-made", args=[uuid.uuid4()])):
        assert browser(reception).get(address).status_code == 403
    assert browser(reception).post(ask(photo), {"use": "care", "how": "save"}).status_code == 403
    assert noted() == []
    assert browser(manager).post(ask(photo), {"use": "care", "how": "save"}).status_code == 302


def test_unknown_ones_are_not_found(rosa, photo):
    client = browser(rosa)
    made = client.post(ask(photo), {"use": "care", "how": "save"}).url

    for address in (
        f"/photos/{NOBODY}/copy/",
        f"/side-effects/{NOBODY}/photos/copy/",
        f"/photo-copies/{NOBODY}/",
        f"{made}{NOBODY}/full.jpg",
        f"{made}{photo.pk}/thumb.jpg",
        f"{made}{photo.pk}/huge.jpg",
    ):
        assert client.get(address).status_code == 404


def test_a_file_missing_from_the_storage_is_not_found(rosa, photo, settings):
    client = browser(rosa)
    made = client.post(ask(photo), {"use": "care", "how": "save"}).url
    (settings.PHOTOS_DIR / photo.files.get(size="full").name).unlink()

    assert client.get(f"{made}{photo.pk}/full.jpg").status_code == 404


def test_the_photo_and_the_comparison_lead_there(rosa, photo, bruise):
    client = browser(rosa)

    assert links(client.get(f"/photos/{photo.pk}/"), "photo-copy", photo.pk)
    assert links(client.get(reverse("photo-compare", args=[bruise.pk])), "photo-copy-all", bruise.pk)


def test_the_statements_stay_the_same_with_three_photos(rosa, bruise):
    client = browser(rosa)
    asked, made = [], []
    for days in (7, 5, 3):
        taken(bruise, rosa, days)
        asked.append(statements(client, ask_all(bruise)))
        made.append(statements(client, client.post(ask_all(bruise), {"use": "care", "how": "print"}).url))

    assert (asked, made) == ([asked[0]] * 3, [made[0]] * 3)
