"""Two records of one person become one, by the operation: in words, audited, with what is open on either side counting."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.models import AuditEvent
from clinic.refusals import Refused
from patients.models import Patient
from patients.registration import correct_patient_details
from tests.factories import (
    NOW,
    make_appointment,
    make_patient,
    make_practitioner,
    make_session,
    make_side_effect,
    on,
)
from tests.pages.desk import statements
from treatments.booking import book_appointment
from treatments.merge_preview import preview_merge
from treatments.merging import merge_patients
from treatments.models import Appointment, Merge, Message, SideEffect
from treatments.rule_check import rule_breaches
from treatments.sessions import start_session


@pytest.fixture
def twice(reception) -> Patient:
    """Amara's second record."""
    return make_patient(reception, "Amara", "Okafor-Bell", email="amara@patient.example", allergies="lidocaine")


def merge(kept, merged, by, **more) -> Merge:
    return merge_patients(kept=kept, merged=merged, by=by, now=NOW, **more)


def book(patient, treatment, by, day=9, hour=9, practitioner=None) -> Appointment:
    return make_appointment(
        patient=patient,
        treatment=treatment,
        practitioner=practitioner or make_practitioner(),
        by=by,
        starts_at=on(day, hour),
    )


# --- What comes together -----------------------------------------------------------------------------------------------


def test_everything_hangs_on_the_one_that_stands(amara, twice, rosa, reception, mesotherapy, consultation):
    session = make_session(patient=twice, practitioner=rosa, treatment=mesotherapy, at=on(1))
    booked = book(twice, consultation, reception)

    made = merge(amara, twice, reception)

    twice.refresh_from_db()
    assert twice.merged_into == amara
    assert (made.by, made.at, made.sealed) == (reception, NOW, True)
    assert set(Appointment.objects.filter(patient=amara)) == {session.appointment, booked}
    assert booked.history.latest().history_change_reason == f"from {twice.number}, merged"
    assert booked.history.latest().history_user == reception
    assert rule_breaches() == []


def test_bruising_of_one_holds_what_the_other_has_booked(amara, twice, rosa, reception, mesotherapy):
    make_side_effect(patient=twice, by=reception)
    ours = book(amara, mesotherapy, reception)

    merge(amara, twice, reception)

    ours.refresh_from_db()
    assert ours.status == "on-hold"
    assert ours.history.latest().history_change_reason == f"put on hold: {twice.number} merged into {amara.number}"
    assert ours.history.latest().status == "on-hold"
    with pytest.raises(Refused) as refusal:
        book(amara, mesotherapy, reception, day=12)
    assert refusal.value.codes == ["bruising-reported"]


@pytest.mark.parametrize("kind", ["swelling", "itching"])
def test_what_does_not_block_holds_nothing(kind, amara, twice, reception, mesotherapy):
    make_side_effect(patient=twice, kind=kind, by=reception)
    ours = book(amara, mesotherapy, reception)

    merge(amara, twice, reception)

    ours.refresh_from_db()
    assert ours.status == "booked"


def test_a_consultation_stays_booked_beside_the_bruise(amara, twice, reception, consultation):
    make_side_effect(patient=twice, by=reception)
    ours = book(amara, consultation, reception)

    merge(amara, twice, reception)

    ours.refresh_from_db()
    assert ours.status == "booked"


def test_who_wants_messages_is_told_of_the_hold(amara, twice, reception, mesotherapy):
    make_side_effect(patient=amara, by=reception)
    correct_patient_details(patient=twice, by=reception, wants_messages=True)
    theirs = book(twice, mesotherapy, reception)

    merge(amara, twice, reception, details={"email": "merged"})

    [told] = Message.objects.filter(kind="hold")
    assert (told.patient, told.appointment, told.to) == (amara, theirs, "amara@patient.example")
    assert set(Message.objects.values_list("patient", flat=True)) == {amara.pk}


def test_the_trail_names_both_by_id_and_nobody_by_name(amara, twice, reception):
    made = merge(amara, twice, reception)

    event = AuditEvent.objects.get(kind="patients-merged")
    assert (event.actor, event.patient_id, event.subject_id) == (reception, amara.pk, twice.pk)
    assert event.details == {"merge": str(made.pk)}


# --- Details -----------------------------------------------------------------------------------------------------------


def test_what_the_record_says_stays_and_what_it_does_not_say_is_taken_over(amara, twice, reception):
    merge(amara, twice, reception)

    amara.refresh_from_db()
    assert (amara.family_name, amara.email) == ("Okafor", "amara@patient.example")


def test_the_person_chooses_which_name_stands(amara, twice, reception):
    merge(amara, twice, reception, details={"name": "merged", "email": "kept"})

    amara.refresh_from_db()
    assert (amara.family_name, amara.email) == ("Okafor-Bell", "")


def test_allergies_and_alerts_of_both_stand(amara, twice, reception):
    correct_patient_details(patient=amara, by=reception, allergies="latex", alerts="faints at needles")
    correct_patient_details(patient=twice, by=reception, low_pain_threshold=True)

    merge(amara, twice, reception)

    amara.refresh_from_db()
    assert (amara.allergies, amara.alerts) == ("latex; lidocaine", "faints at needles")
    assert amara.low_pain_threshold is True


