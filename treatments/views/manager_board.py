"""What a manager finds on a Monday: what is overdue, what was refused, what went wrong, and whether the whole is sound.

Each card counts its rows, shows the first few, and leads to the list they stand on.
"""

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone

from clinic.filter_forms import Days
from clinic.models import Refusal, Staff
from clinic.wording import days, midnight_before, short_day
from treatments.integrity import Name, standing
from treatments.models import Alert, Session, SideEffect
from treatments.models.side_effect import Kind
from treatments.record_filters import OPEN, SIDE_EFFECTS, UNSIGNED
from treatments.refusal_words import refused_words
from treatments.training import lapsing_soon
from treatments.unusual import KINDS, unusual
from treatments.views.worklists import Worklist

TOP = 4
LATELY = dt.timedelta(days=30)
WEEK = dt.timedelta(days=7)
# A session still open after this is a record that nobody has signed.
SIGNED_WITHIN = dt.timedelta(hours=24)


@dataclass(frozen=True)
class Line:
    words: str
    detail: str = ""
    link: str = ""
    urgent: bool = False


@dataclass(frozen=True)
class Card:
    """`count` is of all there are, `lines` the first of them. `link` leads to the whole list."""

    code: str
    title: str
    count: int
    nothing: str
    lines: Sequence[Line] = field(default_factory=list)
    link: str = ""
    link_words: str = ""
    colour: str = "due"


def board(staff: Staff, lists: Sequence[Worklist], now: dt.datetime) -> list[Card]:
    """The cards for somebody who reads the trail, in a fixed number of statements."""
    by_code = {one.code: one for one in lists}
    return [
        _alerts(staff),
        _infections(staff, now),
        _overdue(by_code["review-due"], now),
        _oldest_holds(by_code["on-hold"], now),
        _went_wrong(staff, now),
        _refused(staff, now),
        _unsigned(staff, now),
        _training(now),
        _failed_messages(by_code["call-back"]),
        _sound(now),
    ]


def _alerts(staff: Staff) -> Card:
    found = list(Alert.objects.visible_to(staff).waiting().order_by("raised_at"))
    lines = [Line(one.get_kind_display(), "", reverse("alert", args=[one.pk]), urgent=True) for one in found[:TOP]]
    nothing = "Nothing waits to be looked into."
    return Card("alerts", "Alerts", len(found), nothing, lines, reverse("alerts"), "All alerts", "urgent")


def _training(now: dt.datetime) -> Card:
    found = lapsing_soon(now)
    lines = [
        Line(
            one.staff.name,
            f"{'lapsed' if one.has_lapsed else 'until'} {short_day(one.until)}",
            reverse("person", args=[one.staff.pk]),
            one.has_lapsed,
        )
        for one in found[:TOP]
    ]
    link = f"{reverse('people')}?{urlencode({'training': 'lapsing'})}"
    return Card("training", "Training about to lapse", len(found), "None lapses soon.", lines, link, "Show them")


def _infections(staff: Staff, now: dt.datetime) -> Card:
    found = SideEffect.objects.visible_to(staff).open().filter(kind=Kind.INFECTION).select_related("patient")
    rows = list(found.order_by("recorded_at"))
    lines = [
        Line(str(row.patient), _since(row.recorded_at, now), reverse("side-effect", args=[row.pk]), urgent=True)
        for row in rows[:TOP]
    ]
    # Not the reviews that are due: one that was looked at, and whose next look is booked, waits for nobody and is open.
    asked = {"what": SIDE_EFFECTS, "kind": Kind.INFECTION.value, "state": OPEN}
    link = f"{reverse('records')}?{urlencode(asked)}"
    return Card(
        "infections", "Suspected infections, open", len(rows), "None is open.", lines, link, "All open ones", "urgent"
    )


def _overdue(reviews: Worklist, now: dt.datetime) -> Card:
    """Those whose day has passed; an infection is late from the day it is told of."""
    today = timezone.localdate(now)
    rows = [one.row for one in reviews.entries if one.row.urgent or (one.row.due is not None and one.row.due < today)]
    lines = [Line(str(row.patient), row.why, reverse("chart", args=[row.patient.pk]), row.urgent) for row in rows[:TOP]]
    link = f"{reverse('worklists')}?list=review-due"
    return Card("overdue", "Reviews overdue", len(rows), "No review is overdue.", lines, link, "All reviews due")


