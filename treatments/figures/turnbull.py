"""How long until half were gone, when each look only brackets the day: Turnbull's estimate, in plain Python.

B. W. Turnbull (1976), The empirical distribution function with arbitrarily grouped, censored and truncated data, Journal of
the Royal Statistical Society B 38, 290-295. Tests hold it against lifelines and on published data.
"""

import itertools
import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

# (after, until]: not gone yet on the first day, gone on the second; None where it was never found gone.
Bracket = tuple[int, int | None]

# How far from the greatest likelihood it may stop, as a share of the logarithm for one bruise; and it stops.
TOLERANCE = 1e-8
MOST_ROUNDS = 10_000
_CLOSE = 1e-6


@dataclass(frozen=True)
class Step:
    """Between the end of `after` and the end of `until` the estimate does not say when; by then `gone` of all were gone."""

    after: int
    until: int
    gone: float


@dataclass(frozen=True)
class Estimate:
    """`steps` in order. They end below 1 where the last ones were never found gone: after `known_until` nothing is known."""

    steps: tuple[Step, ...]
    known_until: int | None = None
    rounds: int = 0
    is_exact: bool = True

    def gone_by(self, day: int) -> tuple[float, float]:
        """Between which two parts of all lies what was gone by the end of `day`."""
        low = 0.0
        for step in self.steps:
            if step.until > day:
                return low, step.gone if step.after < day else low
            low = step.gone
        return low, 1.0 if self.known_until is not None and self.known_until < day else low

    def half(self) -> Step | None:
        """The step on which half is reached: more than `after` days, at most `until`. None where it never is."""
        return next((step for step in self.steps if step.gone >= 0.5 - _CLOSE), None)


def turnbull(brackets: Iterable[Bracket]) -> Estimate:
    """The distribution that makes what was seen likeliest. Empty for nothing, or where nothing was found gone."""
    counts = Counter(brackets)
    if any(until is not None and until <= after for after, until in counts):
        raise ValueError("A bracket ends after it begins.")
    last = max((day for bracket in counts for day in bracket if day is not None), default=0)
    beyond = last + 1
    ends: Counter[tuple[int, int]] = Counter()
    for (after, until), count in counts.items():
        ends[after, beyond if until is None else until] += count
    cells = _innermost(ends)
    weights, rounds, is_exact = _likeliest(ends, cells)
    gone = list(itertools.accumulate(weights))
    steps = tuple(
        Step(after, until, min(total, 1.0))
        for (after, until), weight, total in zip(cells, weights, gone, strict=True)
        if until != beyond and weight > _CLOSE
    )
    # An open one leaves a last cell without an end.
    known_until = next((after for after, until in cells if until == beyond), None)
    return Estimate(steps, known_until, rounds, is_exact)


def _innermost(brackets: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Turnbull's innermost intervals, the only places for weight: a beginning that is followed at once by an end.

    On one day ends come before beginnings: (2, 5] and (5, 8] have no day in common.
    """
    marks = sorted({(until, False) for _, until in brackets} | {(after, True) for after, _ in brackets})
    return [
        (day, following)
        for (day, begins), (following, begins_too) in itertools.pairwise(marks)
        if begins and not begins_too
    ]


def _likeliest(brackets: Counter[tuple[int, int]], cells: list[tuple[int, int]]) -> tuple[list[float], int, bool]:
    """Each cell's weight, how many rounds it took, and whether it came to its end.

    Self-consistency: a cell's weight is what the bruises that may lie in it give it. It has ended when no cell would gain:
    then the likelihood is the greatest there is (Gentleman and Geyer 1994, Biometrika 81, 618-623).
    """
    if not cells:
        return [], 0, True
    total = sum(brackets.values())
    spans = [(*_span(bracket, cells), count / total) for bracket, count in sorted(brackets.items())]
    weights = [1 / len(cells)] * len(cells)
    for rounds in range(1, MOST_ROUNDS + 1):
        gains = _gains(weights, spans)
        if max(gains) <= 1 + TOLERANCE:
            return weights, rounds, True
        weights = _leap(weights, _times(weights, gains), spans)
    return weights, MOST_ROUNDS, False


def _leap(start: list[float], once: list[float], spans: list[tuple[int, int, float]]) -> list[float]:
    """Two rounds, and then as far on in the same direction as they promise; the two rounds alone where that is worse.

    Varadhan and Roland (2008), Scandinavian Journal of Statistics 35, 335-353: a round alone can take thousands.
    """
    twice = _times(once, _gains(once, spans))
    first = [b - a for a, b in zip(start, once, strict=True)]
    bend = [c - b - step for b, c, step in zip(once, twice, first, strict=True)]
    curved = sum(one * one for one in bend)
    if curved < 1e-300:
        return twice
    far = max(1.0, (sum(one * one for one in first) / curved) ** 0.5)
    leapt = [max(a + 2 * far * b + far * far * c, 0.0) for a, b, c in zip(start, first, bend, strict=True)]
    total = sum(leapt)
    # A cell that is empty stays so for ever: leave it a trace.
    leapt = [max(one / total, 1e-3 * two) for one, two in zip(leapt, twice, strict=True)]
    total = sum(leapt)
    leapt = [one / total for one in leapt]
    leapt = _times(leapt, _gains(leapt, spans))
    return leapt if _likelihood(leapt, spans) > _likelihood(twice, spans) else twice


def _times(weights: list[float], gains: list[float]) -> list[float]:
    return [weight * gain for weight, gain in zip(weights, gains, strict=True)]


def _likelihood(weights: list[float], spans: list[tuple[int, int, float]]) -> float:
    until = [0.0, *itertools.accumulate(weights)]
    return sum(share * math.log(max(until[behind] - until[first], 1e-300)) for first, behind, share in spans)


def _span(bracket: tuple[int, int], cells: list[tuple[int, int]]) -> tuple[int, int]:
    """The cells that lie in it stand side by side: the first, and the one after the last."""
    inside = [number for number, (after, until) in enumerate(cells) if bracket[0] <= after and until <= bracket[1]]
    return inside[0], inside[-1] + 1


def _gains(weights: list[float], spans: list[tuple[int, int, float]]) -> list[float]:
    """By what each cell's weight is multiplied in one round; 1 where it is at rest, below 1 where it fades away."""
    until = [0.0, *itertools.accumulate(weights)]
    changes = [0.0] * (len(weights) + 1)
    for first, behind, share in spans:
        part = share / max(until[behind] - until[first], 1e-300)
        changes[first] += part
        changes[behind] -= part
    return list(itertools.accumulate(changes[:-1]))
