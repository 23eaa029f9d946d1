"""The patient keeps the id, is merged with all that the rule asks for, and un-merged only as it was; and guard (f)."""

from clinic.database import Guard
from treatments.guards.merging import NEW_SINCE, NO_MERGE, merged, undone
from treatments.guards.words import (
    LOCK_PATIENT,
    MERGED_SQLITE,
    NOT_MERGED,
    READ_COMMITTED,
    ROW_BELOW_ZERO,
    abort,
    begin,
    refuse,
    spelt_oddly,
)

_MERGING = "OLD.merged_into_id IS NULL AND NEW.merged_into_id IS NOT NULL"
_UNDOING = "OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id IS NULL"
_OTHERWISE = (
    "OLD.merged_into_id IS NOT NULL AND NEW.merged_into_id IS NOT NULL AND NEW.merged_into_id <> OLD.merged_into_id"
)


def _stands(patient: str) -> str:
    return f"EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = {patient} AND p.merged_into_id IS NULL)"


# Only into a record that stands, and only one merge at a time.
_BAD_MERGE = (
    f"NEW.merged_into_id = NEW.id OR NOT {_stands('NEW.merged_into_id')} "
    "OR EXISTS (SELECT 1 FROM treatments_merge m WHERE m.merged_id = NEW.id AND m.undone_at IS NULL)"
)
# Only while the record it went into stands itself, and by the record of what moved.
_BAD_UNDO = (
    f"NOT {_stands('OLD.merged_into_id')} OR NOT EXISTS (SELECT 1 FROM treatments_merge m WHERE m.merged_id = OLD.id "
    "AND m.kept_id = OLD.merged_into_id AND m.sealed AND m.undone_at IS NULL)"
)
_IN_SESSION = (
    "EXISTS (SELECT 1 FROM treatments_appointment a "
    "WHERE a.patient_id IN (NEW.id, COALESCE(NEW.merged_into_id, OLD.merged_into_id)) AND a.status = 'in-progress')"
)
_NAMED_BY_A_MERGE = (
    "OLD.merged_into_id IS NOT NULL "
    "OR EXISTS (SELECT 1 FROM treatments_merge m WHERE m.merged_id = OLD.id OR m.kept_id = OLD.id)"
)
_PATIENT_PG = f"""
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.merged_into_id IS NOT NULL THEN {refuse("merge-final", "a record is born standing")} END IF;
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF {_NAMED_BY_A_MERGE} THEN {refuse("patient-fixed", "a merged record is kept")} END IF;
    RETURN OLD;
  END IF;
  IF NEW.id <> OLD.id THEN {refuse("patient-fixed", "a patient keeps the id")} END IF;
  IF NEW.merged_into_id IS NOT DISTINCT FROM OLD.merged_into_id THEN RETURN NEW; END IF;{READ_COMMITTED}
  IF {_OTHERWISE} THEN {refuse("merge-final", "undo it first")} END IF;
  -- This row is locked by now, the other record with this; the next statements see what both waited for.
  PERFORM 1 FROM patients_patient p WHERE p.id = COALESCE(NEW.merged_into_id, OLD.merged_into_id) FOR NO KEY UPDATE;
  IF {_MERGING} AND ({_BAD_MERGE}) THEN {refuse("merge-final", "only into a record that stands")} END IF;
  IF {_UNDOING} AND ({_BAD_UNDO}) THEN {refuse("merge-final", "this merge cannot be undone")} END IF;
  IF {_IN_SESSION} THEN {refuse("in-session", "one of the two is in session")} END IF;
  IF {_UNDOING} AND ({NEW_SINCE}) THEN {refuse("new-since-merge", "something new hangs on the record")} END IF;
  IF {_MERGING} THEN
    INSERT INTO treatments_merge (id, kept_id, merged_id, at, sealed)
      VALUES (gen_random_uuid(), NEW.merged_into_id, NEW.id, clock_timestamp(), false);
  END IF;
  RETURN NEW;
END
"""
_MERGE_PG = f"""
BEGIN
  IF NEW.merged_into_id IS NOT DISTINCT FROM OLD.merged_into_id THEN RETURN NULL; END IF;
  IF {NO_MERGE} THEN {refuse("merge-final", "no record of this merge")} END IF;
  IF {_MERGING} THEN {merged("clock_timestamp()")}
  ELSIF {_UNDOING} THEN {undone("clock_timestamp()")}
  END IF;
  RETURN NULL;
END
"""
_NOW_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', 'now')"
_PATIENT_SQLITE = {
    "BEFORE INSERT": begin(
        spelt_oddly(("id",)),
        abort("patient-fixed", "EXISTS (SELECT 1 FROM patients_patient p WHERE p.id = NEW.id OR p.rowid = NEW.rowid)"),
        abort("patient-fixed", "EXISTS (SELECT 1 FROM patients_patient p WHERE p.number = NEW.number)"),
        abort("merge-final", "NEW.merged_into_id IS NOT NULL"),
    ),
    "BEFORE UPDATE": begin(
        abort(
            "patient-fixed",
            "NEW.id <> OLD.id OR NEW.rowid <> OLD.rowid "
            "OR EXISTS (SELECT 1 FROM patients_patient p WHERE p.id <> OLD.id AND p.number = NEW.number)",
        ),
    ),
    "BEFORE UPDATE OF merged_into_id": "WHEN NEW.merged_into_id IS NOT OLD.merged_into_id "
    + begin(
        abort("merge-final", _OTHERWISE),
        abort("merge-final", f"{_MERGING} AND ({_BAD_MERGE})"),
        abort("merge-final", f"{_UNDOING} AND ({_BAD_UNDO})"),
        abort("in-session", _IN_SESSION),
        abort("new-since-merge", f"{_UNDOING} AND ({NEW_SINCE})"),
        "INSERT INTO treatments_merge (id, kept_id, merged_id, at, sealed) "
        f"SELECT lower(hex(randomblob(16))), NEW.merged_into_id, NEW.id, {_NOW_SQLITE}, false WHERE {_MERGING};",
    ),
    "BEFORE DELETE": begin(abort("patient-fixed", _NAMED_BY_A_MERGE)),
    "AFTER INSERT": begin(ROW_BELOW_ZERO),
}
_MERGE_SQLITE = {
    "AFTER UPDATE OF merged_into_id": f"WHEN {_MERGING} " + begin(abort("merge-final", NO_MERGE), merged(_NOW_SQLITE)),
    # Another event's name, so that the two stand side by side; SQLite fires both alike.
    "AFTER UPDATE": f"WHEN {_UNDOING} " + begin(abort("merge-final", NO_MERGE), undone(_NOW_SQLITE)),
}

# --- (f): a merged-away patient gets nothing new --------------------------------------------------------------------

_MERGED_PG = f"""
BEGIN{READ_COMMITTED}{LOCK_PATIENT}{NOT_MERGED}
  RETURN NEW;
END
"""
_MERGED = {"BEFORE INSERT": begin(abort("patient-merged", MERGED_SQLITE))}

GUARDS = [
    Guard("guard_patient", "patients_patient", "BEFORE INSERT OR DELETE OR UPDATE", _PATIENT_PG, _PATIENT_SQLITE),
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
            "treatments_recallcall",
            "treatments_sheetgiven",
            "treatments_skincheck",
            "treatments_waitinglistentry",
        )
    ),
]
