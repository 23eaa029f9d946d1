"""Red flags open one suspected infection with its medical-referral checklist, which no worklist forgets."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.refusals import Refused
from tests.factories import NOW, make_gone, make_review, make_side_effect, on
from treatments.concerns import report_concern
from treatments.episode import episode_of
from treatments.models import ReferralStep, SideEffect
from treatments.models.referral import CHECKLIST
from treatments.referrals import record_referral_step
from treatments.side_effects import enter_in_error, report_side_effects
from treatments.worklists import review_due

FLAGS = ["fever", "spreading-redness"]


@pytest.fixture
def suspected(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, kind="infection", site="thigh", side="left")


def infection() -> SideEffect:
    """The only one, open, with its whole checklist still to do."""
    [found] = SideEffect.objects.open().filter(kind="infection")
    steps = episode_of(found).checklist
    assert [step.code for step in steps] == list(CHECKLIST)
    assert [step.done for step in steps] == [None] * len(CHECKLIST)
    return found


def tick(side_effect, by, step="doctor-told", **more):
    return record_referral_step(**({"side_effect": side_effect, "step": step, "by": by, "now": NOW} | more))


def tick_all(side_effect, by):
    for step in CHECKLIST:
        tick(side_effect, by, step)


def asked_for(now=NOW):
    """What stands on “review due”: the side effect, and whether before all."""
    return [(row.side_effect, row.urgent) for row in review_due(now)]


# --- Opened by ------------------------------------------------------------------------------------------------------------


def test_red_flags_when_it_is_logged_open_one_at_the_same_place(amara, rosa):
    report_side_effects(
        patient=amara, kinds=["bruising", "pain"], site="thigh", side="left", red_flags=FLAGS, by=rosa, now=NOW
    )

    found = infection()
    assert (found.site, found.side, found.seen_by, found.red_flags) == (
        "thigh", "left", rosa, ["spreading-redness", "fever"],
    )  # fmt: skip
    assert found.note == "Told of: redness that spreads, fever."
    assert asked_for()[0] == (found, True)


def test_chosen_as_a_kind_with_its_flags_it_is_opened_once(amara, rosa):
    report_side_effects(patient=amara, kinds=["bruising", "infection"], red_flags=["pus"], by=rosa, now=NOW)

    assert infection().red_flags == ["pus"]


def test_red_flags_at_a_later_look_open_one_that_began_nobody_knows_when(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa, site="calf", onset_on=NOW.date())

    make_review(side_effect=bruise, by=rosa, finding="worse", red_flags=FLAGS, now=on(4))

    found = infection()
    assert (found.site, found.onset_on, found.recorded_at, found.seen_by) == ("calf", None, on(4), rosa)


def test_at_a_look_by_phone_it_counts_as_reported(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)

    make_review(side_effect=bruise, by=rosa, mode="phone", red_flags=["fever"], now=on(4))

    assert infection().seen_at is None


def test_a_look_without_a_red_flag_opens_none(amara, rosa):
    make_review(side_effect=make_side_effect(patient=amara, by=rosa), by=rosa, finding="worse", now=on(4))

    assert not SideEffect.objects.filter(kind="infection").exists()


def test_a_call_with_red_flags_opens_one_whoever_takes_it_down(amara, reception):
    report_concern(patient=amara, bruising="no", kind="pain", red_flags=["pus"], by=reception, now=NOW)

    assert infection().seen_at is None


def test_one_that_is_open_is_not_doubled_and_one_that_was_gone_is_no_reason_to_wait(amara, rosa, suspected):
    bruise = make_side_effect(patient=amara, by=rosa, red_flags=FLAGS)
    make_review(side_effect=bruise, by=rosa, red_flags=FLAGS, now=on(3))
    assert infection() == suspected

    make_gone(suspected, rosa, now=on(4))
    make_review(side_effect=bruise, by=rosa, red_flags=FLAGS, now=on(5))

    assert infection() != suspected


# --- Ticked ---------------------------------------------------------------------------------------------------------------


def test_a_step_keeps_who_when_and_what(suspected, rosa):
    tick(suspected, rosa, note=" Dr Ames, ward 4 ", done_at=on(2, 8, 30))
    tick(suspected, rosa, "edge-marked")

    done = {step.code: step.done for step in episode_of(suspected).checklist if step.done}
    assert {code: (one.by, one.done_at, one.note) for code, one in done.items()} == {
        "doctor-told": (rosa, on(2, 8, 30), "Dr Ames, ward 4"),
        "edge-marked": (rosa, NOW, ""),
    }


def test_a_step_is_ticked_once_and_a_second_finds_who_did_it(suspected, rosa, omar):
    tick(suspected, rosa, note="Dr Ames")

    with pytest.raises(Refused) as refused:
        tick(suspected, omar, note="Dr Brown", now=on(3))

    assert (
        refused.value.blockers[0].message == "Rosa Lind ticked that step before: 2 Nov 2026, 09:00. It stays as it is."
    )
    assert [(step.by, step.note) for step in ReferralStep.objects.all()] == [(rosa, "Dr Ames")]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"done_at": on(2, 9, 1)}, {"done_at": ["A step is never done in the future."]}),
        ({"step": "closed"}, {"note": ["Say why the rest is not needed."]}),
        ({"step": "closed", "note": "  "}, {"note": ["Say why the rest is not needed."]}),
    ],
)
def test_what_makes_no_sense_ticks_nothing(wrong, said, suspected, rosa):
    with pytest.raises(ValidationError) as error:
        tick(suspected, rosa, **wrong)

    assert error.value.message_dict == said
    assert not ReferralStep.objects.exists()


def test_a_step_nobody_knows_is_none(suspected, rosa):
    with pytest.raises(ValidationError):
        tick(suspected, rosa, "dance")


def test_only_a_suspected_infection_has_a_checklist(amara, rosa):
    bruise = make_side_effect(patient=amara, by=rosa)

    assert episode_of(bruise).checklist == []
    with pytest.raises(Refused):
        tick(bruise, rosa)


def test_one_in_error_takes_no_more_steps_and_one_that_is_gone_does(amara, jonas, rosa, suspected):
    wrong = make_side_effect(patient=jonas, by=rosa, kind="infection")
    enter_in_error(side_effect=wrong, reason="Nobody said so", by=rosa, now=NOW)
    make_gone(suspected, rosa)

    with pytest.raises(Refused):
        tick(wrong, rosa)
    assert tick(suspected, rosa).side_effect == suspected


@pytest.mark.parametrize("person", ["reception", "manager", "superuser"])
def test_only_a_practitioner_ticks(person, suspected, request):
    with pytest.raises(PermissionDenied):
        tick(suspected, request.getfixturevalue(person))


# --- Never forgotten ----------------------------------------------------------------------------------------------------


def test_it_stays_on_the_worklist_until_every_step_is_done_though_it_is_gone(suspected, rosa):
    assert asked_for() == [(suspected, True)]

    make_gone(suspected, rosa)
    assert asked_for(on(20)) == [(suspected, False)]
    for step in CHECKLIST[:-1]:
        tick(suspected, rosa, step)
    assert asked_for(on(20)) == [(suspected, False)]

    tick(suspected, rosa, CHECKLIST[-1])
    assert asked_for(on(20)) == []
    assert episode_of(suspected).referral_over


def test_closed_with_a_reason_it_is_asked_for_no_more(suspected, rosa):
    make_gone(suspected, rosa)
    tick(suspected, rosa)

    tick(suspected, rosa, "closed", note="The doctor found an allergy")

    episode = episode_of(suspected)
    assert asked_for(on(20)) == []
    assert (episode.referral_over, episode.referral_closed.note) == (True, "The doctor found an allergy")
    assert episode.steps_ticked == 1


def test_all_done_says_nothing_of_whether_it_is_gone(suspected, rosa):
    tick_all(suspected, rosa)

    assert asked_for() == [(suspected, True)]
    with pytest.raises(Refused):
        tick(suspected, rosa, "closed", note="Nothing left")


def test_in_error_it_is_asked_for_no_more(suspected, rosa):
    enter_in_error(side_effect=suspected, reason="Wrong chart", by=rosa, now=NOW)

    assert asked_for(on(20)) == []
