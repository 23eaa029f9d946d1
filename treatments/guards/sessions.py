"""Guard (c) for the session, and the hold: it says once why and how long."""

from clinic.database import Guard
from treatments.guards.words import (
    AHEAD_PG,
    AHEAD_SQLITE,
    KIND_BLOCKS_FAMILY,
    LOCK_PATIENT,
    MERGED_SQLITE,
    NOT_MERGED,
    OPEN,
    READ_COMMITTED,
    abort,
    begin,
    blank_pg,
    blank_sqlite,
    refuse,
    spelt_oddly,
    taken_along,
)

_TAKEN_ALONG = taken_along("treatments_session")
_BAD_SESSION = (
    "NOT EXISTS (SELECT 1 FROM treatments_appointment a JOIN treatments_treatment t ON t.id = a.treatment_id "
    "WHERE a.id = NEW.appointment_id AND a.patient_id = NEW.patient_id AND t.family = NEW.family "
    "AND (a.status = 'in-progress' OR (a.status = 'fulfilled' AND EXISTS (SELECT 1 FROM treatments_deviation d "
    "WHERE d.appointment_id = a.id))))"
)
_PRACTITIONER = "EXISTS (SELECT 1 FROM clinic_staff c WHERE c.id = NEW.error_by_id AND c.is_practitioner)"
# What was signed by finishing. The words a practitioner adds later are addenda, rows of their own.
_SIGNED = (
    "practitioner_id", "started_at", "finished_at", "finished_by_id", "anaesthetic", "asepsis", "sites", "creams",
    "burning", "pain", "swelling", "itching", "note", "next_step",
)  # fmt: skip
_SIGNED_CHANGED_PG = f"({', '.join(f'NEW.{name}' for name in _SIGNED)}) IS DISTINCT FROM ({', '.join(f'OLD.{name}' for name in _SIGNED)})"
_SIGNED_CHANGED_SQLITE = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in _SIGNED)
_ERROR_CHANGED_SQLITE = " OR ".join(
    f"NEW.{name} IS NOT OLD.{name}" for name in ("error_at", "error_by_id", "error_reason")
)
# When it began never changes: the day on which a lot may be used hangs on it.
_SESSION_MOVED = (
    "NEW.id <> OLD.id OR NEW.appointment_id <> OLD.appointment_id OR NEW.family <> OLD.family "
    "OR NEW.started_at <> OLD.started_at"
)
_BORN_AS_ERROR = "NEW.error_at IS NOT NULL OR NEW.error_by_id IS NOT NULL OR NEW.error_reason <> ''"
_SESSION_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF {_SESSION_MOVED} OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG}) THEN
      {refuse("session-fixed", "a session keeps its appointment and its patient")}
    END IF;
    IF OLD.finished_at IS NOT NULL AND {_SIGNED_CHANGED_PG} THEN
      {refuse("session-signed", "a finished session is never changed; it takes addenda")}
    END IF;
    IF OLD.error_at IS NOT NULL AND (NEW.error_at, NEW.error_by_id, NEW.error_reason)
       IS DISTINCT FROM (OLD.error_at, OLD.error_by_id, OLD.error_reason) THEN
      {refuse("session-fixed", "entered in error is final")}
    END IF;
    IF OLD.error_at IS NULL AND NEW.error_at IS NOT NULL AND ({blank_pg("NEW.error_reason")} OR NOT {_PRACTITIONER}) THEN
      {refuse("error-needs-reason", "entered in error needs a practitioner and a reason")}
    END IF;
    IF OLD.error_at IS NULL AND NEW.error_at IS NOT NULL AND OLD.finished_at IS NULL THEN
      {refuse("wrong-status", "a running session is finished first")}
    END IF;
    RETURN NEW;
  END IF;{READ_COMMITTED}{LOCK_PATIENT}{NOT_MERGED}
  IF {_BORN_AS_ERROR} THEN {refuse("session-fixed", "a session is begun before it is found to be an error")} END IF;
  PERFORM 1 FROM treatments_appointment a WHERE a.id = NEW.appointment_id FOR SHARE;
  IF {_BAD_SESSION} THEN {refuse("wrong-status", "a session needs its appointment in progress")} END IF;
  RETURN NEW;
