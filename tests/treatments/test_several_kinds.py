"""Several kinds logged in one go: each an episode of its own, and none entered twice."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tests.factories import NOW, make_appointment, make_gone, make_session, make_side_effect, on
from treatments.models import SideEffect
from treatments.opening import LikelyTheSame
from treatments.side_effects import report_side_effects


def kinds_of(side_effects):
    return [one.kind for one in side_effects]


def logged(amara, rosa, *kinds, **told):
    return report_side_effects(**({"patient": amara, "kinds": kinds, "by": rosa, "now": NOW} | told))


def refused(amara, rosa, *kinds, **told):
    """The sentences by field; nothing was logged."""
    before = SideEffect.objects.count()
    with pytest.raises(ValidationError) as error:
        logged(amara, rosa, *kinds, **told)
    assert SideEffect.objects.count() == before
    return error.value.message_dict


# --- Each its own -----------------------------------------------------------------------------------------------------


def test_each_kind_is_an_episode_of_its_own_with_what_was_told_of_all(amara, rosa, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(1, 10))

    both = logged(
        amara, rosa, "swelling", "bruising",
        site="thigh", side="left", severity=2, onset_on=NOW.date(), note="Blue", session=session,
    )  # fmt: skip

    told = ("site", "side", "severity", "onset_on", "note", "session", "seen_by", "recorded_at")
    of_all = ("thigh", "left", 2, NOW.date(), "Blue", session, rosa, NOW)
    assert kinds_of(both) == ["bruising", "swelling"]
    assert [tuple(getattr(one, name) for name in told) for one in both] == [of_all, of_all]
    make_gone(both[1], rosa, now=on(4))
    assert kinds_of(SideEffect.objects.open()) == ["bruising"]


def test_a_kind_named_twice_is_one(amara, rosa):
    assert kinds_of(logged(amara, rosa, "pain", "pain")) == ["pain"]


def test_bruising_among_several_holds_what_is_booked(amara, rosa, mesotherapy):
    booked = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=rosa)

    logged(amara, rosa, "itching", "bruising")

    booked.refresh_from_db()
    assert booked.status == "on-hold"


def test_without_bruising_nothing_is_held(amara, rosa, mesotherapy):
    booked = make_appointment(patient=amara, practitioner=rosa, treatment=mesotherapy, by=rosa)

    logged(amara, rosa, "itching", "swelling")

    booked.refresh_from_db()
    assert booked.status == "booked"


def test_all_of_them_or_none(amara, rosa):
    assert refused(amara, rosa, "bruising", "happiness") == {
        "kinds": [
            "“happiness” is not one of: bruising, swelling, itching, burning, numbness, pain, irritation, infection, other."
        ]
    }
    assert refused(amara, rosa) == {"kinds": ["Choose what it is; “Other” if nothing fits."]}


def test_whom_reception_tells_of_is_not_seen_and_a_manager_logs_nothing(amara, reception, manager):
    assert [one.seen_at for one in logged(amara, reception, "bruising", "pain", seen=True)] == [None, None]
    with pytest.raises(PermissionDenied):
        logged(amara, manager, "itching")


# --- What is asked of one kind only ---------------------------------------------------------------------------------


def test_painful_goes_with_swelling_and_the_cream_with_irritation(amara, rosa):
    found = logged(
        amara, rosa, "swelling", "irritation", "bruising", painful_to_touch=True, cream="Arnica from the chemist"
    )

    assert {one.kind: (one.painful_to_touch, one.cream) for one in found} == {
        "bruising": (None, ""),
        "swelling": (True, ""),
        "irritation": (None, "Arnica from the chemist"),
    }


# --- When it began --------------------------------------------------------------------------------------------------------


def test_it_began_about_a_day(amara, rosa):
    about = dt.date(2026, 10, 30)

    [one] = logged(amara, rosa, "numbness", onset_on=about, onset_is_about=True)

    assert (one.onset_on, one.onset_is_about) == (about, True)


def test_about_no_day_is_asked_again_and_nobody_knows_is_an_answer(amara, rosa):
    assert refused(amara, rosa, "numbness", onset_is_about=True) == {
        "onset_is_about": ["About which day? Give one, or leave it as not known."]
    }
    assert logged(amara, rosa, "numbness")[0].onset_on is None


def test_an_onset_tomorrow_is_refused_about_it_or_not_and_today_is_not(amara, rosa):
    tomorrow = NOW.date() + dt.timedelta(days=1)

    for about in (False, True):
        said = refused(amara, rosa, "pain", "itching", onset_on=tomorrow, onset_is_about=about)
        assert said == {"onset_on": ["The onset is in the future."]}
    assert len(logged(amara, rosa, "pain", "itching", onset_on=NOW.date())) == 2


def test_about_a_day_before_the_session_may_still_be_of_it(amara, rosa, mesotherapy):
    session = make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=on(1, 10))
    before = {"onset_on": dt.date(2026, 10, 31), "session": session}

    assert refused(amara, rosa, "itching", **before) == {
        "session": ["It began before that session. Leave the session out, or correct the day."]
    }
    assert logged(amara, rosa, "itching", onset_is_about=True, **before)[0].session == session


# --- The same one ---------------------------------------------------------------------------------------------------------


def test_one_that_is_open_at_the_place_is_asked_about_and_not_doubled(amara, rosa):
    old = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", onset_on=dt.date(2026, 10, 30), now=on(1))

    with pytest.raises(LikelyTheSame) as asked:
        logged(amara, rosa, "bruising", "itching", site="thigh", side="left")

    assert asked.value.found == [old]
    assert str(asked.value) == "Bruising at the left thigh is open since 30 Oct: is this the same one?"
    assert list(SideEffect.objects.all()) == [old]


def test_said_to_be_another_one_it_is_logged_beside_it(amara, rosa):
    old = make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=on(1))

    new = logged(amara, rosa, "bruising", site="thigh", side="left", not_the_same=[old.pk])

    assert set(SideEffect.objects.open()) == {old, *new}


@pytest.mark.parametrize(
    ("here", "same"),
    [
        ({"site": "thigh", "side": "left"}, True),
        ({"site": "thigh", "side": "both"}, True),
        ({"site": "thigh", "side": ""}, True),
        ({"site": "", "side": ""}, True),
        ({"site": "thigh", "side": "right"}, False),
        ({"site": "calf", "side": "left"}, False),
    ],
)
def test_the_same_place_is_the_same_site_and_side_and_one_that_nobody_said_is_any(here, same, amara, rosa):
    make_side_effect(patient=amara, by=rosa, site="thigh", side="left", now=on(1))

    if same:
        with pytest.raises(LikelyTheSame):
            logged(amara, rosa, "bruising", **here)
    else:
        assert len(logged(amara, rosa, "bruising", **here)) == 1


def test_another_kind_or_patient_or_one_that_is_closed_is_not_the_same(amara, jonas, rosa):
    make_gone(make_side_effect(patient=amara, by=rosa, site="thigh", now=on(1)), rosa, now=NOW)
    make_side_effect(patient=amara, by=rosa, kind="swelling", site="thigh", now=on(1))
    make_side_effect(patient=jonas, by=rosa, site="thigh", now=on(1))

    assert kinds_of(logged(amara, rosa, "bruising", site="thigh")) == ["bruising"]


def test_reception_is_asked_without_being_told_the_place(amara, reception, rosa):
    make_side_effect(patient=amara, by=rosa, site="buttock", side="left", now=on(1))

    with pytest.raises(LikelyTheSame) as asked:
        logged(amara, reception, "bruising")

    assert str(asked.value) == "Bruising is open since 1 Nov: is this the same one?"


@pytest.mark.parametrize("site", ["buttock", "face"])
def test_reception_does_not_find_out_the_place_by_being_asked(site, amara, reception, rosa):
    old = make_side_effect(patient=amara, by=rosa, site="buttock", side="left", now=on(1))
    impossible = dt.date(1950, 1, 1)

    with pytest.raises(LikelyTheSame) as asked:
        logged(amara, reception, "bruising", site=site, side="left", onset_on=impossible)

    assert asked.value.found == [old]
    assert kinds_of(logged(amara, reception, "bruising", site=site, side="left", not_the_same=[old.pk])) == ["bruising"]


# --- Seen again -----------------------------------------------------------------------------------------------------------


def test_of_several_the_one_of_its_kind_reopens_the_old_one(amara, rosa):
    old = make_side_effect(patient=amara, by=rosa, now=on(1, 8))
    make_gone(old, rosa, now=on(1, 9))
    old.refresh_from_db()

    found = logged(amara, rosa, "bruising", "swelling", reopens=old)

    assert {one.kind: one.reopens for one in found} == {"bruising": old, "swelling": None}
    assert refused(amara, rosa, "itching", reopens=old) == {
        "reopens": ["It can only reopen a closed side effect of the same kind and patient."]
    }
