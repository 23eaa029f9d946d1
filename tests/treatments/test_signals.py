"""Two suspected infections that share a lot, a room or a hand within twelve weeks: an urgent question, once."""

import datetime as dt

import pytest

from clinic.models import Room, Staff
from patients.models import Patient
from tests.factories import make_appointment, make_lot, make_practitioner, make_room, on
from tests.treatments.figured import someone, treat
from treatments.models import Alert, Lot, Session, SideEffect, Treatment
from treatments.sessions import start_session
from treatments.side_effects import enter_in_error, report_side_effect
from treatments.signals import raise_signals

FIRST = on(2, month=6)


class Clinic:
    """Somebody new each time, with a practitioner, a room and a lot of their own unless one is named."""

    def __init__(self, reception: Staff, treatment: Treatment) -> None:
        self.reception, self.treatment, self.made = reception, treatment, 0

    def infected(
        self, day: float, *, by: Staff | None = None, lot: Lot | None = None, after: int = 2, room: Room | None = None
    ) -> SideEffect:
        self.made += 1
        patient: Patient = someone(self.reception, self.made)
        at = FIRST + dt.timedelta(days=day)
        who = by or make_practitioner(f"Hand {self.made}")
        session = (
            in_room(room, patient, who, self.treatment, at)
            if room
            else treat(patient, who, self.treatment, at, lots=[lot] if lot else [])
        )
        seen = at + dt.timedelta(days=after)
        return report_side_effect(patient=patient, session=session, kind="infection", by=who, now=seen)


def in_room(room: Room, patient: Patient, who: Staff, treatment: Treatment, at: dt.datetime) -> Session:
    booked = make_appointment(
        patient=patient, practitioner=who, treatment=treatment, by=who, starts_at=at, now=at, room=room
    )
    return start_session(appointment=booked, skin_check="no-bruising-seen", by=who, now=at)


@pytest.fixture
def clinic(reception, mesotherapy) -> Clinic:
    return Clinic(reception, mesotherapy)


def shared(alert: Alert) -> list[tuple[str, str, int]]:
    return [(one["what"], one["id"], one["sessions"]) for one in alert.facts["shared"]]


def test_two_out_of_one_lot_raise_an_alert_with_the_facts(clinic, rosa):
    lot = make_lot(rosa, "A1", now=FIRST)
    first = clinic.infected(0, lot=lot)
    assert not Alert.objects.exists()

    second = clinic.infected(20, lot=lot)

    alert = Alert.objects.get()
    assert (alert.kind, alert.raised_at) == ("infections-together", second.recorded_at)
    assert alert.facts["infections"] == [str(first.pk), str(second.pk)]
    assert shared(alert) == [("lot", str(lot.pk), 2)]
    assert alert.reason == (
        "2 suspected infections within 12 weeks have something in common: Lipostab, lot A1 (2 after 2 sessions with it). "
        "In the whole clinic: 2 after 2 sessions. A few cases can come together by chance."
    )


def test_two_after_one_hand(clinic, rosa):
    clinic.infected(0, by=rosa)
    clinic.infected(20, by=rosa)

    assert shared(Alert.objects.get()) == [("practitioner", str(rosa.pk), 2)]


def test_two_in_one_room(clinic, site):
    room = make_room("Room 9", site)
    clinic.infected(0, room=room)
    clinic.infected(20, room=room)

    assert shared(Alert.objects.get()) == [("room", str(room.pk), 2)]


def test_nothing_in_common_raises_nothing(clinic, rosa):
    clinic.infected(0, lot=make_lot(rosa, "A1", now=FIRST))
    clinic.infected(1, lot=make_lot(rosa, "B2", now=FIRST))

    assert raise_signals(FIRST + dt.timedelta(days=5)) == 0
    assert not Alert.objects.exists()


@pytest.mark.parametrize(("days", "raised"), [(84, 1), (85, 0)])
def test_twelve_weeks_and_not_a_day_more(clinic, rosa, days, raised):
    clinic.infected(0, by=rosa)
    clinic.infected(days, by=rosa)

    assert Alert.objects.count() == raised


def test_two_after_one_session_are_one_occasion(clinic, rosa):
    first = clinic.infected(0, by=rosa)
    report_side_effect(
        patient=first.patient, session=first.session, kind="infection", by=rosa, now=FIRST + dt.timedelta(days=4)
    )

    assert not Alert.objects.exists()


def test_one_entered_in_error_counts_nowhere(clinic, rosa):
    first = clinic.infected(0, by=rosa)
    enter_in_error(side_effect=first, reason="Another patient's.", by=rosa, now=FIRST + dt.timedelta(days=3))
    clinic.infected(20, by=rosa)

    assert not Alert.objects.exists()


def test_other_kinds_raise_nothing(clinic, rosa, reception, mesotherapy):
    for day in (0, 5):
        patient = someone(reception, 50 + day)
        session = treat(patient, rosa, mesotherapy, FIRST + dt.timedelta(days=day))
        report_side_effect(patient=patient, session=session, kind="bruising", by=rosa, now=FIRST + dt.timedelta(days=9))

    assert not Alert.objects.exists()


def test_one_that_names_no_session_is_held_against_the_last_before_it(clinic, rosa, reception, mesotherapy):
    clinic.infected(0, by=rosa)
    patient = someone(reception, 60)
    treat(patient, rosa, mesotherapy, FIRST + dt.timedelta(days=10))

    report_side_effect(patient=patient, kind="infection", by=reception, now=FIRST + dt.timedelta(days=14))

    assert shared(Alert.objects.get()) == [("practitioner", str(rosa.pk), 2)]


def test_a_third_raises_anew_and_names_all_three(clinic, rosa):
    cases = [clinic.infected(day, by=rosa) for day in (0, 20, 40)]

    newest = Alert.objects.order_by("-raised_at").first()
    assert Alert.objects.count() == 2
    assert newest.facts["infections"] == [str(case.pk) for case in cases]


def test_asked_again_it_is_raised_once(clinic, rosa):
    clinic.infected(0, by=rosa)
    second = clinic.infected(20, by=rosa)

    assert [raise_signals(second.recorded_at + dt.timedelta(hours=hour)) for hour in (1, 2)] == [0, 0]
    assert Alert.objects.count() == 1


def test_the_clock_asks_the_same_however_many_there_are(clinic, rosa, django_assert_num_queries):
    for day in (0, 20):
        clinic.infected(day, by=rosa)
    for more in ((), (40, 50)):
        for day in more:
            clinic.infected(day, by=rosa)
        with django_assert_num_queries(7):
            raise_signals(FIRST + dt.timedelta(days=60))
