"""Several kinds in one request; looks with all that is measured and judged; the referral checklist."""

import pytest

from clinic.models import AuditEvent
from tests.api.calls import API, codes, errors, ids
from tests.factories import make_side_effect
from treatments.models import ReferralStep, SideEffect

TOGETHER = f"{API}side-effects/together/"


def _steps(side_effect) -> str:
    return f"{API}side-effects/{side_effect.pk}/referral-steps/"


@pytest.fixture
def infection(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, kind="infection")


def test_several_kinds_are_side_effects_of_their_own(api, rosa, amara):
    body = {"patient": str(amara.pk), "kinds": ["swelling", "irritation"], "site": "thigh", "cream": "Arnica"}

    response = api(rosa).post(TOGETHER, body | {"painful_to_touch": True})

    assert response.status_code == 201
    assert [(one["kind"], one["site"], one["cream"], one["painful_to_touch"]) for one in response.json()] == [
        ("swelling", "thigh", "", True),
        ("irritation", "thigh", "Arnica", None),
    ]


def test_repeated_with_its_key_it_answers_the_same_and_logs_nothing_twice(api, rosa, amara):
    client, body = api(rosa), {"patient": str(amara.pk), "kinds": ["pain", "itching"]}

    answers = [client.post(TOGETHER, body, headers={"Idempotency-Key": "k"}).json() for _ in range(2)]

    assert answers[0] == answers[1]
    assert SideEffect.objects.count() == 2


def test_one_that_is_open_there_is_asked_about_first(api, rosa, amara, bruise):
    client, body = api(rosa), {"patient": str(amara.pk), "kinds": ["bruising"], "site": "thigh", "side": "left"}

    asked = client.post(TOGETHER, body)
    another = client.post(TOGETHER, body | {"not_the_same": asked.json()["side_effects"]})

    assert (asked.status_code, asked.json()["code"], asked.json()["side_effects"]) == (
        409,
        "likely-the-same",
        [str(bruise.pk)],
    )
    assert "left thigh" in asked.json()["detail"]
    assert another.status_code == 201


def test_reception_is_asked_without_the_place_and_answered_no_more_than_it_needs(api, reception, amara, bruise):
    client, body = api(reception), {"patient": str(amara.pk), "kinds": ["bruising"]}

    asked = client.post(TOGETHER, body)
    taken = client.post(TOGETHER, body | {"kinds": ["pain"], "seen": True})

    assert asked.status_code == 409
    assert "thigh" not in asked.content.decode()
    assert [set(one) for one in taken.json()] == [{"id", "patient", "kind", "onset_on", "seen"}]
    assert taken.json()[0]["seen"] is False


@pytest.mark.parametrize(("address", "kind"), [("together/", {"kinds": ["bruising"]}), ("", {"kind": "bruising"})])
def test_reception_is_answered_alike_whatever_place_it_names(address, kind, api, reception, amara, bruise):
    client, impossible = api(reception), {"patient": str(amara.pk), "onset_on": "1950-01-01"} | kind

    answers = [
        client.post(f"{API}side-effects/{address}", impossible | {"site": site, "side": side})
        for site in ("thigh", "face", "")
        for side in ("left", "right")
    ]

    assert len({(answer.status_code, answer.content) for answer in answers}) == 1


@pytest.mark.parametrize("kinds", [[], ["freckles"], "pain"])
def test_kinds_that_are_none_are_refused_by_field(kinds, api, rosa, amara):
    assert "kinds" in errors(api(rosa).post(TOGETHER, {"patient": str(amara.pk), "kinds": kinds}))
    assert not SideEffect.objects.exists()


def test_a_manager_reports_none(api, manager, amara):
    assert api(manager).post(TOGETHER, {"patient": str(amara.pk), "kinds": ["pain"]}).status_code == 403


# --- Looks -------------------------------------------------------------------------------------------------------------------


def test_a_look_keeps_how_it_was_measured_what_was_done_and_whether_the_treatment_caused_it(api, rosa, bruise):
    told = {
        "mode": "in-person",
        "finding": "fading",
        "size_mm": 40,
        "size_method": "ruler",
        "action_taken": "Cream continued",
        "causality": "probable",
    }

    response = api(rosa).post(f"{API}side-effects/{bruise.pk}/reviews/", told)

    assert response.status_code == 201
    assert {name: response.json()[name] for name in told} == told


def test_a_size_without_its_way_is_refused_and_a_red_flag_opens_a_suspected_infection(api, rosa, bruise):
    client, address = api(rosa), f"{API}side-effects/{bruise.pk}/reviews/"
    look = {"mode": "in-person", "finding": "worse"}

    assert errors(client.post(address, look | {"size_mm": 40})) == {"size_method": ["Say how the size was measured."]}
    assert client.post(address, look | {"red_flags": ["pus"]}).status_code == 201
    assert SideEffect.objects.get(kind="infection").red_flags == ["pus"]


# --- The checklist ------------------------------------------------------------------------------------------------------------


def test_a_step_is_ticked_once(api, rosa, infection):
    client = api(rosa)

    first = client.post(_steps(infection), {"step": "doctor-told", "note": "Dr Falk"})
    second = client.post(_steps(infection), {"step": "doctor-told"})

    made = ReferralStep.objects.get()
    assert first.status_code == 201
    assert first.json() == {
        "id": str(made.pk),
        "side_effect": str(infection.pk),
        "step": "doctor-told",
        "note": "Dr Falk",
        "done_at": first.json()["done_at"],
        "by": str(rosa.pk),
    }
    assert codes(second) == ["wrong-status"]
    assert ids(client.get(_steps(infection))) == [str(made.pk)]
    assert AuditEvent.objects.filter(kind="record-read", subject="referral-steps").count() == 1


def test_closing_it_needs_a_reason(api, rosa, infection):
    client = api(rosa)

    assert errors(client.post(_steps(infection), {"step": "closed"})) == {"note": ["Say why the rest is not needed."]}
    assert client.post(_steps(infection), {"step": "closed", "note": "In hospital"}).status_code == 201


def test_other_kinds_have_none_and_only_a_practitioner_ticks(api, rosa, reception, manager, bruise, infection):
    assert codes(api(rosa).post(_steps(bruise), {"step": "doctor-told"})) == ["wrong-status"]
    assert [
        api(staff).post(_steps(infection), {"step": "doctor-told"}).status_code for staff in (reception, manager)
    ] == [
        403,
        403,
    ]
    assert [api(staff).get(_steps(infection)).status_code for staff in (reception, manager)] == [404, 200]
