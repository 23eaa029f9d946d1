"""A worry by phone: the red flags, the painful lump, and the same bruise told of again without a second entry."""

import pytest
from django.core.exceptions import ValidationError

from tests.factories import NOW, make_appointment, make_gone, make_review, make_session, make_side_effect, on
from treatments.concerns import report_concern
from treatments.models import Call, SideEffect
from treatments.worklists import worklists


def told(patient, by, bruising="no", now=NOW, **more) -> SideEffect:
    return report_concern(patient=patient, bruising=bruising, by=by, now=now, **more)


def rows(worklist: str, now):
    return worklists(now=now)[worklist]


# --- A painful lump ---------------------------------------------------------------------------------------------------


def test_a_painful_lump_is_due_at_once_and_blocks_nothing(amara, rosa, mesotherapy, reception):
    kept = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=reception, starts_at=on(5))
    lump = told(amara, reception, red_flags=["painful-lump"])

    [due] = rows("review-due", NOW)
    kept.refresh_from_db()

    assert (lump.kind, lump.painful_to_touch, lump.seen_at) == ("swelling", True, None)
    assert (due.side_effect, due.due, due.next_step) == (lump, NOW.date(), "See the patient today.")
    assert kept.status == "booked"


def test_a_painful_swelling_is_one_entry(amara, reception):
    told(amara, reception, kind="swelling", red_flags=["painful-lump"])

    assert [(one.kind, one.painful_to_touch) for one in SideEffect.objects.all()] == [("swelling", True)]


def test_swelling_alone_has_its_couple_of_days(amara, reception):
    told(amara, reception, kind="swelling")

    assert [rows("review-due", on(day)) != [] for day in (3, 4)] == [False, True]


def test_a_painful_lump_with_fever_opens_one_suspected_infection_beside_it(amara, reception):
    told(amara, reception, red_flags=["painful-lump", "fever"])

    assert sorted(one.kind for one in SideEffect.objects.all()) == ["infection", "swelling"]
    assert SideEffect.objects.get(kind="infection").note == "Told of: fever."


# --- The same bruise, told of again -----------------------------------------------------------------------------------


@pytest.fixture
def seen(amara, rosa):
    """Seen on the 2nd; the next look is due on the 9th."""
    return make_side_effect(patient=amara, by=rosa)


def test_the_same_bruise_makes_no_second_entry_and_keeps_the_words(seen, amara, reception):
    answer = told(amara, reception, bruising="yes", same_as=seen, note="It has grown.", now=on(4))

    call = Call.objects.get()
    assert (answer, SideEffect.objects.count()) == (seen, 1)
    assert (call.worklist, call.outcome, call.note, call.by) == ("concern", "reached", "Rang: It has grown.", reception)


def test_it_is_a_task_with_an_age_until_somebody_has_looked_again(seen, amara, rosa, reception):
    before = rows("reported", on(4))
    told(amara, reception, bruising="yes", same_as=seen, now=on(4))

    [again] = rows("reported", on(5))
    due = {day: [row.due for row in rows("review-due", on(day))] for day in (5, 6)}
    make_review(side_effect=seen, by=rosa, finding="unchanged", now=on(6))

    assert before == []
    assert (again.why, again.since) == ("Bruising: told of again 1 day ago, not looked at since.", on(4).date())
    assert [call.note for call in again.calls] == ["Rang: the bruise on record since 2 Nov."]
    assert due == {5: [], 6: [on(6).date()]}
    assert (rows("reported", on(7)), rows("review-due", on(7))) == ([], [])


def test_one_not_yet_seen_stands_once(amara, reception):
    bruise = make_side_effect(patient=amara, by=reception)
    told(amara, reception, bruising="yes", same_as=bruise, now=on(3))

    assert [row.why for row in rows("reported", on(3))] == ["Bruising reported 1 day ago, not yet seen."]


def test_what_else_is_told_is_opened_beside_it(seen, amara, reception):
    answer = told(amara, reception, bruising="yes", same_as=seen, kind="itching", red_flags=["pus"], now=on(4))

    assert answer.kind == "itching"
    assert sorted(one.kind for one in SideEffect.objects.all()) == ["bruising", "infection", "itching"]


def test_red_flags_with_the_same_bruise_open_the_infection(seen, amara, reception):
    assert told(amara, reception, bruising="not-sure", same_as=seen, red_flags=["fever"], now=on(4)).kind == "infection"


@pytest.mark.parametrize("whose", ["gone", "another's"])
def test_only_an_open_bruise_of_theirs_can_be_the_same(whose, seen, amara, jonas, rosa, reception):
    if whose == "gone":
        make_gone(seen, rosa, now=on(3))
    patient = amara if whose == "gone" else jonas

    with pytest.raises(ValidationError) as wrong:
        told(patient, reception, bruising="yes", same_as=seen, now=on(4))

    assert wrong.value.message_dict == {"same_as": ["That bruise is not open any more. Report it anew."]}
    assert not Call.objects.exists()


def test_words_too_long_for_a_call_are_not_cut(seen, amara, reception):
    with pytest.raises(ValidationError) as wrong:
        told(amara, reception, bruising="yes", same_as=seen, note="x" * 251, now=on(4))

    assert list(wrong.value.message_dict) == ["note"]


def test_another_bruise_is_an_entry_of_its_own(seen, amara, reception):
    told(amara, reception, bruising="yes", now=on(4))

    assert SideEffect.objects.count() == 2


# --- After a session --------------------------------------------------------------------------------------------------


def test_what_was_told_after_a_session_names_it(amara, rosa, mesotherapy, reception):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2))

    assert told(amara, reception, bruising="yes", session=session, now=on(5)).session == session
    assert rows("follow-up", on(5)) == []
