"""What a month's figures count, by hand on small sets."""

import datetime as dt

import pytest

from clinic.models import Site
from tests.factories import LONDON, make_gone, make_lot, make_review, make_session, make_treatment, on
from tests.treatments.figured import NOVEMBER, counted, logged, someone, treat, treated_on
from treatments.addenda import enter_session_in_error
from treatments.follow_ups import record_asked_none
from treatments.merging import merge_patients, undo_merge
from treatments.models.figure import Divided
from treatments.side_effects import correct_patient, enter_in_error, record_none_seen, report_side_effect

OCTOBER = dt.date(2026, 10, 1)
ONE_BRUISED = {"": {"sessions": 1, "followed_up": 1, "bruising": 1}}
ONE_UNASKED = {"": {"sessions": 1}}


@pytest.fixture
def session(amara, rosa, mesotherapy):
    """Of Tuesday, 3 November."""
    return treat(amara, rosa, mesotherapy, on(3), sites=["thigh"])


# --- The whole clinic -----------------------------------------------------------------------------------------------------


def test_without_a_session_everything_is_nought(site):
    assert counted() == {"": {}}


def test_without_a_site_there_is_nothing_to_count(db):
    assert counted() == {"": {}}


def test_three_sessions_two_with_bruising_and_one_with_swelling_too(rosa, reception, mesotherapy):
    one, two, _ = treated_on([3, 4, 5], reception, rosa, mesotherapy)
    logged(one, "bruising", rosa)
    logged(two, "bruising", rosa)
    logged(two, "swelling", rosa)

    assert counted() == {"": {"sessions": 3, "followed_up": 2, "bruising": 2, "swelling": 1}}


def test_a_session_with_three_bruises_counts_once(session, rosa):
    for site in ("thigh", "knee", "arm"):
        logged(session, "bruising", rosa, site=site)

    assert counted() == ONE_BRUISED


def test_a_bruise_that_is_gone_was_a_bruise(session, rosa):
    make_gone(logged(session, "bruising", rosa), rosa, now=on(20))

    assert counted() == ONE_BRUISED


def test_a_bruise_tied_to_no_session_is_in_no_count_but_somebody_looked(session, amara, rosa):
    report_side_effect(patient=amara, kind="bruising", by=rosa, now=on(5))

    assert counted() == {"": {"sessions": 1, "followed_up": 1}}


def test_a_bruise_entered_in_error_was_none_and_nobody_looked(session, rosa):
    enter_in_error(side_effect=logged(session, "bruising", rosa), reason="Wrong chart", by=rosa, now=on(6))

    assert counted() == ONE_UNASKED


def test_a_bruise_of_the_wrong_patient_leaves_the_session(session, jonas, rosa):
    correct_patient(side_effect=logged(session, "bruising", rosa), patient=jonas, reason="Mixed up", by=rosa, now=on(6))

    assert counted() == ONE_UNASKED


def test_a_session_entered_in_error_is_no_session(session, rosa):
    logged(session, "bruising", rosa)
    enter_session_in_error(session=session, reason="Wrong patient", by=rosa, now=on(6))

    assert counted() == {"": {}}


def test_a_session_that_still_runs_counts(amara, rosa, mesotherapy):
    make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(3), finished=False)

    assert counted() == ONE_UNASKED


def test_a_consultation_does_not(amara, rosa, consultation):
    make_session(patient=amara, practitioner=rosa, treatment=consultation, at=on(3))

    assert counted() == {"": {}}


def test_after_a_merge_and_after_its_undoing_the_sessions_are_the_same(session, jonas, amara, rosa, reception):
    logged(session, "bruising", rosa)
    merge = merge_patients(kept=jonas, merged=amara, by=reception)
    assert counted() == ONE_BRUISED

    undo_merge(merge=merge, by=reception)
    assert counted() == ONE_BRUISED


