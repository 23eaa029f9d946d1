"""A checklist that is not finished keeps its suspected infection in sight, whatever is booked."""

import pytest

from clinic.refusals import Refused
from tests.factories import NOW, make_appointment, make_gone, make_side_effect, on
from treatments.models import SideEffect
from treatments.models.referral import CHECKLIST
from treatments.referrals import record_referral_step
from treatments.worklists import worklists

FINISH = "A practitioner finishes its referral checklist, or closes it with a reason."


@pytest.fixture
def infection(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, kind="infection", red_flags=["fever"])


def _tick_all(infection, by):
    for step in CHECKLIST:
        record_referral_step(side_effect=infection, step=step, by=by, now=NOW)


def _due(now):
    return [(row.side_effect, row.urgent, row.next_step) for row in worklists(now=now)["review-due"]]


def test_an_open_one_tops_the_list_and_says_that_its_checklist_is_open(infection, jonas, rosa):
    itch = make_side_effect(patient=jonas, by=rosa, kind="itching", now=on(1), onset_on=on(1).date())

    assert _due(NOW) == [(infection, True, f"See the patient today. {FINISH}"), (itch, False, "Book a review.")]
    _tick_all(infection, rosa)
    assert _due(NOW)[0] == (infection, True, "See the patient today.")


def test_a_review_booked_today_does_not_hide_an_open_checklist(infection, amara, rosa, bruise_review):
    make_appointment(patient=amara, practitioner=rosa, treatment=bruise_review, by=rosa, starts_at=on(2, 15))

    assert [row[0] for row in _due(NOW)] == [infection]
    _tick_all(infection, rosa)
    assert _due(NOW) == []


def test_what_is_done_is_not_closed(infection, rosa):
    _tick_all(infection, rosa)

    with pytest.raises(Refused) as refusal:
        record_referral_step(side_effect=infection, step="closed", note="Why not", by=rosa, now=NOW)
    assert str(refusal.value) == "Every step is ticked; there is nothing to close."


def test_other_kinds_found_gone_leave_nothing_on_the_list(amara, rosa):
    make_gone(make_side_effect(patient=amara, by=rosa), rosa, now=on(4))

    assert _due(on(20)) == []
