"""Two people at once: a lot quarantined while it is being written down, one session signed by two, one box received twice."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic.models import Refusal
from clinic.refusals import Refused
from tests.factories import NOW, make_lot, make_practitioner, make_session, on
from tests.treatments.test_races import at_once
from treatments.lots import quarantine_lot, receive_lot
from treatments.models import Lot, LotUse, Product, Session
from treatments.sessions import finish_session, write_session

pytestmark = pytest.mark.usefixtures("own_database")


@pytest.fixture
def running(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)


@pytest.mark.parametrize("attempt", range(5))
def test_a_lot_written_down_while_it_is_quarantined_is_either_there_or_refused(attempt, running, rosa):
    lot = make_lot(rosa)
    omar = make_practitioner("Omar Aziz")

    written, held = at_once(
        lambda: write_session(session=running, by=rosa, lots=[{"lot": lot, "volume_ml": Decimal("1")}], note="typed"),
        lambda: quarantine_lot(lot=lot, reason="recalled", by=omar, now=NOW),
    )

    assert isinstance(held, Lot)
    running.refresh_from_db()
    if isinstance(written, Session):
        assert (LotUse.objects.count(), running.note) == (1, "typed")
    else:
        assert isinstance(written, Refused)
        assert written.codes == ["lot-quarantined"]
        assert (LotUse.objects.count(), running.note) == (0, "")
    # A moment after it was quarantined elsewhere nobody takes it, this session neither once it was taken out.
    write_session(session=running, by=rosa, lots=[])
    with pytest.raises(Refused) as later:
        write_session(session=running, by=rosa, lots=[{"lot": lot}])
    assert later.value.codes == ["lot-quarantined"]


@pytest.mark.parametrize("attempt", range(5))
def test_two_who_sign_one_session_sign_it_once_and_the_second_is_told(attempt, running, rosa):
    omar = make_practitioner("Omar Aziz")

    results = at_once(*(lambda who=who: finish_session(session=running, by=who, now=on(2, 10)) for who in (rosa, omar)))

    running.refresh_from_db()
    (loser,) = [one for one in results if isinstance(one, Exception)]
    (winner,) = [one for one in results if isinstance(one, Session)]
    assert isinstance(loser, Refused)
    assert loser.codes == ["wrong-status"]
    assert loser.blockers[0].message == "The session was finished, so its record cannot be finished again."
    assert running.finished_by == winner.finished_by
    assert running.history.filter(history_change_reason="finished").count() == 1
    assert not Refusal.objects.exists()  # the door keeps it, after the transaction


@pytest.mark.parametrize("attempt", range(5))
def test_a_record_written_while_it_is_signed_is_in_it_or_refused(attempt, running, rosa):
    omar = make_practitioner("Omar Aziz")
    lot = make_lot(rosa)

    written, _ = at_once(
        lambda: write_session(session=running, by=omar, lots=[{"lot": lot}], note="One thing more"),
        lambda: finish_session(session=running, by=rosa, now=on(2, 10)),
    )

    running.refresh_from_db()
    kept = (running.note, LotUse.objects.count())
    assert running.finished_by == rosa
    assert kept == (("One thing more", 1) if isinstance(written, Session) else ("", 0))


@pytest.mark.parametrize("attempt", range(5))
def test_one_box_received_at_two_desks_is_one_lot(attempt, rosa):
    product = Product.objects.create(name="Lipostab")
    known = {"product": product, "number": "L7", "expires_on": dt.date(2036, 12, 31), "by": rosa, "now": NOW}

    results = at_once(lambda: receive_lot(**known), lambda: receive_lot(**known))

    assert Lot.objects.count() == 1
    (loser,) = [one for one in results if isinstance(one, Exception)]
    assert isinstance(loser, ValidationError)
    assert loser.message_dict == {"number": ["Lipostab has a lot of this number already."]}
