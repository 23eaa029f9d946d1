"""A repeated POST with the same Idempotency-Key answers the first result."""

import threading

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from clinic.models import IdempotencyKey
from patients.models import Patient
from tests.api.calls import API, ahead, codes, errors
from tests.factories import make_consent, make_gone
from tests.pictures import phone_jpeg
from treatments.models import Appointment, Photo

BODY = {"given_name": "Ines", "family_name": "Moreau", "date_of_birth": "1991-07-30"}
# Of two alike, the second is another person: said to be, or it would be asked (test_registering_twice.py).
NAMESAKE = BODY | {"confirm_new": True}


def _post(client, body=BODY, key="once-only", path="patients/", **more):
    return client.post(f"{API}{path}", body, HTTP_IDEMPOTENCY_KEY=key, **more)


def test_the_same_key_answers_the_first_result(api, reception):
    client = api(reception)

    first, again = _post(client), _post(client)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Patient.objects.count() == 1


def test_how_the_body_is_written_does_not_matter(api, reception):
    client = api(reception)
    first = _post(client)

    again = _post(client, dict(reversed(BODY.items())))

    assert again.json() == first.json()


def test_without_a_key_each_is_a_new_one(api, reception):
    client = api(reception)

    assert [client.post(f"{API}patients/", NAMESAKE).status_code for _ in range(2)] == [201, 201]
    assert Patient.objects.count() == 2


def test_another_key_is_another_request(api, reception):
    client = api(reception)

    assert _post(client).json()["id"] != _post(client, NAMESAKE, key="another").json()["id"]


def test_another_persons_key_is_their_own(api, reception, rosa):
    assert _post(api(reception)).json()["id"] != _post(api(rosa), NAMESAKE).json()["id"]


def test_a_key_is_not_used_for_something_else(api, reception):
    client = api(reception)
    _post(client)

    response = _post(client, BODY | {"given_name": "Inez"})

    assert errors(response) == {"Idempotency-Key": ["This key came with another request before; use a new one."]}
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("key", ["x" * 151, "k\xe9y", "a\0b"])
def test_a_key_is_plain_text_of_some_length(api, reception, key):
    assert errors(_post(api(reception), key=key)) == {"Idempotency-Key": ["At most 150 letters, digits and signs."]}


def test_what_was_refused_may_be_tried_again(api, reception, rosa, booking, bruise):
    client = api(reception)

    assert codes(_post(client, booking, path="appointments/")) == ["bruising-present"]
    assert not IdempotencyKey.objects.exists()
    make_gone(bruise, by=rosa, now=ahead(-1))
    assert _post(client, booking, path="appointments/").status_code == 201


def test_a_step_is_taken_once(api, reception, booked):
    client, path = api(reception), f"appointments/{booked.pk}/check-in/"

    first = _post(client, {}, path=path)

    assert (first.status_code, first.json()["status"]) == (200, "arrived")
    assert _post(client, {}, path=path).json() == first.json()
    assert codes(_post(client, {}, key="a second time", path=path)) == ["wrong-status"]


def test_a_photo_is_sent_once_and_another_photo_is_not_it(api, rosa, bruise):
    make_consent(bruise.patient, rosa)
    client, path = api(rosa), f"side-effects/{bruise.pk}/photos/"

    def send(content):
        body = {"image": SimpleUploadedFile("bruise.jpg", content)}
        return _post(client, body, path=path, format="multipart")

    first = send(phone_jpeg())
    assert first.status_code == 202
    assert send(phone_jpeg()).json() == first.json()
    assert list(errors(send(phone_jpeg(width=800)))) == ["Idempotency-Key"]
    assert Photo.objects.count() == 1


def test_who_may_no_longer_is_not_answered_again(api, reception):
    client = api(reception)
    _post(client)
    reception.is_receptionist, reception.is_manager = False, True
    reception.save()

    assert _post(client).status_code == 403


def test_two_at_the_same_moment_make_one(own_database, api, reception, booking):
    client, answers, ready = api(reception), [], threading.Barrier(2)

    def ask():
        try:
            ready.wait(timeout=10)
            response = _post(client, booking, path="appointments/")
            answers.append((response.status_code, response.json()))
        finally:
            connections.close_all()

    askers = [threading.Thread(target=ask) for _ in range(2)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join(timeout=30)

    assert [status for status, _ in answers] == [201, 201]
    assert answers[0] == answers[1]
    assert Appointment.objects.count() == 1
