"""Guards (a) and (c): what is booked, held, moved and begun."""

from clinic.database import Guard
from treatments.eligibility import BRUISING_PRESENT, BRUISING_REPORTED, INFECTION_SUSPECTED
from treatments.guards.words import (
    ALLOWED_BACK,
    ALLOWED_STEPS,
    BLOCKED_FAMILIES,
    BLOCKERS,
    CODE,
    LOCK_PATIENT,
    MERGED_SQLITE,
    NO_PATIENT_SQLITE,
    NOT_MERGED,
    RANK,
    READ_COMMITTED,
    abort,
    begin,
    quoted,
    refuse,
    spelt_oddly,
    taken_along,
)
from treatments.models.treatment import Family

_TAKEN_ALONG = taken_along("treatments_appointment")
_MAY_OVERLAP = "EXISTS (SELECT 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id AND t.overlap_allowed)"
# Treatment given in spite of a blocker, written down afterwards: the deviation comes first, and lies no earlier than the end.
_BY_DEVIATION = (
    "(NEW.status = 'fulfilled' AND EXISTS (SELECT 1 FROM treatments_deviation d "
    "WHERE d.appointment_id = NEW.id AND d.recorded_at >= NEW.ends_at))"
)
_REVIEW = (
    f"EXISTS (SELECT 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id AND t.family = '{Family.REVIEW}')"
)
_WAS_HERE = (
    "EXISTS (SELECT 1 FROM treatments_hold h WHERE h.appointment_id = NEW.id AND h.held_until IS NULL "
    "AND h.status_before = 'arrived')"
)
# A merge or its undo that moved nothing: whoever is treated next may be bruised under the other record. Only a trigger of
# somebody's own leaves one so.
_MERGE_UNFINISHED = (
    "(NEW.status IN ('booked', 'arrived', 'in-progress') AND EXISTS (SELECT 1 FROM treatments_merge m "
    "JOIN patients_patient p ON p.id = m.merged_id JOIN treatments_treatment t ON t.id = NEW.treatment_id "
    "WHERE NEW.patient_id IN (m.kept_id, m.merged_id) AND m.undone_at IS NULL "
    f"AND (NOT m.sealed OR p.merged_into_id IS NULL) AND t.family IN ({quoted(BLOCKED_FAMILIES)})))"
)
_APPOINTMENT_PG = f"""
DECLARE
  refused_because text;
  moved boolean := false;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    moved := NEW.starts_at IS DISTINCT FROM OLD.starts_at OR NEW.ends_at IS DISTINCT FROM OLD.ends_at
      OR NEW.practitioner_id <> OLD.practitioner_id OR NEW.room_id IS DISTINCT FROM OLD.room_id;
    IF NOT moved AND NEW.status = OLD.status AND NEW.patient_id = OLD.patient_id
       AND NEW.treatment_id = OLD.treatment_id AND NEW.id = OLD.id AND NEW.overlap_allowed = OLD.overlap_allowed THEN
      RETURN NEW;
    END IF;
  END IF;{READ_COMMITTED}{LOCK_PATIENT}
  -- The family is read under a lock that a change of family (guard e) has to wait for.
  PERFORM 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id FOR SHARE;
  IF NOT FOUND THEN {refuse("treatment-missing", "no such treatment")} END IF;
  IF NEW.overlap_allowed AND (TG_OP = 'INSERT' OR NOT OLD.overlap_allowed) AND NOT {_MAY_OVERLAP} THEN
    {refuse("overlap-not-allowed", "the catalogue does not let this treatment overlap")}
  END IF;
  IF TG_OP = 'INSERT' THEN{NOT_MERGED}
    IF NEW.status <> 'booked' AND NOT {_BY_DEVIATION} THEN {refuse("wrong-status", "an appointment is born booked")} END IF;
  ELSE
    IF NEW.id <> OLD.id OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG}) THEN
      {refuse("patient-fixed", "an appointment keeps its patient")}
    END IF;
    IF NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN ({ALLOWED_STEPS})
       AND NOT (NEW.status = OLD.status_before AND (OLD.status, NEW.status) IN ({ALLOWED_BACK})) THEN
      {refuse("wrong-status", "no such step")}
    END IF;
    IF moved AND (OLD.status NOT IN ('booked', 'on-hold') OR NEW.status <> 'booked') THEN
      {refuse("wrong-status", "only a booked or held appointment moves")}
    END IF;
    IF NEW.treatment_id <> OLD.treatment_id AND OLD.status NOT IN ('booked', 'on-hold', 'arrived') THEN
      {refuse("wrong-status", "too late for another treatment")}
    END IF;
    IF OLD.status = 'on-hold' AND NEW.status = 'arrived' AND NOT ({_REVIEW} AND {_WAS_HERE}) THEN
      {refuse("wrong-status", "a held visit arrives only as a review, and only if the patient had")}
    END IF;
    IF NEW.status = 'on-hold' AND OLD.status <> 'on-hold' AND NOT EXISTS (SELECT 1 {BLOCKERS}) THEN
      {refuse("wrong-status", "nothing holds it")}
    END IF;
  END IF;
  IF (TG_OP = 'INSERT' OR NEW.patient_id = OLD.patient_id) AND {_MERGE_UNFINISHED} THEN
    {refuse("merge-untrue", "a merge of this record was not finished")}
  END IF;
  -- Something that matters changed, or we would have left above.
  IF NEW.status IN ('booked', 'arrived', 'in-progress')
     OR (TG_OP = 'UPDATE' AND NEW.status = 'on-hold' AND NEW.treatment_id <> OLD.treatment_id) THEN
    SELECT {CODE} INTO refused_because {BLOCKERS} ORDER BY {RANK} LIMIT 1;
    IF refused_because IS NOT NULL THEN
      RAISE EXCEPTION 'the rule refuses: %', refused_because
        USING ERRCODE = 'check_violation', CONSTRAINT = refused_because;
    END IF;
  END IF;
  RETURN NEW;
END
"""

