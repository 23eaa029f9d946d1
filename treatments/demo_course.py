"""What happens again and again in a course of the demo clinic."""

import datetime as dt
from decimal import Decimal
from typing import Any

from patients.models import Patient
from treatments.booking import check_in, confirm_appointment
from treatments.demo_clinic import Clinic, give, write_messages
from treatments.models import Appointment, Lot, Session, Sheet, SideEffect
from treatments.models.appointment import Status
from treatments.sessions import finish_session, start_session, write_session
from treatments.side_effects import report_side_effect

ALL_STEPS = ["hands-washed", "skin-disinfected", "sterile-needles", "clean-surface", "sharps-disposed"]


def of_the_course(helena: Patient, number: int) -> Appointment:
    return Appointment.objects.get(patient=helena, course_number=number)


def place(side: str, view: str, ml: str, depth: str = "4") -> dict[str, Any]:
    """One site, as it is written."""
    return {
        "site": "thigh", "side": side, "view": view, "technique": "nappage", "depth_mm": depth,
        "needle": "30G 4 mm", "volume_ml": ml,
    }  # fmt: skip


def session_of(clinic: Clinic, helena: Patient, number: int, lot: Lot, **written: Any) -> Session:
    """One of the course, as it was booked, both thighs."""
    visit = of_the_course(helena, number)
    at = visit.starts_at
    check_in(appointment=visit, by=clinic.reception, now=at - dt.timedelta(minutes=6))
    session = start_session(appointment=visit, skin_check="no-bruising-seen", by=clinic.rosa, now=at)
    record: dict[str, Any] = {
        "anaesthetic": "declined",
        "asepsis": ALL_STEPS,
        "sites": [place("left", "front", "2"), place("right", "front", "2")],
        "lots": [{"lot": lot.pk, "volume_ml": Decimal("4")}],
        "creams": ["Arnica cream, twice a day"],
        "burning": 3,
        "pain": 4,
        "swelling": False,
        "itching": False,
        "next_step": "Next session in four weeks, once nothing is to be seen.",
    } | written
    session = write_session(session=session, by=clinic.rosa, now=at + dt.timedelta(minutes=40), **record)
    session = finish_session(session=session, by=clinic.rosa, now=at + dt.timedelta(minutes=45))
    give(clinic, Sheet.Kind.AFTERCARE, helena, at + dt.timedelta(minutes=47), session)
    return session


def logged(clinic: Clinic, helena: Patient, kind: str, at: dt.datetime, **more: Any) -> SideEffect:
    known: dict[str, Any] = {"site": "thigh", "severity": 1, "onset_on": at.date()} | more
    return report_side_effect(patient=helena, kind=kind, by=clinic.rosa, now=at, **known)


def confirm_what_was_held(clinic: Clinic, helena: Patient, at: dt.datetime) -> None:
    for held in Appointment.objects.filter(patient=helena, status=Status.ON_HOLD).order_by("starts_at"):
        confirm_appointment(appointment=held, by=clinic.reception, now=at)
    write_messages()
