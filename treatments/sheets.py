"""Sheets for the patient, before and after: published in versions, given on paper, as a PDF or by mail.

What was given stays as given: a version is never changed, and a giving names the version and the number that stood on it.
"""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone

from clinic.audit import record_event
from clinic.models import AuditEvent, Site, Staff
from clinic.refusals import Blocker, Refused
from patients.models import Consent, Patient
from patients.registration import record_consent
from treatments.locks import lock_patient
from treatments.messages import queue_sheet
from treatments.models import Appointment, Session, Sheet, SheetGiven, Treatment
from treatments.operation import operation
from treatments.sheet_text import PHONE, name_of, parts_of

LONGEST_BODY, LONGEST_TITLE = 12000, 150
DEFAULT_LANGUAGE = "en"
NOT_GIVEN = "sheet-not-given"
# RFC 5646 (BCP 47): language, script, region, variants, extensions, private use.
_TAG = re.compile(
    r"(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4,8})(?:-[a-z]{4})?(?:-(?:[a-z]{2}|\d{3}))?"
    r"(?:-(?:[a-z0-9]{5,8}|\d[a-z0-9]{3}))*(?:-[a-wy-z0-9](?:-[a-z0-9]{2,8})+)*(?:-x(?:-[a-z0-9]{1,8})+)?",
    re.IGNORECASE,
)


@operation("manage-clinic")
def publish_sheet(
    *,
    kind: str,
    language: str,
    title: str,
    body: str,
    by: Staff,
    treatment: Treatment | None = None,
    after: int | None = None,
    through: HttpRequest | None = None,
    now: dt.datetime | None = None,
) -> Sheet:
    """The next version, for a treatment or, without one, for every mesotherapy that has none of its own.

    `after` is the version that its author had before them, 0 for none: another one published meanwhile is not passed over
    unseen. Published unchanged, the version before stands. Raises ValidationError by field.
    """
    sheet = Sheet(kind=kind, treatment=treatment, published_by=by, published_at=now or timezone.now())
    sheet.language, sheet.title, sheet.body = _sense(kind, language, title, body)
    before = versions_of(sheet).first()
    newest = before.version if before else 0
    if after is not None and after != newest:
        raise ValidationError(_meanwhile(newest))
    if before is not None and (before.title, before.body) == (sheet.title, sheet.body):
        return before
    sheet.version = newest + 1
    try:
        with transaction.atomic():
            sheet.save(force_insert=True)
    except IntegrityError as error:  # two managers at the same moment: the second is told
        raise ValidationError(_meanwhile(sheet.version)) from error
    record_event(
        AuditEvent.Kind.SHEETS_CHANGED,
        request=through,
        actor=by,
        subject="sheet",
        subject_id=sheet.pk,
        sheet=sheet.kind,
        language=sheet.language,
        version=sheet.version,
    )
    return sheet


def versions_of(sheet: Sheet):  # type: ignore[no-untyped-def]
    """All of the same kind, treatment and language, the newest first."""
    same = Sheet.objects.filter(kind=sheet.kind, treatment=sheet.treatment_id, language=sheet.language)
    return same.order_by("-version")


def current_sheets(kind: str, treatment: Treatment | None = None) -> dict[str, Sheet]:
    """By language, the newest version: the treatment's own, else the general one. One statement."""
    ours = Q(treatment=None) if treatment is None else Q(treatment=None) | Q(treatment=treatment)
    found: dict[str, Sheet] = {}
    for sheet in Sheet.objects.filter(ours, kind=kind).order_by("language", "version"):
        held = found.get(sheet.language)
        if held is None or sheet.treatment_id is not None or held.treatment_id is None:
            found[sheet.language] = sheet
    return found


def current_sheet(kind: str, treatment: Treatment | None = None, language: str = DEFAULT_LANGUAGE) -> Sheet | None:
    """The version to give now; None where there is none in this language."""
    return current_sheets(kind, treatment).get(language)


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

    Raises ValidationError by field.
    """
    now = now or timezone.now()
    patient = lock_patient(patient)
    if how not in SheetGiven.How.values:
        raise ValidationError({"how": f"“{how}” is no way of giving a sheet: {', '.join(SheetGiven.How.values)}."})
    _require_fitting(sheet, patient, session)
    appointment = _appointment_for(patient, session, now)
    given = SheetGiven(sheet=sheet, patient=patient, session=session, how=how, given_at=now, by=by)
    given.phone = _phone(appointment.site if appointment else None, by)
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
    before = Consent.objects.filter(patient=patient, kind=Consent.Kind.TREATMENT)
    given = sheet_before_consent(patient, now)
    if given is None and not before.exists():
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


def sheet_before_consent(patient: Patient, now: dt.datetime) -> SheetGiven | None:
    """The sheet of risks that was given last. One statement."""
    given = SheetGiven.objects.filter(patient=patient, sheet__kind=Sheet.Kind.PRE_TREATMENT, given_at__lte=now)
    return given.select_related("sheet", "by").order_by("-given_at", "pk").first()


def _sheet_not_given() -> Blocker:
    return Blocker(
        NOT_GIVEN,
        "The sheet of risks has not been given to this patient.",
        lifts_when="Give it on paper, as a PDF or by email, then record the consent.",
    )


def _sense(kind: str, language: str, title: str, body: str) -> tuple[str, str, str]:
    """Cleaned, or ValidationError by field."""
    language = tag_of(language)
    title, body = " ".join(title.split()), body.replace("\r\n", "\n").strip()
    errors = {
        "kind": "" if kind in Sheet.Kind.values else f"“{kind}” is no sheet: {', '.join(Sheet.Kind.values)}.",
        "language": "" if language else "This is no language tag. “en”, “de” and “pt-BR” are some.",
        "title": _too_long(title, LONGEST_TITLE),
        "body": _too_long(body, LONGEST_BODY) or _brackets_in(body),
    }
    if wrong := {field: sentence for field, sentence in errors.items() if sentence}:
        raise ValidationError(wrong)
    return language, title, body


def tag_of(typed: str) -> str:
    """A language tag as it is usually written, en-GB or zh-Hant-TW; "" for what is none."""
    tag = typed.strip().replace("_", "-")
    if len(tag) > 35 or not _TAG.fullmatch(tag):
        return ""
    first, *rest = tag.lower().split("-")
    alone = next((at for at, part in enumerate(rest) if len(part) == 1), len(rest))
    cased = {2: str.upper, 4: str.title}
    return "-".join([first, *(cased.get(len(part), str)(part) for part in rest[:alone]), *rest[alone:]])


def _too_long(text: str, longest: int) -> str:
    if not text:
        return "It is empty."
    return f"It has {len(text)} characters; {longest} is the most." if len(text) > longest else ""


def _brackets_in(body: str) -> str:
    if set("{}") & set(body.replace(PHONE, "")):
        return "Only {phone}, the clinic’s number, can be filled in here; no other curly brackets."
    return "" if any(part.kind != "heading" for part in parts_of(body)) else "It has headings only."


def _meanwhile(newest: int) -> str:
    return f"Version {newest} was published meanwhile. Look at it first; nothing was published by you."


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
