"""A merge undone while nothing new hangs on it: both records as they were, but for what it held."""

import pytest

from clinic.models import AuditEvent
from clinic.refusals import Refused
from patients.models import Patient
from patients.registration import correct_patient_details, record_consent
from tests.factories import (
    NOW,
    make_appointment,
    make_consent,
    make_gone,
    make_patient,
    make_practitioner,
    make_review,
    make_session,
    make_side_effect,
    make_treatment,
    on,
)
from tests.pages.desk import statements
from tests.treatments.test_races import at_once
from treatments.booking import cancel_appointment, check_in, confirm_appointment
from treatments.merging import merge_patients, merges_of, undo_merge, undo_reasons
from treatments.models import Appointment, Call, Merge, WaitingListEntry
from treatments.rule_check import rule_breaches
from treatments.side_effects import enter_in_error, record_none_seen


@pytest.fixture
def twice(reception) -> Patient:
    """Amara's second record, as it seemed."""
    return make_patient(reception, "Amara", "Okafor-Bell", email="amara@patient.example", allergies="lidocaine")


def merge(kept, merged, by) -> Merge:
    return merge_patients(kept=kept, merged=merged, by=by, now=NOW)


def undo(merge, by) -> Merge:
    return undo_merge(merge=merge, by=by, now=NOW)


def book(patient, treatment, by, day=9) -> Appointment:
    return make_appointment(
        patient=patient, treatment=treatment, practitioner=make_practitioner(), by=by, starts_at=on(day)
    )


def test_each_has_its_own_again(amara, twice, rosa, reception, mesotherapy, consultation):
    hers, theirs = book(amara, consultation, reception), book(twice, mesotherapy, reception, day=10)
    bruise = make_side_effect(patient=amara, by=rosa)
    made = merge(amara, twice, reception)

    undone = undo(made, reception)

    for row in (hers, theirs, bruise, twice):
        row.refresh_from_db()
    assert (hers.patient, theirs.patient, bruise.patient, twice.merged_into) == (amara, twice, amara, None)
    assert (undone.undone_at, undone.undone_by) == (NOW, reception)
    assert theirs.history.latest().history_change_reason == f"back to {twice.number}: merge undone"
    assert AuditEvent.objects.get(kind="merge-undone").patient_id == amara.pk
    assert merges_of(amara) == []
    assert rule_breaches() == []


def test_what_the_merge_held_stays_held_and_can_be_confirmed(amara, twice, rosa, reception, mesotherapy):
    theirs = book(twice, mesotherapy, reception)
    make_side_effect(patient=amara, by=rosa)

    undo(merge(amara, twice, reception), reception)

    theirs.refresh_from_db()
    assert theirs.status == "on-hold"
    assert confirm_appointment(appointment=theirs, by=reception, now=NOW).status == "booked"


def test_the_bruise_goes_with_its_own_and_blocks_there(amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=twice, by=rosa)
    hers = book(amara, mesotherapy, reception)

    undo(merge(amara, twice, reception), reception)

    assert book(amara, mesotherapy, reception, day=12).status == "booked"
    with pytest.raises(Refused) as refusal:
        book(twice, mesotherapy, reception, day=13)
    assert refusal.value.codes == ["bruising-present"]
    hers.refresh_from_db()
    assert hers.status == "on-hold"


def test_details_are_as_they_were_but_for_what_was_corrected_since(amara, twice, reception):
    correct_patient_details(patient=amara, by=reception, allergies="latex")
    made = merge(amara, twice, reception)
    amara.refresh_from_db()
    assert (amara.email, amara.allergies) == ("amara@patient.example", "latex; lidocaine")
    correct_patient_details(patient=amara, by=reception, phone="+44 7700 900777")

    undo(made, reception)

    amara.refresh_from_db()
    assert (amara.email, amara.allergies, amara.phone) == ("", "latex", "+44 7700 900777")


def test_the_old_number_finds_its_own_record_again(amara, twice, reception):
    undo(merge(amara, twice, reception), reception)

    assert list(Patient.objects.current().matching(twice.number)) == [twice]
    assert list(Patient.objects.current().matching("okafor-bell")) == [twice]


def test_once_undone_it_can_be_made_again_the_other_way_round(amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=amara, by=rosa)
    undo(merge(amara, twice, reception), reception)

    merge(twice, amara, reception)

    assert undo_reasons(merges_of(twice)[0]) == []
    assert rule_breaches() == []


# --- What stands against it --------------------------------------------------------------------------------------------

SINCE = {
    "an appointment was booked": lambda w: book(w["amara"], w["consultation"], w["reception"], day=20),
    "a side effect was entered": lambda w: make_side_effect(patient=w["amara"], by=w["reception"], kind="swelling"),
    "a skin check was made": lambda w: record_none_seen(patient=w["amara"], by=w["rosa"], now=NOW),
    "a consent was recorded": lambda w: record_consent(patient=w["amara"], kind="photo-care", by=w["reception"]),
    "a call was recorded": lambda w: Call.objects.create(
        patient=w["amara"], worklist="on-hold", by=w["reception"], outcome="reached"
    ),
    "the patient joined the waiting list": lambda w: WaitingListEntry.objects.create(
        patient=w["amara"], treatment=w["consultation"], by=w["reception"]
    ),
    "an appointment was taken a step further": lambda w: cancel_appointment(
        appointment=w["booked"], by=w["reception"], now=NOW
    ),
}
SINCE_LOOKED = {
    "found gone": lambda w: make_gone(w["bruise"], w["rosa"]),
    "seen fading": lambda w: make_review(side_effect=w["bruise"], by=w["rosa"]),
    "in error": lambda w: enter_in_error(side_effect=w["bruise"], reason="not hers", by=w["rosa"], now=NOW),
}


