"""The few lines of statistics, held against scipy and against published examples."""

import pytest
from scipy.stats import binom, binomtest

from treatments.figures.statistics import FEWEST, QUANTILES, funnel_limits, funnel_sizes, wilson


@pytest.mark.parametrize(
    ("count", "of"), [(0, 1), (1, 1), (0, 20), (20, 20), (1, 29), (31, 250), (3, 1_000), (500, 1_000), (214, 1_000_000)]
)
def test_wilsons_interval_is_scipys(count, of):
    expected = binomtest(count, of).proportion_ci(confidence_level=0.95, method="wilson")

    assert wilson(count, of) == pytest.approx((expected.low, expected.high), abs=1e-12)


@pytest.mark.parametrize(
    ("count", "of", "low", "high"),
    [
        # Newcombe RG, Stat Med 1998;17:857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_is_that_of_the_published_examples(count, of, low, high):
    assert wilson(count, of) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("count", "of"), [(0, 0), (-1, 5), (6, 5)])
def test_what_is_no_rate_has_no_interval(count, of):
    with pytest.raises(ValueError, match="is no rate"):
        wilson(count, of)


@pytest.mark.parametrize("of", [1, 2, 20, 57, 200, 1_000, 20_000])
@pytest.mark.parametrize("rate", [0.002, 0.05, 0.142, 0.5, 0.97])
def test_the_funnels_limits_are_the_binomials_interpolated(rate, of):
    limits = funnel_limits(rate, of)

    for part, quantile in zip(
        (limits.lower_outer, limits.lower, limits.upper, limits.upper_outer), QUANTILES, strict=True
    ):
        r = int(binom.ppf(quantile, of, rate))
        expected = (r - (binom.cdf(r, of, rate) - quantile) / binom.pmf(r, of, rate)) / of
        assert part == pytest.approx(min(max(expected, 0), 1), abs=1e-6)


def test_the_limits_lie_around_the_rate_and_come_closer_with_more_sessions():
    few, many = funnel_limits(0.15, 40), funnel_limits(0.15, 4_000)

    for limits in (few, many):
        assert limits.lower_outer < limits.lower < 0.15 < limits.upper < limits.upper_outer
    assert many.upper - many.lower < few.upper - few.lower


@pytest.mark.parametrize("rate", [0.0, 1.0])
def test_a_rate_of_none_or_all_has_limits_there(rate):
    limits = funnel_limits(rate, 50)
    assert (limits.lower_outer, limits.upper_outer) == (rate, rate)


@pytest.mark.parametrize(("rate", "of"), [(0.1, 0), (-0.1, 20), (1.1, 20)])
def test_what_has_no_rate_has_no_limits(rate, of):
    with pytest.raises(ValueError, match="has no limits"):
        funnel_limits(rate, of)


@pytest.mark.parametrize("largest", [1, 20, 21, 57, 128, 50_000])
def test_the_funnel_is_drawn_from_the_fewest_to_the_most(largest):
    sizes = funnel_sizes(largest)

    assert sizes[0] == FEWEST
    assert sizes[-1] == max(largest, FEWEST + 1)
    assert list(sizes) == sorted(set(sizes))
    assert len(sizes) < 70
