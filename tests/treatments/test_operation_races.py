"""Operations against each other on connections of their own, and one that loses a deadlock half-way."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import OperationalError, connection

from clinic.doors import once, retry_once
from clinic.refusals import Refused
from tests.factories import NOW, make_appointment, make_consent, make_review, make_side_effect, on
from tests.pictures import phone_jpeg
from tests.treatments.test_races import at_once
from treatments.booking import move_appointment
from treatments.models import Appointment, Photo, Review, Session, SideEffect
from treatments.photos import add_photo
from treatments.rule_check import rule_breaches
from treatments.sessions import start_session
from treatments.side_effects import correct_patient

ATTEMPTS = pytest.mark.parametrize("attempt", range(3))


@ATTEMPTS
def test_two_bruises_entered_crosswise_are_corrected_at_once(attempt, own_database, amara, jonas, rosa):
    """Both lock both patients, in the same order."""
    hers, his = (make_side_effect(patient=patient, by=rosa) for patient in (amara, jonas))

    def correct(side_effect: SideEffect, patient: Any) -> Callable[[], SideEffect]:
        return lambda: correct_patient(side_effect=side_effect, patient=patient, reason="crosswise", by=rosa, now=NOW)

    results = at_once(correct(hers, jonas), correct(his, amara))

    assert [(result.patient, result.moved_from) for result in results] == [(jonas, hers), (amara, his)]
    assert set(SideEffect.objects.open()) == set(results)
    assert rule_breaches() == []


@ATTEMPTS
def test_a_start_a_move_and_a_report_at_once(attempt, own_database, amara, rosa, mesotherapy, reception):
    booked = make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception)

    started, moved, bruise = at_once(
        lambda: start_session(appointment=booked, by=rosa, skin_check="no-bruising-seen", now=NOW),
        lambda: move_appointment(appointment=booked, starts_at=on(9), by=reception, now=NOW),
        lambda: make_side_effect(patient=amara, by=reception),
    )

    assert isinstance(started, Session | Refused)
    assert isinstance(moved, Appointment | Refused)
    assert isinstance(bruise, SideEffect)
    booked.refresh_from_db()
    assert booked.status == ("in-progress" if isinstance(started, Session) else "on-hold")
    assert rule_breaches() == []


@ATTEMPTS
def test_one_key_sent_three_times_at_once_books_once(attempt, own_database, amara, rosa, consultation, reception):
    def book() -> tuple[int, str]:
        booked = make_appointment(patient=amara, treatment=consultation, practitioner=rosa, by=reception)
        return 201, str(booked.pk)

    def send() -> tuple[int, Any]:
        return once("a key", staff=reception, request_digest="a request", act=book)

    results = at_once(send, send, send)

    assert results == [(201, str(Appointment.objects.get().pk))] * 3


@ATTEMPTS
def test_gone_and_a_newer_worse_at_once_agree(attempt, own_database, amara, rosa, mesotherapy, reception):
    """Whichever comes first: closed and the worse one refused, or worse and the gone one too old to close."""
    bruise = make_side_effect(patient=amara, by=rosa)

    gone, worse, booking = at_once(
        lambda: make_review(side_effect=bruise, finding="gone", by=rosa, now=on(5)),
        lambda: make_review(side_effect=bruise, finding="worse", by=rosa, now=on(6)),
        lambda: make_appointment(patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception),
    )

    bruise.refresh_from_db()
    assert isinstance(gone, Review)
    assert isinstance(worse, Review if bruise.is_open else Refused)
    assert isinstance(booking, Refused) or not bruise.is_open
    assert rule_breaches() == []


class _Deadlock(Exception):
    sqlstate = "40P01"


def test_a_photo_that_lost_a_deadlock_is_read_again_from_its_beginning(amara, rosa, reception):
    make_consent(amara, reception)
    bruise = make_side_effect(patient=amara, by=rosa)
    image = io.BytesIO(phone_jpeg())
    lost = []

    def lose_once(execute: Any, sql: str, *more: Any) -> Any:
        if not lost and sql.startswith('INSERT INTO "treatments_photo"'):
            lost.append(sql)
            raise OperationalError("deadlock detected") from _Deadlock()
        return execute(sql, *more)

    with connection.execute_wrapper(lose_once):
        photo = retry_once(lambda: add_photo(side_effect=bruise, image=image, by=rosa, now=NOW))

    assert len(lost) == 1
    assert list(Photo.objects.all()) == [photo]
    assert photo.files.count() == 3
