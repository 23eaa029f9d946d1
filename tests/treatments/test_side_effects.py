import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.refusals import Refused
from tests.factories import NOW, make_appointment, make_gone, make_review, make_session, make_side_effect, on
from treatments.booking import confirm_appointment
from treatments.eligibility import verdict
from treatments.models import Appointment, Review, SideEffect
from treatments.side_effects import (
    correct_patient,
    enter_in_error,
    record_none_seen,
    report_side_effect,
    review_side_effect,
)

# --- Reporting --------------------------------------------------------------------------------------------------------


def test_what_reception_takes_down_is_never_seen_whatever_it_says(amara, reception, mesotherapy):
    bruise = make_side_effect(patient=amara, by=reception, seen=True)

    assert (bruise.seen_at, bruise.seen_by) == (None, None)
    assert [b.code for b in verdict(amara, mesotherapy).blockers] == ["bruising-reported"]


@pytest.mark.parametrize(("seen", "seen_at"), [(None, NOW), (True, NOW), (False, None)])
def test_a_practitioner_has_seen_it_unless_said_otherwise(seen, seen_at, amara, rosa):
    assert make_side_effect(patient=amara, by=rosa, seen=seen).seen_at == seen_at


def test_a_manager_logs_nothing(amara, manager):
    with pytest.raises(PermissionDenied):
        make_side_effect(patient=amara, by=manager)


@pytest.mark.parametrize("flag", ["spreading-redness", "fever", "pus"])
def test_a_red_flag_opens_a_suspected_infection_at_once(flag, amara, reception, mesotherapy):
    make_side_effect(patient=amara, kind="pain", red_flags=[flag], by=reception)

    assert sorted(SideEffect.objects.values_list("kind", flat=True)) == ["infection", "pain"]
    assert [b.code for b in verdict(amara, mesotherapy).blockers] == ["infection-suspected"]


def test_no_red_flag_opens_none(amara, reception):
    make_side_effect(patient=amara, kind="pain", by=reception)

    assert SideEffect.objects.get().kind == "pain"


def test_a_second_red_flag_does_not_open_a_second_infection(amara, reception):
    make_side_effect(patient=amara, kind="pain", red_flags=["fever"], by=reception)
    make_side_effect(patient=amara, kind="swelling", red_flags=["pus"], by=reception)

    assert SideEffect.objects.filter(kind="infection").count() == 1


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"onset_on": dt.date(2026, 11, 3)}, "onset_on"),
        ({"onset_on": dt.date(1980, 1, 1)}, "onset_on"),
        ({"kind": "happiness"}, "kind"),
        ({"site": "moon"}, "site"),
        ({"side": "up"}, "side"),
        ({"severity": 5}, "severity"),
        ({"red_flags": ["hiccups"]}, "red_flags"),
    ],
)
def test_nonsense_is_refused_by_field_and_leaves_nothing(wrong, field, amara, rosa):
    with pytest.raises(ValidationError) as error:
        make_side_effect(**({"patient": amara, "by": rosa} | wrong))

    assert list(error.value.message_dict) == [field]
    assert not SideEffect.objects.exists()


def test_onset_today_is_no_future(amara, rosa):
    assert make_side_effect(patient=amara, by=rosa, onset_on=NOW.date()).onset_on == NOW.date()


def test_another_patients_session_is_refused(amara, jonas, rosa, mesotherapy):
    session = make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy)

    with pytest.raises(ValidationError) as error:
        make_side_effect(patient=amara, by=rosa, session=session)

    assert list(error.value.message_dict) == ["session"]


def test_what_began_before_a_session_does_not_belong_to_it(amara, rosa, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)

    with pytest.raises(ValidationError) as error:
        make_side_effect(patient=amara, by=rosa, session=session, onset_on=dt.date(2026, 11, 1))

    assert list(error.value.message_dict) == ["session"]
    assert make_side_effect(patient=amara, by=rosa, session=session, onset_on=NOW.date()).session == session


