from io import BytesIO

import pytest

from clinic.models import AuditEvent
from tests.api.calls import API, NO_ONE, ahead, codes, errors, ids
from tests.factories import make_consent, make_gone, make_review, make_side_effect
from tests.pictures import phone_jpeg
from treatments.models import SideEffect
from treatments.photos import add_photo

FOR_RECEPTION = {"id", "patient", "kind", "onset_on", "seen"}


def _day(days: float) -> str:
    return ahead(days).date().isoformat()


def test_a_practitioner_logs_what_they_see(api, rosa, amara, running):
    body = {
        "patient": str(amara.pk),
        "session": str(running.pk),
        "kind": "bruising",
        "site": "thigh",
        "side": "left",
        "severity": 2,
        "onset_on": _day(-1),
        "painful_to_touch": False,
        "note": "As big as a coin.",
    }

    response = api(rosa).post(f"{API}side-effects/", body)

    made = SideEffect.objects.get()
    assert response.status_code == 201
    assert response.json() == body | {
        "id": str(made.pk),
        "seen": True,
        "seen_at": response.json()["seen_at"],
        "open": True,
        "recorded_at": response.json()["recorded_at"],
        "recorded_by": str(rosa.pk),
        "reopens": None,
        "moved_from": None,
        "closing_review": None,
        "error_at": None,
        "error_reason": "",
    }


def test_a_receptionist_takes_down_what_is_reported_and_has_never_seen_it(api, reception, rosa, amara):
    body = {"patient": str(amara.pk), "kind": "bruising", "seen": True, "note": "She rang."}

    response = api(reception).post(f"{API}side-effects/", body)

    assert response.status_code == 201
    assert response.json() == {
        "id": str(SideEffect.objects.get().pk),
        "patient": str(amara.pk),
        "kind": "bruising",
        "onset_on": None,
        "seen": False,
    }
    assert api(rosa).get(f"{API}side-effects/{response.json()['id']}/").json()["note"] == "She rang."


def test_a_practitioner_may_take_down_what_they_have_not_seen(api, rosa, amara):
    body = {"patient": str(amara.pk), "kind": "bruising", "seen": False}

    assert api(rosa).post(f"{API}side-effects/", body).json()["seen"] is False


def test_where_and_how_bad_may_be_left_out(api, rosa, amara):
    body = {"patient": str(amara.pk), "kind": "itching", "site": None, "side": "", "severity": None}

    response = api(rosa).post(f"{API}side-effects/", body)

    assert response.status_code == 201
    assert [response.json()[name] for name in ("site", "side", "severity", "onset_on")] == ["", "", None, None]


def test_a_receptionist_is_told_no_more_than_they_need(api, reception, rosa, manager, bruise):
    def keys(staff):
        client = api(staff)
        one = client.get(f"{API}side-effects/{bruise.pk}/").json()
        (listed,) = client.get(f"{API}side-effects/").json()["results"]
        assert one == listed
        return set(one)

    assert keys(reception) == FOR_RECEPTION
    assert keys(rosa) > FOR_RECEPTION
    assert keys(manager) == keys(rosa)


def test_bruising_puts_what_is_booked_on_hold(api, reception, booked):
    client = api(reception)
    client.post(f"{API}side-effects/", {"patient": str(booked.patient_id), "kind": "bruising"})

    assert client.get(f"{API}appointments/{booked.pk}/").json()["status"] == "on-hold"


def test_swelling_holds_nothing(api, reception, booked):
    client = api(reception)
    client.post(f"{API}side-effects/", {"patient": str(booked.patient_id), "kind": "swelling"})

    assert client.get(f"{API}appointments/{booked.pk}/").json()["status"] == "booked"


def test_a_red_flag_opens_a_suspected_infection_beside_it(api, reception, amara):
    client = api(reception)
    body = {"patient": str(amara.pk), "kind": "swelling", "red_flags": ["fever", "pus"]}

    assert client.post(f"{API}side-effects/", body).json()["kind"] == "swelling"
    found = client.get(f"{API}side-effects/?patient={amara.pk}").json()["results"]
    assert sorted(row["kind"] for row in found) == ["infection", "swelling"]


