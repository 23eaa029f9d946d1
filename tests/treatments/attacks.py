"""What somebody with a database shell could try, each with the one guard that refuses it and the code it says."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from clinic.audit import record_event
from clinic.audit_chain import seal_events
from clinic.models import AuditEvent, AuditSeal, Refusal, Staff
from patients.models import Consent, Patient
from tests import raw_sql
from tests.factories import (
    NOW,
    TOMORROW_10AM,
    make_appointment,
    make_gone,
    make_patient,
    make_review,
    make_session,
    make_side_effect,
    make_treatment,
    on,
)
from treatments.booking import cancel_appointment
from treatments.models import Appointment, Closure, Hold, Review, Session, SideEffect, SkinCheck, Treatment
from treatments.models.treatment import Family
from treatments.side_effects import enter_in_error, record_none_seen


@dataclass
class World:
    """Amara and Jonas, their practitioner, and a catalogue."""

    amara: Patient
    jonas: Patient
    rosa: Staff
    reception: Staff
    mesotherapy: Treatment
    consultation: Treatment

    def booked(
        self, treatment: Treatment | None = None, patient: Patient | None = None, at: dt.datetime = TOMORROW_10AM
    ) -> Appointment:
        return make_appointment(
            patient=patient or self.amara,
            treatment=treatment or self.mesotherapy,
            practitioner=self.rosa,
            by=self.reception,
            starts_at=at,
        )

    def unsaved(self, treatment: Treatment | None = None, **columns: object) -> Appointment:
        given = {
            "patient": self.amara,
            "treatment": treatment or self.mesotherapy,
            "practitioner": self.rosa,
            "site": self.rosa.site,
            "starts_at": on(9),
            "ends_at": on(9, 10),
            "created_by": self.reception,
        }
        return Appointment(**given | columns)

    def bruised(self, patient: Patient | None = None) -> SideEffect:
        return make_side_effect(patient=patient or self.amara, by=self.rosa)

    def merged(self) -> Patient:
        """A record merged into Jonas's."""
        old = make_patient(self.reception, "Jona", "Weber")
        raw_sql.update(old, merged_into_id=self.jonas.pk)
        return old


Attack = Callable[[], None]


def book_while_bruised(w: World) -> Attack:
    w.bruised()
    return lambda: raw_sql.insert(w.unsaved())


def book_while_bruising_is_only_reported(w: World) -> Attack:
    make_side_effect(patient=w.amara, by=w.reception)
    return lambda: raw_sql.insert(w.unsaved())


def book_while_infection_is_suspected(w: World) -> Attack:
    make_side_effect(patient=w.amara, kind="infection", by=w.rosa)
    return lambda: raw_sql.insert(w.unsaved())


def put_a_held_one_back(w: World) -> Attack:
    held = w.booked()
    w.bruised()
    return lambda: raw_sql.update(held, status="booked")


def move_a_held_one(w: World) -> Attack:
    held = w.booked()
    w.bruised()
    return lambda: raw_sql.update(held, status="booked", starts_at=on(10), ends_at=on(10, 10))


def turn_a_consultation_into_mesotherapy(w: World) -> Attack:
    w.bruised()
    booked = w.booked(w.consultation)
    return lambda: raw_sql.update(booked, treatment_id=w.mesotherapy.pk)


def give_an_appointment_to_a_bruised_patient(w: World) -> Attack:
    w.bruised(w.jonas)
    booked = w.booked()
    return lambda: raw_sql.update(booked, patient_id=w.jonas.pk)


def bear_an_appointment_arrived(w: World) -> Attack:
    return lambda: raw_sql.insert(w.unsaved(status="arrived"))


def revive_a_cancelled_one_further_than_it_was(w: World) -> Attack:
    cancelled = cancel_appointment(appointment=w.booked(), by=w.reception, now=NOW)
    return lambda: raw_sql.update(cancelled, status="arrived")


def let_a_booking_overlap_by_hand(w: World) -> Attack:
    return lambda: raw_sql.insert(w.unsaved(overlap_allowed=True))


