import pytest

from clinic.models import AuditEvent
from tests.api.calls import API, NO_ONE, codes, errors
from tests.factories import make_appointment, make_practitioner, make_session, on
from treatments.sessions import finish_session, start_session, write_session

WRITTEN = {
    "anaesthetic": "declined",
    "asepsis": ["hands-washed", "sterile-needles"],
    "sites": [
        {"site": "thigh", "side": "left", "view": "front", "technique": "nappage", "depth_mm": "4", "needle": "30G",
         "volume_ml": "1.5"},
        {"site": "abdomen", "side": ""},
    ],
    "creams": ["Arnica"],
    "burning": 3,
    "pain": 0,
    "swelling": True,
    "itching": False,
    "note": "Calm throughout.",
    "next_step": "Look in a week.",
}  # fmt: skip


NOT_ON_THE_LIST = (
    "“prayed” is not on the list: hands-washed, skin-disinfected, sterile-needles, clean-surface, sharps-disposed."
)


def test_what_is_done_is_written_down(api, rosa, running, amara):
    response = api(rosa).patch(f"{API}sessions/{running.pk}/", WRITTEN)

    running.refresh_from_db()
    assert response.status_code == 200
    assert response.json() == WRITTEN | {
        "id": str(running.pk),
        "appointment": str(running.appointment_id),
        "patient": str(amara.pk),
        "practitioner": str(rosa.pk),
        "started_at": response.json()["started_at"],
        "finished_at": None,
        "error_at": None,
        "error_reason": "",
        "lots": [],
        "skin_check": "no-bruising-seen",
        "as_of": response.json()["as_of"],
    }
    assert running.history.first().history_user == rosa


def test_a_bare_code_is_a_site_without_a_side(api, rosa, running):
    response = api(rosa).patch(f"{API}sessions/{running.pk}/", {"sites": ["thigh", {"site": "knee"}]})

    assert response.json()["sites"] == [{"site": "thigh", "side": ""}, {"site": "knee", "side": ""}]


def test_no_cream_recommended_is_not_the_same_as_not_recorded(api, rosa, running):
    client, address = api(rosa), f"{API}sessions/{running.pk}/"

    assert client.get(address).json()["creams"] is None
    assert client.patch(address, {"creams": []}).json()["creams"] == []
    assert client.patch(address, {"creams": None}).json()["creams"] is None


def test_one_field_is_written_and_the_others_stay(api, rosa, running):
    client, address = api(rosa), f"{API}sessions/{running.pk}/"
    client.patch(address, WRITTEN)

    assert client.patch(address, {"pain": None}).json()["pain"] is None
    assert client.get(address).json()["sites"] == WRITTEN["sites"]


