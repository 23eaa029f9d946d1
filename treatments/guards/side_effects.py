"""Guards (b) and (d): the side effect, what it puts on hold, and the looks that close it."""

from clinic.database import Guard
from treatments.guards.words import (
    AHEAD_PG,
    AHEAD_SQLITE,
    KIND_BLOCKS_FAMILY,
    LOCK_PATIENT,
    MERGED_SQLITE,
    NO_PATIENT_SQLITE,
    NOT_MERGED,
    OPEN,
    READ_COMMITTED,
    abort,
    begin,
    quoted,
    refuse,
    spelt_oddly,
    taken_along,
)
from treatments.models.review import SEEN_BY_EYE

# --- The side effect itself -----------------------------------------------------------------------------------------

_TAKEN_ALONG = taken_along("treatments_sideeffect")
_GOOD_CLOSING = (
    "EXISTS (SELECT 1 FROM treatments_review r JOIN clinic_staff c ON c.id = r.by_id "
    f"WHERE r.id = NEW.closing_review_id AND r.side_effect_id = NEW.id AND r.finding = 'gone' "
    f"AND r.mode IN ({quoted(SEEN_BY_EYE)}) AND c.is_practitioner "
    "AND NOT EXISTS (SELECT 1 FROM treatments_review later "
    "WHERE later.side_effect_id = NEW.id AND later.seen_at > r.seen_at))"
)
# What it said when it was recorded. A look may add what it found: who saw it first, red flags, and that it is gone.
_SAID = (
    "session_id", "site", "side", "severity", "onset_on", "onset_is_about", "painful_to_touch", "cream", "map_view", "map_x",
    "map_y", "note", "recorded_at", "recorded_by_id", "reopens_id", "moved_from_id",
)  # fmt: skip
_SEEN = ("seen_at", "seen_by_id")


def _changed_pg(columns: tuple[str, ...]) -> str:
    new, old = (", ".join(f"{row}.{column}" for column in columns) for row in ("NEW", "OLD"))
    return f"({new}) IS DISTINCT FROM ({old})"


def _changed_sqlite(columns: tuple[str, ...]) -> str:
    return f"({' OR '.join(f'NEW.{column} IS NOT OLD.{column}' for column in columns)})"


_FLAG_TAKEN_BACK_SQLITE = (
    "EXISTS (SELECT 1 FROM json_each(OLD.red_flags) o "
    "WHERE o.value NOT IN (SELECT n.value FROM json_each(NEW.red_flags) n))"
)
_ERROR_BY_PRACTITIONER = "EXISTS (SELECT 1 FROM clinic_staff c WHERE c.id = NEW.error_by_id AND c.is_practitioner)"

_SIDE_EFFECT_PG = f"""
BEGIN{READ_COMMITTED}{LOCK_PATIENT}
  IF TG_OP = 'INSERT' THEN{NOT_MERGED}
    IF NEW.closing_review_id IS NOT NULL OR NEW.error_at IS NOT NULL THEN
      {refuse("side-effect-fixed", "a side effect is born open")}
    END IF;
    RETURN NEW;
  END IF;
  IF NEW.id <> OLD.id OR NEW.kind <> OLD.kind OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG}) THEN
    {refuse("side-effect-fixed", "kind and patient never change")}
  END IF;
  IF {_changed_pg(_SAID)} OR (OLD.seen_at IS NOT NULL AND {_changed_pg(_SEEN)}) THEN
    {refuse("side-effect-fixed", "what was recorded, and who first saw it, never changes")}
  END IF;
  IF NOT NEW.red_flags @> OLD.red_flags THEN {refuse("side-effect-fixed", "no red flag is taken back")} END IF;
  IF NEW.closing_review_id IS DISTINCT FROM OLD.closing_review_id AND NEW.closing_review_id IS NOT NULL
     AND NOT {_GOOD_CLOSING} THEN
    {refuse("closing-review-needed", "gone is found by a practitioner, in person or from a photo, at the newest look")}
  END IF;
  IF OLD.error_at IS NOT NULL AND (NEW.error_at, NEW.error_by_id, NEW.error_reason)
     IS DISTINCT FROM (OLD.error_at, OLD.error_by_id, OLD.error_reason) THEN
    {refuse("side-effect-fixed", "entered in error is final")}
  END IF;
  IF OLD.error_at IS NULL AND NEW.error_at IS NOT NULL AND (trim(NEW.error_reason) = '' OR NOT {_ERROR_BY_PRACTITIONER}) THEN
    {refuse("error-needs-reason", "entered in error needs a practitioner and a reason")}
  END IF;
  RETURN NEW;
END
"""

_SPELT = spelt_oddly(("id", "patient_id", "closing_review_id"), ("recorded_at", "seen_at", "error_at"))
_SIDE_EFFECT_SQLITE = {
    "BEFORE INSERT": begin(
        _SPELT,
        NO_PATIENT_SQLITE,
        abort("patient-merged", MERGED_SQLITE),
        abort("side-effect-fixed", "NEW.closing_review_id IS NOT NULL OR NEW.error_at IS NOT NULL"),
    ),
    "BEFORE UPDATE": begin(
        _SPELT,
        NO_PATIENT_SQLITE,
        abort(
            "side-effect-fixed",
            "NEW.id <> OLD.id OR NEW.kind <> OLD.kind "
            f"OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG}) OR {_changed_sqlite(_SAID)} "
            f"OR (OLD.seen_at IS NOT NULL AND {_changed_sqlite(_SEEN)}) OR {_FLAG_TAKEN_BACK_SQLITE}",
        ),
        abort(
            "closing-review-needed",
            "NEW.closing_review_id IS NOT OLD.closing_review_id AND NEW.closing_review_id IS NOT NULL "
            f"AND NOT {_GOOD_CLOSING}",
        ),
        abort(
            "side-effect-fixed",
            "OLD.error_at IS NOT NULL AND (NEW.error_at IS NOT OLD.error_at OR NEW.error_by_id IS NOT OLD.error_by_id "
            "OR NEW.error_reason IS NOT OLD.error_reason)",
        ),
        abort(
            "error-needs-reason",
            "OLD.error_at IS NULL AND NEW.error_at IS NOT NULL "
            f"AND (trim(NEW.error_reason) = '' OR NOT {_ERROR_BY_PRACTITIONER})",
        ),
    ),
}