# --- Which month ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("began", "month"),
    [
        (dt.datetime(2026, 8, 31, 23, 30, tzinfo=dt.UTC), dt.date(2026, 9, 1)),  # half past midnight, summer time
        (dt.datetime(2026, 8, 31, 22, 59, tzinfo=dt.UTC), dt.date(2026, 8, 1)),
        (dt.datetime(2026, 9, 30, 23, 0, tzinfo=dt.UTC), OCTOBER),
        (dt.datetime(2026, 10, 31, 23, 30, tzinfo=dt.UTC), OCTOBER),  # the clocks went back on the 25th
        (dt.datetime(2026, 11, 1, 0, 0, tzinfo=dt.UTC), NOVEMBER),
        (dt.datetime(2026, 3, 1, 0, 0, tzinfo=dt.UTC), dt.date(2026, 3, 1)),
        (dt.datetime(2026, 3, 31, 22, 59, tzinfo=dt.UTC), dt.date(2026, 3, 1)),
        (dt.datetime(2026, 3, 31, 23, 0, tzinfo=dt.UTC), dt.date(2026, 4, 1)),  # they went forward on the 29th
    ],
)
def test_a_session_belongs_to_the_month_on_the_clock_of_its_site(began, month, amara, rosa, mesotherapy):
    treat(amara, rosa, mesotherapy, began.astimezone(LONDON))

    before = (month - dt.timedelta(days=1)).replace(day=1)
    after = (month + dt.timedelta(days=31)).replace(day=1)
    assert [counted(one)[""].get("sessions", 0) for one in (before, month, after)] == [0, 1, 0]


def test_each_site_has_its_own_clock(amara, jonas, rosa, mesotherapy):
    """At noon in London on the 31st it is the 1st in Auckland."""
    at = dt.datetime(2026, 10, 31, 12, tzinfo=dt.UTC)
    far = Site.objects.create(name="Auckland", time_zone="Pacific/Auckland", opens_at=dt.time(0), closes_at=dt.time(0))
    treat(amara, rosa, mesotherapy, at)
    rosa.site = far
    rosa.save()
    treat(jonas, rosa, mesotherapy, at + dt.timedelta(hours=2))

    assert counted(OCTOBER, Divided.CLINIC_SITE) == {str(Site.objects.get(name="High Street").pk): {"sessions": 1}}
    assert counted(NOVEMBER, Divided.CLINIC_SITE) == {str(far.pk): {"sessions": 1}}


# --- Divided --------------------------------------------------------------------------------------------------------------


def test_by_treatment_practitioner_and_site(rosa, site, reception, mesotherapy):
    from tests.factories import make_practitioner

    other, freya = make_treatment(name="Mesolift"), make_practitioner("Freya Holm")
    one = treat(someone(reception, 1), rosa, mesotherapy, on(3))
    treat(someone(reception, 2), rosa, other, on(4))
    treat(someone(reception, 3), freya, other, on(5))
    logged(one, "bruising", rosa)

    bruised = {"sessions": 1, "followed_up": 1, "bruising": 1}
    assert counted(divided=Divided.TREATMENT) == {str(mesotherapy.pk): bruised, str(other.pk): {"sessions": 2}}
    assert counted(divided=Divided.PRACTITIONER) == {
        str(rosa.pk): {"sessions": 2, "followed_up": 1, "bruising": 1},
        str(freya.pk): {"sessions": 1},
    }
    assert counted(divided=Divided.CLINIC_SITE) == {str(site.pk): {"sessions": 3, "followed_up": 1, "bruising": 1}}


def test_who_treated_counts_and_not_whose_appointment_it_was(amara, rosa, omar, mesotherapy, manager):
    from tests.factories import make_appointment, train
    from treatments.sessions import start_session

    train(omar)
    booked = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=rosa, starts_at=on(3))
    start_session(appointment=booked, skin_check="no-bruising-seen", by=omar, now=on(3))

    assert counted(divided=Divided.PRACTITIONER) == {str(omar.pk): {"sessions": 1}}


