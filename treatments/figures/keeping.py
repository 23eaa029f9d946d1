"""The figures kept up with the records: by the worker each minute, or made again from the records altogether.

A month's `counted_at` says until when it agrees with the records. What changed since is seen in the history rows and in
the times of what is only ever added; the months of the sessions concerned are counted again, and all others are known to
agree as well. So a worker that was away for a week finds what changed in that week. What was changed past the operations
leaves no history: `check_figures` finds that, and `rebuild_figures` mends it.
"""

import datetime as dt
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery

from clinic.models import Site
from treatments.figures.counting import as_figures, count_month
from treatments.figures.months import all_months, month_of, zones
from treatments.models import CountedMonth, FollowUp, LotUse, Merge, MonthFigure, Review, Session, SideEffect, SkinCheck
from treatments.models.treatment import Family

# A row's time is taken before its transaction ends; so much further back is looked again, and months counted once more.
OVERLAP = dt.timedelta(minutes=10)
# At one go, in seconds: messages wait behind it.
AT_MOST = 20.0
_CHUNK = 500


def count_due(now: dt.datetime, *, stop: threading.Event | None = None) -> int:
    """Count the months that were never counted, and those whose records changed; returns how many.

    Run each minute, by any number of workers. What there is no time for stays due.
    """
    counted = dict(CountedMonth.objects.values_list("month", "counted_at"))
    wanted = {month for month in all_months(now) if month not in counted}
    if counted:
        wanted |= changed_months(min(counted.values()) - OVERLAP) & counted.keys()
    began, done, of_zones = time.monotonic(), 0, zones()
    # Those that waited longest first, so that none waits for ever; of equals the newest.
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    for month in sorted(wanted, key=lambda one: (counted.get(one, never), -one.toordinal())):
        if time.monotonic() - began > AT_MOST or (stop is not None and stop.is_set()):
            return done
        keep_month(month, of_zones, now)
        done += 1
    CountedMonth.objects.filter(counted_at__lt=now).update(counted_at=now)
    return done


def rebuild(now: dt.datetime, *, since: dt.date | None = None, until: dt.date | None = None) -> list[dt.date]:
    """Every month from `since` to `until` again from the records, oldest first; all of them without. Returns them."""
    known = {*all_months(now), *CountedMonth.objects.values_list("month", flat=True)}
    known |= set(MonthFigure.objects.order_by().values_list("month", flat=True).distinct())
    months = sorted(month for month in known if (since or month) <= month <= (until or month))
    of_zones = zones()
    for month in months:
        keep_month(month, of_zones, now)
    return months


def keep_month(month: dt.date, of_zones: list[str], now: dt.datetime) -> None:
    """Its figures as the records stand. `now` is a time before they are read: what changes meanwhile is seen as later."""
    figures = as_figures(month, count_month(month, of_zones))
    with transaction.atomic():
        # Two workers at one month come one after the other.
        CountedMonth.objects.select_for_update().get_or_create(month=month, defaults={"counted_at": now})
        MonthFigure.objects.filter(month=month).delete()
        MonthFigure.objects.bulk_create(figures, batch_size=_CHUNK)
        CountedMonth.objects.filter(month=month).update(counted_at=now)


def changed_months(since: dt.datetime) -> set[dt.date]:
    """Those of every session that something recorded after `since` is about. Ten statements where little changed."""
    if _clocks_changed(since):
        return set(CountedMonth.objects.values_list("month", flat=True))
    found = {session for row in _concerned(since) for session in row if session is not None}
    return set(_months(sorted(found)))


def _concerned(since: dt.datetime) -> Iterator[tuple[uuid.UUID | None, ...]]:
    """Sessions: those that changed, and the ones before them or before what was added, whose follow-up it is."""
    sessions, effects, uses = (_history(model, since) for model in (Session, SideEffect, LotUse))
    yield from sessions.values_list("id", _before("patient", "started_at"))
    yield from effects.values_list("session_id", _before("patient", "recorded_at"))
    yield from uses.values_list("session_id")
    reviews = Review.objects.filter(recorded_at__gt=since).order_by()
    yield from reviews.values_list(_before("side_effect__patient", "seen_at"))
    follow_ups = FollowUp.objects.filter(asked_at__gt=since).order_by()
    yield from follow_ups.values_list("session_id", _before("patient", "asked_at"))
    checks = SkinCheck.objects.filter(checked_at__gt=since, session=None).order_by()
    yield from checks.values_list(_before("patient", "checked_at"))
    # Rare, and everything of the two may be another's now.
    merges = Merge.objects.filter(Q(at__gt=since) | Q(undone_at__gt=since)).order_by()
    for name in ("kept", "merged"):
        yield from Session.objects.filter(patient__in=merges.values(name)).order_by().values_list("pk")


def _before(patient: str, moment: str) -> Subquery:
    """The last mesotherapy of that patient that began by then."""
    sessions = Session.objects.standing().filter(
        family=Family.MESOTHERAPY, patient=OuterRef(patient), started_at__lte=OuterRef(moment)
    )
    # A session's own beginning finds itself; the one before is the second then.
    earlier = sessions.filter(started_at__lt=OuterRef(moment)) if moment == "started_at" else sessions
    return Subquery(earlier.order_by("-started_at").values("pk")[:1])


def _history(model: Any, since: dt.datetime) -> QuerySet[Any, Any]:
    """Every state of the rows that changed: what one was tied to before counts as well."""
    touched = model.history.filter(history_date__gt=since).order_by().values("id")
    rows: QuerySet[Any, Any] = model.history.filter(id__in=touched).order_by().distinct()
    return rows


def _months(sessions: list[uuid.UUID]) -> Iterable[dt.date]:
    """The months that they begin in, and those that they began in before a correction."""
    for start in range(0, len(sessions), _CHUNK):
        chunk = sessions[start : start + _CHUNK]
        then: Any = Session.history
        for rows in (Session.objects.filter(pk__in=chunk), then.filter(id__in=chunk)):
            known = rows.order_by().values_list("started_at", "appointment__site__time_zone").distinct()
            yield from (month_of(began, zone) for began, zone in known)


def _clocks_changed(since: dt.datetime) -> bool:
    """Was a site given another time zone? Then every month may hold other sessions."""
    history: Any = Site.history
    touched = history.filter(history_date__gt=since).values("id")
    rows = history.filter(id__in=touched).order_by().values_list("id", "time_zone").distinct()
    seen = [site for site, _ in rows]
    return len(seen) > len(set(seen))
