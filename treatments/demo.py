"""The demo clinic: made-up people in every state the rule knows, made through the operations as staff would have."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from clinic.absences import record_absence
from clinic.demo import DEMO_SIGN_INS
from clinic.models import Staff
from clinic.opening import add_working_hours, close_site
from clinic.refusals import Refused, record_refusal
from treatments.booking import book_appointment, cancel_appointment
from treatments.calls import record_call
from treatments.demo_clinic import (
    Clinic,
    book,
    bruise_of,
    look,
    patient_of,
    people_and_places,
    photo_of,
    treated,
    write_messages,
)
from treatments.demo_history import a_year_of_the_clinic
from treatments.demo_reviewed import looked_through
from treatments.demo_year import a_year
from treatments.figures.clearing import rebuild_clearing
from treatments.figures.cusum import watch
from treatments.figures.keeping import rebuild
from treatments.integrity import note_backup
from treatments.models import Call, Lot, Message
from treatments.models.contact import PartOfDay
from treatments.models.message import MessageKind
from treatments.recalls import recall_lot
from treatments.sessions import finish_session, start_session
from treatments.side_effects import report_side_effect
from treatments.signals import raise_signals
from treatments.waiting_list import join_waiting_list
from treatments.worklists import FOLLOW_UP


@transaction.atomic
def make_demo_clinic(*, brief: bool = False) -> Clinic:
    """Fill an empty database; `brief` leaves out the year of the whole clinic, which takes most of the time."""
    clinic = people_and_places()
    manager = Staff.objects.get(email=DEMO_SIGN_INS["manager"])
    _amara(clinic)
    _leila(clinic)
    _priya(clinic)
    _carl(clinic)
    _sam(clinic)
    _ruth(clinic)
    _the_rest_of_the_day(clinic)
    _messages(clinic)
    _to_be_called(clinic)
    a_year(clinic)
    if not brief:
        a_year_of_the_clinic(clinic, manager)
    _recalled(manager)
    looked_through(clinic, manager)
    _counted()
    _weekly_hours(clinic, manager)  # last: what the demo booked stands, whatever the hours say
    return clinic


def _amara(clinic: Clinic) -> None:
    """Bruised for nineteen days; her next mesotherapy is on hold, a review is booked."""
    amara = patient_of(
        clinic,
        "Amara",
        "Okafor",
        dt.date(1988, 2, 14),
        123,
        pronouns="she/her",
        low_pain_threshold=True,
        allergies="lidocaine",
    )
    session = treated(clinic, amara, clinic.at(-19, 10, 30), note="Second of six. Outer thighs.")
    book(clinic, amara, clinic.mesotherapy, clinic.at(9, 10, 30), clinic.rosa)
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
    bruise = bruise_of(
        clinic,
        amara,
        clinic.at(-17, 11, 5),
        session=session,
        onset_on=clinic.at(-19).date(),
        note="Reported by phone, seen in clinic the same day.",
    )
    photo_of(clinic, bruise, clinic.at(-17, 11, 6), (104, 58, 110), 0.85)
    look(clinic, swelling, clinic.at(-13, 9, 30), "gone")
    look(clinic, numbness, clinic.at(-13, 9, 32), "gone")
    look(clinic, bruise, clinic.at(-13, 9, 35), "unchanged", size_mm=60, size_method="ruler", colour="blue-violet")
    photo_of(clinic, bruise, clinic.at(-13, 9, 36), (98, 74, 120), 0.62)
    look(
        clinic,
        bruise,
        clinic.at(-4, 14),
        "fading",
        size_mm=40,
        size_method="ruler",
        colour="yellow-green",
        note="Still visible on the outer edge. Recommended cream continued.",
    )
    photo_of(clinic, bruise, clinic.at(-4, 14, 2), (146, 138, 84), 0.5)
    book(clinic, amara, clinic.review, clinic.at(2, 9, 15), clinic.rosa)


def _leila(clinic: Clinic) -> None:
    """Bruising told to reception by phone; today's mesotherapy is on hold."""
    leila = patient_of(clinic, "Leila", "Haddad", dt.date(1991, 9, 2), 130)
    treated(clinic, leila, clinic.at(-10, 12))
    book(clinic, leila, clinic.mesotherapy, clinic.at(0, 10), clinic.omar, 1)
    report_side_effect(
        patient=leila,
        kind="bruising",
        note="Calls: “a blue patch on my thigh since the weekend”.",
        by=clinic.reception,
        now=clinic.at(-3, 16),
    )


def _priya(clinic: Clinic) -> None:
    """The bruise is gone since yesterday; the held appointment waits to be confirmed."""
    priya = patient_of(clinic, "Priya", "Nair", dt.date(1985, 5, 23), 141)
    session = treated(clinic, priya, clinic.at(-16, 15))
    book(clinic, priya, clinic.mesotherapy, clinic.at(5, 9), clinic.rosa)
    bruise = bruise_of(clinic, priya, clinic.at(-14, 15), session=session, side="right")
    look(clinic, bruise, clinic.at(-7, 15), "fading", colour="yellow")
    look(clinic, bruise, clinic.at(-1, 15), "gone")


def _carl(clinic: Clinic) -> None:
    """He asked for a mesotherapy while bruised and was refused; now he is clear again and nobody has called."""
    carl = patient_of(clinic, "Carl", "Ek", dt.date(1976, 12, 1), 152)
    session = treated(clinic, carl, clinic.at(-20, 9), sites=[{"site": "abdomen", "side": "middle"}])
    bruise = bruise_of(clinic, carl, clinic.at(-18, 10), session=session, site="abdomen", side="middle", severity=1)
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
    look(clinic, bruise, clinic.at(-2, 10), "gone")