END
"""
_SESSION_SPELT = spelt_oddly(("id", "patient_id", "appointment_id"), ("started_at", "finished_at", "error_at"))
_SESSION_SQLITE = {
    "BEFORE INSERT": begin(
        _SESSION_SPELT,
        abort("patient-merged", MERGED_SQLITE),
        abort("session-fixed", _BORN_AS_ERROR),
        abort("wrong-status", _BAD_SESSION),
    ),
    "BEFORE UPDATE": begin(
        _SESSION_SPELT,
        abort(
            "session-fixed",
            f"{_SESSION_MOVED} OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG})",
        ),
        abort("session-signed", f"OLD.finished_at IS NOT NULL AND ({_SIGNED_CHANGED_SQLITE})"),
        abort("session-fixed", f"OLD.error_at IS NOT NULL AND ({_ERROR_CHANGED_SQLITE})"),
        abort(
            "error-needs-reason",
            "OLD.error_at IS NULL AND NEW.error_at IS NOT NULL "
            f"AND ({blank_sqlite('NEW.error_reason')} OR NOT {_PRACTITIONER})",
        ),
        abort("wrong-status", "OLD.error_at IS NULL AND NEW.error_at IS NOT NULL AND OLD.finished_at IS NULL"),
    ),
}

# A hold tells of an open side effect of that patient which blocks that treatment, and of what the appointment is now. One
# that is on hold already takes another only once the last has ended (an undo), and says what that said. In a merge the two
# may stand under the two records for a moment.
_MERGED_TOGETHER = (
    "EXISTS (SELECT 1 FROM treatments_mergedrow r JOIN treatments_merge m ON m.id = r.merge_id "
    "WHERE r.table_name = 'treatments_appointment' AND r.row_id = a.id AND r.moved AND m.undone_at IS NULL "
    "AND a.patient_id IN (m.kept_id, m.merged_id) AND s.patient_id IN (m.kept_id, m.merged_id))"
)
_HELD_NOW = "EXISTS (SELECT 1 FROM treatments_hold h WHERE h.appointment_id = a.id AND h.held_until IS NULL)"
_SAID_LAST = (
    "COALESCE((SELECT h.status_before FROM treatments_hold h WHERE h.appointment_id = a.id "
    "ORDER BY h.held_from DESC, h.id DESC LIMIT 1), 'booked')"
)
_UNTRUE_HOLD = (
    "NEW.held_until IS NOT NULL OR NOT EXISTS (SELECT 1 FROM treatments_appointment a "
    "JOIN treatments_treatment t ON t.id = a.treatment_id JOIN treatments_sideeffect s ON s.id = NEW.side_effect_id "
    f"WHERE a.id = NEW.appointment_id AND {OPEN} AND ({KIND_BLOCKS_FAMILY}) "
    f"AND (s.patient_id = a.patient_id OR {_MERGED_TOGETHER}) "
    "AND ((a.status IN ('booked', 'arrived') AND NEW.status_before = a.status) "
    f"OR (a.status = 'on-hold' AND NOT {_HELD_NOW} AND NEW.status_before = {_SAID_LAST})))"
)
_HOLD_MADE_PG = f"""
BEGIN
  IF {_UNTRUE_HOLD} THEN {refuse("hold-untrue", "a hold names what holds the appointment, and what that was")} END IF;
  RETURN NEW;
END
"""
_HOLD_MADE_SQLITE = {
    "BEFORE INSERT": begin(
        spelt_oddly(("appointment_id", "side_effect_id"), ("held_from",)), abort("hold-untrue", _UNTRUE_HOLD)
    )
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

# A deviation speaks of what has happened: recorded now, by somebody who treats, with a reason; and before its appointment,
# so that nothing that was booked becomes one.
_TREATS = "EXISTS (SELECT 1 FROM clinic_staff c WHERE c.id = NEW.{who} AND c.is_practitioner)"
_NOBODY_TREATS = f"NOT {_TREATS.format(who='decided_by_id')} OR NOT {_TREATS.format(who='recorded_by_id')}"
_BOOKED_BEFORE = "EXISTS (SELECT 1 FROM treatments_appointment a WHERE a.id = NEW.appointment_id)"
_DEVIATION_PG = f"""
BEGIN{READ_COMMITTED}
  IF {blank_pg("NEW.reason")} OR {_NOBODY_TREATS} THEN
    {refuse("deviation-needs-reason", "a deviation needs a practitioner and a reason")}
  END IF;
  IF NEW.recorded_at > {AHEAD_PG} THEN
    {refuse("deviation-in-the-future", "a deviation speaks of what has happened")}
  END IF;
  IF {_BOOKED_BEFORE} THEN {refuse("deviation-comes-first", "no appointment becomes a deviation later")} END IF;
  RETURN NEW;
END
"""
_DEVIATION_SQLITE = {
    "BEFORE INSERT": begin(
        spelt_oddly(("id", "appointment_id"), ("recorded_at",)),
        abort("deviation-needs-reason", f"{blank_sqlite('NEW.reason')} OR {_NOBODY_TREATS}"),
        abort("deviation-in-the-future", f"NEW.recorded_at > {AHEAD_SQLITE}"),
        abort("deviation-comes-first", _BOOKED_BEFORE),
    )
}

GUARDS = [
    Guard("guard_deviation", "treatments_deviation", "BEFORE INSERT", _DEVIATION_PG, _DEVIATION_SQLITE),
    Guard("guard_session", "treatments_session", "BEFORE INSERT OR UPDATE", _SESSION_PG, _SESSION_SQLITE),
    Guard("guard_hold_made", "treatments_hold", "BEFORE INSERT", _HOLD_MADE_PG, _HOLD_MADE_SQLITE),
    Guard("guard_hold_kept", "treatments_hold", "BEFORE UPDATE", _HOLD_KEPT_PG, _HOLD_KEPT_SQLITE),
]