def let_an_appointment_overlap_by_hand(w: World) -> Attack:
    booked = w.booked()
    return lambda: raw_sql.update(booked, overlap_allowed=True)


def hold_for_no_reason(w: World) -> Attack:
    booked = w.booked()
    return lambda: raw_sql.update(booked, status="on-hold")


def book_for_a_merged_record(w: World) -> Attack:
    old = w.merged()
    return lambda: raw_sql.insert(w.unsaved(patient=old))


def call_a_bruise_itching(w: World) -> Attack:
    bruise = w.bruised()
    return lambda: raw_sql.update(bruise, kind="itching")


def give_a_bruise_to_another_patient(w: World) -> Attack:
    bruise = w.bruised()
    return lambda: raw_sql.update(bruise, patient_id=w.jonas.pk)


def close_by_a_fading_look(w: World) -> Attack:
    bruise = w.bruised()
    look = make_review(side_effect=bruise, finding="fading", by=w.rosa)
    return lambda: raw_sql.update(bruise, closing_review_id=look.pk)


def close_by_phone(w: World) -> Attack:
    bruise = w.bruised()
    look = _look(bruise, w.rosa, mode="phone")
    raw_sql.insert(look)
    return lambda: raw_sql.update(bruise, closing_review_id=look.pk)


def close_by_a_receptionists_look(w: World) -> Attack:
    bruise = w.bruised()
    look = _look(bruise, w.reception)
    raw_sql.insert(look)
    return lambda: raw_sql.update(bruise, closing_review_id=look.pk)


def close_by_a_look_that_is_not_the_newest(w: World) -> Attack:
    bruise = w.bruised()
    make_review(side_effect=bruise, finding="fading", by=w.rosa, now=on(5))
    look = make_review(side_effect=bruise, finding="gone", by=w.rosa, seen_at=on(4), now=on(5))
    return lambda: raw_sql.update(bruise, closing_review_id=look.pk)


def close_by_another_bruises_look(w: World) -> Attack:
    bruise, other = w.bruised(), w.bruised()
    look = make_gone(other, w.rosa)
    return lambda: raw_sql.update(bruise, closing_review_id=look.pk)


def call_it_an_error_without_a_reason(w: World) -> Attack:
    bruise = w.bruised()
    return lambda: raw_sql.update(bruise, error_at=NOW, error_by_id=w.rosa.pk, error_reason=" ")


def call_it_an_error_as_a_receptionist(w: World) -> Attack:
    bruise = w.bruised()
    return lambda: raw_sql.update(bruise, error_at=NOW, error_by_id=w.reception.pk, error_reason="wrong person")


def take_an_error_back(w: World) -> Attack:
    bruise = enter_in_error(side_effect=w.bruised(), reason="wrong person", by=w.rosa, now=NOW)
    return lambda: raw_sql.update(bruise, error_at=None, error_by_id=None, error_reason="")


def bear_a_side_effect_closed(w: World) -> Attack:
    closed = w.bruised()
    look = make_gone(closed, w.rosa)
    new = SideEffect(patient=w.amara, kind="bruising", recorded_by=w.rosa, closing_review=look)
    return lambda: raw_sql.insert(new)


def change_what_a_look_found(w: World) -> Attack:
    look = make_review(side_effect=w.bruised(), finding="worse", by=w.rosa)
    return lambda: raw_sql.update(look, finding="gone")


def look_at_a_closed_bruise(w: World) -> Attack:
    bruise = w.bruised()
    make_gone(bruise, w.rosa)
    return lambda: raw_sql.insert(_look(bruise, w.rosa, finding="worse"))


def treat_without_having_started(w: World) -> Attack:
    booked = w.booked()
    session = Session(
        appointment=booked, patient=w.amara, practitioner=w.rosa, family=Family.MESOTHERAPY, started_at=NOW
    )
    return lambda: raw_sql.insert(session)


def move_a_session_to_another_patient(w: World) -> Attack:
    session = make_session(patient=w.amara, practitioner=w.rosa, treatment=w.mesotherapy)
    return lambda: raw_sql.update(session, patient_id=w.jonas.pk)


