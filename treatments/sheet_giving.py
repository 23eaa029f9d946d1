"""Giving a sheet to a patient, on paper, as a PDF or by mail; and the consent that the sheet of risks comes before.

What was given stays as given: a giving names the version, and keeps the number and the creams that stood on it.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.utils import timezone

from clinic.models import Site, Staff
from clinic.refusals import Blocker, Refused
from patients.models import Consent, Patient
from patients.registration import record_consent
from treatments.locks import lock_patient
from treatments.messages import queue_sheet
from treatments.models import Appointment, Session, Sheet, SheetGiven
from treatments.models.treatment import Family
from treatments.operation import operation
from treatments.sheet_text import creams_sentence, name_of
from treatments.sheets import versions_of

NOT_GIVEN = "sheet-not-given"


@operation("edit-patients")
def give_sheet(
    *,
    sheet: Sheet,
    patient: Patient,
    how: str,
    by: Staff,
    session: Session | None = None,
    now: dt.datetime | None = None,
) -> SheetGiven:
    """Write down that this version was given; `how="sent"` puts it into the queue of messages in the same transaction.

    `how="declined"`: it was offered and not taken. Raises ValidationError by field.
    """
    now = now or timezone.now()
    patient = lock_patient(patient)
    if how not in SheetGiven.How.values:
        raise ValidationError({"how": f"“{how}” is no way of giving a sheet: {', '.join(SheetGiven.How.values)}."})
    if how == SheetGiven.How.DECLINED and sheet.kind == Sheet.Kind.PRE_TREATMENT:
        raise ValidationError({"how": "The sheet of risks comes before the consent: it is given, on paper if need be."})
    _require_fitting(sheet, patient, session)
    appointment = _appointment_for(patient, session, now)
    given = SheetGiven(sheet=sheet, patient=patient, session=session, how=how, given_at=now, by=by)
    given.phone = _phone(appointment.site if appointment else None, by)
    given.creams = creams_sentence(session.creams) if session else ""
    if how == SheetGiven.How.SENT:
        given.message = queue_sheet(_appointment_to_send_by(patient, appointment), now)
    given.save(force_insert=True)
    return given


@operation("edit-patients")
def record_treatment_consent(
    *, patient: Patient, by: Staff, version: str = "", now: dt.datetime | None = None
) -> Consent:
    """The patient agreed to be treated, having been given the sheet of risks, which stands on the consent.

    Raises Refused (sheet-not-given) where the first consent has no sheet before it. One that is in force stands.
    """
    now = now or timezone.now()
    patient = lock_patient(patient)
    given = sheet_before_consent(patient, now)
    if given is None and needs_sheet(patient):
        raise Refused([_sheet_not_given()], patient_id=patient.pk)
    return record_consent(
        patient=patient,
        kind=Consent.Kind.TREATMENT,
        version=version,
        by=by,
        now=now,
        sheet_version=name_of(given.sheet) if given else "",
        sheet_given_at=given.given_at if given else None,
    )


def needs_sheet(patient: Patient) -> bool:
    """Before the first consent, that is; withdrawn and given again, the sheet need not be repeated. One statement."""
    return not Consent.objects.filter(patient=patient, kind=Consent.Kind.TREATMENT).exists()


def sheet_before_consent(patient: Patient, now: dt.datetime) -> SheetGiven | None:
    """The sheet of risks that was given last. One statement."""
    risks = SheetGiven.objects.taken().filter(patient=patient, sheet__kind=Sheet.Kind.PRE_TREATMENT)
    risks = risks.filter(given_at__lte=now).select_related("sheet", "by")
    return risks.order_by("-given_at", "pk").first()


def _sheet_not_given() -> Blocker:
    return Blocker(
        NOT_GIVEN,
        "The sheet of risks has not been given to this patient.",
        lifts_when="Give it on paper, as a PDF or by email, then record the consent.",
    )


def _require_fitting(sheet: Sheet, patient: Patient, session: Session | None) -> None:
    newest = versions_of(sheet).first()
    if newest is not None and newest.version != sheet.version:
        raise ValidationError({"sheet": f"Version {newest.version} of it was published since. Give that one."})
    if session is None:
        return
    if sheet.kind != Sheet.Kind.AFTERCARE:
        raise ValidationError({"session": "The sheet of risks is given before treatment, not after a session."})
    if session.patient_id != patient.pk:
        raise ValidationError({"session": "This session is another patient’s."})
    if session.error_at is not None:
        raise ValidationError({"session": "This session was entered in error."})
    if session.family != Family.MESOTHERAPY:
        raise ValidationError({"session": "The aftercare sheet is for mesotherapy; this session was none."})
    if sheet.treatment_id not in (None, session.appointment.treatment_id):
        raise ValidationError({"sheet": "This sheet is for another treatment."})


def _appointment_for(patient: Patient, session: Session | None, now: dt.datetime) -> Appointment | None:
    """What a sheet goes along with: its session's appointment, else the next one, else the last."""
    if session is not None:
        return session.appointment
    theirs = Appointment.objects.filter(patient=patient).select_related("site")
    ahead = theirs.live().filter(starts_at__gt=now).order_by("starts_at", "pk").first()
    return ahead or theirs.order_by("-starts_at", "pk").first()


def _appointment_to_send_by(patient: Patient, appointment: Appointment | None) -> Appointment:
    """Messages go along with an appointment, to those who want them."""
    if not patient.wants_messages:
        raise ValidationError({"how": "The patient does not want messages by email. Give it on paper or as a PDF."})
    if not patient.email:
        raise ValidationError({"how": "The patient has no email address. Give it on paper or as a PDF."})
    if appointment is None:
        raise ValidationError(
            {"how": "The patient has no appointment to send it with. Give it on paper or as a PDF, or book first."}
        )
    appointment.patient = patient
    return appointment


def _phone(site: Site | None, by: Staff) -> str:
    sites = (site, by.site, Site.objects.filter(is_active=True).exclude(phone="").first())
    return next((one.phone for one in sites if one is not None and one.phone), "")
