"""Turnbull's estimate: by hand, against a published example, and against lifelines as an oracle."""

import itertools
import random

import pytest
from lifelines.fitters.npmle import npmle

from treatments.figures.turnbull import Estimate, Step, turnbull

# Finkelstein and Wolfe (1985), A semiparametric model for regression analysis of interval-censored failure time data,
# Biometrics 41, 933-945, table 4: months until the breast's look had worsened, after radiotherapy alone, 46 women.
COSMESIS = [
    (45, None), (6, 10), (0, 7), (46, None), (46, None), (7, 16), (17, None), (7, 14), (37, 44), (0, 8),
    (4, 11), (15, None), (11, 15), (22, None), (46, None), (46, None), (25, 37), (46, None), (26, 40), (46, None),
    (27, 34), (36, 44), (46, None), (36, 48), (37, None), (40, None), (17, 25), (46, None), (11, 18), (38, None),
    (5, 12), (37, None), (0, 5), (18, None), (24, None), (36, None), (5, 11), (19, 35), (17, 25), (24, None),
    (32, None), (33, None), (19, 26), (37, None), (34, None), (36, None),
]  # fmt: skip
# What is known of these data, to four digits: lifelines comes to the same (whole days, as below). They are `bcos` in the R
# package interval (Fay and Shaw 2010, Journal of Statistical Software 36(2)); what is left, 0.4656, lies beyond 46 months.
PUBLISHED = [
    (4, 5, 0.0463), (6, 7, 0.0334), (7, 8, 0.0887), (11, 12, 0.0708),
    (24, 25, 0.0926), (33, 34, 0.0818), (38, 40, 0.1209),
]  # fmt: skip


def weights(estimate: Estimate) -> list[tuple[int, int, float]]:
    before = [0.0, *(step.gone for step in estimate.steps)]
    return [(step.after, step.until, step.gone - was) for step, was in zip(estimate.steps, before, strict=False)]


def test_the_published_example_comes_out_as_published():
    found = weights(turnbull(COSMESIS))

    assert [(after, until) for after, until, _ in found[:7]] == [(after, until) for after, until, _ in PUBLISHED]
    assert [weight for *_, weight in found[:7]] == pytest.approx([weight for *_, weight in PUBLISHED], abs=1e-4)
    assert 1 - sum(weight for *_, weight in found[:7]) == pytest.approx(0.4656, abs=1e-4)


def test_of_nothing_there_is_no_estimate():
    assert turnbull([]) == Estimate(())
    assert turnbull([]).half() is None
    assert turnbull([]).gone_by(9) == (0.0, 0.0)


def test_one_bruise_was_gone_by_its_last_look_and_nobody_knows_when():
    one = turnbull([(2, 6)])

    assert one.steps == (Step(2, 6, 1.0),)
    assert [one.gone_by(day) for day in (2, 3, 5, 6, 7)] == [(0, 0), (0, 1), (0, 1), (1, 1), (1, 1)]
    assert one.half() == Step(2, 6, 1.0)


def test_where_none_was_found_gone_there_are_no_steps():
    found = turnbull([(2, None), (5, None)])

    assert found.steps == ()
    assert [found.gone_by(day) for day in (5, 6)] == [(0, 0), (0, 1)]


def test_looks_that_do_not_overlap_share_by_their_number():
    """By hand: two of (0, 3], one of (3, 5], one never found gone after day 5: a half, a quarter, a quarter left."""
    found = turnbull([(0, 3), (0, 3), (3, 5), (5, None)])

    assert weights(found) == [(0, 3, pytest.approx(0.5)), (3, 5, pytest.approx(0.25))]
    assert found.half().until == 3


def test_every_look_in_time_is_the_plain_share():
    """Each day bracketed: the estimate is the share of those gone, as without any brackets."""
    found = turnbull([(day - 1, day) for day in (2, 3, 3, 4, 7)])

    assert [(step.until, step.gone) for step in found.steps] == [
        (2, pytest.approx(0.2)), (3, pytest.approx(0.6)), (4, pytest.approx(0.8)), (7, pytest.approx(1.0)),
    ]  # fmt: skip


def test_an_open_one_gives_its_part_to_what_comes_after():
    """By hand, as Kaplan and Meier: of 4 one is gone on day 2, one left on day 3, then 1 of 2 on day 5."""
    found = turnbull([(1, 2), (3, None), (4, 5), (6, None)])

    assert [(step.until, step.gone) for step in found.steps] == [(2, pytest.approx(0.25)), (5, pytest.approx(0.625))]


def test_two_that_overlap_lie_where_both_may():
    assert turnbull([(0, 5), (3, 9)]).steps == (Step(3, 5, pytest.approx(1.0)),)


def test_a_day_that_ends_one_bracket_and_begins_another_is_in_the_first_only():
    assert [(step.after, step.until) for step in turnbull([(2, 5), (5, 8)]).steps] == [(2, 5), (5, 8)]


def test_a_bracket_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="ends after it begins"):
        turnbull([(3, 3)])


def made_up(number: int, seed: int) -> list[tuple[int, int | None]]:
    chance = random.Random(seed)
    found = []
    for _ in range(number):
        gone, after, until = chance.lognormvariate(2.1, 0.5), 0, None
        for look in sorted(chance.sample(range(1, 25), chance.randint(1, 4))):
            if look >= gone:
                until = look
                break
            after = look
        found.append((after, until))
    return found


@pytest.mark.parametrize("number, seed", itertools.product((3, 8, 25, 60), range(6)))
def test_lifelines_says_the_same(number, seed):
    """Its brackets hold both their days: (2, 5] is [3, 5] in whole days. What is gone by each end of a step agrees."""
    brackets = made_up(number, seed)
    ours = turnbull(brackets)

    theirs, cells = npmle(
        [after + 1 for after, _ in brackets],
        [999 if until is None else until for _, until in brackets],
        tol=1e-12,
        optimize=False,
    )

    assert ours.is_exact
    for day in range(26):
        certain = sum(weight for weight, cell in zip(theirs, cells, strict=True) if cell.right <= day)
        possible = sum(weight for weight, cell in zip(theirs, cells, strict=True) if cell.left <= day)
        assert ours.gone_by(day) == (pytest.approx(certain, abs=2e-4), pytest.approx(possible, abs=2e-4))


def test_five_thousand_bruises_come_to_their_end():
    found = turnbull(made_up(5000, 1))

    assert found.is_exact
    assert found.half().until in (8, 9)
