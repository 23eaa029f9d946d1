"""Looks at a side effect, and entries that were wrong."""

from io import BytesIO

import pytest

from tests.api.calls import API, ahead, codes, errors, ids
from tests.factories import make_consent, make_gone, make_review
from tests.pictures import phone_jpeg
from treatments.models import SideEffect
from treatments.photos import add_photo


def _look(client, bruise, **body):
    return client.post(f"{API}side-effects/{bruise.pk}/reviews/", {"mode": "in-person", "finding": "fading"} | body)


def test_a_look_is_added_and_the_side_effect_stays_open(api, rosa, bruise):
    client = api(rosa)

    response = _look(
        client,
        bruise,
        size_mm=12,
        size_method="ruler",
        colour="yellow",
        note="Nearly there.",
        seen_at=ahead(-1).isoformat(),
    )

    found = response.json()
    assert response.status_code == 201
    assert (found["finding"], found["outcome"], found["size_mm"], found["colour"]) == (
        "fading", "recovering", 12, "yellow",
    )  # fmt: skip
    assert found["by"] == str(rosa.pk)
    assert client.get(f"{API}side-effects/{bruise.pk}/").json()["open"] is True
    assert ids(client.get(f"{API}side-effects/{bruise.pk}/reviews/")) == [found["id"]]


def test_gone_closes_it_and_mesotherapy_is_bookable_again(api, rosa, bruise, booking):
    client = api(rosa)

    review = _look(client, bruise, finding="gone")

    assert review.json()["outcome"] == "resolved"
    assert client.get(f"{API}side-effects/{bruise.pk}/").json()["closing_review"] == review.json()["id"]
    assert client.post(f"{API}appointments/", booking).status_code == 201


def test_staining_that_stays_is_gone_with_sequelae(api, rosa, bruise):
    response = _look(api(rosa), bruise, finding="gone", outcome="resolved-with-sequelae")

    assert response.json()["outcome"] == "resolved-with-sequelae"


def test_a_gone_dated_before_another_look_lifts_nothing(api, rosa, bruise, booking):
    make_review(side_effect=bruise, by=rosa, finding="fading", now=ahead(-0.5))
    client = api(rosa)

    assert _look(client, bruise, finding="gone", seen_at=ahead(-1).isoformat()).status_code == 201
    assert codes(client.post(f"{API}appointments/", booking)) == ["bruising-present"]


def test_a_closed_one_takes_no_more_looks(api, rosa, bruise):
    make_gone(bruise, by=rosa, now=ahead(-1))

    assert codes(_look(api(rosa), bruise)) == ["wrong-status"]


@pytest.mark.parametrize(
    "body, expected",
    [
        ({"mode": "phone", "finding": "gone"},
         {"mode": ["Gone is never found by phone alone: look in person, or at a new photo."]}),
        ({"mode": "photo", "finding": "gone"},
         {"mode": ["Gone from a photo needs a photo of it taken after the last look. Add one first."]}),
        ({"finding": "better"}, {"finding": ['"better" is not a valid choice.']}),
        ({"mode": None}, {"mode": ["This field may not be null."]}),
        ({"seen_at": "2190-01-01T10:00:00Z"}, {"seen_at": ["A look is never in the future."]}),
        ({"seen_at": "2026-11-03T10:00:00"},
         {"seen_at": ["Say the zone too: end it in Z or an offset, for example 2026-11-03T10:00:00+00:00."]}),
        ({"size_mm": 0}, {"size_mm": ["Ensure this value is greater than or equal to 1."]}),
        ({"size_mm": 10**20}, {"size_mm": ["Ensure this value is less than or equal to 2000."]}),
        ({"outcome": "resolved"}, {"outcome": ["With this finding the outcome is recovering."]}),
        ({"outcome": "healed"}, {"outcome": ['"healed" is not a valid choice.']}),
    ],
)  # fmt: skip
def test_a_look_that_makes_no_sense_is_not_valid(api, rosa, bruise, body, expected):
    assert errors(_look(api(rosa), bruise, **body)) == expected


def test_fading_may_be_found_by_phone(api, rosa, bruise):
    assert _look(api(rosa), bruise, mode="phone").status_code == 201


def test_a_look_needs_a_mode_and_a_finding(api, rosa, bruise):
    required = ["This field is required."]

    response = api(rosa).post(f"{API}side-effects/{bruise.pk}/reviews/", {})

    assert errors(response) == {"mode": required, "finding": required}


# --- Entered in error, or for the wrong patient ----------------------------------------------------------------------


def test_an_entry_in_error_is_struck_through_for_good(api, rosa, bruise, booking):
    client, address = api(rosa), f"{API}side-effects/{bruise.pk}/enter-in-error/"

    struck = client.post(address, {"reason": "Typed into the wrong row."})

    assert struck.status_code == 200
    assert (struck.json()["open"], struck.json()["error_reason"]) == (False, "Typed into the wrong row.")
    assert codes(client.post(address, {"reason": "Again."})) == ["wrong-status"]
    assert client.post(f"{API}appointments/", booking).status_code == 201


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "   "}, {"reason": None}, {"reason": "x" * 501}])
def test_an_entry_in_error_needs_a_reason(api, rosa, bruise, body):
    response = api(rosa).post(f"{API}side-effects/{bruise.pk}/enter-in-error/", body)

    assert list(errors(response)) == ["reason"]


def test_what_was_held_stays_held(api, rosa, booked, bruise):
    client = api(rosa)
    client.post(f"{API}side-effects/{bruise.pk}/enter-in-error/", {"reason": "Not hers."})

    assert client.get(f"{API}appointments/{booked.pk}/").json()["status"] == "on-hold"


def test_a_bruise_of_the_wrong_patient_moves_to_the_right_one(api, rosa, bruise, amara, jonas, mesotherapy):
    client = api(rosa)
    body = {"patient": str(jonas.pk), "reason": "It was Jonas."}

    response = client.post(f"{API}side-effects/{bruise.pk}/wrong-patient/", body)

    moved = response.json()
    assert response.status_code == 201
    assert (moved["patient"], moved["moved_from"], moved["site"]) == (str(jonas.pk), str(bruise.pk), "thigh")
    assert client.get(f"{API}side-effects/{bruise.pk}/").json()["error_reason"] == "It was Jonas."
    allowed = [
        client.get(f"{API}patients/{one.pk}/eligibility/?treatment={mesotherapy.pk}").json()["allowed"]
        for one in (amara, jonas)
    ]
    assert allowed == [True, False]


def test_the_right_patient_is_another_one(api, rosa, bruise, amara, jonas):
    client, address = api(rosa), f"{API}side-effects/{bruise.pk}/wrong-patient/"

    assert errors(client.post(address, {"patient": str(amara.pk), "reason": "?"})) == {
        "patient": ["This is the patient it stands under already."]
    }
    assert errors(client.post(address, {"patient": str(jonas.pk)})) == {"reason": ["This field is required."]}
    assert not SideEffect.objects.filter(patient=jonas).exists()


def test_a_photo_newer_than_the_last_look_shows_it_gone(api, rosa, bruise):
    make_consent(bruise.patient, rosa)
    add_photo(side_effect=bruise, image=BytesIO(phone_jpeg()), by=rosa, taken_at=ahead(-1))
    client = api(rosa)

    assert _look(client, bruise, mode="photo", finding="gone").status_code == 201
    assert client.get(f"{API}side-effects/{bruise.pk}/").json()["open"] is False
