"""The rule again, as triggers for both databases: what the operations forgot to ask, the database refuses.

Letters are those of DESIGN.md. A guard raises check_violation with the blocker's code as constraint name on PostgreSQL,
and the code as message on SQLite. Guards (a) and (b) take the patient's row first, so that a booking and a bruise of
one patient come one after the other; that holds at READ COMMITTED only, where the next statement sees what was
committed meanwhile, so each refuses to work at another level. On SQLite the single writer serves (BEGIN IMMEDIATE).
"""

from django.db import DEFAULT_DB_ALIAS, connections

from clinic import database
from clinic.database import Guard, Wall
from treatments.guards import (
    alerts,
    appointments,
    catalogue,
    kept,
    lots,
    merging,
    patients,
    sessions,
    side_effects,
    walls,
)
from treatments.guards.kept import NEVER_DELETED

__all__ = ["GUARDS", "NEVER_DELETED", "faults", "guards", "reinstall"]

GUARDS: list[Guard | Wall] = [
    *appointments.GUARDS,
    *side_effects.GUARDS,
    *sessions.GUARDS,
    *lots.GUARDS,
    *patients.GUARDS,
    *merging.GUARDS,
    *catalogue.GUARDS,
    *alerts.GUARDS,
    *kept.GUARDS,
    *walls.WALLS,
]


def guards() -> list[Guard | Wall]:
    return GUARDS


def faults(alias: str = DEFAULT_DB_ALIAS) -> list[str]:
    """A sentence for each guard or wall that is missing or altered."""
    return database.faults(connections[alias], GUARDS)


def reinstall(alias: str = DEFAULT_DB_ALIAS) -> None:
    """All guards off and back on, in the words of today."""
    database.remove(connections[alias], GUARDS)
    database.install(connections[alias], GUARDS)
