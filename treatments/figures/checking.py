"""Do the figures agree with the records? Counted again and compared, cell by cell."""

import datetime as dt

from django.utils import timezone

from treatments.figures.counting import COLUMNS, Counts, count_month
from treatments.figures.keeping import changed_months
from treatments.figures.months import all_months, zones
from treatments.models import CountedMonth, MonthFigure

_NOTHING = dict.fromkeys(COLUMNS, 0)


def differences(*, now: dt.datetime | None = None) -> list[str]:
    """A sentence for each month and cell that differs; [] when the figures stand. It changes nothing.

    A month whose records changed since it was counted is still the worker's to count, and not compared.
    """
    now = now or timezone.now()
    counted = dict(CountedMonth.objects.values_list("month", "counted_at"))
    stored = _stored()
    of_zones = zones()
    found: list[str] = []
    for month in sorted({*counted, *stored, *all_months(now)[:-1]}):
        if month not in counted:
            found.append(f"{month:%Y-%m}: never counted")
        else:
            found += _compared(month, stored.get(month, {}), count_month(month, of_zones))
    waiting = changed_months(min(counted.values())) if found and counted else set()
    return [said for said in found if dt.date.fromisoformat(f"{said[:7]}-01") not in waiting]


def _stored() -> dict[dt.date, Counts]:
    months: dict[dt.date, Counts] = {}
    for month, divided, value, *numbers in MonthFigure.objects.values_list("month", "divided", "value", *COLUMNS):
        months.setdefault(month, {})[divided, value] = dict(zip(COLUMNS, numbers, strict=True))
    return months


def _compared(month: dt.date, stored: Counts, records: Counts) -> list[str]:
    found = []
    for cell in sorted({*stored, *records}):
        stands, should = stored.get(cell, _NOTHING), records.get(cell, _NOTHING)
        wrong = [f"{name} {stands[name]}, not {should[name]}" for name in COLUMNS if stands[name] != should[name]]
        if wrong:
            found.append(f"{month:%Y-%m} {' '.join(filter(None, cell))}: {'; '.join(wrong)}")
    return found