def test_seen_again_is_a_new_side_effect_that_names_the_old(amara, rosa, mesotherapy):
    old = make_side_effect(patient=amara, by=rosa)
    make_gone(old, rosa)
    old.refresh_from_db()

    new = make_side_effect(patient=amara, by=rosa, reopens=old)

    assert new.reopens == old
    assert not verdict(amara, mesotherapy).allowed


@pytest.mark.parametrize("why_not", ["still open", "another kind", "another patient"])
def test_reopens_names_only_a_closed_one_of_the_same_kind_and_patient(why_not, amara, jonas, rosa):
    old = make_side_effect(
        patient=jonas if why_not == "another patient" else amara,
        kind="swelling" if why_not == "another kind" else "bruising",
        by=rosa,
    )
    if why_not != "still open":
        make_gone(old, rosa)
        old.refresh_from_db()

    with pytest.raises(ValidationError) as error:
        make_side_effect(patient=amara, by=rosa, reopens=old)

    assert list(error.value.message_dict) == ["reopens"]


# --- Looking again -------------------------------------------------------------------------------------------------


def test_a_bruise_found_gone_in_person_is_closed_with_its_outcome(amara, rosa, mesotherapy):
    bruise = make_side_effect(patient=amara, by=rosa)

    look = make_gone(bruise, rosa, now=on(9))

    bruise.refresh_from_db()
    assert (bruise.is_open, bruise.closing_review, look.outcome) == (False, look, "resolved")
    assert verdict(amara, mesotherapy).state == "clear"


@pytest.mark.parametrize(
    ("finding", "outcome"),
    [("fading", "recovering"), ("unchanged", "ongoing"), ("worse", "ongoing"), ("gone", "resolved")],
)
def test_the_outcome_follows_the_finding(finding, outcome, amara, rosa):
    assert (
        make_review(side_effect=make_side_effect(patient=amara, by=rosa), finding=finding, by=rosa).outcome == outcome
    )


def test_staining_that_stays_is_gone_with_sequelae(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)

    look = make_review(side_effect=bruise, finding="gone", outcome="resolved-with-sequelae", by=rosa)

    bruise.refresh_from_db()
    assert (look.outcome, bruise.is_open) == ("resolved-with-sequelae", False)


@pytest.mark.parametrize(("finding", "outcome"), [("fading", "resolved"), ("gone", "ongoing"), ("worse", "unknown")])
def test_an_outcome_that_contradicts_the_finding_is_refused(finding, outcome, amara, rosa):
    with pytest.raises(ValidationError) as error:
        make_review(side_effect=make_side_effect(patient=amara, by=rosa), finding=finding, outcome=outcome, by=rosa)

    assert list(error.value.message_dict) == ["outcome"]


def test_gone_is_never_found_by_phone(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)

    with pytest.raises(ValidationError) as error:
        make_review(side_effect=bruise, finding="gone", mode="phone", by=rosa)

    assert list(error.value.message_dict) == ["mode"]
    assert not Review.objects.exists()


def test_fading_by_phone_is_a_look_that_closes_nothing_and_sees_nothing(amara, reception, rosa):
    bruise = make_side_effect(patient=amara, by=reception)

    make_review(side_effect=bruise, finding="fading", mode="phone", by=rosa)

    bruise.refresh_from_db()
    assert (bruise.is_open, bruise.seen_at) == (True, None)


def test_the_first_look_in_person_makes_a_reported_one_seen(amara, reception, rosa, mesotherapy):
    bruise = make_side_effect(patient=amara, by=reception)

    make_review(side_effect=bruise, finding="unchanged", by=rosa, now=on(4))

    bruise.refresh_from_db()
    assert (bruise.seen_at, bruise.seen_by) == (on(4), rosa)
    assert [b.code for b in verdict(amara, mesotherapy).blockers] == ["bruising-present"]


