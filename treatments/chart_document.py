"""The whole chart as one document, for a patient's own request: what the JSON file holds and the PDF is laid out from.

Each record stands once, with what belongs to it inside it; the words are DOMAIN.md's, FHIR's where there are some. What was
entered in error is there and says so (`error_at`, `error_by`, `error_reason`). See LEFT_OUT for what is not part of it.
"""

import datetime as dt
from typing import Any

from django.db.models import Q
from django.utils import timezone

from clinic.models import AuditEvent, Refusal, Staff
from patients.models import Consent, Patient, PatientIdentifier
from treatments.chart_rows import Names, Row, changes_of, grouped, moment, row_of, versions_by_id
from treatments.models import (
    Addendum,
    Appointment,
    Call,
    Closure,
    Course,
    Deviation,
    FollowUp,
    Hold,
    LotUse,
    Merge,
    Message,
    Photo,
    PhotoFile,
    RecallCall,
    ReferralStep,
    Review,
    Session,
    SheetGiven,
    SideEffect,
    SkinCheck,
    Treatment,
    WaitingListEntry,
)
from treatments.models.session import AsepsisItem

FORMAT, VERSION = "allclear-chart", 1
# What each part would be in FHIR R4, for whoever reads it into another system.
FHIR = {
    "patient": "Patient",
    "consents": "Consent",
    "courses": "CarePlan",
    "appointments": "Appointment",
    "sessions": "Procedure",
    "skin_checks": "Observation",
    "side_effects": "AdverseEvent",
    "sheets_given": "DocumentReference",
    "messages": "Communication",
    "calls": "Communication",
    "follow_ups": "Communication",
    "recalls_told": "Communication",
}
# Where each model's rows stand in the document.
SECTIONS: dict[str, str] = {
    "patients.Patient": "patient",
    "patients.PatientIdentifier": "patient.identifiers",
    "treatments.Merge": "patient.merged_records",
    "patients.Consent": "consents",
    "treatments.Course": "courses",
    "treatments.Appointment": "appointments",
    "treatments.Hold": "appointments.holds",
    "treatments.Deviation": "appointments.deviation",
    "treatments.Session": "sessions",
    "treatments.SkinCheck": "sessions.skin_check, skin_checks",
    "treatments.LotUse": "sessions.lots",
    "treatments.Addendum": "sessions.addenda",
    "treatments.SideEffect": "side_effects",
    "treatments.Review": "side_effects.reviews",
    "treatments.ReferralStep": "side_effects.referral_steps",
    "treatments.Photo": "side_effects.photos",
    "treatments.PhotoFile": "side_effects.photos.files",
    "treatments.SheetGiven": "sheets_given",
    "treatments.Message": "messages",
    "treatments.Call": "calls",
    "treatments.FollowUp": "follow_ups",
    "treatments.RecallCall": "recalls_told",
    "treatments.WaitingListEntry": "waiting_list",
    "treatments.Closure": "closures",
    "patients.HistoricalPatient": "patient.changes",
    "patients.HistoricalConsent": "consents.changes",
    "treatments.HistoricalAppointment": "appointments.changes",
    "treatments.HistoricalSession": "sessions.changes",
    "treatments.HistoricalLotUse": "sessions.lot_changes",
    "treatments.HistoricalSideEffect": "side_effects.changes",
}
LEFT_OUT: dict[str, str] = {
    "treatments.SignOff": "that a manager has looked through an entry: it says nothing of the patient",
    "treatments.MergedRow": "which rows a merge moved, for its undo; the rows themselves stand in their own parts",
}


def chart_document(patient: Patient, *, by: Staff, now: dt.datetime) -> Row:
    """Of this record and of those merged into it, oldest first. The number of statements never grows with the rows."""
    names = Names()
    merges = _merges(patient)
    records = [patient.pk, *(merge.merged_id for merge in merges)]
    return {
        "format": FORMAT,
        "version": VERSION,
        "made_at": moment(now),
        "made_by": by.name,
        "time_zone": timezone.get_current_timezone_name(),
        "clinic": by.site.name if by.site else "",
        "fhir": FHIR,
        "patient": _patient(patient, merges, records, names),
        "consents": _consents(records, names),
        "courses": _rows(Course.objects.filter(patient__in=records).order_by("created_at", "pk"), names),
        "appointments": _appointments(records, names),
        "sessions": _sessions(records, names),
        "skin_checks": _rows(
            SkinCheck.objects.filter(patient__in=records, session=None).order_by("checked_at", "pk"), names, "session"
        ),
        "side_effects": _side_effects(records, names),
        "sheets_given": _sheets_given(records, names),
        "messages": _rows(Message.objects.filter(patient__in=records).order_by("created_at", "pk"), names),
        "calls": _rows(Call.objects.filter(patient__in=records).order_by("at", "pk"), names),
        "follow_ups": _rows(FollowUp.objects.filter(patient__in=records).order_by("asked_at", "pk"), names),
        "recalls_told": _recalls_told(records, names),
        "waiting_list": _rows(WaitingListEntry.objects.filter(patient__in=records).order_by("joined_at", "pk"), names),
        "closures": _rows(Closure.objects.filter(patient__in=records).order_by("closed_at", "pk"), names),
        "refusals": _refusals(records, names),
        "copies_given_out": _copies(records, names),
    }


