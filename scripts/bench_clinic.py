"""The clinic that is measured: thousands of patients with a past, some bruised, and one full day.

Rows come in bulk, so without history and audit, but every one of them past the guards: appointments are born booked and
become seen step by step, sessions stand in appointments in progress, and bruises are closed by a look.
"""

import datetime as dt
import random
import uuid
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.utils import timezone
from knox.models import AuthToken

from clinic.models import Room, Site, Staff
from clinic.staffing import create_staff
from patients.models import Patient
from treatments.models import Appointment, Review, Session, SideEffect, SkinCheck, Treatment
from treatments.training import record_training

PRACTITIONERS = 10
DAY_VISITS = 40  # of each practitioner, on the day that is listed
QUARTER = dt.timedelta(minutes=15)
GIVEN = ("Amara", "Leila", "Priya", "Sam", "Carl", "Ruth", "Jonas", "Ida", "Omar", "Freya", "Rosa", "Maud", "Noor")
FAMILY = ("Okafor", "Haddad", "Nair", "Fox", "Ek", "Weber", "Berg", "Aziz", "Holm", "Lind", "Keane", "Rossi", "Mensah")


@dataclass(frozen=True)
class Clinic:
    """`patients` in no order; `clear` are those of them that nothing blocks; `day` is the full one."""

    token: str
    practitioners: list[Staff]
    rooms: list[Room]
    mesotherapy: Treatment
    reception: Staff
    day: dt.date
    patients: list[uuid.UUID]
    clear: list[uuid.UUID]

    def at(self, days: int, hour: int) -> dt.datetime:
        return timezone.make_aware(dt.datetime.combine(self.day + dt.timedelta(days=days), dt.time(hour)))


def make_clinic(patients: int) -> Clinic:
    with transaction.atomic():
        clinic = _house(patients)
        _past(clinic)
        _full_day(clinic)
        clinic.clear.extend(sorted(set(clinic.patients) - _bruises(clinic)))
        random.Random(2).shuffle(clinic.clear)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")  # what autovacuum would have done to a clinic that has been open for long
    return clinic


def _house(patients: int) -> Clinic:
    site = Site.objects.create(name="High Street", time_zone="Europe/London")
    reception = create_staff(email="ida@clinic.example", name="Ida Berg", roles=["receptionist"], site=site)
    people = [
        create_staff(email=f"p{n}@clinic.example", name=f"Practitioner {n}", roles=["practitioner"], site=site)
        for n in range(PRACTITIONERS)
    ]
    today = timezone.localdate()
    for person in people:
        record_training(
            staff=person,
            certificate="Mesotherapy, level 2",
            valid_from=today - dt.timedelta(days=400),
            valid_until=today + dt.timedelta(days=4000),
        )
    _, token = AuthToken.objects.create(user=reception, expiry=dt.timedelta(hours=1))
    return Clinic(
        token=token,
        practitioners=people,
        rooms=[Room.objects.create(site=site, name=f"Room {n}") for n in range(PRACTITIONERS)],
        mesotherapy=Treatment.objects.create(name="Mesotherapy", family="mesotherapy", duration_minutes=60),
        reception=reception,
        day=today + dt.timedelta(days=1),
        patients=_patients(patients, reception),
        clear=[],
    )


def _patients(number: int, by: Staff) -> list[uuid.UUID]:
    chance = random.Random(1)
    made = [
        Patient(
            number=f"AC-{n:05d}",
            given_name=chance.choice(GIVEN),
            family_name=chance.choice(FAMILY),
            date_of_birth=dt.date(1950, 1, 1) + dt.timedelta(days=chance.randrange(20_000)),
            phone=f"+44 7700 {n:06d}",
            created_by=by,
        )
        for n in range(1, number + 1)
    ]
    for patient in made:
        patient.index_for_search()
    Patient.objects.bulk_create(made, batch_size=2000)
    ids = [patient.pk for patient in made]
    chance.shuffle(ids)
    return ids


def _appointment(clinic: Clinic, who: int, patient: uuid.UUID, starts_at: dt.datetime) -> Appointment:
    return Appointment(
        patient_id=patient,
        treatment=clinic.mesotherapy,
        practitioner=clinic.practitioners[who],
        room=clinic.rooms[who],
        site=clinic.rooms[who].site,
        starts_at=starts_at,
        ends_at=starts_at + QUARTER,
        created_by=clinic.reception,
    )


def _past(clinic: Clinic) -> None:
    """One mesotherapy session of each patient, over the last months."""
    last_turn = len(clinic.patients) // PRACTITIONERS
    made = []
    for n, patient in enumerate(clinic.patients):
        turn, who = divmod(n, PRACTITIONERS)
        days_ago = 2 + (last_turn - turn) // DAY_VISITS
        starts_at = clinic.at(-days_ago, 8) + turn % DAY_VISITS * QUARTER
        made.append(_appointment(clinic, who, patient, starts_at))
    Appointment.objects.bulk_create(made, batch_size=2000)
    Appointment.objects.update(status="in-progress")
    sessions = [
        Session(
            appointment=appointment,
            patient_id=appointment.patient_id,
            practitioner=appointment.practitioner,
            family=clinic.mesotherapy.family,
            started_at=appointment.starts_at,
            finished_at=appointment.ends_at,
            finished_by=appointment.practitioner,
        )
        for appointment in made
    ]
    Session.objects.bulk_create(sessions, batch_size=2000)
    checks = [
        SkinCheck(
            patient_id=session.patient_id,
            session=session,
            finding="no-bruising-seen",
            checked_at=session.started_at,
            by=session.practitioner,
        )
        for session in sessions
    ]
    SkinCheck.objects.bulk_create(checks, batch_size=2000)
    Appointment.objects.update(status="fulfilled")


def _full_day(clinic: Clinic) -> None:
    begins = clinic.at(0, 8)
    made = []
    for n, patient in enumerate(clinic.patients[: PRACTITIONERS * DAY_VISITS]):
        turn, who = divmod(n, PRACTITIONERS)
        made.append(_appointment(clinic, who, patient, begins + turn * QUARTER))
    Appointment.objects.bulk_create(made)


def _bruises(clinic: Clinic) -> set[uuid.UUID]:
    """One patient in ten is bruised, and the guard holds what they had booked; as many were, and are clear again."""
    bruised, healed = clinic.patients[::10], clinic.patients[5::10]
    seen_at = timezone.now() - dt.timedelta(days=1)
    made = [
        SideEffect(
            patient_id=patient,
            kind="bruising",
            site="thigh",
            side="left",
            severity=2,
            onset_on=clinic.day - dt.timedelta(days=3),
            recorded_at=seen_at,
            recorded_by=clinic.practitioners[0],
            seen_at=seen_at,
            seen_by=clinic.practitioners[0],
        )
        for patient in [*bruised, *healed]
    ]
    SideEffect.objects.bulk_create(made)
    looks = [
        Review(
            side_effect=side_effect,
            mode="in-person",
            finding="fading" if n < len(bruised) else "gone",
            outcome="recovering" if n < len(bruised) else "resolved",
            seen_at=seen_at + dt.timedelta(hours=12),
            by=clinic.practitioners[0],
        )
        for n, side_effect in enumerate(made)
    ]
    Review.objects.bulk_create(looks)
    gone = Review.objects.filter(side_effect=OuterRef("pk"), finding="gone").values("pk")
    SideEffect.objects.filter(patient__in=healed).update(closing_review=Subquery(gone[:1]))
    return set(bruised)