def _sam(clinic: Clinic) -> None:
    """Swelling for six days; the source expects a couple."""
    sam = patient_of(clinic, "Sam", "Fox", dt.date(1994, 3, 30), 163)
    session = treated(clinic, sam, clinic.at(-7, 11), sites=[{"site": "knee", "side": "right"}])
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
    ruth = patient_of(clinic, "Ruth", "Adler", dt.date(1969, 7, 19), 174)
    treated(clinic, ruth, clinic.at(-5, 14))
    report_side_effect(
        patient=ruth,
        kind="pain",
        note="Calls: it is hot and the redness is growing.",
        red_flags=["spreading-redness"],
        by=clinic.reception,
        now=min(timezone.now(), clinic.at(0, 8, 40)),
    )


def _the_rest_of_the_day(clinic: Clinic) -> None:
    jonas = patient_of(clinic, "Jonas", "Weber", dt.date(1979, 6, 3), 185)
    seen = book(clinic, jonas, clinic.consultation, clinic.at(0, 9), clinic.rosa)
    if timezone.now() > clinic.at(0, 9, 30):
        session = start_session(appointment=seen, by=clinic.rosa, now=clinic.at(0, 9))
        finish_session(session=session, by=clinic.rosa, now=clinic.at(0, 9, 25))
    for given, family, born, number, treatment, hour, minute, who, room in (
        ("Mei", "Tanaka", dt.date(1990, 1, 8), 196, clinic.mesotherapy, 10, 30, clinic.rosa, 0),
        ("Tom", "Byrne", dt.date(1982, 10, 27), 207, clinic.mesotherapy, 12, 0, clinic.omar, 1),
        ("Ines", "Prado", dt.date(1997, 4, 11), 218, clinic.consultation, 9, 15, clinic.freya, 2),
        ("Nora", "Eide", dt.date(1973, 8, 16), 229, clinic.mesotherapy, 14, 0, clinic.rosa, 0),
    ):
        book(clinic, patient_of(clinic, given, family, born, number), treatment, clinic.at(0, hour, minute), who, room)


def _messages(clinic: Clinic) -> None:
    """Nina wants messages: a booking and its hold, kept as they would read; one about a cancellation did not arrive."""
    nina = patient_of(clinic, "Nina", "Moreau", dt.date(1992, 3, 9), 240, wants_messages=True)
    book(clinic, nina, clinic.mesotherapy, clinic.at(8, 12), clinic.omar, 1)
    cancelled = book(clinic, nina, clinic.consultation, clinic.at(4, 15), clinic.freya, 2)
    write_messages()
    cancel_appointment(appointment=cancelled, by=clinic.reception, reason="Cannot come.", now=clinic.at(-2, 10))
    write_messages()
    report_side_effect(
        patient=nina,
        kind="bruising",
        note="Calls: “it has gone blue where the needle was”.",
        by=clinic.reception,
        now=clinic.at(-1, 11),
    )
    write_messages()
    # What a mail server would have answered; the demo has none.
    failed = Message.objects.filter(appointment=cancelled, kind=MessageKind.CANCELLATION)
    failed.update(status=Message.Status.FAILED, tries=1, problem="The mail server refused the address (550).")


def _to_be_called(clinic: Clinic) -> None:
    """Two whom nobody has asked since their session, one who waits for a time, one booked after a training lapses."""
    elin = patient_of(clinic, "Elin", "Strand", dt.date(1987, 11, 5), 251)
    treated(clinic, elin, clinic.at(-3, 10))
    max_ = patient_of(clinic, "Max", "Keller", dt.date(1971, 4, 18), 262)
    treated(clinic, max_, clinic.at(-9, 9, 30))
    for day, outcome in ((-5, Call.Outcome.NO_ANSWER), (-1, Call.Outcome.LEFT_MESSAGE)):
        record_call(patient=max_, worklist=FOLLOW_UP, outcome=outcome, by=clinic.reception, now=clinic.at(day, 11))
    tove = patient_of(clinic, "Tove", "Lund", dt.date(1995, 6, 21), 273)
    join_waiting_list(
        patient=tove,
        treatment=clinic.mesotherapy,
        practitioner=clinic.rosa,
        part_of_day=PartOfDay.MORNINGS,
        note="Not on Fridays.",
        by=clinic.reception,
        now=clinic.at(-4, 12),
    )
    ada = patient_of(clinic, "Ada", "Brandt", dt.date(1983, 9, 30), 284)
    book(clinic, ada, clinic.mesotherapy, clinic.at(16, 11), clinic.omar, 1)


def _recalled(manager: Staff) -> None:
    """A lot was taken back yesterday; the one patient who was treated with it waits to be told."""
    lot = Lot.objects.get(number="S1104")
    recall_lot(
        lot=lot,
        reason="The maker takes it back: the seal of some vials leaks.",
        by=manager,
        now=timezone.now() - dt.timedelta(days=1),
    )


def _counted() -> None:
    """What the worker would have counted and raised by now."""
    now = timezone.now()
    rebuild(now)
    rebuild_clearing(now=now)
    raise_signals(now)
    watch(now)
    note_backup(now=now - dt.timedelta(hours=5))


def _weekly_hours(clinic: Clinic, manager: Staff) -> None:
    """Somebody works on every day of the week; next week Omar is away, and in two weeks the clinic is closed for a day."""
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
