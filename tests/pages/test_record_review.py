"""Records reviewed: found by what is asked, signed off by somebody else than who wrote them, and never changed by it."""

import datetime as dt

import pytest
from django.forms.models import model_to_dict
from django.utils import timezone

from clinic.models import AuditEvent, SavedFilter
from clinic.refusals import Refused
from clinic.staffing import set_roles
from tests.factories import make_gone, make_lot, make_patient, make_session, make_side_effect, make_staff
from tests.pages.desk import signed_in, statements, words
from tests.treatments.figured import someone, treat
from treatments.addenda import write_addendum
from treatments.deviations import record_deviation
from treatments.models import SignOff
from treatments.record_sign_off import sign_off
from treatments.referrals import record_referral_step
from treatments.sessions import finish_session

NOW = timezone.now()


def ago(days: float) -> dt.datetime:
    return NOW - dt.timedelta(days=days)


@pytest.fixture
def session(amara, rosa, mesotherapy):
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ago(3))


@pytest.fixture
def running(jonas, rosa, mesotherapy):
    return make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=ago(1), finished=False)


def found(client, asked: str) -> list[str]:
    return [str(row.patient) for row in client.get(f"/records/?{asked}").context["rows"]]


# --- Signed off -------------------------------------------------------------------------------------------------------


def test_a_session_is_signed_off_and_says_by_whom_when_and_what(session, rosa, manager):
    client = signed_in(manager)

    client.post(f"/sessions/{session.pk}/reviewed/", {"remark": "Looks whole."})

    for reader in (manager, rosa):
        said = words(signed_in(reader).get(f"/sessions/{session.pk}/"))
        assert "Maud Keane" in said
        assert "Looks whole." in said
    event = AuditEvent.objects.get(kind="record-signed-off")
    assert (event.actor, event.patient_id, event.subject_id) == (manager, session.patient_id, session.pk)


def test_the_clinical_entry_and_its_history_stay_as_they_were(session, rosa, manager):
    bruise = make_side_effect(patient=session.patient, by=rosa, now=ago(2))
    before = [(model_to_dict(one), one.history.count()) for one in (session, bruise)]

    for record in (session, bruise):
        sign_off(record=record, by=manager, remark="Seen.")

    for record, was in zip((session, bruise), before, strict=True):
        record.refresh_from_db()
        assert (model_to_dict(record), record.history.count()) == was


def test_it_may_be_said_again_after_an_addendum(session, rosa, manager):
    client = signed_in(manager)
    sign_off(record=session, by=manager, now=ago(1))
    assert found(client, "reviewed=added-since") == []

    write_addendum(session=session, text="One thing more.", by=rosa)
    assert found(client, "reviewed=added-since") == ["Amara Okafor"]

    sign_off(record=session, by=manager)
    assert found(client, "reviewed=added-since") == []
    assert SignOff.objects.count() == 2


def test_nobody_reviews_what_they_recorded_themselves(session, rosa, manager):
    set_roles(staff=rosa, roles=["practitioner", "manager"], by=manager)

    response = signed_in(rosa).post(f"/sessions/{session.pk}/reviewed/", {"remark": ""})

    assert response.status_code == 409
    assert "another manager" in words(response)
    assert not SignOff.objects.exists()


def test_a_session_that_is_not_signed_yet_is_not_reviewed(running, manager):
    assert signed_in(manager).post(f"/sessions/{running.pk}/reviewed/", {}).status_code == 409


def test_several_are_reviewed_at_once_all_or_none(session, running, rosa, mesotherapy, reception, manager):
    other = treat(someone(reception, 1), rosa, mesotherapy, ago(5))
    client = signed_in(manager)

    wrong = client.post("/records/", {"chosen": [str(session.pk), str(running.pk)], "remark": "Both."})
    assert wrong.status_code == 422
    assert not SignOff.objects.exists()

    client.post("/records/", {"chosen": [str(session.pk), str(other.pk)], "remark": "Both."})
    assert {one.session_id for one in SignOff.objects.all()} == {session.pk, other.pk}


def test_none_ticked_is_said(session, manager):
    response = signed_in(manager).post("/records/", {"remark": "x"})

    assert response.status_code == 422
    assert "Tick the records that you have looked through." in words(response)


# --- Found ------------------------------------------------------------------------------------------------------------


def test_sessions_are_found_by_what_is_asked(session, running, rosa, omar, site, manager):
    client = signed_in(manager)
    day = timezone.localdate(ago(3))

    for asked, names in (
        ("", ["Jonas Weber", "Amara Okafor"]),
        ("state=unsigned", ["Jonas Weber"]),
        ("state=signed", ["Amara Okafor"]),
        ("reviewed=not-yet", ["Jonas Weber", "Amara Okafor"]),
        (f"practitioner={rosa.pk}", ["Jonas Weber", "Amara Okafor"]),
        (f"practitioner={omar.pk}", []),
        (f"site={site.pk}", ["Jonas Weber", "Amara Okafor"]),
        (f"since={day}&until={day}", ["Amara Okafor"]),
    ):
        assert found(client, asked) == names, asked


def test_sessions_are_found_by_product_and_lot(rosa, mesotherapy, reception, amara, manager):
    lot = make_lot(rosa, number="L7")
    treat(amara, rosa, mesotherapy, ago(4), lots=[lot])
    treat(someone(reception, 1), rosa, mesotherapy, ago(5))
    client = signed_in(manager)

    assert found(client, "lot=l7") == ["Amara Okafor"]
    assert found(client, f"product={lot.product_id}") == ["Amara Okafor"]
    assert "No lot of this number is on record." in words(client.get("/records/?lot=L8"))


