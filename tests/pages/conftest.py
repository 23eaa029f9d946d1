import pytest

from tests.factories import make_side_effect
from tests.pages.clinical import ago
from treatments.models import SideEffect


@pytest.fixture
def bruise(amara, rosa) -> SideEffect:
    return make_side_effect(patient=amara, by=rosa, site="thigh", side="left", note="As big as a coin", now=ago(3))