def call_a_used_treatment_mesotherapy(w: World) -> Attack:
    w.booked(w.consultation)
    return lambda: raw_sql.update(w.consultation, family=Family.MESOTHERAPY)


def consent_of_a_merged_record(w: World) -> Attack:
    old = w.merged()
    return lambda: raw_sql.insert(Consent(patient=old, kind="photo-care", recorded_by=w.reception))


def skin_check_of_a_merged_record(w: World) -> Attack:
    old = w.merged()
    check = SkinCheck(patient=old, finding="no-bruising-seen", checked_at=NOW, by=w.rosa)
    return lambda: raw_sql.insert(check)


def closure_for_a_merged_record(w: World) -> Attack:
    old = w.merged()
    closure = Closure(patient=old, worklist="clear-again", closed_at=NOW, by=w.reception, reason="moved")
    return lambda: raw_sql.insert(closure)


def rewrite_what_a_bruise_says(w: World) -> Attack:
    bruise = w.bruised()
    return lambda: raw_sql.update(bruise, note="It was never there.")


def say_another_saw_a_bruise_first(w: World) -> Attack:
    bruise = w.bruised()
    return lambda: raw_sql.update(bruise, seen_by_id=w.reception.pk)


def take_a_red_flag_back(w: World) -> Attack:
    bruise = make_side_effect(patient=w.amara, by=w.rosa, red_flags=["fever", "pus"])
    return lambda: raw_sql.update(bruise, red_flags=["pus"])


def look_tomorrow(w: World) -> Attack:
    """By the real clock, which the guard reads."""
    look, tomorrow = _look(w.bruised(), w.rosa), timezone.now() + dt.timedelta(days=1)
    look.seen_at = look.recorded_at = tomorrow
    return lambda: raw_sql.insert(look)


def let_somebody_arrive_who_was_never_here(w: World) -> Attack:
    held = w.booked()
    w.bruised()
    review = make_treatment(Family.REVIEW)
    return lambda: raw_sql.update(held, status="arrived", treatment_id=review.pk)


def hold_by_another_patients_bruise(w: World) -> Attack:
    booked, bruise = w.booked(), w.bruised(w.jonas)
    return lambda: raw_sql.insert(_hold(booked, bruise))


def hold_what_a_bruise_does_not_block(w: World) -> Attack:
    booked, bruise = w.booked(w.consultation), w.bruised()
    return lambda: raw_sql.insert(_hold(booked, bruise))


def hold_by_an_itch(w: World) -> Attack:
    booked, itch = w.booked(), make_side_effect(patient=w.amara, kind="itching", by=w.rosa)
    return lambda: raw_sql.insert(_hold(booked, itch))


def hold_a_held_one_as_if_it_had_arrived(w: World) -> Attack:
    held, bruise = w.booked(), w.bruised()
    return lambda: raw_sql.insert(_hold(held, bruise, status_before="arrived"))


def hold_a_cancelled_one(w: World) -> Attack:
    held, bruise = w.booked(), w.bruised()
    cancel_appointment(appointment=held, by=w.reception, now=NOW)
    return lambda: raw_sql.insert(_hold(held, bruise))


def bear_a_hold_ended(w: World) -> Attack:
    held, bruise = w.booked(), w.bruised()
    Hold.objects.update(held_until=NOW, released_by=w.rosa)
    return lambda: raw_sql.insert(_hold(held, bruise, held_until=NOW, released_by=w.rosa))


def delete_a_bruise(w: World) -> Attack:
    bruise = w.bruised()
    raw_sql.execute("DELETE FROM treatments_historicalsideeffect")
    return lambda: raw_sql.delete(bruise)


def delete_a_look(w: World) -> Attack:
    look = make_review(side_effect=w.bruised(), by=w.rosa)
    return lambda: raw_sql.delete(look)


def delete_an_appointment(w: World) -> Attack:
    booked = w.booked()
    return lambda: raw_sql.delete(booked)


def delete_a_hold(w: World) -> Attack:
    w.booked()
    w.bruised()
    return lambda: raw_sql.execute("DELETE FROM treatments_hold")


