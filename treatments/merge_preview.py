"""Two records side by side before they become one: what each says, what moves, what is held, and what stands against it."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db.models import Count, Model, Q
from django.utils import timezone

from clinic.refusals import Blocker
from clinic.wording import short_day
from patients.models import Consent, Patient
from treatments.eligibility import BLOCKS
from treatments.models import Appointment, Call, Course, SideEffect, WaitingListEntry
from treatments.models.appointment import Status

KEPT, MERGED = "kept", "merged"
# What the person chooses between, and the columns that go together.
CHOICES: dict[str, tuple[str, ...]] = {
    "name": ("given_name", "family_name"),
    "pronouns": ("pronouns",),
    "date_of_birth": ("date_of_birth",),
    "phone": ("phone",),
    "email": ("email", "wants_messages"),
}
LABELS = {
    "name": "Name",
    "pronouns": "Pronouns",
    "date_of_birth": "Date of birth",
    "phone": "Phone",
    "email": "Email",
}
# What may not be lost is not chosen: both are kept.
JOINED = ("allergies", "alerts")
LONGEST_JOINED = 500
_COUNTED: tuple[tuple[str, type[Model]], ...] = (
    ("Appointments", Appointment),
    ("Side effects", SideEffect),
    ("Consents", Consent),
    ("Courses", Course),
    ("Waiting list", WaitingListEntry),
    ("Calls", Call),
)


@dataclass(frozen=True)
class Detail:
    """One thing both records say. `chosen` is the side that stands unless the person says otherwise."""

    name: str
    label: str
    kept: str
    merged: str
    chosen: str

    @property
    def differs(self) -> bool:
        return self.kept != self.merged


@dataclass(frozen=True)
class Counted:
    label: str
    kept: int
    merged: int


@dataclass(frozen=True)
class Preview:
    """`reasons` stand against the merge; [] means that it can be made. `to_hold` are the appointments it puts on hold."""

    kept: Patient
    merged: Patient
    details: list[Detail]
    allergies: str
    alerts: str
    low_pain_threshold: bool
    counted: list[Counted]
    open_side_effects: list[SideEffect]
    to_hold: list[Appointment]
    reasons: list[Blocker]


def preview_merge(kept: Patient, merged: Patient) -> Preview:
    """Eight statements, however much hangs on either."""
    live = live_of_both(kept, merged)
    open_now = open_of_both(kept, merged)
    return Preview(
        kept=kept,
        merged=merged,
        details=[_detail(name, kept, merged) for name in CHOICES],
        allergies=joined(kept.allergies, merged.allergies),
        alerts=joined(kept.alerts, merged.alerts),
        low_pain_threshold=kept.low_pain_threshold or merged.low_pain_threshold,
        counted=[_counted(label, model, kept, merged) for label, model in _COUNTED],
        open_side_effects=open_now,
        to_hold=to_be_held(live, open_now),
        reasons=reasons_against(live),
    )


def live_of_both(kept: Patient, merged: Patient) -> list[Appointment]:
    live = Appointment.objects.live().filter(patient__in=[kept, merged]).with_people()
    return list(live.order_by("starts_at", "pk"))


def open_of_both(kept: Patient, merged: Patient) -> list[SideEffect]:
    """Kind, onset and whether seen: what everybody at the desk may know."""
    found = SideEffect.objects.open().filter(patient__in=[kept, merged])
    return list(found.only("patient", "kind", "onset_on", "seen_at", "recorded_at").order_by("recorded_at", "pk"))


def to_be_held(live: list[Appointment], open_now: list[SideEffect]) -> list[Appointment]:
    """Booked and arrived ones of either that something open on the other side blocks."""
    families = {family for side_effect in open_now for family in BLOCKS.get(side_effect.kind, ())}
    return [
        appointment
        for appointment in live
        if appointment.status in (Status.BOOKED, Status.ARRIVED) and appointment.treatment.family in families
    ]


def reasons_against(live: list[Appointment]) -> list[Blocker]:
    """One of the two is in session; or both have an appointment at one time, which one person cannot keep."""
    reasons = [
        Blocker(
            "in-session",
            f"{appointment.patient.number} is in session now with {appointment.practitioner}.",
            lifts_when="Finish the session, then merge.",
        )
        for appointment in live
        if appointment.status == Status.IN_PROGRESS
    ]
    by_record = sorted(live, key=lambda appointment: (appointment.patient.number, appointment.starts_at))
    for place, one in enumerate(by_record):
        for other in by_record[place + 1 :]:
            if one.patient_id != other.patient_id and other.starts_at < one.ends_at and one.starts_at < other.ends_at:
                reasons.append(
                    Blocker(
                        "patient-busy",
                        f"Both have an appointment at one time: {_named(one)}, and {_named(other)}.",
                        lifts_when="Move or cancel one of the two, then merge.",
                    )
                )
    return reasons


def joined(one: str, other: str) -> str:
    """Both, once: “latex; lidocaine”. Nothing is left out."""
    if other.casefold() in one.casefold():
        return one
    return other if one.casefold() in other.casefold() else f"{one}; {other}"


def chosen_details(kept: Patient, merged: Patient, choices: Mapping[str, str]) -> dict[str, object]:
    """The columns of the record that stands, by what was chosen. Raises ValidationError by field."""
    for name, side in choices.items():
        if name not in CHOICES or side not in (KEPT, MERGED):
            raise ValidationError({name: "Choose one of the two records."})
    found: dict[str, object] = {}
    for name, columns in CHOICES.items():
        side = choices.get(name, _first_choice(name, kept, merged))
        source = merged if side == MERGED else kept
        found |= {column: getattr(source, column) for column in columns}
    for column in JOINED:
        text = joined(getattr(kept, column), getattr(merged, column))
        if len(text) > LONGEST_JOINED:
            raise ValidationError(
                {column: f"The {column} of both are too long together. Shorten them on one record first."}
            )
        found[column] = text
    found["low_pain_threshold"] = kept.low_pain_threshold or merged.low_pain_threshold
    return found


def _first_choice(name: str, kept: Patient, merged: Patient) -> str:
    """What the kept record says, unless it says nothing."""
    column = CHOICES[name][0]
    return MERGED if getattr(merged, column) and not getattr(kept, column) else KEPT


def _detail(name: str, kept: Patient, merged: Patient) -> Detail:
    return Detail(name, LABELS[name], _said(name, kept), _said(name, merged), _first_choice(name, kept, merged))


def _said(name: str, patient: Patient) -> str:
    if name == "name":
        return str(patient)
    if name == "date_of_birth":
        return f"{patient.date_of_birth:%-d %b %Y}"
    if name == "email" and patient.email:
        return f"{patient.email}, {'wants' if patient.wants_messages else 'no'} messages"
    return str(getattr(patient, name))


def _counted(label: str, model: type[Model], kept: Patient, merged: Patient) -> Counted:
    found = model._default_manager.filter(patient__in=[kept, merged]).aggregate(
        kept=Count("pk", filter=Q(patient=kept)), merged=Count("pk", filter=Q(patient=merged))
    )
    return Counted(label, found["kept"], found["merged"])


def _named(appointment: Appointment) -> str:
    at = timezone.localtime(appointment.starts_at)
    return f"{appointment.patient.number} has {appointment.treatment.name} on {short_day(at.date())} at {at:%H:%M}"
