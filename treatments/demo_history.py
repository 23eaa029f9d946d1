"""A year of the whole demo clinic: so many sessions, bruises, looks and calls that every figure has something to say.

Made by the operations, in the order in which it happened, from one seed: each demo clinic tells the same year.
"""

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from clinic.demo import DEMO_PASSWORD
from clinic.models import Room, Site, Staff
from clinic.refusals import Refused, record_refusal
from clinic.staffing import create_staff
from patients.models import Patient
from patients.registration import register_patient
from treatments.booking import book_appointment, check_in
from treatments.demo_clinic import Clinic, give
from treatments.demo_course import ALL_STEPS
from treatments.follow_ups import record_asked_none
from treatments.lots import add_product, receive_lot
from treatments.models import Lot, Session, Sheet, SideEffect
from treatments.sessions import finish_session, start_session, write_session
from treatments.sheet_giving import record_treatment_consent
from treatments.side_effects import report_side_effect, review_side_effect
from treatments.training import record_training
from treatments.waiting_list import join_waiting_list

FIRST_DAY, LAST_DAY = -358, -4
EVERY = 28  # days between two sessions of a course
# The desk's stories (demo.py, demo_year.py) take place between nine and half past four.
HOURS = (8, 17, 18, 19)
GIVEN_NAMES = [
    "Alma",
    "Bea",
    "Cleo",
    "Dana",
    "Edith",
    "Fern",
    "Greta",
    "Hanne",
    "Ilse",
    "June",
    "Kaya",
    "Lotte",
    "Mira",
    "Nell",
    "Odile",
    "Pia",
    "Rhea",
    "Sanna",
    "Thea",
    "Una",
    "Vera",
    "Wilma",
    "Yara",
    "Zoe",
    "Arne",
    "Bo",
    "Cyril",
    "Dirk",
    "Emil",
    "Finn",
]
FAMILY_NAMES = [
    "Abbott",
    "Becker",
    "Castell",
    "Dunne",
    "Ekman",
    "Farrow",
    "Grant",
    "Holt",
    "Iversen",
    "Jansen",
    "Kerr",
    "Larkin",
    "Maas",
    "Nilsen",
    "Ortiz",
    "Pryce",
    "Quist",
    "Reyes",
    "Stone",
    "Tull",
    "Usher",
    "Voss",
    "Wray",
    "Yates",
    "Zeller",
    "Ames",
    "Brook",
    "Crane",
    "Doyle",
    "Ellis",
]
PATIENTS = 64
SITES = ("thigh", "thigh", "thigh", "thigh", "thigh", "abdomen", "abdomen", "buttock", "face")
# Days until a bruise of this site is gone, more or less; one that is deep takes longer.
DAYS_TO_CLEAR = {"thigh": 8, "abdomen": 7, "buttock": 9, "face": 5}


@dataclass
class Year:
    """What is drawn from, and who was where already."""

    clinic: Clinic
    draw: random.Random
    hands: list[tuple[Staff, Room, float]]
    lots: list[Lot]
    manager: Staff
    taken: set[tuple[object, int, int]] = field(default_factory=set)

    def a_free_hour(self, who: Staff, room: Room, day: int) -> int | None:
        for hour in HOURS:
            if (who.pk, day, hour) not in self.taken and (room.pk, day, hour) not in self.taken:
                self.taken |= {(who.pk, day, hour), (room.pk, day, hour)}
                return hour
        return None


def a_year_of_the_clinic(clinic: Clinic, manager: Staff) -> None:
    draw = random.Random(2026)  # noqa: S311  (a story, not a secret)
    year = Year(clinic, draw, _hands(clinic), _lots(clinic, manager), manager)
    for number in range(PATIENTS):
        _a_course(year, number)


