"""The hazard log names only tests that exist, and leaves no part of a hazard out."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOG = (ROOT / "docs/safety/hazards.md").read_text()
HAZARDS = {part.split("\n", 1)[0]: part for part in re.split(r"^### ", LOG, flags=re.MULTILINE)[1:]}


@pytest.mark.parametrize("hazard", HAZARDS)
def test_each_hazard_says_harm_cause_control_test_and_what_is_left(hazard):
    said = re.findall(r"^- \*\*(.+?)\*\*: \S", HAZARDS[hazard], flags=re.MULTILINE)

    assert said == ["Harm", "Cause", "Control", "Shown by", "Left"]


@pytest.mark.parametrize("hazard", HAZARDS)
def test_each_names_tests_that_exist(hazard):
    shown = HAZARDS[hazard].split("**Shown by**:")[1].split("- **Left**")[0]
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", shown)

    assert named
    assert [(file, test) for file, test in named if not _exists(file, test)] == []
    assert re.sub(r"`[^`]+`|[\s,;]", "", shown) == ""


def _exists(file: str, test: str) -> bool:
    path = ROOT / file
    return path.is_file() and (not test or f"\ndef {test}(" in path.read_text())
