"""make_* helpers. They go through the operations: no test works around a guard."""

import datetime as dt
import itertools
from collections.abc import Collection
from zoneinfo import ZoneInfo

from clinic.models import Room, Site, Staff
from clinic.staffing import create_staff
from patients.models import Consent, Patient
from patients.registration import record_consent, register_patient
from treatments.booking import book_appointment
from treatments.lots import receive_lot
from treatments.models import Appointment, Lot, Product, Review, Session, SideEffect, Treatment
from treatments.models.treatment import Family
from treatments.sessions import finish_session, start_session
from treatments.side_effects import report_side_effect, review_side_effect
from treatments.training import record_training

PASSWORD = "a long enough password"
LONDON = ZoneInfo("Europe/London")
# Most tests of the rule happen on this Monday morning; what is looked at later is passed in as `now`.
NOW = dt.datetime(2026, 11, 2, 9, 0, tzinfo=LONDON)
CONSENTED = dt.datetime(2026, 1, 5, 9, 0, tzinfo=LONDON)
TOMORROW_10AM = dt.datetime(2026, 11, 3, 10, 0, tzinfo=LONDON)

_numbers = itertools.count(1)


def on(day: int, hour: int = 9, minute: int = 0, month: int = 11) -> dt.datetime:
    """A time in November 2026, in London."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=LONDON)


def make_site(name: str = "High Street") -> Site:
    """Open day and night, for tests that run at any time and speak of none."""
    always = {"time_zone": "Europe/London", "opens_at": dt.time(0), "closes_at": dt.time(0)}
    return Site.objects.get_or_create(name=name, defaults=always)[0]


def make_room(name: str = "Room 1", site: Site | None = None) -> Room:
    return Room.objects.create(name=name, site=site or make_site())


def make_staff(*roles: str, name: str = "", **fields: object) -> Staff:
    number = next(_numbers)
    return create_staff(
        email=f"person{number}@clinic.example",
        name=name or f"Person {number}",
        roles=roles,
        password=PASSWORD,
        site=fields.pop("site", None) or make_site(),
        **fields,
    )


def make_practitioner(name: str = "", *, trained: bool = True, **fields: object) -> Staff:
    staff = make_staff("practitioner", name=name, **fields)
    if trained:
        train(staff)
    return staff


def train(staff: Staff, until: dt.date = dt.date(2036, 12, 31)) -> None:
    record_training(staff=staff, certificate="Mesotherapy, level 2", valid_from=dt.date(2020, 1, 1), valid_until=until)


def make_treatment(family: str = Family.MESOTHERAPY, name: str = "", minutes: int = 60) -> Treatment:
    return Treatment.objects.create(
        name=name or f"{Family(family).label} {next(_numbers)}", family=family, duration_minutes=minutes
    )


def make_patient(
    by: Staff,
    given_name: str = "Amara",
    family_name: str = "Okafor",
    *,
    consents: Collection[str] = ("treatment",),
    **fields: object,
) -> Patient:
    """Registered, and agreed to be treated."""
    known = {"date_of_birth": dt.date(1988, 2, 14), "phone": "+44 7700 900123"} | fields
    patient = register_patient(by=by, given_name=given_name, family_name=family_name, **known)
    for kind in consents:
        record_consent(patient=patient, kind=kind, by=by, now=CONSENTED)
    return patient


def make_appointment(
    *,
    patient: Patient,
    practitioner: Staff,
    treatment: Treatment,
    by: Staff,
    starts_at: dt.datetime = TOMORROW_10AM,
    now: dt.datetime = NOW,
    **more: object,
) -> Appointment:
    return book_appointment(
        patient=patient, practitioner=practitioner, treatment=treatment, starts_at=starts_at, by=by, now=now, **more
    )


def make_lot(
    by: Staff, number: str = "L2209-B", *, name: str = "Lipostab", now: dt.datetime = NOW, **more: object
) -> Lot:
    """Received, and good for long; `use`, `gtin`, `allergens`, `most_ml` and `use_within_days` are its product's."""
    of_product = {
        key: more.pop(key) for key in ("use", "gtin", "allergens", "most_ml", "use_within_days") if key in more
    }
    product, _ = Product.objects.get_or_create(name=name, defaults=of_product)
    known = {"expires_on": dt.date(2036, 12, 31)} | more
    return receive_lot(product=product, number=number, by=by, now=now, **known)


def make_anaesthetic(by: Staff, number: str = "A-1", **more: object) -> Lot:
    known = {"name": "Lidocaine 2 %", "use": Product.Use.ANAESTHETIC, "allergens": "lidocaine, lignocaine"} | more
    return make_lot(by, number, **known)


def make_side_effect(
    *, patient: Patient, by: Staff, kind: str = "bruising", now: dt.datetime = NOW, **more: object
) -> SideEffect:
    return report_side_effect(patient=patient, kind=kind, by=by, now=now, **more)


def make_review(
    *,
    side_effect: SideEffect,
    by: Staff,
    finding: str = "fading",
    mode: str = "in-person",
    now: dt.datetime = NOW,
    **more: object,
) -> Review:
    return review_side_effect(side_effect=side_effect, finding=finding, mode=mode, by=by, now=now, **more)


def make_gone(side_effect: SideEffect, by: Staff, now: dt.datetime = NOW) -> Review:
    return make_review(side_effect=side_effect, by=by, finding="gone", now=now)


def make_session(
    *, patient: Patient, practitioner: Staff, treatment: Treatment, at: dt.datetime = NOW, finished: bool = True
) -> Session:
    """A mesotherapy session begun at `at`, and finished half an hour later."""
    appointment = make_appointment(
        patient=patient, practitioner=practitioner, treatment=treatment, by=practitioner, starts_at=at, now=at
    )
    session = start_session(appointment=appointment, skin_check="no-bruising-seen", by=practitioner, now=at)
    if finished:
        session = finish_session(session=session, by=practitioner, now=at + dt.timedelta(minutes=30))
    return session


def make_consent(patient: Patient, by: Staff, kind: str = "photo-care") -> Consent:
    return record_consent(patient=patient, kind=kind, by=by)
