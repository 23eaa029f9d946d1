"""The demo clinic's people and places, and what its stories are told with: each step by its operation."""

import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils import timezone

from clinic.demo import DEMO_PASSWORD, DEMO_SIGN_INS, DEMO_SITE
from clinic.models import Room, Site, Staff
from clinic.staffing import create_staff
from patients.models import Consent, Patient
from patients.registration import record_consent, register_patient
from treatments.booking import book_appointment, check_in
from treatments.demo_skin import drawn_skin
from treatments.lots import receive_lot
from treatments.messages.sending import send_message
from treatments.models import Appointment, Lot, Message, Product, Session, Sheet, SideEffect, Treatment
from treatments.models.treatment import Family
from treatments.photos import add_photo
from treatments.sessions import finish_session, start_session, write_session
from treatments.sheet_giving import give_sheet, record_treatment_consent
from treatments.sheets import current_sheet
from treatments.side_effects import report_side_effect, review_side_effect
from treatments.training import record_training


@dataclass
class Clinic:
    reception: Staff
    rosa: Staff
    omar: Staff
    freya: Staff
    rooms: list[Room]
    mesotherapy: Treatment
    consultation: Treatment
    review: Treatment
    today: dt.date

    def at(self, days: int, hour: int = 9, minute: int = 0) -> dt.datetime:
        """A time `days` from today, on the site's clock."""
        return timezone.make_aware(dt.datetime.combine(self.today + dt.timedelta(days=days), dt.time(hour, minute)))


def people_and_places() -> Clinic:
    site = Site.objects.create(name=DEMO_SITE, time_zone="Europe/London", phone="+44 20 7946 0123")
    rooms = [Room.objects.create(site=site, name=name) for name in ("Room 1", "Room 2", "Room 3")]
    staff = {
        role: create_staff(email=email, name=name, roles=[role], password=DEMO_PASSWORD, site=site)
        for (role, email), name in zip(DEMO_SIGN_INS.items(), ("Ida Berg", "Rosa Lind", "Maud Keane"), strict=True)
    }
    omar, freya = (
        create_staff(
            email=f"{name.split()[-1].lower()}@clinic.example",
            name=name,
            roles=["practitioner"],
            password=DEMO_PASSWORD,
            site=site,
        )
        for name in ("Dr Omar Aziz", "Freya Holm")
    )
    today = timezone.localdate()
    for practitioner, days_left in ((staff["practitioner"], 330), (omar, 12)):
        record_training(
            staff=practitioner,
            certificate="Mesotherapy, level 2 (demo)",
            valid_from=today - dt.timedelta(days=400),
            valid_until=today + dt.timedelta(days=days_left),
        )
    return Clinic(
        reception=staff["receptionist"],
        rosa=staff["practitioner"],
        omar=omar,
        freya=freya,
        rooms=rooms,
        mesotherapy=_treatment("Mesotherapy", Family.MESOTHERAPY, 60),
        consultation=_treatment("Consultation", Family.CONSULTATION, 30),
        review=_treatment("Bruise review", Family.REVIEW, 15),
        today=today,
    )


def _treatment(name: str, family: Family, minutes: int) -> Treatment:
    return Treatment.objects.create(name=name, family=family, duration_minutes=minutes)


def patient_of(clinic: Clinic, given: str, family: str, born: dt.date, number: int, **more: Any) -> Patient:
    patient = register_patient(
        by=clinic.reception,
        now=clinic.at(-60),
        given_name=given,
        family_name=family,
        date_of_birth=born,
        phone=f"+44 7700 900{number:03d}",
        email=f"{given.lower()}@patient.example",
        **more,
    )
    agreed: dict[str, Any] = {"by": clinic.reception, "version": "2026-01", "now": clinic.at(-40)}
    give(clinic, Sheet.Kind.PRE_TREATMENT, patient, clinic.at(-41))
    record_treatment_consent(patient=patient, **agreed)
    record_consent(patient=patient, kind=Consent.Kind.PHOTO_CARE, **agreed)
    return patient


