"""A year of one patient of the demo clinic: a course of six, and nearly everything that can come between its sessions."""

import datetime as dt
from decimal import Decimal
from typing import Any

from clinic.demo import DEMO_SIGN_INS
from clinic.models import Staff
from patients.models import Consent, Patient
from patients.registration import record_consent, register_patient, withdraw_consent
from treatments.addenda import write_addendum
from treatments.booking import book_appointment, cancel_appointment, check_in, mark_no_show
from treatments.calls import record_call
from treatments.concerns import report_concern
from treatments.courses import lay_out_course
from treatments.demo_clinic import Clinic, give, look, photo_of, write_messages
from treatments.demo_course import ALL_STEPS, confirm_what_was_held, logged, place, session_of
from treatments.deviations import record_deviation
from treatments.follow_ups import record_asked_none
from treatments.lots import add_product, quarantine_lot, receive_lot
from treatments.models import Call, Lot, Session, Sheet, SideEffect
from treatments.referrals import record_referral_step
from treatments.sessions import finish_session, start_session, write_session
from treatments.sheet_giving import record_treatment_consent
from treatments.side_effects import enter_in_error, record_none_seen
from treatments.worklists import CLEAR_AGAIN

# Days from today on which the six of the course take place.
FIRST, EVERY = -343, 28
DAYS = [FIRST + EVERY * number for number in range(6)]


def a_year(clinic: Clinic) -> Patient:
    """Told in the order in which it happened."""
    helena = _registered(clinic)
    lots = _lots_taken_in(clinic)
    _booked(clinic, helena)
    _first(clinic, helena, lots)
    _second_and_its_bruise(clinic, helena, lots)
    _third_and_its_numbness(clinic, helena, lots)
    _fourth_and_the_wrong_cream(clinic, helena, lots)
    _fifth_and_its_infection(clinic, helena, lots)
    _sixth(clinic, helena, lots)
    _what_went_wrong(clinic, helena, lots)
    _lately(clinic, helena)
    return helena


def _registered(clinic: Clinic) -> Patient:
    helena = register_patient(
        given_name="Helena", family_name="Novak", pronouns="she/her", date_of_birth=dt.date(1984, 4, 27),
        phone="+44 7700 900295", email="helena@patient.example", wants_messages=True, low_pain_threshold=True,
        allergies="penicillin", by=clinic.reception, now=clinic.at(-353, 15),
    )  # fmt: skip
    visit = book_appointment(
        patient=helena, treatment=clinic.consultation, practitioner=clinic.rosa, starts_at=clinic.at(-350, 9),
        by=clinic.reception, now=clinic.at(-353, 15, 10),
    )  # fmt: skip
    write_messages()
    check_in(appointment=visit, by=clinic.reception, now=clinic.at(-350, 8, 55))
    talk = start_session(appointment=visit, by=clinic.rosa, now=clinic.at(-350, 9))
    note = (
        "Wishes for smoother outer thighs. Risks explained: bruising and swelling are common. Wants to think it over."
    )
    write_session(session=talk, note=note, next_step="Calls when she has decided.", by=clinic.rosa)
    finish_session(session=talk, by=clinic.rosa, now=clinic.at(-350, 9, 25))
    give(clinic, Sheet.Kind.PRE_TREATMENT, helena, clinic.at(-350, 9, 26))
    agreed: dict[str, Any] = {"by": clinic.reception, "version": "2025-09", "now": clinic.at(-346, 11)}
    record_treatment_consent(patient=helena, **agreed)
    for kind in (Consent.Kind.PHOTO_CARE, Consent.Kind.PHOTO_TEACHING):
        record_consent(patient=helena, kind=kind, **agreed)
    return helena


def _lots_taken_in(clinic: Clinic) -> dict[str, Lot]:
    manager = Staff.objects.get(email=DEMO_SIGN_INS["manager"])
    silorgan = add_product(name="Silorgan", gtin="09501101530010", most_ml=Decimal("6"), by=manager)
    lidocaine = add_product(name="Lidocaine 1 %", use="anaesthetic", allergens="lidocaine, lignocaine", by=manager)
    expires = clinic.today + dt.timedelta(days=120)
    taken_in: dict[str, Any] = {"expires_on": expires, "dose": "multi", "by": clinic.rosa, "now": clinic.at(-348)}
    return {
        "first": receive_lot(product=silorgan, number="S1104", **taken_in),
        "second": receive_lot(product=silorgan, number="S1187", **taken_in),
        "anaesthetic": receive_lot(product=lidocaine, number="LC-0457", **taken_in),
    }