@pytest.mark.parametrize(
    ("one", "other", "together"),
    [("latex", "Latex", "latex"), ("latex, nickel", "nickel", "latex, nickel"), ("", "latex", "latex"), ("", "", "")],
)
def test_the_same_is_said_once(one, other, together, amara, twice, reception):
    correct_patient_details(patient=amara, by=reception, allergies=one)
    correct_patient_details(patient=twice, by=reception, allergies=other)

    amara.refresh_from_db()
    twice.refresh_from_db()
    assert preview_merge(amara, twice).allergies == together


def test_none_of_them_is_cut_off(amara, twice, reception):
    correct_patient_details(patient=amara, by=reception, alerts="a" * 300)
    correct_patient_details(patient=twice, by=reception, alerts="b" * 300)

    with pytest.raises(ValidationError) as error:
        merge(amara, twice, reception)

    assert list(error.value.message_dict) == ["alerts"]
    twice.refresh_from_db()
    assert twice.merged_into is None


@pytest.mark.parametrize("details", [{"name": "neither"}, {"number": "merged"}])
def test_an_unknown_choice_is_a_wrong_field(details, amara, twice, reception):
    with pytest.raises(ValidationError) as error:
        merge(amara, twice, reception, details=details)

    assert list(error.value.message_dict) == list(details)


def test_the_old_number_and_name_find_the_record_that_stands(amara, twice, reception):
    merge(amara, twice, reception)

    for typed in (twice.number, "okafor-bell", amara.number):
        assert list(Patient.objects.current().matching(typed)) == [amara]
    amara.refresh_from_db()
    correct_patient_details(patient=amara, by=reception, phone="+44 7700 900999")
    assert list(Patient.objects.current().matching(twice.number)) == [amara]


# --- What stands against it --------------------------------------------------------------------------------------------


def test_a_record_is_not_merged_with_itself(amara, reception):
    with pytest.raises(ValidationError, match="This is the same record"):
        merge(amara, amara, reception)


@pytest.mark.parametrize("which", ["kept", "merged"])
def test_nor_one_that_was_merged_before(which, amara, twice, jonas, reception):
    merge(jonas, twice, reception)
    pair = {"kept": amara, "merged": amara} | {which: twice}

    with pytest.raises(ValidationError, match="This record was merged into another"):
        merge(pair["kept"], pair["merged"], reception)


@pytest.mark.parametrize("which", ["ours", "theirs"])
def test_refused_while_either_is_in_session(which, amara, twice, rosa, reception, mesotherapy):
    patient = amara if which == "ours" else twice
    appointment = book(patient, mesotherapy, reception, day=2, practitioner=rosa)
    start_session(appointment=appointment, skin_check="no-bruising-seen", by=rosa, now=NOW)

    with pytest.raises(Refused) as refusal:
        merge(amara, twice, reception)

    assert refusal.value.codes == ["in-session"]
    assert refusal.value.blockers[0].message == f"{patient.number} is in session now with Rosa Lind."
    assert not Merge.objects.exists()


def test_refused_while_the_two_have_appointments_at_one_time(amara, twice, reception, consultation):
    book(amara, consultation, reception)
    book(twice, consultation, reception)
    book(twice, consultation, reception, hour=10)

    with pytest.raises(Refused) as refusal:
        merge(amara, twice, reception)

    assert refusal.value.codes == ["patient-busy"]
    assert refusal.value.blockers[0].message == (
        f"Both have an appointment at one time: {amara.number} has Consultation on 9 Nov at 09:00, "
        f"and {twice.number} has Consultation on 9 Nov at 09:00."
    )


def test_back_to_back_is_not_at_one_time(amara, twice, reception, consultation):
    book(amara, consultation, reception)
    book_appointment(
        patient=twice, treatment=consultation, practitioner=make_practitioner(), starts_at=on(9, 9, 30),
        by=reception, now=NOW,
    )  # fmt: skip

    assert merge(amara, twice, reception).merged == twice


@pytest.mark.parametrize("who", ["manager", "superuser"])
def test_only_who_may_merge(who, request, amara, twice):
    with pytest.raises(PermissionDenied):
        merge(amara, twice, request.getfixturevalue(who))


# --- The preview -------------------------------------------------------------------------------------------------------


def test_the_preview_says_what_would_be(amara, twice, reception, mesotherapy, consultation):
    bruise = make_side_effect(patient=twice, by=reception)
    ours, consulted = book(amara, mesotherapy, reception), book(amara, consultation, reception, day=10)

    preview = preview_merge(amara, twice)

    assert preview.open_side_effects == [bruise]
    assert preview.to_hold == [ours]
    assert preview.reasons == []
    assert [(row.label, row.kept, row.merged) for row in preview.counted[:2]] == [
        ("Appointments", 2, 0),
        ("Side effects", 0, 1),
    ]
    assert {detail.name: detail.chosen for detail in preview.details if detail.differs} == {
        "name": "kept",
        "email": "merged",
    }
    merge(amara, twice, reception)
    for appointment, status in ((ours, "on-hold"), (consulted, "booked")):
        appointment.refresh_from_db()
        assert appointment.status == status


def test_the_preview_asks_as_much_of_one_row_as_of_three(amara, twice, rosa, reception, mesotherapy, consultation):
    asked = []
    for count in (1, 3):
        for number in range(count):
            book(amara, consultation, reception, day=8 + count, hour=9 + number)
            make_side_effect(patient=twice, by=rosa)
        with statements() as found:
            preview_merge(amara, twice)
        asked.append(len(found))

    assert asked == [8, 8]
    assert SideEffect.objects.count() == 4