def give(clinic: Clinic, kind: str, patient: Patient, at: dt.datetime, session: Session | None = None) -> None:
    """The clinic's own sheet, on paper."""
    by = session.practitioner if session else clinic.reception
    if sheet := current_sheet(kind, clinic.mesotherapy):
        give_sheet(sheet=sheet, patient=patient, how="printed", session=session, by=by, now=at)


def book(
    clinic: Clinic, patient: Patient, treatment: Treatment, starts_at: dt.datetime, who: Staff, room: int = 0
) -> Appointment:
    return book_appointment(
        patient=patient,
        treatment=treatment,
        practitioner=who,
        room=clinic.rooms[room],
        starts_at=starts_at,
        by=clinic.reception,
        now=min(starts_at, clinic.at(-30)),
    )


def lot_in_use(clinic: Clinic, at: dt.datetime) -> Lot:
    """The one in use, received before the first session that takes from it."""
    product, _ = Product.objects.get_or_create(name="Lipostab", defaults={"gtin": "09501101530003", "most_ml": 10})
    expires_on = clinic.today + dt.timedelta(days=300)
    return product.lots.first() or receive_lot(
        product=product, number="L2209-B", expires_on=expires_on, dose="multi", by=clinic.rosa, now=at
    )


def treated(clinic: Clinic, patient: Patient, at: dt.datetime, room: int = 0, **written: Any) -> Session:
    return given(clinic, book(clinic, patient, clinic.mesotherapy, at, clinic.rosa, room), **written)


def given(clinic: Clinic, appointment: Appointment, **written: Any) -> Session:
    """A mesotherapy that is booked with Rosa, from the check-in to the aftercare sheet."""
    at, patient = appointment.starts_at, appointment.patient
    check_in(appointment=appointment, by=clinic.reception, now=at)
    session = start_session(appointment=appointment, skin_check="no-bruising-seen", by=clinic.rosa, now=at)
    record: dict[str, Any] = {
        "anaesthetic": "declined",
        "asepsis": ["hands-washed", "skin-disinfected", "sterile-needles", "clean-surface", "sharps-disposed"],
        "sites": [{"site": "thigh", "side": "both"}],
        "lots": [{"lot": lot_in_use(clinic, at).pk, "volume_ml": Decimal("4")}],
        "creams": ["Arnica cream, twice a day"],
        "burning": 3,
        "pain": 2,
    } | written
    session = write_session(session=session, by=clinic.rosa, now=at + dt.timedelta(minutes=45), **record)
    session = finish_session(session=session, by=clinic.rosa, now=at + dt.timedelta(minutes=50))
    give(clinic, Sheet.Kind.AFTERCARE, patient, at + dt.timedelta(minutes=52), session)
    return session


def bruise_of(clinic: Clinic, patient: Patient, at: dt.datetime, **more: Any) -> SideEffect:
    known: dict[str, Any] = {"site": "thigh", "side": "left", "severity": 2, "onset_on": at.date()} | more
    return report_side_effect(patient=patient, kind="bruising", by=clinic.rosa, now=at, **known)


def look(clinic: Clinic, side_effect: SideEffect, at: dt.datetime, finding: str, **more: Any) -> None:
    review_side_effect(side_effect=side_effect, mode="in-person", finding=finding, by=clinic.rosa, now=at, **more)


def write_messages() -> None:
    for message in Message.objects.filter(status=Message.Status.QUEUED):
        send_message(message.pk, now=message.next_try_at or message.created_at)


def photo_of(
    clinic: Clinic, side_effect: SideEffect, at: dt.datetime, tint: tuple[int, int, int], strength: float
) -> None:
    add_photo(
        side_effect=side_effect, image=io.BytesIO(drawn_skin(tint, strength)), by=clinic.rosa, taken_at=at, now=at
    )