def test_a_reported_bruise_that_is_looked_for_and_not_found_is_closed_by_gone(amara, reception, rosa, mesotherapy):
    make_gone(make_side_effect(patient=amara, by=reception), rosa)

    assert verdict(amara, mesotherapy).allowed


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_a_practitioner_looks(person, amara, rosa, request):
    bruise = make_side_effect(patient=amara, by=rosa)

    with pytest.raises(PermissionDenied):
        make_review(side_effect=bruise, by=request.getfixturevalue(person))


def test_a_look_is_never_in_the_future(amara, rosa):
    with pytest.raises(ValidationError) as error:
        make_review(side_effect=make_side_effect(patient=amara, by=rosa), by=rosa, seen_at=on(3), now=NOW)

    assert list(error.value.message_dict) == ["seen_at"]


def test_a_look_before_the_onset_is_refused(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa, onset_on=dt.date(2026, 11, 1))

    with pytest.raises(ValidationError) as error:
        make_review(side_effect=bruise, by=rosa, seen_at=on(31, month=10), now=NOW)

    assert error.value.message_dict == {"seen_at": ["It began only on 1 Nov."]}


def test_a_gone_dated_before_another_look_lifts_nothing(amara, rosa, mesotherapy):
    bruise = make_side_effect(patient=amara, by=rosa)
    make_review(side_effect=bruise, finding="fading", by=rosa, now=on(6))

    make_review(side_effect=bruise, finding="gone", by=rosa, seen_at=on(5), now=on(7))

    bruise.refresh_from_db()
    assert bruise.is_open
    assert not verdict(amara, mesotherapy).allowed


