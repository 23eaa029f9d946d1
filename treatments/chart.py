"""What a patient's chart shows: gathered here for each reader, so that nothing is fetched that they may not see."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from clinic.models import Staff
from patients.models import Consent, Patient
from patients.models.patient import PatientQuerySet
from treatments.course import Course, course_of
from treatments.eligibility import Verdict, verdict
from treatments.merging import merges_of
from treatments.models import (
    Appointment,
    Merge,
    Message,
    PhotoFile,
    Review,
    Session,
    SideEffect,
    Treatment,
    WaitingListEntry,
)
from treatments.models.treatment import Family
from treatments.timeline import Timeline, timeline

NEWEST_MESSAGES = 5


@dataclass(frozen=True)
class Chart:
    """`verdict` is None where the catalogue has no mesotherapy. `courses` are empty for reception, `concerns` for others.

    `last_session` is the newest mesotherapy that stands; None for reception.
    """

    patient: Patient
    mesotherapy: Treatment | None
    review: Treatment | None
    verdict: Verdict | None
    coming_up: list[Appointment]
    consents: list[Consent]
    courses: list[Course]
    concerns: list[SideEffect]
    wishes: list[WaitingListEntry]
    messages: list[Message]
    merges: list[Merge]
    last_session: Session | None
    timeline: Timeline

    @property
    def treatment_consent(self) -> Consent | None:
        return self._consent(Consent.Kind.TREATMENT)

    @property
    def photo_consent(self) -> Consent | None:
        return self._consent(Consent.Kind.PHOTO_CARE)

    def _consent(self, kind: str) -> Consent | None:
        return next((consent for consent in self.consents if consent.kind == kind), None)


def with_what_hangs_on(patients: PatientQuerySet, *, clinical: bool = False) -> PatientQuerySet:
    """Patients fetched with which of the desk's tables hold anything of theirs, so that the others are not asked; and, where
    the reader may know (`clinical`), with what is shown of the last mesotherapy."""
    own = {"patient": OuterRef("pk")}
    if clinical:
        treated = Session.objects.standing().filter(**own, family=Family.MESOTHERAPY).order_by("-started_at")
        patients = patients.annotate(
            last_session_id=Subquery(treated.values("pk")[:1]),
            last_session_at=Subquery(treated.values("started_at")[:1]),
            last_session_sites=Subquery(treated.values("sites")[:1]),
        )
    return patients.annotate(
        waits=Exists(WaitingListEntry.objects.waiting().filter(**own)),
        was_written_to=Exists(Message.objects.filter(**own)),
        was_merged=Exists(Merge.objects.filter(kept=OuterRef("pk"), undone_at=None)),
    )


def chart_for(
    patient: Patient, staff: Staff, *, before: str = "", show: Collection[str] = (), now: dt.datetime | None = None
) -> Chart:
    """For a patient of `with_what_hangs_on`. Raises ValueError for a `before` that is no mark of the timeline's."""
    now = now or timezone.now()
    clinical = staff.may("read-clinical")
    offered = _offered()
    mesotherapy = offered.get(Family.MESOTHERAPY)
    return Chart(
        patient=patient,
        mesotherapy=mesotherapy,
        review=offered.get(Family.REVIEW),
        verdict=verdict(patient, mesotherapy, now=now) if mesotherapy else None,
        coming_up=_coming_up(patient, clinical),
        consents=list(Consent.objects.in_force().filter(patient=patient)),
        courses=_courses(patient, now) if clinical else [],
        concerns=[] if clinical else list(open_for_reception(patient)),
        wishes=list(_wishes(patient)) if patient.waits else [],  # type: ignore[attr-defined]
        messages=list(_messages(patient)) if patient.was_written_to else [],  # type: ignore[attr-defined]
        merges=merges_of(patient) if patient.was_merged else [],  # type: ignore[attr-defined]
        last_session=_last_session(patient) if clinical else None,
        timeline=timeline(patient, staff, before=before, show=show),
    )


def _wishes(patient: Patient) -> Iterable[WaitingListEntry]:
    return WaitingListEntry.objects.waiting().filter(patient=patient).select_related("treatment", "practitioner")


def _messages(patient: Patient) -> Iterable[Message]:
    return Message.objects.filter(patient=patient).defer("subject", "body")[:NEWEST_MESSAGES]


def _offered() -> dict[str, Treatment]:
    """The first of the mesotherapies and of the reviews that can be booked, by name."""
    found: dict[str, Treatment] = {}
    for treatment in (
        Treatment.objects.bookable().filter(family__in=[Family.MESOTHERAPY, Family.REVIEW]).order_by("name")
    ):
        found.setdefault(treatment.family, treatment)
    return found


def _coming_up(patient: Patient, clinical: bool) -> list[Appointment]:
    live = Appointment.objects.live().filter(patient=patient).with_people().order_by("starts_at", "pk")
    return list(live.select_related("treatment", "practitioner", "room", "session") if clinical else live)


def open_for_reception(patient: Patient) -> Iterable[SideEffect]:
    """Kind, onset and whether it was seen: nothing else leaves the database (DOMAIN.md section 3)."""
    return (
        SideEffect.objects.open()
        .filter(patient=patient)
        .only("kind", "onset_on", "seen_at", "recorded_at")
        .order_by("recorded_at", "pk")
    )


def _last_session(patient: Patient) -> Session | None:
    """Its time and sites, fetched with the patient."""
    if patient.last_session_id is None:  # type: ignore[attr-defined]
        return None
    return Session(
        pk=patient.last_session_id,  # type: ignore[attr-defined]
        started_at=patient.last_session_at,  # type: ignore[attr-defined]
        sites=patient.last_session_sites,  # type: ignore[attr-defined]
    )


def _courses(patient: Patient, now: dt.datetime) -> list[Course]:
    """Three statements, however many are open."""
    found = list(
        SideEffect.objects.open()
        .filter(patient=patient)
        .with_last_look()
        .select_related("seen_by", "recorded_by")
        .order_by("recorded_at", "pk")
    )
    reviews, thumbs = defaultdict(list), defaultdict(list)
    for review in Review.objects.filter(side_effect__in=found).select_related("by"):
        reviews[review.side_effect_id].append(review)
    for file in PhotoFile.objects.filter(photo__side_effect__in=found, size=PhotoFile.Size.THUMB).select_related(
        "photo"
    ):
        thumbs[file.photo.side_effect_id].append(file)
    today = timezone.localdate(now)
    return [course_of(one, reviews[one.pk], thumbs[one.pk], today=today) for one in found]
