"""Who and what more than one file of the treatments' tests speaks of."""

import pytest

from patients.models import Patient
from tests.factories import make_patient, make_session
from treatments.models import Session


@pytest.fixture
def ada(reception) -> Patient:
    """Not treated here yet, nothing agreed to."""
    return make_patient(reception, "Ada", "Byron", consents=())


@pytest.fixture
def session(amara, rosa, mesotherapy) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy)