def delete_a_session(w: World) -> Attack:
    session = make_session(patient=w.amara, practitioner=w.rosa, treatment=w.consultation)
    return lambda: raw_sql.delete(session)


def delete_a_skin_check(w: World) -> Attack:
    check = record_none_seen(patient=w.amara, by=w.rosa, now=NOW)
    return lambda: raw_sql.delete(check)


def delete_an_audit_event(w: World) -> Attack:
    event = record_event(AuditEvent.Kind.CHART_READ, actor=w.rosa)
    return lambda: raw_sql.delete(event)


def delete_a_seal(w: World) -> Attack:
    seal = sealed(w)
    return lambda: raw_sql.delete(seal)


def change_a_seal(w: World) -> Attack:
    seal = sealed(w)
    return lambda: raw_sql.update(seal, hash="0" * 64)


def sealed(w: World) -> AuditSeal:
    record_event(AuditEvent.Kind.CHART_READ, actor=w.rosa)
    seal_events()
    return AuditSeal.objects.latest("pk")


def delete_a_refusal(w: World) -> Attack:
    refusal = Refusal.objects.create(by=w.reception, door="page", operation="book", code="bruising-present")
    return lambda: raw_sql.delete(refusal)


def change_an_audit_event(w: World) -> Attack:
    event = record_event(AuditEvent.Kind.CHART_READ, actor=w.rosa)
    return lambda: raw_sql.update(event, kind="signed-out")


def change_a_refusal(w: World) -> Attack:
    refusal = Refusal.objects.create(by=w.reception, door="page", operation="book", code="bruising-present")
    return lambda: raw_sql.update(refusal, code="room-busy")


def change_a_skin_check(w: World) -> Attack:
    check = record_none_seen(patient=w.amara, by=w.rosa, now=NOW)
    return lambda: raw_sql.update(check, checked_at=on(20))


def give_a_patient_another_id(w: World) -> Attack:
    nobodys = make_patient(w.reception, "Nur", "Adeyemi", consents=())
    return lambda: raw_sql.update(nobodys, id=raw_sql.new_id())


def say_a_hold_began_earlier(w: World) -> Attack:
    w.booked()
    w.bruised()
    return lambda: raw_sql.update(Hold.objects.get(), held_from=on(1))


def two_patients_for_one_practitioner(w: World) -> Attack:
    w.booked(patient=w.jonas, at=on(9))
    return lambda: raw_sql.insert(w.unsaved())


