"""A lot recalled in one step: nobody uses it from then on, and whoever was given it is told until nobody is left."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import AuditEvent
from clinic.refusals import Refused
from tests import raw_sql
from tests.factories import make_lot, make_patient, make_session, on, train
from tests.treatments.attacks_records import use
from tests.treatments.figured import treat
from treatments.lots import quarantine_lot, release_lot
from treatments.models import LotUse, Recall, RecallCall
from treatments.recall_letters import letters_for
from treatments.recalled import to_be_told, waiting_for_a_call
from treatments.recalls import change_letter, end_recall, recall_lot, tell_by_letter, tell_patient
from treatments.sessions import write_session

BEGUN = on(10)


@pytest.fixture
def lot(rosa):
    return make_lot(rosa, "A1", now=on(1))


@pytest.fixture
def treated(amara, jonas, rosa, mesotherapy, lot):
    """Amara was given the lot twice, Jonas once."""
    for patient, day in ((amara, 2), (jonas, 3), (amara, 9)):
        treat(patient, rosa, mesotherapy, on(day), sites=["thigh"], lots=[lot])
    return lot


@pytest.fixture
def recall(treated, manager) -> Recall:
    return recall_lot(lot=treated, reason="The maker took it back.", by=manager, now=BEGUN)


def names(recall: Recall) -> list[str]:
    return [str(patient) for patient in to_be_told(recall)]


# --- From that second -------------------------------------------------------------------------------------------------


def test_it_is_in_quarantine_and_everybody_it_was_used_for_is_on_the_call_list(recall, treated):
    treated.refresh_from_db()

    assert (treated.quarantined_at, treated.quarantine_reason) == (BEGUN, "The maker took it back.")
    assert names(recall) == ["Amara Okafor", "Jonas Weber"]
    assert [(str(patient), patient.recalled_at) for patient in waiting_for_a_call()] == [
        ("Amara Okafor", BEGUN), ("Jonas Weber", BEGUN),
    ]  # fmt: skip


def test_no_record_takes_it(recall, treated, omar, mesotherapy, reception):
    train(omar)
    running = make_session(
        patient=make_patient(reception, "Ines"), practitioner=omar, treatment=mesotherapy, at=on(11), finished=False
    )

    with pytest.raises(Refused) as refused:
        write_session(session=running, lots=[{"lot": treated}], by=omar, now=on(11))
    assert [blocker.code for blocker in refused.value.blockers] == ["lot-quarantined"]
    with raw_sql.refused_as("lot-quarantined"):
        raw_sql.insert(use(running, treated, used_on=on(11).date()))
    assert not LotUse.objects.filter(session=running).exists()


def test_what_is_in_quarantine_already_keeps_its_reason(treated, rosa, manager):
    quarantine_lot(lot=treated, reason="A cloudy vial.", by=rosa, now=on(9, 15))

    recall_lot(lot=treated, reason="The maker took it back.", by=manager, now=BEGUN)

    treated.refresh_from_db()
    assert (treated.quarantined_at, treated.quarantine_reason) == (on(9, 15), "A cloudy vial.")


def test_it_is_not_released_while_it_is_recalled(recall, treated, manager):
    with pytest.raises(Refused):
        release_lot(lot=treated, reason="Looked at.", by=manager)

    tell_patient(patient=treated.uses.first().session.patient, how="phone", by=manager, now=on(11))
    end_recall(recall=recall, outcome="All clear.", untold_because="moved away", by=manager, now=on(12))
    assert release_lot(lot=treated, reason="Looked at.", by=manager).quarantined_at is None


def test_a_second_recall_of_it_is_refused_and_names_the_first(recall, treated, manager):
    with pytest.raises(Refused) as refused:
        recall_lot(lot=treated, reason="Once more.", by=manager, now=on(11))

    [blocker] = refused.value.blockers
    assert (blocker.code, blocker.since) == ("recall-open", BEGUN.date())
    assert Recall.objects.count() == 1


def test_a_lot_that_nobody_was_given_is_recalled_too(lot, manager):
    recall = recall_lot(lot=lot, reason="The maker took it back.", by=manager, now=BEGUN)

    assert names(recall) == []
    assert end_recall(recall=recall, outcome="Sent back.", by=manager, now=on(11)).ended_at == on(11)


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"letter": "Dear {nobody}"}, "letter"),
        ({"letter": "  "}, "letter"),
        ({"reason": "x" * 301}, "reason"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_recalled(treated, manager, given, field):
    with pytest.raises(ValidationError) as wrong:
        recall_lot(**{"lot": treated, "reason": "Taken back.", "by": manager, "now": BEGUN} | given)

    assert list(wrong.value.message_dict) == [field]
    treated.refresh_from_db()
    assert (Recall.objects.count(), treated.quarantined_at) == (0, None)


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_managers_recall(treated, who, request):
    with pytest.raises(PermissionDenied):
        recall_lot(lot=treated, reason="Taken back.", by=request.getfixturevalue(who))


# --- The call list ----------------------------------------------------------------------------------------------------


def test_reception_tells_a_patient_and_they_leave_the_list(recall, amara, reception):
    told = tell_patient(patient=amara, how="phone", note="Rang at noon.", by=reception, now=on(11))

    assert (told.recall, told.how, told.by, told.at) == (recall, "phone", reception, on(11))
    assert names(recall) == ["Jonas Weber"]
    event = AuditEvent.objects.filter(kind="lot-recalled", patient_id=amara.pk).get()
    assert (event.actor, event.details["change"], event.details["how"]) == (reception, "told", "phone")


def test_of_two_recalls_a_patient_is_told_in_one_call(recall, treated, amara, rosa, mesotherapy, reception, manager):
    other = make_lot(rosa, "B2", now=on(1))
    treat(amara, rosa, mesotherapy, on(10, 14), lots=[other])
    second = recall_lot(lot=other, reason="The same.", by=manager, now=on(11))

    assert [str(patient) for patient in waiting_for_a_call()] == ["Amara Okafor", "Jonas Weber"]
    tell_patient(patient=amara, how="in-person", by=reception, now=on(12))

    assert (names(recall), names(second)) == (["Jonas Weber"], [])


def test_who_was_not_reached_leaves_the_list_and_may_be_told_later(recall, amara, reception):
    tell_patient(patient=amara, how="not-reached", note="Moved.", by=reception, now=on(11))
    assert names(recall) == ["Jonas Weber"]

    tell_patient(patient=amara, how="phone", note="Rang back.", by=reception, now=on(12))

    told = RecallCall.objects.get(patient=amara)
    assert (told.how, told.at, told.note) == ("phone", on(12), "Rang back. Not reached on 11 Nov: Moved.")


def test_nobody_is_told_twice(recall, amara, reception):
    tell_patient(patient=amara, how="phone", by=reception, now=on(11))

    with pytest.raises(Refused) as refused:
        tell_patient(patient=amara, how="phone", by=reception, now=on(11))
    assert refused.value.blockers[0].code == "wrong-status"
    assert RecallCall.objects.count() == 1


def test_a_session_entered_in_error_concerns_nobody(recall, jonas, rosa):
    [session] = jonas.sessions.all()
    raw_sql.update(session, error_at=on(11), error_by_id=rosa.pk, error_reason="Another patient's.")

    assert names(recall) == ["Amara Okafor"]


# --- The letter -------------------------------------------------------------------------------------------------------


def test_the_letter_says_which_lot_was_used_on_which_days(recall, amara, jonas):
    first, second = letters_for(recall, [amara, jonas])

    assert "On 2 November 2026 and 9 November 2026, Lipostab of lot A1 was used in your treatment" in first.body
    assert "On 3 November 2026, Lipostab" in second.body
    assert first.paragraphs[0] == "Dear Amara Okafor,"


def test_letters_posted_are_told_and_the_letter_stays_as_it_was_sent(recall, amara, manager):
    change_letter(recall=recall, letter="Dear {patient}, call {phone} about {lot}.", by=manager)
    tell_by_letter(recall=recall, patients=[amara.pk], by=manager, now=on(11))

    assert names(recall) == ["Jonas Weber"]
    assert RecallCall.objects.get().how == "letter"
    with pytest.raises(Refused):
        change_letter(recall=recall, letter="Dear {patient}, all is well.", by=manager)
    with pytest.raises(ValidationError):
        tell_by_letter(recall=recall, patients=[amara.pk], by=manager, now=on(11))


# --- The end ----------------------------------------------------------------------------------------------------------


def test_it_ends_with_people_left_only_with_a_reason(recall, amara, manager, reception):
    tell_patient(patient=amara, how="phone", by=reception, now=on(11))

    with pytest.raises(ValidationError) as wrong:
        end_recall(recall=recall, outcome="Vials sent back.", by=manager, now=on(12))
    assert wrong.value.message_dict == {
        "untold_because": ["1 patient on the call list was not told. Tell them, or say why not."]
    }
    ended = end_recall(recall=recall, outcome="Vials sent back.", untold_because="No address.", by=manager, now=on(12))
    assert ended.outcome == "Vials sent back.\n\nNot told, 1 patient: No address."
    assert list(waiting_for_a_call()) == []


def test_what_has_ended_stays_ended(recall, amara, manager, reception):
    end_recall(recall=recall, outcome="Over.", untold_because="None concerned.", by=manager, now=on(12))

    with pytest.raises(Refused):
        end_recall(recall=recall, outcome="Again.", by=manager)
    with pytest.raises(Refused):
        tell_patient(patient=amara, how="phone", by=reception)


def test_after_its_end_it_may_be_recalled_anew(recall, treated, manager, amara, jonas):
    end_recall(recall=recall, outcome="Over.", untold_because="A mistake.", by=manager, now=on(12))

    again = recall_lot(lot=treated, reason="It was none.", by=manager, now=on(12) + dt.timedelta(hours=1))

    assert names(again) == ["Amara Okafor", "Jonas Weber"]
