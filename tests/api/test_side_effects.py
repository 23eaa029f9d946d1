import pytest

from clinic.models import AuditEvent
from tests.api.calls import API, NO_ONE, ahead, errors, ids
from tests.factories import make_gone, make_side_effect
from treatments.models import SideEffect

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
        "onset_is_about": True,
        "painful_to_touch": False,
        "cream": "",
        "red_flags": [],
        "map_view": "front",
        "map_x": 580,
        "map_y": 610,
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
