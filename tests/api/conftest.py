"""What the API's tests begin with."""

import pytest

from tests.api.calls import ahead
from tests.factories import make_appointment, make_session, make_side_effect
from treatments.models import Appointment, Session, SideEffect


@pytest.fixture
def booking(amara, mesotherapy, rosa, room) -> dict[str, str]:
    """A body that books Amara's mesotherapy for tomorrow."""
    return {
        "patient": str(amara.pk),
        "treatment": str(mesotherapy.pk),
        "practitioner": str(rosa.pk),
        "room": str(room.pk),
        "starts_at": ahead().isoformat(),
    }


@pytest.fixture
def booked(amara, mesotherapy, rosa, reception) -> Appointment:
    return make_appointment(
        patient=amara, treatment=mesotherapy, practitioner=rosa, by=reception, starts_at=ahead(), now=ahead(0)
    )


@pytest.fixture
def running(amara, mesotherapy, rosa) -> Session:
    return make_session(patient=amara, practitioner=rosa, treatment=mesotherapy, at=ahead(-1), finished=False)


@pytest.fixture
def bruise(amara, rosa) -> SideEffect:
    return make_side_effect(
        patient=amara, by=rosa, now=ahead(-2), site="thigh", side="left", severity=2, note="as big as a coin"
    )
