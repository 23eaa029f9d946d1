"""What a manager of the demo clinic finds to look through, and what she has looked through already."""

import datetime as dt

from clinic.models import Staff
from clinic.saved_filters import save_filter
from patients.registration import register_patient
from treatments.booking import book_appointment
from treatments.demo_clinic import Clinic, bruise_of, given, look, patient_of
from treatments.merging import merge_patients
from treatments.models import Session
from treatments.record_sign_off import sign_off
from treatments.side_effects import enter_in_error
from treatments.views.records import RECORDS

REVIEWED = 6


def looked_through(clinic: Clinic, manager: Staff) -> None:
    _entered_in_error(clinic)
    _gone_on_the_day(clinic)
    _merged(clinic)
    _long_ago(clinic)
    _signed_off(manager)


def _entered_in_error(clinic: Clinic) -> None:
    hugo = patient_of(clinic, "Hugo", "Vance", dt.date(1980, 3, 22), 295)
    shade = bruise_of(clinic, hugo, clinic.at(-12, 11), note="Blue shade, left thigh.")
    enter_in_error(
        side_effect=shade,
        reason="Ink of the marking pen; it came off with alcohol.",
        by=clinic.rosa,
        now=clinic.at(-12, 11, 20),
    )


def _gone_on_the_day(clinic: Clinic) -> None:
    """Found gone in the morning, and given at noon: allowed, and looked through."""
    klara = patient_of(clinic, "Klara", "Benn", dt.date(1991, 12, 2), 306)
    bruise = bruise_of(clinic, klara, clinic.at(-20, 12, 15))
    look(clinic, bruise, clinic.at(-11, 11, 30), "gone", note="Nothing left to see or feel.")
    visit = book_appointment(
        patient=klara,
        treatment=clinic.mesotherapy,
        practitioner=clinic.rosa,
        room=clinic.rooms[2],
        starts_at=clinic.at(-11, 12),
        by=clinic.reception,
        now=clinic.at(-11, 11, 40),
    )
    given(clinic, visit)


def _merged(clinic: Clinic) -> None:
    """Registered twice, under two spellings."""
    first = patient_of(clinic, "Gwendolyn", "Marsh", dt.date(1976, 5, 14), 317)
    again = register_patient(
        given_name="Gwen",
        family_name="Marsh",
        date_of_birth=dt.date(1976, 5, 14),
        phone=first.phone,
        by=clinic.reception,
        now=clinic.at(-9),
    )
    merge_patients(kept=first, merged=again, by=clinic.reception, now=clinic.at(-6, 16))


def _long_ago(clinic: Clinic) -> None:
    """Without an entry for longer than records are kept."""
    register_patient(
        given_name="Agnes",
        family_name="Thorne",
        date_of_birth=dt.date(1949, 8, 1),
        phone="+44 7700 900328",
        by=clinic.reception,
        now=clinic.at(-365 * 9),
    )


def _signed_off(manager: Staff) -> None:
    signed = Session.objects.standing().exclude(finished_at=None).order_by("-started_at")
    for number, session in enumerate(signed[2 : 2 + REVIEWED]):
        sign_off(record=session, by=manager, remark="Volume per site is missing; asked." if number == 1 else "")
    save_filter(
        page=RECORDS, name="Not yet reviewed", query="what=sessions&reviewed=not-yet&period=30-days", by=manager
    )
