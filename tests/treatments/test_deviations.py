"""A treatment given all the same is written down as it was. It books nothing, holds nothing and lifts nothing."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from clinic.refusals import Refused
from patients.models import Consent
from patients.registration import withdraw_consent
from tests.factories import (
    make_appointment,
    make_gone,
    make_patient,
    make_session,
    make_side_effect,
    train,
)
from tests.pages.clinical import ago, browser
from treatments.addenda import enter_session_in_error
from treatments.booking import book_appointment
from treatments.deviations import record_deviation
from treatments.models import Appointment, Deviation, SideEffect
from treatments.rule_check import rule_breaches
from treatments.sessions import finish_session, write_session

REASON = "Flown in for the day; the bruise was seen too late."


@pytest.fixture
def bruised(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=ago(3))


@pytest.fixture
def deviate(amara, mesotherapy, rosa):
    """deviate(field=…) records one of two hours ago, an hour long, but for what is given."""

    def act(**other) -> Deviation:
        begun = ago(hours=2)
        given = {
            "patient": amara, "treatment": mesotherapy, "starts_at": begun, "ends_at": begun + dt.timedelta(hours=1),
            "reason": REASON, "decided_by": rosa, "practitioner": rosa, "by": rosa,
        }  # fmt: skip
        return record_deviation(**given | other)

    return act


def codes(deviation: Deviation) -> list[str]:
    return [one["code"] for one in deviation.blockers]


def page(patient) -> str:
    return reverse("deviation-record", args=[patient.pk])


# --- What it is -----------------------------------------------------------------------------------------------------------


def test_it_says_what_was_given_what_stood_against_it_and_who_decided(deviate, bruised, mesotherapy, rosa):
    found = deviate()

    visit = found.appointment
    assert (visit.status, visit.treatment, visit.practitioner) == ("fulfilled", mesotherapy, rosa)
    assert (found.reason, found.decided_by, found.recorded_by) == (REASON, rosa, rosa)
    assert codes(found) == ["bruising-present", "skin-check-missing"]
    assert found.blockers[0]["words"].startswith("Bruising, left thigh since")
    assert (visit.session.started_at, visit.session.finished_at) == (visit.starts_at, None)
    assert rule_breaches() == []


def test_its_session_is_written_down_and_signed_like_any_other(deviate, bruised, rosa):
    session = deviate().appointment.session

    write_session(session=session, by=rosa, note="Two sites only.")
    finish_session(session=session, by=rosa)

    session.refresh_from_db()
    assert (session.note, session.finished_by, session.appointment.status) == ("Two sites only.", rosa, "fulfilled")
    assert rule_breaches() == []


def test_it_never_books_and_lifts_nothing(deviate, bruised, amara, mesotherapy, rosa, reception):
    held = Appointment.objects.live().count()

    deviate()

    assert Appointment.objects.live().count() == held
    bruised.refresh_from_db()
    assert bruised.is_open
    with pytest.raises(Refused) as refusal:
        book_appointment(
            patient=amara, treatment=mesotherapy, practitioner=rosa, starts_at=ago(-5), by=reception, now=ago()
        )
    assert refusal.value.codes == ["bruising-present"]


def test_a_held_visit_stays_held(deviate, amara, mesotherapy, rosa, reception):
    visit = make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=ago(-1), now=ago(5)
    )
    make_side_effect(patient=amara, by=rosa, now=ago(3))

    deviate()

    visit.refresh_from_db()
    assert visit.status == "on-hold"


@pytest.mark.parametrize("hours", [-1, -24])
def test_what_is_not_over_is_no_deviation(hours, deviate, bruised):
    with pytest.raises(ValidationError) as error:
        deviate(starts_at=ago(hours=0.5), ends_at=ago(hours=hours))

    assert error.value.message_dict == {"ends_at": ["A deviation is written down once it is over, never ahead."]}
    assert not Appointment.objects.exists()
    assert not Deviation.objects.exists()


def test_what_ended_this_minute_is(deviate, bruised):
    now = ago()

    assert deviate(starts_at=now - dt.timedelta(hours=1), ends_at=now, now=now).appointment.ends_at == now


# --- What stood against it ---------------------------------------------------------------------------------------------------


def test_of_what_was_gone_before_it_began_nothing_stands(deviate, bruised, rosa):
    make_gone(bruised, rosa, now=ago(hours=3))

    assert codes(deviate()) == ["skin-check-missing"]


def test_what_was_gone_only_afterwards_stood(deviate, bruised, rosa):
    make_gone(bruised, rosa, now=ago(hours=1.5))

    assert codes(deviate()) == ["bruising-present", "skin-check-missing"]


def test_a_bruise_written_down_afterwards_stood_where_it_had_begun(deviate, amara, rosa):
    make_side_effect(patient=amara, by=rosa, onset_on=ago(1).date(), now=ago(hours=0.2))

    [first, _] = deviate().blockers

    assert first["code"] == "bruising-present"
    assert "written down on" in first["words"]


def test_a_bruise_that_came_afterwards_did_not_stand(deviate, amara, rosa):
    begun = ago(2)
    make_side_effect(patient=amara, by=rosa, onset_on=ago(1).date(), now=ago(hours=0.2))

    assert codes(deviate(starts_at=begun, ends_at=begun + dt.timedelta(hours=1))) == ["skin-check-missing"]


def test_reported_infection_training_and_consent_stand_in_the_gates_order(deviate, reception, omar, rosa, mesotherapy):
    patient = make_patient(reception, "Ada", "Byron", consents=())
    make_side_effect(patient=patient, by=reception, kind="bruising", now=ago(3))
    make_side_effect(patient=patient, by=rosa, kind="infection", now=ago(3))

    found = deviate(patient=patient, practitioner=omar, decided_by=rosa)

    assert codes(found) == [
        "bruising-reported",
        "infection-suspected",
        "practitioner-not-trained",
        "treatment-consent-missing",
        "skin-check-missing",
    ]


def test_a_consent_withdrawn_after_it_began_was_there(deviate, amara, reception):
    withdraw_consent(consent=Consent.objects.get(patient=amara), by=reception, now=ago(hours=1.5))

    assert codes(deviate()) == ["skin-check-missing"]


def test_a_consent_withdrawn_before_it_began_was_not(deviate, amara, reception):
    withdraw_consent(consent=Consent.objects.get(patient=amara), by=reception, now=ago(hours=2.5))

    assert codes(deviate()) == ["treatment-consent-missing", "skin-check-missing"]


# --- What is refused -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_practitioners_record_one(person, deviate, bruised, amara, request):
    by = request.getfixturevalue(person)

    with pytest.raises(PermissionDenied):
        deviate(by=by)
    assert browser(by).get(page(amara)).status_code == 403
    assert browser(by).post(page(amara), {}).status_code == 403


@pytest.mark.parametrize("who", ["decided_by", "practitioner"])
def test_only_practitioners_give_it_and_decide_it(who, deviate, bruised, reception):
    with pytest.raises(ValidationError) as error:
        deviate(**{who: reception})

    assert list(error.value.message_dict) == [who]


def test_who_is_not_trained_may_have_given_it_and_that_is_said(deviate, omar):
    assert "practitioner-not-trained" in codes(deviate(practitioner=omar))
    train(omar)
    assert "practitioner-not-trained" not in codes(deviate(practitioner=omar, starts_at=ago(2), ends_at=ago(1.99)))


@pytest.mark.parametrize("reason", ["", " \n\t"])
def test_it_needs_a_reason(reason, deviate, bruised):
    with pytest.raises(ValidationError) as error:
        deviate(reason=reason)

    assert list(error.value.message_dict) == ["reason"]


def test_only_mesotherapy_deviates(deviate, bruised, consultation):
    with pytest.raises(ValidationError) as error:
        deviate(treatment=consultation)

    assert list(error.value.message_dict) == ["treatment"]


def test_longer_than_twelve_hours_is_a_slip_and_twelve_are_not(deviate, bruised):
    begun = ago(2)

    with pytest.raises(ValidationError) as error:
        deviate(starts_at=begun, ends_at=begun + dt.timedelta(hours=12, minutes=1))
    assert list(error.value.message_dict) == ["ends_at"]
    assert deviate(starts_at=begun, ends_at=begun + dt.timedelta(hours=12)).pk


def test_the_same_treatment_is_not_written_down_twice(deviate, bruised, jonas):
    first = deviate()

    with pytest.raises(ValidationError) as error:
        deviate()
    assert error.value.message_dict == {"starts_at": ["A deviation is on record for this time already. See the chart."]}
    assert deviate(starts_at=first.appointment.ends_at, ends_at=ago()).pk
    assert deviate(patient=jonas).pk


def test_one_whose_session_was_entered_in_error_is_written_down_anew(deviate, bruised, rosa):
    first = deviate().appointment.session
    finish_session(session=first, by=rosa)
    enter_session_in_error(session=first, reason="Wrong day", by=rosa)

    assert deviate().pk
    assert Deviation.objects.count() == 2


def test_a_session_on_record_is_not_written_down_again_as_a_deviation(deviate, amara, rosa, mesotherapy):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=1.8))

    with pytest.raises(ValidationError) as error:
        deviate()

    assert error.value.message_dict == {
        "starts_at": ["A mesotherapy session is on record for this time already. See the chart."]
    }
