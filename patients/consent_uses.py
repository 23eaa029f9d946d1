"""What each consent allows, what withdrawing it hides at once, what stays and why, and which copies went out before."""

from dataclasses import dataclass, field

from django.db.models import Max, Q

from clinic.models import AuditEvent
from patients.models import Consent, Patient, PhotoUse

COPIES_SHOWN = 50
VERSIONS_OFFERED = 5


@dataclass(frozen=True)
class Withdrawal:
    """Sentences for who withdraws a consent of one kind: what stops at once, and what stays and why."""

    stops: str
    stays: str


_COPIES_OUT = "Copies that were saved or printed before are out of the clinic's hands; they are listed below."
WITHDRAWAL: dict[str, Withdrawal] = {
    Consent.Kind.TREATMENT: Withdrawal(
        stops="From now on no mesotherapy session can be started for this patient.",
        stays="Appointments that are booked stay booked: turn them into a consultation or a review, or cancel them. "
        "What was done and seen so far stays in the record, because later care relies on it.",
    ),
    Consent.Kind.PHOTO_CARE: Withdrawal(
        stops="From now on no new photo is taken in, and no copy for care is saved or printed.",
        stays="The photos taken so far stay on the chart, because they are part of the record of what was seen and "
        "decided. Their use for teaching and publicity has consents of its own.",
    ),
    Consent.Kind.PHOTO_TEACHING: Withdrawal(
        stops="This patient's photos leave the teaching collection at once, and no more copies for teaching are made.",
        stays=f"The photos stay on the chart for the patient's own care. {_COPIES_OUT}",
    ),
    Consent.Kind.PHOTO_PUBLICITY: Withdrawal(
        stops="This patient's photos leave the publicity collection at once, and no more copies for publicity are made.",
        stays=f"The photos stay on the chart for the patient's own care. {_COPIES_OUT}",
    ),
}
# Care's own copies stay within the record's keeping; these leave it.
_LEAVES_THE_CLINIC = {use.consent_kind: use for use in (PhotoUse.TEACHING, PhotoUse.PUBLICITY)}


@dataclass(frozen=True)
class KindOfConsent:
    """One kind: the consent in force, those that were withdrawn or stand under a merged record, the wordings in use."""

    kind: Consent.Kind
    standing: Consent | None
    earlier: list[Consent] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)


def consents_of(patient: Patient) -> list[KindOfConsent]:
    """Every kind there is, in three statements at most."""
    found = Consent.objects.filter(Q(patient=patient) | _merged_into(patient))
    rows = list(found.select_related("patient", "recorded_by", "withdrawn_by").order_by("-given_at", "pk"))
    in_use = _versions_in_use()
    kinds = []
    for kind in Consent.Kind:
        own = [row for row in rows if row.kind == kind]
        # One left behind under a merged record is history here: only the kept record's own consent is in force for it.
        standing = next((row for row in own if row.withdrawn_at is None and row.patient_id == patient.pk), None)
        kinds.append(KindOfConsent(kind, standing, [row for row in own if row != standing], in_use.get(kind, [])))
    return kinds


def _merged_into(patient: Patient) -> Q:
    return Q(patient__merged_into=patient) | Q(patient__merged_into__merged_into=patient)


def _versions_in_use() -> dict[str, list[str]]:
    """The clinic's wordings by kind, the one recorded last first."""
    rows = Consent.objects.exclude(version="").values_list("kind", "version").annotate(last=Max("given_at"))
    versions: dict[str, list[str]] = {}
    for kind, version, _ in rows.order_by("-last", "version"):
        versions.setdefault(kind, []).append(version)
    return {kind: found[:VERSIONS_OFFERED] for kind, found in versions.items()}


def wordings_of(kind: str) -> list[str]:
    """The clinic's wordings of one kind, the one recorded last first."""
    return _versions_in_use().get(kind, [])


@dataclass(frozen=True)
class CopiesGivenOut:
    """The newest copies that left for a use, from the audit trail, and how many there were in all."""

    events: list[AuditEvent]
    count: int

    @property
    def not_shown(self) -> int:
        return self.count - len(self.events)


def copies_given_out(consent: Consent) -> CopiesGivenOut | None:
    """None for a kind under which nothing leaves the clinic."""
    use = _LEAVES_THE_CLINIC.get(consent.kind)
    if use is None:
        return None
    patient = consent.patient_id
    into_this = Q(merged_into=patient) | Q(merged_into__merged_into=patient)
    records = [patient, *Patient.objects.filter(into_this).values_list("pk", flat=True)]
    kinds = [AuditEvent.Kind.PHOTO_SAVED, AuditEvent.Kind.PHOTO_PRINTED]
    found = AuditEvent.objects.filter(patient_id__in=records, kind__in=kinds, details__use=use.value)
    events = list(found.select_related("actor").order_by("-at", "-pk")[:COPIES_SHOWN])
    return CopiesGivenOut(events, len(events) if len(events) < COPIES_SHOWN else found.count())
