"""The patient keeps the id, is merged once and for good, takes along what the rule asks for; and guard (f)."""

from clinic.database import Guard
from treatments.guards.words import (
    KIND_BLOCKS_FAMILY,
    LOCK_PATIENT,
    MERGED_SQLITE,
    NOT_MERGED,
    OPEN,
    READ_COMMITTED,
    abort,
    begin,
    refuse,
    spelt_oddly,
)

_BLOCKED_TARGET = (
    f"EXISTS (SELECT 1 FROM treatments_sideeffect s JOIN treatments_treatment t "
    f"ON t.id = treatments_appointment.treatment_id WHERE s.patient_id = NEW.merged_into_id AND {OPEN} AND ({KIND_BLOCKS_FAMILY}))"
)
_FIRST_BLOCKER = (
    "(SELECT s.id FROM treatments_sideeffect s JOIN treatments_treatment t ON t.id = treatments_appointment.treatment_id "
    f"WHERE s.patient_id = NEW.merged_into_id AND {OPEN} AND ({KIND_BLOCKS_FAMILY}) ORDER BY s.recorded_at LIMIT 1)"
)
_BAD_TARGET = (
    "NEW.merged_into_id = NEW.id OR NOT EXISTS (SELECT 1 FROM patients_patient p "
    "WHERE p.id = NEW.merged_into_id AND p.merged_into_id IS NULL)"
)
_MOVE_ALONG = f"""
  UPDATE treatments_sideeffect SET patient_id = NEW.merged_into_id WHERE patient_id = NEW.id;
  INSERT INTO treatments_hold (appointment_id, side_effect_id, status_before, held_from)
    SELECT id, {_FIRST_BLOCKER}, status, {{since}} FROM treatments_appointment
    WHERE patient_id = NEW.id AND status IN ('booked', 'arrived') AND {_BLOCKED_TARGET};
  UPDATE treatments_appointment SET patient_id = NEW.merged_into_id, status = 'on-hold'
    WHERE patient_id = NEW.id AND status IN ('booked', 'arrived') AND {_BLOCKED_TARGET};
  UPDATE treatments_appointment SET patient_id = NEW.merged_into_id WHERE patient_id = NEW.id;
  UPDATE treatments_session SET patient_id = NEW.merged_into_id WHERE patient_id = NEW.id;"""
_PATIENT_PG = f"""
BEGIN
  IF NEW.id <> OLD.id THEN {refuse("patient-fixed", "a patient keeps the id")} END IF;
  IF NEW.merged_into_id IS NOT DISTINCT FROM OLD.merged_into_id THEN RETURN NEW; END IF;{READ_COMMITTED}
  IF OLD.merged_into_id IS NOT NULL THEN {refuse("merge-final", "a merge is for good")} END IF;
  PERFORM 1 FROM patients_patient p WHERE p.id = NEW.merged_into_id FOR NO KEY UPDATE;
  IF {_BAD_TARGET} THEN {refuse("merge-final", "only into a record that stands")} END IF;
  RETURN NEW;
END
"""
_MERGE_PG = f"""
BEGIN
  IF NEW.merged_into_id IS NULL OR OLD.merged_into_id IS NOT NULL THEN RETURN NULL; END IF;{_MOVE_ALONG.format(since="clock_timestamp()")}
  RETURN NULL;
END
"""
_PATIENT_SQLITE = {
    "BEFORE INSERT": begin(
        spelt_oddly(("id",)),
        abort("patient-fixed", "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.id OR p.rowid = NEW.rowid)"),
        abort("patient-fixed", "EXISTS (SELECT 1 FROM patients_patient p WHERE p.number = NEW.number)"),
    ),
    "BEFORE UPDATE": begin(
        abort(
            "patient-fixed",
            "NEW.id <> OLD.id OR NEW.rowid <> OLD.rowid "
            "OR EXISTS (SELECT 1 FROM patients_patient p WHERE p.id <> OLD.id AND p.number = NEW.number)",
        ),
        abort("merge-final", "OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id IS NOT OLD.merged_into_id"),
        abort(
            "merge-final",
            f"NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS NULL AND ({_BAD_TARGET})",
        ),
    ),
}
_MERGE_SQLITE = {
    "AFTER UPDATE": "WHEN NEW.merged_into_id IS NOT NULL AND OLD.merged_into_id IS NULL "
    + begin(" ".join(_MOVE_ALONG.format(since="strftime('%Y-%m-%d %H:%M:%f', 'now')").split())),
}

# --- (f): a merged-away patient gets nothing new --------------------------------------------------------------------

_MERGED_PG = f"""
BEGIN{READ_COMMITTED}{LOCK_PATIENT}{NOT_MERGED}
  RETURN NEW;
END
"""
_MERGED = {"BEFORE INSERT": begin(abort("patient-merged", MERGED_SQLITE))}

GUARDS = [
    Guard("guard_patient", "patients_patient", "BEFORE UPDATE", _PATIENT_PG, _PATIENT_SQLITE),
    Guard("guard_merge", "patients_patient", "AFTER UPDATE", _MERGE_PG, _MERGE_SQLITE),
    *(
        Guard(f"guard_merged_{table}", table, "BEFORE INSERT", _MERGED_PG, _MERGED)
        for table in (
            "patients_consent",
            "treatments_call",
            "treatments_closure",
            "treatments_course",
            "treatments_followup",
            "treatments_message",
            "treatments_skincheck",
            "treatments_waitinglistentry",
        )
    ),
]