@pytest.mark.parametrize(
    "written, expected",
    [
        ({"anaesthetic": "perhaps"}, {"anaesthetic": ['"perhaps" is not a valid choice.']}),
        ({"burning": 11}, {"burning": ["Ensure this value is less than or equal to 10."]}),
        ({"pain": -1}, {"pain": ["Ensure this value is greater than or equal to 0."]}),
        ({"pain": 10**40}, {"pain": ["Ensure this value is less than or equal to 10."]}),
        ({"pain": "much"}, {"pain": ["A valid integer is required."]}),
        ({"asepsis": "hands-washed"}, {"asepsis": ['Expected a list of items but got type "str".']}),
        ({"asepsis": ["prayed"]}, {"asepsis": [NOT_ON_THE_LIST]}),
        ({"sites": ["thigh", "elbow"]}, {"sites": ['2, site: "elbow" is not a valid choice.']}),
        ({"sites": [7]}, {"sites": ["1: Invalid data. Expected a dictionary, but got int."]}),
        ({"sites": [{"side": "left"}]}, {"sites": ["1, site: This field is required."]}),
        ({"sites": None}, {"sites": ["This field may not be null."]}),
        ({"sites": [{"site": "thigh", "volume_ml": "0"}]},
         {"sites": ["1, volume_ml: Ensure this value is greater than or equal to 0.01."]}),
        ({"sites": [{"site": "thigh", "x": 3}]}, {"sites": ["A point on the body map has a view, and both its places."]}),
        ({"lots": [{}]}, {"lots": ["1, lot: This field is required."]}),
        ({"lots": [{"lot": NO_ONE}]}, {"lots": ["There is no such lot."]}),
        ({"creams": [{}]}, {"creams": ["1: Not a valid string."]}),
        ({"creams": ["x"] * 51}, {"creams": ["Ensure this field has no more than 50 elements."]}),
        ({"note": "a\0b"}, {"note": ["Null characters are not allowed."]}),
        ({"anaesthetic": "declined", "anaesthetic_lot": NO_ONE},
         {"anaesthetic_lot": ["A lot is named only where the anaesthetic was given."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)  # fmt: skip
def test_what_is_not_valid_is_said_beside_its_field(api, rosa, running, written, expected):
    assert errors(api(rosa).patch(f"{API}sessions/{running.pk}/", written)) == expected


def test_a_consultation_has_no_injected_sites(api, rosa, amara, consultation):
    appointment = make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=rosa)
    session = start_session(appointment=appointment, by=rosa, now=on(3, 10))
    client, address = api(rosa), f"{API}sessions/{session.pk}/"

    assert errors(client.patch(address, {"sites": ["thigh"]})) == {
        "sites": ["Only mesotherapy has injection sites and injected products."]
    }
    assert client.patch(address, {"note": "Talked it over."}).status_code == 200


def test_what_only_the_clinic_writes_is_read_only(api, rosa, omar, running):
    response = api(rosa).patch(
        f"{API}sessions/{running.pk}/",
        {"practitioner": str(omar.pk), "finished_at": "2026-11-02T10:00:00Z", "skin_check": None, "id": NO_ONE},
    )

    assert response.json()["id"] == str(running.pk)
    assert response.json()["practitioner"] == str(rosa.pk)
    assert (response.json()["finished_at"], response.json()["skin_check"]) == (None, "no-bruising-seen")


def test_nothing_is_written_once_it_is_finished(api, rosa, running):
    client, address = api(rosa), f"{API}sessions/{running.pk}/"
    finish_session(session=running, by=rosa)

    assert codes(client.patch(address, {"note": "One more thing."})) == ["wrong-status"]
    assert client.get(address).json()["note"] == ""


def test_reading_a_session_is_in_the_audit_trail(api, manager, reception, running, amara):
    api(reception).get(f"{API}sessions/{running.pk}/")
    api(manager).get(f"{API}sessions/{running.pk}/")

    event = AuditEvent.objects.filter(kind="record-read").get()
    assert (event.actor, event.patient_id, event.subject, event.subject_id) == (
        manager, amara.pk, "session", running.pk,
    )  # fmt: skip


@pytest.mark.parametrize("method", ["get", "patch"])
def test_there_is_nothing_under_an_unknown_id(api, rosa, method):
    assert getattr(api(rosa), method)(f"{API}sessions/{NO_ONE}/").status_code == 404


def test_another_practitioner_may_write_it_too(api, omar, rosa, amara, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)

    assert api(omar).patch(f"{API}sessions/{session.pk}/", {"note": "Assisted."}).status_code == 200


def test_the_version_is_given_and_one_that_no_longer_stands_is_refused(api, rosa, running):
    client, address = api(rosa), f"{API}sessions/{running.pk}/"
    as_of = client.get(address).json()["as_of"]
    write_session(session=running, by=make_practitioner("Per Holm"), note="Left knee swells")

    refused = client.patch(address, {"note": "Calm", "as_of": as_of})
    signed = client.post(f"{address}finish/", {"as_of": as_of})

    assert [(answer.status_code, codes(answer)) for answer in (refused, signed)] == [(409, ["changed-meanwhile"])] * 2
    found = client.get(address).json()
    assert (found["note"], found["finished_at"]) == ("Left knee swells", None)
    patched = client.patch(address, {"note": "Calm", "as_of": found["as_of"]}).json()
    assert (patched["note"], patched["as_of"]) == ("Calm", client.get(address).json()["as_of"])
    assert client.post(f"{address}finish/", {"as_of": patched["as_of"]}).status_code == 200


def test_without_a_version_what_is_sent_is_written_and_the_rest_stays(api, rosa, running):
    write_session(session=running, by=make_practitioner("Per Holm"), note="Left knee swells", burning=3)

    answer = api(rosa).patch(f"{API}sessions/{running.pk}/", {"note": "Calm"})

    assert (answer.status_code, answer.json()["note"], answer.json()["burning"]) == (200, "Calm", 3)
