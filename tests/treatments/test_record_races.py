"""Two practitioners and one signature; a start and the withdrawal of the consent. Connections of their own."""

import pytest

from clinic.refusals import Refused
from patients.models import Consent
from patients.registration import withdraw_consent
from tests.factories import NOW, make_appointment, make_practitioner, make_session
from tests.pages.clinical import ago
from tests.treatments.test_races import at_once
from treatments.addenda import enter_session_in_error
from treatments.deviations import record_deviation
from treatments.drafts import SESSION, save_draft
from treatments.models import Deviation, Draft, Session
from treatments.record_version import version_now
from treatments.rule_check import rule_breaches
from treatments.sessions import finish_session, start_session, write_session

pytestmark = pytest.mark.usefixtures("own_database")
ATTEMPTS = pytest.mark.parametrize("attempt", range(5))
SIGNED_ALREADY = "wrong-status"


@pytest.fixture
def running(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)


def one_of(*results):
    """The one that did it, and the one that was told why not."""
    done = [result for result in results if not isinstance(result, Exception)]
    told = [result for result in results if isinstance(result, Exception)]
    assert (len(done), len(told)) == (1, 1), results
    assert isinstance(told[0], Refused)
    return done[0], told[0]


@ATTEMPTS
def test_two_practitioners_sign_one_session_and_one_of_them_is_told(attempt, running, rosa):
    per = make_practitioner("Per Holm")

    signed, told = one_of(
        *at_once(
            lambda: finish_session(session=running, by=rosa, now=NOW),
            lambda: finish_session(session=running, by=per, now=NOW),
        )
    )

    found = Session.objects.get()
    assert told.codes == [SIGNED_ALREADY]
    assert found.finished_by == signed.finished_by
    assert found.history.filter(history_change_reason="finished").count() == 1
    assert rule_breaches() == []


@ATTEMPTS
def test_what_one_writes_while_the_other_signs_is_in_the_record_or_refused(attempt, running, rosa):
    per = make_practitioner("Per Holm")

    signed, written = at_once(
        lambda: finish_session(session=running, by=rosa, now=NOW),
        lambda: write_session(session=running, by=per, note="Two sites"),
    )

    assert isinstance(signed, Session)
    if isinstance(written, Refused):
        assert written.codes == [SIGNED_ALREADY]
    assert Session.objects.get().note == ("" if isinstance(written, Refused) else "Two sites")


@ATTEMPTS
def test_two_save_what_they_opened_at_once_and_one_of_them_is_told(attempt, running, rosa):
    per = make_practitioner("Per Holm")
    as_of = version_now(running)

    saved, told = one_of(
        *at_once(
            lambda: write_session(session=running, by=rosa, note="Calm", as_of=as_of),
            lambda: write_session(session=running, by=per, note="Left knee swells", as_of=as_of),
        )
    )

    assert (told.codes, Session.objects.get().note) == (["changed-meanwhile"], saved.note)


@ATTEMPTS
def test_what_one_writes_is_signed_only_by_who_has_read_it(attempt, running, rosa):
    per = make_practitioner("Per Holm")
    as_of = version_now(running)

    written, told = one_of(
        *at_once(
            lambda: write_session(session=running, by=per, note="Left knee swells", as_of=as_of),
            lambda: finish_session(session=running, by=rosa, now=NOW, as_of=as_of),
        )
    )

    assert told.codes in ([["changed-meanwhile"]] if written.finished_at is None else [[SIGNED_ALREADY]])
    assert Session.objects.get().note == written.note


@ATTEMPTS
def test_no_draft_comes_after_the_signature(attempt, running, rosa):
    per = make_practitioner("Per Holm")

    signed, kept = at_once(
        lambda: finish_session(session=running, by=rosa, now=NOW),
        lambda: save_draft(form=SESSION, subject_id=running.pk, data={"note": ["late"]}, by=per),
    )

    assert isinstance(signed, Session)
    assert isinstance(kept, Draft | Refused)
    assert not Draft.objects.exists()


@ATTEMPTS
def test_two_call_it_an_error_and_one_of_them_is_told(attempt, running, rosa):
    per = make_practitioner("Per Holm")
    finish_session(session=running, by=rosa, now=NOW)

    struck, _ = one_of(
        *at_once(
            lambda: enter_session_in_error(session=running, reason="hers", by=rosa),
            lambda: enter_session_in_error(session=running, reason="his", by=per),
        )
    )

    assert Session.objects.get().error_reason == struck.error_reason


@ATTEMPTS
def test_a_start_against_the_withdrawal_of_the_consent(attempt, amara, rosa, mesotherapy, reception):
    """It began before the consent was withdrawn, or it did not begin."""
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)
    consent = Consent.objects.get(patient=amara)

    started, withdrawn = at_once(
        lambda: start_session(appointment=booked, by=rosa, skin_check="no-bruising-seen"),
        lambda: withdraw_consent(consent=consent, by=reception),
    )

    assert isinstance(withdrawn, Consent)
    booked.refresh_from_db()
    if isinstance(started, Session):
        assert booked.status == "in-progress"
    else:
        assert started.codes == ["treatment-consent-missing"]
        assert (booked.status, Session.objects.count()) == ("booked", 0)


@ATTEMPTS
def test_one_treatment_written_down_twice_at_once_is_one_deviation(attempt, amara, rosa, mesotherapy):
    begun, over = ago(hours=2), ago(hours=1)

    def record() -> Deviation:
        return record_deviation(
            patient=amara, treatment=mesotherapy, starts_at=begun, ends_at=over, reason="Flown in", decided_by=rosa,
            practitioner=rosa, by=rosa,
        )  # fmt: skip

    results = at_once(record, record)

    assert sorted(type(result).__name__ for result in results) == ["Deviation", "ValidationError"]
    assert (Deviation.objects.count(), Session.objects.count()) == (1, 1)