def _rows(found: Any, names: Names, *without: str) -> list[Row]:
    return [row_of(one, names, without=("patient", *without)) for one in found]


def _merges(patient: Patient) -> list[Merge]:
    into = Q(kept=patient) | Q(kept__merged_into=patient)
    return list(Merge.objects.filter(into, undone_at=None).select_related("merged").order_by("at", "pk"))


def _patient(patient: Patient, merges: list[Merge], records: list[Any], names: Names) -> Row:
    versions = versions_by_id(Patient.history.filter(id__in=records))
    identifiers = grouped(PatientIdentifier.objects.filter(patient__in=records).order_by("pk"), "patient_id")

    def details(one: Patient) -> Row:
        return row_of(one, names) | {
            "identifiers": [row_of(identifier, names) for identifier in identifiers[one.pk]],
            "changes": changes_of(versions[one.pk], names),
        }

    merged = [{"merge": row_of(merge, names, without=("kept", "sealed")), **details(merge.merged)} for merge in merges]
    return details(patient) | {"merged_records": merged}


def _consents(records: list[Any], names: Names) -> list[Row]:
    versions = versions_by_id(Consent.history.filter(patient__in=records))
    found = Consent.objects.filter(patient__in=records).order_by("given_at", "pk")
    return [row_of(one, names) | {"changes": changes_of(versions[one.pk], names)} for one in found]


def _appointments(records: list[Any], names: Names) -> list[Row]:
    found = Appointment.objects.filter(patient__in=records).order_by("starts_at", "pk")
    versions = versions_by_id(Appointment.history.filter(patient__in=records))
    holds = grouped(Hold.objects.filter(appointment__patient__in=records).order_by("held_from", "pk"), "appointment_id")
    deviations = grouped(Deviation.objects.filter(appointment__patient__in=records), "appointment_id")
    return [
        row_of(one, names, without=("patient",))
        | {
            "deviation": next((row_of(it, names, without=("appointment",)) for it in deviations[one.pk]), None),
            "holds": [row_of(hold, names, without=("appointment",)) for hold in holds[one.pk]],
            "changes": changes_of(versions[one.pk], names),
        }
        for one in found
    ]


def _sessions(records: list[Any], names: Names) -> list[Row]:
    found = Session.objects.filter(patient__in=records).order_by("started_at", "pk")
    own = {"session__patient__in": records}
    versions = versions_by_id(Session.history.filter(patient__in=records))
    steps = dict(AsepsisItem.objects.values_list("code", "words"))
    checks = grouped(SkinCheck.objects.filter(**own), "session_id")
    uses = grouped(
        LotUse.objects.filter(**own).select_related("lot__product").order_by("recorded_at", "pk"), "session_id"
    )
    lots_before = grouped(_lot_versions(records), "session_id")
    addenda = grouped(Addendum.objects.filter(**own).order_by("written_at", "pk"), "session_id")
    return [
        row_of(one, names, without=("patient",))
        | {
            "asepsis": [{"code": code, "words": steps.get(code, code)} for code in one.asepsis],
            "skin_check": next((row_of(it, names, without=("patient", "session")) for it in checks[one.pk]), None),
            "lots": [_lot_use(use, names) for use in uses[one.pk]],
            "lot_changes": changes_of_lots(lots_before[one.pk], names),
            "addenda": [row_of(it, names, without=("session",)) for it in addenda[one.pk]],
            "changes": changes_of(versions[one.pk], names),
        }
        for one in found
    ]


def _lot_versions(records: list[Any]) -> Any:
    sessions = Session.objects.filter(patient__in=records).values("pk")
    found = LotUse.history.filter(session__in=sessions).select_related("lot__product")
    return found.order_by("history_date", "history_id")


