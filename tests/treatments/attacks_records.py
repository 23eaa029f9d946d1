"""Attacks on the clinical record: what was signed, which lots were used, deviations, addenda, sheets, referral steps."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import connection, models
from django.utils import timezone

from tests import raw_sql
from tests.factories import NOW, make_session
from treatments.models import (
    Addendum,
    Appointment,
    Deviation,
    Lot,
    LotUse,
    Product,
    ReferralStep,
    Session,
    Sheet,
    SheetGiven,
)

TODAY = NOW.date()
LATER, YESTERDAY = TODAY + dt.timedelta(days=300), TODAY - dt.timedelta(days=1)


def running(w, **more: Any) -> Session:
    """A session that has begun on the day of NOW."""
    return make_session(patient=w.amara, practitioner=w.rosa, treatment=w.mesotherapy, finished=False, **more)


def signed(w) -> Session:
    return make_session(patient=w.amara, practitioner=w.rosa, treatment=w.mesotherapy)


def lot(number: str = "A1", **more: Any) -> Lot:
    product, _ = Product.objects.get_or_create(name="Lipostab")
    return Lot.objects.create(**{"product": product, "number": number, "expires_on": LATER} | more)


def quarantined(number: str = "A1", **more: Any) -> Lot:
    return lot(number, quarantined_at=NOW, quarantine_reason="recalled", **more)


def use(session: Session, of: Lot, **more: Any) -> LotUse:
    return LotUse(**{"session": session, "lot": of, "used_on": TODAY, "volume_ml": "1.50", "recorded_at": NOW} | more)


def used(session: Session, of: Lot) -> LotUse:
    row = use(session, of)
    row.save()
    return row


def signed_with_a_lot(w) -> LotUse:
    session = running(w)
    row = used(session, lot())
    raw_sql.update(session, finished_at=NOW, finished_by_id=w.rosa.pk)
    return row


# --- The session -------------------------------------------------------------------------------------------------------


def rewrite_a_signed_session(w) -> Callable:
    session = signed(w)
    return lambda: raw_sql.update(session, note="Nothing was seen.")


def take_a_signature_back(w) -> Callable:
    session = signed(w)
    return lambda: raw_sql.update(session, finished_at=None, finished_by_id=None)


def say_a_session_began_on_another_day(w) -> Callable:
    session = running(w)
    return lambda: raw_sql.update(session, started_at=NOW - dt.timedelta(days=40))


def bear_a_session_in_error(w) -> Callable:
    booked = w.booked(at=NOW)
    raw_sql.update(booked, status="in-progress")
    session = Session(
        appointment=booked, patient=w.amara, practitioner=w.rosa, family="mesotherapy", started_at=NOW,
        error_at=NOW, error_by=w.rosa, error_reason="it was not",
    )  # fmt: skip
    return lambda: raw_sql.insert(session)


def call_a_session_an_error_without_a_reason(w) -> Callable:
    session = signed(w)
    return lambda: raw_sql.update(session, error_at=NOW, error_by_id=w.rosa.pk, error_reason=" \n\t")


def call_a_session_an_error_as_a_receptionist(w) -> Callable:
    session = signed(w)
    return lambda: raw_sql.update(session, error_at=NOW, error_by_id=w.reception.pk, error_reason="wrong person")


def call_a_running_session_an_error(w) -> Callable:
    session = running(w)
    return lambda: raw_sql.update(session, error_at=NOW, error_by_id=w.rosa.pk, error_reason="wrong person")


def take_a_sessions_error_back(w) -> Callable:
    session = signed(w)
    raw_sql.update(session, error_at=NOW, error_by_id=w.rosa.pk, error_reason="wrong person")
    return lambda: raw_sql.update(session, error_at=None, error_by_id=None, error_reason="")


# --- Lots --------------------------------------------------------------------------------------------------------------


def use_an_expired_lot(w) -> Callable:
    row = use(running(w), lot(expires_on=YESTERDAY))
    return lambda: raw_sql.insert(row)


def use_a_lot_of_unknown_expiry(w) -> Callable:
    row = use(running(w), lot(expires_on=None))
    return lambda: raw_sql.insert(row)


def use_a_quarantined_lot(w) -> Callable:
    row = use(running(w), quarantined())
    return lambda: raw_sql.insert(row)


def take_a_quarantined_lot_for_another(w) -> Callable:
    row, other = used(running(w), lot()), quarantined("B2")
    return lambda: raw_sql.update(row, lot_id=other.pk)


def say_it_was_used_before_it_expired(w) -> Callable:
    row = use(running(w), lot(expires_on=YESTERDAY), used_on=YESTERDAY - dt.timedelta(days=3))
    return lambda: raw_sql.insert(row)


def add_a_lot_to_a_signed_session(w) -> Callable:
    row = use(signed(w), lot())
    return lambda: raw_sql.insert(row)


def change_the_volume_in_a_signed_session(w) -> Callable:
    row = signed_with_a_lot(w)
    return lambda: raw_sql.update(row, volume_ml="15.00")


def take_a_lot_out_of_a_signed_session(w) -> Callable:
    row = signed_with_a_lot(w)
    return lambda: raw_sql.delete(row)


def let_a_used_lot_expire_later(w) -> Callable:
    of = used(running(w), lot()).lot
    return lambda: raw_sql.update(of, expires_on=LATER + dt.timedelta(days=1))


def give_a_used_lot_another_number(w) -> Callable:
    of = used(running(w), lot()).lot
    return lambda: raw_sql.update(of, number="B2")


def delete_a_lot(w) -> Callable:
    of = lot()
    return lambda: raw_sql.delete(of)


# --- Deviations --------------------------------------------------------------------------------------------------------


def deviating(w, *, ended_at: dt.datetime | None = None, **columns: Any) -> tuple[Deviation, Appointment]:
    """Neither of them saved. Ended half an hour ago by the real clock, which the guard reads."""
    ended_at = ended_at or timezone.now() - dt.timedelta(minutes=30)
    appointment = w.unsaved(status="fulfilled", starts_at=ended_at - dt.timedelta(hours=1), ends_at=ended_at)
    given = {
        "appointment": appointment,
        "blockers": [],
        "reason": "Flown in for the day; the bruise was seen too late.",
        "decided_by": w.rosa,
        "recorded_by": w.rosa,
    }
    return Deviation(**given | columns), appointment


def deviated(w) -> Deviation:
    deviation, appointment = deviating(w)
    raw_sql.insert(deviation)
    raw_sql.insert(appointment)
    return deviation


def _before_its_appointment(*rows: models.Model) -> None:
    if connection.vendor == "postgresql":
        raw_sql.execute("SET CONSTRAINTS ALL DEFERRED")
    for row in rows:
        raw_sql.insert(row)


def deviate_without_a_reason(w) -> Callable:
    rows = deviating(w, reason=" \n")
    return lambda: _before_its_appointment(*rows)


def deviate_by_a_receptionists_decision(w) -> Callable:
    rows = deviating(w, decided_by=w.reception)
    return lambda: _before_its_appointment(*rows)


def deviate_as_a_receptionist(w) -> Callable:
    rows = deviating(w, recorded_by=w.reception)
    return lambda: _before_its_appointment(*rows)


def deviate_ahead(w) -> Callable:
    rows = deviating(
        w, ended_at=timezone.now() + dt.timedelta(days=1), recorded_at=timezone.now() + dt.timedelta(days=2)
    )
    return lambda: _before_its_appointment(*rows)


def make_a_deviation_of_a_booking(w) -> Callable:
    booked = w.booked()
    deviation, _ = deviating(w, appointment=booked)
    return lambda: raw_sql.insert(deviation)


def bear_an_appointment_fulfilled(w) -> Callable:
    _, appointment = deviating(w)
    return lambda: raw_sql.insert(appointment)


def bear_an_appointment_fulfilled_by_a_deviation_that_has_not_ended(w) -> Callable:
    rows = deviating(w, ended_at=timezone.now() + dt.timedelta(days=1))
    return lambda: _before_its_appointment(*rows)


def bear_an_appointment_booked_by_a_deviation(w) -> Callable:
    w.bruised()
    deviation, appointment = deviating(w)
    appointment.status = "booked"
    return lambda: _before_its_appointment(deviation, appointment)


def move_a_deviation_ahead(w) -> Callable:
    appointment = deviated(w).appointment
    return lambda: raw_sql.update(appointment, starts_at=timezone.now() + dt.timedelta(days=1),
                                  ends_at=timezone.now() + dt.timedelta(days=2))  # fmt: skip


def book_again_what_was_a_deviation(w) -> Callable:
    appointment = deviated(w).appointment
    return lambda: raw_sql.update(appointment, status="booked")


# --- What is added, and never taken away --------------------------------------------------------------------------------


def _addendum(w) -> models.Model:
    return Addendum.objects.create(session=signed(w), text="She rang: all well.", by=w.rosa)


def _sheet(w) -> models.Model:
    return Sheet.objects.create(kind="aftercare", language="xx", version=7, title="Aftercare", body="Loose clothes.")


def _sheet_given(w) -> models.Model:
    return SheetGiven.objects.create(sheet=_sheet(w), patient=w.amara, how="printed", by=w.rosa)


def _referral_step(w) -> models.Model:
    return ReferralStep.objects.create(side_effect=w.bruised(), step="told-patient", by=w.rosa)


def _of_a_merged_record(w) -> Callable:
    row = SheetGiven(sheet=_sheet(w), patient=w.merged(), how="printed", by=w.rosa)
    return lambda: raw_sql.insert(row)


_of_a_merged_record.__name__ = "give_a_sheet_to_a_merged_record"

ADDED: dict[str, tuple[Callable, dict[str, Any]]] = {
    "addendum": (_addendum, {"text": "She never rang."}),
    "deviation": (deviated, {"reason": "She asked for it."}),
    "referralstep": (_referral_step, {"note": "at noon"}),
    "sheet": (_sheet, {"body": "Tight clothes."}),
    "sheetgiven": (_sheet_given, {"how": "sent"}),
}


def _delete(name: str) -> Callable:
    def attack(w):
        row = ADDED[name][0](w)
        return lambda: raw_sql.delete(row)

    attack.__name__ = f"delete_{name}"
    return attack


def _change(name: str) -> Callable:
    def attack(w):
        row = ADDED[name][0](w)
        return lambda: raw_sql.update(row, **ADDED[name][1])

    attack.__name__ = f"change_{name}"
    return attack


RECORD_ATTACKS = [
    ("guard_session", rewrite_a_signed_session, "session-signed"),
    ("guard_session", take_a_signature_back, "session-signed"),
    ("guard_session", say_a_session_began_on_another_day, "session-fixed"),
    ("guard_session", bear_a_session_in_error, "session-fixed"),
    ("guard_session", call_a_session_an_error_without_a_reason, "error-needs-reason"),
    ("guard_session", call_a_session_an_error_as_a_receptionist, "error-needs-reason"),
    ("guard_session", call_a_running_session_an_error, "wrong-status"),
    ("guard_session", take_a_sessions_error_back, "session-fixed"),
    ("guard_lot_use", use_an_expired_lot, "lot-expired"),
    ("guard_lot_use", use_a_lot_of_unknown_expiry, "lot-expired"),
    ("guard_lot_use", use_a_quarantined_lot, "lot-quarantined"),
    ("guard_lot_use", take_a_quarantined_lot_for_another, "lot-quarantined"),
    ("guard_lot_use", say_it_was_used_before_it_expired, "lot-other-day"),
    ("guard_lot_use", add_a_lot_to_a_signed_session, "session-signed"),
    ("guard_lot_use", change_the_volume_in_a_signed_session, "session-signed"),
    ("guard_lot_use", take_a_lot_out_of_a_signed_session, "session-signed"),
    ("guard_lot", let_a_used_lot_expire_later, "lot-fixed"),
    ("guard_lot", give_a_used_lot_another_number, "lot-fixed"),
    ("guard_kept_treatments_lot", delete_a_lot, "never-deleted"),
    ("guard_deviation", deviate_without_a_reason, "deviation-needs-reason"),
    ("guard_deviation", deviate_by_a_receptionists_decision, "deviation-needs-reason"),
    ("guard_deviation", deviate_as_a_receptionist, "deviation-needs-reason"),
    ("guard_deviation", deviate_ahead, "deviation-in-the-future"),
    ("guard_deviation", make_a_deviation_of_a_booking, "deviation-comes-first"),
    ("guard_appointment", bear_an_appointment_fulfilled, "wrong-status"),
    ("guard_appointment", bear_an_appointment_fulfilled_by_a_deviation_that_has_not_ended, "wrong-status"),
    ("guard_appointment", bear_an_appointment_booked_by_a_deviation, "bruising-present"),
    ("guard_appointment", move_a_deviation_ahead, "wrong-status"),
    ("guard_appointment", book_again_what_was_a_deviation, "wrong-status"),
    *((f"guard_kept_treatments_{name}", _delete(name), "never-deleted") for name in ADDED),
    *((f"guard_unchanged_treatments_{name}", _change(name), "never-changed") for name in ADDED),
    ("guard_merged_treatments_sheetgiven", _of_a_merged_record, "patient-merged"),
]
