"""DOMAIN.md's two tables through the API: what the rule allows in each state, and along which steps a status changes."""

import datetime as dt

import pytest
from django.utils import timezone

from tests.api.calls import API, ahead, codes, errors
from tests.factories import make_appointment, make_gone, make_practitioner, make_review, make_session, make_side_effect
from treatments.booking import cancel_appointment, check_in, mark_no_show
from treatments.models import Appointment
from treatments.sessions import finish_session, start_session
from treatments.side_effects import enter_in_error

# --- The rule's table ------------------------------------------------------------------------------------------------


def _never(amara, rosa, reception, **_):
    pass


def _reported(amara, rosa, reception):
    make_side_effect(patient=amara, by=reception, now=ahead(-2))


def _seen(amara, rosa, reception):
    make_side_effect(patient=amara, by=rosa, now=ahead(-2))


def _fading(amara, rosa, reception):
    make_review(side_effect=make_side_effect(patient=amara, by=rosa, now=ahead(-2)), by=rosa, now=ahead(-1))


def _gone(amara, rosa, reception):
    make_gone(make_side_effect(patient=amara, by=rosa, now=ahead(-2)), by=rosa, now=ahead(-1))


def _in_error(amara, rosa, reception):
    bruise = make_side_effect(patient=amara, by=rosa, now=ahead(-2))
    enter_in_error(side_effect=bruise, reason="Another patient's.", by=rosa, now=ahead(-1))


def _infected(amara, rosa, reception):
    make_side_effect(patient=amara, by=rosa, kind="infection", now=ahead(-2))


RULE = [
    (_never, None),
    (_reported, "bruising-reported"),
    (_seen, "bruising-present"),
    (_fading, "bruising-present"),
    (_gone, None),
    (_in_error, None),
    (_infected, "infection-suspected"),
]


@pytest.mark.parametrize("state, code", RULE)
def test_the_rule_is_asked_when_booking(api, reception, booking, amara, rosa, consultation, bruise_review, state, code):
    state(amara, rosa, reception)
    client = api(reception)

    response = client.post(f"{API}appointments/", booking)
    later = booking | {"starts_at": ahead(hour=14).isoformat()}

    assert (response.status_code, codes(response) if code else []) == ((409, [code]) if code else (201, []))
    assert client.post(f"{API}appointments/", later | {"treatment": str(consultation.pk)}).status_code == 201
    latest = booking | {"starts_at": ahead(hour=16).isoformat(), "treatment": str(bruise_review.pk)}
    assert client.post(f"{API}appointments/", latest).status_code == 201


@pytest.mark.parametrize("state, code", RULE[1:])
def test_the_rule_is_asked_when_a_held_one_is_moved_or_confirmed(api, reception, booked, amara, rosa, state, code):
    state(amara, rosa, reception)
    client = api(reception)
    address = f"{API}appointments/{booked.pk}/"

    assert client.get(address).json()["status"] == "on-hold"
    moved = client.post(f"{address}move/", {"starts_at": ahead(3).isoformat()})
    if code:
        assert codes(moved) == [code]
        assert codes(client.post(f"{address}confirm/")) == [code]
    else:
        assert (moved.status_code, moved.json()["status"]) == (200, "booked")


def test_a_held_one_is_confirmed_at_its_own_time_once_clear(api, reception, booked, amara, rosa):
    _gone(amara, rosa, reception)

    response = api(reception).post(f"{API}appointments/{booked.pk}/confirm/")

    assert (response.status_code, response.json()["status"]) == (200, "booked")
    assert dt.datetime.fromisoformat(response.json()["starts_at"]) == booked.starts_at


@pytest.mark.parametrize("state, code", RULE)
def test_the_rule_is_asked_when_starting(api, reception, booked, amara, rosa, state, code):
    state(amara, rosa, reception)
    client = api(rosa)
    if code is None and state is not _never:
        client.post(f"{API}appointments/{booked.pk}/confirm/")

    response = client.post(f"{API}appointments/{booked.pk}/start/", {"skin_check": "no-bruising-seen"})

    if code:
        assert codes(response)[0] == code
    else:
        assert (response.status_code, response.json()["skin_check"]) == (200, "no-bruising-seen")


def test_mesotherapy_starts_only_after_a_skin_check(api, rosa, booked):
    client, address = api(rosa), f"{API}appointments/{booked.pk}/start/"

    assert codes(client.post(address)) == ["skin-check-missing"]
    assert codes(client.post(address, {"skin_check": ""})) == ["skin-check-missing"]
    assert errors(client.post(address, {"skin_check": "looks fine"})) == {
        "skin_check": ['"looks fine" is not a valid choice.']
    }
    assert client.post(address, {"skin_check": "no-bruising-seen"}).status_code == 200


def test_a_consultation_starts_without_a_skin_check(api, rosa, amara, consultation):
    appointment = make_appointment(
        patient=amara, treatment=consultation, practitioner=rosa, by=rosa, starts_at=ahead(), now=ahead(0)
    )

    response = api(rosa).post(f"{API}appointments/{appointment.pk}/start/")

    assert (response.status_code, response.json()["skin_check"]) == (200, None)


def test_somebody_untrained_starts_no_mesotherapy(api, omar, booked):
    response = api(omar).post(f"{API}appointments/{booked.pk}/start/", {"skin_check": "no-bruising-seen"})

    assert codes(response) == ["practitioner-not-trained"]


# --- The table of statuses -------------------------------------------------------------------------------------------

