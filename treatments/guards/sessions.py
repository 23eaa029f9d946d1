"""Guard (c) for the session, and the hold: it says once why and how long."""

from clinic.database import Guard
from treatments.guards.words import (
    LOCK_PATIENT,
    MERGED_SQLITE,
    NOT_MERGED,
    READ_COMMITTED,
    abort,
    begin,
    refuse,
    taken_along,
)

_TAKEN_ALONG = taken_along("treatments_session")
_BAD_SESSION = (
    "NOT EXISTS (SELECT 1 FROM treatments_appointment a JOIN treatments_treatment t ON t.id = a.treatment_id "
    "WHERE a.id = NEW.appointment_id AND a.patient_id = NEW.patient_id AND t.family = NEW.family "
    "AND a.status = 'in-progress')"
)
_SESSION_MOVED = "NEW.id <> OLD.id OR NEW.appointment_id <> OLD.appointment_id OR NEW.family <> OLD.family"
_SESSION_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF {_SESSION_MOVED} OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG}) THEN
      {refuse("session-fixed", "a session keeps its appointment and its patient")}
    END IF;
    RETURN NEW;
  END IF;{READ_COMMITTED}{LOCK_PATIENT}{NOT_MERGED}
  PERFORM 1 FROM treatments_appointment a WHERE a.id = NEW.appointment_id FOR SHARE;
  IF {_BAD_SESSION} THEN {refuse("wrong-status", "a session needs its appointment in progress")} END IF;
  RETURN NEW;
END
"""
_SESSION_SQLITE = {
    "BEFORE INSERT": begin(abort("patient-merged", MERGED_SQLITE), abort("wrong-status", _BAD_SESSION)),
    "BEFORE UPDATE": begin(
        abort(
            "session-fixed",
            f"{_SESSION_MOVED} OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG})",
        )
    ),
}

_HOLD_FIXED = " OR ".join(
    f"NEW.{column} <> OLD.{column}"
    for column in ("id", "appointment_id", "side_effect_id", "status_before", "held_from")
)
_HOLD_KEPT_PG = f"""
BEGIN
  IF {_HOLD_FIXED} OR (OLD.held_until IS NOT NULL AND NEW IS DISTINCT FROM OLD) THEN
    {refuse("never-changed", "a hold ends once, and is otherwise never changed")}
  END IF;
  IF NEW.held_until IS NOT NULL AND OLD.held_until IS NULL AND NEW.released_by_id IS NULL THEN
    {refuse("never-changed", "somebody ends a hold")}
  END IF;
  RETURN NEW;
END
"""
_HOLD_KEPT_SQLITE = {
    "BEFORE UPDATE": begin(
        abort(
            "never-changed",
            f"{_HOLD_FIXED} OR (OLD.held_until IS NOT NULL AND (NEW.held_until IS NOT OLD.held_until "
            "OR NEW.released_by_id IS NOT OLD.released_by_id)) "
            "OR (NEW.held_until IS NOT NULL AND OLD.held_until IS NULL AND NEW.released_by_id IS NULL)",
        )
    )
}

GUARDS = [
    Guard("guard_session", "treatments_session", "BEFORE INSERT OR UPDATE", _SESSION_PG, _SESSION_SQLITE),
    Guard("guard_hold_kept", "treatments_hold", "BEFORE UPDATE", _HOLD_KEPT_PG, _HOLD_KEPT_SQLITE),
]