@pytest.mark.parametrize(
    "changed, expected",
    [
        ({"patient": NO_ONE}, {"patient": ["There is no such patient."]}),
        ({"patient": None}, {"patient": ["This field may not be null."]}),
        ({"kind": "bruise"}, {"kind": ['"bruise" is not a valid choice.']}),
        ({"kind": ["bruising"]}, {"kind": ["\"['bruising']\" is not a valid choice."]}),
        ({"site": "elbow"}, {"site": ['"elbow" is not a valid choice.']}),
        ({"side": "up"}, {"side": ['"up" is not a valid choice.']}),
        ({"severity": 5}, {"severity": ['"5" is not a valid choice.']}),
        ({"severity": 10**30}, {"severity": [f'"{10**30}" is not a valid choice.']}),
        ({"onset_on": "2190-01-01"}, {"onset_on": ["The onset is in the future."]}),
        ({"onset_on": "1901-01-01"}, {"onset_on": ["The onset is before the patient was born."]}),
        ({"onset_on": "0001-01-01"}, {"onset_on": ["The year must be from 1900 to 2200."]}),
        ({"red_flags": ["hiccups"]}, {"red_flags": ['1: "hiccups" is not a valid choice.']}),
        ({"red_flags": {"fever": True}}, {"red_flags": ['Expected a list of items but got type "dict".']}),
        ({"note": "x" * 4001}, {"note": ["Ensure this field has no more than 4000 characters."]}),
        ({"session": NO_ONE}, {"session": ["There is no such session."]}),
        ({"reopens": NO_ONE}, {"reopens": ["There is no such side effect."]}),
        ({"seen": "maybe"}, {"seen": ["Must be a valid boolean."]}),
    ],
)
def test_what_is_not_valid_is_said_beside_its_field(api, rosa, amara, changed, expected):
    body = {"patient": str(amara.pk), "kind": "bruising"} | changed

    assert errors(api(rosa).post(f"{API}side-effects/", body)) == expected
    assert not SideEffect.objects.exists()


def test_another_patients_session_is_refused(api, rosa, jonas, running):
    body = {"patient": str(jonas.pk), "kind": "pain", "session": str(running.pk)}

    assert errors(api(rosa).post(f"{API}side-effects/", body)) == {"session": ["That session was another patient's."]}


def test_seen_again_names_the_closed_one(api, rosa, bruise):
    client = api(rosa)
    body = {"patient": str(bruise.patient_id), "kind": "bruising", "reopens": str(bruise.pk)}

    assert errors(client.post(f"{API}side-effects/", body)) == {
        "reopens": ["It can only reopen a closed side effect of the same kind and patient."]
    }
    make_gone(bruise, by=rosa, now=ahead(-1))
    assert client.post(f"{API}side-effects/", body).json()["reopens"] == str(bruise.pk)


def test_side_effects_are_filtered_by_patient_and_whether_open(api, reception, rosa, amara, jonas, bruise):
    gone = make_side_effect(patient=amara, by=rosa, kind="swelling", now=ahead(-3))
    make_gone(gone, by=rosa, now=ahead(-1))
    other = make_side_effect(patient=jonas, by=rosa, kind="pain", now=ahead(-1))
    client = api(reception)

    def found(**asked):
        return ids(client.get(f"{API}side-effects/", asked))

    assert found() == [str(other.pk), str(bruise.pk), str(gone.pk)]
    assert found(patient=str(amara.pk)) == [str(bruise.pk), str(gone.pk)]
    assert found(patient=str(amara.pk), open="true") == [str(bruise.pk)]
    assert found(patient=str(amara.pk), open="false") == [str(gone.pk)]
    assert list(errors(client.get(f"{API}side-effects/", {"open": "perhaps"}))) == ["open"]


def test_reading_clinical_entries_is_in_the_audit_trail_and_a_receptionists_glance_is_not(api, reception, rosa, bruise):
    for staff in (reception, rosa):
        client = api(staff)
        client.get(f"{API}side-effects/?patient={bruise.patient_id}")
        client.get(f"{API}side-effects/{bruise.pk}/")
        client.get(f"{API}side-effects/{bruise.pk}/reviews/")

    read = AuditEvent.objects.filter(kind="record-read").order_by("at")
    assert {event.actor for event in read} == {rosa}
    assert {event.patient_id for event in read} == {bruise.patient_id}
    assert [event.subject for event in read] == ["side-effects", "side-effect", "reviews"]


# --- Reviews ---------------------------------------------------------------------------------------------------------


def _look(client, bruise, **body):
    return client.post(f"{API}side-effects/{bruise.pk}/reviews/", {"mode": "in-person", "finding": "fading"} | body)


def test_a_look_is_added_and_the_side_effect_stays_open(api, rosa, bruise):
    client = api(rosa)

    response = _look(client, bruise, size_mm=12, colour="yellow", note="Nearly there.", seen_at=ahead(-1).isoformat())

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
