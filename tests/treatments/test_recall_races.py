"""Two people at once: one lot recalled by two, taken while it is recalled, released while it is recalled, one patient told by two."""

from decimal import Decimal

import pytest

from clinic.refusals import Refused
from tests.factories import make_lot, make_practitioner, make_session, make_staff, on
from tests.treatments.figured import treat
from tests.treatments.test_races import at_once
from treatments.lots import quarantine_lot, release_lot
from treatments.models import Lot, LotUse, Recall, RecallCall, Session
from treatments.recalled import to_be_told
from treatments.recalls import end_recall, recall_lot, tell_by_letter, tell_patient
from treatments.sessions import write_session

pytestmark = pytest.mark.usefixtures("own_database")
ATTEMPTS = range(5)
BEGUN = on(10)


@pytest.fixture
def lot(rosa) -> Lot:
    return make_lot(rosa, "A1", now=on(1))


@pytest.fixture
def recall(lot, amara, rosa, mesotherapy, manager) -> Recall:
    """Amara was given the lot."""
    treat(amara, rosa, mesotherapy, on(2), lots=[lot])
    return recall_lot(lot=lot, reason="The maker took it back.", by=manager, now=BEGUN)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_two_managers_recall_a_lot_once_and_the_second_is_told(attempt, lot, manager):
    other = make_staff("manager", name="Nadia Bell")

    results = at_once(
        *(lambda who=who: recall_lot(lot=lot, reason="Taken back.", by=who, now=BEGUN) for who in (manager, other))
    )

    [begun] = [one for one in results if isinstance(one, Recall)]
    [loser] = [one for one in results if isinstance(one, Exception)]
    assert isinstance(loser, Refused)
    assert loser.codes == ["recall-open"]
    assert Recall.objects.get().begun_by == begun.begun_by


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_whoever_takes_it_while_it_is_recalled_is_on_the_call_list_or_refused(
    attempt, lot, amara, rosa, mesotherapy, manager
):
    running = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)

    written, begun = at_once(
        lambda: write_session(session=running, by=rosa, lots=[{"lot": lot, "volume_ml": Decimal("1")}]),
        lambda: recall_lot(lot=lot, reason="Taken back.", by=manager, now=BEGUN),
    )

    assert isinstance(begun, Recall)
    if isinstance(written, Session):
        assert list(to_be_told(begun)) == [amara]
    else:
        assert isinstance(written, Refused)
        assert written.codes == ["lot-quarantined"]
        assert (list(to_be_told(begun)), LotUse.objects.count()) == ([], 0)


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_lot_released_while_it_is_recalled_stays_out_of_use(attempt, lot, rosa, manager):
    quarantine_lot(lot=lot, reason="A cloudy vial.", by=rosa, now=on(9))
    other = make_staff("manager", name="Nadia Bell")

    begun, released = at_once(
        lambda: recall_lot(lot=lot, reason="Taken back.", by=manager, now=BEGUN),
        lambda: release_lot(lot=lot, reason="Looked at.", by=other),
    )

    assert isinstance(begun, Recall)
    assert isinstance(released, Lot | Refused)
    lot.refresh_from_db()
    assert lot.quarantined_at is not None


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_two_who_call_one_patient_note_one_call(attempt, recall, amara, reception):
    other = make_practitioner("Omar Aziz")

    results = at_once(
        *(lambda who=who: tell_patient(patient=amara, how="phone", by=who, now=on(11)) for who in (reception, other))
    )

    [noted] = [one for one in results if isinstance(one, RecallCall)]
    [loser] = [one for one in results if isinstance(one, Exception)]
    assert isinstance(loser, Refused)
    assert loser.codes == ["wrong-status"]
    assert RecallCall.objects.get().by == noted.by


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_one_told_by_phone_while_their_letter_is_posted_is_told_once(attempt, recall, amara, reception, manager):
    results = at_once(
        lambda: tell_patient(patient=amara, how="phone", by=reception, now=on(11)),
        lambda: tell_by_letter(recall=recall, patients=[amara.pk], by=manager, now=on(11)),
    )

    assert sum(isinstance(one, Exception) for one in results) == 1
    assert RecallCall.objects.count() == 1
    assert list(to_be_told(recall)) == []


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_a_recall_ends_with_the_last_call_noted_or_asks_why_not(attempt, recall, amara, reception, manager):
    noted, ended = at_once(
        lambda: tell_patient(patient=amara, how="phone", by=reception, now=on(11)),
        lambda: end_recall(recall=recall, outcome="Sent back.", untold_because="Abroad.", by=manager, now=on(11)),
    )

    assert isinstance(ended, Recall)
    left_out = "Not told, 1 patient: Abroad." in ended.outcome
    if isinstance(noted, Refused):
        assert (RecallCall.objects.count(), left_out) == (0, True)
    else:
        assert (RecallCall.objects.count(), left_out) == (1, False)
