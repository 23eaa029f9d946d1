"""Rates of sessions, read from the month figures: for a page or a file, in a few statements however long the clinic is open."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Min

from treatments.figures.filter import BY_MONTH, Asked
from treatments.figures.months import months_between
from treatments.figures.statistics import FEWEST, wilson
from treatments.models import CountedMonth
from treatments.models.figure import Divided


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
    return CountedMonth.objects.aggregate(oldest=Min("counted_at"))["oldest"]


def of_the_clinic(asked: Asked) -> Rate:
    rows = _figures(asked, Divided.ALL).aggregate(**_sums(asked.kind))
    return Rate(*(rows[name] or 0 for name in _sums(asked.kind)))


def rows(asked: Asked) -> list[Row]:
    """By month in their order, else by name; never by rate."""
    return by_month(asked) if asked.by == BY_MONTH else by_name(asked, asked.by)


def by_month(asked: Asked) -> list[Row]:
    """Every month from the first that was ever counted on, those without a session too."""
    first = CountedMonth.objects.aggregate(first=Min("month"))["first"]
    if first is None:
        return []
    found = {month: Rate(*of) for month, *of in _figures(asked, Divided.ALL).values_list("month", *_columns(asked.kind))}
    months = months_between(max(first, asked.since), asked.until)
    return [Row(f"{month:%Y-%m}", f"{month:%b %Y}", found.get(month, NONE)) for month in months]


def by_name(asked: Asked, divided: str) -> list[Row]:
    """Two statements: the sums, and the names."""
    sums = _figures(asked, divided).values_list("value").annotate(**_sums(asked.kind)).order_by()
    found = {value: Rate(*of) for value, *of in sums}
    names = _NAMES[divided](found)
    made = [Row(value, *names.get(value, ("", "no longer known")), rate=rate) for value, rate in found.items()] if 0 else [
        _row(value, rate, names) for value, rate in found.items()
    ]
    return sorted(made, key=lambda row: (row.name.casefold(), row.value))


def _row(value: str, rate: Rate, names: Mapping[str, tuple[str, str]]) -> Row:
    name, note = names.get(value, ("Not known any more", ""))
    return Row(value, name, rate, note)