STEPS = ("move", "confirm", "check-in", "start", "cancel", "review-instead", "no-show")
TABLE = {
    # where from: what each of STEPS makes of it; None is refused
    "booked": ("booked", None, "arrived", "in-progress", "cancelled", "booked", "noshow"),
    "on-hold": ("booked", "booked", None, None, "cancelled", "booked", None),
    "arrived": (None, None, None, "in-progress", "cancelled", "arrived", None),
    "in-progress": (None, None, None, None, None, None, None),
    "fulfilled": (None, None, None, None, None, None, None),
    "cancelled": (None, None, None, None, None, None, None),
    "noshow": (None, None, None, None, None, None, None),
}


def _make(status: str, patient, treatment, rosa) -> Appointment:
    """One whose time has just passed, but for a held one: that has to be ahead to be confirmed."""
    now = timezone.now()
    begins = ahead() if status == "on-hold" else now - dt.timedelta(minutes=5)
    appointment = make_appointment(
        patient=patient, treatment=treatment, practitioner=rosa, by=rosa, starts_at=begins, now=now
    )
    if status == "on-hold":
        make_gone(make_side_effect(patient=patient, by=rosa, now=now - dt.timedelta(hours=2)), by=rosa, now=now)
    if status == "arrived":
        check_in(appointment=appointment, by=rosa, now=now)
    if status in ("in-progress", "fulfilled"):
        session = start_session(appointment=appointment, by=rosa, skin_check="no-bruising-seen", now=now)
        if status == "fulfilled":
            finish_session(session=session, by=rosa, now=now)
    if status == "cancelled":
        cancel_appointment(appointment=appointment, by=rosa, now=now)
    if status == "noshow":
        mark_no_show(appointment=appointment, by=rosa, now=now)
    return appointment


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("status", TABLE)
def test_a_status_changes_only_along_the_table(api, amara, mesotherapy, bruise_review, rosa, status, step):
    appointment = _make(status, amara, mesotherapy, rosa)
    address, client = f"{API}appointments/{appointment.pk}/", api(rosa)
    assert client.get(address).json()["status"] == status
    body = {"move": {"starts_at": ahead(2).isoformat()}, "start": {"skin_check": "no-bruising-seen"}}

    response = client.post(f"{address}{step}/", body.get(step, {}))

    expected = TABLE[status][STEPS.index(step)]
    if expected is None:
        assert codes(response) == ["wrong-status"]
        assert client.get(address).json()["status"] == status
    else:
        assert response.status_code == 200, response.content
        assert client.get(address).json()["status"] == expected


def test_a_session_is_finished_once(api, rosa, running):
    client, address = api(rosa), f"{API}sessions/{running.pk}/finish/"

    assert client.post(address).status_code == 200
    assert client.get(f"{API}appointments/{running.appointment_id}/").json()["status"] == "fulfilled"
    assert codes(client.post(address)) == ["wrong-status"]


def test_nobody_is_missed_before_their_time(api, reception, booked):
    assert codes(api(reception).post(f"{API}appointments/{booked.pk}/no-show/")) == ["wrong-status"]


def test_a_held_one_whose_time_has_passed_is_moved_not_confirmed(api, reception, amara, mesotherapy, rosa):
    held = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=rosa, starts_at=ahead(-1), now=ahead(-3)
    )
    make_gone(make_side_effect(patient=amara, by=rosa, now=ahead(-3)), by=rosa, now=ahead(-2))
    client, address = api(reception), f"{API}appointments/{held.pk}/"

    assert codes(client.post(f"{address}confirm/")) == ["wrong-status"]
    assert client.post(f"{address}move/", {"starts_at": ahead(2).isoformat()}).json()["status"] == "booked"


def test_review_instead_keeps_the_time_and_remembers_the_treatment(
    api, reception, booked, bruise, bruise_review, mesotherapy
):
    response = api(reception).post(f"{API}appointments/{booked.pk}/review-instead/")

    found = response.json()
    assert (found["treatment"], found["stood_for"]) == (str(bruise_review.pk), str(mesotherapy.pk))
    assert (found["status"], dt.datetime.fromisoformat(found["starts_at"])) == ("booked", booked.starts_at)


def test_a_move_may_change_practitioner_and_room(api, reception, booked, room):
    nia = make_practitioner("Nia Cole")
    body = {"starts_at": ahead(2).isoformat(), "practitioner": str(nia.pk), "room": str(room.pk)}

    found = api(reception).post(f"{API}appointments/{booked.pk}/move/", body).json()

    assert (found["practitioner"], found["room"]) == (str(nia.pk), str(room.pk))


def test_a_cancellation_may_say_why(api, reception, booked):
    response = api(reception).post(f"{API}appointments/{booked.pk}/cancel/", {"reason": " ill "})

    assert (response.json()["status"], response.json()["cancel_reason"]) == ("cancelled", "ill")


def test_bruising_while_treating_blocks_the_next_not_this_one(api, rosa, running, booking, amara):
    client = api(rosa)
    client.post(f"{API}side-effects/", {"patient": str(amara.pk), "session": str(running.pk), "kind": "bruising"})

    assert client.post(f"{API}sessions/{running.pk}/finish/").status_code == 200
    assert codes(client.post(f"{API}appointments/", booking)) == ["bruising-present"]


def test_a_patient_treated_and_not_checked_since_is_bookable_and_it_says_so(
    api, reception, booking, amara, rosa, mesotherapy
):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ahead(-1))
    client = api(reception)

    asked = client.get(f"{API}patients/{amara.pk}/eligibility/?treatment={mesotherapy.pk}").json()
    assert (asked["allowed"], asked["state"]) == (True, "not-checked")
    assert client.post(f"{API}appointments/", booking).status_code == 201
