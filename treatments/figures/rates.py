"""Rates of sessions, read from the month figures: for a page or a file, in a few statements however long the clinic is open."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from django.db.models import Min, QuerySet, Sum

from clinic.models import Site, Staff
from treatments.figures.filter import BY_MONTH, Asked
from treatments.figures.months import months_between
from treatments.figures.statistics import FEWEST, wilson
from treatments.models import CountedMonth, Lot, MonthFigure, Product, Treatment
from treatments.models.figure import Divided
from treatments.models.side_effect import BodySite


@dataclass(frozen=True)
class Rate:
    """`having` of `sessions` had the side effect, and after `followed_up` of them somebody looked or asked."""

    sessions: int
    having: int
    followed_up: int

    @property
    def is_shown(self) -> bool:
        """Of fewer only the number is shown."""
        return self.sessions >= FEWEST

    @property
    def per_100(self) -> float:
        return 100 * self.having / self.sessions

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95 % interval, per 100 sessions."""
        low, high = wilson(self.having, self.sessions)
        return 100 * low, 100 * high

    @property
    def low(self) -> float:
        return self.interval[0]

    @property
    def high(self) -> float:
        return self.interval[1]

    @property
    def followed_per_100(self) -> float:
        return 100 * self.followed_up / self.sessions


@dataclass(frozen=True)
class Row:
    """`value` is what it is divided by; `note` what has to be known of it: no longer active, a local anaesthetic."""

    value: str
    name: str
    rate: Rate
    note: str = ""


NONE = Rate(0, 0, 0)


def counted_at() -> dt.datetime | None:
    """Until when all months agree with the records; None before anything was counted."""
    oldest: dt.datetime | None = CountedMonth.objects.aggregate(oldest=Min("counted_at"))["oldest"]
    return oldest


def of_the_clinic(asked: Asked) -> Rate:
    sums = _figures(asked, Divided.ALL).aggregate(**_sums(asked.kind))
    return Rate(*(sums[name] or 0 for name in _sums(asked.kind)))


def rows(asked: Asked) -> list[Row]:
    """By month in their order, else by name; never by rate."""
    return by_month(asked) if asked.by == BY_MONTH else by_name(asked, asked.by)


def by_month(asked: Asked) -> list[Row]:
    """Every month from the first that was ever counted on, those without a session too."""
    first = CountedMonth.objects.aggregate(first=Min("month"))["first"]
    if first is None:
        return []
    found = {
        month: Rate(*of) for month, *of in _figures(asked, Divided.ALL).values_list("month", *_columns(asked.kind))
    }
    months = months_between(max(first, asked.since), asked.until)
    return [Row(f"{month:%Y-%m}", f"{month:%b %Y}", found.get(month, NONE)) for month in months]


def by_name(asked: Asked, divided: str) -> list[Row]:
    """Two statements: the sums, and the names."""
    sums = _figures(asked, divided).values_list("value").annotate(**_sums(asked.kind)).order_by()
    found = {value: Rate(*of) for value, *of in sums}
    names = _NAMES[divided](found)
    made = [_row(value, rate, names) for value, rate in found.items()]
    return sorted(made, key=lambda row: (row.name.casefold(), row.value))


def _row(value: str, rate: Rate, names: Mapping[str, tuple[str, str]]) -> Row:
    name, note = names.get(value, ("Not known any more", ""))
    return Row(value, name, rate, note)


# --- What the months are asked ----------------------------------------------------------------------------------------
def _columns(kind: str) -> tuple[str, str, str]:
    return "sessions", kind, "followed_up"


def _sums(kind: str) -> dict[str, Sum]:
    return {f"sum_{name}": Sum(name) for name in _columns(kind)}


def _figures(asked: Asked, divided: str) -> QuerySet[MonthFigure]:
    return MonthFigure.objects.filter(divided=divided, month__gte=asked.since, month__lte=asked.until).order_by("month")


Names = Mapping[str, tuple[str, str]]


def _ids(values: Collection[str]) -> list[uuid.UUID]:
    return [uuid.UUID(value) for value in values]


def _treatments(values: Collection[str]) -> Names:
    found = Treatment.objects.filter(pk__in=_ids(values)).values_list("pk", "name", "is_active")
    return {str(pk): (name, "" if active else "no longer offered") for pk, name, active in found}


def _people(values: Collection[str]) -> Names:
    found = Staff.objects.filter(pk__in=_ids(values)).values_list("pk", "name", "is_active")
    return {str(pk): (name, "" if active else "no longer here") for pk, name, active in found}


def _sites(values: Collection[str]) -> Names:
    found = Site.objects.filter(pk__in=_ids(values)).values_list("pk", "name", "is_active")
    return {str(pk): (name, "" if active else "closed") for pk, name, active in found}


def _products(values: Collection[str]) -> Names:
    found = Product.objects.filter(pk__in=_ids(values)).values_list("pk", "name", "use")
    return {str(pk): (name, _use(use)) for pk, name, use in found}


def _lots(values: Collection[str]) -> Names:
    found = Lot.objects.filter(pk__in=_ids(values)).values_list("pk", "product__name", "number", "product__use")
    return {str(pk): (f"{product}, lot {number}", _use(use)) for pk, product, number, use in found}


def _use(use: str) -> str:
    return "local anaesthetic" if use == Product.Use.ANAESTHETIC else ""


def _body_sites(values: Collection[str]) -> Names:
    return {value: (BodySite(value).label, "") for value in values if value in BodySite.values}


_NAMES: dict[str, Callable[[Collection[str]], Names]] = {
    Divided.TREATMENT: _treatments,
    Divided.PRACTITIONER: _people,
    Divided.CLINIC_SITE: _sites,
    Divided.PRODUCT: _products,
    Divided.LOT: _lots,
    Divided.BODY_SITE: _body_sites,
}
