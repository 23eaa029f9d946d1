"""The running sum: weights, sums by hand, and its run length against a simulation and a solved chain."""

import random

import numpy
import pytest

from treatments.figures.running_sum import Scheme, average_run, doubled, scheme_for, weights


def test_the_sum_by_hand():
    """Adds 6, takes 1, never below 0, called at 12, and then from nought again."""
    outcomes = [bool(int(one)) for one in "0010011010"]

    assert list(Scheme(6, 1, 12).sums(outcomes)) == [
        (0, False), (0, False), (6, False), (5, False), (4, False),
        (10, False), (16, True), (0, False), (6, False), (5, False),
    ]  # fmt: skip


@pytest.mark.parametrize("rate, whole", [(0.1, (6, 1)), (0.01, (69, 1)), (0.3, (5, 3)), (0.5, (5, 7))])
def test_the_weights_are_those_of_steiner_in_whole_numbers(rate, whole):
    """log(2 / (1 + rate)) for one with it, log(1 + rate) for one without: the odds doubled, by hand."""
    proportion = numpy.log(2 / (1 + rate)) / numpy.log(1 + rate)

    assert weights(rate) == whole
    assert whole[0] / whole[1] == pytest.approx(proportion, rel=0.05)


@pytest.mark.parametrize("rate", [0, 1, -0.1, 1.5])
def test_no_rate_has_no_weights(rate):
    with pytest.raises(ValueError, match="no rate"):
        weights(rate)


def test_twice_the_odds():
    assert doubled(0.5) == pytest.approx(2 / 3)
    assert doubled(0.1) == pytest.approx(2 / 11)


def test_the_shortest_run_by_hand():
    """Called at the first one with it: on average after 1 / rate sessions."""
    assert average_run(Scheme(5, 1, 5), 0.2) == pytest.approx(5)


@pytest.mark.parametrize("scheme, rate", [(Scheme(6, 1, 26), 0.1), (Scheme(5, 3, 38), 0.3), (Scheme(69, 1, 202), 0.01)])
def test_its_run_is_that_of_the_solved_chain(scheme, rate):
    size = scheme.limit
    chain = numpy.zeros((size, size))
    for total in range(size):
        chain[total, max(total - scheme.takes, 0)] += 1 - rate
        if total + scheme.adds < size:
            chain[total, total + scheme.adds] += rate

    assert average_run(scheme, rate) == pytest.approx(numpy.linalg.solve(numpy.eye(size) - chain, numpy.ones(size))[0])


def test_its_run_is_what_a_simulation_gives():
    chance, scheme, runs = random.Random(3), Scheme(6, 1, 26), []
    for _ in range(1500):
        sums = scheme.sums(iter(lambda: chance.random() < 0.1, None))
        runs.append(next(number for number, (_, is_called) in enumerate(sums, 1) if is_called))

    # The mean of 1500 such runs is within a tenth of it, nearly always.
    assert sum(runs) / len(runs) == pytest.approx(average_run(scheme, 0.1), rel=0.1)


@pytest.mark.parametrize("rate", [0.0025, 0.01, 0.1, 0.3, 0.5])
def test_the_limit_is_the_lowest_that_is_not_called_too_often(rate):
    scheme = scheme_for(rate, 2000)

    assert average_run(scheme, rate) >= 2000
    assert average_run(Scheme(scheme.adds, scheme.takes, scheme.limit - 1), rate) < 2000
    assert average_run(scheme, doubled(rate)) < 700
