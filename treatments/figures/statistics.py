"""Intervals and limits for rates of sessions: a few lines of the standard library instead of a package of 100 MB.

Held in tests against scipy and against published examples (docs/decisions/0013-figures.md).
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist

# Under so many sessions only the number is shown: an interval would reach from almost none to half of them.
FEWEST = 20
Z_95 = NormalDist().inv_cdf(0.975)
# The funnel's lines, as quantiles of the binomial distribution: 95 % lie between the inner two, 99.8 % between the outer.
LOWER_OUTER, LOWER, UPPER, UPPER_OUTER = 0.001, 0.025, 0.975, 0.999
QUANTILES = (LOWER_OUTER, LOWER, UPPER, UPPER_OUTER)


def wilson(count: int, of: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson's score interval for `count` of `of`, as parts of one; by default the 95 % one, without correction.

    Source: Wilson EB, J Am Stat Assoc 1927;22:209-212. Raises ValueError where `of` is 0 or `count` is not among them.
    """
    if of < 1 or not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no rate")
    part, square = count / of, z * z
    middle = (part + square / (2 * of)) / (1 + square / of)
    half = z / (1 + square / of) * math.sqrt(part * (1 - part) / of + square / (4 * of * of))
    # At the ends the interval reaches them exactly; what is computed may miss them by a rounding.
    return (0.0 if count == 0 else middle - half), (1.0 if count == of else middle + half)


@dataclass(frozen=True)
class Limits:
    """Where a rate of `of` sessions lies if only chance makes it differ from the clinic's; parts of one."""

    of: int
    lower_outer: float
    lower: float
    upper: float
    upper_outer: float


def funnel_limits(rate: float, of: int) -> Limits:
    """The exact binomial limits around `rate`, made smooth by interpolation, for `of` sessions.

    Source: Spiegelhalter DJ, Funnel plots for comparing institutional performance, Stat Med 2005;24:1185-1202, A.1.1:
    with r the least number such that P(R <= r) >= p, and a = (P(R <= r) - p) / P(R = r), the limit is (r - a) / n.
    Raises ValueError where there is no rate.
    """
    if of < 1 or not 0 <= rate <= 1:
        raise ValueError(f"{rate} of {of} has no limits")
    if rate in (0.0, 1.0):
        return Limits(of, rate, rate, rate, rate)
    return Limits(of, *(min(max(count / of, 0.0), 1.0) for count in _quantiles(rate, of)))


def _quantiles(rate: float, of: int) -> list[float]:
    """The counts at QUANTILES, interpolated, in one pass over the distribution."""
    found: list[float] = []
    for count, mass, until in _binomial(rate, of):
        while len(found) < len(QUANTILES) and until >= QUANTILES[len(found)]:
            found.append(count - (until - QUANTILES[len(found)]) / mass)
        if len(found) == len(QUANTILES):
            break
    return found


def _binomial(rate: float, of: int) -> Iterator[tuple[int, float, float]]:
    """(r, P(R = r), P(R <= r)) from where the distribution begins to matter.

    Nine standard deviations and a few below the mean nothing is left that a double could hold beside 0.001.
    """
    begin = max(0, math.floor(of * rate - 9 * math.sqrt(of * rate * (1 - rate)) - 9))
    logarithm = (
        math.lgamma(of + 1)
        - math.lgamma(begin + 1)
        - math.lgamma(of - begin + 1)
        + begin * math.log(rate)
        + (of - begin) * math.log1p(-rate)
    )
    mass, until = math.exp(logarithm), 0.0
    for count in range(begin, of + 1):
        until += mass
        yield count, mass, until
        mass *= (of - count) / (count + 1) * rate / (1 - rate)


def funnel_sizes(largest: int, *, at_most: int = 60) -> Sequence[int]:
    """The numbers of sessions at which the limits are drawn: from FEWEST to `largest`, closer where the lines bend."""
    if largest <= FEWEST:
        return [FEWEST, FEWEST + 1]
    steps = min(at_most, largest - FEWEST)
    grow = (largest / FEWEST) ** (1 / steps)
    return sorted({min(round(FEWEST * grow**step), largest) for step in range(steps + 1)} | {largest})