def _hands(clinic: Clinic) -> list[tuple[Staff, Room, float]]:
    """Who treats, in which room, and how often bruising follows: in the story, not in anybody's skill."""
    riverside = Site.objects.create(name="Riverside", time_zone="Europe/London", phone="+44 20 7946 0456")
    rooms = [Room.objects.create(site=riverside, name=name) for name in ("Room A", "Room B")]
    iris, noor = (
        create_staff(
            email=f"{name.split()[0].lower()}@clinic.example",
            name=name,
            roles=["practitioner"],
            password=DEMO_PASSWORD,
            site=riverside,
        )
        for name in ("Iris Kemp", "Noor Haddad")
    )
    for practitioner in (iris, noor):
        record_training(
            staff=practitioner,
            certificate="Mesotherapy, level 2 (demo)",
            valid_from=clinic.today - dt.timedelta(days=420),
            valid_until=clinic.today + dt.timedelta(days=200),
        )
    return [
        (clinic.rosa, clinic.rooms[0], 0.13),
        (clinic.omar, clinic.rooms[1], 0.12),
        (iris, rooms[0], 0.2),
        (noor, rooms[1], 0.15),
    ]


def _lots(clinic: Clinic, manager: Staff) -> list[Lot]:
    """One every ten weeks or so, each in use until the next."""
    product = add_product(name="Cellumeso", gtin="09501101530027", most_ml=Decimal("8"), by=manager)
    return [
        receive_lot(
            product=product,
            number=f"C-{2501 + 7 * number}",
            expires_on=clinic.today + dt.timedelta(days=-200 + 90 * number),
            dose="multi",
            by=clinic.rosa,
            now=clinic.at(FIRST_DAY - 5 + 72 * number),
        )
        for number in range(5)
    ]


def _a_course(year: Year, number: int) -> None:
    clinic, draw = year.clinic, year.draw
    begins = draw.randrange(FIRST_DAY, -40)
    patient = _patient(clinic, number, begins, draw)
    # The last of them is new here, and has few.
    hand = 3 if number % 24 == 23 else draw.choices([0, 1, 2], [5, 4, 3])[0]
    who, room, bruising = year.hands[hand]
    site, day = draw.choice(SITES), begins
    for _ in range(draw.randint(3, 6)):
        if day > LAST_DAY:
            return
        hour = year.a_free_hour(who, room, day)
        if hour is None:
            day += 1
            continue
        session = _session(year, patient, who, room, clinic.at(day, hour), site)
        clear_on = _what_followed(year, session, site, bruising)
        if clear_on is None:
            return  # still bruised, or nobody has looked since
        day = max(day + EVERY + draw.randint(-3, 4), clear_on + 3)