def _oldest_holds(holds: Worklist, now: dt.datetime) -> Card:
    rows = sorted((entry.row for entry in holds.entries), key=lambda row: row.since)
    today = timezone.localdate(now)
    lines = [
        Line(str(row.patient), f"held for {days((today - row.since).days)}", reverse("chart", args=[row.patient.pk]))
        for row in rows[:TOP]
    ]
    link = f"{reverse('worklists')}?list=on-hold"
    return Card(
        "holds", "On hold, the oldest first", len(rows), "Nothing is on hold.", lines, link, "All holds", "bruise"
    )


def _went_wrong(staff: Staff, now: dt.datetime) -> Card:
    since = timezone.localdate(now - LATELY)
    counts = Counter(kind for kind, *_ in unusual(staff, days=Days(since)).iterator())
    lines = [
        Line(f"{KINDS[kind]}: {counts[kind]}", "", f"{reverse('unusual')}?{urlencode({'kind': kind, 'since': since})}")
        for kind in KINDS
        if kind in counts
    ]
    link = f"{reverse('unusual')}?{urlencode({'since': since})}"
    return Card("unusual", "Unusual, last 30 days", counts.total(), "Nothing unusual.", lines, link, "Show them")


def _refused(staff: Staff, now: dt.datetime) -> Card:
    since = midnight_before(now) - WEEK
    found = Refusal.objects.visible_to(staff).filter(at__gte=since).order_by()
    counts = list(found.values_list("code").annotate(how_many=Count("pk")).order_by("-how_many", "code"))
    day = timezone.localdate(since)
    lines = [
        Line(
            f"Because {refused_words(code)}: {how_many}",
            "",
            f"{reverse('refusals')}?{urlencode({'code': code, 'since': day})}",
        )
        for code, how_many in counts[:TOP]
    ]
    total = sum(how_many for _, how_many in counts)
    link = f"{reverse('refusals')}?{urlencode({'since': day})}"
    return Card(
        "refused",
        "Refused, last 7 days",
        total,
        "Nothing was refused.",
        lines,
        link,
        "And what became of them",
        "bruise",
    )


def _unsigned(staff: Staff, now: dt.datetime) -> Card:
    found = Session.objects.visible_to(staff).standing().filter(finished_at=None, started_at__lt=now - SIGNED_WITHIN)
    lines = [
        Line(
            f"{row.practitioner.name}, {short_day(timezone.localdate(row.started_at))}",
            str(row.patient),
            reverse("session", args=[row.pk]),
        )
        for row in found.select_related("patient", "practitioner").order_by("started_at")[:TOP]
    ]
    link = f"{reverse('records')}?{urlencode({'state': UNSIGNED})}"
    return Card(
        "unsigned",
        "Sessions not signed after a day",
        found.count(),
        "All are signed.",
        lines,
        link,
        "Records to review",
    )


def _failed_messages(back: Worklist) -> Card:
    rows = [entry.row for entry in back.entries]
    lines = [Line(str(row.patient), row.why, reverse("chart", args=[row.patient.pk])) for row in rows[:TOP]]
    link = f"{reverse('worklists')}?list=call-back"
    return Card("messages", "Messages that failed", len(rows), "None has failed.", lines, link, "Call them back")


def _sound(now: dt.datetime) -> Card:
    checks = standing(now)
    lines = [
        Line(
            one.title,
            "never checked" if one.last is None else f"{_found(one.name, one.last.found)}, {_since(one.last.at, now)}",
            reverse("integrity"),
            urgent=one.last is not None and one.last.found > 0,
        )
        for one in checks
    ]
    unwell = sum(not one.is_well for one in checks)
    return Card("sound", "Is everything sound?", unwell, "", lines, reverse("integrity"), "Look closer", "urgent")


def _found(name: str, count: int) -> str:
    if name == Name.BACKUP:
        return "failed" if count else "made"
    return f"{count} found" if count else "nothing found"


def _since(at: dt.datetime, now: dt.datetime) -> str:
    gone = (timezone.localdate(now) - timezone.localdate(at)).days
    return f"today {timezone.localtime(at):%H:%M}" if gone <= 0 else f"{days(gone)} ago"