def changes_of_lots(versions: list[Any], names: Names) -> list[Row]:
    """Lots put in, changed and taken out while the session ran."""
    what = {"+": "put in", "~": "changed", "-": "taken out"}
    return [
        {
            "at": moment(one.history_date),
            "by": names.of(Staff, one.history_user_id),
            "what": what[one.history_type],
            "use": str(one.id),
            "lot": str(one.lot_id),
            "product": one.lot.product.name,
            "lot_number": one.lot.number,
            "volume_ml": str(one.volume_ml) if one.volume_ml is not None else None,
        }
        for one in versions
    ]


def _lot_use(use: LotUse, names: Names) -> Row:
    lot = use.lot
    return row_of(use, names, without=("session",)) | {
        "product": lot.product.name,
        "product_use": lot.product.use,
        "gtin": lot.product.gtin,
        "lot_number": lot.number,
        "expires_on": lot.expires_on.isoformat() if lot.expires_on else None,
        "quarantined_at": moment(lot.quarantined_at),
        "quarantine_reason": lot.quarantine_reason,
    }


def _side_effects(records: list[Any], names: Names) -> list[Row]:
    found = SideEffect.objects.filter(patient__in=records).order_by("recorded_at", "pk")
    own = {"side_effect__patient__in": records}
    versions = versions_by_id(SideEffect.history.filter(patient__in=records))
    reviews = grouped(Review.objects.filter(**own).order_by("seen_at", "recorded_at", "pk"), "side_effect_id")
    steps = grouped(ReferralStep.objects.filter(**own).order_by("done_at", "pk"), "side_effect_id")
    photos = grouped(Photo.objects.filter(**own).order_by("taken_at", "pk"), "side_effect_id")
    files = grouped(PhotoFile.objects.filter(photo__side_effect__patient__in=records).order_by("size"), "photo_id")
    return [
        row_of(one, names, without=("patient",))
        | {
            "entered_first_for_another_patient": one.moved_from_id is not None,
            "reviews": [row_of(it, names, without=("side_effect",)) for it in reviews[one.pk]],
            "referral_steps": [row_of(it, names, without=("side_effect",)) for it in steps[one.pk]],
            "photos": [
                row_of(photo, names, without=("side_effect",))
                | {"files": [row_of(file, names) for file in files[photo.pk]]}
                for photo in photos[one.pk]
            ],
            "changes": changes_of(versions[one.pk], names),
        }
        for one in found
    ]


def _sheets_given(records: list[Any], names: Names) -> list[Row]:
    found = SheetGiven.objects.filter(patient__in=records).select_related("sheet").order_by("given_at", "pk")
    return [
        row_of(one, names, without=("patient",))
        | {
            "kind": {"code": one.sheet.kind, "words": one.sheet.get_kind_display()},
            "title": one.sheet.title,
            "sheet_version": one.sheet.version,
            "language": one.sheet.language,
            "text": one.sheet.body,
        }
        for one in found
    ]


def _recalls_told(records: list[Any], names: Names) -> list[Row]:
    found = RecallCall.objects.filter(patient__in=records).select_related("recall__lot__product").order_by("at", "pk")
    return [
        row_of(one, names, without=("patient",))
        | {
            "product": one.recall.lot.product.name,
            "lot_number": one.recall.lot.number,
            "reason": one.recall.reason,
            "recalled_at": moment(one.recall.begun_at),
        }
        for one in found
    ]


def _refusals(records: list[Any], names: Names) -> list[Row]:
    found = Refusal.objects.filter(patient_id__in=records).order_by("at", "pk")
    return [
        row_of(one, names, without=("id", "patient_id", "treatment_id"))
        | {"treatment": names.of(Treatment, one.treatment_id)}
        for one in found
    ]


def _copies(records: list[Any], names: Names) -> list[Row]:
    """Copies that left the chart before this one, from the audit trail."""
    kinds = AuditEvent.Kind
    out = [kinds.PHOTO_PRINTED, kinds.PHOTO_SAVED, kinds.CHART_PRINTED, kinds.CHART_EXPORTED]
    found = AuditEvent.objects.filter(patient_id__in=records, kind__in=out).order_by("at", "pk")
    return [
        {
            "at": moment(one.at),
            "by": names.of(Staff, one.actor_id),
            "what": {"code": one.kind, "words": one.get_kind_display()},
            "use": one.details.get("use", ""),
        }
        for one in found
    ]
