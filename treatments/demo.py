"""The demo clinic: made-up people in every state the rule knows, made through the operations as staff would have."""

import datetime as dt
import io
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from clinic.absences import record_absence
from clinic.demo import DEMO_PASSWORD, DEMO_SIGN_INS, DEMO_SITE
from clinic.models import Room, Site, Staff
from clinic.opening import add_working_hours, close_site
from clinic.refusals import Refused, record_refusal
from clinic.staffing import create_staff
from patients.models import Consent, Patient
from patients.registration import record_consent, register_patient
from treatments.booking import book_appointment, cancel_appointment, check_in
from treatments.calls import record_call
from treatments.demo_skin import drawn_skin
from treatments.lots import receive_lot
from treatments.messages.sending import send_message
from treatments.models import Appointment, Call, Lot, Message, Product, Session, Sheet, SideEffect, Treatment
from treatments.models.contact import PartOfDay
from treatments.models.message import MessageKind
from treatments.models.treatment import Family
from treatments.photos import add_photo
from treatments.sessions import finish_session, start_session, write_session
from treatments.sheet_giving import give_sheet, record_treatment_consent
from treatments.sheets import current_sheet
from treatments.side_effects import report_side_effect, review_side_effect
from treatments.training import record_training
from treatments.waiting_list import join_waiting_list
from treatments.worklists import FOLLOW_UP


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


@transaction.atomic
def make_demo_clinic() -> Clinic:
    """Fill an empty database."""
    clinic = _people_and_places()
    _amara(clinic)
    _leila(clinic)
    _priya(clinic)
    _carl(clinic)
    _sam(clinic)
    _ruth(clinic)
    _the_rest_of_the_day(clinic)
    _messages(clinic)
    _to_be_called(clinic)
    _weekly_hours(clinic)  # last: what the demo booked stands, whatever the hours say
    return clinic


