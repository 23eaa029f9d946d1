"""The rule, once: may this patient have this treatment, and if not, why not, since when, and what lifts it.

[S] “you are unable to undergo any subsequent mesotherapy treatments until the bruising is gone.” Everything else here is
the clinic's decision (DOMAIN.md section 2). The guards (treatments/guards/) ask the same in the database.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Literal

from django.db.models import Exists, F, OuterRef, QuerySet, Subquery
from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker
from clinic.wording import days, short_day
from patients.models import Consent, Patient
from treatments.models import Review, Session, SideEffect, SkinCheck, Treatment
from treatments.models.side_effect import Kind
from treatments.models.training import TrainingRecord
from treatments.models.treatment import Family

# Which open side effects block which families of treatment. The guards' SQL is made from this table.
BLOCKS: dict[str, frozenset[str]] = {
    Kind.BRUISING: frozenset({Family.MESOTHERAPY}),
    Kind.INFECTION: frozenset({Family.MESOTHERAPY}),
}

BRUISING_PRESENT = "bruising-present"
BRUISING_REPORTED = "bruising-reported"
INFECTION_SUSPECTED = "infection-suspected"
RULE_CODES = (BRUISING_PRESENT, BRUISING_REPORTED, INFECTION_SUSPECTED)

State = Literal["bruised", "clear", "not-checked"]


@dataclass(frozen=True)
class Verdict:
    """The answer with its blockers. `state` speaks of bruising only; colour follows `allowed`."""

    allowed: bool
    state: State
    blockers: list[Blocker]
    checked_at: dt.datetime

    @property
    def leading(self) -> str:
        """The code that a page speaks of first: what cannot wait; "" where nothing blocks."""
        codes = [blocker.code for blocker in self.blockers]
        return INFECTION_SUSPECTED if INFECTION_SUSPECTED in codes else codes[0] if codes else ""


def blockers(patient: Patient | uuid.UUID, treatment: Treatment, *, now: dt.datetime | None = None) -> list[Blocker]:
    """The rule's reasons why this patient may not have this treatment; [] means bookable.

    One statement, answered from an index alone, where nothing is open; the words cost a second.
    """
    kinds = _blocking(treatment)
    if not kinds or not SideEffect.objects.open().filter(patient=patient, kind__in=kinds).exists():
        return []
    return _reasons(patient, kinds, now or timezone.now())


def _blocking(treatment: Treatment) -> list[str]:
    return [kind for kind, families in BLOCKS.items() if treatment.family in families]


def _reasons(patient: Patient | uuid.UUID, kinds: list[str], now: dt.datetime) -> list[Blocker]:
    found = _open_side_effects(patient).filter(kind__in=kinds)
    reasons = [_blocker(side_effect, now) for side_effect in found]
    return sorted(reasons, key=lambda reason: RULE_CODES.index(reason.code))


def open_blocking(patient: str = "patient") -> QuerySet[SideEffect]:
    """For a subquery of whatever names a patient in `patient`: what is open and blocks a treatment of theirs."""
    return SideEffect.objects.open().filter(patient=OuterRef(patient), kind__in=BLOCKS)


def is_blocked(patient: str = "patient") -> Exists:
    return Exists(open_blocking(patient))


def blocking_anything(patient: Patient | uuid.UUID) -> bool:
    return SideEffect.objects.open().filter(patient=patient, kind__in=BLOCKS).exists()


def verdict(patient: Patient, treatment: Treatment, *, now: dt.datetime | None = None) -> Verdict:
    """The whole answer for a patient and a treatment. One statement, and a second for the reasons where there are any."""
    now = now or timezone.now()
    kinds = _blocking(treatment)
    state, is_blocked = _known_of(patient, kinds)
    reasons = _reasons(patient, kinds, now) if is_blocked else []
    return Verdict(not reasons, state, reasons, now)


def state_of(patient: Patient) -> State:
    """What is known of bruising: open, none and looked for since the last mesotherapy session, or neither."""
    return _known_of(patient, [])[0]


def _known_of(patient: Patient, kinds: list[str]) -> tuple[State, bool]:
    """The state, and whether a side effect of one of these kinds is open. One statement."""
    own = SideEffect.objects.filter(patient=OuterRef("pk"))
    last_session = (
        Session.objects.standing().filter(patient=OuterRef("pk"), family=Family.MESOTHERAPY).order_by("-started_at")
    )
    # A session entered in error was not this patient's, and its skin check neither.
    last_check = SkinCheck.objects.filter(patient=OuterRef("pk"), session__error_at=None).order_by("-checked_at")
    closings = Review.objects.filter(
        side_effect__patient=OuterRef("pk"),
        side_effect__kind=Kind.BRUISING,
        side_effect__error_at=None,
        side_effect__closing_review=F("pk"),
    ).order_by("-seen_at")
    bruised, is_blocked, *times = (
        Patient.objects.filter(pk=patient.pk)
        .annotate(
            bruised=Exists(own.filter(kind=Kind.BRUISING).open()),
            is_blocked=Exists(own.filter(kind__in=kinds).open()),
            treated_at=Subquery(last_session.values("started_at")[:1]),
            checked_at=Subquery(last_check.values("checked_at")[:1]),
            closed_at=Subquery(closings.values("seen_at")[:1]),
        )
        .values_list("bruised", "is_blocked", "treated_at", "checked_at", "closed_at")
        .get()
    )
    return _state(bruised, *times), is_blocked


def _state(bruised: bool, treated_at: dt.datetime | None, *looks: dt.datetime | None) -> State:
    if bruised:
        return "bruised"
    # The skin check that a session starts with is made at its start, so it does not count as a look since.
    made = [look for look in looks if look is not None]
    if any(treated_at is None or look > treated_at for look in made):
        return "clear"
    return "not-checked"


def training_blockers(
    practitioner: Staff, treatment: Treatment, day: dt.date, *, is_trained: bool | None = None
) -> list[Blocker]:
    """[S] “when a trained professional does not perform the treatment” risks are higher.

    One statement for mesotherapy, none where the caller knows already (`is_trained`).
    """
    if treatment.family != Family.MESOTHERAPY:
        return []
    if practitioner.is_practitioner and practitioner.is_active:
        if is_trained is None:
            is_trained = TrainingRecord.objects.valid_on(day).filter(staff=practitioner).exists()
        if is_trained:
            return []
    return [
        Blocker(
            code="practitioner-not-trained",
            message=f"{practitioner.name} has no valid mesotherapy training record for {short_day(day)}.",
            lifts_when="A manager enters a training record that is valid that day; or choose a trained practitioner.",
        )
    ]


def consent_blockers(patient: Patient | uuid.UUID, treatment: Treatment) -> list[Blocker]:
    """The clinic's decision [P]: nobody is injected before their consent to treatment is on record. One statement, for
    mesotherapy only."""
    if treatment.family != Family.MESOTHERAPY:
        return []
    if Consent.objects.in_force().filter(patient=patient, kind=Consent.Kind.TREATMENT).exists():
        return []
    return [
        Blocker(
            code="treatment-consent-missing",
            message="The patient's consent to treatment is not on record.",
            lifts_when="Give the sheet of risks, ask the patient, and record the consent.",
        )
    ]


def _open_side_effects(patient: Patient | uuid.UUID):  # type: ignore[no-untyped-def]
    newest = Review.objects.filter(side_effect=OuterRef("pk")).order_by("-seen_at", "-recorded_at")
    return (
        SideEffect.objects.open()
        .filter(patient=patient)
        .annotate(
            last_finding=Subquery(newest.values("finding")[:1]),
            last_reviewed_at=Subquery(newest.values("seen_at")[:1]),
            last_reviewer=Subquery(newest.values("by__name")[:1]),
        )
        .order_by("recorded_at", "pk")
    )


def _blocker(side_effect: SideEffect, now: dt.datetime) -> Blocker:
    code, what, lifts = _words(side_effect)
    since = side_effect.onset_on or timezone.localdate(side_effect.recorded_at)
    return Blocker(
        code=code,
        message=f"{what} since {short_day(since)}, practitioner review needed.",
        since=since,
        lifts_when=lifts,
        side_effect=side_effect.pk,
        clinical=_clinical_words(side_effect, what, since, now),
    )


def _words(side_effect: SideEffect) -> tuple[str, str, str]:
    if side_effect.kind == Kind.INFECTION:
        return INFECTION_SUSPECTED, "Suspected infection", "A practitioner has seen it and records it as gone."
    if side_effect.seen_at is None:
        return (
            BRUISING_REPORTED,
            "Bruising reported, not yet seen,",
            "A practitioner looks, in person or at a new photo, and records it as gone.",
        )
    return BRUISING_PRESENT, "Bruising", "A practitioner records the bruise as gone, in person or from a new photo."


def _clinical_words(side_effect: SideEffect, what: str, since: dt.date, now: dt.datetime) -> str:
    where = side_effect.where
    lead = f"{where[:1].upper()}{where[1:]}: {what[:1].lower()}{what[1:]}" if where else what
    lasted = (timezone.localdate(now) - since).days
    sentences = [f"{lead} since {short_day(since)} ({days(lasted)})." if lasted else f"{lead} since today."]
    finding = getattr(side_effect, "last_finding", None)
    if finding:
        looked = short_day(timezone.localdate(side_effect.last_reviewed_at))  # type: ignore[attr-defined]
        sentences.append(f"Last looked at {looked} by {side_effect.last_reviewer}: {finding}.")  # type: ignore[attr-defined]
    return " ".join(sentences)
