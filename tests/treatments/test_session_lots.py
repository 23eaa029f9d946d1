"""Which lots go into a session, what is asked before it is finished, and what is copied from the last one."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from clinic.models import Site
from clinic.refusals import Refused
from tests.factories import NOW, make_anaesthetic, make_lot, make_patient, make_session, on
from treatments.before_finishing import LookAgain
from treatments.lots import open_lot, quarantine_lot, release_lot
from treatments.models import Lot, LotUse, Product, Session, Treatment
from treatments.session_copies import copy_last_session, last_time
from treatments.sessions import finish_session, write_session

ML = Decimal("4")


@pytest.fixture
def running(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, finished=False)


def write(session, rosa, *lots: Lot, **more) -> Session:
    return write_session(session=session, by=rosa, lots=[{"lot": lot, "volume_ml": ML} for lot in lots], **more)


def refused(act) -> list[str]:
    with pytest.raises(Refused) as refusal:
        act()
    return refusal.value.codes


def asked(session, rosa, **more) -> list[str]:
    """What is asked before it is finished; the answers finish it."""
    with pytest.raises(LookAgain) as look:
        finish_session(session=session, by=rosa, now=on(2, 10), **more)
    return [question.words for question in look.value.questions]


def used(session) -> list[str]:
    return sorted(LotUse.objects.filter(session=session).values_list("lot__number", flat=True))


# --- Taken in ------------------------------------------------------------------------------------------------------------


def test_a_lot_of_the_day_of_its_expiry_is_used_and_of_the_day_after_is_not(running, rosa):
    today = make_lot(rosa, "A1", expires_on=NOW.date())
    late = Lot.objects.create(product=today.product, number="B2", expires_on=NOW.date() - dt.timedelta(days=1))

    assert refused(lambda: write(running, rosa, today, late)) == ["lot-expired"]
    write(running, rosa, today)
    assert used(running) == ["A1"]


def test_the_day_is_the_sites_and_not_the_servers(amara, rosa, mesotherapy):
    """Noon in London is an hour past midnight in Auckland."""
    Site.objects.update(time_zone="Pacific/Auckland")
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(2, 12), finished=False)
    over, good = make_lot(rosa, "A1", expires_on=dt.date(2026, 11, 2)), make_lot(rosa, "B2")

    assert refused(lambda: write(session, rosa, over)) == ["lot-expired"]
    write(session, rosa, good)
    assert LotUse.objects.get().used_on == dt.date(2026, 11, 3)


def test_a_lot_without_an_expiry_is_not_used(running, rosa):
    lot = Lot.objects.create(product=Product.objects.create(name="Lipostab"), number="A1", expires_on=None)

    assert refused(lambda: write(running, rosa, lot)) == ["lot-expired"]


def test_a_quarantined_lot_is_refused_until_it_is_released(running, rosa, manager):
    lot = make_lot(rosa)
    quarantine_lot(lot=lot, reason="recalled", by=rosa)

    assert refused(lambda: write(running, rosa, lot)) == ["lot-quarantined"]
    release_lot(lot=lot, reason="another lot was meant", by=manager)
    write(running, rosa, lot)
    assert used(running) == ["L2209-B"]


def test_what_was_written_before_the_quarantine_stays_and_its_volume_may_be_set_right(running, rosa):
    lot = make_lot(rosa)
    write(running, rosa, lot)
    quarantine_lot(lot=lot, reason="recalled", by=rosa)

    write_session(session=running, by=rosa, note="calm", lots=[{"lot": lot, "volume_ml": Decimal("3")}])

    assert LotUse.objects.get().volume_ml == Decimal("3")


def test_a_lot_stands_once_and_in_its_place(running, rosa):
    lot, agent = make_lot(rosa), make_anaesthetic(rosa)

    with pytest.raises(ValidationError, match="stands here twice"):
        write(running, rosa, lot, lot)
    with pytest.raises(ValidationError, match="is an anaesthetic"):
        write(running, rosa, agent)
    with pytest.raises(ValidationError, match="is an injected product"):
        write_session(session=running, by=rosa, anaesthetic="given", anaesthetic_lot=lot)
    assert not LotUse.objects.exists()


# --- The anaesthetic -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ["lidocaine", "Lignocaine (rash, 2019)", "LIDOCAÏNE"])
def test_an_allergy_on_record_refuses_its_agent_with_the_reason(words, reception, rosa, mesotherapy):
    patient = make_patient(reception, allergies=words)
    session = make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, finished=False)

    with pytest.raises(Refused) as refusal:
        write_session(session=session, by=rosa, anaesthetic="given", anaesthetic_lot=make_anaesthetic(rosa))

    assert refusal.value.codes == ["allergy-recorded"]
    assert refusal.value.blockers[0].clinical == (f"Allergies on record: “{words}”. That speaks against Lidocaine 2 %.")
    assert words not in refusal.value.blockers[0].message
    assert not LotUse.objects.exists()


@pytest.mark.parametrize("words", ["", "none known", "penicillin", "local anaesthetic cream: no", "nickel 2 %"])
def test_another_allergy_does_not(words, reception, rosa, mesotherapy):
    patient = make_patient(reception, allergies=words)
    session = make_session(patient=patient, practitioner=rosa, treatment=mesotherapy, finished=False)

    write_session(session=session, by=rosa, anaesthetic="given", anaesthetic_lot=make_anaesthetic(rosa))

    assert used(session) == ["A-1"]


def test_an_agent_is_named_only_where_it_was_given_and_goes_with_the_answer(running, rosa):
    agent = make_anaesthetic(rosa)

    with pytest.raises(ValidationError, match="only where the anaesthetic was given"):
        write_session(session=running, by=rosa, anaesthetic="declined", anaesthetic_lot=agent)
    write_session(session=running, by=rosa, anaesthetic="given", anaesthetic_lot=agent, anaesthetic_ml=Decimal("1"))
    write_session(session=running, by=rosa, anaesthetic="declined", anaesthetic_lot=None)
    assert used(running) == []


# --- Asked before it is finished -------------------------------------------------------------------------------------------


def test_nothing_is_asked_where_all_is_within_the_limits(running, rosa, mesotherapy):
    Treatment.objects.update(most_ml_per_site=ML, most_ml=ML)
    write(running, rosa, make_lot(rosa, most_ml=ML), sites=[{"site": "thigh", "side": "left", "volume_ml": "4"}])

    assert finish_session(session=running, by=rosa, now=on(2, 10)).finished_at == on(2, 10)


def test_ten_for_one_is_asked_about_once_and_finished_by_the_answers(running, rosa):
    Treatment.objects.update(most_ml_per_site=Decimal("1"), most_ml=Decimal("6"))
    sites = [{"site": "thigh", "side": "left", "volume_ml": "10"}, {"site": "abdomen", "volume_ml": "1"}]
    write(running, rosa, make_lot(rosa, most_ml=Decimal("3")), sites=sites)

    assert asked(running, rosa) == [
        "10 ml at the left thigh: the clinic's limit for one site is 1 ml. Is the figure right?",
        "4 ml of Lipostab: the clinic's limit for one session is 3 ml. Is the figure right?",
        "11 ml in all: the clinic's limit for one session is 6 ml. Is the figure right?",
        "The sites come to 11 ml, the products to 4 ml.",
    ]
    with pytest.raises(LookAgain) as look:
        finish_session(session=running, by=rosa)
    keys = [question.key for question in look.value.questions]
    # Another figure is another question: the answer of before does not hold for it.
    write_session(session=running, by=rosa, sites=[sites[0] | {"volume_ml": "20"}, sites[1]])
    assert len(asked(running, rosa, answered=keys)) == 3
    write_session(session=running, by=rosa, sites=sites)
    assert finish_session(session=running, by=rosa, answered=keys).finished_by == rosa


def test_a_lot_quarantined_during_the_session_is_asked_about_and_stays(running, rosa):
    lot = make_lot(rosa)
    write(running, rosa, lot)
    quarantine_lot(lot=lot, reason="recalled", by=rosa, now=on(2, 9, 30))

    assert asked(running, rosa) == [
        "Lipostab, lot L2209-B was quarantined at 09:30: recalled. Finish if it was used, else take it out."
    ]
    with pytest.raises(LookAgain) as look:
        finish_session(session=running, by=rosa, now=on(2, 10))
    finish_session(session=running, by=rosa, now=on(2, 10), answered=[look.value.questions[0].key])
    assert used(running) == ["L2209-B"]


def test_a_vial_open_for_too_long_is_asked_about(running, rosa):
    lot = make_lot(rosa, dose="multi", use_within_days=7, now=on(1, month=10))
    open_lot(lot=lot, by=rosa, now=on(25, month=10))
    write(running, rosa, lot)

    assert asked(running, rosa) == [
        "Lipostab, lot L2209-B was opened on 25 Oct, and keeps 7 days once opened. Was it a new vial?"
    ]


# --- Same as last time -----------------------------------------------------------------------------------------------------


@pytest.fixture
def last(amara, rosa, mesotherapy) -> Session:
    """Everything written down a week before."""
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(26, month=10), finished=False)
    write(
        session, rosa, make_lot(rosa, now=on(20, month=10)),
        sites=[{"site": "thigh", "side": "left", "volume_ml": "4", "technique": "nappage"}], creams=["Arnica"],
        anaesthetic="declined", asepsis=["hands-washed"], burning=3, pain=2, swelling=True, itching=False,
        note="Calm.", next_step="Look in a week.",
    )  # fmt: skip
    return finish_session(session=session, by=rosa, now=on(26, 10, month=10))


def test_sites_lots_and_creams_are_copied_and_nothing_that_is_of_its_day(last, running, rosa):
    copied = copy_last_session(session=running, by=rosa)

    assert copied.session.sites == last.sites
    assert [(use.lot.number, use.volume_ml) for use in LotUse.objects.filter(session=running)] == [("L2209-B", ML)]
    assert copied.session.creams == ["Arnica"]
    of_its_day = ("anaesthetic", "asepsis", "burning", "pain", "swelling", "itching", "note", "next_step")
    assert [getattr(copied.session, name) for name in of_its_day] == ["", [], None, None, None, None, "", ""]
    assert copied.words == (
        "Copied from 26 Oct: sites and volumes, products and lots, creams. Hold each lot against the vial. "
        "Checks, anaesthetic and reactions are today’s to write."
    )


def test_what_is_written_already_is_not_written_over(last, running, rosa):
    write_session(session=running, by=rosa, sites=[{"site": "abdomen"}], creams=[])

    copied = copy_last_session(session=running, by=rosa)

    assert (copied.session.sites, copied.session.creams) == ([{"site": "abdomen", "side": ""}], [])
    assert copied.parts == ["products and lots"]
    assert refused(lambda: copy_last_session(session=running, by=rosa)) == ["wrong-status"]


def test_a_lot_that_cannot_be_used_now_is_left_out_and_said(last, running, rosa):
    quarantine_lot(lot=Lot.objects.get(), reason="recalled", by=rosa, now=on(1))

    copied = copy_last_session(session=running, by=rosa)

    assert used(running) == []
    assert copied.left_out == ["Lipostab, lot L2209-B has been in quarantine since 1 Nov, 09:00: recalled"]


def test_only_a_finished_session_of_this_patient_and_kind_is_the_last(
    last, running, jonas, rosa, consultation, mesotherapy
):
    make_session(patient=jonas, practitioner=rosa, treatment=mesotherapy, at=on(28, month=10))
    make_session(patient=last.patient, practitioner=rosa, treatment=consultation, at=on(29, month=10))

    assert last_time(running) == last
    assert last_time(last) is None
    assert refused(lambda: copy_last_session(session=last, by=rosa)) == ["wrong-status"]