ATTACKS = [
    ("guard_appointment", book_while_bruised, "bruising-present"),
    ("guard_appointment", book_while_bruising_is_only_reported, "bruising-reported"),
    ("guard_appointment", book_while_infection_is_suspected, "infection-suspected"),
    ("guard_appointment", put_a_held_one_back, "bruising-present"),
    ("guard_appointment", move_a_held_one, "bruising-present"),
    ("guard_appointment", turn_a_consultation_into_mesotherapy, "bruising-present"),
    ("guard_appointment", give_an_appointment_to_a_bruised_patient, "patient-fixed"),
    ("guard_appointment", bear_an_appointment_arrived, "wrong-status"),
    ("guard_appointment", revive_a_cancelled_one_further_than_it_was, "wrong-status"),
    ("guard_appointment", let_a_booking_overlap_by_hand, "overlap-not-allowed"),
    ("guard_appointment", let_an_appointment_overlap_by_hand, "overlap-not-allowed"),
    ("guard_appointment", hold_for_no_reason, "wrong-status"),
    ("guard_appointment", book_for_a_merged_record, "patient-merged"),
    ("guard_side_effect", call_a_bruise_itching, "side-effect-fixed"),
    ("guard_side_effect", give_a_bruise_to_another_patient, "side-effect-fixed"),
    ("guard_side_effect", close_by_a_fading_look, "closing-review-needed"),
    ("guard_side_effect", close_by_phone, "closing-review-needed"),
    ("guard_side_effect", close_by_a_receptionists_look, "closing-review-needed"),
    ("guard_side_effect", close_by_a_look_that_is_not_the_newest, "closing-review-needed"),
    ("guard_side_effect", close_by_another_bruises_look, "closing-review-needed"),
    ("guard_side_effect", call_it_an_error_without_a_reason, "error-needs-reason"),
    ("guard_side_effect", call_it_an_error_as_a_receptionist, "error-needs-reason"),
    ("guard_side_effect", take_an_error_back, "side-effect-fixed"),
    ("guard_side_effect", bear_a_side_effect_closed, "side-effect-fixed"),
    ("guard_side_effect", rewrite_what_a_bruise_says, "side-effect-fixed"),
    ("guard_side_effect", say_another_saw_a_bruise_first, "side-effect-fixed"),
    ("guard_side_effect", take_a_red_flag_back, "side-effect-fixed"),
    ("guard_review", look_tomorrow, "look-in-the-future"),
    ("guard_appointment", let_somebody_arrive_who_was_never_here, "wrong-status"),
    ("guard_hold_made", hold_by_another_patients_bruise, "hold-untrue"),
    ("guard_hold_made", hold_what_a_bruise_does_not_block, "hold-untrue"),
    ("guard_hold_made", hold_by_an_itch, "hold-untrue"),
    ("guard_hold_made", hold_a_held_one_as_if_it_had_arrived, "hold-untrue"),
    ("guard_hold_made", hold_a_cancelled_one, "hold-untrue"),
    ("guard_hold_made", bear_a_hold_ended, "hold-untrue"),
    ("guard_review", change_what_a_look_found, "never-changed"),
    ("guard_review", look_at_a_closed_bruise, "side-effect-closed"),
    ("guard_session", treat_without_having_started, "wrong-status"),
    ("guard_session", move_a_session_to_another_patient, "session-fixed"),
    ("guard_family", call_a_used_treatment_mesotherapy, "family-fixed"),
    ("guard_merged_patients_consent", consent_of_a_merged_record, "patient-merged"),
    ("guard_merged_treatments_skincheck", skin_check_of_a_merged_record, "patient-merged"),
    ("guard_merged_treatments_closure", closure_for_a_merged_record, "patient-merged"),
    ("guard_kept_treatments_sideeffect", delete_a_bruise, "never-deleted"),
    ("guard_kept_treatments_review", delete_a_look, "never-deleted"),
    ("guard_kept_treatments_appointment", delete_an_appointment, "never-deleted"),
    ("guard_kept_treatments_hold", delete_a_hold, "never-deleted"),
    ("guard_kept_treatments_session", delete_a_session, "never-deleted"),
    ("guard_kept_treatments_skincheck", delete_a_skin_check, "never-deleted"),
    ("guard_kept_clinic_auditevent", delete_an_audit_event, "never-deleted"),
    ("guard_kept_clinic_auditseal", delete_a_seal, "never-deleted"),
    ("guard_unchanged_clinic_auditseal", change_a_seal, "never-changed"),
    ("guard_kept_clinic_refusal", delete_a_refusal, "never-deleted"),
    ("guard_unchanged_clinic_auditevent", change_an_audit_event, "never-changed"),
    ("guard_unchanged_clinic_refusal", change_a_refusal, "never-changed"),
    ("guard_unchanged_treatments_skincheck", change_a_skin_check, "never-changed"),
    ("guard_patient", give_a_patient_another_id, "patient-fixed"),
    ("guard_hold_kept", say_a_hold_began_earlier, "never-changed"),
    ("practitioner-busy", two_patients_for_one_practitioner, "practitioner-busy"),
]


def _look(side_effect: SideEffect, by: Staff, mode: str = "in-person", finding: str = "gone") -> Review:
    return Review(
        side_effect=side_effect, mode=mode, finding=finding, outcome="resolved", seen_at=on(6), by=by, recorded_at=on(6)
    )


def _hold(appointment: Appointment, side_effect: SideEffect, **columns: object) -> Hold:
    given = {"status_before": "booked", "held_from": NOW} | columns
    return Hold(appointment=appointment, side_effect=side_effect, **given)