@pytest.mark.parametrize("what", SINCE)
def test_not_once_something_new_hangs_on_it(what, amara, twice, rosa, reception, consultation):
    booked = book(twice, consultation, reception)
    made = merge(amara, twice, reception)
    booked.refresh_from_db()
    SINCE[what]({"amara": amara, "rosa": rosa, "reception": reception, "consultation": consultation, "booked": booked})

    with pytest.raises(Refused) as refusal:
        undo(made, reception)

    assert [blocker.message for blocker in refusal.value.blockers] == [f"Since the merge {what}."]
    twice.refresh_from_db()
    assert twice.merged_into == amara


@pytest.mark.parametrize("whose", ["amara", "twice"])
@pytest.mark.parametrize("how", SINCE_LOOKED)
def test_nor_once_a_bruise_was_looked_at_or_corrected(how, whose, request, amara, twice, rosa, reception):
    bruise = make_side_effect(patient=request.getfixturevalue(whose), by=rosa)
    made = merge(amara, twice, reception)
    bruise.refresh_from_db()
    SINCE_LOOKED[how]({"bruise": bruise, "rosa": rosa})

    with pytest.raises(Refused) as refusal:
        undo(made, reception)

    assert [b.message for b in refusal.value.blockers] == ["Since the merge a side effect was looked at or corrected."]


def test_a_visit_that_began_since_is_said_and_in_session_first(amara, twice, rosa, reception, mesotherapy):
    made = merge(amara, twice, reception)
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)
    assert [reason.code for reason in undo_reasons(made)] == ["in-session"]


def test_what_was_there_before_is_not_new(amara, twice, rosa, reception, mesotherapy):
    make_session(patient=twice, practitioner=rosa, treatment=make_treatment("other"), at=on(1))
    make_consent(twice, reception)
    check_in(appointment=book(amara, mesotherapy, reception), by=reception, now=NOW)

    assert undo_reasons(merge(amara, twice, reception)) == []


def test_undone_twice_is_refused(amara, twice, reception):
    made = merge(amara, twice, reception)
    undo(made, reception)

    with pytest.raises(Refused) as refusal:
        undo(made, reception)

    assert refusal.value.codes == ["wrong-status"]


def test_not_while_the_record_was_itself_merged(amara, twice, jonas, reception):
    made = merge(amara, twice, reception)
    later = merge(jonas, amara, reception)

    with pytest.raises(Refused) as refusal:
        undo(made, reception)

    assert refusal.value.blockers[0].lifts_when == "Undo that merge first."
    undo(later, reception)
    assert undo(made, reception).undone_at == NOW


def test_asking_whether_costs_the_same_whatever_hangs_on_it(amara, twice, rosa, reception, consultation):
    asked = []
    for day in (9, 10):
        for hour in range(1 if day == 9 else 3):
            book(twice, consultation, reception, day=day + 2 * hour)
            make_side_effect(patient=amara, by=rosa, kind="swelling")
        made = merge(amara, twice, reception)
        [found] = merges_of(amara)
        with statements() as counted:
            assert undo_reasons(found) == []
        asked.append(len(counted))
        undo(made, reception)

    assert asked == [4, 4]


# --- Against each other ------------------------------------------------------------------------------------------------

ATTEMPTS = pytest.mark.parametrize("attempt", range(3))


@ATTEMPTS
def test_a_merge_against_a_booking(attempt, own_database, amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=twice, by=rosa)

    made, booking = at_once(lambda: merge(amara, twice, reception), lambda: book(amara, mesotherapy, reception))

    assert isinstance(made, Merge)
    if isinstance(booking, Appointment):
        booking.refresh_from_db()
        assert booking.status == "on-hold"
    else:
        assert booking.codes == ["bruising-present"]
    assert rule_breaches() == []


@ATTEMPTS
def test_a_merge_against_a_bruise(attempt, own_database, amara, twice, rosa, reception, mesotherapy):
    """The bruise is reported for the record that goes: it comes along, or is told to use the other one."""
    booked = book(amara, mesotherapy, reception)

    made, bruise = at_once(lambda: merge(amara, twice, reception), lambda: make_side_effect(patient=twice, by=rosa))

    assert isinstance(made, Merge)
    booked.refresh_from_db()
    assert booked.status == ("booked" if isinstance(bruise, Exception) else "on-hold")
    assert rule_breaches() == []


@ATTEMPTS
def test_two_merges_into_each_other(attempt, own_database, amara, twice, rosa, reception):
    make_side_effect(patient=twice, by=rosa)

    results = at_once(lambda: merge(amara, twice, reception), lambda: merge(twice, amara, reception))

    assert sorted(isinstance(result, Merge) for result in results) == [False, True]
    assert Merge.objects.count() == 1
    assert rule_breaches() == []


@ATTEMPTS
def test_an_undo_against_a_booking(attempt, own_database, amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=twice, by=rosa)
    made = merge(amara, twice, reception)

    undone, booking = at_once(lambda: undo(made, reception), lambda: book(amara, mesotherapy, reception))

    assert isinstance(undone, Merge)
    assert isinstance(booking, Appointment) or booking.codes == ["bruising-present"]
    assert rule_breaches() == []


@ATTEMPTS
def test_an_undo_against_a_new_bruise(attempt, own_database, amara, twice, rosa, reception):
    made = merge(amara, twice, reception)

    undone, bruise = at_once(lambda: undo(made, reception), lambda: make_side_effect(patient=amara, by=rosa))

    assert not isinstance(bruise, Exception)
    assert isinstance(undone, Merge) or undone.codes == ["new-since-merge"]
    assert rule_breaches() == []