# --- What it holds --------------------------------------------------------------------------------------------------

_NEW_OPEN = "NEW.closing_review_id IS NULL AND NEW.error_at IS NULL"
_WAS_OPEN = "OLD.closing_review_id IS NULL AND OLD.error_at IS NULL"
# Booked and arrived appointments of the patient whose treatment this kind of side effect blocks.
_TO_HOLD = (
    "treatments_appointment.patient_id = NEW.patient_id AND treatments_appointment.status IN ('booked', 'arrived') "
    "AND EXISTS (SELECT 1 FROM treatments_treatment t WHERE t.id = treatments_appointment.treatment_id "
    f"AND ({KIND_BLOCKS_FAMILY.replace('s.kind', 'NEW.kind')}))"
)
# A new one holds from when it was recorded; one reopened by hand, from now.
_HOLD_PG = f"""
DECLARE
  since timestamptz := NEW.recorded_at;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF ({_WAS_OPEN}) AND NEW.patient_id = OLD.patient_id THEN RETURN NULL; END IF;
    since := clock_timestamp();
  END IF;
  IF NOT ({_NEW_OPEN}) THEN RETURN NULL; END IF;
  INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from)
    SELECT id, NEW.id, status, since FROM treatments_appointment WHERE {_TO_HOLD};
  UPDATE treatments_appointment SET status = 'on-hold' WHERE {_TO_HOLD};
  RETURN NULL;
END
"""


def _hold_sqlite(since: str) -> str:
    return begin(
        "INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from) "
        f"SELECT id, NEW.id, status, {since} FROM treatments_appointment WHERE {_TO_HOLD};",
        f"UPDATE treatments_appointment SET status = 'on-hold' WHERE {_TO_HOLD};",
        # A trigger of somebody's own may have passed over the update (RAISE(IGNORE)).
        abort("not-held", f"EXISTS (SELECT 1 FROM treatments_appointment WHERE {_TO_HOLD})"),
    )


_HOLD_SQLITE = {
    "AFTER INSERT": _hold_sqlite("NEW.recorded_at"),
    "AFTER UPDATE": f"WHEN {_NEW_OPEN} AND (NOT ({_WAS_OPEN}) OR NEW.patient_id <> OLD.patient_id) "
    + _hold_sqlite("strftime('%Y-%m-%d %H:%M:%f', 'now')"),
}

# --- The look -------------------------------------------------------------------------------------------------------

_CLOSED = f"NOT EXISTS (SELECT 1 FROM treatments_sideeffect s WHERE s.id = NEW.side_effect_id AND {OPEN})"
_REVIEW_PG = f"""
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF NEW IS DISTINCT FROM OLD THEN {refuse("never-changed", "a look is never changed")} END IF;
    RETURN NEW;
  END IF;{READ_COMMITTED}
  PERFORM 1 FROM patients_patient p WHERE p.id =
    (SELECT s.patient_id FROM treatments_sideeffect s WHERE s.id = NEW.side_effect_id) FOR NO KEY UPDATE;
  IF NEW.seen_at > NEW.recorded_at OR NEW.recorded_at > {AHEAD_PG} THEN
    {refuse("look-in-the-future", "a look is never in the future")}
  END IF;
  IF {_CLOSED} THEN {refuse("side-effect-closed", "a closed side effect takes no more looks")} END IF;
  RETURN NEW;
END
"""
_REVIEW_SPELT = spelt_oddly(("id", "side_effect_id"), ("seen_at", "recorded_at"))
_REVIEW_SQLITE = {
    "BEFORE INSERT": begin(
        _REVIEW_SPELT,
        abort("look-in-the-future", f"NEW.seen_at > NEW.recorded_at OR NEW.recorded_at > {AHEAD_SQLITE}"),
        abort("side-effect-closed", _CLOSED),
    ),
    "BEFORE UPDATE": begin(
        abort(
            "never-changed",
            " OR ".join(
                f"NEW.{column} IS NOT OLD.{column}"
                for column in (
                    "id",
                    "side_effect_id",
                    "mode",
                    "finding",
                    "outcome",
                    "seen_at",
                    "size_mm",
                    "size_method",
                    "colour",
                    "action_taken",
                    "causality",
                    "note",
                    "by_id",
                    "recorded_at",
                )
            ),
        )
    ),
}

GUARDS = [
    Guard(
        "guard_side_effect", "treatments_sideeffect", "BEFORE INSERT OR UPDATE", _SIDE_EFFECT_PG, _SIDE_EFFECT_SQLITE
    ),
    Guard("guard_hold", "treatments_sideeffect", "AFTER INSERT OR UPDATE", _HOLD_PG, _HOLD_SQLITE),
    Guard("guard_review", "treatments_review", "BEFORE INSERT OR UPDATE", _REVIEW_PG, _REVIEW_SQLITE),
]
