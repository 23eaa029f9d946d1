"""The start gate: what is asked before a mesotherapy session begins, line by line, in the order in which it is asked.

`sessions.start_session` decides; this tells each line's answer beforehand, from the same questions, so that a page shows
what stands as well as what is missing.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone

from clinic.models import Staff
from clinic.refusals import Blocker
from clinic.wording import short_day
from patients.models import Consent
from treatments.eligibility import Verdict, consent_blockers, training_blockers, verdict
from treatments.models import Appointment, TrainingRecord
from treatments.models.training import trained_on
from treatments.models.treatment import Family

RULE, TRAINING, CONSENT, SKIN_CHECK = "rule", "training", "consent", "skin-check"
TITLES = {
    RULE: "The rule: no bruising that is not gone",
    TRAINING: "Your training",
    CONSENT: "Consent to treatment",
    SKIN_CHECK: "Skin check, made now",
}
LOOKED_FOR = "No open bruising, and looked for since the last session."
NOT_CHECKED = "Not checked since the last mesotherapy session, or never treated here: the skin check below counts."


@dataclass(frozen=True)
class Line:
    """One question of the gate: passed, with what it stands on; or why not."""

    name: str
    words: str = ""
    blockers: list[Blocker] = field(default_factory=list)

    @property
    def title(self) -> str:
        return TITLES[self.name]

    @property
    def passed(self) -> bool:
        return not self.blockers


def start_gate(appointment: Appointment, by: Staff, *, now: dt.datetime | None = None) -> list[Line]:
    """The lines that can be answered before the skin is looked at; [] for what injects nothing. At most six statements."""
    if appointment.treatment.family != Family.MESOTHERAPY:
        return []
    now = now or timezone.now()
    found = verdict(appointment.patient, appointment.treatment, now=now)
    return [
        Line(RULE, _rule_words(found, appointment), found.blockers),
        _training(appointment, by, timezone.localdate(now)),
        _consent(appointment),
    ]


def trained_today(today: dt.date) -> list[str]:
    """The names of who may start a mesotherapy today. One statement."""
    return list(Staff.objects.practitioners().filter(trained_on(today)).order_by("name").values_list("name", flat=True))


def _rule_words(found: Verdict, appointment: Appointment) -> str:
    if not found.allowed:
        return ""
    looked = LOOKED_FOR if found.state == "clear" else NOT_CHECKED
    return f"No recorded hold on {appointment.treatment.name.lower()}. {looked}"


def _training(appointment: Appointment, by: Staff, today: dt.date) -> Line:
    missing = training_blockers(by, appointment.treatment, today)
    if missing:
        return Line(TRAINING, blockers=missing)
    held = TrainingRecord.objects.valid_on(today).filter(staff=by).order_by("-valid_until").first()
    until = f", until {short_day(held.valid_until)}" if held else ""
    return Line(TRAINING, f"Your mesotherapy training record is valid today{until}.")


def _consent(appointment: Appointment) -> Line:
    given = (
        Consent.objects.in_force()
        .filter(patient=appointment.patient_id, kind=Consent.Kind.TREATMENT)
        .select_related("recorded_by")
        .first()
    )
    if given is None:
        return Line(CONSENT, blockers=consent_blockers(appointment.patient, appointment.treatment))
    version = f"version {given.version}" if given.version else "no version recorded"
    signed = timezone.localtime(given.given_at)
    words = f"Given {short_day(signed.date())}, {signed:%H:%M}, {version}; recorded by {given.recorded_by}."
    if given.sheet_version:
        when = f", {short_day(timezone.localdate(given.sheet_given_at))}" if given.sheet_given_at else ""
        words += f" The sheet of risks given before it: {given.sheet_version}{when}."
    return Line(CONSENT, words)