def test_two_lots_of_one_product_count_once_at_the_product(amara, jonas, rosa, mesotherapy):
    a, b, other = make_lot(rosa, "A"), make_lot(rosa, "B"), make_lot(rosa, "C", name="Silorgan")
    one = treat(amara, rosa, mesotherapy, on(3), lots=[a, b])
    treat(jonas, rosa, mesotherapy, on(4), lots=[b, other])
    logged(one, "bruising", rosa)
    logged(one, "bruising", rosa, site="arm")

    bruised = {"sessions": 1, "followed_up": 1, "bruising": 1}
    assert counted(divided=Divided.LOT) == {
        str(a.pk): bruised,
        str(b.pk): bruised | {"sessions": 2},
        str(other.pk): {"sessions": 1},
    }
    assert counted(divided=Divided.PRODUCT) == {
        str(a.product_id): bruised | {"sessions": 2},
        str(other.product_id): {"sessions": 1},
    }


def test_at_a_body_site_stand_the_sessions_that_injected_there_and_their_effects_there(amara, jonas, rosa, mesotherapy):
    one = treat(amara, rosa, mesotherapy, on(3), sites=["thigh", "thigh", "under-the-chin"])
    treat(jonas, rosa, mesotherapy, on(4), sites=["thigh"])
    logged(one, "bruising", rosa, site="thigh")
    logged(one, "bruising", rosa, site="arm")  # nothing was injected there: no sessions to stand over
    logged(one, "swelling", rosa)  # nobody said where

    assert counted(divided=Divided.BODY_SITE) == {
        "thigh": {"sessions": 2, "followed_up": 1, "bruising": 1},
        "under-the-chin": {"sessions": 1, "followed_up": 1},
    }


def test_a_month_costs_the_same_statements_however_many_sessions(
    rosa, reception, mesotherapy, django_assert_num_queries
):
    lot = make_lot(rosa)
    for number, sessions in ((1, 1), (2, 2)):
        for patient in range(sessions):
            at = on(3 + number, 9 + 2 * patient)
            one = treat(someone(reception, 10 * number + patient), rosa, mesotherapy, at, sites=["thigh"], lots=[lot])
            logged(one, "bruising", rosa, site="thigh")
        with django_assert_num_queries(5):  # the first asks for the time zones
            counted()


# --- Followed up ----------------------------------------------------------------------------------------------------------


def asked(day: int = 3) -> int:
    return counted()[""].get("followed_up", 0)


def test_nobody_looked_or_asked(session):
    assert asked() == 0


def test_none_seen_afterwards_is_a_look(session, amara, rosa):
    record_none_seen(patient=amara, by=rosa, now=on(10))

    assert asked() == 1


def test_a_call_that_was_answered_is_one(session, reception):
    record_asked_none(session=session, by=reception, now=on(6))

    assert asked() == 1


def test_a_look_at_an_older_side_effect_is_one(amara, rosa, mesotherapy):
    swelling = report_side_effect(patient=amara, kind="swelling", by=rosa, now=on(1))
    treat(amara, rosa, mesotherapy, on(3))
    assert asked() == 0

    make_review(side_effect=swelling, by=rosa, finding="fading", now=on(5))
    assert asked() == 1


def test_what_follows_the_next_session_is_that_ones(amara, rosa, mesotherapy):
    """Nor is the skin check that the next one begins with a look at how this one went."""
    for day in (3, 24):
        treat(amara, rosa, mesotherapy, on(day))
    assert counted() == {"": {"sessions": 2}}

    record_none_seen(patient=amara, by=rosa, now=on(26))
    assert counted() == {"": {"sessions": 2, "followed_up": 1}}


def test_a_next_session_entered_in_error_ends_nothing(session, amara, rosa, mesotherapy):
    wrong = treat(amara, rosa, mesotherapy, on(5))
    enter_session_in_error(session=wrong, reason="Wrong patient", by=rosa, now=on(6))
    record_none_seen(patient=amara, by=rosa, now=on(7))

    assert counted() == {"": {"sessions": 1, "followed_up": 1}}


def test_somebody_elses_look_is_not_this_patients(session, jonas, rosa):
    record_none_seen(patient=jonas, by=rosa, now=on(10))

    assert asked() == 0
