"""Is the whole still sound? Each check in turn by the clock, what it found kept, and the newest of each for the manager."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from clinic import audit_chain
from clinic.models import IntegrityCheck
from treatments.figures import checking
from treatments.photo_check import check_photos
from treatments.rule_check import rule_breaches

Name = IntegrityCheck.Name
LONGEST_WORDS = 1000


def _photos() -> list[str]:
    found = check_photos()
    return [
        *(f"missing {name} (photo {photo})" for name, photo in found.missing),
        *(f"changed {name} (photo {photo})" for name, photo in found.changed),
        *(f"incomplete (photo {photo})" for photo in found.incomplete),
        *(f"orphan {name}" for name in found.orphans),
    ]


def _audit() -> list[str]:
    return list(audit_chain.faults())


# What each check asks, and how old its answer may become before it is asked again. Photos are read from end to end.
CHECKS: dict[str, tuple[Callable[[], list[str]], dt.timedelta]] = {
    Name.RULE: (rule_breaches, dt.timedelta(hours=1)),
    Name.PHOTOS: (_photos, dt.timedelta(days=1)),
    Name.AUDIT: (_audit, dt.timedelta(days=1)),
    Name.FIGURES: (checking.differences, dt.timedelta(days=1)),
}
# A backup is noted by whoever makes it (`manage.py note_backup`), from a machine of its own.
BACKUP_EVERY = dt.timedelta(days=1)
# A check that is due runs within the hour; after that something stands still.
GRACE = dt.timedelta(hours=2)
KEPT_FOR = dt.timedelta(days=90)
HOW_TO_LOOK = {
    Name.RULE: "manage.py check_rule",
    Name.PHOTOS: "manage.py check_photos",
    Name.AUDIT: "manage.py check_audit",
    Name.FIGURES: "manage.py check_figures",
    Name.BACKUP: "manage.py note_backup, at the end of the script that makes the backup",
}


@dataclass(frozen=True)
class Standing:
    """What one check last said; `last` is None where it never ran."""

    name: str
    title: str
    last: IntegrityCheck | None
    is_late: bool
    how: str

    @property
    def is_well(self) -> bool:
        return self.last is not None and not self.last.found and not self.is_late


def run_check(name: str, *, now: dt.datetime | None = None) -> IntegrityCheck:
    """Ask now, and keep what was found: how many faults, and the first of them."""
    ask, _ = CHECKS[name]
    found = ask()
    words = "\n".join(found)[:LONGEST_WORDS]
    return IntegrityCheck.objects.create(name=name, found=len(found), words=words, at=now or timezone.now())


def run_due_checks(now: dt.datetime) -> int:
    """Those whose last answer is too old. However many workers ask, one of them runs each. Returns how many ran."""
    newest, ran = _newest(), 0
    IntegrityCheck.objects.filter(at__lt=now - KEPT_FOR).exclude(pk__in=[one.pk for one in newest.values()]).delete()
    for name, (_, every) in CHECKS.items():
        last = newest.get(name)
        if last is not None and last.at > now - every:
            continue
        if cache.add(f"integrity-{name}", True, timeout=int(every.total_seconds() / 2)):
            run_check(name, now=now)
            ran += 1
    return ran


def note_backup(*, found: int = 0, words: str = "", now: dt.datetime | None = None) -> IntegrityCheck:
    """A backup was made, or failed (`found` is then at least 1)."""
    return IntegrityCheck.objects.create(
        name=Name.BACKUP, found=found, words=words[:LONGEST_WORDS], at=now or timezone.now()
    )


def standing(now: dt.datetime | None = None) -> list[Standing]:
    """Each check with its newest answer, in one statement."""
    now = now or timezone.now()
    newest = _newest()
    every = {name: period for name, (_, period) in CHECKS.items()} | {Name.BACKUP: BACKUP_EVERY}
    return [
        Standing(
            name, Name(name).label, last, last is not None and last.at < now - period - GRACE, HOW_TO_LOOK[Name(name)]
        )
        for name, period in every.items()
        for last in [newest.get(name)]
    ]


def _newest() -> dict[str, IntegrityCheck]:
    of_its_name = IntegrityCheck.objects.filter(name=OuterRef("name")).order_by("-at", "-pk")
    return {one.name: one for one in IntegrityCheck.objects.filter(pk=Subquery(of_its_name.values("pk")[:1]))}
