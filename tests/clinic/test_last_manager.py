"""Of two managers who take each other's role at once, one stays: without a manager nobody could make another."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from clinic.leaving import deactivate_staff
from clinic.models import Staff
from clinic.staffing import set_roles
from tests.factories import make_staff
from tests.treatments.test_races import at_once

pytestmark = pytest.mark.usefixtures("own_database")


def managers() -> int:
    return Staff.objects.active().filter(is_manager=True).count()


@pytest.mark.parametrize("attempt", range(3))
@pytest.mark.parametrize("how", ["roles", "deactivate", "both"])
def test_two_managers_who_remove_each_other_leave_one(how, attempt, manager):
    una = make_staff("manager", "receptionist", name="Una")

    def take(staff: Staff, by: Staff, way: str):
        if way == "roles":
            return lambda: set_roles(staff=staff, roles=["receptionist"], by=by)
        return lambda: deactivate_staff(staff=staff, reason="Leaves.", by=by)

    ways = {"roles": ("roles", "roles"), "deactivate": ("deactivate", "deactivate"), "both": ("roles", "deactivate")}[
        how
    ]
    results = at_once(take(una, manager, ways[0]), take(manager, una, ways[1]))

    assert managers() == 1
    lost = [one for one in results if isinstance(one, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], (ValidationError, PermissionDenied))
