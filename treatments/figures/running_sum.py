"""A running sum (CUSUM) of sessions with and without a side effect, in whole numbers, and how long it runs.

Each session with it adds, each without takes away, and the sum is never below nought; at the limit it is called, and begins
again at nought. The two weights are those of Steiner et al. (2000), Monitoring surgical performance using risk-adjusted
cumulative sum charts, Biostatistics 1, 441-452: the logarithm of how much likelier the session is at twice the odds than at
the clinic's own rate. They are rounded to small whole numbers in nearly their proportion, as Reynolds and Stoumbos (1999)
do, A CUSUM chart for monitoring a proportion when inspecting continuously, Journal of Quality Technology 31, 87-108: then
the sum has few values, and the average run length follows from them exactly (Brook and Evans 1972, Biometrika 59, 539-549).
"""

import functools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ODDS = 2.0  # what it is to notice: the odds doubled
# How far the whole numbers may be from the weights' own proportion, as a part of it.
ROUGHLY = 0.05
MOST_TAKEN = 20


@dataclass(frozen=True)
class Scheme:
    """What a session `adds` or `takes`, and the `limit` at which it is called."""

    adds: int
    takes: int
    limit: int

    def next_sum(self, total: int, had_it: bool) -> int:
        """The sum after one more session."""
        return max(0, total + (self.adds if had_it else -self.takes))

    def sums(self, outcomes: Iterable[bool]) -> Iterator[tuple[int, bool]]:
        """After each session the sum, and whether it was called there: the next one then begins at nought."""
        total = 0
        for had_it in outcomes:
            total = self.next_sum(total, had_it)
            is_called = total >= self.limit
            yield total, is_called
            total = 0 if is_called else total


def doubled(rate: float) -> float:
    """The rate at twice the odds."""
    return ODDS * rate / (1 - rate + ODDS * rate)


def weights(rate: float) -> tuple[int, int]:
    """What a session with it adds, and one without takes away, at a rate between 0 and 1 (neither of them).

    Raises ValueError for any other.
    """
    if not 0 < rate < 1:
        raise ValueError(f"{rate} is no rate between 0 and 1")
    takes = math.log(1 - rate + ODDS * rate)
    proportion = (math.log(ODDS) - takes) / takes
    tried = [(max(1, round(proportion * number)), number) for number in range(1, MOST_TAKEN + 1)]

    def off(pair: tuple[int, int]) -> float:
        return abs(pair[0] / pair[1] / proportion - 1)

    return next((pair for pair in tried if off(pair) <= ROUGHLY), min(tried, key=off))


@functools.lru_cache(maxsize=256)
def scheme_for(rate: float, run_length: int) -> Scheme:
    """The one with the lowest limit that, at an unchanged `rate`, is called by chance no oftener than once in `run_length`."""
    adds, takes = weights(rate)

    def is_enough(limit: int) -> bool:
        return average_run(Scheme(adds, takes, limit), rate) >= run_length

    too_low, enough = 0, adds
    while not is_enough(enough):
        too_low, enough = enough, enough * 2
    while enough - too_low > 1:
        middle = (too_low + enough) // 2
        too_low, enough = (too_low, middle) if is_enough(middle) else (middle, enough)
    return Scheme(adds, takes, enough)


@functools.lru_cache(maxsize=1024)
def average_run(scheme: Scheme, rate: float) -> float:
    """How many sessions it takes on average from nought until it is called, if each has it with probability `rate`.

    The sum is a Markov chain: L(s) = 1 + rate L(s + adds) + (1 - rate) L(max(s - takes, 0)), with L = 0 from the limit on.
    """
    size = scheme.limit
    rows = [_row(total, scheme, rate) for total in range(size)]
    right = [1.0] * size
    # Elimination along a band: every row is heaviest on its diagonal, so nothing need change places.
    for pivot in range(size):
        of_pivot = rows[pivot]
        for below in range(pivot + 1, min(pivot + scheme.takes + 1, size)):
            factor = rows[below].pop(pivot, 0.0) / of_pivot[pivot]
            if factor:
                right[below] -= factor * right[pivot]
                for column, value in of_pivot.items():
                    if column != pivot:
                        rows[below][column] = rows[below].get(column, 0.0) - factor * value
    found = [0.0] * size
    for total in range(size - 1, -1, -1):
        known = sum(value * found[column] for column, value in rows[total].items() if column > total)
        found[total] = (right[total] - known) / rows[total][total]
    return found[0]


def _row(total: int, scheme: Scheme, rate: float) -> dict[int, float]:
    row = {total: 1.0}
    down, up = max(total - scheme.takes, 0), total + scheme.adds
    row[down] = row.get(down, 0.0) - (1 - rate)
    if up < scheme.limit:
        row[up] = row.get(up, 0.0) - rate
    return row
