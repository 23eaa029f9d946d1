"""After the signature: words are added, or the whole is entered in error. Nothing is changed, nothing is deleted."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse

from clinic.models import Refusal
from clinic.refusals import Refused
from tests.factories import NOW, make_lot, make_practitioner, make_session, on
from tests.pages.clinical import NOBODY, ago, browser, errors, links, said, words
from treatments.addenda import enter_session_in_error, write_addendum
from treatments.eligibility import state_of
from treatments.models import Addendum, LotUse, Session
from treatments.sessions import finish_session, write_session
from treatments.side_effects import record_none_seen


@pytest.fixture
def signed(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)


@pytest.fixture
def running(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)


def add(session) -> str:
    return reverse("session-addendum", args=[session.pk])


def in_error(session) -> str:
    return reverse("session-in-error", args=[session.pk])


def record(session) -> str:
    return reverse("session", args=[session.pk])


# --- Addenda -----------------------------------------------------------------------------------------------------------


def test_an_addendum_stands_below_what_was_signed_with_name_and_time(signed, rosa):
    other = make_practitioner("Per Holm")
    changes = signed.history.count()

    write_addendum(session=signed, text="  She rang: all well. ", by=rosa, now=on(3))
    write_addendum(session=signed, text="The lot was read out twice.", by=other, now=on(4))

    assert [(one.text, one.by, one.written_at) for one in signed.addenda.all()] == [
        ("She rang: all well.", rosa, on(3)),
        ("The lot was read out twice.", other, on(4)),
    ]
    assert signed.history.count() == changes
    read = words(browser(rosa).get(record(signed)))
    assert "Added afterwards She rang: all well. Rosa Lind, 3 Nov 2026, 09:00" in read


@pytest.mark.parametrize("text", ["", " \n\t"])
def test_without_words_nothing_is_added(text, signed, rosa):
    with pytest.raises(ValidationError) as error:
        write_addendum(session=signed, text=text, by=rosa)

    assert list(error.value.message_dict) == ["text"]
    answer = browser(rosa).post(add(signed), {"text": text})
    assert (answer.status_code, errors(answer, "text")) == (422, ["Write what is to be added."])
    assert not Addendum.objects.exists()


def test_what_is_too_long_stays_as_it_was_typed(signed, rosa):
    answer = browser(rosa).post(add(signed), {"text": "x" * 4001})

    assert answer.status_code == 422
    assert "x" * 4001 in answer.content.decode()
    assert browser(rosa).post(add(signed), {"text": "x" * 4000}).status_code == 302


def test_a_running_session_takes_no_addendum(running, rosa):
    with pytest.raises(Refused) as refusal:
        write_addendum(session=running, text="more", by=rosa)

    assert refusal.value.codes == ["wrong-status"]
    assert "The session still runs: write it into the record itself." in words(browser(rosa).get(add(running)))
    answer = browser(rosa).post(add(running), {"text": "more"})
    assert (answer.status_code, Refusal.objects.get().code) == (409, "wrong-status")
    assert not Addendum.objects.exists()


@pytest.mark.parametrize("person", ["reception", "manager"])
def test_only_practitioners_add_to_it_or_call_it_an_error(person, signed, request):
    by = request.getfixturevalue(person)

    with pytest.raises(PermissionDenied):
        write_addendum(session=signed, text="more", by=by)
    with pytest.raises(PermissionDenied):
        enter_session_in_error(session=signed, reason="wrong person", by=by)
    for address in (add(signed), in_error(signed)):
        assert browser(by).get(address).status_code == 403
        assert browser(by).post(address, {"text": "x", "reason": "x"}).status_code == 403


def test_of_an_unknown_session_nothing_is_found(rosa):
    for path in ("addendum", "enter-in-error"):
        assert browser(rosa).get(f"/sessions/{NOBODY}/{path}/").status_code == 404


def test_sent_twice_it_is_added_once(signed, rosa):
    client = browser(rosa)

    answers = [client.post(add(signed), {"text": "She rang.", "once": "one-page"}) for _ in range(2)]

    assert [answer.url for answer in answers] == [record(signed)] * 2
    assert Addendum.objects.count() == 1
    assert said(answers[0]) == ["Added. What was signed stays as it is."]


def test_a_finished_session_offers_both_and_a_running_one_neither(signed, rosa, manager, jonas, mesotherapy):
    other = make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=ago(hours=0.5), finished=False)

    finished, runs = browser(rosa).get(record(signed)), browser(rosa).get(record(other))

    assert (links(finished, "session-addendum", signed.pk), links(finished, "session-in-error", signed.pk)) == (
        True,
        True,
    )
    assert (links(runs, "session-addendum", other.pk), links(runs, "session-in-error", other.pk)) == (False, False)
    assert not links(browser(manager).get(record(signed)), "session-addendum", signed.pk)


# --- Entered in error ----------------------------------------------------------------------------------------------------


def test_entered_in_error_keeps_the_record_and_says_who_and_why(signed, rosa):
    answer = browser(rosa).post(in_error(signed), {"reason": " It was Jonas, not her. "})

    found = Session.objects.get()
    assert (found.error_by, found.error_reason, found.finished_by) == (rosa, "It was Jonas, not her.", rosa)
    assert said(answer) == ["Entered in error: it stays on the chart, struck through."]
    read = words(browser(rosa).get(record(signed)))
    assert "Rosa Lind: It was Jonas, not her." in read
    assert "Entered in error" in read
    assert not Session.objects.standing().exists()


def test_it_takes_addenda_still(signed, rosa):
    enter_session_in_error(session=signed, reason="wrong person", by=rosa)

    write_addendum(session=signed, text="The right one has been told.", by=rosa)

    assert Addendum.objects.count() == 1


def test_entered_in_error_is_final(signed, rosa):
    enter_session_in_error(session=signed, reason="wrong person", by=rosa, now=NOW)

    with pytest.raises(Refused) as refusal:
        enter_session_in_error(session=signed, reason="another reason", by=rosa)

    assert refusal.value.codes == ["wrong-status"]
    assert browser(rosa).post(in_error(signed), {"reason": "another"}).status_code == 409
    assert Session.objects.get().error_reason == "wrong person"


@pytest.mark.parametrize("reason", ["", " \n"])
def test_it_needs_a_reason(reason, signed, rosa):
    with pytest.raises(ValidationError) as error:
        enter_session_in_error(session=signed, reason=reason, by=rosa)

    assert list(error.value.message_dict) == ["reason"]
    answer = browser(rosa).post(in_error(signed), {"reason": reason})
    assert (answer.status_code, len(errors(answer, "reason"))) == (422, 1)
    assert Session.objects.get().error_at is None


def test_a_running_session_is_finished_first(running, rosa):
    with pytest.raises(Refused) as refusal:
        enter_session_in_error(session=running, reason="wrong person", by=rosa)

    assert refusal.value.codes == ["wrong-status"]
    assert "Finish it first" in words(browser(rosa).get(in_error(running)))


def test_its_skin_check_and_itself_say_nothing_of_the_patient_any_more(signed, amara, rosa):
    record_none_seen(patient=amara, by=rosa, now=on(1))
    assert state_of(amara) == "not-checked"

    enter_session_in_error(session=signed, reason="wrong person", by=rosa)

    assert state_of(amara) == "clear"


def test_its_lots_stay_and_the_lot_says_that_the_session_was_an_error(amara, rosa, manager, running):
    lot = make_lot(rosa, now=ago(1))
    write_session(session=running, by=rosa, lots=[{"lot": lot, "volume_ml": "1.50"}])
    finish_session(session=running, by=rosa)
    page = reverse("lot", args=[lot.pk])
    assert "Session entered in error" not in words(browser(manager).get(page))

    enter_session_in_error(session=running, reason="wrong person", by=rosa)

    shown = browser(manager).get(page)
    assert LotUse.objects.count() == 1
    assert "Session entered in error" in words(shown)
    assert "<s>1.50 ml</s>" in shown.content.decode()
    assert "Entered in error" in words(browser(rosa).get(reverse("chart", args=[amara.pk])))