def _people_and_places() -> Clinic:
    site = Site.objects.create(name=DEMO_SITE, time_zone="Europe/London")
    rooms = [Room.objects.create(site=site, name=name) for name in ("Room 1", "Room 2", "Room 3")]
    staff = {
        role: create_staff(email=email, name=name, roles=[role], password=DEMO_PASSWORD, site=site)
        for (role, email), name in zip(DEMO_SIGN_INS.items(), ("Ida Berg", "Rosa Lind", "Maud Keane"), strict=True)
    }
    omar, freya = (
        create_staff(email=f"{name.split()[-1].lower()}@clinic.example", name=name, roles=["practitioner"], site=site)
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


def _patient(clinic: Clinic, given: str, family: str, born: dt.date, number: int, **more: Any) -> Patient:
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
    _give(clinic, Sheet.Kind.PRE_TREATMENT, patient, clinic.at(-41))
    record_treatment_consent(patient=patient, **agreed)
    record_consent(patient=patient, kind=Consent.Kind.PHOTO_CARE, **agreed)
    return patient


def _give(clinic: Clinic, kind: str, patient: Patient, at: dt.datetime, session: Session | None = None) -> None:
    """The clinic's own sheet, on paper."""
    by = session.practitioner if session else clinic.reception
    if sheet := current_sheet(kind, clinic.mesotherapy):
        give_sheet(sheet=sheet, patient=patient, how="printed", session=session, by=by, now=at)


def _book(
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


def _lot(clinic: Clinic, at: dt.datetime) -> Lot:
    """The one in use, received before the first session that takes from it."""
    product, _ = Product.objects.get_or_create(name="Lipostab", defaults={"gtin": "09501101530003", "most_ml": 10})
    expires_on = clinic.today + dt.timedelta(days=300)
    return product.lots.first() or receive_lot(
        product=product, number="L2209-B", expires_on=expires_on, dose="multi", by=clinic.rosa, now=at
    )


def _treated(clinic: Clinic, patient: Patient, at: dt.datetime, room: int = 0, **written: Any) -> Session:
    appointment = _book(clinic, patient, clinic.mesotherapy, at, clinic.rosa, room)
    check_in(appointment=appointment, by=clinic.reception, now=at)
    session = start_session(appointment=appointment, skin_check="no-bruising-seen", by=clinic.rosa, now=at)
    record = {
        "anaesthetic": "declined",
        "asepsis": ["hands-washed", "skin-disinfected", "sterile-needles", "clean-surface", "sharps-disposed"],
        "sites": [{"site": "thigh", "side": "both"}],
        "lots": [{"lot": _lot(clinic, at).pk, "volume_ml": Decimal("4")}],
        "creams": ["Arnica cream, twice a day"],
        "burning": 3,
        "pain": 2,
    } | written
    session = write_session(session=session, by=clinic.rosa, **record)
    session = finish_session(session=session, by=clinic.rosa, now=at + dt.timedelta(minutes=50))
    _give(clinic, Sheet.Kind.AFTERCARE, patient, at + dt.timedelta(minutes=52), session)
    return session


def _bruise(clinic: Clinic, patient: Patient, at: dt.datetime, **more: Any) -> SideEffect:
    known: dict[str, Any] = {"site": "thigh", "side": "left", "severity": 2, "onset_on": at.date()} | more
    return report_side_effect(patient=patient, kind="bruising", by=clinic.rosa, now=at, **known)


def _look(clinic: Clinic, side_effect: SideEffect, at: dt.datetime, finding: str, **more: Any) -> None:
    review_side_effect(side_effect=side_effect, mode="in-person", finding=finding, by=clinic.rosa, now=at, **more)


def _amara(clinic: Clinic) -> None:
    """Bruised for nineteen days; her next mesotherapy is on hold, a review is booked."""
    amara = _patient(
        clinic,
        "Amara",
        "Okafor",
        dt.date(1988, 2, 14),
        123,
        pronouns="she/her",
        low_pain_threshold=True,
        allergies="lidocaine",
    )
    session = _treated(clinic, amara, clinic.at(-19, 10, 30), note="Second of six. Outer thighs.")
    _book(clinic, amara, clinic.mesotherapy, clinic.at(9, 10, 30), clinic.rosa)
    swelling = report_side_effect(
        patient=amara,
        kind="swelling",
        site="thigh",
        side="left",
        severity=1,
        onset_on=clinic.at(-19).date(),
        session=session,
        painful_to_touch=False,
        note="Small raised bumps.",
        by=clinic.rosa,
        now=clinic.at(-17, 11),
    )
    numbness = report_side_effect(
        patient=amara,
        kind="numbness",
        site="thigh",
        side="left",
        severity=1,
        onset_on=clinic.at(-19).date(),
        session=session,
        by=clinic.rosa,
        now=clinic.at(-17, 11, 2),
    )
    bruise = _bruise(
        clinic,
        amara,
        clinic.at(-17, 11, 5),
        session=session,
        onset_on=clinic.at(-19).date(),
        note="Reported by phone, seen in clinic the same day.",
    )
    _photo(clinic, bruise, clinic.at(-17, 11, 6), (104, 58, 110), 0.85)
    _look(clinic, swelling, clinic.at(-13, 9, 30), "gone")
    _look(clinic, numbness, clinic.at(-13, 9, 32), "gone")
    _look(clinic, bruise, clinic.at(-13, 9, 35), "unchanged", size_mm=60, size_method="ruler", colour="blue-violet")
    _photo(clinic, bruise, clinic.at(-13, 9, 36), (98, 74, 120), 0.62)
    _look(
        clinic,
        bruise,
        clinic.at(-4, 14),
        "fading",
        size_mm=40,
        size_method="ruler",
        colour="yellow-green",
        note="Still visible on the outer edge. Recommended cream continued.",
    )
    _photo(clinic, bruise, clinic.at(-4, 14, 2), (146, 138, 84), 0.5)
    _book(clinic, amara, clinic.review, clinic.at(2, 9, 15), clinic.rosa)


def _leila(clinic: Clinic) -> None:
    """Bruising told to reception by phone; today's mesotherapy is on hold."""
    leila = _patient(clinic, "Leila", "Haddad", dt.date(1991, 9, 2), 130)
    _treated(clinic, leila, clinic.at(-10, 12))
    _book(clinic, leila, clinic.mesotherapy, clinic.at(0, 10), clinic.omar, 1)
    report_side_effect(
        patient=leila,
        kind="bruising",
        note="Calls: “a blue patch on my thigh since the weekend”.",
        by=clinic.reception,
        now=clinic.at(-3, 16),
    )


def _priya(clinic: Clinic) -> None:
    """The bruise is gone since yesterday; the held appointment waits to be confirmed."""
    priya = _patient(clinic, "Priya", "Nair", dt.date(1985, 5, 23), 141)
    session = _treated(clinic, priya, clinic.at(-16, 15))
    _book(clinic, priya, clinic.mesotherapy, clinic.at(5, 9), clinic.rosa)
    bruise = _bruise(clinic, priya, clinic.at(-14, 15), session=session, side="right")
    _look(clinic, bruise, clinic.at(-7, 15), "fading", colour="yellow")
    _look(clinic, bruise, clinic.at(-1, 15), "gone")


def _carl(clinic: Clinic) -> None:
    """He asked for a mesotherapy while bruised and was refused; now he is clear again and nobody has called."""
    carl = _patient(clinic, "Carl", "Ek", dt.date(1976, 12, 1), 152)
    session = _treated(clinic, carl, clinic.at(-20, 9), sites=[{"site": "abdomen", "side": "middle"}])
    bruise = _bruise(clinic, carl, clinic.at(-18, 10), session=session, site="abdomen", side="middle", severity=1)
    try:
        book_appointment(
            patient=carl,
            treatment=clinic.mesotherapy,
            practitioner=clinic.rosa,
            starts_at=clinic.at(3, 15),
            by=clinic.reception,
            now=clinic.at(-9, 10),
        )
    except Refused as refused:
        record_refusal(refused, by=clinic.reception, door="page", operation="book_appointment")
    _look(clinic, bruise, clinic.at(-2, 10), "gone")


def _sam(clinic: Clinic) -> None:
    """Swelling for six days; the source expects a couple."""
    sam = _patient(clinic, "Sam", "Fox", dt.date(1994, 3, 30), 163)
    session = _treated(clinic, sam, clinic.at(-7, 11), sites=[{"site": "knee", "side": "right"}])
    report_side_effect(
        patient=sam,
        kind="swelling",
        site="knee",
        side="right",
        severity=1,
        onset_on=clinic.at(-6).date(),
        session=session,
        by=clinic.rosa,
        now=clinic.at(-6, 11),
    )


def _ruth(clinic: Clinic) -> None:
    """Redness that spreads, told to reception this morning: suspected infection, urgent."""
    ruth = _patient(clinic, "Ruth", "Adler", dt.date(1969, 7, 19), 174)
    _treated(clinic, ruth, clinic.at(-5, 14))
    report_side_effect(
        patient=ruth,
        kind="pain",
        note="Calls: it is hot and the redness is growing.",
        red_flags=["spreading-redness"],
        by=clinic.reception,
        now=min(timezone.now(), clinic.at(0, 8, 40)),
    )


def _the_rest_of_the_day(clinic: Clinic) -> None:
    jonas = _patient(clinic, "Jonas", "Weber", dt.date(1979, 6, 3), 185)
    seen = _book(clinic, jonas, clinic.consultation, clinic.at(0, 9), clinic.rosa)
    if timezone.now() > clinic.at(0, 9, 30):
        session = start_session(appointment=seen, by=clinic.rosa, now=clinic.at(0, 9))
        finish_session(session=session, by=clinic.rosa, now=clinic.at(0, 9, 25))
    for given, family, born, number, treatment, hour, minute, who, room in (
        ("Mei", "Tanaka", dt.date(1990, 1, 8), 196, clinic.mesotherapy, 10, 30, clinic.rosa, 0),
        ("Tom", "Byrne", dt.date(1982, 10, 27), 207, clinic.mesotherapy, 12, 0, clinic.omar, 1),
        ("Ines", "Prado", dt.date(1997, 4, 11), 218, clinic.consultation, 9, 15, clinic.freya, 2),
        ("Nora", "Eide", dt.date(1973, 8, 16), 229, clinic.mesotherapy, 14, 0, clinic.rosa, 0),
    ):
        _book(clinic, _patient(clinic, given, family, born, number), treatment, clinic.at(0, hour, minute), who, room)


def _messages(clinic: Clinic) -> None:
    """Nina wants messages: a booking and its hold, kept as they would read; one about a cancellation did not arrive."""
    clinic.rosa.site.phone = "+44 20 7946 0123"  # type: ignore[union-attr]
    clinic.rosa.site.save()  # type: ignore[union-attr]
    nina = _patient(clinic, "Nina", "Moreau", dt.date(1992, 3, 9), 240, wants_messages=True)
    _book(clinic, nina, clinic.mesotherapy, clinic.at(8, 12), clinic.omar, 1)
    cancelled = _book(clinic, nina, clinic.consultation, clinic.at(4, 15), clinic.freya, 2)
    _write_messages()
    cancel_appointment(appointment=cancelled, by=clinic.reception, reason="Cannot come.", now=clinic.at(-2, 10))
    _write_messages()
    report_side_effect(
        patient=nina,
        kind="bruising",
        note="Calls: “it has gone blue where the needle was”.",
        by=clinic.reception,
        now=clinic.at(-1, 11),
    )
    _write_messages()
    # What a mail server would have answered; the demo has none.
    failed = Message.objects.filter(appointment=cancelled, kind=MessageKind.CANCELLATION)
    failed.update(status=Message.Status.FAILED, tries=1, problem="The mail server refused the address (550).")


def _to_be_called(clinic: Clinic) -> None:
    """Two whom nobody has asked since their session, one who waits for a time, one booked after a training lapses."""
    elin = _patient(clinic, "Elin", "Strand", dt.date(1987, 11, 5), 251)
    _treated(clinic, elin, clinic.at(-3, 10))
    max_ = _patient(clinic, "Max", "Keller", dt.date(1971, 4, 18), 262)
    _treated(clinic, max_, clinic.at(-9, 9, 30))
    for day, outcome in ((-5, Call.Outcome.NO_ANSWER), (-1, Call.Outcome.LEFT_MESSAGE)):
        record_call(patient=max_, worklist=FOLLOW_UP, outcome=outcome, by=clinic.reception, now=clinic.at(day, 11))
    tove = _patient(clinic, "Tove", "Lund", dt.date(1995, 6, 21), 273)
    join_waiting_list(
        patient=tove,
        treatment=clinic.mesotherapy,
        practitioner=clinic.rosa,
        part_of_day=PartOfDay.MORNINGS,
        note="Not on Fridays.",
        by=clinic.reception,
        now=clinic.at(-4, 12),
    )
    ada = _patient(clinic, "Ada", "Brandt", dt.date(1983, 9, 30), 284)
    _book(clinic, ada, clinic.mesotherapy, clinic.at(16, 11), clinic.omar, 1)


def _write_messages() -> None:
    for message in Message.objects.filter(status=Message.Status.QUEUED):
        send_message(message.pk, now=message.next_try_at or message.created_at)


def _weekly_hours(clinic: Clinic) -> None:
    """Somebody works on every day of the week; next week Omar is away, and in two weeks the clinic is closed for a day."""
    manager = Staff.objects.get(email=DEMO_SIGN_INS["manager"])
    site = clinic.rooms[0].site
    some_days = [(clinic.today.weekday() + number) % 7 for number in (0, 2, 4)]
    for who, weekdays, begins, ends in (
        (clinic.rosa, range(7), dt.time(9), dt.time(13)),
        (clinic.rosa, range(7), dt.time(13, 45), dt.time(17)),
        (clinic.omar, range(7), dt.time(9), dt.time(18)),
        (clinic.freya, some_days, dt.time(9), dt.time(14)),
    ):
        add_working_hours(staff=who, site=site, weekdays=weekdays, starts_at=begins, ends_at=ends, by=manager)
    record_absence(staff=clinic.omar, starts_at=clinic.at(7, 0), ends_at=clinic.at(9, 0), reason="course", by=manager)
    close_site(site=site, first=clinic.today + dt.timedelta(days=14), reason="Stocktaking", by=manager)


def _photo(
    clinic: Clinic, side_effect: SideEffect, at: dt.datetime, tint: tuple[int, int, int], strength: float
) -> None:
    add_photo(
        side_effect=side_effect, image=io.BytesIO(drawn_skin(tint, strength)), by=clinic.rosa, taken_at=at, now=at
    )