def test_side_effects_are_found_by_kind_severity_and_state(amara, jonas, rosa, reception, manager):
    bruise = make_side_effect(patient=amara, by=rosa, severity=3, now=ago(6))
    make_side_effect(patient=jonas, by=rosa, kind="swelling", severity=1, now=ago(2))
    make_side_effect(patient=make_patient(reception, "Ines", "Prado"), by=reception, now=ago(1))
    make_gone(bruise, rosa, now=ago(1))
    client = signed_in(manager)

    for asked, names in (
        ("", ["Ines Prado", "Jonas Weber", "Amara Okafor"]),
        ("kind=swelling", ["Jonas Weber"]),
        ("severity=3", ["Amara Okafor"]),
        ("state=open", ["Ines Prado", "Jonas Weber"]),
        ("state=reported", ["Ines Prado"]),
        ("state=closed", ["Amara Okafor"]),
    ):
        assert found(client, f"what=side-effects&{asked}") == names, asked


def test_a_clinic_without_records_says_so(manager):
    client = signed_in(manager)
    assert "No sessions yet." in words(client.get("/records/"))
    assert "No side effects are on record." in words(client.get("/records/?what=side-effects"))


def test_reading_the_list_is_in_the_trail_by_its_codes(session, manager):
    signed_in(manager).get("/records/?state=signed")

    event = AuditEvent.objects.get(subject="records", patient_id=None)
    assert (event.actor, event.details["by"]) == (manager, ["state"])


@pytest.mark.parametrize("who", ["reception", "rosa"])
def test_it_is_the_managers(who, request, session):
    client = signed_in(request.getfixturevalue(who))
    assert client.get("/records/").status_code == 403
    assert client.post(f"/sessions/{session.pk}/reviewed/", {}).status_code == 403


def test_the_list_asks_the_same_however_many_there_are(session, rosa, mesotherapy, reception, manager):
    client = signed_in(manager)
    counts = []
    for start, more in ((0, 1), (1, 3)):
        for number in range(start, start + more):
            lot = make_lot(rosa, number=f"L{number}")
            other = treat(someone(reception, number), rosa, mesotherapy, ago(8 + number), lots=[lot])
            bruise = make_side_effect(patient=other.patient, by=rosa, now=ago(2))
            for record in (other, bruise):
                sign_off(record=record, by=manager)
        with statements() as asked:
            client.get("/records/")
            client.get("/records/?what=side-effects")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_next_page_goes_on_where_this_one_ends(rosa, mesotherapy, reception, manager):
    for number in range(30):
        treat(someone(reception, number), rosa, mesotherapy, ago(1 + number))
    client = signed_in(manager)

    first = client.get("/records/")
    second = client.get(f"/records/?page={first.context['page'].next}")

    assert [len(first.context["rows"]), len(second.context["rows"])] == [25, 5]


# --- Filters that are kept --------------------------------------------------------------------------------------------


def keep(client, name: str, query: str):
    return client.post("/filters/of/records/", {"name": name, "query": query}, follow=True)


def test_a_filter_is_kept_used_renamed_and_removed(session, manager):
    client = signed_in(manager)

    said = words(keep(client, "Signed ones", "what=sessions&state=signed&page=n1&bogus=1"))
    kept = SavedFilter.objects.get()
    assert "Signed ones" in said
    assert kept.query == "state=signed&what=sessions"

    client.post(f"/filters/{kept.pk}/", {"name": "Signed"})
    assert SavedFilter.objects.get().name == "Signed"
    client.post(f"/filters/{kept.pk}/remove/")
    assert not SavedFilter.objects.exists()


def test_the_same_name_takes_the_place_of_the_first(session, manager):
    client = signed_in(manager)
    keep(client, "Mine", "state=signed")
    said = words(keep(client, "mine", "state=unsigned"))

    assert SavedFilter.objects.get().query == "state=unsigned"
    assert "instead of the one before" in said


def test_a_filter_is_its_owners_alone(session, manager):
    una = make_staff("manager", name="Una")
    keep(signed_in(manager), "Mine", "state=signed")
    kept = SavedFilter.objects.get()

    assert "Mine" not in words(signed_in(una).get("/records/"))
    assert signed_in(una).post(f"/filters/{kept.pk}/remove/").status_code in (403, 404)
    assert SavedFilter.objects.exists()


def test_a_filter_without_a_name_is_asked_for_one(session, manager):
    keep(signed_in(manager), " ", "state=signed")

    assert not SavedFilter.objects.exists()


def test_whoever_closed_the_checklist_of_an_infection_does_not_review_it(amara, rosa, manager):
    both = make_staff("practitioner", "manager", name="Both")
    infection = make_side_effect(patient=amara, by=rosa, kind="infection", now=ago(1))
    record_referral_step(side_effect=infection, step="closed", note="Seen by her doctor.", by=both)

    with pytest.raises(Refused) as refused:
        sign_off(record=infection, by=both)

    assert refused.value.blockers[0].code == "own-record"
    assert sign_off(record=infection, by=manager).side_effect == infection


def test_whoever_decided_a_deviation_does_not_review_its_session(amara, rosa, mesotherapy, manager):
    both = make_staff("practitioner", "manager", name="Both")
    make_side_effect(patient=amara, by=rosa, now=ago(2))
    deviation = record_deviation(
        patient=amara, treatment=mesotherapy, starts_at=ago(1), ends_at=ago(1) + dt.timedelta(minutes=30),
        reason="Urged.", decided_by=both, practitioner=rosa, by=rosa, now=NOW,
    )  # fmt: skip
    session = finish_session(session=deviation.appointment.session, by=rosa, now=NOW)

    with pytest.raises(Refused) as refused:
        sign_off(record=session, by=both)

    assert refused.value.blockers[0].code == "own-record"
    assert sign_off(record=session, by=manager).session == session
