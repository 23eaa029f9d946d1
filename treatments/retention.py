"""Records whose last entry is older than the clinic keeps them for: shown, and left alone. Allclear deletes none by itself."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.http import QueryDict
from django.utils import timezone

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from patients.models import Patient
from treatments.models import Appointment, Review, SideEffect


def older_than(now: dt.datetime) -> dt.datetime:
    """The moment before which an entry is older than RETENTION_YEARS; the 29th of February counts as the 28th."""
    local = timezone.localtime(now)
    year = local.year - settings.RETENTION_YEARS
    try:
        return local.replace(year=year)
    except ValueError:
        return local.replace(year=year, day=28)


def past_retention(staff: Staff, now: dt.datetime) -> QuerySet[Patient]:
    """In the order of names, each with `last_entry_at`: the newest of appointment, side effect and look, else registration."""
    since = older_than(now)
    own = {"patient": OuterRef("pk")}
    newest = Appointment.objects.filter(**own).order_by().values("patient").annotate(at=Max("starts_at")).values("at")
    return (
        Patient.objects.visible_to(staff)
        .current()
        .filter(
            ~Exists(Appointment.objects.filter(**own, starts_at__gte=since)),
            ~Exists(SideEffect.objects.filter(**own, recorded_at__gte=since)),
            ~Exists(Review.objects.filter(side_effect__patient=OuterRef("pk"), seen_at__gte=since)),
            created_at__lt=since,
        )
        .annotate(last_visit_at=Subquery(newest[:1]))
        .order_by("family_name", "given_name", "number")
    )


def _rows(staff: Staff, query: QueryDict) -> Iterator[Row]:
    for one in past_retention(staff, timezone.now()).iterator(chunk_size=500):
        yield (
            one.number,
            one.family_name,
            one.given_name,
            one.date_of_birth,
            getattr(one, "last_visit_at", None),
            one.contact_erased_at,
        )


RETENTION = ListExport(
    code="retention",
    title="Records past retention",
    permission="erase-contact-data",
    columns=("Record number", "Family name", "Given name", "Born", "Last appointment", "Contact data erased"),
    rows=_rows,
    count=lambda staff, query: None,
    filter_words=lambda staff, query: f"Nothing for {settings.RETENTION_YEARS} years",
)
