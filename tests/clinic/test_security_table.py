"""docs/security.md against itself and the tree: no requirement is missing, and what it names exists."""

import re
from collections import Counter

import pytest
from django.conf import settings

from tests.clinic.test_house import ROOT

TEXT = (ROOT / "docs" / "security.md").read_text()
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in TEXT.splitlines() if re.match(r"\| V\d+\.", line)
]
MARKS = ("met", "partly", "not met", "does not apply")
# How many OWASP ASVS 5.0.0 has of each level.
OF_LEVEL = {"1": 70, "2": 183}


def test_every_requirement_of_both_levels_stands_there_once():
    numbers = [number for number, *_ in ROWS]

    assert len(set(numbers)) == len(numbers)
    assert Counter(level for _, level, *_ in ROWS) == OF_LEVEL


def test_every_row_has_a_mark_and_says_how_or_why_not():
    for number, _, asks, mark, how, shown in ROWS:
        assert mark in MARKS, number
        assert asks, number
        assert how or (mark == "met" and shown), number
        assert bool(shown) == (mark != "does not apply"), number


def test_the_sum_is_right():
    marks = Counter(mark for _, _, _, mark, *_ in ROWS)

    assert (
        f"In all: {marks['met']} met, {marks['partly']} partly, {marks['not met']} not met, "
        f"{marks['does not apply']} do not apply." in TEXT
    )


@pytest.mark.parametrize("named", sorted({one for *_, shown in ROWS for one in re.findall(r"`([^`]+)`", shown)}))
def test_what_it_names_exists(named):
    if re.fullmatch(r"[A-Z_0-9]+", named):
        assert hasattr(settings, named)
        return
    file, _, test = named.partition("::")
    assert (ROOT / file).is_file()
    if test:
        assert re.search(rf"^def {test}\(", (ROOT / file).read_text(), re.MULTILINE)
