"""The figures as files: what the pages show, as filtered."""

from collections.abc import Iterable

from django.http import QueryDict

from clinic.list_exports import ListExport, Row
from clinic.models import Staff
from treatments.figures.filter import FigureFilter
from treatments.figures.pages import Placed, practitioners
from treatments.figures.rates import Rate, of_the_clinic, rows

COLUMNS = ("Sessions", "With it", "Per 100 sessions", "95 % from", "95 % to", "Followed up", "Followed up, per 100")
LIMITS = ("95 % limits from", "95 % limits to", "99.8 % limits from", "99.8 % limits to")


def _cells(rate: Rate) -> tuple[object, ...]:
    if not rate.is_shown:
        return rate.sessions, rate.having, None, None, None, rate.followed_up, None
    return (
        rate.sessions, rate.having, round(rate.per_100, 2), round(rate.low, 2), round(rate.high, 2),
        rate.followed_up, round(rate.followed_per_100, 1),
    )  # fmt: skip


def _rows(staff: Staff, query: QueryDict) -> Iterable[Row]:
    asked = FigureFilter(query).asked()
    yield ("The whole clinic", "", *_cells(of_the_clinic(asked)))
    for row in rows(asked):
        yield (row.name, row.note, *_cells(row.rate))


def _of_practitioners(staff: Staff, query: QueryDict) -> Iterable[Row]:
    asked = FigureFilter(query).asked()
    clinic = of_the_clinic(asked)
    yield ("The whole clinic", "", *_cells(clinic), *[None] * len(LIMITS), "")
    for one in practitioners(asked, clinic):
        yield (
            one.row.name,
            one.row.note,
            *_cells(one.row.rate),
            *_limits(one),
            one.where or ("within the limits" if one.limits else ""),
        )


def _limits(one: Placed) -> tuple[object, ...]:
    if one.limits is None:
        return (None,) * len(LIMITS)
    ends = one.lower_per_100, one.upper_per_100, one.lower_outer_per_100, one.upper_outer_per_100
    return tuple(round(end, 2) for end in ends)


def _count(staff: Staff, query: QueryDict) -> int:
    return sum(1 for _ in _rows(staff, query))  # a few dozen at most


def _count_practitioners(staff: Staff, query: QueryDict) -> int:
    return sum(1 for _ in _of_practitioners(staff, query))


def _words(staff: Staff, query: QueryDict) -> str:
    return FigureFilter(query).asked().words


FIGURES = ListExport(
    "figures", "Side effects per 100 sessions", "read-figures", ("Of", "Note", *COLUMNS), _rows, _count, _words
)
FIGURES_PRACTITIONERS = ListExport(
    "figures-practitioners", "Side effects and practitioners", "read-figures",
    ("Practitioner", "Note", *COLUMNS, *LIMITS, "Beside the limits"), _of_practitioners, _count_practitioners,
    lambda staff, query: FigureFilter(query).asked().words.replace(" by month", ""),
)  # fmt: skip
