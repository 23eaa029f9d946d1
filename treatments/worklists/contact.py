"""Who has to be asked, and who could not be told: follow-up after a session, and messages that failed."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from clinic.wording import midnight_before, short_day
from patients.models import Patient
from treatments.models import Closure, FollowUp, Message, Review, Session, SideEffect, SkinCheck
from treatments.models.treatment import Family
from treatments.worklists.rows import FOLLOW_UP, Row

# The clinic asks from the second day after a mesotherapy, within the week [P].
ASK_AFTER = dt.timedelta(days=2)
ASK_WITHIN = dt.timedelta(days=7)
EVERYBODY = 1_000_000_000


def follow_up(now: dt.datetime) -> list[Row]:
    """Finished mesotherapies from two days ago on, with nothing recorded since: nobody has asked. Oldest first.

    After the week a row stays, as overdue. A session that was begun on an earlier day and never finished stands here
    too, for nobody would be asked to ask. One statement; nothing clinical of the session is fetched.
    """
    unfinished = Session.objects.standing().filter(finished_at=None, started_at__lt=midnight_before(now))
    waits = awaiting_follow_up(now).order_by().values("pk").union(unfinished.order_by().values("pk"))
    found = Session.objects.filter(pk__in=waits).select_related("patient", "appointment__treatment")
    shown = found.order_by("started_at", "pk").only(
        "patient", "family", "started_at", "finished_at", "appointment__treatment__name", *_patient_fields("patient")
    )
    today = timezone.localdate(now)
    return [_follow_up_row(session, today) if session.finished_at else _unfinished_row(session) for session in shown]


def _patient_fields(of: str) -> list[str]:
    return [f"{of}__{name}" for name in ("given_name", "family_name", "phone", "number")]


def awaiting_follow_up(now: dt.datetime) -> QuerySet[Session]:
    """The newest finished mesotherapy of each patient, where nothing was recorded since it began and nobody asked."""
    # A session entered in error was not this patient's: nobody asks after it, and it answers nothing.
    treated = Session.objects.standing().filter(family=Family.MESOTHERAPY)
    # One look into an index for each patient, rather than one for each session of ten years.
    newest = treated.filter(patient=OuterRef("pk")).order_by("-started_at")
    since, own = OuterRef("treated_at"), {"patient": OuterRef("pk")}
    waiting = Patient.objects.annotate(treated_at=Subquery(newest.values("started_at")[:1])).exclude(
        Q(Exists(FollowUp.objects.filter(asked_at__gte=since, **own)))
        # One that was struck through, as another patient's perhaps, says nothing of this one.
        | Q(Exists(SideEffect.objects.filter(recorded_at__gte=since, error_at=None, **own)))
        | Q(Exists(Review.objects.filter(side_effect__patient=OuterRef("pk"), recorded_at__gte=since)))
        | Q(Exists(Closure.objects.filter(worklist=FOLLOW_UP, closed_at__gte=since, **own)))
    )
    # In the order of the indexes it looks into, which is quicker by a third; only a slice keeps an order.
    sessions = waiting.order_by("pk").values_list(Subquery(newest.values("pk")[:1]))[:EVERYBODY]
    # The skin check that the session began with is no answer to how it went.
    checked = SkinCheck.objects.filter(
        patient=OuterRef("patient"), checked_at__gte=OuterRef("started_at"), session__error_at=None
    ).exclude(session=OuterRef("pk"))
    return Session.objects.filter(
        pk__in=sessions, finished_at__lt=midnight_before(now) - ASK_AFTER + dt.timedelta(days=1)
    ).exclude(Exists(checked))


def _follow_up_row(session: Session, today: dt.date) -> Row:
    treated_on = timezone.localdate(session.finished_at)
    due = treated_on + ASK_AFTER
    overdue = today > treated_on + ASK_WITHIN
    asked = "the week has passed and nobody has asked" if overdue else "nobody has asked yet"
    return Row(
        patient=session.patient,
        session=session,
        why=f"{session.appointment.treatment} on {short_day(treated_on)}; {asked}.",
        since=treated_on,
        next_step="Call and ask about side effects, bruising above all.",
        due=due,
        overdue=overdue,
    )


def _unfinished_row(session: Session) -> Row:
    begun_on = timezone.localdate(session.started_at)
    asks = ", then ask" if session.family == Family.MESOTHERAPY else ""
    return Row(
        patient=session.patient,
        session=session,
        why=f"{session.appointment.treatment} begun on {short_day(begun_on)} was never finished.",
        since=begun_on,
        next_step=f"A practitioner finishes the record{asks}.",
    )


def call_back(now: dt.datetime) -> list[Row]:
    """Messages that failed for good and that nobody has dealt with, oldest first."""
    found = (
        Message.objects.to_call_back()
        .filter(patient__merged_into=None)
        .select_related("patient", "appointment__treatment")
        .defer("body")
        .order_by("created_at", "pk")
    )
    return [_call_back_row(message, now) for message in found]


def _call_back_row(message: Message, now: dt.datetime) -> Row:
    start = timezone.localtime(message.about_starts_at)
    about = f"{message.appointment.treatment} on {short_day(start.date())}, {start:%H:%M}"
    problem = f": {message.problem.rstrip('.')}" if message.problem else ""
    passed = message.about_starts_at < now
    return Row(
        patient=message.patient,
        message=message,
        why=f"{message.get_kind_display()}: the message about {about} could not be sent{problem}.",
        since=timezone.localdate(message.created_at),
        next_step="Its time has passed: close it." if passed else "Call instead, and check the email address.",
    )