def _booked(clinic: Clinic, helena: Patient) -> None:
    lay_out_course(
        patient=helena, treatment=clinic.mesotherapy, planned=6, every_days=EVERY, starts_at=clinic.at(FIRST, 10),
        practitioners=[clinic.rosa], room=clinic.rooms[0], by=clinic.reception, now=clinic.at(-346, 11, 10),
    )  # fmt: skip
    write_messages()


def _first(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    note = "First of six. Anaesthetic offered because of her low pain threshold; she wanted to try without."
    session = session_of(clinic, helena, 1, lots["first"], note=note, pain=6)
    record_asked_none(
        session=session, note="A little sore, nothing to see.", by=clinic.reception, now=clinic.at(-341, 16)
    )


def _second_and_its_bruise(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    given = {"anaesthetic": "given", "anaesthetic_lot": lots["anaesthetic"].pk, "anaesthetic_ml": Decimal("1.5")}
    session = session_of(clinic, helena, 2, lots["first"], note="Easier with the anaesthetic.", pain=2, **given)
    report_concern(
        patient=helena, bruising="yes", onset_on=clinic.at(DAYS[1]).date(), session=session,
        note="Calls: “the left thigh has gone blue”.", by=clinic.reception, now=clinic.at(DAYS[1] + 1, 12),
    )  # fmt: skip
    write_messages()
    bruise = SideEffect.objects.get(patient=helena, kind="bruising")
    for days, finding, size, colour, tint, strength in (
        (2, "unchanged", 70, "blue-violet", (92, 62, 122), 0.8),
        (6, "unchanged", 65, "violet, green at the edge", (104, 78, 116), 0.66),
        (13, "fading", 40, "green", (122, 128, 88), 0.5),
        (20, "fading", 20, "yellow", (168, 150, 92), 0.36),
    ):
        at = clinic.at(DAYS[1] + days, 9, 15)
        photo_of(clinic, bruise, at, tint, strength)
        look(
            clinic, bruise, at + dt.timedelta(minutes=4), finding, size_mm=size, size_method="ruler", colour=colour,
            causality="certain" if days == 2 else "",
        )  # fmt: skip
    photo_of(clinic, bruise, clinic.at(DAYS[1] + 25, 9, 15), (222, 184, 160), 0.05)
    look(clinic, bruise, clinic.at(DAYS[1] + 25, 9, 20), "gone", note="Skin even on both sides.")
    record_call(
        patient=helena, worklist=CLEAR_AGAIN, outcome=Call.Outcome.REACHED, by=clinic.reception,
        note="Keeps her time on the day booked.", now=clinic.at(DAYS[1] + 26, 10),
    )  # fmt: skip
    confirm_what_was_held(clinic, helena, clinic.at(DAYS[1] + 26, 10, 2))


def _third_and_its_numbness(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    session = session_of(clinic, helena, 3, lots["first"], note="Backs of the thighs this time.", sites=[
        place("left", "back", "2"), place("right", "back", "2"),
    ])  # fmt: skip
    day = DAYS[2]
    numb = logged(clinic, helena, "numbness", clinic.at(day + 1, 11), side="right", session=session)
    look(clinic, numb, clinic.at(day + 8, 9, 30), "fading", note="Half the size, feels touch again.")
    look(clinic, numb, clinic.at(day + 12, 9, 30), "gone", causality="probable")


def _fourth_and_the_wrong_cream(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    session = session_of(clinic, helena, 4, lots["first"])
    day = DAYS[3]
    write_addendum(
        session=session, text="The depth on the right was 6 mm, not 4 mm: written down from memory, corrected from the needle used.",
        by=clinic.rosa, now=clinic.at(day + 1, 8, 50),
    )  # fmt: skip
    sore = logged(
        clinic, helena, "irritation", clinic.at(day + 2, 10), side="both", session=session,
        cream="a menthol cooling cream of her own", note="Red and itchy where she put it on. Not one that was recommended.",
    )  # fmt: skip
    look(
        clinic,
        sore,
        clinic.at(day + 9, 10),
        "gone",
        action_taken="Cream stopped, sheet gone through again.",
        causality="unlikely",
    )


def _fifth_and_its_infection(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    session = session_of(clinic, helena, 5, lots["first"])
    day = DAYS[4]
    report_concern(
        patient=helena, bruising="no", kind="pain", red_flags=["spreading-redness", "fever"], session=session,
        note="Calls: hot and red since last night, 38.4 °C.", by=clinic.reception, now=clinic.at(day + 3, 9, 5),
    )  # fmt: skip
    write_messages()
    infection = SideEffect.objects.get(patient=helena, kind="infection")
    seen: dict[str, Any] = {"by": clinic.omar, "side_effect": infection}
    look(
        clinic,
        infection,
        clinic.at(day + 3, 11),
        "worse",
        size_mm=90,
        size_method="ruler",
        note="Warm, red, edge marked.",
    )
    for minutes, step, note in (
        (5, "edge-marked", "Marked 11:05."),
        (10, "told-patient", "Told to go to urgent care today; what to look for, given in writing."),
        (15, "doctor-told", "Urgent care, Dr Patel, 11:15."),
        (20, "lot-noted", "Silorgan S1104, room 1."),
        (25, "call-planned", ""),
    ):
        record_referral_step(step=step, note=note, now=clinic.at(day + 3, 11, minutes), **seen)
    quarantine_lot(
        lot=lots["first"], reason="suspected infection after use, until the maker answers", by=clinic.rosa,
        now=clinic.at(day + 3, 11, 30),
    )  # fmt: skip
    write_addendum(
        session=session,
        text="Lot S1104 was quarantined today, see the suspected infection.",
        by=clinic.rosa,
        now=clinic.at(day + 3, 11, 40),
    )
    for pain in SideEffect.objects.filter(patient=helena, kind="pain"):
        look(clinic, pain, clinic.at(day + 14, 9), "gone")
    look(
        clinic,
        infection,
        clinic.at(day + 7, 9),
        "fading",
        note="On antibiotics from urgent care since the day of the call.",
    )
    look(
        clinic,
        infection,
        clinic.at(day + 14, 9, 5),
        "gone",
        causality="possible",
        action_taken="Urgent care: antibiotics, 7 days.",
    )
    confirm_what_was_held(clinic, helena, clinic.at(day + 15, 10))


def _sixth(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    session_of(clinic, helena, 6, lots["second"], note="Last of six.", next_step="Look at the result in eight weeks.")
    record_none_seen(patient=helena, by=clinic.rosa, now=clinic.at(DAYS[5] + 56, 9, 30))


def _what_went_wrong(clinic: Clinic, helena: Patient, lots: dict[str, Lot]) -> None:
    """An entry on the wrong chart, a consent withdrawn, and a session given in spite of a bruise."""
    wrong = logged(clinic, helena, "swelling", clinic.at(-119, 14), side="left", site="knee")
    enter_in_error(
        side_effect=wrong, reason="Meant for the patient before her.", by=clinic.rosa, now=clinic.at(-119, 14, 20)
    )
    teaching = Consent.objects.in_force().get(patient=helena, kind=Consent.Kind.PHOTO_TEACHING)
    withdraw_consent(consent=teaching, by=clinic.reception, now=clinic.at(-110, 12))
    bruise = logged(
        clinic, helena, "bruising", clinic.at(-92, 10), side="left", site="calf", note="Knocked against a bed."
    )
    deviation = record_deviation(
        patient=helena, treatment=clinic.mesotherapy, practitioner=clinic.omar, decided_by=clinic.omar,
        starts_at=clinic.at(-90, 17), ends_at=clinic.at(-90, 17, 40), room=clinic.rooms[1], by=clinic.omar, now=clinic.at(-90, 18),
        reason="Treated between two others without opening her chart; the bruise on the calf was seen only afterwards.",
    )  # fmt: skip
    session = Session.objects.get(appointment=deviation.appointment_id)
    write_session(
        session=session, anaesthetic="declined", asepsis=ALL_STEPS[:3], sites=[place("right", "front", "1.5")],
        lots=[{"lot": lots["second"].pk, "volume_ml": Decimal("1.5")}], creams=[], burning=2, pain=3, by=clinic.omar,
        now=clinic.at(-90, 18, 2),
    )  # fmt: skip
    finish_session(session=session, by=clinic.omar, now=clinic.at(-90, 18, 5))
    look(clinic, bruise, clinic.at(-80, 9), "gone", causality="unlikely")


def _lately(clinic: Clinic, helena: Patient) -> None:
    again: dict[str, Any] = {
        "patient": helena,
        "treatment": clinic.consultation,
        "practitioner": clinic.freya,
        "by": clinic.reception,
    }
    missed = book_appointment(starts_at=clinic.at(-60, 9), now=clinic.at(-75), **again)
    write_messages()
    mark_no_show(appointment=missed, by=clinic.reception, now=clinic.at(-60, 10))
    called_off = book_appointment(starts_at=clinic.at(-45, 9), now=clinic.at(-58), **again)
    write_messages()
    cancel_appointment(appointment=called_off, reason="Has a cold.", by=clinic.reception, now=clinic.at(-46, 16))
    book_appointment(starts_at=clinic.at(12, 11), now=clinic.at(-20), **again)
    write_messages()