def test_a_closed_episode_takes_no_more_looks(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    make_gone(bruise, rosa)

    with pytest.raises(Refused) as refusal:
        make_review(side_effect=bruise, by=rosa, finding="worse", now=on(5))

    assert refusal.value.codes == ["wrong-status"]
    assert Review.objects.count() == 1


def test_gone_never_confirms_what_was_held_by_itself(amara, rosa, mesotherapy, reception):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    bruise = make_side_effect(patient=amara, by=rosa)

    make_gone(bruise, rosa)

    held.refresh_from_db()
    assert held.status == "on-hold"
    confirmed = confirm_appointment(appointment=held, by=reception, now=NOW)
    assert confirmed.status == "booked"
    assert list(held.holds.values_list("held_until", "released_by")) == [(NOW, reception.pk)]


def test_the_second_of_two_bruises_still_refuses(amara, rosa, mesotherapy):
    make_gone(make_side_effect(patient=amara, by=rosa), rosa)
    second = make_side_effect(patient=amara, by=rosa, site="knee", side="left")

    found = verdict(amara, mesotherapy)

    assert [b.side_effect for b in found.blockers] == [second.pk]


# --- Entered in error, and the wrong patient --------------------------------------------------------------------------


def test_entered_in_error_lifts_and_what_was_held_stays_held(amara, rosa, mesotherapy, reception):
    held = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    bruise = make_side_effect(patient=amara, by=rosa)

    struck = enter_in_error(side_effect=bruise, reason="shadow in the photo", by=rosa, now=NOW)

    held.refresh_from_db()
    assert (struck.error_at, struck.error_by, struck.error_reason) == (NOW, rosa, "shadow in the photo")
    assert verdict(amara, mesotherapy).allowed
    assert held.status == "on-hold"
    assert SideEffect.objects.filter(pk=bruise.pk).exists()


def test_an_error_needs_a_reason(amara, rosa):
    with pytest.raises(ValidationError) as error:
        enter_in_error(side_effect=make_side_effect(patient=amara, by=rosa), reason="  ", by=rosa, now=NOW)

    assert list(error.value.message_dict) == ["reason"]


def test_an_error_is_final(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)
    enter_in_error(side_effect=bruise, reason="not hers", by=rosa, now=NOW)

    for again in (
        lambda: enter_in_error(side_effect=bruise, reason="really", by=rosa, now=NOW),
        lambda: make_review(side_effect=bruise, by=rosa),
    ):
        with pytest.raises(Refused) as refusal:
            again()
        assert refusal.value.codes == ["wrong-status"]


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_a_practitioner_calls_an_entry_an_error(person, amara, rosa, request):
    with pytest.raises(PermissionDenied):
        enter_in_error(
            side_effect=make_side_effect(patient=amara, by=rosa),
            reason="x",
            by=request.getfixturevalue(person),
            now=NOW,
        )


def test_wrong_patient_closes_here_and_opens_there_in_one_step(amara, jonas, rosa, mesotherapy, reception):
    theirs = make_appointment(patient=jonas, treatment=mesotherapy, practitioner=rosa, by=reception)
    bruise = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", severity=2, note="blue")

    moved = correct_patient(side_effect=bruise, patient=jonas, reason="mixed up the tabs", by=rosa, now=on(3))

    bruise.refresh_from_db()
    theirs.refresh_from_db()
    assert (bruise.error_reason, moved.moved_from, moved.patient) == ("mixed up the tabs", bruise, jonas)
    assert (moved.kind, moved.site, moved.side, moved.severity, moved.note) == ("bruising", "thigh", "left", 2, "blue")
    assert (moved.seen_at, moved.seen_by) == (NOW, rosa)
    assert verdict(amara, mesotherapy).allowed
    assert not verdict(jonas, mesotherapy).allowed
    assert theirs.status == "on-hold"


def test_wrong_patient_without_a_reason_changes_neither(amara, jonas, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)

    with pytest.raises(ValidationError):
        correct_patient(side_effect=bruise, patient=jonas, reason="", by=rosa, now=NOW)

    assert list(SideEffect.objects.open()) == [bruise]


def test_wrong_patient_is_another_patient(amara, rosa):
    with pytest.raises(ValidationError) as error:
        correct_patient(
            side_effect=make_side_effect(patient=amara, by=rosa), patient=amara, reason="x", by=rosa, now=NOW
        )

    assert list(error.value.message_dict) == ["patient"]


# --- No side effects seen ------------------------------------------------------------------------------------------


def test_no_side_effects_seen_after_a_session_makes_the_state_clear(amara, rosa, mesotherapy):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(1))
    before = verdict(amara, mesotherapy).state

    record_none_seen(patient=amara, by=rosa, now=on(2))

    assert (before, verdict(amara, mesotherapy).state) == ("not-checked", "clear")


def test_a_new_session_makes_it_not_checked_again(amara, rosa, mesotherapy):
    record_none_seen(patient=amara, by=rosa, now=on(1))
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2))

    assert verdict(amara, mesotherapy).state == "not-checked"


def test_none_seen_is_not_said_while_something_is_open(amara, rosa):
    make_side_effect(patient=amara, kind="swelling", by=rosa)

    with pytest.raises(Refused) as refusal:
        record_none_seen(patient=amara, by=rosa, now=NOW)

    assert refusal.value.codes == ["wrong-status"]


# --- History ----------------------------------------------------------------------------------------------------------


def test_every_change_keeps_its_actor(amara, reception, rosa):
    bruise = make_side_effect(patient=amara, by=reception)
    review_side_effect(side_effect=bruise, mode="in-person", finding="gone", by=rosa, now=on(4))

    assert list(bruise.history.values_list("history_user", flat=True)) == [rosa.pk, reception.pk]
    assert Appointment.objects.count() == 0


def test_report_is_kept_even_when_the_clock_is_passed_in(amara, rosa):
    bruise = report_side_effect(patient=amara, kind="bruising", by=rosa, now=on(2, 14, 30))

    assert bruise.recorded_at == on(2, 14, 30)