_SPELT = spelt_oddly(
    ("id", "patient_id", "treatment_id", "practitioner_id", "room_id", "stood_for_id"), ("starts_at", "ends_at")
)
_NO_TREATMENT_SQLITE = (
    "SELECT RAISE(ABORT, 'treatment-missing') "
    "WHERE NOT EXISTS (SELECT 1 FROM treatments_treatment t WHERE t.id = NEW.treatment_id);"
)
_ASK_SQLITE = " ".join(
    f"SELECT RAISE(ABORT, '{code}') WHERE {{asked}} AND EXISTS (SELECT 1 {BLOCKERS} AND {CODE} = '{code}');"
    for code in (BRUISING_PRESENT, BRUISING_REPORTED, INFECTION_SUSPECTED)
)
_APPOINTMENT_CHANGED = (
    "WHEN NEW.status <> OLD.status OR NEW.patient_id <> OLD.patient_id OR NEW.treatment_id <> OLD.treatment_id "
    "OR NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at OR NEW.id <> OLD.id "
    "OR NEW.practitioner_id <> OLD.practitioner_id OR NEW.room_id IS NOT OLD.room_id "
    "OR NEW.overlap_allowed <> OLD.overlap_allowed"
)
_MOVED = (
    "(NEW.starts_at <> OLD.starts_at OR NEW.ends_at <> OLD.ends_at "
    "OR NEW.practitioner_id <> OLD.practitioner_id OR NEW.room_id IS NOT OLD.room_id)"
)
_APPOINTMENT_SQLITE = {
    "BEFORE INSERT": begin(
        _SPELT,
        NO_PATIENT_SQLITE,
        _NO_TREATMENT_SQLITE,
        abort("patient-merged", MERGED_SQLITE),
        abort("wrong-status", f"NEW.status <> 'booked' AND NOT {_BY_DEVIATION}"),
        abort("overlap-not-allowed", f"NEW.overlap_allowed AND NOT {_MAY_OVERLAP}"),
        abort("merge-untrue", _MERGE_UNFINISHED),
        _ASK_SQLITE.format(asked="NEW.status = 'booked'"),
    ),
    "BEFORE UPDATE": f"{_APPOINTMENT_CHANGED} "
    + begin(
        _SPELT,
        NO_PATIENT_SQLITE,
        _NO_TREATMENT_SQLITE,
        abort("patient-fixed", f"NEW.id <> OLD.id OR (NEW.patient_id <> OLD.patient_id AND NOT {_TAKEN_ALONG})"),
        abort("overlap-not-allowed", f"NEW.overlap_allowed AND NOT OLD.overlap_allowed AND NOT {_MAY_OVERLAP}"),
        abort(
            "wrong-status",
            f"NEW.status <> OLD.status AND (OLD.status, NEW.status) NOT IN (VALUES {ALLOWED_STEPS}) "
            f"AND NOT (NEW.status = OLD.status_before AND (OLD.status, NEW.status) IN (VALUES {ALLOWED_BACK}))",
        ),
        abort("wrong-status", f"{_MOVED} AND (OLD.status NOT IN ('booked', 'on-hold') OR NEW.status <> 'booked')"),
        abort(
            "wrong-status",
            "NEW.treatment_id <> OLD.treatment_id AND OLD.status NOT IN ('booked', 'on-hold', 'arrived')",
        ),
        abort(
            "wrong-status",
            f"OLD.status = 'on-hold' AND NEW.status = 'arrived' AND NOT ({_REVIEW} AND {_WAS_HERE})",
        ),
        abort(
            "wrong-status", f"NEW.status = 'on-hold' AND OLD.status <> 'on-hold' AND NOT EXISTS (SELECT 1 {BLOCKERS})"
        ),
        abort("merge-untrue", f"NEW.patient_id = OLD.patient_id AND {_MERGE_UNFINISHED}"),
        _ASK_SQLITE.format(
            asked="(NEW.status IN ('booked', 'arrived', 'in-progress') "
            "OR (NEW.status = 'on-hold' AND NEW.treatment_id <> OLD.treatment_id))"
        ),
    ),
}

GUARDS = [
    Guard(
        "guard_appointment", "treatments_appointment", "BEFORE INSERT OR UPDATE", _APPOINTMENT_PG, _APPOINTMENT_SQLITE
    ),
]