def _patient(clinic: Clinic, number: int, begins: int, draw: random.Random) -> Patient:
    patient = register_patient(
        given_name=GIVEN_NAMES[number % len(GIVEN_NAMES)],
        family_name=FAMILY_NAMES[(number * 7 + number // len(GIVEN_NAMES)) % len(FAMILY_NAMES)],
        date_of_birth=dt.date(1960 + draw.randrange(44), draw.randrange(1, 13), draw.randrange(1, 28)),
        phone=f"+44 7700 901{number:03d}",
        by=clinic.reception,
        now=clinic.at(begins - 10),
    )
    give(clinic, Sheet.Kind.PRE_TREATMENT, patient, clinic.at(begins - 10, 10))
    record_treatment_consent(patient=patient, by=clinic.reception, version="2025-09", now=clinic.at(begins - 9))
    return patient


def _lot_of(year: Year, day: dt.datetime) -> Lot:
    return [lot for lot in year.lots if lot.received_at <= day][-1]


def _session(year: Year, patient: Patient, who: Staff, room: Room, at: dt.datetime, site: str) -> Session:
    clinic, draw = year.clinic, year.draw
    visit = book_appointment(
        patient=patient, treatment=clinic.mesotherapy, practitioner=who, room=room, starts_at=at,
        by=clinic.reception, now=at - dt.timedelta(days=5),
    )  # fmt: skip
    check_in(appointment=visit, by=clinic.reception, now=at - dt.timedelta(minutes=4))
    session = start_session(appointment=visit, skin_check="no-bruising-seen", by=who, now=at)
    ml = Decimal(draw.randrange(4, 13)) / 2
    session = write_session(
        session=session,
        anaesthetic="declined",
        asepsis=ALL_STEPS,
        sites=[{"site": site, "side": "middle" if site in ("abdomen", "face") else "both"}],
        lots=[{"lot": _lot_of(year, at).pk, "volume_ml": ml}],
        creams=[],
        burning=draw.randint(0, 6),
        pain=draw.randint(0, 6),
        by=who,
        now=at + dt.timedelta(minutes=40),
    )
    return finish_session(session=session, by=who, now=at + dt.timedelta(minutes=45))


def _what_followed(year: Year, session: Session, site: str, bruising: float) -> int | None:
    """The day by which it was over, counted from today as all days here are; None where it is not."""
    clinic, draw = year.clinic, year.draw
    day = (session.started_at.date() - clinic.today).days
    # Lately, in one room, more went wrong than elsewhere: what the watch and the alerts are there to say.
    lately = session.appointment.room == year.hands[2][1] and day > -80
    if draw.random() < bruising + (0.22 if lately else 0):
        return _a_bruise(year, session, site, day)
    infection = 0.15 if lately else 0.006
    for kind, often, lasts in (
        ("swelling", 0.12, 2),
        ("itching", 0.05, 1),
        ("numbness", 0.03, 9),
        ("infection", infection, 8),
    ):
        if draw.random() < often:
            return _another(year, session, site, kind, day, lasts)
    if draw.random() < 0.8 and day + 3 < 0:
        record_asked_none(session=session, by=clinic.reception, now=clinic.at(day + 3, 11))
    return day


def _a_bruise(year: Year, session: Session, site: str, day: int) -> int | None:
    """Told or seen a day or two later, looked at every week until it is gone; some wished for the next meanwhile."""
    clinic, draw = year.clinic, year.draw
    severity = draw.choices([1, 2, 3], [5, 4, 1])[0]
    clears = day + max(2, round(draw.gauss(DAYS_TO_CLEAR[site] + 3 * (severity - 1), 2.5)))
    bruise = _report(year, session, "bruising", site, day, severity)
    if draw.random() < 0.45 and day + 3 < 0:
        _tried_meanwhile(year, session, day + 3)
    for look in range(day + draw.randint(4, 7), 0, draw.randint(4, 7)):
        finding = "gone" if look >= clears else "fading" if look > day + 5 else "unchanged"
        _look(session, bruise, clinic.at(look, 12, draw.randrange(60)), finding)
        if finding == "gone":
            return look
    return None


def _another(year: Year, session: Session, site: str, kind: str, day: int, lasts: int) -> int | None:
    entry = _report(year, session, kind, site, day, 1)
    over = day + lasts + year.draw.randint(0, 3)
    if over >= 0:
        return None
    _look(session, entry, year.clinic.at(over, 12, 30), "gone")
    return over


def _report(year: Year, session: Session, kind: str, site: str, day: int, severity: int) -> SideEffect:
    who = session.practitioner
    at = min(year.clinic.at(day + 1, 13, year.draw.randrange(60)), year.clinic.at(-1, 13))
    return report_side_effect(
        patient=session.patient, kind=kind, site=site, side="middle" if site in ("abdomen", "face") else "left",
        severity=severity, onset_on=year.clinic.at(day).date(), session=session, by=who, now=at,
    )  # fmt: skip


def _look(session: Session, side_effect: SideEffect, at: dt.datetime, finding: str) -> None:
    review_side_effect(side_effect=side_effect, mode="in-person", finding=finding, by=session.practitioner, now=at)


def _tried_meanwhile(year: Year, session: Session, day: int) -> None:
    """Asked for the next one while bruised: refused, and then a review, the waiting list, or nothing."""
    clinic, draw, now = year.clinic, year.draw, year.clinic.at(day, 10)
    wish: dict[str, Any] = {"patient": session.patient, "by": clinic.reception, "now": now}
    try:
        book_appointment(
            treatment=clinic.mesotherapy,
            practitioner=session.practitioner,
            starts_at=now + dt.timedelta(days=9),
            **wish,
        )
    except Refused as refused:
        record_refusal(refused, by=clinic.reception, door="page", operation="book_appointment", now=now)
    came_of_it = draw.random()
    if came_of_it < 0.45:
        hour = year.a_free_hour(session.practitioner, session.appointment.room or clinic.rooms[0], day + 2)
        if hour is not None:
            book_appointment(
                treatment=clinic.review, practitioner=session.practitioner, starts_at=clinic.at(day + 2, hour), **wish
            )
    elif came_of_it < 0.75:
        join_waiting_list(treatment=clinic.mesotherapy, **wish)
