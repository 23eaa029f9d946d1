from tests.api.calls import API, NO_ONE, codes
from tests.factories import make_side_effect


def test_a_step_is_taken_back_within_minutes(api, reception, booked):
    client, address = api(reception), f"{API}appointments/{booked.pk}/"
    client.post(f"{address}check-in/")

    response = client.post(f"{address}undo/")

    assert (response.status_code, response.json()["status"]) == (200, "booked")
    assert codes(client.post(f"{address}undo/")) == ["wrong-status"]


def test_a_repeated_undo_with_one_key_is_one_undo(api, reception, booked):
    client, address = api(reception), f"{API}appointments/{booked.pk}/"
    client.post(f"{address}cancel/", {"reason": "wrong row"})

    answers = [client.post(f"{address}undo/", headers={"Idempotency-Key": "u1"}) for _ in range(2)]

    assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, "booked")] * 2
    assert answers[0].json()["cancel_reason"] == ""


def test_the_rule_is_asked(api, reception, rosa, booked, amara):
    client, address = api(reception), f"{API}appointments/{booked.pk}/"
    client.post(f"{address}cancel/")
    make_side_effect(patient=amara, by=rosa)

    assert codes(client.post(f"{address}undo/")) == ["bruising-present"]
    assert client.get(address).json()["status"] == "cancelled"


def test_who_may_not_book_may_not_undo(api, manager, booked):
    assert api(manager).post(f"{API}appointments/{booked.pk}/undo/").status_code == 403
    assert api(None).post(f"{API}appointments/{booked.pk}/undo/").status_code == 401


def test_an_unknown_appointment_is_not_found(api, reception):
    assert api(reception).post(f"{API}appointments/{NO_ONE}/undo/").status_code == 404
